"""What a day came to: its calls, and the figures that are made of them."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from scipy import stats

from ivr.bench.simulated_day.assumptions import CLOSES_S, OPENS_S
from ivr.core.caller import AgentId

End = Literal["machine", "solved", "later", "failed", "unnoticed", "gave_up"]
"""``later``: nobody could have settled it in one call; ``failed``, ``unnoticed``: the agent could not, and knew it or not."""
Cause = Literal["front", "caller", "language", "skill", "authority"]
"""Why a call was passed on. ``front``: led to the wrong team though the caller said what they want; ``caller``: they had not
said it, or something else; ``language``, ``skill``, ``authority``: what the agent lacked."""
CAUSES: tuple[Cause, ...] = get_args(Cause)
SETTLED: tuple[End, ...] = ("machine", "solved")
ANSWERED_WITHIN_S = 20.0


@dataclass(slots=True)
class Call:
    """One call: how often somebody had called about the matter before, and what became of it."""

    attempt: int
    reason: str
    end: End | None = None
    agents: list[AgentId] = field(default_factory=list)
    """Everybody who had it, in their order."""
    waits: list[float] = field(default_factory=list)
    """Seconds in queues: before each agent, and before giving up."""
    passed_on: list[Cause] = field(default_factory=list)
    """Why, each time."""


@dataclass(slots=True)
class Day:
    """One day on one side."""

    side: str
    homes: Mapping[AgentId, str]
    """Agent → team."""
    calls: list[Call] = field(default_factory=list)
    busy_s: dict[AgentId, float] = field(default_factory=lambda: defaultdict(float))

    def figures(self) -> dict[str, float]:
        """Everything that is compared; shares in percent."""
        queued = [c for c in self.calls if c.waits]
        answered = [c for c in queued if c.agents]
        first = [c for c in self.calls if c.attempt == 0]
        waits = [c.waits[0] for c in answered]
        return {
            "calls": len(self.calls),
            "by_machine": _percent(sum(c.end == "machine" for c in self.calls), len(self.calls)),
            "transfers": _percent(sum(len(c.passed_on) for c in answered), len(self.calls)),
            "transfers_of_answered": _percent(sum(len(c.passed_on) for c in answered), len(answered)),
            **{
                f"transfers {cause}": _percent(sum(c.passed_on.count(cause) for c in answered), len(self.calls))
                for cause in CAUSES
            },
            "transferred": _percent(sum(bool(c.passed_on) for c in answered), len(answered)),
            "first_contact": _percent(sum(c.end in SETTLED for c in first), len(first)),
            "first_person": _percent(sum(c.end == "solved" and not c.passed_on for c in answered), len(answered)),
            "wait_mean_s": statistics.fmean(waits) if waits else 0.0,
            "wait_p95_s": float(np.quantile(waits, 0.95)) if waits else 0.0,
            "gave_up": _percent(sum(c.end == "gave_up" for c in queued), len(queued)),
            "service_level": _percent(sum(w <= ANSWERED_WITHIN_S for w in waits), len(queued)),
            **self._occupancies(),
        }

    def _occupancies(self) -> dict[str, float]:
        """Percent of the time that each team talks or wraps up, the spread over teams, and the idlest agent beside their team."""
        long_s = CLOSES_S - OPENS_S
        mine = {agent: 100 * self.busy_s[agent] / long_s for agent in self.homes}
        teams = {
            home: statistics.fmean(mine[a] for a, h in self.homes.items() if h == home) for home in self.homes.values()
        }
        idlest = min(mine[agent] / teams[home] if teams[home] else 1.0 for agent, home in self.homes.items())
        return {
            "occupancy": statistics.fmean(mine.values()),
            **{f"occupancy {home}": share for home, share in sorted(teams.items())},
            "occupancy_spread": max(teams.values()) - min(teams.values()),
            "idlest_agent": 100 * idlest,
        }


def _percent(part: float, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over days and the half-width of its 95 % interval (Student's t); one day has none."""

    value: float
    half: float

    def __str__(self) -> str:
        return f"{self.value:.1f} ± {self.half:.1f}"


def mean(values: Sequence[float]) -> Mean:
    """The mean of some days."""
    if len(values) < 2:
        return Mean(values[0] if values else math.nan, math.inf)
    half = float(stats.t.ppf(0.975, len(values) - 1)) * statistics.stdev(values) / math.sqrt(len(values))
    return Mean(statistics.fmean(values), half)


def paired(ours: Iterable[float], theirs: Iterable[float]) -> Mean:
    """The mean difference between two sides, day by day."""
    return mean([a - b for a, b in zip(ours, theirs, strict=True)])


def reduction(ours: Iterable[float], theirs: Iterable[float]) -> Mean:
    """By how many percent one side has less than the other, day by day."""
    return mean([100 * (1 - a / b) for a, b in zip(ours, theirs, strict=True) if b])
