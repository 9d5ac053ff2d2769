"""Customers and their history as other systems write them, in a file or in an answer: what each field may hold."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from ivr.core.caller import Language, OrderStatus, Tier

NOTE_CHARS = 500


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _printable(value: str) -> str:
    # controls, and halves of characters that no database can keep
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value):
        raise ValueError("control characters are not allowed")
    return value.strip()


Maybe = BeforeValidator(_empty_is_none)
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._/-]+$")]
Name = Annotated[str, Field(max_length=64), AfterValidator(_printable)]
Short = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Long = Annotated[str, Field(min_length=1, max_length=NOTE_CHARS), AfterValidator(_printable)]
Address = Annotated[str, Field(max_length=100), AfterValidator(_printable)]
Amount = Annotated[str, Field(max_length=32), AfterValidator(_printable)]
OptionalName = Annotated[Name | None, Maybe]
OptionalShort = Annotated[Short | None, Maybe]
OptionalTime = Annotated[AwareDatetime | None, Maybe]


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
    ordered_at: AwareDatetime
    due_at: OptionalTime = None
    amount: Annotated[Amount | None, Maybe] = None


class CaseRow(Row):
    """A matter that was opened."""

    id: Id
    customer_id: Id
    subject: Short
    status: Literal["open", "waiting", "closed"]
    opened_at: AwareDatetime
    intent: OptionalName = None
    queue: OptionalName = None
    order_id: OptionalName = None


class ContactRow(Row):
    """An earlier contact."""

    customer_id: Id
    channel: Literal["phone", "chat", "mail", "app", "sms", "device", "shop"]
    began_at: AwareDatetime
    summary: Long
    intent: OptionalName = None
    agent_id: OptionalName = None
    solved: Annotated[bool | None, Maybe] = None
