"""What the columns keep: the same in every database, whatever is brought to them, by whatever door.

SQLite keeps any text in any column and PostgreSQL refuses the row, so a length that only a column knows costs a contact on one of
them. Lengths are kept here, on the way to the database, and nowhere else has to think of them. Here numbers of cards are masked,
too, and characters left out that are none of a text's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, DateTime, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ivr.core.card_numbers import halves, without, without_cards
from ivr.core.kept import CardNumber, in_facts, kept, plain

_DIGEST = 16
"""Signs of a digest that stands for the end of a key."""


class UtcDateTime(TypeDecorator[datetime]):
    """A time with its zone, kept as UTC: SQLite has no zones, and gives none back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; a time without a zone is refused, because nobody knows which it was meant in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be kept: {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at: datetime = value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text of at most so many characters, as ``ivr.core.kept`` has it; of a longer one the beginning is kept."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.short(kept(value, card_safe(dialect)))

    def short(self, value: str) -> str:
        """The text as it is kept."""
        return value[: self.length]


class Code(Words):
    """A number, a state, a digest or the name of a line: nobody's own words, and right to the sign or of no use.

    Telephone numbers without a plus have as many digits as cards, and one in ten has the check digit of one.
    """

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.short(plain(value))


class Key(Code):
    """A code by which rows are told apart; of a longer one the end is kept as a digest, so that two stay two."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        clean = plain(value)
        # what is left out must not make one of two
        return self.short(clean) if clean == value else self._digested(clean, value)

    def short(self, value: str) -> str:
        return value if len(value) <= self.length else self._digested(value, value)

    def _digested(self, shown: str, whole: str) -> str:
        digest = sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[: min(_DIGEST, self.length)]
        return f"{shown[: self.length - len(digest)]}{digest}"


class Named(Key):
    """What another system calls something; ``as_kept`` refuses a card's number, which masked would tell nothing apart."""

    cache_ok = True


class LongWords(TypeDecorator[str]):
    """Text of any length, as ``ivr.core.kept`` has it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else kept(value, card_safe(dialect))


class Body(TypeDecorator[str]):
    """JSON as text, whose texts were looked through before it was made: a mask among its numbers would break it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else plain(value)


class Facts(TypeDecorator[Any]):
    """JSON, every text in it as ``ivr.core.kept`` has it."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        safe = card_safe(dialect)
        return in_facts(value, lambda text: kept(text, safe))


def as_kept(dialect: Dialect, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it will be read again, to be compared with what is there; nor has it a card's number in two halves.

    Raises ``CardNumber`` where something is named by one.
    """
    types = {name: table.c[name].type for name in values}
    row = {
        name: kind.process_bind_param(values[name], dialect)
        if isinstance(kind, Words | LongWords | Facts)
        else values[name]
        for name, kind in types.items()
    }
    if card_safe(dialect):
        for name, kind in types.items():
            if isinstance(kind, Named) and is_card(dialect, row[name]):
                raise CardNumber(name)
        told = {
            name: str(row[name])
            for name, kind in types.items()
            if isinstance(kind, Words | LongWords) and not isinstance(kind, Code) and row[name]
        }
        found = zip(told.items(), halves(list(told.values())), strict=True)
        row |= {name: without(text, digits) for (name, text), digits in found if digits}
    return row


def is_card(dialect: Dialect, name: str | None) -> bool:
    """Whether something would be called by what is, or looks like, a card's number, in a house that keeps none."""
    return bool(name) and card_safe(dialect) and without_cards(name or "") != name


def card_safe(dialect: Dialect) -> bool:
    """``[privacy] card_safe`` of the database that is written to (see ``Store``)."""
    return bool(getattr(dialect, "card_safe", True))
