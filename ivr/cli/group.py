"""Commands that are made of several: a group and its members."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Group:
    """Makes the commands of a group."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._inner: Any = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(self, name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        """One more; ``run`` gives the exit code."""
        made: argparse.ArgumentParser = self._inner.add_parser(name, help=text, description=text)
        made.add_argument("--json", action="store_true", help="end with one line of JSON")
        made.set_defaults(run=run)
        return made


def add_config(parser: argparse.ArgumentParser) -> None:
    """Where the settings are."""
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE", help="default: config.toml")
