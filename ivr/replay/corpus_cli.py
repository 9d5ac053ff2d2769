"""``ivr corpus``: make a corpus, look at one."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

from rich.console import Console
from rich.table import Table

from ivr.adapters.database import DatabaseAudit, DatabaseCalls, Store
from ivr.calls.access import Actor, Entry
from ivr.calls.channels import Place
from ivr.calls.past import CallFilter
from ivr.calls.ports import Refused
from ivr.calls.recording import CallTests, Made, Maker
from ivr.config import load
from ivr.core.caller import CallId
from ivr.editions import read_flow
from ivr.people_cli import user
from ivr.recording import kept, recordings_of
from ivr.replay import script
from ivr.replay.corpus import read_corpus

PAGE = 100


def corpus(asked: argparse.Namespace) -> int:
    """Do what was asked; 1 when some of it could not be done. Raises CorpusError."""
    return {"make": _make, "list": _list, "from-calls": _from_calls}[asked.kind](asked)


def _make(asked: argparse.Namespace) -> int:
    made = 0

    def told(name: str, problem: str) -> None:
        nonlocal made
        if problem:
            print(f"ivr: {name}: {problem}", file=sys.stderr)
        else:
            made += 1

    failed = asyncio.run(script.make(asked.script, asked.folder, told))
    print(f"{asked.folder}: {made} calls made" + (f", {failed} could not be made" if failed else ""))
    return 1 if failed else 0


def _from_calls(asked: argparse.Namespace) -> int:
    """Raises ConfigError, FlowError and OSError beside CorpusError."""
    config, root = load(asked.config), asked.config.resolve().parent
    flow = read_flow(root / config.dialogue.folder)
    told = {"corpus": asked.folder.resolve()}
    config = config.model_copy(update={"recording": config.recording.model_copy(update=told)})
    wanted = CallFilter(datetime.now(UTC) - timedelta(days=asked.days), intent=asked.intent, outcome=asked.outcome)

    async def body() -> tuple[list[Made], list[str]]:
        async with Store.opened(config.database.url) as store:
            recordings = recordings_of(config, root)
            try:
                tests = kept(config, root, store, recordings, lambda: flow).tests
                return await _all(DatabaseCalls(store, config.database.country), tests, DatabaseAudit(store), wanted)
            finally:
                await recordings.close()

    made, left_out = asyncio.run(body())
    for line in left_out:
        print(f"note: {line}", file=sys.stderr)
    with_sound = sum(one.sound for one in made)
    print(f"{asked.folder}: {len(made)} calls made, {with_sound} of them with sound; {len(left_out)} left out")
    return 0


async def _all(
    calls: DatabaseCalls, tests: CallTests, audit: DatabaseAudit, wanted: CallFilter
) -> tuple[list[Made], list[str]]:
    """The tests that were made, and why others were not."""
    made: list[Made] = []
    left_out: list[str] = []
    by, after = Actor(f"console:{user()}"), None
    while page := await calls.page(wanted, PAGE, after):
        for call in page:
            await audit.write(Entry(by, "call.made_test", call.id))
            try:
                one = await tests.make(CallId(UUID(call.id)), Maker(None))
            except (Refused, ValueError) as refused:  # ids of calls that another server brought are no UUIDs
                left_out.append(f"{call.id}: {refused}")
                continue
            if one:
                made.append(one)
        after = Place(page[-1].began, page[-1].id)
    return made, left_out


def _list(asked: argparse.Namespace) -> int:
    found = read_corpus(asked.folder)
    table = Table("call", "wants", "place", "language", "tags", title=found.house.title, title_justify="left")
    for call in found.calls:
        facts = call.facts
        place = facts.queue or ("settled" if facts.settled else "")
        table.add_row(call.name, call.wants, place, facts.language or "", ", ".join(facts.tags))
    Console().print(table)
    for name, problem in found.broken.items():
        print(f"ivr: {name}: {problem}", file=sys.stderr)
    return 1 if found.broken else 0
