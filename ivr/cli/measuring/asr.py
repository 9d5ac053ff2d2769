"""``ivr asr eval`` and ``ivr asr bench``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ivr.cli.group import Group, add_config
from ivr.cli.words import count
from ivr.measure.recognition.bench_table import bench_words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the commands of the group may be told."""
    group = Group(parser)
    _eval_words(group.command("eval", "recognise a folder of recordings and count the words that are wrong", _evaluate))
    bench = group.command("bench", "how many calls at once are recognised in real time", _bench)
    add_config(bench)
    bench_words(bench)


def _eval_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("folder", type=Path, metavar="DIR", help="holds manifest.csv (file,text) and the recordings")
    words.add_argument("--language", choices=("en", "zh"), default="en", help="of the recordings, default en")
    words.add_argument(
        "--grammar", default=None, metavar="digits|FILE", help="what may be said; a file: a phrase a line"
    )
    words.add_argument("--model", type=Path, default=None, metavar="DIR", help="default: as the server chooses")
    words.add_argument("--threads", type=count, default=1, metavar="N", help="files at the same time, default 1")
    add_config(words)


def _evaluate(asked: argparse.Namespace) -> int:
    from ivr.measure.recognition.evaluate import Asked, asr_eval

    return asr_eval(
        Asked(asked.folder, asked.language, asked.grammar, asked.model, asked.threads, asked.config, asked.json)
    )


def _bench(asked: argparse.Namespace) -> int:
    from ivr.measure.recognition.bench_table import bench

    return bench(asked)
