"""The words of the bench that are studies of their own, each with targets."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ivr.bench import turns
from ivr.bench.chaos import ends, report, strangers
from ivr.bench.chaos.acts import ACTS

Number = TypeVar("Number", int, float)


def _some(kind: Callable[[str], Number]) -> Callable[[str], Number]:
    """What argparse reads a number with that must be more than nothing."""

    def read(word: str) -> Number:
        number = kind(word)
        if number <= 0:
            raise argparse.ArgumentTypeError(f"{word}: must be more than 0")
        return number

    read.__name__ = "number"  # argparse names it where a word is none
    return read


def add_arguments(words: argparse.ArgumentParser) -> None:
    """What they may be told; ``study`` is which was asked for, None: none."""
    studies = words.add_subparsers(dest="study", metavar="chaos | ends | strangers | turns")
    chaos = studies.add_parser("chaos", help="faults at random moments, beside callers who ring all the time")
    chaos.add_argument("--minutes", type=_some(float), default=10.0, help="how long faults are made")
    chaos.add_argument("--seed", type=int, default=1, help="the same seed draws the same faults in the same order")
    chaos.add_argument("--calls", dest="at_once", type=_some(int), default=6, help="callers at once")
    chaos.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    chaos.add_argument(
        "--act",
        action="append",
        choices=[act.name for act in ACTS],
        metavar="ACT",
        help="only this act, by its name in the table; may come several times",
    )
    chaos.add_argument("--logs", type=Path, help="a folder for copies of the server's and Asterisk's logs")
    tries = studies.add_parser("ends", help="SIGTERM at random moments of a start, a migration, and under calls")
    tries.add_argument("--tries", type=_some(int), default=60)
    tries.add_argument("--seed", type=int, default=1)
    beside = studies.add_parser(
        "strangers", help="fifty calls beside thousands of half-open connections and wrong passwords"
    )
    beside.add_argument("--calls", dest="at_once", type=_some(int), default=50, help="callers at once")
    beside.add_argument("--seconds", type=_some(float), default=60.0, help="of each of the two rounds")
    beside.add_argument("--half-open", type=_some(int), default=strangers.HALF_OPEN)
    beside.add_argument("--seed", type=int, default=1)
    taken = studies.add_parser("turns", help="how soon callers are answered, and what a pause in a sentence does")
    taken.add_argument("--seed", type=int, default=1, help="the same seed plants the same pauses")


def run(asked: argparse.Namespace) -> int:
    """Do what was asked for; 1 where a target is missed."""
    row: dict[str, Any]
    if asked.study == "ends":
        row = ends.measure(asked.tries, asked.seed)
        ends.show(row)
    elif asked.study == "strangers":
        row = strangers.measure(asked.at_once, asked.seconds, asked.half_open, asked.seed)
        strangers.show(row)
    elif asked.study == "turns":
        row = turns.measure(asked.seed)
        turns.show(row)
    else:
        acts = frozenset(asked.act or ())
        row = report.measure(report.Wanted(asked.minutes, asked.seed, asked.at_once, asked.database, acts, asked.logs))
        report.show(row)
    print(json.dumps({asked.study: row}, ensure_ascii=False))
    return int(bool(row["missed"]))
