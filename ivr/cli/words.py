"""The words behind a command: a parser that says in our words what is wrong with them, and the values that they share."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from ivr.core.told import meant

_OURS = (
    (r"invalid int value: (.*)", r"\1 is no whole number"),
    (r"invalid float value: (.*)", r"\1 is no number"),
    (r"the following arguments are required: (.*)", r"\1 is missing"),
    (r"expected one argument", "a value must stand behind it"),
    (r"expected at least one argument", "a value or several must stand behind it"),
)
"""What argparse says, and what we say."""


class Words(argparse.ArgumentParser):
    """Reads the words of a command. What it does not know is refused by the command that it was said to, with its usage."""

    def parse_known_args(  # type: ignore[override]  # argparse declares four ways of calling this one
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> Any:
        """The words that are known; there are no others, for they are refused."""
        found, others = super().parse_known_args(args, namespace)
        if others:
            options = [option for action in self._actions for option in action.option_strings]
            word = others[0].partition("=")[0]
            what = "there is no option" if word.startswith("-") else "there is one word too many:"
            self.error(f"{what} {word}{meant(word, options) if word.startswith('-') else ''}")
        return found, others

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            raise argparse.ArgumentError(
                action, f"{value!r} is none of {', '.join(choices)}{meant(str(value), choices)}"
            )

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, below how the command is used; exit code 2."""
        for theirs, ours in _OURS:
            message = re.sub(theirs, ours, message)
        super().error(message)


def count(text: str) -> int:
    """A number of things, 1 or more."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no count: write a whole number, 1 or more")
    return int(text)


def days(text: str) -> float:
    """So many days, also parts of one."""
    number = _number(text)
    if not 0 < number <= 36_500:
        raise argparse.ArgumentTypeError(f"{text!r} are no days: write a number above 0, as in 1 or 0.5")
    return number


def share(text: str) -> float:
    """A part of all, from 0 to 1."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share: write a number from 0 to 1")
    return number


def sentence(text: str) -> str:
    """Something to be said."""
    if not text.strip():
        raise argparse.ArgumentTypeError("there is nothing to say: write a sentence between quotes")
    return text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
