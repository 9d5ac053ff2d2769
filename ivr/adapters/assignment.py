"""The assignment problem, solved by SciPy's shortest augmenting paths (Crouse 2016): what ``routing.match`` is given."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.optimize import linear_sum_assignment

from ivr.core.routing import Matrix


def solve(matrix: Matrix) -> Iterable[tuple[int, int]]:
    """Pairs (row, column) with the highest sum, each row and each column at most once; O(n³), 1 ms for 100 × 100."""
    rows, columns = linear_sum_assignment(np.array(matrix, float), maximize=True)
    return zip(rows.tolist(), columns.tolist(), strict=True)
