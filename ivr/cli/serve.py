"""``ivr serve``: the server, under a watchdog."""

from __future__ import annotations

import argparse
import sys

from ivr.config.load import ami_secret, load
from ivr.server import descriptors
from ivr.server.process import interrupts, logs, loop, watchdog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr serve`` may be told."""
    parser.add_argument(
        "--no-watchdog", action="store_true", help="without the parent process that restarts a hung server"
    )
    parser.add_argument(
        "--take-over", action="store_true", help="end the server that works on this Asterisk, and take its place"
    )


def run(asked: argparse.Namespace) -> int:
    """Serve until asked to stop. The errors of ``load`` and ``serve``."""
    if not asked.no_watchdog:
        return watchdog.supervise(
            [sys.executable, "-m", "ivr", "serve", "--no-watchdog", "--config", str(asked.config)],
            ["--take-over"] if asked.take_over else [],
        )
    with interrupts.ends_at_once():
        from ivr.server.serving import serve  # the watchdog itself stays small

    config = load(asked.config)
    logs.set_up(config.log.format, config.log.level)
    secret = ami_secret(config)
    descriptors.take_all()
    loop.run(serve(config, secret, asked.config.resolve().parent, take_over=asked.take_over))
    return 0
