"""Calling customers: what is to be called about, and when that may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ivr.core.caller import AgentId
from ivr.core.language import Language

Why = Literal["asked", "promised", "signal", "system"]
"""The caller has asked not to wait, an agent has promised it, a signal calls for it, another system or a supervisor wants it."""
OWN_INITIATIVE: frozenset[Why] = frozenset({"signal", "system"})
"""Nobody there has asked for these: they need the customer's consent."""
State = Literal["waiting", "calling", "done", "given_up", "cancelled"]
OPEN: tuple[State, ...] = ("waiting", "calling")


@dataclass(frozen=True, slots=True)
class CallBack:
    """Somebody to be called."""

    id: str
    number: str
    why: Why
    due_at: datetime
    created_at: datetime
    created_by: str
    """As the audit trail names people and systems."""
    source: str
    """What it comes from; the same once more is no second call back."""
    customer: str | None = None
    contact: str | None = None
    """The contact that it goes on with."""
    intent: str | None = None
    queue: str | None = None
    agent: AgentId | None = None
    """Whom it is meant for."""
    language: Language = "en"
    words: str | None = None
    """What the customer said then."""
    said_at: datetime | None = None
    text: str = ""
    """One line for the agent."""
    state: State = "waiting"
    attempts: int = 0
    call: str | None = None
    """The call that it is being called in, or was last."""
    last: str | None = None
    """How the last attempt ended, or why it has not been made."""


@dataclass(frozen=True, slots=True)
class CallingPolicy:
    """When customers may be called, and how often it is tried."""

    earliest: time = time(9)
    latest: time = time(20)
    """No call begins at or after that time."""
    days: frozenset[int] = frozenset(range(6))
    """Of the week, Monday is 0."""
    attempts: int = 3
    retry: timedelta = timedelta(minutes=30)

    def allowed(self, now: datetime, zones: Iterable[ZoneInfo]) -> bool:
        """Whether a call may begin now; a number that may be in several zones must be free to be called in all of them."""
        return all(self._allowed(now.astimezone(zone)) for zone in zones)

    def _allowed(self, there: datetime) -> bool:
        return there.weekday() in self.days and self.earliest <= there.time() < self.latest

    def next_try(self, failed: CallBack, now: datetime) -> datetime | None:
        """When to try again after an attempt that reached nobody; None: not any more. Each pause is twice the one before."""
        if failed.attempts >= self.attempts:
            return None
        return now + self.retry * (1 << max(failed.attempts - 1, 0))
