"""Why a call got whom it got, or nobody: everybody who could have had it, the runner-up, and what would have changed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from ivr.core.caller import AgentId, CallId
from ivr.core.routing import changes
from ivr.core.routing.changes import MOST_CANDIDATES, MOST_CHANGES, RULES_TOO, Change
from ivr.core.routing.matching import Matching, candidates, match
from ivr.core.routing.parties import Situation
from ivr.core.routing.reasons import PRIORITY
from ivr.core.routing.scoring import Candidate

MOST_OF_A_KIND = 3


@dataclass(frozen=True, slots=True)
class Explanation:
    """One call's part of a matching, explained."""

    call: CallId
    agent: AgentId | None
    """Who gets it; None: it waits on."""
    candidates: tuple[Candidate, ...]
    """Those who could have it first, the best first; eight at most, whoever gets it always among them."""
    runner_up: Candidate | None
    """The best of the others who could have had it."""
    would_change: tuple[Change, ...]


def explain(matching: Matching, call: CallId) -> Explanation:
    """Explain what became of one waiting call; raises KeyError for a call that was not waiting.

    Every change that is told has been tried: the matching was made again with it, and the call went where the sentence says.
    """
    situation = matching.situation
    everybody = candidates(situation, situation.call(call))
    agent = matching.agent_of(call)
    chosen = next((c for c in everybody if c.agent == agent), None)
    shown = everybody[:MOST_CANDIDATES]
    if chosen and chosen not in shown:
        shown[-1] = chosen
    return Explanation(
        call, agent, tuple(shown),
        runner_up=next((c for c in everybody if c.can and c.agent != agent), None),
        would_change=tuple(_changes(matching, call, everybody, chosen))[:MOST_CHANGES],
    )  # fmt: skip


def _changes(
    matching: Matching, call: CallId, everybody: list[Candidate], chosen: Candidate | None
) -> Iterator[Change]:
    yield from islice(_had_been_free(matching, call, everybody), MOST_OF_A_KIND)
    if chosen:
        yield from islice(_without(matching, call, everybody, chosen), MOST_OF_A_KIND)
    yield from islice(_other_call(matching, call, everybody), MOST_OF_A_KIND)
    if chosen is None:
        yield from islice(_later(matching, call, everybody), 1)


def _had_been_free(matching: Matching, call: CallId, everybody: list[Candidate]) -> Iterator[Change]:
    situation = matching.situation
    presences = {p.agent.id: p for p in situation.present}
    kept = [c for c in everybody if c.state != "available" and c.barrier is None]
    for one in sorted(kept, key=lambda c: (-c.score, c.agent))[:MOST_CANDIDATES]:
        was = presences[one.agent]
        freed = replace(was, state="available", since=situation.now)
        then = replace(situation, present=tuple(freed if p is was else p for p in situation.present))
        if match(then, matching.solve).agent_of(call) == one.agent:
            yield changes.had_been_free(was)


def _without(matching: Matching, call: CallId, everybody: list[Candidate], chosen: Candidate) -> Iterator[Change]:
    """A reason of the agent's is taken from this pair, one of the call's own from all its pairs."""
    by_id = {c.agent: c for c in everybody}
    for why in (r for r in chosen.reasons if r.kind not in RULES_TOO):
        agents = [c.agent for c in everybody] if why.kind in PRIORITY else [chosen.agent]
        then = match(matching.situation, matching.solve, {(call, agent): why.value for agent in agents}).agent_of(call)
        if then != chosen.agent:
            yield changes.without(why, by_id[then] if then else None, changes.WAITS_ON)


def _other_call(matching: Matching, call: CallId, everybody: list[Candidate]) -> Iterator[Change]:
    """Calls that got an agent who would rather have been this call's."""
    situation, mine = matching.situation, matching.agent_of(call)
    taken = {pair.agent: pair.call for pair in matching.pairs if pair.call != call}
    for one in everybody:
        if one.agent == mine:
            return  # what follows is worse than what it got
        if one.can and one.agent in taken:
            then = _absent(situation, taken[one.agent])
            if match(then, matching.solve).agent_of(call) == one.agent:
                yield changes.other_call(taken[one.agent], one)


def _absent(situation: Situation, call: CallId) -> Situation:
    return replace(situation, waiting=tuple(w for w in situation.waiting if w.call != call))


def _later(matching: Matching, call: CallId, everybody: list[Candidate]) -> Iterator[Change]:
    """The first rule to fall by itself with which the call is served."""
    situation = matching.situation
    falling = [
        (c.barrier.until, c.agent, c) for c in everybody if c.state == "available" and c.barrier and c.barrier.until
    ]
    for until, agent, one in sorted(falling, key=lambda f: f[:2]):
        if match(replace(situation, now=until), matching.solve).agent_of(call) == agent and one.barrier:
            seconds = (until - situation.now).total_seconds()
            yield changes.later(one.barrier.text, seconds, until, one)
