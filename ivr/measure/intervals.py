"""How sure a figure is: 95 % intervals, the same for every report.

Shares have Wilson's interval (Wilson 1927), which holds for few and for extreme counts, too. Ratios of sums (wrong words over
words), percentiles and whatever else have the percentile bootstrap (Efron 1979): what belongs together (a call, a file) is drawn
as one, with replacement. Where there is nothing to count, figures are nan; ``known`` makes null of that for JSON.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Z = 1.959963984540054
"""The normal distribution's 97.5 % quantile: 95 % lie within so many standard deviations."""
TAILS = (0.025, 0.975)
DRAWS = 2000
"""How often the bootstrap draws: its own error is then a twentieth of the interval or less."""
Values = Sequence[float] | npt.NDArray[Any]


class Estimate(NamedTuple):
    """A figure and its 95 % interval; nan where it is not known."""

    value: float
    low: float
    high: float


NOTHING = Estimate(math.nan, math.nan, math.nan)


def wilson(successes: float, of: float) -> tuple[float, float]:
    """Wilson's interval of a share; (nan, nan) of nothing.

    Raises ValueError for more successes than there were, or fewer than none.
    """
    if not 0 <= successes <= of:
        raise ValueError(f"{successes} of {of} is no share: the first should be from 0 to the second")
    if of == 0:
        return math.nan, math.nan
    share = successes / of
    middle = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    half = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of)) / (1 + Z * Z / of)
    # the ends are exact where rounding would leave 1e-17
    low = 0.0 if successes == 0 else max(middle - half, 0.0)
    return low, 1.0 if successes == of else min(middle + half, 1.0)


def share(successes: float, of: float) -> Estimate:
    """The share with Wilson's interval."""
    return Estimate(successes / of, *wilson(successes, of)) if of else NOTHING


def bootstrap(
    rows: Values, statistic: Callable[[npt.NDArray[Any]], float], seed: int = 0, draws: int = DRAWS
) -> Estimate:
    """The statistic of ``rows`` (n, …), each row a call or file, with its percentile interval.

    The same seed gives the same interval. With fewer than two rows there is a value and no interval; draws in which the
    statistic is nan do not count. Rows that are all alike give an interval without width: it says nothing of the unseen.
    """
    array = np.asarray(rows)
    if len(array) == 0:
        return NOTHING
    value = float(statistic(array))
    if len(array) < 2:
        return Estimate(value, math.nan, math.nan)
    draw = np.random.default_rng(seed)
    drawn = np.array([statistic(array[draw.integers(0, len(array), len(array))]) for _ in range(draws)], float)
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return Estimate(value, math.nan, math.nan)
    low, high = np.quantile(drawn, TAILS)
    return Estimate(value, float(low), float(high))


def ratio_of_sums(numerators: Values, denominators: Values, seed: int = 0) -> Estimate:
    """Σ numerators / Σ denominators, one pair a call or file: word error rates, shares of time.

    nan where the denominators sum to 0. Raises ValueError when there are not as many of one as of the other.
    """
    pairs = np.column_stack([np.asarray(numerators, float), np.asarray(denominators, float)])
    return bootstrap(pairs, _ratio, seed)


def _ratio(pairs: npt.NDArray[Any]) -> float:
    above, below = pairs.sum(axis=0)
    return float(above / below) if below else math.nan


def percentile(values: Values, percent: float, seed: int = 0) -> Estimate:
    """The value below which ``percent`` (0 to 100) of the values lie, linearly between neighbours."""
    return bootstrap(np.asarray(values, float), lambda drawn: float(np.percentile(drawn, percent)), seed)


def known(figure: float, places: int = 6) -> float | None:
    """The figure as JSON has it: rounded, null for nan and what has no end."""
    return round(figure, places) if math.isfinite(figure) else None


def named(name: str, figure: Estimate) -> dict[str, float | None]:
    """``name``, ``name_low`` and ``name_high``, as every report has them."""
    return {name: known(figure.value), f"{name}_low": known(figure.low), f"{name}_high": known(figure.high)}
