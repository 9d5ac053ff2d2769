"""What desks are told and what they may ask: the switchboard's side towards the agents' pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal

import structlog

from ivr.calls.agents.call_control import CallControl
from ivr.calls.agents.members import QueueMembers
from ivr.calls.agents.roster import AgentRoster, AgentStatus
from ivr.calls.agents.settling import Settling
from ivr.calls.desk.own_day import Day, today
from ivr.calls.desk.own_openings import OwnOpenings
from ivr.calls.desk.ports import CallAct, DayBook, Outcome
from ivr.calls.desk.transfer_targets import TransferTargets
from ivr.calls.desk.windows import Desks
from ivr.calls.live import LiveCall, Offer
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Refused, Target
from ivr.core.caller import Agent, AgentId, CallId
from ivr.core.card import Card, Pop
from ivr.core.contact.card_of import card_of
from ivr.core.contact.legs import PassWay
from ivr.core.flow.flow import Flow
from ivr.core.language import Language, Text
from ivr.core.routing.learning import TransferReason
from ivr.core.texts import family, text
from ivr.wire.card_json import card_json, dumps, stamp

log = structlog.get_logger(__name__)
DESK_GRACE_S = 45.0
"""How long an agent whose last page has closed stays in the queues: a reload, a lost network."""
PAUSE_REASONS = tuple(family("calls.pause").items())
OUTCOME_TITLES: tuple[tuple[Outcome, Text, str], ...] = (
    ("solved", text("calls.outcome.solved"), "1"),
    ("follow_up", text("calls.outcome.follow_up"), "2"),
    ("wrong_place", text("calls.outcome.wrong_place"), "3"),
    ("nobody_there", text("calls.outcome.nobody_there"), "4"),
)
_GONE = text("calls.desk.gone")


class AgentDesk:
    """Implements ``DeskService``; builds cards in memory, never waits between a ring and the screen pop."""

    def __init__(
        self,
        desks: Desks,
        roster: AgentRoster,
        calls: LiveCalls,
        flow: Callable[[], Flow],
        members: QueueMembers,
        call_control: CallControl,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        *,
        offers: Settling | None = None,
        openings: OwnOpenings | None = None,
        book: DayBook | None = None,
        zone: tzinfo = UTC,
        softphone: Callable[[Agent], dict[str, Any] | None] = lambda agent: None,
        pop: Callable[[Card, AgentId], Pop | None] = lambda card, agent: None,
    ) -> None:
        """``offers`` works out offers for cards, none: there are none; ``softphone`` is what the phone in an agent's page needs,
        None: they have a desk phone only; ``pop`` is where the customer of a card stands in another system's pages.
        """
        self._desks = desks
        self._roster = roster
        self._calls = calls
        self._members = members
        self._call_control = call_control
        self._spawn = spawn
        self._offers = offers
        self._softphone = softphone
        self._pop = pop
        self.transfer_targets = TransferTargets(desks, roster, flow, calls, call_control.outside)
        self.openings = openings or OwnOpenings(flow, None)
        self.day = Day(desks, roster, flow, spawn, book, zone, calls.now)
        self._leaving: dict[AgentId, asyncio.TimerHandle] = {}
        desks.subscribe(self._presence)
        roster.subscribe(self.state_changed, self.today_changed)

    # -- what desks are told

    def show(self, live: LiveCall, offer: Offer) -> tuple[Card, int]:
        """Put the card of a call on an agent's desk, or bring it up to date; the card, and how many windows got it."""
        agent = offer.view.agent
        card = self._card(live, offer)
        text = dumps({"type": "card", "card": card_json(card, live.flow, agent, offer.view)})
        if not offer.shown:
            self.transfer_targets.changed()
        if text == offer.shown:
            return card, self._desks.windows(agent)
        offer.shown = text
        return card, self._desks.tell(agent, text)

    def _card(self, live: LiveCall, offer: Offer) -> Card:
        agent = self._roster.statuses[offer.view.agent].agent
        lines = self.openings.of(agent.id)
        card = card_of(live.ledger, live.flow, offer.view, agent, self._roster.names, lines)
        settle = self._offers.card(live, agent.id) if self._offers else card.settle
        return replace(card, settle=settle, pop=self._pop(card, agent.id))

    def withdraw(self, live: LiveCall, agent: AgentId, reason: str) -> None:
        """Take the card away."""
        self.day.changed(agent)
        self._desks.tell(agent, dumps({"type": "withdraw", "call": str(live.id), "reason": reason}))

    def state_changed(self, status: AgentStatus) -> None:
        """Tell the agent their own state, and everybody how many are free."""
        self._desks.tell(status.agent.id, dumps({"type": "state", **status.json()}))
        self.transfer_targets.queues_changed()

    def today_changed(self, status: AgentStatus) -> None:
        """Tell the agent their own figures."""
        self._desks.tell(status.agent.id, dumps({"type": "today", "today": today(status)}))

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
        status = self._roster.statuses[agent]
        me = status.agent
        self.transfer_targets.begins(agent)
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
                for live in self._calls.values() if agent in live.offers
            ],
            "queues": self.transfer_targets.queues_of(agent),
            "places": self.transfer_targets.json(),
            "intents": self.transfer_targets.intents(),
            "today": today(status),
            "history": self.day.history(agent),
            "softphone": self._softphone(me),
            "asterisk": "connected" if self._members.telephony.connected else "lost",
            "now": stamp(self._calls.now()),
        }  # fmt: skip

    def seen(self, agent: AgentId, call: CallId) -> None:
        """The agent's browser has drawn the card: the end of ring-to-pop, by Asterisk's own time stamp where there is one."""
        live = self._calls.get(call)
        offer = live.offers.get(agent) if live else None
        if live is None or offer is None or offer.seen_ms is not None:
            return
        offer.seen_ms = round((self._calls.now() - offer.view.rang_at).total_seconds() * 1000, 1)
        live.seen_ms[agent] = offer.seen_ms
        live.ledger.add(self._calls.now(), "seen", f"seen:{offer.view.leg}", agent=agent, ms=offer.seen_ms)

    async def set_state(self, agent: AgentId, state: Literal["available", "paused"], reason: str | None) -> None:
        """Make the agent available or paused in Asterisk's queues."""
        if reason is not None and reason not in {name for name, _ in PAUSE_REASONS}:
            raise Refused(text("calls.desk.no_pause", reason=reason))
        status = self._roster.statuses[agent]
        if not status.queues:
            await self._members.join_queues(status.agent)
        await self._members.pause(status.agent, state == "paused", reason)
        if state == "available" and status.unreachable:
            raise Refused(text("calls.desk.no_phone", phone=status.agent.interface))

    async def act(self, agent: AgentId, call: CallId, what: CallAct) -> None:
        """Hold, take back, complete a consultation, bring all together, pick up, hang up."""
        call_control = self._call_control
        acts: dict[CallAct, Callable[[AgentId, CallId], Awaitable[None]]] = {
            "hold": call_control.hold,
            "resume": call_control.resume,
            "complete": call_control.complete,
            "conference": call_control.conference,
            "pick_up": call_control.pick_up,
            "hang_up": call_control.hang_up,
        }
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
        way: PassWay = "consult" if consult else "blind"
        await self._call_control.transfer(agent, call, to, way, brief.strip(), words.strip(), why=why)

    async def wrong_place(self, agent: AgentId, call: CallId, intent: str, brief: str) -> None:
        """It is about something else: the call moves to where that is solved, with everything that is known."""
        live = self._offered(agent, call)
        if intent not in live.flow.intents:
            raise Refused(text("calls.no_such_reason", intent=intent))
        to = Target("queue", live.flow.queue_of(intent))
        await self._call_control.transfer(agent, call, to, "wrong_place", brief.strip(), "", intent)

    async def settle(self, agent: AgentId, call: CallId, offers: tuple[str, ...], accepted: bool) -> None:
        """The caller has said yes or no to offers."""
        live = self._offered(agent, call)
        if self._offers is None:
            raise Refused(text("calls.desk.no_offers"))
        await self._offers.answer(live, agent, offers, accepted)

    async def note(self, agent: AgentId, call: CallId, text: str) -> None:
        self._calls.note(self._offered(agent, call), agent, text.strip())

    async def set_opening(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        """How this agent opens; the cards that are open show it at once."""
        await self.openings.put(agent, intent, language, text)
        for live in list(self._calls.values()):
            if agent in live.offers:
                self.show(live, live.offers[agent])

    async def close_contact(
        self, agent: AgentId, call: CallId, outcome: Outcome, note: str, follow_up: datetime | None = None
    ) -> None:
        """The agent's outcome; ends the wrap-up."""
        self._calls.wrap_up(self._offered(agent, call), agent, outcome, note.strip(), follow_up)

    def _offered(self, agent: AgentId, call: CallId) -> LiveCall:
        """A call that stands on this agent's desk and was answered there."""
        live = self._calls.get(call)
        offer = live.offers.get(agent) if live else None
        if live is None or offer is None:
            raise Refused(_GONE)
        if offer.state == "ringing":
            raise Refused(text("calls.desk.answer_first"))
        return live

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

    def expect(self, agents: Iterable[AgentId]) -> None:
        """An earlier run brought these into the queues: who does not come back to their desk is taken out again."""
        for agent in agents:
            if agent not in self._desks.present() and agent not in self._leaving:
                self._presence(agent, False)

    async def _join(self, agent: AgentId) -> None:
        try:
            await self._members.join_queues(self._roster.statuses[agent].agent)
        except Refused as refused:
            # the page shows that Asterisk is away; the next connection brings everybody back
            log.warning("agent not in the queues", agent=agent, problem=str(refused))

    async def _leave(self, agent: AgentId) -> None:
        self._leaving.pop(agent, None)
        try:
            await self._members.leave_queues(self._roster.statuses[agent].agent)
        except Refused as refused:
            log.warning("agent still in the queues", agent=agent, problem=str(refused))
