"""``ivr intents eval`` and ``ivr intents check``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ivr.cli.group import Group, add_config
from ivr.cli.words import count, share


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the commands of the group may be told."""
    group = Group(parser)
    _eval_words(group.command("eval", "learn one table of texts and intents, measure on another", _evaluate))
    add_config(group.command("check", "what the dialogue's own phrases do to each other", _check))


def _eval_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("--train", type=Path, required=True, metavar="FILE.csv", help="columns text,intent; oos: none")
    words.add_argument("--test", type=Path, required=True, metavar="FILE.csv", help="the same columns")
    words.add_argument("--language", choices=("en", "zh"), default="en", help="of the texts, default en")
    words.add_argument("--encoder", choices=("auto", "off"), default="auto", help="off: words and letters alone")
    words.add_argument("--no-titles", action="store_true", help="the intents' names teach nothing")
    words.add_argument("--few", type=count, default=None, metavar="N", help="N texts an intent, drawn five times")
    words.add_argument("--noise", type=share, default=0.0, metavar="P", help="simulated word error rate, 0 to 1")
    words.add_argument("--seed", type=int, default=1, help="of all that is drawn, default 1")


def _evaluate(asked: argparse.Namespace) -> int:
    from ivr.measure.intents.evaluate import Asked, intents_eval

    return intents_eval(
        Asked(
            asked.train, asked.test, asked.language, asked.encoder, not asked.no_titles, asked.few, asked.noise, asked.seed,
            asked.json,
        )
    )  # fmt: skip


def _check(asked: argparse.Namespace) -> int:
    from ivr.measure.intents.check import intents_check

    return intents_check(asked.config, json=asked.json)
