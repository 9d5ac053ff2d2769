"""The intervals against published ones, against the normal distribution's, and where there is nothing to count."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.measure.intervals import bootstrap, known, named, percentile, ratio_of_sums, share, wilson


@pytest.mark.parametrize(
    ("successes", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_newcombe_printed_it(successes: int, of: int, low: float, high: float) -> None:
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3
    assert wilson(successes, of) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_wilson_holds_the_share_and_is_symmetric(of: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, of))
    low, high = wilson(successes, of)
    assert 0 <= low <= successes / of <= high <= 1
    assert low < high
    assert wilson(of - successes, of) == pytest.approx((1 - high, 1 - low))


def test_nothing_to_count_is_nan_and_null() -> None:
    for figure in (
        share(0, 0),
        bootstrap([], np.mean),
        ratio_of_sums([], []),
        percentile([], 95),
        ratio_of_sums([1], [0]),
    ):
        assert all(map(math.isnan, figure))
    assert named("wer", share(0, 0)) == {"wer": None, "wer_low": None, "wer_high": None}
    assert (known(math.inf), known(0.1234567)) == (None, 0.123457)


@pytest.mark.parametrize(("successes", "of"), [(2, 1), (-1, 3)])
def test_more_than_all_is_refused(successes: int, of: int) -> None:
    with pytest.raises(ValueError, match="is no share: the first should be from 0 to the second"):
        wilson(successes, of)


def test_one_call_says_nothing_of_others() -> None:
    value, low, high = ratio_of_sums([3], [10])
    assert value == 0.3
    assert math.isnan(low)
    assert math.isnan(high)


def test_bootstrap_of_a_mean_is_the_normal_interval() -> None:
    values = np.random.default_rng(7).normal(5, 2, 400)
    half = 1.96 * values.std(ddof=1) / 20
    value, low, high = bootstrap(values, np.mean, seed=1)
    assert value == pytest.approx(values.mean())
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.03)


def test_same_seed_same_interval() -> None:
    values = list(range(40))
    assert percentile(values, 95, seed=3) == percentile(values, 95, seed=3)
    assert percentile(values, 50, seed=3) != percentile(values, 50, seed=4)


def test_ratio_draws_calls_not_words() -> None:
    # ten calls of 100 words, all the errors in one of them: the words of a call go together
    value, low, high = ratio_of_sums([50] + [0] * 9, [100] * 10)
    assert (value, low) == (0.05, 0.0)
    assert high > wilson(50, 1000)[1]


def test_ratio_needs_as_many_of_both() -> None:
    with pytest.raises(ValueError, match="dimension"):
        ratio_of_sums([1, 2], [1])


def test_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    draw = np.random.default_rng(11)
    held = 0
    for seed in range(100):
        words = draw.integers(3, 12, 80)
        wrong = draw.binomial(words, 0.2)
        _, low, high = ratio_of_sums(wrong, words, seed=seed)
        held += low <= 0.2 <= high
    assert 88 <= held <= 99
