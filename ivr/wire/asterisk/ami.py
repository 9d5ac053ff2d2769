"""AMI fields to and from core: events with their meaning, actions that cannot be abused.

Asterisk's manager speaks lines of ``Name: value``. A value with a line break in it would end one action and begin
another, so everything that is sent passes ``safe`` first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from uuid import UUID

from ivr.core.caller import CallId
from ivr.wire.asterisk.ami_events import (
    Answered,
    Bridged,
    CalledBack,
    Event,
    FoundChannel,
    Gone,
    HeldByPhone,
    MemberGone,
    MemberState,
    Parked,
    PassedByPhone,
    Pressed,
    QueueJoined,
    QueueLeft,
    Rang,
    RingEnd,
    RingEnded,
    Ringing,
)
from ivr.wire.asterisk.interfaces import interface_of
from ivr.wire.phone_numbers import could_be_number

__all__ = [
    "Answered", "Bridged", "CalledBack", "Event", "Fields", "FoundChannel", "Gone", "HeldByPhone", "MemberGone",
    "MemberState", "Parked", "PassedByPhone", "Pressed", "QueueJoined", "QueueLeft", "Rang", "RingEnded", "Ringing",
    "Unsafe", "action", "call_of", "first", "found_channel", "interface_of", "queue_entry", "route_value", "safe",
    "understand", "unquoted",
]  # fmt: skip

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


def unquoted(field: str, value: str) -> str:
    """The value of a variable, if it may stand between quotes; raises Unsafe for quotes, backslashes and control characters."""
    if found := re.search(r'["\\]', value):
        raise Unsafe(f"AMI variable {field}: {found.group()} at position {found.start()} is not allowed")
    return safe(field, value)


def action(name: str, fields: Mapping[str, str]) -> dict[str, str]:
    """An action whose every name and value was checked."""
    return {"Action": safe("Action", name), **{safe("name", key): safe(key, value) for key, value in fields.items()}}


def first(fields: Fields, name: str) -> str | None:
    """A field's value, the first where the line repeats; None when absent or Asterisk's way of saying nothing."""
    value = fields.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    return None if value in (None, "", "<unknown>", "<null>") else value


_CARRIERS = (
    "ChanVariable",
    "DestChanVariable",
    "TransfereeChanVariable",
    "TransfererChanVariable",
    "ParkeeChanVariable",
)


def call_of(fields: Fields) -> CallId | None:
    """The call id that the event carries for one of its channels."""
    for name in _CARRIERS:
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
    anybody = _OF_ANY_CHANNEL.get(name)
    if anybody:
        return anybody(call, fields)
    reader = _OF_CALLS.get(name)
    return reader(call, fields) if reader and call else None


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
    if first(fields, "UserEvent") == "IvrCalledBack":
        return CalledBack(call, first(fields, "Status") or "NOANSWER")
    if first(fields, "UserEvent") != "IvrRing" or channel is None:
        return None
    return Rang(call, channel, *caller_id(fields), first(fields, "Dnis") or "")


def caller_id(fields: Fields) -> tuple[str | None, str | None]:
    """The caller's number and shown name; a SIP user that is no number ("kiosk-030901820") is a name."""
    number, name = first(fields, "CallerIDNum"), first(fields, "CallerIDName")
    return (number, name) if number is None or could_be_number(number) else (None, name or number)


def _pressed(call: CallId, fields: Fields) -> Event | None:
    digit = first(fields, "Digit")
    if first(fields, "Direction") != "Received" or digit is None:
        return None
    return Pressed(call, first(fields, "Channel") or "", digit)


def _dialled(fields: Fields) -> tuple[str, str, str] | None:
    """The leg towards the phone: its id, its channel, its interface."""
    channel = first(fields, "DestChannel")
    if channel is None:
        return None
    return first(fields, "DestUniqueid") or channel, channel, interface_of(channel)


def _ringing(call: CallId | None, fields: Fields) -> Event | None:
    """A phone is dialled; whether it is an agent's, the switchboard knows by its interface."""
    leg = _dialled(fields)
    if leg is None:
        return None
    by = first(fields, "Channel") or ""
    return Ringing(call, leg[0], leg[2], leg[1], first(fields, "Queue"), interface_of(by), by)


def _dial_ended(call: CallId | None, fields: Fields) -> Event | None:
    leg = _dialled(fields)
    if leg is None:
        return None
    status = first(fields, "DialStatus")
    if status == "ANSWER":
        return Answered(call, leg[0], leg[2], leg[1])
    return RingEnded(call, leg[0], leg[2], _WHY.get(status or "", "no_answer"))


_WHY: dict[str, RingEnd] = {"CANCEL": "hung_up", "BUSY": "busy"}


def _connected(call: CallId | None, fields: Fields) -> Event | None:
    leg = _dialled(fields)
    return Answered(call, leg[0], leg[2], leg[1]) if leg else None


