"""``ivr what-if``: calls of the record, in text and without their sound, under the present dialogue and under another one.

What callers said is taken as it was heard then. Who is replayed answers what they are asked, so a question that they were
never asked has no answer but what is known of the call; what they would have said to it, nobody knows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import tomli_w
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.database import DatabaseAccounts, DatabaseCalls, DatabaseDirectory, Store
from ivr.calls.floor.call_tests import CallTestAuthor
from ivr.calls.floor.past_calls import CallFilter, every
from ivr.calls.ports import Refused
from ivr.config.load import Config, load
from ivr.core.caller import Agent, CallId
from ivr.core.flow.flow import Flow
from ivr.corpus.format import CorpusError, read_corpus
from ivr.corpus.from_record import CallTestFiles
from ivr.replay.plan import plan, with_settings
from ivr.replay.report import page
from ivr.replay.report.compare import compare
from ivr.replay.report.run_folder import Run
from ivr.replay.report.terminal import show_comparison
from ivr.replay.run_corpus import FAST, RUNS, replayed
from ivr.server.process import logs
from ivr.server.speech.publishing import read_flow

MOST_SHOWN = 30


@dataclass(slots=True)
class Taken:
    """The calls of a time."""

    really: dict[str, str] = field(default_factory=dict)
    """Where each came to then, by the name that it has in the corpus."""
    left_out: Counter[str] = field(default_factory=Counter)


MATTERS = ("dialogue", "routing", "understanding", "speech_in", "sources", "offers", "callbacks")
"""The tables of config.toml on which the way of a call that is held again depends."""


def _matter(settings: list[str]) -> None:
    """Raises CorpusError for a setting that changes no call."""
    others = [one for one in settings if "." in one and one.partition(".")[0].strip() not in MATTERS]
    if others:
        raise CorpusError(
            [
                f"--set {one}: no call goes another way for it; tables that matter are {', '.join(MATTERS)}"
                for one in others
            ]
        )


def what_if(asked: argparse.Namespace) -> int:
    """Hold them again, twice. Raises ConfigError, FlowError, CorpusError, OSError, and what ``plan`` raises."""
    if asked.dialogues is None and not asked.set:
        raise CorpusError(
            ["what should be different? Name other dialogues (--dialogues DIR) or settings (--set TABLE.KEY=VALUE)"]
        )
    logs.set_up("console", "critical")
    console = Console(stderr=asked.json)
    config, root = load(asked.config), asked.config.resolve().parent
    flow = read_flow(root / config.dialogue.folder)
    _matter(asked.set)
    with_settings(asked.config, asked.set)  # what is wrong with the words is told before the record is read
    if asked.dialogues is not None:
        read_flow(asked.dialogues)
    folder = asked.to or RUNS / f"what-if-{datetime.now():%Y%m%d-%H%M%S}"
    with tempfile.TemporaryDirectory(prefix="ivr-what-if-") as made:
        corpus = Path(made) / "corpus"
        taken = asyncio.run(_take(config, root, flow, corpus, asked.days))
        if not taken.really:
            raise CorpusError(
                [f"{config.database.url}: there is no call of the last {asked.days:g} days that says anything"]
            )
        calls, ask = read_corpus(corpus), not asked.no_sources
        new = plan(asked.config, calls, asked.dialogues, asked.set, FAST, ask)
        old = plan(asked.config, calls, None, [], FAST, ask)
        for note in dict.fromkeys((*old.notes, *new.notes)):
            print(f"note: {note}", file=sys.stderr)
        after, before = replayed(new, folder, asked), replayed(old, folder / "against", asked)
    compared = compare(before.results, after.results)
    page.write(after, compared, [])
    faithful = [_place(before, name) == place for name, place in taken.really.items() if name in before.results]
    console.print(
        f"{len(taken.really)} calls; under the present dialogue {sum(faithful)} of {len(faithful)} come again to where they came "
        "then." + ("" if all(faithful) else " What differs was decided by sound, keys or records that are gone.")
    )
    for why, count in taken.left_out.most_common():
        console.print(f"left out: {count} × {why}", markup=False)
    show_comparison(console, compared)
    elsewhere = list(_elsewhere(before, after))
    _show(console, elsewhere)
    console.print(f"{folder / 'index.html'}: the report")
    if asked.json:
        told = {"contacts": len(taken.really), "left_out": sum(taken.left_out.values()), "as_really": sum(faithful),
                "elsewhere": elsewhere, "against": compared.json(), "report": str(folder)}  # fmt: skip
        print(json.dumps(told, ensure_ascii=False))
    return 0


class _NoSound:
    """The calls are taken in text."""

    async def find(self, call: str) -> Path | None:
        return None

    async def among(self, calls: Any) -> frozenset[str]:
        return frozenset()


async def _take(config: Config, root: Path, flow: Flow, folder: Path, days: float) -> Taken:
    """The calls of so many days as a corpus in text; their numbers and names are others."""
    taken, country = Taken(), config.database.country
    wanted = CallFilter(datetime.now(UTC) - timedelta(days=days))
    folder.mkdir(parents=True)  # noqa: ASYNC240  # nothing else runs here
    async with Store.opened(config.database.url) as store:
        calls = DatabaseCalls(store, country)
        tests = CallTestFiles(
            dict, calls, DatabaseDirectory(store, country), _NoSound(), lambda: flow, "off", folder, folder.parent
        )
        agents = await DatabaseAccounts(store).agents()
        (folder / "corpus.toml").write_text(tomli_w.dumps({"agents": [_colleague(agent) for agent in agents]}), "utf-8")
        async for call in every(calls, wanted):
            await _one(call.id, tests, taken)
    return taken


async def _one(id_: str, tests: CallTestFiles, taken: Taken) -> None:
    try:
        source = await tests.source(CallId(UUID(id_)))
        if source and not source.ledger.entries:
            taken.left_out["it was imported, without what was said"] += 1
            return
        made = await tests.make_of(source, CallTestAuthor(None)) if source else None
    except Refused as refused:
        taken.left_out[refused.text["en"]] += 1
        return
    except ValueError:
        taken.left_out["it was another server's"] += 1
        return
    if source is None or made is None:
        return
    decided = source.ledger.decision
    taken.really[made.name] = "settled" if source.settled else decided.queue if decided else "gone"


def _colleague(agent: Agent) -> dict[str, Any]:
    told = {"id": agent.id, "name": agent.name, "languages": list(agent.languages), "skills": agent.skills,
            "queues": list(agent.queues)}  # fmt: skip
    return {**told, "region": agent.region} if agent.region else told


def _place(run: Run, name: str) -> str:
    return run.results[name].place


def _elsewhere(before: Run, after: Run) -> Iterator[dict[str, str]]:
    """The calls that come to another place now."""
    for name, new in after.results.items():
        old = before.results.get(name)
        if old is not None and not old.failed and not new.failed and old.place != new.place:
            said = next((str(step["text"]) for step in new.story if step["kind"] == "heard"), "")
            yield {"call": name, "said": said, "old": old.place, "new": new.place, "really": new.right_place}


def _show(console: Console, elsewhere: list[dict[str, str]]) -> None:
    if not elsewhere:
        console.print("no call comes to another place")
        return
    title = f"{len(elsewhere)} calls come to another place"
    table = Table(
        "call", "said first", "old", "new", "who settled it", box=box.SIMPLE_HEAD, title=title, title_justify="left"
    )
    for one in elsewhere[:MOST_SHOWN]:
        table.add_row(*(escape(one[key]) for key in ("call", "said", "old", "new", "really")))
    console.print(table)
