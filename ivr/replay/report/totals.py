"""What many calls come to: shares and rates with their 95 % intervals, in all and by groups, and whether they are good enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ivr.corpus.format import Thresholds
from ivr.measure.intervals import Estimate, known, named, percentile, ratio_of_sums, share
from ivr.replay.engine.score import Result

_OF_CALLS = {"failed_max", "worse_max"}
"""Thresholds of calls, not of figures."""
STAGES = ("endpoint_ms", "decode_ms", "understand_ms", "speak_ms")


Pairs = list[tuple[float, float]]
"""What is counted and out of how many, one pair a call: a figure is the sum of the one over the sum of the other."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a report: a share or rate (``counted``), or a percentile of many ``values``."""

    name: str
    title: str
    better: int
    """1: more is better; -1: less is."""
    unit: str = "%"
    counted: Callable[[Sequence[Result]], Pairs] | None = None
    values: Callable[[Sequence[Result]], list[float]] | None = None
    percent: float = 50.0

    def of(self, results: Sequence[Result]) -> Estimate:
        """The figure of these calls with its interval."""
        if self.counted is not None:
            pairs = self.counted(results)
            if self.unit == "%" and all(counted in (0, 1) and of == 1 for counted, of in pairs):
                return share(sum(counted for counted, _ in pairs), len(pairs))
            return ratio_of_sums([counted for counted, _ in pairs], [of for _, of in pairs])
        assert self.values is not None
        return percentile(self.values(results), self.percent)

    def tells(self, one: Result) -> bool:
        """Whether this call says anything of it."""
        return bool(self.counted([one]) if self.counted is not None else self.values([one]) if self.values else ())

    def is_share(self, results: Sequence[Result]) -> bool:
        """Whether each of these calls is a yes or a no."""
        return self.unit == "%" and self.counted is not None and all(
            len(pairs) == 1 and pairs[0] in ((0, 1), (1, 1)) for one in results for pairs in (self.counted([one]),)
        )  # fmt: skip

    def point(self, results: Sequence[Result]) -> float:
        if self.counted is not None:
            pairs = self.counted(results)
            below = sum(of for _, of in pairs)
            return sum(counted for counted, _ in pairs) / below if below else math.nan
        assert self.values is not None
        values = self.values(results)
        return float(np.percentile(values, self.percent)) if values else math.nan


def _each(read: Callable[[Result], float | None]) -> Callable[[Sequence[Result]], Pairs]:
    """One value a call, where it is known."""
    return lambda results: [(float(value), 1.0) for one in results if (value := read(one)) is not None]


def word_errors(results: Sequence[Result]) -> Pairs:
    """Words wrong over words said, call by call: the words of a call belong together."""
    return [
        (float(sum(w.wrong for w in one.words)), float(sum(w.words for w in one.words))) for one in results if one.words
    ]


def _oos(one: Result) -> bool | None:
    """Of calls about none of the house's reasons: whether the machine made none of it."""
    return one.intent_right if one.wants == "" else None


def _false_rejection(one: Result) -> bool | None:
    return one.rejected if one.wants else None


def _rejected_rightly(one: Result) -> bool | None:
    """Of the first sentences that were rejected: whether they were about none of the house's reasons."""
    return one.wants == "" if one.rejected and one.wants is not None else None


def _slots(results: Sequence[Result]) -> Pairs:
    return [(float(wanted == got), 1.0) for one in results for wanted, got in one.slots.values()]


def _response(results: Sequence[Result]) -> list[float]:
    return [turn.total_ms for one in results for turn in one.responses]


def _pop(results: Sequence[Result]) -> list[float]:
    return [one.pop_ms for one in results if one.pop_ms is not None]


def _to_place(one: Result) -> float | None:
    return one.audio_s if one.route_right else None


def _card(one: Result) -> bool | None:
    return None if one.card_lacks is None else not one.card_lacks


