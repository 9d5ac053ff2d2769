"""Where things stand in a TOML file, so that a mistake is found again."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.wire.written.key_lines import KeyLines, open_bracket

FILE = '''# a note: [nodes.bye] is below
[dialogue]
start = "greet"

[nodes.greet]
say = [
  { when = "known", prompt = "hello" },
  { prompt = "x" },
]
next = "reason"

[nodes."reason"]   # the open question
ask="intent"
label.en = "Reason"
label . zh = "原因"
names = { en = ["a"], zh = ["b"] }

[[nodes.many.say]]
prompt = "one"

[[ nodes.many.say ]]
prompt = "two"
when = "known"

[lookups.order]
sql = """
[nodes.bye]
takes = 5
select * from orders"""
takes = ["order"]

[lookups.next]
sql = \'\'\'x = """ y\'\'\'
takes = []

[prompts]
odd = { en = ["one\u2028two\u0085three\x0bfour"] }
last = { en = ["l"] }
[nodes.bye]
end = "hello"
'''


def number(start: str, which: int = 0) -> int:
    """The line, from 1, that begins so."""
    return [n for n, line in enumerate(FILE.split("\n"), 1) if line.startswith(start)][which]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("dialogue", number("[dialogue]")),
        ("dialogue.start", number("start")),
        ("dialogue.strat", number("[dialogue]")),  # what is missing is looked for in its table
        ("nodes.greet", number("[nodes.greet]")),
        ("nodes.greet.say.0.when", number('  { when')),
        ("nodes.greet.say.1", number('  { prompt = "x"')),
        ("nodes.greet.say.1.prompt", number('  { prompt = "x"')),
        ("nodes.greet.next", number('next = "reason"')),
        ("nodes.reason", number('[nodes."reason"]')),
        ("nodes.reason.ask", number("ask")),
        ("nodes.reason.label", number("label.en")),
        ("nodes.reason.label.en", number("label.en")),
        ("nodes.reason.label.zh", number("label . zh")),
        ("nodes.reason.names.zh.0", number("names")),
        ("nodes.many.say", number("[[")),
        ("nodes.many.say.0.prompt", number('prompt = "one"')),
        ("nodes.many.say.1", number("[[ nodes")),
        ("nodes.many.say.1.prompt", number('prompt = "two"')),
        ("nodes.many.say.1.when", number('when = "known"')),
        # what stands in a text is no TOML
        ("lookups.order.takes", number('takes = ["order"]')),
        ("lookups.next.takes", number("takes = []")),
        ("nodes.bye", number("[nodes.bye]", 1)),
        ("nodes.bye.end", number("end")),
        ("prompts.last.en", number("last")),
        ("prompts", number("[prompts]")),
        # nowhere: tables that only stand in the names of others are found themselves, but nothing in them
        ("nodes", number("[nodes.greet]")),
        ("nodes.nobody", None),
        ("intents", None),
        ("", None),
    ],
)  # fmt: skip
def test_line_of(path: str, line: int | None) -> None:
    assert KeyLines(FILE).line(path.split(".")) == line


def test_lines_of_windows() -> None:
    assert KeyLines("[a]\r\nb = 1\r\n\r\n[c]\r\nd = 2\r\n").line(["c", "d"]) == 5


def test_of_an_empty_file() -> None:
    assert KeyLines("").line(["a"]) is None


keys = st.sampled_from(("a", "b", "c-d", "e_f"))
values = st.sampled_from(("1", '"x"', '["y", "[z]"]', "{ k = 1 }", '"""\n[t]\nq = 1\n"""', "'''\n[[u]]\n'''"))
tables = st.dictionaries(keys, st.dictionaries(keys, values, max_size=4), min_size=1, max_size=4)


@given(tables)
def test_every_key_is_found_on_its_own_line(made: dict[str, dict[str, str]]) -> None:
    lines: list[str] = []
    where: dict[tuple[str, ...], int] = {}
    for table, rows in made.items():
        lines += ["", f"[{table}]"]
        where[(table,)] = len(lines)
        for key, value in rows.items():
            lines.append(f"{key} = {value}")
            where[(table, key)] = len(lines)
            lines = "\n".join(lines).split("\n")
    text = "\n".join(lines)
    tomllib.loads(text)
    lines = KeyLines(text)
    assert {path: lines.line(path) for path in where} == where


def test_tables_in_braces_and_lists_over_several_lines() -> None:
    text = 'a = { b = 1, "c d" = { e = [1, 2] } }\nf = [ # a, note\n  1,\n  [2,\n   3],\n  { g = 4 },\n]\nh.i.j = "]"\n'
    lines = KeyLines(text)
    where = {
        "a.b": 1,
        "a.c d": 1,
        "a.c d.e.1": 1,
        "f": 2,
        "f.0": 3,
        "f.1": 4,
        "f.1.1": 5,
        "f.2.g": 6,
        "h": 8,
        "h.i.j": 8,
    }
    assert {path: lines.line(path.split(".")) for path in where} == where


def test_tables_inside_of_one_of_several() -> None:
    lines = KeyLines("[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2\n[[a.d]]\ne = 3\n")
    assert [lines.line(path.split(".")) for path in ("a.0.b.c", "a.1.b.c", "a.1.d.0.e", "a")] == [3, 6, 8, 1]


def test_bracket_that_is_not_closed() -> None:
    assert open_bracket('a = [1]\nb = [\n  "]",\n  [2],\n') == 2
    assert open_bracket("[a]\nb = { c = [1] }\n") is None


@given(st.text(alphabet="ab.=[]{},#'\" \n1\\“，", max_size=80))
def test_whatever_is_written_is_gone_through(text: str) -> None:
    lines = KeyLines(text).line(["a", "b"])
    assert lines is None or 1 <= lines <= text.count("\n") + 1
