"""The words of ``ivr replay`` and ``ivr corpus`` on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Maker = Callable[[str, str, Callable[[argparse.Namespace], int]], argparse.ArgumentParser]


def add(command: Maker) -> None:
    """Add them."""
    _replay(command("replay", "replay a corpus of recorded calls and say what came of it", _run_replay))
    _what_if(command("what-if", "hold yesterday's calls again under another dialogue or other settings", _run_what_if))
    corpus = command("corpus", "make a corpus of calls, or look at one", _run_corpus)
    kinds: Any = corpus.add_subparsers(dest="kind", metavar="", required=True)
    made = kinds.add_parser("make", help="from a script: what is said, in whose voice, on what line")
    made.add_argument("script", type=Path, help="a TOML file with a table a call")
    made.add_argument("folder", type=Path, help="the corpus, which is made or added to")
    from_calls = kinds.add_parser("from-calls", help="from calls that were, with the sound of who agreed to it")
    from_calls.add_argument("folder", type=Path, help="the corpus, which is made or added to")
    from_calls.add_argument("--days", type=int, default=30, metavar="N", help="of how many days (30)")
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


def _replay(words: argparse.ArgumentParser) -> None:
    words.add_argument("corpus", type=Path, help="a folder with sound files and TOML files (docs/replay.md)")
    words.add_argument(
        "--to", type=Path, metavar="DIR", help="where the report goes; a run that was broken off there goes on"
    )
    words.add_argument("--only", metavar="TEXT", help="only calls with this in their name or tags")
    words.add_argument("--processes", type=_count, default=0, metavar="N", help="default: as many as there are cores")
    words.add_argument(
        "--live", type=_count, default=0, metavar="N", help="through a real Asterisk at true speed, N calls at once"
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


def _what_if(words: argparse.ArgumentParser) -> None:
    words.add_argument("--days", type=float, default=1.0, metavar="N", help="the calls of how many days (1)")
    words.add_argument("--dialogues", type=Path, metavar="DIR", help="the other dialogues")
    words.add_argument(
        "--set", action="append", default=[], metavar="TABLE.KEY=VALUE", help="another setting; repeatable"
    )
    words.add_argument("--no-sources", action="store_true", help="do not ask the sources of look-ups: they fail")
    words.add_argument("--to", type=Path, metavar="DIR", help="where the report goes")
    words.add_argument("--processes", type=_count, default=0, metavar="N", help="default: as many as there are cores")
    words.add_argument("--json", action="store_true", help="end with one JSON object")
    words.set_defaults(live=0, no_audio=True)


def _run_what_if(asked: argparse.Namespace) -> int:
    from ivr.replay.what_if import what_if

    return what_if(asked)


def _run_replay(asked: argparse.Namespace) -> int:
    from ivr.replay.cli import replay

    return replay(asked)


def _run_corpus(asked: argparse.Namespace) -> int:
    from ivr.replay.corpus_cli import corpus

    return corpus(asked)


def _count(written: str) -> int:
    """A number of processes or of calls at once."""
    number = int(written)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{written} is less than none")
    return number
