"""``ivr demo``: the sample shop's customers, agents, books and past calls, so that every example can be tried."""

from __future__ import annotations

import argparse
import asyncio
import secrets
from datetime import UTC, datetime
from pathlib import Path

from ivr.adapters.database import DatabaseAccounts, DatabaseRecords, Store
from ivr.calls.records import Contact
from ivr.cli.demo.history import history
from ivr.config.load import Config, load
from ivr.core.flow.flow import Flow
from ivr.core.told import Told, listed
from ivr.lab.shop import shop
from ivr.server.process import logs
from ivr.server.speech.publishing import read_flow

FILE = "sqlite:///"


class NotFilled(Told):
    """The sample was not put in; the text says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing but where the settings are."""


def run(asked: argparse.Namespace) -> int:
    """Fill an empty database, and say who may sign in."""
    config = load(asked.config)
    _is_a_shop(read_flow(asked.config.resolve().parent / config.dialogue.folder), asked.config)
    people = (*(agent.id for agent in shop.AGENTS), shop.LEAD)
    passwords: dict[str, str] = {login: secrets.token_urlsafe(9) for login in people}
    asyncio.run(_fill(config, passwords))
    logs.set_up("console", "critical")
    print("The calls of the last days are being held …", flush=True)
    contacts = history(config, asked.config.resolve().parent, datetime.now(UTC))
    asyncio.run(_write(config, contacts))
    print(f"The sample shop is in {config.database.url}. May sign in, with a password each:\n")
    for login, password in passwords.items():
        print(f"  {login:6} {password}")
    print(f"\nThe customers of docs/dialogues.md call: `ivr talk --number {shop.LIN_MEI}`.")
    print(
        f"{len(contacts)} calls of the last days are in the record: `ivr report`, and `ivr what-if --set routing.prefer_at=1`."
    )
    return 0


def _is_a_shop(flow: Flow, config: Path) -> None:
    """Raises NotFilled where the shop's people would have no queues."""
    unknown = sorted({queue for agent in shop.AGENTS for queue in agent.queues} - set(flow.queues))
    if unknown:
        raise NotFilled(
            f"{config}: these dialogues have no queue {listed(unknown)}, in which the sample shop's people work: make a "
            "house for it with `ivr init FOLDER --template shop`, and run `ivr demo` there"
        )


async def _fill(config: Config, passwords: dict[str, str]) -> None:
    books = _books(config)
    async with Store.opened(config.database.url, config.privacy.card_safe) as store:
        if there := await DatabaseAccounts(store).agents():
            raise NotFilled(
                f"{config.database.url} has {len(there)} agents already: the sample would stand among them; name an empty "
                "database in [database] url, or make a house for it with `ivr init FOLDER --template shop`"
            )
        await shop.open_shop(store, passwords, books=books)
    if books is not None:
        books.chmod(0o600)


async def _write(config: Config, contacts: list[Contact]) -> None:
    async with Store.opened(config.database.url, config.privacy.card_safe) as store:
        await DatabaseRecords(store).write(contacts)


def _books(config: Config) -> Path | None:
    """The file of the shop's own books, where the dialogues ask one."""
    url = config.sources.get("shop", "")
    if not url.startswith(FILE):
        return None
    path = Path(url.removeprefix(FILE))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
