"""Calls that are over, as supervisors look for them, and what waits and calls of some time come to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.calls.paging import Place
from ivr.calls.records import Contact
from ivr.core.caller import AgentId
from ivr.core.contact.service_level import Wait

PAGE = 200
"""Calls that are read at once where all of them are wanted."""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are wanted; None: whatever it is."""

    since: datetime | None = None
    until: datetime | None = None
    agent: str | None = None
    """Anybody who had it, not only the last one."""
    queue: str | None = None
    intent: str | None = None
    outcome: str | None = None
    number: str | None = None
    """The caller's, in whatever way it is written."""
    passed_on: bool | None = None


@dataclass(frozen=True, slots=True)
class PastCall:
    """One line of the list."""

    id: str
    began: datetime
    ended: datetime | None
    """None: it still goes on, or the server was not there when it ended."""
    ani: str | None
    customer: str | None
    """Their name."""
    language: str | None
    intent: str | None
    words: str | None
    queue: str | None
    agent: str | None
    """The name of whoever had it last."""
    agents: int
    """How many had it."""
    outcome: str | None
    solved: bool | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What became of the calls of some time."""

    calls: int = 0
    by_machine: int = 0
    """Settled without an agent."""


@dataclass(frozen=True, slots=True)
class ShadowPrediction:
    """A call of the shadow mode: whom routing would have chosen, who took it, and what became of it there."""

    predicted: AgentId
    took: AgentId
    passed_on: bool
    solved: bool | None


class PastCalls(Protocol):
    """The record, as supervisors and reports read it. Every method raises OSError while it cannot be read."""

    async def page(self, wanted: CallFilter, limit: int, after: Place | None = None) -> list[PastCall]:
        """The newest calls that fit, or those after a place."""

    async def one(self, call: str) -> Contact | None:
        """A call with everything that happened in it."""

    async def waits(self, since: datetime) -> list[Wait]:
        """All waits of calls that began after that time."""

    async def totals(self, since: datetime) -> Totals:
        """What became of the calls that began after that time."""

    async def predictions(self, since: datetime) -> Sequence[ShadowPrediction]:
        """The calls of the shadow mode that an agent took."""


async def every(calls: PastCalls, wanted: CallFilter) -> AsyncIterator[PastCall]:
    """All calls that fit, the newest first. Raises OSError while the record cannot be read."""
    after: Place | None = None
    while page := await calls.page(wanted, PAGE, after):
        for call in page:
            yield call
        after = Place(page[-1].began, page[-1].id)
