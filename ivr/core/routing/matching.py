"""All waiting calls × all free agents: who gets whom, so that as many as possible are served and the total is highest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ivr.core.caller import AgentId, CallId
from ivr.core.routing.parties import Presence, Situation, Waiting
from ivr.core.routing.reasons import DIGITS, Reason, total
from ivr.core.routing.scoring import Candidate, candidate, profile

Matrix = Sequence[Sequence[float]]
Solve = Callable[[Matrix], Iterable[tuple[int, int]]]
"""Pairs (row, column) of a matrix, each row and each column at most once, whose values add up to most; whole numbers."""
PairId = tuple[CallId, AgentId]
Less = Mapping[PairId, float]
"""What is taken from the scores of pairs, to see what it has decided."""
_UNITS = 10**DIGITS


@dataclass(frozen=True, slots=True)
class Pair:
    """One call and the agent who gets it."""

    call: CallId
    agent: AgentId
    score: float
    reasons: tuple[Reason, ...]
    """The addends of the score, heaviest first."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a matching is solved from: calls and free agents in an order of their own, and every pair that may be."""

    calls: tuple[Waiting, ...]
    free: tuple[Presence, ...]
    able: Mapping[PairId, Candidate]


@dataclass(frozen=True, slots=True)
class Matching:
    """Who gets whom, and what it was made from."""

    pairs: tuple[Pair, ...]
    """The longest wait first."""
    total: float
    situation: Situation
    sheet: Sheet = field(repr=False)
    solve: Solve = field(repr=False)

    def agent_of(self, call: CallId) -> AgentId | None:
        """Who gets a call; None: nobody yet."""
        return next((pair.agent for pair in self.pairs if pair.call == call), None)


def match(situation: Situation, solve: Solve, less: Less | None = None) -> Matching:
    """Choose among all assignments: as many calls as can be served, then the highest total, then the longest waits.

    The order in which calls and agents are given does not matter. ``solve`` is ``ivr.adapters.assignment.solve``.
    """
    made = sheet(situation)
    chosen = solved(made, solve, less)
    found = [(call.call, chosen[call.call]) for call in made.calls if call.call in chosen]
    pairs = tuple(Pair(*pair, made.able[pair].score, made.able[pair].reasons) for pair in found)
    return Matching(pairs, total(r for pair in pairs for r in pair.reasons), situation, made, solve)


def sheet(situation: Situation) -> Sheet:
    """Score every pair that may be."""
    calls = tuple(sorted(situation.waiting, key=lambda c: (c.since, c.entered, str(c.call))))
    free = in_order(p for p in situation.present if p.state == "available")
    able: dict[PairId, Candidate] = {}
    for call in calls:
        able |= {(call.call, one.agent): one for one in candidates(situation, call, free) if one.can}
    return Sheet(calls, free, able)


def in_order(present: Iterable[Presence]) -> tuple[Presence, ...]:
    """Free agents as they stand in a sheet: the longest idle first."""
    return tuple(sorted(present, key=lambda p: (p.since, p.agent.id)))


def candidates(situation: Situation, call: Waiting, present: Iterable[Presence]) -> list[Candidate]:
    """Agents as candidates for one call, in the order in which they are given."""
    known = profile(situation, call)
    return [candidate(situation, known, presence) for presence in present]


def solved(made: Sheet, solve: Solve, less: Less | None = None) -> dict[CallId, AgentId]:
    """The best assignment. All wishes of a pair become one whole number, the weightier ones in its higher digits."""
    if not made.able:
        return {}
    calls = [c for c in made.calls if any((c.call, p.agent.id) in made.able for p in made.free)]
    agents = [p.agent.id for p in made.free]
    most = min(len(calls), len(agents))
    waits = {since: place for place, since in enumerate(sorted({c.since for c in calls}, reverse=True))}
    taken = less or {}
    scores = {pair: round((one.score - taken.get(pair, 0.0)) * _UNITS) for pair, one in made.able.items()}
    lowest, step = min(scores.values()), 1 + most * len(waits)  # a unit of score outweighs every order of waits
    since = {c.call: waits[c.since] for c in calls}
    worth = {pair: (score - lowest) * step + since[pair[0]] for pair, score in scores.items()}
    served = 1 + most * max(worth.values())  # and one more call served outweighs every score
    matrix = [[float(served + worth[p]) if (p := (c.call, a)) in worth else 0.0 for a in agents] for c in calls]
    pairs = ((calls[row].call, agents[column]) for row, column in solve(matrix))
    return {call: agent for call, agent in pairs if (call, agent) in made.able}
