"""What the agents' own desks need of the database: their day, and their opening lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from ivr.calls.ports import Target
from ivr.core.caller import AgentId, CallId
from ivr.core.language import Language
from ivr.core.routing.learning import TransferReason


@dataclass(frozen=True, slots=True)
class Worked:
    """One call that an agent has had."""

    call: str
    at: datetime
    """When they answered it first."""
    talk_s: float
    over: bool
    """Whether they have left it."""
    name: str | None
    number: str | None
    intent: str | None
    words: str | None
    notes: tuple[str, ...] = ()
    """What they noted themselves."""
    outcome: str | None = None
    """Theirs, not a colleague's."""
    passed_to: tuple[tuple[str, str], ...] = ()
    """Where they passed it on, kind and name."""


class DayBook(Protocol):
    """What an agent has done."""

    async def day(self, agent: AgentId, since: datetime) -> list[Worked]:
        """The agent's own answered calls since that time, the last first. Raises OSError while the database is away."""


class Openings(Protocol):
    """How agents open."""

    async def openings(self) -> dict[AgentId, dict[tuple[str, Language], str]]:
        """Everybody's own lines."""

    async def set_opening(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        """Keep a line of an agent's own; an empty one is the dialogue's again. Raises OSError while the database is away."""


CallAct = Literal["hold", "resume", "complete", "conference", "pick_up", "hang_up"]


CALL_ACTS: tuple[CallAct, ...] = ("hold", "resume", "complete", "conference", "pick_up", "hang_up")


Outcome = Literal["solved", "follow_up", "wrong_place", "nobody_there"]


OUTCOMES: tuple[Outcome, ...] = ("solved", "follow_up", "wrong_place", "nobody_there")


class DeskService(Protocol):
    """What an agent's page may ask of the calls; the switchboard implements it.

    Methods that change something raise ``Refused`` when they cannot.
    """

    def snapshot(self, agent: AgentId) -> dict[str, Any]:
        """The whole present state for one agent: the ``hello`` message without its ``type``, ready for JSON."""

    def seen(self, agent: AgentId, call: CallId) -> None:
        """The agent's browser has drawn the card of this call: the end of the ring-to-pop measurement."""

    async def set_state(self, agent: AgentId, state: Literal["available", "paused"], reason: str | None) -> None:
        """Make the agent available or paused in Asterisk's queues."""

    async def act(self, agent: AgentId, call: CallId, what: CallAct) -> None:
        """Hold, take back, complete a consultation, bring all together, pick up, hang up."""

    async def transfer(
        self,
        agent: AgentId,
        call: CallId,
        to: Target,
        consult: bool,
        brief: str,
        words: str,
        why: TransferReason | None = None,
    ) -> None:
        """Pass the call on, at once or after asking there; ``why`` where the agent says."""

    async def wrong_place(self, agent: AgentId, call: CallId, intent: str, brief: str) -> None:
        """It is about something else: the call moves to where that is solved, with everything that is known."""

    async def settle(self, agent: AgentId, call: CallId, offers: tuple[str, ...], accepted: bool) -> None:
        """The caller has said yes or no to offers."""

    async def note(self, agent: AgentId, call: CallId, text: str) -> None:
        """Write something down."""

    async def set_opening(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        """How this agent opens calls of that reason; an empty text is the dialogue's own again."""

    async def close_contact(
        self, agent: AgentId, call: CallId, outcome: Outcome, note: str, follow_up: datetime | None = None
    ) -> None:
        """The agent's outcome; ends the wrap-up. ``follow_up`` is when somebody must come back to it."""
