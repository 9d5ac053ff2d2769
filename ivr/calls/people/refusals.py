"""Refusals in the audit trail: some a minute of each person one by one, the rest counted, so that nobody fills it by asking."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from ivr.calls.people.audit import Actor, Audit, AuditFilter, Entry

WRITTEN = 20
"""Lines of one person's refusals within a minute; what follows in it is counted."""
MINUTE_S = 60.0
WATCHED = 4096
"""People and addresses at once; beyond, all others are counted together."""
MORE = "refused: more"
"""The line that counts: how often, of what, from when to when."""
_KINDS = ("refused: ", "failed: ")
_LOOKED_S = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Minute:
    """One person's: it ends a minute after it began, and the next one begins where more were refused than are written."""

    by: Actor
    ends: float
    written: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    """What was counted and not written, by its name."""
    first: datetime | None = None
    last: datetime | None = None


class CountedRefusals:
    """An audit trail (``Audit``) that takes everything as it comes, but refusals and failures of one person at a bounded rate.

    The first ``WRITTEN`` of a minute have a line each. The next one has a line ``MORE`` that says so, and whatever follows is
    in one line a minute: how often, of what, from when to when.
    """

    def __init__(self, audit: Audit, clock: Callable[[], float] = time.monotonic) -> None:
        self._audit = audit
        self._clock = clock
        self._minutes: dict[tuple[str, str | None], _Minute] = {}

    async def would_take(self, entry: Entry) -> None:
        """Raise what ``write`` would raise now; nothing is added."""
        await self._audit.would_take(entry)

    async def page(self, wanted: AuditFilter, limit: int, before: int | None = None) -> list[Entry]:
        """The newest entries that fit, or those before an entry."""
        return await self._audit.page(wanted, limit, before)

    async def write(self, entry: Entry) -> None:
        """Add an entry, or count it. Raises when it cannot be kept."""
        if not entry.what.startswith(_KINDS):
            await self._audit.write(entry)
            return
        minute = self._of(entry.by)
        if minute.written < WRITTEN:
            minute.written += 1
            await self._audit.write(entry)
            return
        begins = minute.written == WRITTEN
        minute.written += begins
        minute.acts[entry.what] += 1
        minute.first, minute.last = minute.first or entry.at, entry.at
        if begins:  # a server that is killed within the minute leaves this much
            await self._audit.write(Entry(minute.by, MORE, None, {"lines": WRITTEN}, entry.at))

    async def run(self) -> None:
        """Write down what was counted in each minute, for as long as the server runs."""
        while True:
            await asyncio.sleep(_LOOKED_S)
            await self.settle()

    async def close(self) -> None:
        """Write down what is counted now."""
        await self.settle(everything=True)

    async def settle(self, everything: bool = False) -> None:
        """The lines of all minutes that are over; what cannot be written now is later."""
        now = self._clock()
        for key, minute in list(self._minutes.items()):
            if not everything and minute.ends > now:
                continue
            if not minute.acts:
                del self._minutes[key]
                continue
            detail = {"times": minute.acts.total(), "acts": dict(minute.acts)}
            moments = {"first": minute.first, "last": minute.last}
            times = {name: at.isoformat(timespec="seconds") for name, at in moments.items() if at}
            try:
                await self._audit.write(Entry(minute.by, MORE, None, detail | times))
            except Exception:
                log.warning("audit_not_written", what=MORE, who=minute.by.who, times=minute.acts.total(), exc_info=True)
                continue
            # whoever goes on goes on being counted; a minute in which nothing was refused ends it
            self._minutes[key] = _Minute(minute.by, now + MINUTE_S, WRITTEN + 1)

    def _of(self, by: Actor) -> _Minute:
        # of strangers only the address is known
        key = (by.who, None if by.who else by.address)
        minute = self._minutes.get(key)
        if minute is not None and minute.ends <= self._clock() and not minute.acts:
            minute = None
        if minute is None and len(self._minutes) >= WATCHED and key not in self._minutes:
            key, by = ("", None), Actor("")
            minute = self._minutes.get(key)
        if minute is None:
            minute = self._minutes[key] = _Minute(by, self._clock() + MINUTE_S)
        return minute
