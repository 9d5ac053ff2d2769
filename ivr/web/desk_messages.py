"""What a desk's page may say: JSON text in, a frozen message or a precise complaint out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from ivr.calls.ports import CALL_ACTS, OUTCOMES, CallAct, Outcome, Target
from ivr.core.caller import LANGUAGES, CallId, Language
from ivr.core.card import Text
from ivr.core.learning import TRANSFER_REASONS, TransferReason

NOTE_CHARS = 2000
REASON_CHARS = 64
BRIEF_CHARS = 300
NAME_CHARS = 64
MOST_OFFERS = 4
TARGETS = ("agent", "queue", "region", "outside")
MAX_ID = 2**53 - 1
"""The largest whole number that a browser counts exactly."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The card of this call is on the screen."""

    call: CallId


@dataclass(frozen=True, slots=True)
class SetState:
    """Be available, or pause."""

    id: int
    state: Literal["available", "paused"]
    reason: str | None


@dataclass(frozen=True, slots=True)
class CloseContact:
    """The outcome of a call, which ends its wrap-up."""

    id: int
    call: CallId
    outcome: Outcome
    note: str
    follow_up: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Hold, take back, complete a consultation, bring all together, pick up, hang up."""

    id: int
    call: CallId
    what: CallAct


@dataclass(frozen=True, slots=True)
class Transfer:
    """Pass the call on, at once or after asking there."""

    id: int
    call: CallId
    to: Target
    consult: bool
    brief: str
    words: str
    why: TransferReason | None = None


@dataclass(frozen=True, slots=True)
class WrongPlace:
    """It is about something else."""

    id: int
    call: CallId
    intent: str
    brief: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the agent writes down."""

    id: int
    call: CallId
    text: str


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """The language this person reads."""

    id: int
    language: Language


@dataclass(frozen=True, slots=True)
class SetOpening:
    """How this person opens calls of a reason."""

    id: int
    intent: str
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""

    id: int


@dataclass(frozen=True, slots=True)
class Settle:
    """What the caller has said to offers."""

    id: int
    call: CallId
    offers: tuple[str, ...]
    accepted: bool


CallAction = CloseContact | Act | Transfer | WrongPlace | Note | Settle
Action = SetState | SetLanguage | SetOpening | CallAction
DeskMessage = Seen | Ping | Action


class MalformedError(Exception):
    """A message that is not one of ours; ``id`` is its number if it had a usable one."""

    def __init__(self, en: str, zh: str, number: int | None = None) -> None:
        super().__init__(en)
        self.text: Text = {"en": en, "zh": zh}
        self.id = number


def read(text: str) -> DeskMessage:
    """Read one message; raise ``MalformedError`` saying what was wrong."""
    fields = _object(text)
    number = fields.get("id")
    number = number if _is_id(number) else None
    kind = fields.pop("type", None)
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise MalformedError(f"unknown type {_shown(kind)}", f"未知的消息类型 {_shown(kind)}", number)
    try:
        message = reader(fields)
    except MalformedError as wrong:
        raise MalformedError(f"{kind}: {wrong.text['en']}", f"{kind}：{wrong.text['zh']}", number) from None
    if fields:
        extra = _shown(next(iter(fields)))
        raise MalformedError(f"{kind}: unknown field {extra}", f"{kind}：未知字段 {extra}", number)
    return message


def _object(text: str) -> dict[str, Any]:
    try:
        # RecursionError: thousands of opening brackets.
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise MalformedError("not JSON", "不是 JSON") from None
    if not isinstance(value, dict):
        raise MalformedError("not a JSON object", "不是 JSON 对象")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_ID  # a bool is an int, too, but not a number here


def _take_id(fields: dict[str, Any]) -> int:
    value = fields.pop("id", None)
    if not _is_id(value):
        raise MalformedError("id must be a whole number from 0", "id 必须是不小于 0 的整数")
    return cast(int, value)


def _take_call(fields: dict[str, Any]) -> CallId:
    value = fields.pop("call", None)
    try:
        call = UUID(value) if isinstance(value, str) else None
    except ValueError:
        call = None
    if call is None or str(call) != value:
        raise MalformedError("call must be the id of a call", "call 必须是来电编号")
    return CallId(call)


