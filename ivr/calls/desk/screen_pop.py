"""The screen pop: keeps every desk in step with the ledgers, and counts how often a card was complete at its ring."""

from __future__ import annotations

import asyncio
from collections import Counter

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.desk.desk import AgentDesk
from ivr.calls.live import LiveCall, Offer
from ivr.calls.live_calls import LiveCalls
from ivr.core.caller import AgentId
from ivr.core.contact.entries import Entry, EventKind
from ivr.core.contact.legs import DeskView

MOVES: frozenset[EventKind] = frozenset({
    "agent_ringing", "agent_missed", "agent_answered", "agent_done", "outside_ringing", "outside_answered", "outside_done",
    "held", "resumed", "passed_on", "pass_failed", "conference", "parked",
    "note", "settled", "outcome", "wrapped_up", "hung_up", "looked_up", "called_back",
})  # fmt: skip
"""What can change a card that somebody has."""
LINES: frozenset[EventKind] = frozenset({"queued", "unqueued", "parked", "hung_up"})
"""What can change who waits."""
DAYS: frozenset[EventKind] = frozenset({"agent_done", "outcome"})
"""What changes somebody's day, which is then read from the record once more."""


class ScreenPop:
    """What stands on which desk, made anew from a call's ledger whenever something in it has moved."""

    def __init__(self, desk: AgentDesk, roster: AgentRoster, calls: LiveCalls, wrap_up_s: float) -> None:
        self._desk = desk
        self._roster = roster
        self._calls = calls
        self._wrap_up_s = wrap_up_s
        self.rings = 0
        self.complete = 0
        self.missed_out: Counter[str] = Counter()
        """What was missing on cards that were not complete."""

    def noted(self, live: LiveCall, entry: Entry) -> None:
        """An entry was made; whatever it changes is on the desks before anybody else hears of it."""
        if entry.kind in MOVES:
            self.sync(live)
        if entry.kind in DAYS:
            self._desk.day.changed(AgentId(entry.facts["agent"]))
        if entry.kind in LINES:
            self._desk.transfer_targets.queues_changed()

    def sync(self, live: LiveCall) -> None:
        """Bring all desks up to date with one call."""
        views = live.ledger.legs.views()
        for agent in [agent for agent in live.offers if agent not in views]:
            self._take_away(live, agent)
        for agent, view in views.items():
            if agent in self._roster.statuses:  # else somebody who does not work here any more
                self._show(live, agent, view)

    def _take_away(self, live: LiveCall, agent: AgentId) -> None:
        offer = live.offers.pop(agent)
        leg = live.ledger.legs.legs.get(offer.view.leg)
        reason = "closed" if leg is None or leg.answered_at or leg.why is None else leg.why
        self._desk.withdraw(live, agent, reason)

    def _show(self, live: LiveCall, agent: AgentId, view: DeskView) -> None:
        offer = live.offers.get(agent)
        now = asyncio.get_running_loop().time()
        if offer is None or offer.view.leg != view.leg:
            offer = live.offers[agent] = Offer(view, now)
            self._popped(live, offer)
        else:
            before, offer.view = offer.view, view
            if before.state == "ringing" and view.state == "connected":
                offer.pop_before_answer_ms = round((now - offer.told_at) * 1000, 1)
                live.pop_before_answer_ms = live.pop_before_answer_ms or offer.pop_before_answer_ms
            if before.state != "wrap_up" and view.state == "wrap_up":
                self._wait_for_the_outcome(live, agent, view)
            self._desk.show(live, offer)

    def _popped(self, live: LiveCall, offer: Offer) -> None:
        """A card that was not there before: at a ring, or where somebody has picked it up."""
        view = offer.view
        card, windows = self._desk.show(live, offer)
        if view.state == "wrap_up":  # found again after a restart
            self._wait_for_the_outcome(live, view.agent, view)
            return
        lacks = [*card.missing, *([] if windows else ["window"])]
        self.rings += 1
        self.complete += not lacks
        self.missed_out.update(lacks)
        live.ledger.add(
            self._calls.now(), "carded", f"carded:{view.leg}", leg=view.leg, agent=view.agent, missing=lacks
        )

    def _wait_for_the_outcome(self, live: LiveCall, agent: AgentId, view: DeskView) -> None:
        passed = (self._calls.now() - (view.ended_at or self._calls.now())).total_seconds()
        left_s = max(self._wrap_up_s - passed, 0.0)
        asyncio.get_running_loop().call_later(left_s, self._wrap_up_over, live, agent, view.leg)

    def _wrap_up_over(self, live: LiveCall, agent: AgentId, leg: str) -> None:
        offer = live.offers.get(agent)
        if offer and offer.state == "wrap_up" and offer.view.leg == leg:
            live.ledger.add(self._calls.now(), "wrapped_up", agent=agent)
