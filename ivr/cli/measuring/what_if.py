"""``ivr what-if``: what it may be told."""

from __future__ import annotations

import argparse
from pathlib import Path

from ivr.cli.words import count, days


def add_arguments(words: argparse.ArgumentParser) -> None:
    """What ``ivr what-if`` may be told."""
    words.add_argument("--days", type=days, default=1.0, metavar="N", help="the calls of how many days (1)")
    words.add_argument("--dialogues", type=Path, metavar="DIR", help="the other dialogues")
    words.add_argument(
        "--set", action="append", default=[], metavar="TABLE.KEY=VALUE", help="another setting; repeatable"
    )
    words.add_argument("--no-sources", action="store_true", help="do not ask the sources of look-ups: they fail")
    words.add_argument("--to", type=Path, metavar="DIR", help="where the report goes")
    words.add_argument("--processes", type=count, default=0, metavar="N", help="default: as many as there are cores")
    words.add_argument("--json", action="store_true", help="end with one JSON object")
    words.set_defaults(live=0, no_audio=True)


def run(asked: argparse.Namespace) -> int:
    """Re-run the calls of the record."""
    from ivr.replay.what_if import what_if

    return what_if(asked)
