"""The sound of calls, for supervisors' ears: ``GET /api/v1/calls/{call}/recording``, in parts where a player wants them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from aiohttp import web

from ivr.calls.floor.call_tests import RecordingStore
from ivr.calls.people.audit import Audit, Entry
from ivr.core.caller import CALL_ID
from ivr.core.texts import text
from ivr.web.guard.visitor import VISITOR
from ivr.web.problems import Problem

WRITTEN_EVERY_S = 15 * 60
"""A player asks again at every jump: hearing one call is one line of the audit trail in this time."""
MOST_REMEMBERED = 10_000


class Sounds:
    """Gives recordings, and writes down who has heard which."""

    def __init__(self, recordings: RecordingStore, audit: Audit, clock: Callable[[], float] = time.monotonic) -> None:
        self._recordings = recordings
        self._audit = audit
        self._clock = clock
        self._written: dict[tuple[str, str], float] = {}

    async def give(self, request: web.Request) -> web.StreamResponse:
        """The handler. Nobody hears what cannot be written down."""
        call = request.match_info["call"]
        path = await self._recordings.find(call) if re.fullmatch(CALL_ID, call) else None
        if path is None:
            raise Problem(404, text("api.contacts.no_recording"))
        await self._note(request, call)
        headers = {
            "Content-Type": "audio/wav",
            "Content-Disposition": f'inline; filename="{call}.wav"',
            "Cache-Control": "private, no-store",
        }
        return web.FileResponse(path, headers=headers)

    async def _note(self, request: web.Request, call: str) -> None:
        by, now = request[VISITOR].actor, self._clock()
        before = self._written.get((by.who, call))
        if before is not None and now - before < WRITTEN_EVERY_S:
            return
        await self._audit.write(Entry(by, "recording.heard", call))
        while len(self._written) >= MOST_REMEMBERED:
            del self._written[next(iter(self._written))]
        self._written.pop((by.who, call), None)
        self._written[by.who, call] = now