FIGURES = (
    Figure("wer", "words wrong", -1, "%", word_errors),
    Figure("first_accuracy", "first sentence understood", 1, "%", _each(lambda one: one.first_right)),
    Figure("intent_accuracy", "intent right", 1, "%", _each(lambda one: one.intent_right)),
    Figure("oos_recall", "none of these: kept out", 1, "%", _each(_oos)),
    Figure("oos_precision", "rejected sentences: rightly so", 1, "%", _each(_rejected_rightly)),
    Figure("false_rejections", "sentences rejected wrongly", -1, "%", _each(_false_rejection)),
    Figure("slot_accuracy", "slots right", 1, "%", _slots),
    Figure("route_accuracy", "right place at the first attempt", 1, "%", _each(lambda one: one.route_right)),
    Figure("needless_transfers", "needless transfers", -1, "%", _each(lambda one: one.needless_transfer)),
    Figure("card_complete", "cards complete", 1, "%", _each(_card)),
    Figure("questions", "questions a call", -1, "", _each(lambda one: one.questions)),
    Figure("seconds_to_place", "seconds to the right place", -1, "s", _each(_to_place)),
    Figure("false_barge_ins", "false barge-ins a call", -1, "", _each(lambda one: one.false_barge_ins)),
    Figure("cut_offs", "callers cut off, a call", -1, "", _each(lambda one: one.cut_offs)),
    Figure("made_up", "answers made up, a call", -1, "", _each(lambda one: one.made_up)),
    Figure("pop_p95_ms", "ring to card, 95 of 100", -1, "ms", values=_pop, percent=95),
    Figure("response_p50_ms", "response, median", -1, "ms", values=_response, percent=50),
    Figure("response_p95_ms", "response, 95 of 100", -1, "ms", values=_response, percent=95),
)


def played(results: Iterable[Result]) -> list[Result]:
    """Those that could be replayed."""
    return [one for one in results if not one.failed]


def estimates(results: Sequence[Result]) -> dict[str, Estimate]:
    """Every figure of these calls."""
    there = played(results)
    return {figure.name: figure.of(there) for figure in FIGURES}


def speed(results: Sequence[Result], wall_s: float) -> Estimate:
    """Seconds of call for each second of the clock, over all processes."""
    there = played(results)
    took = sum(one.took_s for one in there)
    if not there or not took or not wall_s:
        return Estimate(float("nan"), float("nan"), float("nan"))
    per_core = ratio_of_sums([one.audio_s for one in there], [one.took_s for one in there])
    at_once = took / wall_s
    return Estimate(*(value * at_once for value in per_core))


def summary(results: Sequence[Result], found: Mapping[str, Estimate], wall_s: float) -> dict[str, Any]:
    """The one object that ``--json`` ends with; shares from 0 to 1, null where nothing was known.

    ``found`` are the ``estimates`` of these calls.
    """
    made: dict[str, Any] = {"calls": len(results), "failed": sum(one.failed for one in results)}
    for name, figure in found.items():
        made |= named(name, figure)
    made |= named("speed", speed(results, wall_s))
    there = played(results)
    made["audio_s"] = round(sum(one.audio_s for one in there), 1)
    made["wall_s"] = round(wall_s, 2)
    made["stages_ms"] = {stage: _stage(there, stage) for stage in STAGES}
    return made


def _stage(results: Sequence[Result], stage: str) -> dict[str, float | None]:
    values = [getattr(turn, stage) for one in results for turn in one.responses]
    return {
        "p50": known(percentile(values, 50).value) if values else None,
        "p95": known(percentile(values, 95).value) if values else None,
    }


def below(results: Sequence[Result], found: Mapping[str, Estimate], wanted: Thresholds) -> list[str]:
    """What is not good enough: a sentence a threshold; ``found`` are the ``estimates`` of these calls."""
    problems = []
    lost = sum(one.failed for one in results)
    if lost > wanted.failed_max:
        problems.append(f"failed is {lost}, at most {wanted.failed_max} may be")
    for name, bound in wanted.model_dump(exclude=_OF_CALLS, exclude_none=True).items():
        figure, _, side = name.rpartition("_")
        value = found[figure].value
        if side == "max" and value > bound:
            problems.append(f"{figure} is {value:.4g}, at most {bound:g} is wanted")
        if side == "min" and value < bound:
            problems.append(f"{figure} is {value:.4g}, at least {bound:g} is wanted")
    return problems


def uncounted(found: Mapping[str, Estimate], wanted: Thresholds) -> list[str]:
    """The thresholds that these calls say nothing of."""
    names = [name.rpartition("_")[0] for name in wanted.model_dump(exclude=_OF_CALLS, exclude_none=True)]
    return [name for name in names if math.isnan(found[name].value)]


def confusion(results: Sequence[Result]) -> dict[str, dict[str, int]]:
    """Wanted → understood → calls; none of the house's reasons is "none of these"."""
    table: dict[str, dict[str, int]] = {}
    for one in played(results):
        if one.wants is not None:
            wanted = one.wants or "none of these"
            row = table.setdefault(wanted, {})
            # who asks for a person about what the house does not know was not mistaken
            got = wanted if one.intent_right else one.intent or "none of these"
            row[got] = row.get(got, 0) + 1
    return table
