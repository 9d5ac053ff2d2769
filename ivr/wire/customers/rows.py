"""Customers and their history as other systems write them, in a file or in an answer: what each field may hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from ivr.core.caller import OrderStatus, Tier
from ivr.core.language import Language
from ivr.wire.written.refusals import Unlike, written

NOTE_CHARS = 500
_WORDS = frozenset({"tier", "status", "language"})
"""Fields in which other systems have words of their own."""
_UNIX_S = (946_684_800.0, 4_102_444_800.0)
"""2000 to 2100: a number that is a time at all is one of them, in s or in ms."""


def in_our_words(field: str, value: str, words: Mapping[str, str]) -> str:
    """What another system writes in a field, in one line; ``words`` are theirs for tiers, states and languages → ours."""
    text = " ".join(value.split())
    if field in _WORDS:
        text = words.get(text, text.lower())
        return re.split("[-_]", text)[0] if field == "language" else text
    return text[:NOTE_CHARS] if field == "note" else text


def _no_serial(value: object) -> object:
    """A number is a time in seconds since 1970 only where that makes sense: spreadsheets count days, people write 20261121."""
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        return value
    if any(_UNIX_S[0] <= one < _UNIX_S[1] for one in (number, number / 1000)):
        return number
    raise Unlike("a time, as in 2026-11-21T09:00:00+01:00")


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _printable(value: str) -> str:
    # controls, and halves of characters that no database can keep
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
        raise ValueError("has a sign that cannot be seen: take it out")
    return value.strip()


Maybe = BeforeValidator(_empty_is_none)
Id = Annotated[str, Field(min_length=1, max_length=64), written(r"[A-Za-z0-9._/-]+", "letters, digits, ., _, / and -")]
Name = Annotated[str, Field(max_length=64), AfterValidator(_printable)]
Short = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Long = Annotated[str, Field(min_length=1, max_length=NOTE_CHARS), AfterValidator(_printable)]
Address = Annotated[str, Field(max_length=100), AfterValidator(_printable)]
Amount = Annotated[str, Field(max_length=32), AfterValidator(_printable)]
OptionalName = Annotated[Name | None, Maybe]
OptionalShort = Annotated[Short | None, Maybe]
Time = Annotated[AwareDatetime, BeforeValidator(_no_serial)]
OptionalTime = Annotated[Time | None, Maybe]


class Row(BaseModel):
    """One row; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid")


class CustomerRow(Row):
    """A customer."""

    id: Id
    name: Short
    numbers: str = ""
    """One or more telephone numbers, parted by ";"."""
    language: Annotated[Language | None, Maybe] = None
    tier: Annotated[Tier, BeforeValidator(lambda v: v or "standard")] = "standard"
    region: OptionalName = None
    salutation: Annotated[Address | None, Maybe] = None
    salutation_zh: Annotated[Address | None, Maybe] = None
    email: OptionalShort = None
    note: Annotated[Long | None, Maybe] = None


class OrderRow(Row):
    """Something a customer bought."""

    id: Id
    customer_id: Id
    product: Short
    status: OrderStatus
    ordered_at: Time
    due_at: OptionalTime = None
    amount: Annotated[Amount | None, Maybe] = None


class CaseRow(Row):
    """A matter that was opened."""

    id: Id
    customer_id: Id
    subject: Short
    status: Literal["open", "waiting", "closed"]
    opened_at: Time
    intent: OptionalName = None
    queue: OptionalName = None
    order_id: OptionalName = None


class ContactRow(Row):
    """An earlier contact."""

    customer_id: Id
    channel: Literal["phone", "chat", "mail", "app", "sms", "device", "shop"]
    began_at: Time
    summary: Long
    intent: OptionalName = None
    agent_id: OptionalName = None
    solved: Annotated[bool | None, Maybe] = None
