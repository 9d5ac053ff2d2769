"""Reads small CSV tables that people wrote: UTF-8 with or without BOM, commas, a first line with the columns' names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from ivr.measure.errors import NotMeasured
from ivr.wire.written.encodings import NotText, decoded

Row = tuple[int, dict[str, str]]
"""The line on which a row begins, and its columns."""


def read_table(path: Path, columns: Sequence[str], filled: Sequence[str]) -> list[Row]:
    """The rows of a table that has ``columns`` (others are passed over), in those ``filled`` with something in each.

    Raises NotMeasured with everything that is wrong, and OSError where there is no such file.
    """
    rows: list[Row] = []
    problems: list[str] = []
    head: list[str] = []
    for line, fields in _records(path):
        if not head:
            head = [name.strip() for name in fields]
            _refuse_head(path, line, head, columns)
        elif len(fields) != len(head):
            problems.append(
                f"{path}:{line}: {len(fields)} fields where the first line names {len(head)}: "
                "a text with a comma in it should stand in double quotes"
            )
        else:
            row = {name: field.strip() for name, field in zip(head, fields, strict=True) if name in columns}
            problems += [
                f"{path}:{line}: the column {name!r} is empty: it should hold something, or the row should go"
                for name in filled
                if not row[name]
            ]
            rows.append((line, row))
    if not rows and not problems:
        problems.append(f"{path}: there are no rows: the first line should be {','.join(columns)}, then one row a line")
    if problems:
        raise NotMeasured(problems)
    return rows


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return decoded(raw)
    except NotText as error:
        raise NotMeasured([f"{path}:{error.line}: {error}"]) from error


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line on which it begins."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    begins = 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield begins, fields
            begins = reader.line_num + 1
    except csv.Error as error:
        raise NotMeasured(
            [f"{path}:{begins}: this row cannot be read: a text with double quotes in it should have them twice"]
        ) from error


def _refuse_head(path: Path, line: int, head: Sequence[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in head]
    if missing:
        found = ", ".join(map(repr, head))
        raise NotMeasured(
            [f"{path}:{line}: there is no column {' nor '.join(map(repr, missing))}: the first line should be "
             f"{','.join(columns)}, separated by commas; it has {found}"]
        )  # fmt: skip
    if twice := [name for name in columns if head.count(name) > 1]:
        raise NotMeasured([f"{path}:{line}: the column {twice[0]!r} stands there twice: keep one of them"])
