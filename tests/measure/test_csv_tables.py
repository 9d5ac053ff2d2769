"""Tables that people wrote: every way of getting one wrong is a sentence with the file and the line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.measure.csv_tables import read_table
from ivr.measure.errors import NotMeasured

COLUMNS = ("text", "intent")


def read(tmp_path: Path, raw: str | bytes) -> list[tuple[int, dict[str, str]]]:
    path = tmp_path / "a.csv"
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return read_table(path, COLUMNS, COLUMNS)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_have_the_line_on_which_they_begin(tmp_path: Path, mark: str, end: str) -> None:
    text = end.join([mark + "id,text,intent", '1,"one, and', 'two",a', "", "2,我想退货,b", ""])
    rows = read(tmp_path, text)
    assert [(line, row["intent"]) for line, row in rows] == [(2, "a"), (5, "b")]
    assert rows[1][1] == {"text": "我想退货", "intent": "b"}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("", "a.csv: there are no rows: the first line should be text,intent"),
        ("text,intent\n", "a.csv: there are no rows"),
        ("text;intent\na;b\n", "a.csv:1: there is no column 'text' nor 'intent': the first line should be text,intent, "
         "separated by commas; it has 'text;intent'"),
        ("text\na\n", "a.csv:1: there is no column 'intent'"),
        ("text,intent,text\na,b,c\n", "a.csv:1: the column 'text' stands there twice"),
        ("text,intent\na,b\n ,b\n", "a.csv:3: the column 'text' is empty"),
        ("text,intent\na,\n", "a.csv:2: the column 'intent' is empty"),
        ("text,intent\nhello, you,b\n", "a.csv:2: 3 fields where the first line names 2"),
        ("text,intent\na,b\n\"an open quote,b\n", "a.csv:3: this row cannot be read"),
        (b"text,intent\na,b\nM\xfcller,b\n", "a.csv:3: is no UTF-8 text, it looks like Windows-1252 or Latin-1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, raw: str | bytes, said: str) -> None:
    with pytest.raises(NotMeasured, match=re.escape(said)):
        read(tmp_path, raw)


def test_many_problems_are_ten_and_a_number(tmp_path: Path) -> None:
    with pytest.raises(NotMeasured) as refused:
        read(tmp_path, "text,intent\n" + ",b\n" * 25)
    assert len(refused.value.problems) == 11
    assert refused.value.problems[-1] == "… and 15 more of the kind"