def _take_choice(fields: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = fields.pop(name, None)
    if not isinstance(value, str) or value not in choices:
        listed = ", ".join(choices)
        raise MalformedError(f"{name} must be one of {listed}", f"{name} 必须是以下之一：{listed}")
    return value


def _take_text(fields: dict[str, Any], name: str, longest: int) -> str:
    value = fields.pop(name, None)
    if not isinstance(value, str):
        raise MalformedError(f"{name} must be text", f"{name} 必须是文本")
    # The page counts as JavaScript does, in UTF-16 units; never refuse what it let somebody type.
    if len(value) > longest:
        raise MalformedError(f"{name} is longer than {longest} characters", f"{name} 超过 {longest} 个字符")
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise MalformedError(f"{name} holds characters that cannot be kept", f"{name} 含有无法保存的字符")
    return value


def _seen(fields: dict[str, Any]) -> Seen:
    return Seen(_take_call(fields))


def _state(fields: dict[str, Any]) -> SetState:
    number = _take_id(fields)
    state = cast(Literal["available", "paused"], _take_choice(fields, "state", ("available", "paused")))
    if fields.get("reason") is None:
        fields.pop("reason", None)
        return SetState(number, state, None)
    reason = _take_text(fields, "reason", REASON_CHARS)
    if state == "available":
        raise MalformedError("reason goes with paused only", "只有暂停时才能填写 reason")
    return SetState(number, state, reason)


def _close(fields: dict[str, Any]) -> CloseContact:
    number, call = _take_id(fields), _take_call(fields)
    outcome = cast(Outcome, _take_choice(fields, "outcome", OUTCOMES))
    return CloseContact(number, call, outcome, _take_text(fields, "note", NOTE_CHARS), _take_time(fields, "follow_up"))


def _act(what: CallAct) -> Callable[[dict[str, Any]], Act]:
    return lambda fields: Act(_take_id(fields), _take_call(fields), what)


def _transfer(fields: dict[str, Any]) -> Transfer:
    number, call = _take_id(fields), _take_call(fields)
    to = fields.pop("to", None)
    if not isinstance(to, dict) or set(to) != {"kind", "name"}:
        raise MalformedError("to must have kind and name", "to 必须包含 kind 和 name")
    kind = cast(Literal["agent", "queue", "region", "outside"], _take_choice(to, "kind", TARGETS))
    target = Target(kind, _take_text(to, "name", NAME_CHARS))
    consult = fields.pop("consult", False)
    if not isinstance(consult, bool):
        raise MalformedError("consult must be true or false", "consult 必须是 true 或 false")
    brief, words = _take_text(fields, "brief", BRIEF_CHARS), _take_text(fields, "words", NOTE_CHARS)
    if fields.get("why") is None:
        fields.pop("why", None)
        return Transfer(number, call, target, consult, brief, words)
    why = cast(TransferReason, _take_choice(fields, "why", TRANSFER_REASONS))
    return Transfer(number, call, target, consult, brief, words, why)


def _wrong_place(fields: dict[str, Any]) -> WrongPlace:
    number, call = _take_id(fields), _take_call(fields)
    intent = _take_text(fields, "intent", NAME_CHARS)
    return WrongPlace(number, call, intent, _take_text(fields, "brief", BRIEF_CHARS))


def _settle(fields: dict[str, Any]) -> Settle:
    number, call = _take_id(fields), _take_call(fields)
    offers, accepted = fields.pop("offers", None), fields.pop("accepted", None)
    if not isinstance(offers, list) or not 1 <= len(offers) <= MOST_OFFERS:
        raise MalformedError(
            f"offers must be a list of 1 to {MOST_OFFERS}", f"offers 必须是 1 到 {MOST_OFFERS} 项的列表"
        )
    names = tuple(_take_text({"offer": one}, "offer", NAME_CHARS) for one in offers)
    if not isinstance(accepted, bool):
        raise MalformedError("accepted must be true or false", "accepted 必须是 true 或 false")
    return Settle(number, call, names, accepted)


def _note(fields: dict[str, Any]) -> Note:
    return Note(_take_id(fields), _take_call(fields), _take_text(fields, "text", NOTE_CHARS))


def _take_time(fields: dict[str, Any], name: str) -> datetime | None:
    value = fields.pop(name, None)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= NAME_CHARS else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise MalformedError(f"{name} must be a time with its zone", f"{name} 必须是带时区的时间")
    return at


def _language(fields: dict[str, Any]) -> SetLanguage:
    return SetLanguage(_take_id(fields), cast(Language, _take_choice(fields, "language", LANGUAGES)))


def _opening(fields: dict[str, Any]) -> SetOpening:
    number, intent = _take_id(fields), _take_text(fields, "intent", NAME_CHARS)
    language = cast(Language, _take_choice(fields, "language", LANGUAGES))
    return SetOpening(number, intent, language, _take_text(fields, "text", BRIEF_CHARS))


def _ping(fields: dict[str, Any]) -> Ping:
    return Ping(_take_id(fields))


_READERS: dict[str, Callable[[dict[str, Any]], DeskMessage]] = {
    "seen": _seen,
    "state": _state,
    "close": _close,
    "language": _language,
    "opening": _opening,
    **{what: _act(what) for what in CALL_ACTS},
    "transfer": _transfer,
    "wrong_place": _wrong_place,
    "note": _note,
    "settle": _settle,
    "ping": _ping,
}


def _shown(value: object) -> str:
    """A stranger's value in a complaint: short, and never more than one line."""
    return json.dumps(value[:40]) if isinstance(value, str) else f"({type(value).__name__})"
