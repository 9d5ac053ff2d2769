"""Waiting for what nobody announces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.conftest import PATIENCE_S


async def until(true: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    """Wait for a fact, on the loop's own time; raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110  # a fact, and no event
            await asyncio.sleep(0.01)
