"""AMI fields to and from core: events with their meaning, actions that cannot be abused.

Asterisk's manager speaks lines of ``Name: value``. A value with a line break in it would end one action and begin
another, so everything that is sent passes ``safe`` first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from ivr.core.caller import CallId

Fields = Mapping[str, "str | list[str]"]
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_IN_ROUTE = re.compile(r"[A-Za-z0-9_./@:+-]*")


class Unsafe(ValueError):
    """A value that must not be sent to Asterisk; the message names the field and the character."""


def safe(field: str, value: str) -> str:
    """The value, if it may stand in one AMI line; raises Unsafe for control characters and line separators."""
    found = _CONTROL.search(value)
    if found:
        raise Unsafe(
            f"AMI field {field}: character U+{ord(found.group()):04X} at position {found.start()} is not allowed"
        )
    return value


def action(name: str, fields: Mapping[str, str]) -> dict[str, str]:
    """An action whose every name and value was checked."""
    return {"Action": safe("Action", name), **{safe("name", key): safe(key, value) for key, value in fields.items()}}


@dataclass(frozen=True, slots=True)
class Rang:
    """A call came in (the dialplan's UserEvent)."""

    call: CallId
    channel: str
    ani: str | None
    shown_name: str | None
    dnis: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key was pressed (DTMFEnd), as AMI reports it beside AudioSocket."""

    call: CallId
    channel: str
    digit: str


@dataclass(frozen=True, slots=True)
class CallerLeft:
    """A channel of the call is gone; whether it is the caller's own, the switchboard knows by its name."""

    call: CallId
    channel: str
    cause: int


@dataclass(frozen=True, slots=True)
class QueueJoined:
    """The caller waits in a queue."""

    call: CallId
    queue: str
    position: int


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """The caller left the queue without an agent: gave up, or the time was over."""

    call: CallId
    queue: str


@dataclass(frozen=True, slots=True)
class AgentRinging:
    """An agent's phone rings for this call: the moment of the screen pop."""

    call: CallId
    interface: str
    queue: str | None


@dataclass(frozen=True, slots=True)
class AgentRingEnded:
    """That phone rings no more and nobody answered."""

    call: CallId
    interface: str
    why: Literal["no_answer", "hung_up", "elsewhere"]


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """The agent speaks with the caller."""

    call: CallId
    interface: str


@dataclass(frozen=True, slots=True)
class AgentDone:
    """The conversation is over."""

    call: CallId
    interface: str
    why: str
    talk_s: int | None


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
    Rang | Pressed | CallerLeft | QueueJoined | QueueLeft | AgentRinging | AgentRingEnded | AgentAnswered | AgentDone
    | MemberState | MemberGone
)  # fmt: skip


def first(fields: Fields, name: str) -> str | None:
    """A field's value, the first where the line repeats; None when absent or Asterisk's way of saying nothing."""
    value = fields.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    return None if value in (None, "", "<unknown>", "<null>") else value


def call_of(fields: Fields) -> CallId | None:
    """The call id that the event carries for its channel, or for the channel at the other end."""
    for name in ("ChanVariable", "DestChanVariable"):
        values = fields.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            key, _, text = value.partition("=")
            if key == "IVR_CALL" and text:
                try:
                    return CallId(UUID(text))
                except ValueError:
                    return None
    return None


def understand(fields: Fields) -> Event | None:
    """What an AMI event means for us; None when it means nothing."""
    name = first(fields, "Event") or ""
    if name.startswith("QueueMember"):
        return _member(name, fields)
    call = call_of(fields)
    if call is None:
        return None
    reader = _READERS.get(name)
    return reader(call, fields) if reader else None


def _member(name: str, fields: Fields) -> Event | None:
    interface, queue = first(fields, "Interface") or first(fields, "Location"), first(fields, "Queue")
    if interface is None or queue is None:
        return None
    if name == "QueueMemberRemoved":
        return MemberGone(interface, queue)
    paused = first(fields, "Paused") == "1"
    reason = first(fields, "PausedReason") or first(fields, "Reason")
    return MemberState(interface, queue, paused, reason, _number(fields, "Status"))


