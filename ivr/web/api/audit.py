"""The audit trail: ``/audit``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from ivr.calls.people.audit import Audit, AuditFilter, Entry
from ivr.calls.people.roles import Role
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model
from ivr.web.api.field_types import Paged, Time, cursor, number_after
from ivr.web.guard.route_needs import Needs


class AuditQuery(Paged):
    """Which entries are wanted; all that are given must fit."""

    who: Annotated[str, Field(max_length=80)] | None = None
    what: Annotated[str, Field(pattern=r"^[a-z_]{1,20}(\.[a-z_]{1,20})?$")] | None = None
    """A whole name (``person.changed``), or its part before the dot."""
    target: Annotated[str, Field(max_length=200)] | None = None
    since: Time | None = None
    until: Time | None = None


class AuditEntry(Model):
    """Who did what."""

    id: int
    at: datetime
    who: str
    """A login, ``key:ID`` of an API key, ``console:USER`` at the command line, or empty for a stranger."""
    role: Role | None
    what: str
    target: str | None
    detail: dict[str, Any]
    address: str | None


class AuditPage(Model):
    """The newest first; ``next`` is the cursor of the following page, null on the last."""

    items: list[AuditEntry]
    next: str | None


class AuditApi:
    """The endpoints."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [Endpoint("GET", "/audit", Needs(role="admin"), self.read_audit, {200: AuditPage})]

    async def read_audit(self, call: Call, query: AuditQuery) -> Answer:
        """The audit trail, the newest first"""
        wanted = AuditFilter(query.who, query.what, query.target, query.since, query.until)
        found = await self._audit.page(wanted, query.limit + 1, number_after(query.cursor))
        shown = found[: query.limit]
        more = cursor([shown[-1].id]) if len(found) > query.limit else None
        return Answer(200, AuditPage(items=[_entry(entry) for entry in shown], next=more))


def _entry(entry: Entry) -> AuditEntry:
    return AuditEntry(
        id=entry.id, at=entry.at, who=entry.by.who, role=entry.by.role, what=entry.what, target=entry.target,
        detail=dict(entry.detail), address=entry.by.address,
    )  # fmt: skip
