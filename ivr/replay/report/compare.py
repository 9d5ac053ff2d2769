"""Two versions on the same calls: what got better, what got worse, and whether that can be chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from ivr.measure.intervals import DRAWS, TAILS, known, wilson
from ivr.replay.engine.score import Result
from ivr.replay.report.totals import FIGURES, Figure, played

_JUDGED = ("route_right", "intent_right", "needless_transfer")
_SEED = 0
LIKELY = 0.05
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
    p: float = math.nan
    """Of shares: McNemar's exact test (McNemar 1947); nan: the interval decides."""

    @property
    def change(self) -> float:
        return self.new - self.old

    @property
    def verdict(self) -> str:
        """``better`` or ``worse`` where chance is an unlikely reason (p < 0.05, one in twenty comparisons all the same)."""
        if math.isnan(self.change) or self.change == 0:
            return "same"
        if self.figure.unit == "ms" and abs(self.change) < MACHINE_MS:
            return "same"
        likely = self.p >= LIKELY if not math.isnan(self.p) else math.isnan(self.low) or self.low <= 0 <= self.high
        return "same" if likely else "better" if (self.change > 0) == (self.figure.better > 0) else "worse"


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


def worse_than(found: Comparison, most: int | None) -> list[str]:
    """Whether more calls got worse than may: a sentence, or nothing."""
    worse = [one.name for one in found.turned if not one.better]
    if most is None or len(worse) <= most:
        return []
    return [f"worse is {len(worse)}, at most {most} calls may come out worse: {', '.join(worse)}"]


def compare(old: Mapping[str, Result], new: Mapping[str, Result]) -> Comparison:
    """Compare two runs call by call; calls whose sound or facts have changed are not the same calls."""
    before = {one.name: one for one in played(old.values())}
    after = {one.name: one for one in played(new.values())}
    both = sorted(name for name in before.keys() & after.keys() if before[name].truth == after[name].truth)
    a, b = [before[name] for name in both], [after[name] for name in both]
    turned = [turn for x, y in zip(a, b, strict=True) if (turn := _turned(x, y))]
    differences = tuple(_difference(figure, a, b) for figure in FIGURES) if both else ()
    return Comparison(
        len(both), tuple(sorted(before.keys() - set(both))), tuple(sorted(after.keys() - set(both))),
        differences, tuple(turned),
        next((one.p for one in differences if one.figure.name == "route_accuracy"), math.nan),
    )  # fmt: skip


def _difference(figure: Figure, a: Sequence[Result], b: Sequence[Result]) -> Difference:
    """One figure on the calls of which both sides know it: else the calls that only one side has would make the difference."""
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if figure.tells(x) and figure.tells(y)]
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    old, new = figure.point(a), figure.point(b)
    if not pairs or math.isnan(old) or math.isnan(new):
        return Difference(figure, math.nan, math.nan, math.nan, math.nan)
    if figure.is_share(a) and figure.is_share(b):
        was, now = ([bool(figure.point([one])) for one in side] for side in (a, b))
        low, high = _newcombe(was, now)
        return Difference(figure, old, new, low, high, _mcnemar(was, now))
    dice = np.random.default_rng(_SEED)
    drawn = []
    for _ in range(DRAWS):
        chosen = dice.integers(0, len(a), len(a))
        drawn.append(figure.point([b[n] for n in chosen]) - figure.point([a[n] for n in chosen]))
    there = [one for one in drawn if not math.isnan(one)]
    low, high = np.quantile(there, TAILS) if there else (math.nan, math.nan)
    return Difference(figure, old, new, float(low), float(high))


def _newcombe(was: Sequence[bool], now: Sequence[bool]) -> tuple[float, float]:
    """The interval of the difference of two shares of the same calls (Newcombe 1998, method 10)."""
    n = len(was)
    both = sum(x and y for x, y in zip(was, now, strict=True))
    neither = sum(not x and not y for x, y in zip(was, now, strict=True))
    gained, lost = sum(now) - both, sum(was) - both
    p_now, p_was = sum(now) / n, sum(was) / n
    (low_now, high_now), (low_was, high_was) = wilson(sum(now), n), wilson(sum(was), n)
    product = (both + lost) * (gained + neither) * (both + gained) * (lost + neither)
    apart: float = both * neither - gained * lost
    apart = apart - n / 2 if apart > n / 2 else min(apart, 0.0)
    phi = apart / math.sqrt(product) if product else 0.0

    def reach(x: float, y: float) -> float:
        return math.sqrt(max(x * x - 2 * phi * x * y + y * y, 0.0))

    change = p_now - p_was
    return change - reach(p_now - low_now, high_was - p_was), change + reach(high_now - p_now, p_was - low_was)


def _mcnemar(was: Sequence[bool], now: Sequence[bool]) -> float:
    """How likely so uneven a split of the calls that changed sides would be by chance; 1 where none did."""
    gained = sum(y and not x for x, y in zip(was, now, strict=True))
    lost = sum(x and not y for x, y in zip(was, now, strict=True))
    return float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


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
