"""What Asterisk's manager reports, as far as it means something to us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ivr.core.caller import CallId
from ivr.wire.asterisk.interfaces import interface_of

RingEnd = Literal["no_answer", "hung_up", "elsewhere", "busy"]


@dataclass(frozen=True, slots=True)
class Rang:
    """A call came in (the dialplan's UserEvent)."""

    call: CallId
    channel: str
    ani: str | None
    shown_name: str | None
    dnis: str


@dataclass(frozen=True, slots=True)
class CalledBack:
    """How dialling a customer has ended (the dialplan's UserEvent); ``status`` as DIALSTATUS has it."""

    call: CallId
    status: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key was pressed (DTMFEnd), as AMI reports it beside AudioSocket."""

    call: CallId
    channel: str
    digit: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A channel is gone; whether it is the caller's own or an agent's, the switchboard knows by its name."""

    call: CallId | None
    channel: str
    id: str
    cause: int


@dataclass(frozen=True, slots=True)
class QueueJoined:
    """A channel of the call waits in a queue: the caller's, or that of an agent who asks the queue."""

    call: CallId
    queue: str
    position: int
    channel: str = ""


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """That channel left the queue: was answered, gave up, or the time was over."""

    call: CallId
    queue: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Ringing:
    """A phone rings: the moment of the screen pop. ``leg`` is the unique id of the channel towards it."""

    call: CallId | None
    leg: str
    interface: str
    channel: str
    """The channel towards the phone."""
    queue: str | None
    by: str
    """The interface of the channel that dials."""
    by_channel: str = ""


@dataclass(frozen=True, slots=True)
class RingEnded:
    """That phone rings no more and nobody answered."""

    call: CallId | None
    leg: str
    interface: str
    why: RingEnd


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody picked it up: by the channel, not by whose phone rang, for a colleague may have."""

    call: CallId | None
    leg: str
    interface: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Bridged:
    """A channel joined a bridge, or left it."""

    call: CallId | None
    bridge: str
    channel: str
    id: str
    inside: bool

    @property
    def interface(self) -> str:
        """Whose phone it is."""
        return interface_of(self.channel)


@dataclass(frozen=True, slots=True)
class HeldByPhone:
    """The phone's own hold key."""

    call: CallId | None
    channel: str
    held: bool


@dataclass(frozen=True, slots=True)
class PassedByPhone:
    """The phone itself transferred the call (SIP REFER or a feature code)."""

    call: CallId
    by: str
    """The interface of the phone."""
    to: str
    """The extension that it sent the call to; empty where two calls were joined."""
    id: str


@dataclass(frozen=True, slots=True)
class Parked:
    """The caller was parked."""

    call: CallId
    space: str


@dataclass(frozen=True, slots=True)
class MemberState:
    """What app_queue thinks of a member."""

    interface: str
    queue: str
    paused: bool
    reason: str | None
    status: int
    """AST_DEVICE: 0 unknown, 1 free, 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 ringing, 7 ring+use, 8 on hold."""


@dataclass(frozen=True, slots=True)
class MemberGone:
    """A member was taken out of a queue."""

    interface: str
    queue: str


Event = (
    Rang | CalledBack | Pressed | Gone | QueueJoined | QueueLeft | Ringing | RingEnded | Answered | Bridged | HeldByPhone
    | PassedByPhone | Parked | MemberState | MemberGone
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundChannel:
    """One of Asterisk's channels, as it was found."""

    name: str
    id: str
    """Asterisk's unique id."""
    interface: str
    call: CallId | None
    up: bool
    """Answered; else it rings."""
    number: str | None = None
    caller_name: str | None = None
    dnis: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What Asterisk knew at one moment."""

    channels: tuple[FoundChannel, ...]
    members: tuple[MemberState, ...]
    waiting: Mapping[str, str]
    """Channel name of a caller → the queue they wait in."""
