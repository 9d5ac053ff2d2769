"""The solver that routing is given."""

from __future__ import annotations

import pytest

from ivr.adapters.assignment import solve


@pytest.mark.parametrize(
    ("matrix", "pairs"),
    [
        ([[1.0]], {(0, 0)}),
        ([[1.0, 3.0, 2.0]], {(0, 1)}),
        ([[1.0], [5.0], [2.0]], {(1, 0)}),
        ([[5.0, 4.0], [4.0, 1.0]], {(0, 1), (1, 0)}),
        ([[9.0, 4.0], [4.0, 1.0]], {(0, 0), (1, 1)}),
    ],
)
def test_pairs_with_the_highest_sum(matrix: list[list[float]], pairs: set[tuple[int, int]]) -> None:
    assert set(solve(matrix)) == pairs


def test_sums_of_large_whole_numbers_are_exact() -> None:
    large = 2.0**48
    assert set(solve([[large, large + 1], [large + 1, large + 3]])) == {(0, 0), (1, 1)}
