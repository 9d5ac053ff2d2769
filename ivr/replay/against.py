"""Two versions on the same calls: what got better, what got worse, and whether that can be chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from ivr.instruments.intervals import DRAWS, TAILS, known
from ivr.replay.score import Result
from ivr.replay.totals import FIGURES, Figure, played

_JUDGED = ("route_right", "intent_right", "needless_transfer")
_SEED = 0
MACHINE_MS = 25.0
"""Response times that differ by less differ by what else the machine had to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure in both versions; the interval is of the difference (new − old), calls drawn in pairs."""

    figure: Figure
    old: float
    new: float
    low: float
    high: float

    @property
    def change(self) -> float:
        """New − old."""
        return self.new - self.old

    @property
    def verdict(self) -> str:
        """``better`` or ``worse`` where the interval leaves out 0, else ``same``, as far as so many calls can tell."""
        if math.isnan(self.low) or self.low <= 0 <= self.high:
            return "same"
        if self.figure.unit == "ms" and abs(self.change) < MACHINE_MS:
            return "same"
        return "better" if (self.low > 0) == (self.figure.better > 0) else "worse"


@dataclass(frozen=True, slots=True)
class Turned:
    """A call that came out differently."""

    name: str
    better: bool
    what: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Old and new on the calls that both have."""

    calls: int
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    differences: tuple[Difference, ...]
    turned: tuple[Turned, ...]
    p_route: float
    """How likely so uneven a split of calls that changed sides would be by chance (McNemar 1947, exact); nan: none did."""

    def json(self) -> dict[str, Any]:
        """As ``--json`` has it under ``against``."""
        return {
            "calls": self.calls, "only_old": list(self.only_old), "only_new": list(self.only_new), "p_route": known(self.p_route),
            "figures": {
                one.figure.name: {
                    "old": known(one.old), "new": known(one.new), "change": known(one.change), "low": known(one.low),
                    "high": known(one.high), "verdict": one.verdict,
                }
                for one in self.differences
            },
            "better": [one.name for one in self.turned if one.better],
            "worse": [one.name for one in self.turned if not one.better],
        }  # fmt: skip


def compare(old: Mapping[str, Result], new: Mapping[str, Result]) -> Comparison:
    """Compare two runs call by call."""
    before = {one.name: one for one in played(old.values())}
    after = {one.name: one for one in played(new.values())}
    both = sorted(before.keys() & after.keys())
    a, b = [before[name] for name in both], [after[name] for name in both]
    turned = [turn for x, y in zip(a, b, strict=True) if (turn := _turned(x, y))]
    return Comparison(
        len(both), tuple(sorted(before.keys() - after.keys())), tuple(sorted(after.keys() - before.keys())),
        tuple(_difference(figure, a, b) for figure in FIGURES) if both else (), tuple(turned), _mcnemar(a, b),
    )  # fmt: skip


def _difference(figure: Figure, a: Sequence[Result], b: Sequence[Result]) -> Difference:
    """The bootstrap draws the same calls for both sides: most of what differs between calls falls out."""
    old, new = figure.point(a), figure.point(b)
    if math.isnan(old) or math.isnan(new):
        return Difference(figure, old, new, math.nan, math.nan)
    dice = np.random.default_rng(_SEED)
    drawn = []
    for _ in range(DRAWS // 4):
        chosen = dice.integers(0, len(a), len(a))
        drawn.append(figure.point([b[n] for n in chosen]) - figure.point([a[n] for n in chosen]))
    there = [one for one in drawn if not math.isnan(one)]
    low, high = np.quantile(there, TAILS) if there else (math.nan, math.nan)
    return Difference(figure, old, new, float(low), float(high))


def _turned(old: Result, new: Result) -> Turned | None:
    for name in _JUDGED:
        was, now = getattr(old, name), getattr(new, name)
        if was is None or now is None or was == now:
            continue
        better = bool(now) != (name == "needless_transfer")
        return Turned(old.name, better, f"{old.place}, {old.intent or 'none'} → {new.place}, {new.intent or 'none'}")
    wrong = [sum(one.wrong for one in result.words) for result in (old, new)]
    if old.questions != new.questions:
        return Turned(old.name, new.questions < old.questions, f"{old.questions} → {new.questions} questions")
    if wrong[0] != wrong[1]:
        return Turned(old.name, wrong[1] < wrong[0], f"{wrong[0]} → {wrong[1]} words wrong")
    return None


def _mcnemar(a: Sequence[Result], b: Sequence[Result]) -> float:
    better = sum(x.route_right is False and y.route_right is True for x, y in zip(a, b, strict=True))
    worse = sum(x.route_right is True and y.route_right is False for x, y in zip(a, b, strict=True))
    return float(stats.binomtest(better, better + worse).pvalue) if better + worse else math.nan
