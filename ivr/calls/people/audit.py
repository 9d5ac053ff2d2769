"""The audit trail: who did what to whom, added to and never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from ivr.calls.people.roles import Role
from ivr.calls.ports import Refused

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, as the audit trail names them."""

    who: str
    """A login, ``key:ID`` of an API key, ``console:USER`` at the command line, ``server:`` itself, or empty for a stranger."""
    role: Role | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit trail."""

    by: Actor
    what: str
    """A short name, ``person.changed``."""
    target: str | None = None
    """Whom or what it was done to."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Before and after, or whatever else explains it; never a secret."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: int = 0
    """Set by the trail, growing."""
    of_customer: bool = False
    """Whether the target is a customer: the trail keeps an alias, and gives their id back as long as they are known here."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; None: whatever it is."""

    who: str | None = None
    what: str | None = None
    """The whole name, or its part before the dot or the colon: ``person``, ``refused``."""
    target: str | None = None
    """Also a customer's id, where the trail has the alias."""
    since: datetime | None = None
    until: datetime | None = None


class Audit(Protocol):
    """The audit trail: entries are added, and never changed or taken away."""

    async def write(self, entry: Entry) -> None:
        """Add one entry. Raises when it cannot be kept; what it stands for must then not be done."""

    async def would_take(self, entry: Entry) -> None:
        """Raise what ``write`` would raise now; nothing is added."""

    async def page(self, wanted: AuditFilter, limit: int, before: int | None = None) -> list[Entry]:
        """The newest entries that fit, or those before an entry."""


def refused(entry: Entry, **more: Any) -> Entry:
    """The line of what somebody asked for and was not given: a kind of its own, never taken for what was done."""
    return replace(entry, what=f"refused: {entry.what}", detail={**entry.detail, **more}, at=datetime.now(UTC))


@asynccontextmanager
async def acting(audit: Audit, entry: Entry) -> AsyncIterator[None]:
    """Something in the world that no transaction undoes, a call moved or a file made; its line comes after it.

    Where the trail takes nothing now, it is not begun. Refused, it leaves a line that says so; failed on the way, one that says
    ``failed``, since nobody knows how far it came. What changes the database only has its line in the same transaction instead.
    """
    await audit.would_take(entry)
    try:
        async with refusing(audit, entry):
            yield
    except Refused:
        raise
    except Exception as error:
        await witness(
            audit, replace(entry, what=f"failed: {entry.what}", detail={**entry.detail, "why": type(error).__name__})
        )
        raise
    await witness(audit, replace(entry, at=datetime.now(UTC)))


@asynccontextmanager
async def refusing(audit: Audit, entry: Entry) -> AsyncIterator[None]:
    """Something that may be refused, which then leaves a line; what is done has its own, in its transaction."""
    try:
        yield
    except Refused as why:
        if not why.in_trail:
            await witness(audit, refused(entry, why=why.text["en"]))
            why.in_trail = True
        raise


async def witness(audit: Audit, entry: Entry) -> None:
    """Write down what has happened already and cannot be undone; where that fails, the log has it."""
    try:
        await audit.write(entry)
    except Exception:
        log.exception("audit_not_written", what=entry.what, who=entry.by.who, target=entry.target)
