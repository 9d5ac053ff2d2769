"""The words of ``ivr intents …`` and ``ivr asr …``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ivr.instruments.bench_words import bench_words

Run = Callable[[argparse.Namespace], int]
Guarded = Callable[[Callable[[], int]], int]
"""Runs a command and turns the known failures into sentences and exit code 1."""
Group = Callable[[str, str, Run], argparse.ArgumentParser]
"""Makes a command of a group: name, text, what it runs."""


def instrument_words(commands: Any, guarded: Guarded) -> None:
    """Add the groups to ``commands``, the parser's own maker of commands."""
    intents = _group(commands, "intents", "measure how well the callers' wishes are understood", guarded)
    _eval_words(intents("eval", "learn one table of texts and intents, measure on another", _intents_eval))
    check = intents("check", "what the dialogue's own phrases do to each other", _intents_check)
    check.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE", help="default: config.toml")
    asr = _group(commands, "asr", "measure how well speech is recognised", guarded)
    _asr_eval_words(asr("eval", "recognise a folder of recordings and count the words that are wrong", _asr_eval))
    bench_words(asr("bench", "how many calls at once are recognised in real time", _asr_bench))


def _group(commands: Any, name: str, text: str, guarded: Guarded) -> Group:
    group = commands.add_parser(name, help=text, description=text)
    inner = group.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, text: str, run: Run) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = inner.add_parser(name, help=text, description=text)
        made.add_argument("--json", action="store_true", help="end with one line of JSON")
        made.set_defaults(run=lambda asked: guarded(lambda: run(asked)))
        return made

    return command


def _eval_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("--train", type=Path, required=True, metavar="FILE.csv", help="columns text,intent; oos: none")
    words.add_argument("--test", type=Path, required=True, metavar="FILE.csv", help="the same columns")
    words.add_argument("--language", choices=("en", "zh"), default="en", help="of the texts, default en")
    words.add_argument("--encoder", choices=("auto", "off"), default="auto", help="off: words and letters alone")
    words.add_argument("--no-titles", action="store_true", help="the intents' names teach nothing")
    words.add_argument("--few", type=_count, default=None, metavar="N", help="N texts an intent, drawn five times")
    words.add_argument("--noise", type=_share, default=0.0, metavar="P", help="simulated word error rate, 0 to 1")
    words.add_argument("--seed", type=int, default=1, help="of all that is drawn, default 1")


def _asr_eval_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("folder", type=Path, metavar="DIR", help="holds manifest.csv (file,text) and the recordings")
    words.add_argument("--language", choices=("en", "zh"), default="en", help="of the recordings, default en")
    words.add_argument(
        "--grammar", default=None, metavar="digits|FILE", help="what may be said; a file: a phrase a line"
    )
    words.add_argument("--model", type=Path, default=None, metavar="DIR", help="default: as the server chooses")
    words.add_argument("--threads", type=_count, default=1, metavar="N", help="files at the same time, default 1")
    words.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE", help="default: config.toml")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no count: it should be 1 or more")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share: it should be from 0 to 1")
    return share


def _intents_eval(asked: argparse.Namespace) -> int:
    # as in the server, where one thread answers; numpy reads it when it is loaded
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ivr.instruments.intents_eval import Asked, intents_eval

    return intents_eval(
        Asked(
            asked.train, asked.test, asked.language, asked.encoder, not asked.no_titles, asked.few, asked.noise, asked.seed,
            asked.json,
        )
    )  # fmt: skip


def _intents_check(asked: argparse.Namespace) -> int:
    from ivr.instruments.intents_check import intents_check

    return intents_check(asked.config, json=asked.json)


def _asr_eval(asked: argparse.Namespace) -> int:
    from ivr.instruments.asr_eval import Asked, asr_eval

    return asr_eval(
        Asked(asked.folder, asked.language, asked.grammar, asked.model, asked.threads, asked.config, asked.json)
    )


def _asr_bench(asked: argparse.Namespace) -> int:
    from ivr.instruments.bench_words import bench

    return bench(asked)
