"""``ivr customer``: what is kept of how somebody calls, to be shown, set or deleted at their request; recordings, too."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime
from pathlib import Path

from ivr.adapters.database import (
    DatabaseAudit,
    DatabaseCalls,
    DatabaseDirectory,
    DatabaseIdentity,
    DatabaseMemory,
    PinRefused,
    Store,
)
from ivr.adapters.sound import recordings
from ivr.calls.people.audit import Actor, Entry
from ivr.cli.people.person import user
from ivr.cli.people.secret import secret
from ivr.config.load import Config, ConfigError, load
from ivr.core.caller import Caller
from ivr.corpus import from_record
from ivr.server.speech.recordings import Folders


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr customer`` may be told."""
    parser.add_argument("number", help="their telephone number")
    parser.add_argument("--forget", action="store_true", help="delete their preferences")
    parser.add_argument(
        "--forget-recordings", action="store_true", help="delete the sound of their calls, and the tests made of them"
    )
    parser.add_argument(
        "--pin", action="store_true", help="give them a PIN (asked for, or from IVR_PIN), and unlock them"
    )
    parser.add_argument("--pin-stdin", action="store_true", help="… one line of standard input")
    parser.add_argument("--no-pin", action="store_true", help="take their PIN away, and unlock them")


def run(asked: argparse.Namespace) -> int:
    """Show what is kept of a caller by number; forget it, set or take away the PIN. Raises ConfigError."""
    config = load(asked.config)
    if asked.forget_recordings:
        return _forget_recordings(asked.number, config, asked.config.resolve().parent)
    asked.pin = asked.pin or asked.pin_stdin
    pin = secret(f"PIN for {asked.number}", "IVR_PIN", "--pin-stdin", asked.pin_stdin) if asked.pin else None

    async def body() -> Caller:
        async with Store.opened(config.database.url) as store:
            found = await DatabaseDirectory(store, config.database.country).find(asked.number)
            if found and found.lookup == "several":
                raise ConfigError(
                    [f"{asked.number}: several customers have this number: name one that is theirs alone"]
                )
            if found is None or found.customer is None:
                raise ConfigError(
                    [
                        f"{asked.number}: nobody is known under this number: is it whole, with its country, as in +4930901820?"
                    ]
                )
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
            # never the number: nobody can take it out of the trail again
            by, detail = Actor(f"console:{user()}"), {"calls": [call for call, _ in calls]}
            await DatabaseAudit(store).write(Entry(by, "recording.forgotten", None, detail))
            return calls

    calls = asyncio.run(body())
    sounds = recordings.forget(folders.recordings, [call for call, _ in calls])
    tests = from_record.forget(folders.corpus, [from_record.call_name(began, call) for call, began in calls])
    print(f"{number}: {len(calls)} calls; {sounds} recordings and {tests} tests in {folders.corpus} deleted.")
    return 0


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
