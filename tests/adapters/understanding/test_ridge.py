"""The algebra against brute force, the thresholds against their definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.understanding.ngrams import Ngrams
from ivr.adapters.understanding.ridge import (
    FAMILY,
    best_temperature,
    left_out_beside,
    lowest_precise,
    softmax,
    solve,
)

RIDGE = 0.1


def problem(seed: int, n: int, groups: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    points = np.random.default_rng(seed).normal(size=(n, 3))
    kernel = np.exp(-((points[:, None] - points[None]) ** 2).sum(-1))
    labels = np.arange(n) % groups
    return kernel, np.eye(groups)[labels], labels


def left_out(kernel: np.ndarray, targets: np.ndarray, row: int, out: np.ndarray) -> np.ndarray:
    keep = np.setdiff1d(np.arange(len(kernel)), out)
    inner = kernel[np.ix_(keep, keep)] + RIDGE * np.eye(len(keep))
    return np.asarray(kernel[row, keep] @ np.linalg.solve(inner, targets[keep]))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 14), groups=st.integers(1, 4))
def test_leave_one_out_is_exact(seed: int, n: int, groups: int) -> None:
    kernel, targets, labels = problem(seed, n, groups)
    fit = solve(kernel, targets, labels, RIDGE)
    for row in range(n):
        assert fit.loo[row] == pytest.approx(left_out(kernel, targets, row, np.array([row])), abs=1e-8)
        group = np.flatnonzero(labels == labels[row])
        assert fit.foreign[row] == pytest.approx(left_out(kernel, targets, row, group), abs=1e-8)
    assert fit.apart == pytest.approx(fit.loo)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 10), groups=st.integers(1, 4))
def test_left_out_beside_another_is_exact(seed: int, n: int, groups: int) -> None:
    kernel, targets, _ = problem(seed, n, groups)
    for gone, scores in enumerate(left_out_beside(kernel, targets, RIDGE)):
        assert np.isnan(scores[gone]).all()
        for row in set(range(n)) - {gone}:
            assert scores[row] == pytest.approx(left_out(kernel, targets, row, np.array([row, gone])), abs=1e-8)


def test_what_is_no_kernel_is_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="no kernel"):
        solve(np.array([[0.0, 5.0], [5.0, 0.0]]), np.eye(2), np.arange(2), RIDGE)


def test_left_out_with_its_family() -> None:
    kernel, targets, labels = problem(3, 90, 2)
    fit = solve(kernel, targets, labels, RIDGE)
    family = int(FAMILY * 44)
    for row in range(90):
        others = np.flatnonzero((labels == labels[row]) & (np.arange(90) != row))
        nearest = others[np.argsort(-kernel[row, others])[:family]]
        assert fit.apart[row] == pytest.approx(left_out(kernel, targets, row, np.append(row, nearest)), abs=1e-8)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.floats(0.1, 2)), min_size=1, max_size=20), st.floats(0.1, 1)
)
def test_threshold_is_the_lowest_that_is_precise(rows: list[tuple[float, bool, float]], target: float) -> None:
    scores, right, weights = (np.array(column) for column in zip(*rows, strict=True))
    threshold = lowest_precise(scores, right, weights, target)

    def precision(at: float) -> float:
        over = scores >= at
        return float((right * weights)[over].sum() / weights[over].sum())

    reaching = [score for score in scores if precision(score) >= target + 1e-9]
    assert threshold in scores
    assert threshold <= min(reaching, default=scores.max())


def test_threshold_of_nothing_is_out_of_reach() -> None:
    assert lowest_precise(np.array([]), np.array([], bool), np.array([]), 0.9) == 1.0


def test_temperature_is_high_for_scores_that_know_nothing() -> None:
    labels = np.arange(40) % 2
    knowing = np.eye(2)[labels]
    guessing = np.eye(2)[np.random.default_rng(1).integers(0, 2, 40)]
    assert best_temperature(knowing, labels) < best_temperature(guessing, labels)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6), st.floats(0.01, 1))
def test_softmax_sums_to_one_and_gives_nothing_to_the_impossible(scores: list[float], temperature: float) -> None:
    shares = softmax(np.array([*scores, -np.inf]), temperature)
    assert shares.sum() == pytest.approx(1)
    assert shares[-1] == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text("abc 我们退货", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=5))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_patterns_are_cosines(language: str, texts: list[str]) -> None:
    cosines = Ngrams(texts, language).cosines(texts)  # type: ignore[arg-type]
    assert np.diag(cosines) == pytest.approx(1, abs=1e-5)
    assert cosines == pytest.approx(cosines.T, abs=1e-5)
    assert cosines.min() >= 0
    assert cosines.max() <= 1 + 1e-5


def test_unknown_words_dilute() -> None:
    patterns = Ngrams(["lost my card", "open an account"], "en")
    alone, diluted = patterns.cosines(["lost my card", "lost my card zebra violin quartz"])[:, 0]
    assert diluted < 0.8 * alone
