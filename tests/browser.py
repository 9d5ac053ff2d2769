"""A real headless Chromium for tests."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from ivr.provision.debian import CHROMIUM
from tests.conftest import RealParts

FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


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
