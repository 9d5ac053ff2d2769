"""Why a call got whom it got, or nobody: everybody who could have had it, the runner-up, and what would have changed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from ivr.core.caller import AgentId, CallId
from ivr.core.routing import changes
from ivr.core.routing.changes import MOST_CANDIDATES, MOST_CHANGES, RULES_TOO, Change
from ivr.core.routing.matching import Matching, Sheet, candidates, in_order, sheet, solved
from ivr.core.routing.parties import Presence
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
    found = candidates(situation, situation.call(call), situation.present)
    everybody = sorted(found, key=lambda c: (not c.can, -c.score, c.agent))
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
    presences = {p.agent.id: p for p in matching.situation.present}
    kept = [c for c in everybody if c.state != "available" and c.barrier is None]
    for one in sorted(kept, key=lambda c: (-c.score, c.agent))[:MOST_CANDIDATES]:
        was = presences[one.agent]
        if solved(_with_free(matching, was), matching.solve).get(call) == one.agent:
            yield changes.had_been_free(was)


def _with_free(matching: Matching, was: Presence) -> Sheet:
    """The sheet had an agent been free, and become so just now."""
    situation, made = matching.situation, matching.sheet
    freed = replace(was, state="available", since=situation.now)
    then = replace(situation, present=tuple(freed if p is was else p for p in situation.present))
    if not was.signed_in:
        return sheet(then)  # who is signed in decides which rules hold, for everybody
    able = {(c.call, one.agent): one for c in made.calls for one in candidates(then, c, (freed,)) if one.can}
    return Sheet(made.calls, in_order((*made.free, freed)), {**made.able, **able})


def _without(matching: Matching, call: CallId, everybody: list[Candidate], chosen: Candidate) -> Iterator[Change]:
    """A reason of the agent's is taken from this pair, one of the call's own from all its pairs."""
    by_id = {c.agent: c for c in everybody}
    for why in (r for r in chosen.reasons if r.kind not in RULES_TOO):
        agents = by_id if why.kind in PRIORITY else (chosen.agent,)
        then = solved(matching.sheet, matching.solve, {(call, agent): why.value for agent in agents}).get(call)
        if then != chosen.agent:
            yield changes.without(why, by_id[then] if then else None, changes.WAITS_ON)


def _other_call(matching: Matching, call: CallId, everybody: list[Candidate]) -> Iterator[Change]:
    """Calls that got an agent who would rather have been this call's."""
    made, mine = matching.sheet, matching.agent_of(call)
    taken = {pair.agent: pair.call for pair in matching.pairs if pair.call != call}
    for one in everybody:
        if one.agent == mine:
            return  # what follows is worse than what it got
        if one.can and one.agent in taken:
            other = taken[one.agent]
            able = {pair: c for pair, c in made.able.items() if pair[0] != other}
            rest = Sheet(tuple(c for c in made.calls if c.call != other), made.free, able)
            if solved(rest, matching.solve).get(call) == one.agent:
                yield changes.other_call(other, one)


def _later(matching: Matching, call: CallId, everybody: list[Candidate]) -> Iterator[Change]:
    """The first rule to fall by itself with which the call is served."""
    situation = matching.situation
    falling = [
        (c.barrier.until, c.agent, c) for c in everybody if c.state == "available" and c.barrier and c.barrier.until
    ]
    for until, agent, one in sorted(falling, key=lambda f: f[:2])[:MOST_CANDIDATES]:
        if solved(sheet(replace(situation, now=until)), matching.solve).get(call) == agent and one.barrier:
            seconds = (until - situation.now).total_seconds()
            yield changes.later(one.barrier.text, seconds, until, one)
