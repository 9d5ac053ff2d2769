"""``ivr corpus``: make a corpus, look at one."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.database import DatabaseAudit, DatabaseCalls, Store
from ivr.calls.floor.call_tests import CallTestAuthor, CallTests, CreatedTest
from ivr.calls.floor.past_calls import CallFilter, every
from ivr.calls.people.audit import Actor, Entry, acting
from ivr.calls.ports import Refused
from ivr.cli.people.person import user
from ivr.cli.words import count
from ivr.config.load import load
from ivr.core.caller import CallId
from ivr.core.told import no_such
from ivr.corpus.format import CorpusError, read_corpus
from ivr.replay.making import script
from ivr.replay.making.public_sets import LAYOUTS, bring, read_mapping
from ivr.server.speech.publishing import read_flow
from ivr.server.speech.recordings import recording_services, recordings_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr corpus`` may be told."""
    kinds: Any = parser.add_subparsers(dest="kind", metavar="COMMAND", required=True)
    made = kinds.add_parser("make", help="from a script: what is said, in whose voice, on what line")
    made.add_argument("script", type=Path, help="a TOML file with a table a call")
    made.add_argument("folder", type=Path, help="the corpus, which is made or added to")
    from_calls = kinds.add_parser("from-calls", help="from calls that were, with the sound of who agreed to it")
    from_calls.add_argument("folder", type=Path, help="the corpus, which is made or added to")
    from_calls.add_argument("--days", type=count, default=30, metavar="N", help="of how many days (30)")
    from_calls.add_argument("--intent", metavar="X", help="only calls that were about this")
    from_calls.add_argument("--outcome", metavar="X", help="only calls that ended so: wrong_place, solved, follow_up …")
    brought = kinds.add_parser("import", help="from a public set of recordings or texts")
    brought.add_argument("layout", metavar="LAYOUT", help="how it is laid out; `ivr corpus layouts` lists them")
    brought.add_argument("source", type=Path, help="the set")
    brought.add_argument("folder", type=Path, help="the corpus, which is made or added to")
    brought.add_argument("--intents", type=Path, metavar="FILE.csv", help="theirs,ours: what their intents are here")
    kinds.add_parser("layouts", help="list the layouts of public sets that can be imported")
    listed = kinds.add_parser("list", help="list the calls of a corpus, and what is wrong with it")
    listed.add_argument("folder", type=Path)


def run(asked: argparse.Namespace) -> int:
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
        raise CorpusError([no_such("layout", asked.layout, LAYOUTS)])
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

    async def body() -> tuple[list[CreatedTest], list[str]]:
        async with Store.opened(config.database.url) as store, AsyncExitStack() as stack:
            tests = recording_services(config, root, store, recordings_of(config, root, stack), lambda: flow).tests
            return await _all(DatabaseCalls(store, config.database.country), tests, DatabaseAudit(store), wanted)

    made, left_out = asyncio.run(body())
    for line in left_out:
        print(f"note: {line}", file=sys.stderr)
    with_sound = sum(one.sound for one in made)
    print(f"{asked.folder}: {len(made)} calls made, {with_sound} of them with sound; {len(left_out)} left out")
    return 0


async def _all(
    calls: DatabaseCalls, tests: CallTests, audit: DatabaseAudit, wanted: CallFilter
) -> tuple[list[CreatedTest], list[str]]:
    """The tests that were made, and why others were not."""
    made: list[CreatedTest] = []
    left_out: list[str] = []
    by = Actor(f"console:{user()}")
    async for call in every(calls, wanted):
        try:
            async with acting(audit, Entry(by, "call.made_test", call.id)):
                one = await tests.make(CallId(UUID(call.id)), CallTestAuthor(None))
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
