"""``ivr doctor``: looks at everything that the server needs and says, for each, whether it is right and what to do if not."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from ivr.adapters.database.store import StoreUnusable
from ivr.config.load import ConfigError, load
from ivr.core.flow.flow import Flow
from ivr.core.told import why
from ivr.server import descriptors
from ivr.server.data import customers, database, sources
from ivr.server.pages import web
from ivr.server.parts import Examination, Examine, Finding
from ivr.server.speech import recordings, speech_in, voice
from ivr.server.speech.publishing import read_flow
from ivr.server.telephony import manager_access, softphones
from ivr.wire.flow.toml import FlowError

PARTS: tuple[Examine, ...] = (
    database.examine,
    speech_in.examine,
    voice.examine,
    customers.examine,
    recordings.examine,
    sources.examine,
    web.examine,
    softphones.examine,
    descriptors.examine,
    manager_access.examine,
)
"""The parts of the server, in the order in which they are looked at."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing but where the settings are."""


def run(asked: argparse.Namespace) -> int:
    """Look at everything; 1 when something is wrong."""
    return examine(asked.config)


def examine(config_path: Path, parts: Sequence[Examine] = PARTS) -> int:
    """Print every finding of these parts; 1 when something is wrong."""
    wrong, open_ = 0, 0
    for right, text in _findings(config_path, parts):
        print(f"{'✓' if right else '·' if right is None else '✗'} {text}")
        wrong += right is False
        open_ += right is None
    well = "Nothing is wrong; what has a · can be lived with, or was not looked at." if open_ else "All is well."
    print(f"\n{wrong} problems." if wrong > 1 else "\n1 problem." if wrong else f"\n{well}")
    return 1 if wrong else 0


def _findings(config_path: Path, parts: Sequence[Examine]) -> Iterator[Finding]:
    try:
        config = load(config_path)
    except ConfigError as error:
        yield from ((False, problem) for problem in error.problems)
        return
    yield True, f"{config_path} is valid"
    root = config_path.resolve().parent
    flow: Flow | None = None
    try:
        flow = read_flow(root / config.dialogue.folder)
        yield True, f"dialogues are right ({len(flow.intents)} intents, {len(flow.queues)} queues)"
    except FlowError as error:
        yield from ((False, problem) for problem in error.problems)
    try:
        agents = database.agents(config)
    except StoreUnusable as error:
        agents = None
        yield False, str(error)
    what = Examination(config, root, flow, agents)
    for part in parts:
        try:
            yield from part(what)
        except OSError as error:
            yield (
                None,
                f"{error.filename or part.__module__}: {why(error)}: what else there is to see, the server's user sees",
            )
