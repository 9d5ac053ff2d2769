"""Time in these tests is the loop's own: it stands still while something happens and jumps when everybody waits."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.conftest import PATIENCE_S


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for nothing: instead of sleeping until the next timer, it moves the clock there."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            found = super().select(PATIENCE_S)
            assert found, "everybody waits for something that will never happen"
            return found
        self.now += max(timeout, 0.0)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose hours pass in no time at all, and always alike."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: Any
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Every test of this folder runs on it."""
    return {"jumping": JumpingLoop}