def _rang(call: CallId, fields: Fields) -> Event | None:
    channel = first(fields, "Channel")
    if first(fields, "UserEvent") != "IvrRing" or channel is None:
        return None
    return Rang(call, channel, first(fields, "CallerIDNum"), first(fields, "CallerIDName"), first(fields, "Dnis") or "")


def _pressed(call: CallId, fields: Fields) -> Event | None:
    digit = first(fields, "Digit")
    if first(fields, "Direction") != "Received" or digit is None:
        return None
    return Pressed(call, first(fields, "Channel") or "", digit)


def _dial_began(call: CallId, fields: Fields) -> Event | None:
    """A phone is dialled for the call; whether it is an agent's, the switchboard knows by its interface."""
    channel = first(fields, "DestChannel")
    return AgentRinging(call, interface_of(channel), None) if channel else None


def _dial_ended(call: CallId, fields: Fields) -> Event | None:
    channel, status = first(fields, "DestChannel"), first(fields, "DialStatus")
    if not channel:
        return None
    interface = interface_of(channel)
    if status == "ANSWER":
        return AgentAnswered(call, interface)
    return AgentRingEnded(call, interface, "hung_up" if status == "CANCEL" else "no_answer")


def _agent(call: CallId, fields: Fields) -> Event | None:
    name, interface = first(fields, "Event"), first(fields, "Interface")
    if interface is None:
        return None
    if name == "AgentCalled":
        return AgentRinging(call, interface, first(fields, "Queue"))
    if name == "AgentRingNoAnswer":
        return AgentRingEnded(call, interface, "no_answer")
    if name == "AgentConnect":
        return AgentAnswered(call, interface)
    talk = first(fields, "TalkTime")
    return AgentDone(call, interface, first(fields, "Reason") or "", int(talk) if talk and talk.isdigit() else None)


def _queue(call: CallId, fields: Fields) -> Event | None:
    queue = first(fields, "Queue")
    if queue is None:
        return None
    if first(fields, "Event") == "QueueCallerJoin":
        return QueueJoined(call, queue, _number(fields, "Position"))
    return QueueLeft(call, queue)


def _hangup(call: CallId, fields: Fields) -> Event | None:
    channel = first(fields, "Channel")
    return CallerLeft(call, channel, _number(fields, "Cause")) if channel else None


def _number(fields: Fields, name: str) -> int:
    text = first(fields, name) or ""
    return int(text) if text.isdigit() else 0


_READERS = {
    "UserEvent": _rang,
    "DTMFEnd": _pressed,
    "DialBegin": _dial_began,
    "DialEnd": _dial_ended,
    "AgentCalled": _agent,
    "AgentRingNoAnswer": _agent,
    "AgentConnect": _agent,
    "AgentComplete": _agent,
    "QueueCallerJoin": _queue,
    "QueueCallerAbandon": _queue,
    "QueueCallerLeave": _queue,
    "Hangup": _hangup,
}


def interface_of(channel: str) -> str:
    """The interface that a channel belongs to: ``PJSIP/1001-0000002a`` → ``PJSIP/1001``, ``Local/7@x-1;2`` → ``Local/7@x``."""
    return re.sub(r"-[0-9a-f]{8}(;[12])?$", "", channel)


def route_value(next_: str, queue: str, priority: int, interface: str, ring_s: int, queue_s: int) -> str:
    """The one variable in which the dialplan is told where the call goes; raises Unsafe for anything unexpected."""
    for field, text in (("next", next_), ("queue", queue), ("interface", interface)):
        if not _IN_ROUTE.fullmatch(text):
            raise Unsafe(f"route {field}: {text!r} has a character that Asterisk's dialplan could misread")
    return f"{next_},{queue},{priority},{interface},{ring_s},{queue_s}"
