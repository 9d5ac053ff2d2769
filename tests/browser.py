"""A real headless Chromium for tests."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from ivr.provision.debian import CHROMIUM
from tests.conftest import RealParts

FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

ONE_LOOP = pytest.mark.asyncio(loop_scope="session")
"""What a browser is asked from: it lives from the first test that wants one to the end, so all of them have one loop."""
on_one_loop = pytest_asyncio.fixture(loop_scope="session")


expect.set_options(timeout=60_000)


@asynccontextmanager
async def chromium(real_parts: RealParts, *more: str) -> AsyncIterator[Browser]:
    """A browser for as long as the block runs; without its sandbox only as root, where it cannot have one."""
    found = real_parts.get(CHROMIUM)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(
            executable_path=str(found.path), args=[*FLAGS, *sandbox, *more], env={**os.environ, **found.environment()}
        )
        yield made
        await made.close()
