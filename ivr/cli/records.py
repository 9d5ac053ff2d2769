"""``ivr records``: contacts that are not in the database, and why; what was put aside is shown, and written again."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ivr.adapters.database import DatabaseAudit, DatabaseRecords, Store
from ivr.adapters.records import Aside, AsideFiles, standing
from ivr.calls.people.audit import Actor, Entry, acting
from ivr.calls.records import NeverWritten
from ivr.cli.people.person import user
from ivr.config.load import Config, load
from ivr.core.told import Told, why
from ivr.server.data.records import JOURNAL, aside_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr records`` may be told."""
    parser.add_argument("contact", nargs="*", metavar="CONTACT", help="show these, whole, as JSON")
    parser.add_argument("--play", action="store_true", help="write what was put aside (all, or those named) once more")


def run(asked: argparse.Namespace) -> int:
    """List, show, or write again."""
    config = load(asked.config)
    aside = aside_of(config.records.folder)
    try:
        found = [_named(aside, one) for one in asked.contact] if asked.contact else list(aside)
    except ValueError as error:
        raise Told(str(error)) from error
    except OSError as error:
        raise Told(f"{aside.folder}: {why(error)}") from error
    if asked.play:
        return asyncio.run(_play(config, found))
    if asked.contact:
        asyncio.run(_show(config, found))
    else:
        print("\n".join(_list(config.records.folder / JOURNAL, found)))
    return 0


def _named(aside: AsideFiles, contact: str) -> Aside:
    found = aside.find(contact)
    if found is None:
        raise Told(f"{contact}: no contact of that id was put aside; `ivr records` lists those that were")
    return found


def _list(journal: Path, found: Sequence[Aside]) -> list[str]:
    try:
        stands = standing(journal)
    except OSError as error:
        lines = [f"journal {journal}: {why(error)}"]
    else:
        if stands is None:
            lines = ["journal: none yet; the server makes it when it starts"]
        elif stands.since is None:
            lines = ["journal: everything in it is in the database"]
        else:
            since = datetime.fromtimestamp(stands.since).astimezone().isoformat(sep=" ", timespec="seconds")
            lines = [
                f"journal: {stands.contacts} contacts wait for the database, the first since {since};"
                " the server writes them as soon as it takes them"
            ]
    if not found:
        return [*lines, "put aside: none"]
    lines.append(
        f"put aside: {len(found)}, which the database refuses; `ivr records CONTACT` shows one, --play writes it again"
    )
    for one in found:
        since = one.since.astimezone().isoformat(sep=" ", timespec="seconds")
        lines.append(f"  {one.contact.record['id']}  {since}  {json.dumps(one.why, ensure_ascii=False)}")
    return lines


async def _show(config: Config, found: Sequence[Aside]) -> None:
    async with Store.opened(config.database.url) as store:
        audit = DatabaseAudit(store)
        for one in found:
            try:  # what cannot be written down is not shown
                await audit.write(_entry("contact.read", one))
            except OSError as error:
                raise Told(
                    f"{one.contact.record['id']}: the database cannot take the audit trail's line now ({why(error)});"
                    f" it stands in {one.file}"
                ) from error
            print(one.file.read_text(encoding="utf-8", errors="surrogatepass"))


def _entry(what: str, one: Aside) -> Entry:
    return Entry(Actor(f"console:{user()}"), what, one.contact.record["id"], {"put_aside": one.since.isoformat()})


async def _play(config: Config, found: Sequence[Aside]) -> int:
    refused = 0
    async with Store.opened(config.database.url, config.privacy.card_safe) as store:
        records, audit = DatabaseRecords(store), DatabaseAudit(store)
        for one in found:
            name = one.contact.record["id"]
            try:
                async with acting(audit, _entry("contact.written_again", one)):
                    await records.write([one.contact])
            except NeverWritten as error:
                refused += 1
                print(f"{name}: still refused: {error}")
                continue
            except OSError as error:
                raise Told(f"{name}: the database cannot take it now ({error}); nothing is lost, try again") from error
            one.file.unlink()
            print(f"{name}: written")
    print(f"{len(found) - refused} written, {refused} refused.")
    return 1 if refused else 0
