"""Customers and their history in CSV files: every mistake with its row and column, as the writer of the file knows them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from ivr.core.told import Told, meant
from ivr.wire.customers.rows import Row, in_our_words
from ivr.wire.phone_numbers import NoNumber, read_number
from ivr.wire.written.refusals import refusals

MOST_ERRORS = 20
_NUMBERS = "numbers"
_COMMA = 'a text with a comma in it stands between two "'
_TOO_LONG = (
    f"a cell has more than {csv.field_size_limit():,} characters: is a quote missing that ends the one before it?"
)
_NO_ROW = 'this row cannot be read: a text with " in it stands between two of them, and has each of its own twice'


class ImportFailed(Told):
    """Nothing was imported; ``problems`` has a sentence for each wrong row, with file, row and column."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Form:
    """How a file of another system is written. Without ``columns`` every column must have one of our names."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our field → their column, several parted by ";" for numbers; other columns are not looked at."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Their word → ours, for tiers, states and languages."""
    delimiter: str | None = None
    """None: a comma, or what else the first line has between names that are ours: spreadsheets write it by country."""


OURS = Form()
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Found:
    """One row of a file."""

    line: int
    row: Row
    numbers: frozenset[str] = frozenset()
    """Of a customer: E.164, or extensions of the house."""


def read_rows(model: type[Row], name: str, text: str, region: str, form: Form = OURS) -> list[Found]:
    """The checked rows of a file. Raises ImportFailed with everything that is wrong, up to MOST_ERRORS.

    ``region`` is the country of telephone numbers without a country code. Rows in which nothing stands are none.
    """
    source = io.StringIO(text.removeprefix("\ufeff"), newline="")
    if not text.strip("\ufeff \t\r\n"):
        named = [part for one in form.columns.values() for part in one.split(";")] or list(model.model_fields)
        raise ImportFailed([f"{name}: is empty: its first line names the columns, {','.join(named)}"])
    reader = csv.reader(source, strict=True, delimiter=form.delimiter or _delimiter(model, text, form))
    try:
        columns = [column.strip() for column in next(reader, [])]
    except csv.Error as error:
        raise ImportFailed([f"{name}:1: {_NO_ROW}"]) from error
    width = len(columns)
    while columns and not columns[-1]:
        columns.pop()  # spreadsheets write a comma for every column that was ever looked at
    if problems := list(_header(model, name, columns, form)):
        raise ImportFailed(problems)
    found: list[Found] = []
    ids: dict[str, int] = {}
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            one = _row(model, name, reader.line_num, _named(columns, width, cells), region, problems, form)
            same = getattr(one.row, "id", None) if one else None
            if one and same in ids:
                problems.append(f"{name}:{one.line}: id: {same} stands in line {ids[same]} already")
            elif one:
                found.append(one)
                if same:
                    ids[same] = one.line
            if len(problems) >= MOST_ERRORS:
                problems.append(f"{name}: … and perhaps more; only the first {MOST_ERRORS} are shown")
                break
    except csv.Error as error:
        why = _TOO_LONG if "field limit" in str(error) else _NO_ROW
        raise ImportFailed([*problems, f"{name}:{reader.line_num}: {why}"]) from error
    if problems:
        raise ImportFailed(problems)
    return found


def _delimiter(model: type[Row], text: str, form: Form) -> str:
    """The one with which the first line has most of the names that are looked for."""
    wanted = {part for one in form.columns.values() for part in one.split(";")} or set(model.model_fields)
    first = text.removeprefix("\ufeff").split("\n", 1)[0]
    return max(_DELIMITERS, key=lambda sign: sum(cell.strip(' "\r') in wanted for cell in first.split(sign)))


def _header(model: type[Row], name: str, columns: list[str], form: Form) -> Iterator[str]:
    """What is wrong with the names of the columns."""
    required = [c for c, f in model.model_fields.items() if f.is_required()]
    named = [part for wanted in form.columns.values() for part in wanted.split(";")]
    twice = [column for column, count in Counter(columns).items() if count > 1 and (column in named or not named)]
    yield from (f"{name}:1: the column {c!r} stands there more than once: which one counts?" for c in twice)
    if form.columns:
        yield from (f"{name}:1: the column {c!r} is missing" for c in named if c not in columns)
        yield from (f"{name}:1: no column is named for {c!r}" for c in required if c not in form.columns)
        return
    wrong = [column for column in dict.fromkeys(columns) if column not in model.model_fields]
    if wrong == columns:
        known = ",".join(model.model_fields)
        yield f"{name}:1: the first line must name the columns, with commas between them: {known}"
        return
    for column in wrong:
        guess = meant(column, model.model_fields)
        yield f"{name}:1: unknown column {column!r}{guess}{' Known' if guess else '; known'} are {', '.join(model.model_fields)}"
    # one that is there under a name that is nearly its own is told already
    missing = [c for c in required if c not in columns and not any(meant(one, (c,)) for one in wrong)]
    yield from (f"{name}:1: the column {c!r} is missing" for c in missing)


def _named(columns: Sequence[str], width: int, cells: list[str]) -> dict[str, str] | str:
    """The cells by their columns, or in which way they are not as many; ``width``: with those that have no name."""
    if len(cells) <= width and not any(cell.strip() for cell in cells[len(columns) :]):
        cells = cells[: len(columns)]
    if len(cells) == len(columns):
        return dict(zip(columns, cells, strict=True))
    return "more" if len(cells) > len(columns) else "fewer"


def _row(
    model: type[Row], name: str, line: int, raw: dict[str, str] | str, region: str, problems: list[str], form: Form
) -> Found | None:
    if isinstance(raw, str):
        problems.append(f"{name}:{line}: {raw} values than the header has columns: {_COMMA}")
        return None
    columns = form.columns or {column: column for column in raw}
    wrong: list[str] = []
    numbers = set()
    for column in columns.get(_NUMBERS, "").split(";") if _NUMBERS in columns else ():
        for cell in raw[column].split(";"):
            try:
                if cell.strip():
                    numbers.add(read_number(cell, region))
            except NoNumber as error:
                wrong.append(f"{name}:{line}: {column}: {error}")
    values = {ours: in_our_words(ours, raw[theirs], form.words) for ours, theirs in columns.items() if ours != _NUMBERS}
    try:
        row = model.model_validate(values)
    except ValidationError as error:
        wrong += [
            f"{name}:{line}: {columns.get(one.path[0], one.path[0])}: {one.what}" for one in refusals(error, model)
        ]
    problems += wrong
    return None if wrong else Found(line, row, frozenset(numbers))
