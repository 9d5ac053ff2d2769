"""Passwords and PINs: from the keyboard, from standard input or from the environment; the command line others can see."""

from __future__ import annotations

import getpass
import os
import sys

from ivr.config.load import ConfigError


def secret(what: str, variable: str, option: str, from_stdin: bool) -> str:
    """What was typed, without its line end. Raises ConfigError where there is nobody to type it.

    ``what`` is asked for at the terminal ("Password for ana"); ``option`` is the one that reads it from standard input.
    """
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if given := os.environ.get(variable):
        return given
    if not sys.stdin.isatty():
        raise ConfigError(
            [f"{what}: there is no terminal to ask at: write it to standard input with {option}, or set {variable}"]
        )
    try:
        return getpass.getpass(f"{what}: ")
    except EOFError as error:
        raise ConfigError([f"{what}: nothing was typed"]) from error
