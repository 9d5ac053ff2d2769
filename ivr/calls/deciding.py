"""Where a call goes, and why; and Asterisk told of it."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.clock import Clock
from ivr.calls.live import LiveCall
from ivr.calls.ports import Refused, Telephony
from ivr.core import routing
from ivr.core.contact.entries import decision_facts
from ivr.core.contact.ledger import confidence
from ivr.core.dialogue.messages import HandOver
from ivr.core.flow.flow import Flow
from ivr.core.routing import Decision, Learnt, Policy, Situation, Waiting
from ivr.wire.asterisk import ami

log = structlog.get_logger(__name__)


class Decisions:
    """Decides for one call at a time; ``agents.dispatch`` then chooses over all that wait."""

    def __init__(
        self,
        roster: AgentRoster,
        telephony: Telephony,
        now: Clock,
        policy: Policy | None = None,
        learnt: Callable[[], Learnt] = dict,
        ring_s: int = 15,
        shadow: bool = False,
    ) -> None:
        """With ``shadow`` decisions are made and recorded, and app_queue chooses by itself within the queue."""
        self._roster = roster
        self._telephony = telephony
        self._now = now
        self._policy = policy or Policy()
        self._learnt = learnt
        self._ring_s = ring_s
        self._shadow = shadow

    def decide(self, live: LiveCall, hand_over: HandOver) -> None:
        """Where the call goes, and why."""
        ledger, now = live.ledger, self._now()
        sure = confidence(hand_over, ledger.understood)
        call = Waiting(
            live.id, ledger.caller, ledger.language, now, ledger.began, hand_over.queue, hand_over.intent, sure, hand_over.cause,
            signals=routing.signals_of(ledger.caller, self._policy),
        )  # fmt: skip
        present = tuple(status.presence() for status in self._roster.statuses.values())
        situation = Situation((call,), present, live.flow, now, self._policy, self._learnt())
        ledger.add(now, "decided", **decision_facts(routing.place(situation, call), hand_over))

    async def send(self, live: LiveCall) -> None:
        """Tell Asterisk where a call goes on that was decided on."""
        decision = live.ledger.decision
        assert decision
        await self.route(live, self._route_value(live.flow, decision))
        live.ledger.add(self._now(), "handed_over", queue=decision.queue, agent=decision.agent, shadow=self._shadow)

    def route_value(self, live: LiveCall) -> str:
        """What the dialplan is told of where a call goes that was decided on."""
        assert live.ledger.decision
        return self._route_value(live.flow, live.ledger.decision)

    def _route_value(self, flow: Flow, decision: Decision) -> str:
        queue = flow.queues[decision.queue]
        if self._shadow:
            return ami.route_value("queue", queue.name, 0, "", self._ring_s, queue.timeout_s)
        status = self._roster.statuses.get(decision.agent) if decision.agent else None
        interface = status.agent.interface if status else ""
        ring_s = self._ring_s
        try:
            return ami.route_value("queue", queue.name, decision.priority, interface, ring_s, queue.timeout_s)
        except ami.Unsafe as problem:
            log.warning("agent not rung first, the queue chooses", agent=decision.agent, problem=str(problem))
            return ami.route_value("queue", queue.name, decision.priority, "", ring_s, queue.timeout_s)

    async def route(self, live: LiveCall, value: str) -> None:
        """Set where the dialplan goes on; when that cannot be said, the fallback queue is where it goes."""
        try:
            await self._telephony.set_variables(live.channel, {"IVR_ROUTE": value})
        except (Refused, ami.Unsafe) as problem:
            log.warning("route not set, caller goes to the fallback queue", call=str(live.id), problem=str(problem))
            live.ledger.add(self._now(), "problem", what=f"route not set: {problem}")