def _missed(call: CallId | None, fields: Fields) -> Event | None:
    leg = _dialled(fields)
    return RingEnded(call, leg[0], leg[2], "no_answer") if leg else None


def _queue(call: CallId, fields: Fields) -> Event | None:
    queue = first(fields, "Queue")
    if queue is None:
        return None
    if first(fields, "Event") == "QueueCallerJoin":
        return QueueJoined(call, queue, _number(fields, "Position"), first(fields, "Channel") or "")
    return QueueLeft(call, queue, first(fields, "Channel") or "")


def _hangup(call: CallId | None, fields: Fields) -> Event | None:
    channel = first(fields, "Channel")
    return Gone(call, channel, first(fields, "Uniqueid") or channel, _number(fields, "Cause")) if channel else None


def _bridge(call: CallId | None, fields: Fields) -> Event | None:
    channel, bridge = first(fields, "Channel"), first(fields, "BridgeUniqueid")
    if channel is None or bridge is None:
        return None
    inside = first(fields, "Event") == "BridgeEnter"
    return Bridged(call, bridge, channel, first(fields, "Uniqueid") or channel, inside)


def _hold(call: CallId | None, fields: Fields) -> Event | None:
    channel = first(fields, "Channel")
    return HeldByPhone(call, channel, first(fields, "Event") == "Hold") if channel else None


def _passed(call: CallId, fields: Fields) -> Event | None:
    by = first(fields, "TransfererChannel") or first(fields, "OrigTransfererChannel")
    if first(fields, "Result") != "Success" or by is None:
        return None
    id_ = first(fields, "TransfererUniqueid") or first(fields, "OrigTransfererUniqueid") or by
    return PassedByPhone(call, interface_of(by), first(fields, "Extension") or "", id_)


def _parked(call: CallId, fields: Fields) -> Event | None:
    return Parked(call, first(fields, "ParkingSpace") or "")


def _number(fields: Fields, name: str) -> int:
    text = first(fields, name) or ""
    return int(text) if text.isdigit() else 0


def found_channel(fields: Fields) -> FoundChannel | None:
    """One channel of the answer to ``Status``."""
    name = first(fields, "Channel")
    if first(fields, "Event") != "Status" or name is None:
        return None
    values = fields.get("Variable", [])
    named = dict(value.partition("=")[::2] for value in (values if isinstance(values, list) else [values]))
    dnis = named.get("IVR_DNIS", "")
    return FoundChannel(
        name, first(fields, "Uniqueid") or name, interface_of(name), call_of(fields), first(fields, "ChannelStateDesc") == "Up",
        *caller_id(fields), "" if dnis == "(null)" else dnis,
    )  # fmt: skip


def queue_entry(fields: Fields) -> tuple[str, str] | None:
    """One caller of the answer to ``QueueStatus``: their channel, and the queue they wait in."""
    channel, queue = first(fields, "Channel"), first(fields, "Queue")
    return (channel, queue) if first(fields, "Event") == "QueueEntry" and channel and queue else None


_OF_ANY_CHANNEL: dict[str, Callable[[CallId | None, Fields], Event | None]] = {
    "DialBegin": _ringing,
    "DialEnd": _dial_ended,
    "AgentCalled": _ringing,
    "AgentRingNoAnswer": _missed,
    "AgentConnect": _connected,
    "BridgeEnter": _bridge,
    "BridgeLeave": _bridge,
    "Hold": _hold,
    "Unhold": _hold,
    "Hangup": _hangup,
}
"""Also of channels that no call is known of: a phone's own call may be a consultation."""
_OF_CALLS: dict[str, Callable[[CallId, Fields], Event | None]] = {
    "UserEvent": _rang,
    "DTMFEnd": _pressed,
    "QueueCallerJoin": _queue,
    "QueueCallerAbandon": _queue,
    "QueueCallerLeave": _queue,
    "BlindTransfer": _passed,
    "AttendedTransfer": _passed,
    "ParkedCall": _parked,
}


def route_value(next_: str, queue: str, priority: int, interface: str, ring_s: int, queue_s: int) -> str:
    """The one variable in which the dialplan is told where the call goes; raises Unsafe for anything unexpected."""
    for field, text in (("next", next_), ("queue", queue), ("interface", interface)):
        if not _IN_ROUTE.fullmatch(text):
            raise Unsafe(f"route {field}: {text!r} has a character that Asterisk's dialplan could misread")
    return f"{next_},{queue},{priority},{interface},{ring_s},{queue_s}"


def stamp(fields: Fields) -> float | None:
    """When it happened, by Asterisk's own clock (seconds since 1970); None where it does not say."""
    text = first(fields, "Timestamp")
    try:
        return float(text) if text else None
    except ValueError:
        return None
