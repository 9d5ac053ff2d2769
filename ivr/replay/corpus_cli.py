"""``ivr corpus``: make a corpus, look at one."""

from __future__ import annotations

import argparse
import asyncio
import sys

from rich.console import Console
from rich.table import Table

from ivr.replay import script
from ivr.replay.corpus import CorpusError, read_corpus
from ivr.replay.importing import LAYOUTS, bring, read_mapping


def corpus(asked: argparse.Namespace) -> int:
    """Do what was asked; 1 when some of it could not be done. Raises CorpusError."""
    return {"make": _make, "import": _import, "layouts": _layouts, "list": _list}[asked.kind](asked)


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
