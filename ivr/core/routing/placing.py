"""One call at its hand-over: which queue, which place in the line, whose phone is rung first, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ivr.core.caller import AgentId
from ivr.core.card import Share
from ivr.core.routing import changes, rules, scoring
from ivr.core.routing import reasons as say
from ivr.core.routing.changes import MOST_CANDIDATES, MOST_CHANGES, RULES_TOO, Change
from ivr.core.routing.parties import Presence, Situation, Waiting
from ivr.core.routing.reasons import Reason, heaviest_first, reason, total
from ivr.core.routing.scoring import Candidate

NET_WEIGHT = 0.05
WITHOUT_REASON_WEIGHT = 0.25
"""Light enough for an open case to lead to the team that has it."""


@dataclass(frozen=True, slots=True)
class Option:
    """One place the call could go, with what speaks for it."""

    queue: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the call goes: the queue, its place in the line, and who is rung first."""

    queue: str
    priority: int
    """app_queue's QUEUE_PRIO: higher is answered sooner."""
    agent: AgentId | None
    """Rung first, when free; None: the queue chooses."""
    reasons: tuple[Share, ...]
    runner_up: Option | None
    candidates: tuple[Candidate, ...] = ()
    """The queue's agents, those who could have the call first, the best first; eight at most."""
    would_change: tuple[Change, ...] = ()
    """What would have led elsewhere, each of it tried."""


def place(situation: Situation, call: Waiting) -> Decision:
    """Choose queue, priority and preferred agent; pure, so that any decision can be explained and replayed."""
    best, *others = options(situation, call)
    candidates = _candidates(situation, call, best.queue, situation.present)
    first = _preferred(situation, candidates)
    claims = first.reasons if first else ()
    raised = tuple(r for r in scoring.priority(call, situation.policy, situation.now) if r.kind != "waited")
    return Decision(
        queue=best.queue,
        priority=scoring.points(raised),
        agent=first.agent if first else None,
        reasons=heaviest_first((*best.reasons, *claims, *raised)),
        runner_up=others[0] if others else None,
        candidates=tuple(sorted(candidates, key=lambda c: (not c.can, -c.score, c.agent)))[:MOST_CANDIDATES],
        would_change=tuple(islice(_changes(situation, call, best, candidates, first), MOST_CHANGES)),
    )


def options(situation: Situation, call: Waiting, less: Reason | None = None) -> list[Option]:
    """The places the call could go, best first; ``less`` is a reason taken away, to see what it has decided.

    A queue that is closed is replaced by the one that takes its calls meanwhile.
    """
    flow, now = situation.flow, situation.now
    scores: dict[str, list[Reason]] = {}
    for queue, why in _speaks_for(situation, call):
        if why != less:
            scores.setdefault(queue, []).append(why)
    found: dict[str, Option] = {}
    for queue, shares in sorted(
        scores.items(), key=lambda one: (-total(one[1]), one[0] != flow.fallback_queue, one[0])
    ):
        where = rules.open_queue(flow, queue, now)
        shut = () if where == queue else (reason("closed", say.closed(flow.queues[queue].title), 0.0),)
        found.setdefault(where, Option(where, total(shares), (*shares, *shut)))
    return list(found.values())


def _speaks_for(situation: Situation, call: Waiting) -> Iterator[tuple[str, Reason]]:
    flow, policy = situation.flow, situation.policy
    yield flow.fallback_queue, reason("net", say.NET, NET_WEIGHT)
    intent = flow.intents.get(call.intent or "")
    if intent is None and call.cause in say.WITHOUT_REASON:
        yield flow.fallback_queue, reason("without_reason", say.WITHOUT_REASON[call.cause], WITHOUT_REASON_WEIGHT)
    if call.queue in flow.queues:
        yield call.queue, reason("insisted", say.INSISTED, 1.0)
    if intent and intent.queue:
        yield intent.queue, reason("intent", say.asked_about(call.cause, intent.title), round(call.confidence, 2))
    for case in call.caller.open_cases:
        weight = scoring.case_weight(policy, case.intent, intent)
        if case.queue in flow.queues and weight:
            yield case.queue, reason("open_case", say.open_case(case.id, flow.queues[case.queue].title), weight)


