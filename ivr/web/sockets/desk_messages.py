"""What a desk's page may say: JSON text in, a frozen message or a precise complaint out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, PlainValidator, TypeAdapter, ValidationError, model_validator

from ivr.calls.desk.ports import CallAct, Outcome
from ivr.calls.ports import Target
from ivr.core import texts
from ivr.core.caller import CallId
from ivr.core.language import Language, Text
from ivr.core.routing.learning import TransferReason
from ivr.web.api.endpoint import Model
from ivr.web.api.faults import Wrong, faults

NOTE_CHARS = 2000
BRIEF_CHARS = 300
NAME_CHARS = 64
MOST_OFFERS = 4
MAX_ID = 2**53 - 1
"""The largest whole number that a browser counts exactly."""


def _call(value: object) -> CallId:
    try:
        call = UUID(value) if isinstance(value, str) else None
    except ValueError:
        call = None
    if call is None or str(call) != value:
        raise Wrong(texts.text("web.message.call"))
    return CallId(call)


def _kept(value: str) -> str:
    if "\x00" in value:
        raise Wrong(texts.text("web.message.unkept"))
    return value


Id = Annotated[int, Field(ge=0, le=MAX_ID)]
Call = Annotated[CallId, PlainValidator(_call)]
# lengths are counted as JavaScript does where a page lets somebody type; Python counts fewer, so nothing typed is refused
Name = Annotated[str, Field(max_length=NAME_CHARS), AfterValidator(_kept)]
Brief = Annotated[str, Field(max_length=BRIEF_CHARS), AfterValidator(_kept)]
Words = Annotated[str, Field(max_length=NOTE_CHARS), AfterValidator(_kept)]


class Seen(Model):
    """The card of this call is on the screen."""

    type: Literal["seen"]
    call: Call


class Ping(Model):
    """Are you there?"""

    type: Literal["ping"]
    id: Id


class SetState(Model):
    """Be available, or pause."""

    type: Literal["state"]
    id: Id
    state: Literal["available", "paused"]
    reason: Name | None = None

    @model_validator(mode="after")
    def _reason_of_a_pause(self) -> SetState:
        if self.state == "available" and self.reason is not None:
            raise Wrong(texts.text("web.message.reason"))
        return self


class SetLanguage(Model):
    """The language this person reads."""

    type: Literal["language"]
    id: Id
    language: Language


class SetOpening(Model):
    """How this person opens calls of a reason."""

    type: Literal["opening"]
    id: Id
    intent: Name
    language: Language
    text: Brief


class CloseContact(Model):
    """The outcome of a call, which ends its wrap-up."""

    type: Literal["close"]
    id: Id
    call: Call
    outcome: Outcome
    note: Words
    follow_up: Annotated[AwareDatetime | None, Field(strict=False)] = None

    @model_validator(mode="before")
    @classmethod
    def _time_as_text(cls, fields: dict[str, Any]) -> dict[str, Any]:
        # a number could be seconds or milliseconds of whatever
        at = fields.get("follow_up")
        if at is not None and not (isinstance(at, str) and len(at) <= NAME_CHARS and _is_time(at)):
            raise Wrong(texts.text("web.message.time"))
        return fields


class Act(Model):
    """Hold, take back, complete a consultation, bring all together, pick up, hang up."""

    type: CallAct
    id: Id
    call: Call


class To(Model):
    """Where a call is sent."""

    kind: Literal["agent", "queue", "region", "outside"]
    name: Name


class Transfer(Model):
    """Pass the call on, at once or after asking there."""

    type: Literal["transfer"]
    id: Id
    call: Call
    to: To
    consult: bool = False
    brief: Brief
    words: Words
    why: TransferReason | None = None

    @property
    def target(self) -> Target:
        return Target(self.to.kind, self.to.name)


class WrongPlace(Model):
    """It is about something else."""

    type: Literal["wrong_place"]
    id: Id
    call: Call
    intent: Name
    brief: Brief


class Note(Model):
    """Something that the agent writes down."""

    type: Literal["note"]
    id: Id
    call: Call
    text: Words


class Settle(Model):
    """What the caller has said to offers."""

    type: Literal["settle"]
    id: Id
    call: Call
    offers: Annotated[tuple[Name, ...], Field(strict=False, min_length=1, max_length=MOST_OFFERS)]
    accepted: bool


CallAction = CloseContact | Act | Transfer | WrongPlace | Note | Settle
Action = SetState | SetLanguage | SetOpening | CallAction
DeskMessage = Seen | Ping | Action
_MESSAGES: TypeAdapter[DeskMessage] = TypeAdapter(Annotated[DeskMessage, Field(discriminator="type")])


class MalformedError(Exception):
    """A message that is not one of ours; ``id`` is its number if it had a usable one."""

    def __init__(self, text: Text, number: int | None = None) -> None:
        super().__init__(text["en"])
        self.text = text
        self.id = number


def read(text: str) -> DeskMessage:
    """Read one message; raise ``MalformedError`` saying what was wrong."""
    fields = _object(text)
    kind, number = fields.get("type"), fields.get("id")
    number = number if type(number) is int and 0 <= number <= MAX_ID else None  # a bool is an int, too
    try:
        return _MESSAGES.validate_python(fields)
    except ValidationError as error:
        if error.errors()[0]["type"] in ("union_tag_invalid", "union_tag_not_found"):
            raise MalformedError(texts.text("web.message.type", kind=_shown(kind)), number) from None
        fault = faults(error, None, {kind: fields})[0]
        # the first of the place is the kind of message, by which the model was found
        place = (fault.pointer or "").removeprefix("#/").split("/")[1:]
        if not place:
            raise MalformedError(texts.text("web.message.whole", kind=kind, wrong=fault.text), number) from None
        where = ".".join(place)
        wrong = texts.text("web.message.within", kind=kind, place=where, wrong=fault.text)
        raise MalformedError(wrong, number) from None


def _object(text: str) -> dict[str, Any]:
    try:
        # RecursionError: thousands of opening brackets.
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise MalformedError(texts.text("web.message.not_json")) from None
    if not isinstance(value, dict):
        raise MalformedError(texts.text("web.message.not_an_object"))
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _shown(value: object) -> str:
    """A stranger's value in a complaint: short, and never more than one line."""
    return json.dumps(value[:40]) if isinstance(value, str) else f"({type(value).__name__})"
