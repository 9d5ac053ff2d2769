"""What the calls need from the outside, as Protocols; adapters and pages implement or use them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from ivr.calls.caller.ports import Line
from ivr.core.caller import Agent, Caller, CallId
from ivr.core.language import Language
from ivr.core.routing.learning import Passage
from ivr.wire.asterisk.ami_events import Found


class Refused(Exception):
    """An action that was understood and cannot be done; ``text`` says why, in the languages of the pages."""

    def __init__(self, text: dict[Language, str]) -> None:
        super().__init__(text["en"])
        self.text = text
        self.in_trail = False
        """Whether the audit trail has a line of it already."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an agent sends a call."""

    kind: Literal["agent", "queue", "region", "outside"]
    name: str
    """An agent's id, a queue's name, a region, or a number in E.164."""


Late = Callable[[Caller], Awaitable[None]]
"""Takes a record that came after it was asked for."""


async def nobody_waits(caller: Caller) -> None:
    """For those who want an answer now or none."""


class Directory(Protocol):
    """Where customers are looked up."""

    async def find(self, ani: str, late: Late = nobody_waits) -> Caller | None:
        """Everything known of the person behind a number; None when nobody is.

        ``late`` may be told of a newer record afterwards, once. ``dnis`` and ``shown_name`` are left for the caller of
        this method to fill in.
        """


class Outcomes(Protocol):
    """What finished calls have come to."""

    async def passages(self, since: datetime) -> Sequence[Passage]:
        """Every answered call with an agent that rang after that time and is over; raises OSError while it cannot be read."""


class Telephony(Protocol):
    """What can be asked of Asterisk. Every method raises ``Refused`` when Asterisk cannot be reached or says no."""

    @property
    def connected(self) -> bool:
        """Whether the manager connection is up."""

    async def set_variables(self, channel: str, variables: dict[str, str]) -> None:
        """Set channel variables, all or an error."""

    def looking(self) -> AbstractAsyncContextManager[Found]:
        """What Asterisk knows now; events that come meanwhile are told after the block."""

    async def remember(self, family: str, key: str, value: str) -> None:
        """Write something into Asterisk's own database, where its dialplan can read it without us."""

    async def recall(self, family: str, key: str) -> str | None:
        """What is written there; None: nothing."""

    async def forget(self, family: str, key: str) -> None:
        """Take it out again; not being there is no error."""

    async def redirect(self, channel: str, where: str, extra: str | None = None, extra_where: str = "") -> None:
        """Send a channel, or two at the same moment, to "context,extension" of the dialplan."""

    async def originate(
        self, interface: str, where: str, caller_id: str, variables: Mapping[str, str], within_s: float = 20
    ) -> None:
        """Ring a phone for so long; once it is answered, it goes to "context,extension" of the dialplan.

        Does not wait for that.
        """

    async def hang_up(self, channel: str) -> None:
        """End a channel; its dialplan is over, too."""

    async def pause(self, queue: str, interface: str, paused: bool, reason: str | None) -> None:
        """Pause or un-pause a member of one queue."""

    async def join_queues(self, agent: Agent) -> Collection[str]:
        """Make the agent a member of each of their queues; the queues in which they were none before."""

    async def leave_queues(self, agent: Agent) -> None:
        """Take the agent out of their queues."""


class Switchboard(Protocol):
    """What the media server asks of the calls."""

    def line_arrived(self, call: CallId, line: Line) -> str | None:
        """A connection names its call; the reason why it is refused, or None when it may stay."""

    def line_lost(self, call: CallId, line: Line) -> None:
        """A connection ended before its call had begun."""
