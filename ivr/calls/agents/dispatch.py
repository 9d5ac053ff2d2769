"""Who gets whom while calls wait: what ``core.routing`` chooses is done here, with app_queue beneath it.

While an agent talks or writes up, they are paused in Asterisk for us; when they are done, the best of all waiting calls is
sent to their phone, or they are un-paused and app_queue may ring them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from ivr.calls.agents.members import QueueMembers
from ivr.calls.agents.roster import AgentRoster, AgentStatus, Keeps
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Refused, Telephony
from ivr.core import routing
from ivr.core.caller import AgentId, CallId
from ivr.core.contact.entries import Entry, candidates_facts, changes_facts, reasons_facts
from ivr.core.flow.flow import Flow
from ivr.core.routing import Learnt, Matching, Policy, Situation, Solve, Waiting
from ivr.wire.asterisk import ami

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 1.0
SETTLED_S = 2.0
"""A call that came into its queue just now is app_queue's: it rings whoever is free there."""
APART_S = 60.0
"""For so long a phone that rang in vain is not tried again for the same call."""


@dataclass(slots=True)
class Dispatch:
    """Keeps agents free of rings while they talk and write up, and chooses what they get next."""

    calls: LiveCalls
    roster: AgentRoster
    members: QueueMembers
    telephony: Telephony
    flow: Callable[[], Flow]
    solve: Solve
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    policy: Policy = field(default_factory=Policy)
    learnt: Callable[[], Learnt] = dict
    ring_s: int = 15
    shadow: bool = False
    """Choose and write down, but leave the choice to app_queue."""
    _sent: dict[CallId, datetime] = field(default_factory=dict)
    _turns: defaultdict[AgentId, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """One thing at a time with each agent: who is let go while their pause is still under way would stay paused for ever."""

    # -- what happens

    def noted(self, live: LiveCall, entry: Entry) -> None:
        """An entry was made in a call's ledger."""
        match entry.kind:
            case "agent_answered":
                self._keep(AgentId(entry.facts["agent"]), "call")
            case "agent_done":
                agent = AgentId(entry.facts["agent"])
                if agent in live.ledger.legs.views():
                    self._keep(agent, "wrap_up")
                else:
                    self.ready(agent)
            case "wrapped_up" | "outcome" if not self._talks(AgentId(entry.facts["agent"])):
                self.ready(AgentId(entry.facts["agent"]))
            case _:
                pass

    def _talks(self, agent: AgentId) -> bool:
        return any(leg.agent == agent for live in self.calls.values() for leg in live.ledger.legs.talking)

    def _keep(self, agent: AgentId, why: Keeps) -> None:
        status = self.roster.statuses.get(agent)
        if status and not self.shadow and not self.members.own_pause(status):
            self.spawn(self._pause(status, why))

    async def _pause(self, status: AgentStatus, why: Keeps) -> None:
        try:
            async with self._turns[status.agent.id]:
                await self.members.keep(status, why)
        except Refused as refused:
            log.warning("agent not kept free of rings", agent=status.agent.id, problem=str(refused))

    def ready(self, agent: AgentId) -> None:
        """The agent can take a call: the best that waits, or whatever app_queue has next."""
        status = self.roster.statuses.get(agent)
        if status and not self.shadow:
            self.spawn(self._next(status))

    async def _next(self, status: AgentStatus) -> None:
        async with self._turns[status.agent.id]:
            kept = self.members.keeps(status)
            if self.members.own_pause(status):
                self.members.no_longer(status.agent.id)
                return  # their own pause goes on
            if status.queues:
                await self._send(self._match(status.agent.id))
            if kept:
                await self._let_go(status)

    async def _let_go(self, status: AgentStatus) -> None:
        try:
            await self.members.let_go(status)
        except Refused as refused:
            log.warning("agent not available again", agent=status.agent.id, problem=str(refused))

    async def run(self) -> None:
        """Look again and again: time alone lets rules fall (overflow, language), and app_queue knows nothing of them."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self.telephony.connected:
                try:
                    await self._send(self._match(None))
                except Exception:
                    # app_queue goes on beneath; the next look may do better
                    log.exception("waiting calls not looked at")

    async def take_back(self) -> None:
        """After a (re)connection: whoever is paused for us and has nothing in hand any more is let go."""
        busy = {agent for live in self.calls.values() for agent in live.ledger.legs.views()}
        for status in self.roster.statuses.values():
            if self.members.keeps(status) and status.agent.id not in busy:
                await self._let_go(status)

    # -- choosing

    def _match(self, freed: AgentId | None) -> Matching | None:
        """The best assignment over all that wait and all who are free; ``freed`` is free though Asterisk says paused."""
        now = self.calls.now()
        self._sent = {call: at for call, at in self._sent.items() if (now - at).total_seconds() < self.ring_s}
        waiting = tuple(
            _waiting(live, now, routing.signals_of(live.ledger.caller, self.policy))
            for live in self.calls.values()
            if self._waits(live, now, freed)
        )
        if not waiting:
            return None
        present = tuple(status.presence(freed=status.agent.id == freed) for status in self.roster.statuses.values())
        apart = frozenset(
            (live.id, leg.agent)
            for live in self.calls.values()
            for leg in live.ledger.legs.legs.values()
            if leg.answered_at is None and leg.ended_at and (now - leg.ended_at).total_seconds() < APART_S
        )
        situation = Situation(waiting, present, self.flow(), now, self.policy, self.learnt(), apart)
        return routing.match(situation, self.solve)

    def _waits(self, live: LiveCall, now: datetime, freed: AgentId | None) -> bool:
        """Whether a call stands in a queue and rings nowhere."""
        if live.queued_at is None or live.caller_gone or live.id in self._sent:
            return False
        if any(leg.ringing for leg in live.ledger.legs.legs.values()):
            return False
        return freed is not None or (now - live.queued_at).total_seconds() >= SETTLED_S

    async def _send(self, matching: Matching | None) -> None:
        """Send each chosen call to the phone that was chosen for it."""
        for pair in matching.pairs if matching else ():
            # while the one before was rung, this caller may have hung up, or this agent have left the house
            live, status = self.calls.get(pair.call), self.roster.statuses.get(pair.agent)
            if live is None or status is None or live.caller_gone:
                continue
            self._sent[live.id] = self.calls.now()
            live.ledger.add(
                self.calls.now(), "matched", agent=pair.agent, shadow=self.shadow,
                reasons=reasons_facts(pair.reasons),
            )  # fmt: skip
            if not self.shadow:
                try:
                    await self._ring(live, status)
                except (Refused, ami.Unsafe) as problem:
                    log.warning("call stays with app_queue", call=str(live.id), agent=pair.agent, problem=str(problem))
            # what would have changed it is tried once the phone rings: nobody waits for an explanation
            explained = routing.explain(matching, pair.call)  # type: ignore[arg-type]  # there are pairs
            live.ledger.add(
                self.calls.now(),
                "explained",
                agent=explained.agent,
                candidates=candidates_facts(explained.candidates),
                would_change=changes_facts(explained.would_change),
            )

    async def _ring(self, live: LiveCall, status: AgentStatus) -> None:
        queue = live.flow.queue_or_net(live.place)
        waited = (self.calls.now() - (live.queued_at or self.calls.now())).total_seconds()
        base = live.ledger.decision.priority if live.ledger.decision else 0
        # who is not answered goes back before those who came later
        priority = base + round(waited / self.policy.priority_every_s)
        route = ami.route_value("queue", queue.name, priority, status.agent.interface, self.ring_s, queue.timeout_s)
        await self.telephony.set_variables(live.channel, {"IVR_ROUTE": route})
        await self.telephony.redirect(live.channel, "ivr-in,onward")


def _waiting(live: LiveCall, now: datetime, signals: tuple[routing.Signal, ...]) -> Waiting:
    """A live call as routing sees it."""
    ledger, legs = live.ledger, live.ledger.legs
    last = legs.passed[-1] if legs.passed else None
    return Waiting(
        live.id, ledger.caller, ledger.language, live.queued_at or now, ledger.began, live.place, ledger.intent,
        ledger.confidence, ledger.hand_over.cause if ledger.hand_over else "patience", frozenset(legs.had_it),
        AgentId(last.to) if last and last.kind == "agent" else None, signals,
    )  # fmt: skip
