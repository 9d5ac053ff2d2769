"""``ivr import``: customers and their history from CSV files."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from ivr.adapters.database import ImportFailed, Store, import_file
from ivr.calls.people.audit import Actor
from ivr.cli.people.person import user
from ivr.config.load import load
from ivr.wire.written.encodings import NotText, decoded

MOST_BYTES = 256 << 20
"""Of one file: it is read whole, and its rows are in memory until all of them are right."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr import`` may be told."""
    parser.add_argument("kind", choices=("customers", "orders", "cases", "contacts"))
    parser.add_argument("file", type=Path, nargs="+")


def run(asked: argparse.Namespace) -> int:
    """Import each file, whole or not at all. Raises ImportFailed, StoreUnusable, OSError."""
    config, by = load(asked.config), Actor(f"console:{user()}")

    async def body() -> None:
        async with Store.opened(config.database.url, config.privacy.card_safe) as store:
            for file in asked.file:
                if file.exists() and not (file.is_file() or file.is_dir()):  # what never ends
                    raise ImportFailed([f"{file}: is no file with rows in it: name a CSV file"])
                if file.is_file() and (size := file.stat().st_size) > MOST_BYTES:
                    raise ImportFailed(
                        [f"{file}: {size >> 20} MB, and {MOST_BYTES >> 20} are read at most: cut it in pieces"]
                    )
                try:
                    text = decoded(await asyncio.to_thread(file.read_bytes))
                except NotText as error:
                    raise ImportFailed([f"{file}:{error.line}: {error}"]) from error
                rows = await import_file(store, asked.kind, str(file), text, config.database.country, by=by)
                print(f"{file}: {rows} {asked.kind} imported")

    asyncio.run(body())
    return 0
