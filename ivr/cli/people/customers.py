"""``ivr customer``: how somebody likes to be spoken to, and their PIN. Forgetting is ``ivr person-data``'s."""

from __future__ import annotations

import argparse
import asyncio

from ivr.adapters.database import DatabaseAudit, DatabaseDirectory, DatabaseIdentity, PinRefused, Store
from ivr.calls.people.audit import Actor, Entry
from ivr.cli.people.person import user
from ivr.cli.people.secret import secret
from ivr.config.load import ConfigError, load
from ivr.core.caller import Caller


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr customer`` may be told."""
    parser.add_argument("number", help="their telephone number")
    # what once forgot some of it, and is told where that went
    parser.add_argument("--forget", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--forget-recordings", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--pin", action="store_true", help="give them a PIN (asked for, or from IVR_PIN), and unlock them"
    )
    parser.add_argument("--pin-stdin", action="store_true", help="… one line of standard input")
    parser.add_argument("--no-pin", action="store_true", help="take their PIN away, and unlock them")


def run(asked: argparse.Namespace) -> int:
    """Show what is kept of a caller by number; set or take away the PIN. Raises ConfigError."""
    config = load(asked.config)
    for old, only in (("forget", "preferences"), ("forget_recordings", "recordings")):
        if getattr(asked, old):
            raise ConfigError([
                f"--{old.replace('_', '-')} is now `ivr person-data {asked.number} --erase --only {only}`; without --only it"
                " erases all that is kept of them"
            ])  # fmt: skip
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
            by = Actor(f"console:{user()}")
            if asked.pin or asked.no_pin:
                try:
                    await DatabaseIdentity(store).set_pin(found.customer.id, pin, by)
                except PinRefused as refused:
                    raise ConfigError([f"{asked.number}: {refused}"]) from refused
            # what cannot be written down is not shown
            await DatabaseAudit(store).write(Entry(by, "customer.read", found.customer.id, of_customer=True))
            again = await DatabaseDirectory(store, config.database.country).find(asked.number)
            return again or found

    _show(asyncio.run(body()))
    if asked.pin or asked.no_pin:
        print("PIN taken away." if pin is None else "PIN set; wrong answers so far are forgiven.")
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
