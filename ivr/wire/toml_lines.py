"""Where things stand in a TOML file: the standard reader keeps no line numbers, and a mistake must be found again."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\"'.-]+(?:\s*\.\s*[A-Za-z0-9_\"'-]+)*)\s*=")


def line_of(text: str, path: Sequence[str]) -> int | None:
    """The line, counted from 1, of the deepest part of ``path`` that can be found; None where not even its table is."""
    wanted = [part for part in path if part]
    best: tuple[int, int] | None = None
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            table = _parts(header.group(1))
            here = table
        else:
            key = _KEY.match(line)
            if not key:
                continue
            here = table + _parts(key.group(1))
        depth = len(here)
        if depth <= len(wanted) and here == wanted[:depth] and (best is None or depth > best[0]):
            best = (depth, number)
    return best[1] if best else None


def _parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]
