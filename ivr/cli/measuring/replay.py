"""``ivr replay``: what it may be told."""

from __future__ import annotations

import argparse
from pathlib import Path

from ivr.cli.words import count


def add_arguments(words: argparse.ArgumentParser) -> None:
    """What ``ivr replay`` may be told."""
    words.add_argument("corpus", type=Path, help="a folder with sound files and TOML files (docs/replay.md)")
    words.add_argument(
        "--to", type=Path, metavar="DIR", help="where the report goes; a run that was broken off there goes on"
    )
    words.add_argument("--only", metavar="TEXT", help="only calls with this in their name or tags")
    words.add_argument("--processes", type=count, default=0, metavar="N", help="default: as many as there are cores")
    words.add_argument(
        "--live", type=count, default=0, metavar="N", help="through a real Asterisk at true speed, N calls at once"
    )
    words.add_argument("--dialogues", type=Path, metavar="DIR", help="other dialogues than those of config.toml")
    words.add_argument(
        "--set", action="append", default=[], metavar="TABLE.KEY=VALUE", help="another setting than in config.toml; repeatable"
    )  # fmt: skip
    words.add_argument(
        "--against", type=Path, metavar="OLD", help="compare with an earlier run, other dialogues, or another config.toml"
    )  # fmt: skip
    words.add_argument(
        "--threshold", action="append", default=[], metavar="NAME=VALUE",
        help="what must be reached, as in corpus.toml: wer_max=0.1"
    )  # fmt: skip
    words.add_argument("--no-audio", action="store_true", help="keep no sound of the replayed calls")
    words.add_argument("--json", action="store_true", help="end with one JSON object")


def run(asked: argparse.Namespace) -> int:
    """Replay; 1 when a threshold was missed."""
    from ivr.replay.run_corpus import replay

    return replay(asked)
