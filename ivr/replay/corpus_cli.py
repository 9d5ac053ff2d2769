"""``ivr corpus``: make a corpus, look at one."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.database import DatabaseAudit, DatabaseCalls, Store
from ivr.calls.access import Actor, Entry
from ivr.calls.past import CallFilter, every
from ivr.calls.ports import Refused
from ivr.calls.recording import CallTests, Made, Maker
from ivr.config import load
from ivr.core.caller import CallId
from ivr.editions import read_flow
from ivr.people_cli import user
from ivr.recording import kept, recordings_of
from ivr.replay import script
from ivr.replay.corpus import CorpusError, read_corpus
from ivr.replay.importing import LAYOUTS, bring, read_mapping


def corpus(asked: argparse.Namespace) -> int:
    """Do what was asked; 1 when some of it could not be done. Raises CorpusError."""
    kinds = {"make": _make, "import": _import, "layouts": _layouts, "from-calls": _from_calls, "list": _list}
    return kinds[asked.kind](asked)


class _Told:
    """Says what could not be made, and counts what could."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, name: str, problem: str) -> None:
        if problem:
            print(f"ivr: {name}: {problem}", file=sys.stderr)
        else:
            self.made += 1

    def ended(self, asked: argparse.Namespace, failed: int) -> int:
        """The last line, and the exit code."""
        print(f"{asked.folder}: {self.made} calls made" + (f", {failed} could not be made" if failed else ""))
        return 1 if failed else 0


def _make(asked: argparse.Namespace) -> int:
    told = _Told()
    return told.ended(asked, asyncio.run(script.make(asked.script, asked.folder, told)))


def _import(asked: argparse.Namespace) -> int:
    if asked.layout not in LAYOUTS:
        raise CorpusError([f"there is no layout {asked.layout!r}; there are {', '.join(LAYOUTS)}"])
    mapping = read_mapping(asked.intents) if asked.intents else {}
    told = _Told()
    return told.ended(asked, bring(asked.layout, asked.source, asked.folder, mapping, told))


def _layouts(asked: argparse.Namespace) -> int:
    for name, layout in LAYOUTS.items():
        print(f"{name:<14} {layout.about}")
    return 0


def _from_calls(asked: argparse.Namespace) -> int:
    """Raises ConfigError, FlowError and OSError beside CorpusError."""
    config, root = load(asked.config), asked.config.resolve().parent
    flow = read_flow(root / config.dialogue.folder)
    told = {"corpus": asked.folder.resolve()}
    config = config.model_copy(update={"recording": config.recording.model_copy(update=told)})
    wanted = CallFilter(datetime.now(UTC) - timedelta(days=asked.days), intent=asked.intent, outcome=asked.outcome)

    async def body() -> tuple[list[Made], list[str]]:
        async with Store.opened(config.database.url) as store, AsyncExitStack() as stack:
            tests = kept(config, root, store, recordings_of(config, root, stack), lambda: flow).tests
            return await _all(DatabaseCalls(store, config.database.country), tests, DatabaseAudit(store), wanted)

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
    by = Actor(f"console:{user()}")
    async for call in every(calls, wanted):
        await audit.write(Entry(by, "call.made_test", call.id))
        try:
            one = await tests.make(CallId(UUID(call.id)), Maker(None))
        except (Refused, ValueError) as refused:  # ids of calls that another server brought are no UUIDs
            left_out.append(f"{call.id}: {refused}")
            continue
        if one:
            made.append(one)
    return made, left_out


def _list(asked: argparse.Namespace) -> int:
    found = read_corpus(asked.folder)
    table = Table("call", "wants", "place", "language", "tags", title=escape(found.house.title), title_justify="left")
    for call in found.calls:
        facts = call.facts
        place = facts.queue or ("settled" if facts.settled else "")
        table.add_row(*map(escape, (call.name, call.wants, place, facts.language or "", ", ".join(facts.tags))))
    Console().print(table)
    for name, problem in found.broken.items():
        print(f"ivr: {name}: {problem}", file=sys.stderr)
    return 1 if found.broken else 0
