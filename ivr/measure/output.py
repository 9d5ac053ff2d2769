"""Measurements as tables for people, and as the one line of JSON that ends them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDE = 140
"""Columns of a table that goes into a file, where nobody says how wide the page is."""


def table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table on standard output; numbers stand on the right, nothing is taken for markup."""
    body = [list(row) for row in rows]
    made = Table(title=Text(title), title_justify="left", box=None, pad_edge=False, header_style="dim")
    for column, head in enumerate(heads):
        number = all(isinstance(row[column], (int, float)) for row in body)
        made.add_column(Text(head), justify="right" if number and body else "left", overflow="fold")
    for row in body:
        made.add_row(*(Text(_said(value)) for value in row))
    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
    console.print(made)
    console.print()


def _said(value: object) -> str:
    match value:
        case None:
            return "–"
        case float():
            return f"{value:.4f}"
    return str(value)


def note(text: str) -> None:
    """Say something that is no result."""
    print(f"ivr: {text}", file=sys.stderr, flush=True)


def as_json(found: Mapping[str, Any]) -> None:
    """Print the one line that programs read; raises ValueError for nan, which is no JSON."""
    print(json.dumps(found, ensure_ascii=False, allow_nan=False))
