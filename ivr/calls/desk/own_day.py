"""An agent's own day: the calls they had and what came of them, read from the record, so that a restart forgets nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, tzinfo
from typing import Any

import structlog

from ivr.calls.agents.roster import AgentRoster, AgentStatus, Figures
from ivr.calls.clock import Clock, midnight, utc_now
from ivr.calls.desk.ports import DayBook, Worked
from ivr.calls.desk.windows import Desks
from ivr.core.caller import AgentId
from ivr.core.contact.card_of import place_name
from ivr.core.flow.flow import Flow
from ivr.core.language import Text
from ivr.wire.card_json import dumps, stamp
from ivr.wire.phone_numbers import readable

log = structlog.get_logger(__name__)
WRITTEN_S = 1.0
"""So long after something has happened it stands in the database."""
SHOWN = 100
"""Calls of a day that a page gets."""


class Day:
    """Tells agents their own history and figures; nobody else's."""

    def __init__(
        self,
        desks: Desks,
        roster: AgentRoster,
        flow: Callable[[], Flow],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        book: DayBook | None,
        zone: tzinfo = UTC,
        now: Clock = utc_now,
    ) -> None:
        self._desks = desks
        self._roster = roster
        self._flow = flow
        self._spawn = spawn
        self._book = book
        self._zone = zone
        self._now = now
        self._known: dict[AgentId, list[Worked]] = {}
        self._later: dict[AgentId, asyncio.TimerHandle] = {}
        self._over = False
        self._forgot = 0
        """How often all of it was forgotten."""

    def stop(self) -> None:
        """The server ends: nothing is read any more."""
        self._over = True
        for handle in self._later.values():
            handle.cancel()

    def changed(self, agent: AgentId, after_s: float = WRITTEN_S) -> None:
        """Something of theirs has happened: read it again, once however much it was."""
        if self._book is not None and not self._over and agent not in self._later and self._desks.windows(agent):
            loop = asyncio.get_running_loop()
            self._later[agent] = loop.call_later(after_s, lambda: self._spawn(self._read(agent)))

    def forget(self) -> None:
        """Somebody was erased: what was read may name them, so it is read again, and pages show nothing until then."""
        self._known.clear()
        self._forgot += 1
        for agent in self._desks.present():
            self._desks.tell(agent, dumps({"type": "history", "history": []}))
            self.changed(agent, 0.0)

    async def _read(self, agent: AgentId) -> None:
        self._later.pop(agent, None)
        assert self._book
        forgot = self._forgot
        try:
            worked = await self._book.day(agent, midnight(self._now(), self._zone))
        except OSError as error:
            log.warning("an agent's day not read", agent=agent, problem=str(error))
            return
        if forgot != self._forgot:
            self.changed(agent, 0.0)  # it was read before, and may name them
            return
        self._known[agent] = worked
        self._roster.count_anew(agent, Figures(
            sum(one.over for one in worked), sum(one.outcome == "solved" for one in worked),
            sum(one.talk_s for one in worked if one.over), sum(bool(one.passed_to) for one in worked),
        ))  # fmt: skip
        self._desks.tell(agent, dumps({"type": "history", "history": self.history(agent)}))

    def history(self, agent: AgentId) -> list[dict[str, Any]]:
        """The calls of the day as their page shows them, as far as they were read."""
        flow = self._flow()
        return [self._one(one, flow) for one in self._known.get(agent, ())[:SHOWN]]

    def _one(self, one: Worked, flow: Flow) -> dict[str, Any]:
        intent = flow.intents.get(one.intent or "")
        return {
            "call": one.call, "at": stamp(one.at), "talk_s": int(one.talk_s), "over": one.over, "name": one.name,
            "number": readable(one.number) if one.number else None, "title": intent.title if intent else None,
            "words": one.words, "notes": list(one.notes), "outcome": one.outcome,
            "passed_to": [self._place(kind, to, flow) for kind, to in one.passed_to],
        }  # fmt: skip

    def _place(self, kind: str, to: str, flow: Flow) -> Text:
        return place_name(kind, to, flow, self._roster.names)


def today(status: AgentStatus) -> dict[str, int]:
    """An agent's own figures of the day."""
    day = status.figures
    return {"calls": day.calls, "solved": day.solved, "talk_s": int(day.talk_s), "transfers": day.transfers}
