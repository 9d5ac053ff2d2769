"""``ivr corpus``: make a corpus, look at one."""

from __future__ import annotations

import argparse
import asyncio
import sys

from rich.console import Console
from rich.table import Table

from ivr.replay import script
from ivr.replay.corpus import read_corpus


def corpus(asked: argparse.Namespace) -> int:
    """Do what was asked; 1 when some of it could not be done. Raises CorpusError."""
    return {"make": _make, "list": _list}[asked.kind](asked)


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
