"""What speaks for a pair of call and agent: the call's priority and the agent's claim, addend by addend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.caller import AgentId, AgentState, Caller, PastContact
from ivr.core.card import Text
from ivr.core.flow import REPEAT_WITHIN_H, Flow
from ivr.core.routing import reasons as say
from ivr.core.routing.parties import Presence, Situation, Waiting
from ivr.core.routing.policy import POINT, Policy
from ivr.core.routing.reasons import PRIORITY, Reason, heaviest_first, reason, total
from ivr.core.routing.rules import Access, Barrier, keeps


@dataclass(frozen=True, slots=True)
class Candidate:
    """One agent for one call, with what speaks for them and what forbids it."""

    agent: AgentId
    name: str
    score: float
    """The sum of the reasons."""
    reasons: tuple[Reason, ...]
    """Heaviest first; those of the call itself are among them."""
    state: AgentState = "available"
    barrier: Barrier | None = None
    """The hard rule that forbids it; None: none does."""
    shadow: Reason | None = None
    """What has been learnt and is not counted (``learn = "shadow"``)."""

    @property
    def can(self) -> bool:
        """Whether this agent could have the call now."""
        return self.state == "available" and self.barrier is None

    @property
    def claim(self) -> float:
        """The part of the score that is the agent's, not the call's."""
        return total(r for r in self.reasons if r.kind not in PRIORITY)

    def hindrance(self, presence: Presence) -> Text | None:
        """Why they do not get it, in words: the rule, or what keeps them."""
        if self.barrier:
            return self.barrier.text
        return None if self.state == "available" else keeps(presence)


def candidate(situation: Situation, access: Access, priority: tuple[Reason, ...], presence: Presence) -> Candidate:
    """One agent's candidature for one call."""
    call, agent = access.call, presence.agent
    barrier = Barrier(_APART) if (call.call, agent.id) in situation.apart else access.barrier(agent)
    claims = list(_claims(situation, call, presence))
    learnt = _learnt(situation, call, presence)
    counted = situation.policy.learn == "on"
    if learnt and counted:
        claims.append(learnt)
    found = heaviest_first((*claims, *priority))
    shadow = learnt if situation.policy.learn == "shadow" else None
    return Candidate(agent.id, agent.name, total(found), found, presence.state, barrier, shadow)


def priority(call: Waiting, policy: Policy, now: datetime) -> tuple[Reason, ...]:
    """The call's own reasons: what puts it before others with every agent, a tenth of its points each."""
    caller, made = call.caller, []
    tier = caller.customer.tier if caller.customer else "standard"
    if points := policy.tier_points(tier):
        made.append(reason("tier", say.customer(tier), points * POINT))
    if policy.priority_repeat and repeats(caller, now):
        made.append(reason("repeat", say.REPEAT, policy.priority_repeat * POINT))
    if call.had_by and policy.priority_passed_on:
        times = len(call.had_by)
        made.append(reason("passed_on", say.passed_on(times), times * policy.priority_passed_on * POINT))
    made += [reason("signal", signal.text, signal.points * POINT) for signal in call.signals if signal.points]
    waited = call.waited_s(now)
    made.append(reason("waited", say.waited(waited), waited / policy.priority_every_s * POINT))
    return tuple(r for r in made if r.value)


def points(reasons: Iterable[Reason]) -> int:
    """The priority that reasons make, in whole points (app_queue's QUEUE_PRIO); never below 0."""
    return max(round(total(r for r in reasons if r.kind in PRIORITY) / POINT), 0)


def repeats(caller: Caller, now: datetime) -> bool:
    """Whether the last call was less than 24 hours ago and nobody called it solved."""
    last = next((c for c in caller.contacts if c.channel == "phone"), None)
    return last is not None and not last.solved and now - last.at <= timedelta(hours=REPEAT_WITHIN_H)


def last_solver(caller: Caller, intent: str | None, days: int, now: datetime) -> PastContact | None:
    """The last contact that an agent solved, of the same intent where there is one."""
    solved = [c for c in caller.contacts if c.solved and c.agent and now - c.at <= timedelta(days=days)]
    return next((c for c in solved if c.intent == intent), solved[0] if solved else None)


def open_case_weight(policy: Policy, case_intent: str | None, intent: str | None) -> float:
    """What an open case is worth: all of it for the same matter, or where nothing else is known; else a third."""
    return policy.open_case_weight if intent is None or case_intent == intent else policy.open_case_weight / 3


def _claims(situation: Situation, call: Waiting, presence: Presence) -> Iterable[Reason]:
    """What speaks for this agent, learning aside."""
    policy, flow, now, agent = situation.policy, situation.flow, situation.now, presence.agent
    if agent.id == call.meant_for:
        yield reason("meant_for", say.MEANT_FOR, policy.meant_for_weight)
    if call.language in agent.languages and policy.language_weight:
        yield reason("language", say.SPEAKS[call.language], policy.language_weight)
    solver = last_solver(call.caller, call.intent, policy.last_solver_days, now) if policy.last_solver_weight else None
    if solver and solver.agent == agent.id:
        yield reason("last_solver", say.solved_by(agent.name), policy.last_solver_weight)
    case = _open_case(situation, call, agent.queues)
    if case and case.value:
        yield case
    intent = flow.intents.get(call.intent or "")
    if intent and intent.skill and policy.skill_weight and agent.skills.get(intent.skill):
        level = agent.skills[intent.skill]
        yield reason("skill", say.skilled(intent.skill, level), policy.skill_weight * level / 10)
    customer = call.caller.customer
    if customer and customer.region and customer.region == agent.region and policy.region_weight:
        yield reason("region", say.same_region(customer.region), policy.region_weight)
    idle_s = max((now - presence.since).total_seconds(), 0.0) if presence.state == "available" else 0.0
    longest = reason("idle", say.idle(idle_s), idle_s / policy.idle_every_s * POINT)
    if longest.value:
        yield longest


def _open_case(situation: Situation, call: Waiting, queues: tuple[str, ...]) -> Reason | None:
    """The heaviest of the caller's open cases that this agent's teams have."""
    flow: Flow = situation.flow
    intent = call.intent if call.intent in flow.intents else None
    found = [
        reason("open_case", say.open_case(c.id, flow.queues[c.queue].title), open_case_weight(situation.policy, c.intent, intent))
        for c in call.caller.open_cases
        if c.queue in flow.queues and c.queue in queues
    ]  # fmt: skip
    return max(found, key=lambda r: r.value, default=None)


def _learnt(situation: Situation, call: Waiting, presence: Presence) -> Reason | None:
    """What has been learnt of this agent and this matter, where it makes a difference."""
    intent = situation.flow.intents.get(call.intent or "")
    if intent is None or situation.policy.learn == "off":
        return None
    estimate = situation.learnt.get((presence.agent.id, intent.name))
    if estimate is None:
        return None
    found = reason(
        "learnt", estimate.compared(presence.agent.name, intent.title), situation.policy.learnt_weight * estimate.lead
    )
    return found if found.value else None


_APART: Text = {"en": "has just been tried in vain", "zh": "刚才未能接听"}
