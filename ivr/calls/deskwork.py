"""What desks are told and what they may ask: the switchboard's side towards the agents' pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import structlog

from ivr.calls.agents import AgentRoster, AgentStatus
from ivr.calls.day import Day, today
from ivr.calls.desk import Desks
from ivr.calls.desk_ports import DayBook, Openings
from ivr.calls.live import LiveCall, Offer
from ivr.calls.moves import Moves
from ivr.calls.own_lines import OwnOpenings
from ivr.calls.places import Places
from ivr.calls.ports import CallAct, Outcome, Refused, Target, Telephony
from ivr.calls.settling import Settling
from ivr.core.caller import Agent, AgentId, CallId, Language
from ivr.core.card import Card, Pop, Text
from ivr.core.carding import card_of
from ivr.core.flow import Flow
from ivr.core.learning import TransferReason
from ivr.core.legs import PassWay
from ivr.wire.card_json import card_json, dumps, stamp

log = structlog.get_logger(__name__)
DESK_GRACE_S = 45.0
"""How long an agent whose last page has closed stays in the queues: a reload, a lost network."""
PAUSE_REASONS: tuple[tuple[str, Text], ...] = (
    ("break", {"en": "Break", "zh": "休息"}),
    ("lunch", {"en": "Lunch", "zh": "午餐"}),
    ("meeting", {"en": "Meeting", "zh": "会议"}),
    ("training", {"en": "Training", "zh": "培训"}),
)
OUTCOME_TITLES: tuple[tuple[Outcome, Text, str], ...] = (
    ("solved", {"en": "Solved", "zh": "已解决"}, "1"),
    ("follow_up", {"en": "Follow up", "zh": "需跟进"}, "2"),
    ("wrong_place", {"en": "Wrong place", "zh": "转错部门"}, "3"),
    ("nobody_there", {"en": "Nobody there", "zh": "无人应答"}, "4"),
)
_GONE: Text = {"en": "That call is not at your desk any more.", "zh": "该通话已不在您的桌面上。"}


class CallBook(Protocol):
    """What the desks need of the switchboard."""

    calls: dict[CallId, LiveCall]

    def note(self, live: LiveCall, agent: AgentId, text: str) -> None:
        """The agent writes something down."""

    def close_contact(
        self, live: LiveCall, agent: AgentId, outcome: str, note: str, follow_up: datetime | None = None
    ) -> None:
        """The agent says how it ended."""


class Deskwork:
    """Implements ``DeskService``; builds cards in memory, never waits between a ring and the screen pop."""

    def __init__(
        self,
        desks: Desks,
        roster: AgentRoster,
        flow: Callable[[], Flow],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        *,
        book: DayBook | None = None,
        openings: Openings | None = None,
        zone: ZoneInfo | None = None,
    ) -> None:
        self._desks = desks
        self._roster = roster
        self._spawn = spawn
        self._book: CallBook | None = None
        self._telephony: Telephony | None = None
        self._moves: Moves | None = None
        self.places = Places(desks, roster, flow, self._calls)
        self.openings = OwnOpenings(flow, openings)
        self.day = Day(desks, roster, flow, spawn, book, zone)
        self.softphone: Callable[[Agent], dict[str, Any] | None] = lambda agent: None
        """What the phone in an agent's page needs; None: they have a desk phone only."""
        self._leaving: dict[AgentId, asyncio.TimerHandle] = {}
        self.settling: Settling | None = None
        """Works out offers for cards; None: there are none."""
        self.pop: Callable[[Card, AgentId], Pop | None] = lambda card, agent: None
        """Where the customer of a card stands in another system's pages."""
        desks.on_presence = self._presence

    def connect(self, book: CallBook, telephony: Telephony, moves: Moves) -> None:
        """Give it the calls and the way to Asterisk, which are built after it."""
        self._book, self._telephony, self._moves = book, telephony, moves
        self.places.outside = moves.outside

    def _calls(self) -> list[LiveCall]:
        return list(self._book.calls.values()) if self._book else []

    # -- what desks are told

    def show(self, live: LiveCall, offer: Offer) -> tuple[Card, int]:
        """Put the card of a call on an agent's desk, or bring it up to date; the card, and how many windows got it."""
        agent = offer.view.agent
        self._ringing(agent, offer.state == "ringing")
        card = self._card(live, offer)
        text = dumps({"type": "card", "card": card_json(card, live.flow, agent, offer.view)})
        if not offer.shown:
            self.places.changed()
        if text == offer.shown:
            return card, self._desks.windows(agent)
        offer.shown = text
        return card, self._desks.tell(agent, text)

    def _card(self, live: LiveCall, offer: Offer) -> Card:
        agent = self._roster.statuses[offer.view.agent].agent
        lines = self.openings.of(agent.id)
        card = card_of(live.ledger, live.flow, offer.view, agent, self._roster.names, lines)
        settle = self.settling.card(live, agent.id) if self.settling else card.settle
        return replace(card, settle=settle, pop=self.pop(card, agent.id))

    def withdraw(self, live: LiveCall, agent: AgentId, reason: str) -> None:
        """Take the card away."""
        self._ringing(agent, False)
        self.day.changed(agent)
        self._desks.tell(agent, dumps({"type": "withdraw", "call": str(live.id), "reason": reason}))

    def _ringing(self, agent: AgentId, ringing: bool) -> None:
        status = self._roster.statuses[agent]
        if status.ringing != ringing:
            status.ringing = ringing
            self.state_changed(status)

    def state_changed(self, status: AgentStatus) -> None:
        """Tell the agent their own state, and everybody how many are free."""
        self._desks.tell(status.agent.id, dumps({"type": "state", **status.json()}))
        self.places.queues_changed()

    def today_changed(self, status: AgentStatus) -> None:
        """Tell the agent their own figures."""
        self._desks.tell(status.agent.id, dumps({"type": "today", "today": today(status)}))
        self.day.changed(status.agent.id)

    def asterisk(self, state: Literal["connected", "lost"]) -> None:
        """Tell everybody whether Asterisk can be reached."""
        self._desks.tell_all(dumps({"type": "asterisk", "state": state}))

    def everything_changed(self) -> None:
        """After a reconnection: everybody's whole state afresh, and those at their desks back into the queues."""
        for agent in self._desks.present():
            self._desks.tell(agent, dumps({"type": "hello", **self.snapshot(agent)}))
            self._spawn(self._join(agent))

    # -- what desks may ask (DeskService)

    def snapshot(self, agent: AgentId) -> dict[str, Any]:
        """The whole present state for one agent."""
        status, calls = self._roster.statuses[agent], self._calls()
        me = status.agent
        self.places.begins(agent)
        return {
            "agent": {
                "id": me.id, "name": me.name, "interface": me.interface,
                "languages": list(me.languages), "queues": list(me.queues),
            },
            "state": status.json(),
            "pause_reasons": [{"id": name, "title": title} for name, title in PAUSE_REASONS],
            "outcomes": [{"id": name, "title": title, "key": key} for name, title, key in OUTCOME_TITLES],
            "cards": [
                card_json(self._card(live, live.offers[agent]), live.flow, agent, live.offers[agent].view)
                for live in calls if agent in live.offers
            ],
            "queues": self.places.queues_of(agent, calls),
            "places": self.places.json(calls),
            "intents": self.places.intents(),
            "today": today(status),
            "history": self.day.history(agent),
            "softphone": self.softphone(me),
            "asterisk": "connected" if self._telephony and self._telephony.connected else "lost",
            "now": stamp(datetime.now(UTC)),
        }  # fmt: skip

    def seen(self, agent: AgentId, call: CallId) -> None:
        """The agent's browser has drawn the card: the end of ring-to-pop, by Asterisk's own time stamp where there is one."""
        live = self._book.calls.get(call) if self._book else None
        offer = live.offers.get(agent) if live else None
        if live is None or offer is None or offer.seen_ms is not None:
            return
        offer.seen_ms = round((datetime.now(UTC) - offer.view.rang_at).total_seconds() * 1000, 1)
        live.seen_ms[agent] = offer.seen_ms
        live.ledger.add(datetime.now(UTC), "seen", f"seen:{offer.view.leg}", agent=agent, ms=offer.seen_ms)

    async def set_state(self, agent: AgentId, state: Literal["available", "paused"], reason: str | None) -> None:
        """Make the agent available or paused in Asterisk's queues."""
        assert self._telephony
        if reason is not None and reason not in {name for name, _ in PAUSE_REASONS}:
            raise Refused({"en": f"“{reason}” is no reason for a pause.", "zh": "没有这个暂停原因。"})
        status = self._roster.statuses[agent]
        if not status.queues:
            await self._telephony.join_queues(status.agent)
        await self._telephony.pause(status.agent.interface, state == "paused", reason)

    async def act(self, agent: AgentId, call: CallId, what: CallAct) -> None:
        """Hold, take back, complete a consultation, bring all together, pick up, hang up."""
        moves = self._moves
        assert moves
        acts: dict[CallAct, Callable[[AgentId, CallId], Awaitable[None]]] = {
            "hold": moves.hold, "resume": moves.resume, "complete": moves.complete, "conference": moves.conference,
            "pick_up": moves.pick_up, "hang_up": moves.hang_up,
        }  # fmt: skip
        await acts[what](agent, call)

    async def transfer(
        self,
        agent: AgentId,
        call: CallId,
        to: Target,
        consult: bool,
        brief: str,
        words: str,
        why: TransferReason | None = None,
    ) -> None:
        """Pass the call on, at once or after asking there."""
        assert self._moves
        way: PassWay = "consult" if consult else "blind"
        await self._moves.transfer(agent, call, to, way, brief.strip(), words.strip(), why=why)

    async def wrong_place(self, agent: AgentId, call: CallId, intent: str, brief: str) -> None:
        """It is about something else: the call moves to where that is solved, with everything that is known."""
        assert self._moves
        _, live = self._offered(agent, call)
        if intent not in live.flow.intents:
            raise Refused({"en": f"There is no reason “{intent}”.", "zh": f"没有“{intent}”这个来电原因。"})
        to = Target("queue", live.flow.queue_of(intent))
        await self._moves.transfer(agent, call, to, "wrong_place", brief.strip(), "", intent)

    async def settle(self, agent: AgentId, call: CallId, offers: tuple[str, ...], accepted: bool) -> None:
        """The caller has said yes or no to offers."""
        _, live = self._offered(agent, call)
        if self.settling is None:
            raise Refused({"en": "Nothing may be offered here.", "zh": "此处没有可提供的方案。"})
        await self.settling.answer(live, agent, offers, accepted)

    async def note(self, agent: AgentId, call: CallId, text: str) -> None:
        """Write something down."""
        book, live = self._offered(agent, call)
        book.note(live, agent, text.strip())

    async def set_opening(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        """How this agent opens; the cards that are open show it at once."""
        await self.openings.put(agent, intent, language, text)
        for live in self._calls():
            if agent in live.offers:
                self.show(live, live.offers[agent])

    async def close_contact(
        self, agent: AgentId, call: CallId, outcome: Outcome, note: str, follow_up: datetime | None = None
    ) -> None:
        """The agent's outcome; ends the wrap-up."""
        book, live = self._offered(agent, call)
        book.close_contact(live, agent, outcome, note.strip(), follow_up)

    def _offered(self, agent: AgentId, call: CallId) -> tuple[CallBook, LiveCall]:
        """A call that stands on this agent's desk and was answered there."""
        live = self._book.calls.get(call) if self._book else None
        offer = live.offers.get(agent) if live else None
        if self._book is None or live is None or offer is None:
            raise Refused(_GONE)
        if offer.state == "ringing":
            raise Refused({"en": "Answer the call first.", "zh": "请先接听。"})
        return self._book, live

    # -- who is at their desk

    def _presence(self, agent: AgentId, present: bool) -> None:
        handle = self._leaving.pop(agent, None)
        if handle:
            handle.cancel()
        if present:
            self._spawn(self._join(agent))
            self.day.changed(agent, 0.0)
        else:
            loop = asyncio.get_running_loop()
            self._leaving[agent] = loop.call_later(DESK_GRACE_S, lambda: self._spawn(self._leave(agent)))

    async def _join(self, agent: AgentId) -> None:
        assert self._telephony
        try:
            await self._telephony.join_queues(self._roster.statuses[agent].agent)
        except Refused as refused:
            # the page shows that Asterisk is away; the next connection brings everybody back
            log.warning("agent not in the queues", agent=agent, problem=str(refused))

    async def _leave(self, agent: AgentId) -> None:
        assert self._telephony
        self._leaving.pop(agent, None)
        try:
            await self._telephony.leave_queues(self._roster.statuses[agent].agent)
        except Refused as refused:
            log.warning("agent still in the queues", agent=agent, problem=str(refused))
