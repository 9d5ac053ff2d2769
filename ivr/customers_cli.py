"""``ivr customer``: what is kept of how somebody calls, to be shown, set or deleted at their request; recordings, too."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
from datetime import datetime
from pathlib import Path

from ivr.adapters import recordings
from ivr.adapters.database import (
    DatabaseAudit,
    DatabaseCalls,
    DatabaseDirectory,
    DatabaseIdentity,
    DatabaseMemory,
    PinRefused,
    Store,
)
from ivr.calls.access import Actor, Entry
from ivr.config import Config, ConfigError, load
from ivr.core.caller import Caller
from ivr.people_cli import user
from ivr.recording import Folders
from ivr.replay import call_tests


def customer(asked: argparse.Namespace) -> int:
    """Show what is kept of a caller by number; forget it, set or take away the PIN. Raises ConfigError."""
    config = load(asked.config)
    if asked.forget_recordings:
        return _forget_recordings(asked.number, config, asked.config.resolve().parent)
    pin = _pin(asked.number) if asked.pin else None

    async def body() -> Caller:
        async with Store.opened(config.database.url) as store:
            found = await DatabaseDirectory(store, config.database.country).find(asked.number)
            if found is None or found.customer is None:
                raise ConfigError([f"{asked.number}: nobody is known under this number"])
            if asked.forget:
                await DatabaseMemory(store).forget(found.customer.id)
            if asked.pin or asked.no_pin:
                try:
                    await DatabaseIdentity(store).set_pin(found.customer.id, pin)
                except PinRefused as refused:
                    raise ConfigError([f"{asked.number}: {refused}"]) from refused
            again = await DatabaseDirectory(store, config.database.country).find(asked.number)
            return again or found

    _show(asyncio.run(body()))
    if asked.pin or asked.no_pin:
        print("PIN taken away." if pin is None else "PIN set; wrong answers so far are forgiven.")
    return 0


def _forget_recordings(number: str, config: Config, root: Path) -> int:
    """Delete what was recorded of a number's calls, and of its customer's, whoever it is. Raises OSError."""
    folders = Folders.of(config, root)

    async def body() -> list[tuple[str, datetime]]:
        async with Store.opened(config.database.url) as store:
            calls = await DatabaseCalls(store, config.database.country).of_caller(number)
            await DatabaseAudit(store).write(Entry(Actor(f"console:{user()}"), "recording.forgotten", number))
            return calls

    calls = asyncio.run(body())
    sounds = recordings.forget(folders.recordings, [call for call, _ in calls])
    tests = call_tests.forget(folders.corpus, [call_tests.call_name(began, call) for call, began in calls])
    print(f"{number}: {len(calls)} calls; {sounds} recordings and {tests} tests in {folders.corpus} deleted.")
    return 0


def _pin(number: str) -> str:
    """From the keyboard or from IVR_PIN, never from the command line, which others can see."""
    return os.environ.get("IVR_PIN") or getpass.getpass(f"PIN for {number}: ")


def _show(caller: Caller) -> None:
    assert caller.customer
    liked = caller.preferences
    print(f"{caller.customer.id}: {caller.customer.name}")
    kept = [
        name
        for name, is_so in (
            ("keys rather than voice", liked.keys),
            ("slowly", liked.slow),
            ("louder", liked.loud),
            (f"in {liked.language}", liked.language is not None),
        )
        if is_so
    ]
    print("Kept because they agreed to it: " + (", ".join(kept) if kept else "nothing"))
