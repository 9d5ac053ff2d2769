"""The server as a process: from its start until it is asked to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from ivr.config.load import Config
from ivr.server.app import Server, running
from ivr.server.process import watchdog
from ivr.server.process.ending import Ending
from ivr.server.process.memory import spare_the_collector

log = structlog.get_logger(__name__)


async def serve(
    config: Config,
    secret: str,
    root: Path,
    ready: Callable[[Server], None] = lambda server: None,
    take_over: bool = False,
) -> None:
    """Run until SIGINT or SIGTERM, or until another server takes over; callers on the line go on to the fallback queue."""
    ending = Ending()
    try:
        async with watchdog.alive() as started, running(config, secret, root, take_over) as server:
            spare_the_collector()
            ready(server)
            started()
            ending.started()
            await ending.wait(server.claim.asked_to_leave)
            log.info("stopping")
    except asyncio.CancelledError:
        if not ending.asked.is_set():
            raise
        log.info("stopped while starting")
