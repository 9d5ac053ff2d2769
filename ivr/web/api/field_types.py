"""The kinds of values that the API takes: how long, of which characters, and the sentence when one does not fit."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from ivr.calls.paging import Place
from ivr.calls.people.accounts import LOGIN
from ivr.core import texts
from ivr.core.caller import CALL_ID, CallId
from ivr.core.language import Language
from ivr.web.api.endpoint import Model
from ivr.web.api.faults import FORMS, TIME, Wrong
from ivr.web.problems import Fault, Problem

_CONTROLS = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_TURNING = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
"""Characters that turn the direction of the text around them: a name with one shows as another name."""
LINE = rf"^[^\s{_CONTROLS}{_TURNING}]([^{_CONTROLS}{_TURNING}]*[^\s{_CONTROLS}{_TURNING}])?$"
SENTENCE = rf"^[^\s{_CONTROLS}]([^{_CONTROLS}]*[^\s{_CONTROLS}])?$"
WORDS = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
ID = r"^[A-Za-z0-9._/-]{1,64}$"
"""An id of a customer or an order, as the import of CSV files takes it."""
NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
"""A word of the dialogues, as they may write it, or of another system: ``late_delivery``."""
EXTERNAL = r"^[!-~]{1,128}$"
PAGE, LONGEST_PAGE = 50, 200
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""How far another system's clock may be ahead of ours."""

FORMS.update(
    {
        LINE: texts.text("api.form.line"),
        SENTENCE: texts.text("api.form.line"),
        WORDS: texts.text("api.form.words"),
        ID: texts.text("api.form.id"),
        NAME: texts.text("api.form.name"),
        EXTERNAL: texts.text("api.form.external"),
        LOGIN: texts.text("api.form.login"),
    }
)


_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def _one_kind_of_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _written(value: Any) -> Any:
    """A time is written as RFC 3339 has it; a number could be seconds or milliseconds of whatever."""
    if not (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        raise Wrong(TIME)
    return value


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise _out_of_time() from None


def _that_was(at: datetime) -> datetime:
    at = _in_utc(at)
    if not EARLIEST <= at <= datetime.now(UTC) + AHEAD:
        raise _out_of_time()
    return at


def _out_of_time() -> Wrong:
    return Wrong(texts.text("api.form.past"))


def whole(value: Any) -> Any:
    """A number in an address is written in digits: no sign, no space, no underscore."""
    if not isinstance(value, str):
        return value
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise Wrong(texts.text("api.form.whole"))
    return int(value)


if TYPE_CHECKING:
    PageLanguage = Language
else:
    PageLanguage = Literal[texts.TEXT_LANGUAGES]
    """A language that pages can be read in; ``Language`` is one that calls can be held in."""
PageText = dict[PageLanguage, str]
"""A sentence in every language of the pages."""
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE)]
Sentence = Annotated[str, Field(min_length=1, max_length=500, pattern=SENTENCE)]
Words = Annotated[str, Field(min_length=1, max_length=8000, pattern=WORDS), AfterValidator(_one_kind_of_line_end)]
Login = Annotated[str, Field(min_length=1, pattern=LOGIN)]
Id = Annotated[str, Field(pattern=ID)]
Name = Annotated[str, Field(pattern=NAME)]
External = Annotated[str, Field(pattern=EXTERNAL)]
# not strict: what a validator has looked at before is no JSON any more, and only of JSON would strict take a time as text
_Time = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written)]
Time = Annotated[_Time, AfterValidator(_in_utc)]
PastTime = Annotated[_Time, AfterValidator(_that_was)]
Limit = Annotated[int, BeforeValidator(whole), Field(ge=1, le=LONGEST_PAGE)]
Cursor = Annotated[str, Field(max_length=400, pattern=r"^[A-Za-z0-9_-]+$")]


class ById(Model):
    """``{id}`` in the address."""

    id: Id


class ByCall(Model):
    """``{call}`` in the address: the id that every event of the call carries."""

    call: Annotated[str, Field(pattern=CALL_ID)]

    @property
    def id(self) -> CallId:
        """The same as the calls have it."""
        return CallId(UUID(self.call))


class Paged(Model):
    """A page of a list: the newest first, ``cursor`` is what the page before gave as ``next``."""

    limit: Limit = PAGE
    cursor: Cursor | None = None


def cursor(place: list[Any]) -> str:
    """A place in a list as text that nobody needs to understand."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _from(text: str) -> list[Any]:
    value = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    if not isinstance(value, list):
        raise ValueError(text)
    return value


WRONG_CURSOR = texts.text("api.form.cursor")


def number_after(text: str | None) -> int | None:
    """The number in a cursor. Raises ``Problem``."""
    if text is None:
        return None
    try:
        (number,) = _from(text)
        if type(number) is int and 0 < number < 2**31:
            return number
    except (ValueError, RecursionError, binascii.Error):
        pass
    raise Problem(422, faults=[Fault(WRONG_CURSOR, parameter="cursor")])


def place_after(text: str | None) -> Place | None:
    """The place in a cursor. Raises ``Problem``."""
    if text is None:
        return None
    try:
        at, number = _from(text)
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is not None and isinstance(number, str) and len(number) <= 64:
            return Place(moment.astimezone(UTC), number)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        pass
    raise Problem(422, faults=[Fault(WRONG_CURSOR, parameter="cursor")])
