"""Where things stand in a TOML file: the standard reader keeps no line numbers, and a mistake must be found again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_QUOTES = re.compile(r'"{3}|\'{3}')
_KEY = re.compile(r"^\s*([A-Za-z0-9_\"'.-]+(?:\s*\.\s*[A-Za-z0-9_\"'-]+)*)\s*=")


def line_of(text: str, path: Sequence[str]) -> int | None:
    """The line, counted from 1, of the deepest part of ``path`` that can be found; None where not even its table is."""
    wanted = [part for part in path if part]
    best: tuple[int, int] | None = None
    table: list[str] = []
    rows: dict[str, int] = {}
    for number, line in _outside_of_texts(text):
        header = _HEADER.match(line)
        if header:
            table = here = _parts(header.group(2))
            if header.group(1) == "[[":  # one of several: the name alone is that of the first
                row = rows[header.group(2)] = rows.get(header.group(2), -1) + 1
                table = [*table, str(row)]
                here = table if row or wanted[: len(table)] == table else here
        else:
            key = _KEY.match(line)
            if not key:
                continue
            here = table + _parts(key.group(1))
        depth = len(here)
        if depth <= len(wanted) and here == wanted[:depth] and (best is None or depth > best[0]):
            best = (depth, number)
    return best[1] if best else None


def _outside_of_texts(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without those inside of a text of several lines, which is not TOML."""
    inside = ""
    # "\n" alone ends a line here: in a text there may be signs that Unicode, too, calls the end of a line
    for number, line in enumerate(text.split("\n"), 1):
        if not inside:
            yield number, line
        for quotes in _QUOTES.findall(line):
            inside = "" if quotes == inside else inside or quotes


def _parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]
