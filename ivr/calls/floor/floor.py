"""The floor: every queue, agent and call of this moment, for supervisors who look; and what they may do.

While nobody looks, nothing is worked out. While somebody does, everything is made anew a few times a second and only rows
that are different are sent: no part of a call has to know that it is watched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

import structlog

from ivr.calls.agents.roster import AgentRoster, AgentStatus
from ivr.calls.clock import midnight
from ivr.calls.desk.windows import Window
from ivr.calls.floor.past_calls import PastCalls
from ivr.calls.floor.rows import agent_row, call_row, queue_rows
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Directory
from ivr.calls.records import ledger_of
from ivr.core.caller import AgentId, CallId
from ivr.core.contact.service_level import Wait, service
from ivr.core.flow.flow import Flow
from ivr.wire.card_json import dumps, stamp, story_json

log = structlog.get_logger(__name__)
EVERY_S = 0.25
FIGURES_EVERY_S = 15.0
Kind = Literal["queues", "agents", "calls"]
KINDS: tuple[Kind, ...] = ("queues", "agents", "calls")
Rows = dict[str, dict[str, Any]]


@dataclass(slots=True, eq=False)
class Watcher:
    """One open page of a supervisor."""

    window: Window
    call: CallId | None = None
    """The call that is open in it."""
    told: str = ""
    """What was sent of that call last."""


@dataclass(slots=True)
class Floor:
    """Tells the pages of supervisors what goes on."""

    calls: LiveCalls
    roster: AgentRoster
    flow: Callable[[], Flow]
    past: PastCalls
    directory: Directory
    zone: ZoneInfo
    service_level_s: float
    troubles: Callable[[], tuple[str, ...]]
    """What is not as it should be at this moment: "asterisk", "sound", "record"."""
    _watchers: set[Watcher] = field(default_factory=set)
    _somebody: asyncio.Event = field(default_factory=asyncio.Event)
    _trouble_told: tuple[str, ...] = ()
    _told: dict[Kind, Rows] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    _figures: dict[str, Any] = field(default_factory=dict)
    _by_queue: dict[str, dict[str, Any]] = field(default_factory=dict)
    _figures_at: float = -FIGURES_EVERY_S

    async def run(self) -> None:
        """Look again and again, as long as somebody else looks."""
        while True:
            await self._somebody.wait()
            try:
                await self._refresh()
                self._tell()
            except Exception:
                # a floor that stands still is seen by whoever looks; calls go on
                log.exception("floor not told")
            await asyncio.sleep(EVERY_S)

    @contextmanager
    def open(self, login: str) -> Iterator[tuple[Watcher, dict[str, Any]]]:
        """A page for as long as the block runs, and the whole state that it begins with."""
        self._tell()  # the others first, so that all pages stand at the same point
        watcher = Watcher(Window(AgentId(login)))
        self._watchers.add(watcher)
        self._somebody.set()
        try:
            yield watcher, self.snapshot()
        finally:
            self._watchers.discard(watcher)
            if not self._watchers:
                self._somebody.clear()

    @property
    def watchers(self) -> int:
        """How many pages are open."""
        return len(self._watchers)

    def snapshot(self) -> dict[str, Any]:
        """Everything, as a page begins with it."""
        return {
            **{kind: list(rows.values()) for kind, rows in self._rows().items()},
            "today": self._figures,
            "troubles": self.troubles(),
            "now": stamp(self.calls.now()),
        }

    def watch(self, watcher: Watcher, call: CallId | None) -> None:
        """Open a call in a page, or close it."""
        watcher.call, watcher.told = call, ""
        self._tell_story(watcher)

    async def story(self, call: CallId) -> dict[str, Any] | None:
        """A call, live or of the record, as it stands; None when there is none."""
        live = self.calls.get(call)
        if live is not None:
            return self._story(live)
        contact = await self.past.one(str(call))
        if contact is None:
            return None
        flow = self.flow()
        ledger = ledger_of(contact, flow.default_language)
        if ledger.caller.ani:
            found = await self.directory.find(ledger.caller.ani)
            if found is not None and found.customer and found.customer.id == contact.record["customer_id"]:
                ledger.caller = replace(found, shown_name=ledger.caller.shown_name, dnis=ledger.caller.dnis)
        outcome = {"place": "over", "outcome": contact.record["outcome"], "solved": contact.record["solved"]}
        return {**story_json(ledger, flow, self.roster.names), **outcome, "ended": stamp(contact.record["ended_at"])}

    # -- what is told

    def _rows(self) -> dict[Kind, Rows]:
        calls, flow = self.calls, self.flow()
        having = {leg.agent: live.id for live in calls.values() for leg in live.ledger.legs.talking}
        return {
            "queues": queue_rows(flow, calls, self.roster, self._by_queue),
            "agents": {one.agent.id: agent_row(one, having.get(one.agent.id)) for one in self._agents()},
            "calls": {str(live.id): call_row(live, self.roster.names) for live in calls.values()},
        }

    def _agents(self) -> list[AgentStatus]:
        return sorted(self.roster.statuses.values(), key=lambda one: one.agent.name.casefold())

    def _tell(self) -> None:
        now = self._rows()
        for kind in KINDS:
            before, rows = self._told[kind], now[kind]
            changed = [row for key, row in rows.items() if before.get(key) != row]
            gone = [key for key in before if key not in rows]
            if changed or gone:
                self._send({"type": "rows", "kind": kind, "changed": changed, "gone": gone})
        self._told = now
        if (troubles := self.troubles()) != self._trouble_told:
            self._trouble_told = troubles
            self._send({"type": "troubles", "troubles": troubles})
        for watcher in self._watchers:
            self._tell_story(watcher)

    def _send(self, message: dict[str, Any]) -> None:
        text = dumps(message)
        for watcher in self._watchers:
            watcher.window.tell(text)

    def _tell_story(self, watcher: Watcher) -> None:
        live = self.calls.get(watcher.call) if watcher.call else None
        if live is None:
            return  # once it is over, its last state stays in the page
        text = dumps({"type": "story", "story": self._story(live)})
        if text != watcher.told:
            watcher.told = text
            watcher.window.tell(text)

    def _story(self, live: LiveCall) -> dict[str, Any]:
        row = call_row(live, self.roster.names)
        return {**story_json(live.ledger, live.flow, self.roster.names), "place": row["place"], "outcome": live.outcome,
                "solved": live.solved, "ended": None}  # fmt: skip

    async def _refresh(self) -> None:
        """Today's figures, from the record."""
        now = asyncio.get_running_loop().time()
        if now - self._figures_at < FIGURES_EVERY_S:
            return
        self._figures_at = now
        today = midnight(self.calls.now(), self.zone)
        try:
            waited, totals = await self.past.waits(today), await self.past.totals(today)
        except OSError as error:
            log.warning("today's figures not read", problem=str(error))
            return
        self._by_queue = {
            name: self._served([one for one in waited if one.queue == name]) for name in {one.queue for one in waited}
        }
        figures = {"calls": totals.calls, "by_machine": totals.by_machine, **self._served(waited)}
        if figures != self._figures:
            self._figures = figures
            self._send({"type": "today", "today": figures})

    def _served(self, waited: list[Wait]) -> dict[str, Any]:
        come_to = service(waited, self.service_level_s)
        return {
            "offered": come_to.offered, "answered": come_to.answered, "abandoned": come_to.abandoned,
            "level": round(come_to.level, 3) if come_to.level is not None else None, "mean_s": come_to.mean_s,
        }  # fmt: skip
