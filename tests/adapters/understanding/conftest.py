"""The small house, trained once with the real encoder and once without."""

from __future__ import annotations

import os

import pytest

from ivr.adapters.understanding import SentenceEncoder, Understanding
from tests.adapters.understanding.understanding_house import CACHE, house
from tests.conftest import RealParts


@pytest.fixture(scope="session")
def encoder(real_parts: RealParts) -> SentenceEncoder:
    found = SentenceEncoder.find(CACHE)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no sentence encoder in {CACHE}: run python -m ivr.provision.encoder")
        pytest.skip("no sentence encoder: run python -m ivr.provision.encoder")
    real_parts.used("sentence encoder", found.name)
    return found


@pytest.fixture(scope="session")
def understanding(encoder: SentenceEncoder) -> Understanding:
    return Understanding.train(house(), encoder)


@pytest.fixture(scope="session")
def without_encoder() -> Understanding:
    return Understanding.train(house(), None)
