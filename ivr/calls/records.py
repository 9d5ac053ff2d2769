"""Contacts on their way to the database and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from ivr.core.caller import Caller, CallId
from ivr.core.contact.entries import Entry
from ivr.core.contact.ledger import Ledger
from ivr.core.language import Language


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact on its way to the database, or back."""

    record: dict[str, Any]
    """The columns of the contact, its ``legs``, its ``waits``, and the ``call_backs`` promised in it that wait with it."""
    entries: tuple[Entry, ...]


def merged(contacts: Sequence[Contact]) -> Contact:
    """What was written of one contact one after the other, as one: its last record, each of its entries once."""
    entries = {entry.id: entry for one in contacts for entry in one.entries}
    return Contact(contacts[-1].record, tuple(entries.values()))


class NeverWritten(ValueError):
    """The database will never take this: the data is wrong, not the moment."""


class ContactRecords(Protocol):
    """Where contacts are kept."""

    async def write(self, contacts: Sequence[Contact]) -> str:
        """Write or complete contacts and append their new entries, in one transaction; which database has taken them.

        Writing the same once more changes nothing. Raises OSError while it cannot be done now, whatever the reason, and
        NeverWritten when it never can.
        """

    async def unfinished(self, since: datetime, also: Sequence[CallId]) -> list[Contact]:
        """The contacts that began after that time and never ended, and those named, with all their entries."""


class Journal(Protocol):
    """Where contacts stand until the database has them, and some minutes longer. Its methods block; one at a time."""

    @property
    def server(self) -> str:
        """The database that took what is committed."""

    @property
    def last(self) -> int:
        """The number of the newest frame."""

    @property
    def behind(self) -> bool:
        """Whether anything is not in the database."""

    def waiting(self) -> set[str]:
        """The contacts of which something is not, by id."""

    def waits_since(self) -> float | None:
        """When the oldest of that was written, in seconds since 1970."""

    def used(self) -> float:
        """The share of it that may not be written over."""

    def append(self, contacts: Sequence[Contact]) -> int:
        """Keep them, on the disk when this returns; the number up to which the journal now goes.

        Raises OSError, and ValueError or TypeError for what it cannot keep.
        """

    def mark(self, number: int, server: str) -> None:
        """Everything up to that number is in the database that ``server`` names. Raises OSError."""

    def not_committed(self) -> Iterator[list[Contact]]:
        """Contacts that are not in the database, some at a time."""

    def kept(self) -> Iterator[list[Contact]]:
        """The same with those of the last minutes that are."""


class Aside(Protocol):
    """Where contacts stand that the database will never take."""

    def put(self, contact: Contact, why: str, at: datetime) -> None:
        """Keep one whole, with what is there of it already. Raises OSError."""

    def count(self) -> int:
        """How many are there."""


def ledger_of(contact: Contact, language: Language, run: str = "") -> Ledger:
    """The ledger of a call as its entries tell it; ``language`` is that of the house."""
    row = contact.record
    caller = Caller(row["ani"], row["shown_name"], row["dnis"] or "")
    return Ledger(CallId(UUID(row["id"])), caller, row["began_at"], language, run=run, entries=list(contact.entries))
