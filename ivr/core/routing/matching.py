"""All waiting calls × all free agents: who gets whom, so that as many as possible are served and the total is highest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ivr.core.caller import AgentId, CallId
from ivr.core.routing import rules, scoring
from ivr.core.routing.parties import Presence, Situation, Waiting
from ivr.core.routing.reasons import DIGITS, Reason, total
from ivr.core.routing.scoring import Candidate

Matrix = Sequence[Sequence[float]]
Solve = Callable[[Matrix], Iterable[tuple[int, int]]]
"""Pairs (row, column) of a matrix, each row and each column at most once, whose values add up to most; whole numbers."""
Less = Mapping[tuple[CallId, AgentId], float]
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
class Matching:
    """Who gets whom, and what it was made from."""

    pairs: tuple[Pair, ...]
    """The longest wait first."""
    total: float
    situation: Situation
    solve: Solve = field(repr=False, compare=False)

    def agent_of(self, call: CallId) -> AgentId | None:
        """Who gets a call; None: nobody yet."""
        return next((pair.agent for pair in self.pairs if pair.call == call), None)


def match(situation: Situation, solve: Solve, less: Less | None = None) -> Matching:
    """Choose among all assignments: as many calls as can be served, then the highest total, then the longest waits.

    The order in which calls and agents are given does not matter. ``solve`` is ``ivr.adapters.assignment.solve``.
    """
    calls = sorted(situation.waiting, key=lambda c: (c.since, c.entered, str(c.call)))
    free = sorted((p for p in situation.present if p.state == "available"), key=lambda p: (p.since, p.agent.id))
    able = {
        (row, column): one
        for row, call in enumerate(calls)
        for column, one in enumerate(_row(situation, call, free))
        if one.can
    }
    chosen = sorted(_assign(calls, able, solve, less or {}))
    pairs = tuple(
        Pair(calls[row].call, one.agent, one.score, one.reasons) for row, column in chosen if (one := able[row, column])
    )
    return Matching(pairs, total(r for pair in pairs for r in pair.reasons), situation, solve)


def _row(situation: Situation, call: Waiting, presences: Iterable[Presence]) -> list[Candidate]:
    """One call's candidates, in the order in which the agents are given."""
    access = rules.access(situation, call)
    priority = scoring.priority(call, situation.policy, situation.now)
    return [scoring.candidate(situation, access, priority, presence) for presence in presences]


def candidates(situation: Situation, call: Waiting) -> list[Candidate]:
    """Everybody as a candidate for one call: those who can have it first, the best first."""
    return sorted(_row(situation, call, situation.present), key=lambda c: (not c.can, -c.score, c.agent))


def _assign(
    calls: Sequence[Waiting], able: Mapping[tuple[int, int], Candidate], solve: Solve, less: Less
) -> list[tuple[int, int]]:
    """The chosen pairs (row, column). Every wish becomes one whole number, the weightier in the higher digits."""
    if not able:
        return []
    rows, columns = sorted({row for row, _ in able}), sorted({column for _, column in able})
    most = min(len(rows), len(columns))
    waits = {since: place for place, since in enumerate(sorted({c.since for c in calls}, reverse=True))}
    scores = {
        place: round((one.score - less.get((calls[place[0]].call, one.agent), 0.0)) * _UNITS) for place, one in able.items()
    }  # fmt: skip
    lowest = min(scores.values())
    step = 1 + most * len(waits)  # one unit of score outweighs every order of waits
    worth = {place: (score - lowest) * step + waits[calls[place[0]].since] for place, score in scores.items()}
    served = 1 + most * max(worth.values())  # one more call served outweighs every score
    matrix = [[float(served + worth[r, c]) if (r, c) in worth else 0.0 for c in columns] for r in rows]
    pairs = ((rows[r], columns[c]) for r, c in solve(matrix))
    return [pair for pair in pairs if pair in able]
