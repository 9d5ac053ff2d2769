"""``ivr people``: everybody who may sign in."""

from __future__ import annotations

import argparse
import sys

from ivr.cli.people.person import line_of, with_people
from ivr.config.load import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing but where the settings are."""


def run(asked: argparse.Namespace) -> int:
    """Print everybody, one a line."""
    everybody = with_people(load(asked.config), lambda people: people.everybody())
    for account in everybody:
        print(line_of(account))
    if not everybody:
        print("There is nobody yet; `ivr person --help` tells how to add somebody.", file=sys.stderr)
    return 0
