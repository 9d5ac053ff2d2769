"""What speaks for a pair of call and agent: the call's priority and the agent's claim, addend by addend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from ivr.core.caller import AgentId, AgentState, Caller, PastContact
from ivr.core.flow.intent import Intent
from ivr.core.routing import reasons as say
from ivr.core.routing.parties import Presence, Situation, Waiting
from ivr.core.routing.policy import POINT, Policy
from ivr.core.routing.reasons import PRIORITY, Reason, heaviest_first, reason, total
from ivr.core.routing.rules import Access, Barrier, access
from ivr.core.texts import text

EMERGENCY_POINTS = 500
"""More than tier, history and any wait come to."""


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


@dataclass(frozen=True, slots=True)
class Profile:
    """One call as all agents are measured against it: whatever of a candidature is the same for everybody."""

    call: Waiting
    access: Access
    priority: tuple[Reason, ...]
    intent: Intent | None
    solver: AgentId | None
    """Who solved it last time."""
    cases: tuple[tuple[str, Reason], ...]
    """The teams that have an open case of the caller, the heaviest first."""
    region: str | None


def profile(situation: Situation, call: Waiting, queue: str | None = None) -> Profile:
    """Read a call once for all agents; ``queue`` is where it would stand, if that is not where it stands."""
    policy, flow, now = situation.policy, situation.flow, situation.now
    intent = flow.intents.get(call.intent or "")
    solved = last_solver(call.caller, call.intent, policy.last_solver_days, now)
    cases = [
        (c.queue, reason("open_case", say.open_case(c.id, flow.queues[c.queue].title), case_weight(policy, c.intent, intent)))
        for c in call.caller.open_cases
        if c.queue in flow.queues
    ]  # fmt: skip
    return Profile(
        call, access(situation, call, queue), priority(call, policy, now), intent,
        solver=solved.agent if solved else None,
        cases=tuple(sorted(cases, key=lambda case: (-case[1].value, case[0], case[1].label["en"]))),
        region=call.caller.customer.region if call.caller.customer else None,
    )  # fmt: skip


def candidate(situation: Situation, known: Profile, presence: Presence) -> Candidate:
    """One agent's candidature for one call."""
    agent = presence.agent
    apart = (known.call.call, agent.id) in situation.apart
    barrier = Barrier(_APART) if apart else known.access.barrier(agent)
    claims = [r for r in _claims(situation, known, presence) if r.value]
    learnt = _learnt(situation, known, presence)
    if learnt and situation.policy.learn == "on":
        claims.append(learnt)
    found = heaviest_first((*claims, *known.priority))
    shadow = learnt if situation.policy.learn == "shadow" else None
    return Candidate(agent.id, agent.name, total(found), found, presence.state, barrier, shadow)


def priority(call: Waiting, policy: Policy, now: datetime) -> tuple[Reason, ...]:
    """The call's own reasons: what puts it before others with every agent, a tenth of its points each."""
    caller, made = call.caller, []
    tier = caller.customer.tier if caller.customer else "standard"
    made.append(reason("tier", say.customer(tier), policy.tier_points(tier) * POINT))
    # judged by when the call came in, so that nobody loses it by waiting; whom we call back has not called again
    if call.cause != "call_back" and caller.last_unsolved_call(call.entered):
        made.append(reason("repeat", say.REPEAT, policy.priority_repeat * POINT))
    if call.cause == "emergency":
        made.append(reason("emergency", say.EMERGENCY, EMERGENCY_POINTS * POINT))
    times = len(call.had_by)
    made.append(reason("passed_on", say.passed_on(times), times * policy.priority_passed_on * POINT))
    made += [reason("signal", signal.text, signal.points * POINT) for signal in call.signals]
    waited = call.waited_s(now)
    made.append(reason("waited", say.waited(waited), waited / policy.priority_every_s * POINT))
    return tuple(r for r in made if r.value)


def points(reasons: Iterable[Reason]) -> int:
    """The priority that reasons make, in whole points (app_queue's QUEUE_PRIO); never below 0."""
    return max(round(total(r for r in reasons if r.kind in PRIORITY) / POINT), 0)


def last_solver(caller: Caller, intent: str | None, days: int, now: datetime) -> PastContact | None:
    """The last contact that an agent solved, of the same intent where there is one."""
    solved = [c for c in caller.contacts if c.solved and c.agent and now - c.at <= timedelta(days=days)]
    return next((c for c in solved if c.intent == intent), solved[0] if solved else None)


def case_weight(policy: Policy, case_intent: str | None, intent: Intent | None) -> float:
    """What an open case is worth: all of it for the same matter, or where nothing else is known; else a third."""
    same = intent is None or case_intent == intent.name
    return policy.open_case_weight if same else policy.open_case_weight / 3


def _claims(situation: Situation, known: Profile, presence: Presence) -> Iterator[Reason]:
    """What speaks for this agent, learning aside."""
    policy, agent, language = situation.policy, presence.agent, known.call.language
    if agent.id == known.call.meant_for:
        yield reason("meant_for", say.MEANT_FOR, policy.meant_for_weight)
    if language in agent.languages:
        yield reason("language", say.SPEAKS[language], policy.language_weight)
    if agent.id == known.solver:
        yield reason("last_solver", say.solved_by(agent.name), policy.last_solver_weight)
    yield from islice((case for queue, case in known.cases if queue in agent.queues), 1)
    skill = known.intent.skill if known.intent else None
    if skill and skill in agent.skills:
        level = agent.skills[skill]
        yield reason("skill", say.skilled(skill, level), policy.skill_weight * level / 10)
    if known.region and known.region == agent.region:
        yield reason("region", say.same_region(known.region), policy.region_weight)
    if presence.state == "available":
        idle_s = max((situation.now - presence.since).total_seconds(), 0.0)
        yield reason("idle", say.idle(idle_s), idle_s / policy.idle_every_s * POINT)


def _learnt(situation: Situation, known: Profile, presence: Presence) -> Reason | None:
    """What has been learnt of this agent and this matter, where it makes a difference."""
    policy, agent, intent = situation.policy, presence.agent, known.intent
    estimate = situation.learnt.get((agent.id, intent.name)) if intent and policy.learn != "off" else None
    if estimate is None or intent is None:
        return None
    found = reason("learnt", estimate.compared(agent.name, intent.title), policy.learnt_weight * estimate.lead)
    return found if found.value else None


_APART = text("routing.barrier.apart")
