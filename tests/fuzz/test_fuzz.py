"""A fixed number of inputs for each door; ``python -m tests.fuzz`` runs as many as one likes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.conftest import ALL
from tests.fuzz.doors import DOORS, seeds
from tests.fuzz.inputs import inputs

RUNS = 2_000 if ALL else 100


@pytest.mark.parametrize("name", DOORS)
def test_seeds_are_read(name: str) -> None:
    assert seeds(name)
    for seed in seeds(name):
        DOORS[name](seed)


@pytest.mark.parametrize("name", DOORS)
def test_whatever_comes_is_read_or_refused(name: str) -> None:
    @settings(
        max_examples=RUNS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
    )
    @given(inputs(seeds(name)))
    def come(data: bytes) -> None:
        DOORS[name](data)

    come()
