"""Whether the files that were put somewhere are still as they were: a full disk, a copy that was cut short, a curious hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

NOTE = "sizes.json"


def note(root: Path) -> None:
    """Write down how long every file under a folder is, beside that folder."""
    sizes = {
        str(path.relative_to(root)): path.stat().st_size
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
    (root.parent / NOTE).write_text(json.dumps(sizes), encoding="utf-8")


def damaged(root: Path) -> str | None:
    """The first file that is gone, or has another length than when the note was written; None: none, or there is no note."""
    try:
        sizes = json.loads((root.parent / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _other(root, sizes.items()) if isinstance(sizes, dict) else None


def damaged_packages(site: Path) -> str | None:
    """The same of the Python packages in an environment, by the list that each brings (PEP 376, RECORD)."""
    return _other(site, _recorded(site))


def _recorded(site: Path) -> Iterator[tuple[str, int]]:
    for record in sorted(site.glob("*.dist-info/RECORD")):
        with record.open(newline="", encoding="utf-8") as rows:
            for row in csv.reader(rows):
                if len(row) == 3 and row[2].isdecimal():
                    yield row[0], int(row[2])


def _other(root: Path, sizes: Iterable[tuple[str, int]]) -> str | None:
    for name, size in sizes:
        try:
            if (root / name).stat().st_size != size:
                return name
        except OSError:
            return name
    return None
