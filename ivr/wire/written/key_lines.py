"""On which line each key of a TOML file stands: the standard reader forgets it, and a mistake must be found again.

Meant for texts that are TOML; of others it finds what it can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Path = tuple[str, ...]
"""("nodes", "greet", "say", "0", "prompt"): keys, and numbers of entries from 0."""
_TOKEN = re.compile(
    r"""(?P<text>"{3}(?:\\.|[^\\])*?"{3,5}|\'{3}.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
    r"""|(?P<note>\#[^\n]*)|(?P<end>\n)|(?P<mark>[\[\]{},=.])|(?P<bare>[^\s\[\]{},=.\#"']+)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


class KeyLines:
    """The lines of a file's keys, tables and entries of lists, counted from 1."""

    def __init__(self, text: str) -> None:
        self.last: Path = ()
        """The key or table that was read last."""
        self._lines: dict[Path, int] = {}
        self._named: dict[Path, int] = {}
        """Tables that only stand in the names of others: [nodes.greet] names nodes."""
        self._rows: dict[Path, int] = {}
        self._tokens = _tokens(text)
        self._at = 0
        self._statements()

    def line(self, path: Sequence[str]) -> int | None:
        """The line of the deepest part of ``path`` that stands in the file; None where not even its table does."""
        wanted = tuple(path)
        if found := self._lines.get(wanted) or self._named.get(wanted):
            return found
        while wanted := wanted[:-1]:
            if found := self._lines.get(wanted):
                return found
        return None

    def _statements(self) -> None:
        table: Path = ()
        while (token := self._peek()) is not None:
            if token.text == "[" and token.kind == "mark":
                table = self._header(token.line)
            elif token.kind in ("bare", "text"):
                self._pair(table)
            else:
                self._at += 1

    def _header(self, line: int) -> Path:
        """A table's path; one of several ends with its number."""
        self._at += 1
        several, name = self._next_is("["), self._name()
        table = self._inside(name)
        if several:
            whole = (*self._inside(name[:-1]), *name[-1:])
            self._rows[whole] = self._rows.get(whole, -1) + 1
            self._note(whole, line)
            table = (*whole, str(self._rows[whole]))
        for depth in range(1, len(table)):
            self._named.setdefault(table[:depth], line)
        self._note(table, line)
        self._to_the_end_of_the_line()
        return table

    def _inside(self, name: Path) -> Path:
        """A name with the numbers of the lists on its way: [a.b] behind [[a]] is a.0.b."""
        path: Path = ()
        for part in name:
            path = (*path, part)
            if path in self._rows:
                path = (*path, str(self._rows[path]))
        return path

    def _pair(self, table: Path) -> None:
        first = self._tokens[self._at]
        name = self._name()
        for depth in range(1, len(name) + 1):
            self._note((*table, *name[:depth]), first.line)
        if self._next_is("="):
            self._value((*table, *name))

    def _name(self) -> Path:
        parts: list[str] = []
        while (token := self._peek()) is not None and (token.kind in ("bare", "text") or token.text == "."):
            if token.kind != "mark":
                parts.append(token.text.strip("\"'"))
            self._at += 1
        return tuple(parts)

    def _value(self, path: Path) -> None:
        if self._next_is("["):
            self._list(path)
        elif self._next_is("{"):
            self._table(path)
        else:
            while (token := self._peek()) is not None and token.kind != "end" and token.text not in (",", "]", "}"):
                self._at += 1

    def _list(self, path: Path) -> None:
        entry = 0
        while (token := self._peek()) is not None and token.text != "]":
            if token.kind in ("end", "note") or token.text == ",":
                self._at += 1
                entry += token.text == ","
                continue
            before = self._at
            self._note((*path, str(entry)), token.line)
            self._value((*path, str(entry)))
            self._at += self._at == before
        self._at += 1

    def _table(self, path: Path) -> None:
        while (token := self._peek()) is not None and token.text != "}":
            before = self._at
            if token.kind in ("bare", "text"):
                self._pair(path)
            self._at += self._at == before
        self._at += 1

    def _note(self, path: Path, line: int) -> None:
        self._lines.setdefault(path, line)
        self.last = path

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next_is(self, mark: str) -> bool:
        """Whether the next token is this mark; then it is behind us."""
        token = self._peek()
        found = token is not None and token.kind == "mark" and token.text == mark
        self._at += found
        return found

    def _to_the_end_of_the_line(self) -> None:
        while (token := self._peek()) is not None and token.kind != "end":
            self._at += 1


def open_bracket(text: str) -> int | None:
    """The line of the innermost bracket that is not closed up to the end of ``text``."""
    opened: list[int] = []
    for token in _tokens(text):
        if token.kind == "mark" and token.text in "[{":
            opened.append(token.line)
        elif token.kind == "mark" and token.text in "]}" and opened:
            opened.pop()
    return opened[-1] if opened else None


def _tokens(text: str) -> list[_Token]:
    found, line, at = [], 1, 0
    for match in _TOKEN.finditer(text):
        # "\n" alone ends a line: there are other signs that Unicode calls the end of one
        line += text.count("\n", at, match.start())
        at = match.start()
        found.append(_Token(match.lastgroup or "", match.group(), line))
    return found