def _candidates(situation: Situation, call: Waiting, queue: str, present: Sequence[Presence]) -> list[Candidate]:
    """The queue's agents, and whoever the call is meant for. What an open case is worth, the queue has had already."""
    within = replace(situation, policy=replace(situation.policy, open_case_weight=0.0))
    known = replace(scoring.profile(within, call, queue), priority=())
    return [
        scoring.candidate(within, known, presence)
        for presence in present
        if queue in presence.agent.queues or presence.agent.id == call.meant_for
    ]


def _preferred(situation: Situation, candidates: list[Candidate]) -> Candidate | None:
    """The free agent with the strongest claim, if any claim is strong enough to ring one phone before the others.

    A language that only some of the free agents speak is a claim; one that all of them speak is none. How long somebody
    has been idle decides between equal claims; by itself it is what the queue goes by anyway.
    """
    everybody = _all_speak_it(candidates)
    strong: list[Candidate] = []
    for one in candidates:
        if one.can and _claim(one, everybody) >= situation.policy.prefer_at:
            strong.append(one)
    return min(strong, key=_place_in_line, default=None)


def _all_speak_it(candidates: list[Candidate]) -> bool:
    return all(any(r.kind == "language" for r in c.reasons) for c in candidates if c.state == "available")


def _claim(one: Candidate, everybody: bool) -> float:
    return total(r for r in one.reasons if r.kind != "idle" and not (everybody and r.kind == "language"))


def _place_in_line(one: Candidate) -> tuple[float, float, AgentId]:
    """The smaller, the sooner preferred."""
    claims, idle = (total(r for r in one.reasons if (r.kind == "idle") is idle) for idle in (False, True))
    return -claims, -idle, one.agent


# -- what would have changed it ------------------------------------------------------------------------------------------


def _changes(
    situation: Situation, call: Waiting, best: Option, candidates: list[Candidate], first: Candidate | None
) -> Iterator[Change]:
    for why in (r for r in best.reasons if r.value and r.kind != "net"):  # the net itself is never taken away
        instead = options(situation, call, less=why)[0].queue
        if instead != best.queue:
            yield changes.elsewhere(why, situation.flow.queues[instead])
    if first:
        yield from _without(situation, candidates, first)
    for was in _who_might(situation, call, best.queue, candidates, first):
        then = _preferred(situation, _had_been_free(situation, call, best.queue, candidates, was))
        if then and then.agent == was.agent.id:
            yield changes.had_been_free(was)


def _who_might(
    situation: Situation, call: Waiting, queue: str, candidates: list[Candidate], first: Candidate | None
) -> Iterator[Presence]:
    """Those who are not free and might be preferred if they were; each of them is then tried in full.

    Who cannot be is left out at a glance: trying everybody with everybody holds all calls up in a house of hundreds.
    """
    access, everybody = rules.access(situation, call, queue), _all_speak_it(candidates)
    by_id = {c.agent: c for c in candidates}
    for was in (p for p in situation.present if p.state != "available"):
        one = by_id.get(was.agent.id)
        if one is None:
            continue
        if not was.signed_in and access.may_change_with(was.agent):
            yield was  # who is signed in decides which rules hold, for everybody
            continue
        strong = one.barrier is None and _claim(one, everybody) >= situation.policy.prefer_at
        if strong and (first is None or _place_in_line(one) < _place_in_line(first)):
            yield was


def _without(situation: Situation, candidates: list[Candidate], first: Candidate) -> Iterator[Change]:
    """Each reason of the preferred agent taken away, and of nobody else."""
    for why in (r for r in first.reasons if r.kind not in RULES_TOO):
        less = replace(first, reasons=tuple(r for r in first.reasons if r is not why))
        then = _preferred(situation, [less if c is first else c for c in candidates])
        if then is None or then.agent != first.agent:
            yield changes.without(why, then, changes.QUEUE_CHOOSES)


def _had_been_free(
    situation: Situation, call: Waiting, queue: str, candidates: list[Candidate], was: Presence
) -> list[Candidate]:
    """The candidates had an agent been free, and become so just now."""
    freed = replace(was, state="available", since=situation.now)
    present = tuple(freed if p is was else p for p in situation.present)
    then = replace(situation, present=present)
    if not was.signed_in:
        return _candidates(then, call, queue, present)  # who is signed in decides which rules hold, for everybody
    mine = {c.agent: c for c in _candidates(then, call, queue, (freed,))}
    return [mine.get(c.agent, c) for c in candidates]
