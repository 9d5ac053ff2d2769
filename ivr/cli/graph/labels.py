"""The words of a picture: shortened, and fit for labels of Graphviz."""

from __future__ import annotations

import re
from html import escape

from ivr.core.flow.condition import All, Always, Any, Compare, Condition, Is, Not

LINE = 26
"""How wide a line in a node is, in Latin letters."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIELD = re.compile(r"\{(?:[A-Za-z0-9_-]+\.)?([a-z0-9_]+)(?::[a-z]+)?\}")
_PIECE = re.compile(r"\s*(?:\{[^{}\s]*\}|[\u2e80-\uffff]|[^\s{}\u2e80-\uffff]+|[{}])[，。？！、；：,.?!;:]*")
"""What is not broken over two lines: a word, a Chinese sign, a field; with the stop behind it."""


def clean(text: str) -> str:
    """Fit for a label of Graphviz: no markup, no line breaks, nothing that XML does not know."""
    return escape(" ".join(printable(text).split()))


def printable(text: str) -> str:
    """The text with a mark for every sign that XML does not know."""
    return _NOT_XML.sub("�", text)


def lines(text: str) -> list[str]:
    """The first words of a text, on at most two lines; a field stays in one piece, without the look-up it comes from."""
    parts = _PIECE.findall(_FIELD.sub(r"{\1}", " ".join(text.split())))
    made = [""]
    for part in parts:
        if made[-1] and _width(made[-1] + part) > LINE:
            if len(made) == 2:
                return [made[0], made[1].strip() + " …"]
            made.append("")
        piece = part if made[-1] else part.lstrip()
        made[-1] += piece if _width(piece) <= LINE else short(piece, LINE)
    return [line for line in made if line]


def _width(text: str) -> int:
    """In Latin letters; a Chinese sign is as wide as two."""
    return sum(2 if sign > "\u2e7f" else 1 for sign in text)


def short(text: str, longest: int) -> str:
    """The first words of a text, ``longest`` characters or a little more."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    cut = text[:longest]
    return (cut.rpartition(" ")[0] or cut) + " …"


def words_of(condition: Condition) -> str:
    """A condition as it is written; empty where it holds for everybody."""
    match condition:
        case Always():
            return ""
        case Is(fact):
            return fact
        case Compare(fact, operator, value):
            return f"{fact} {operator} {value!r}"
        case Not(of):
            return f"not {_bracketed(of)}"
        case All(parts):
            return " and ".join(_bracketed(part) for part in parts)
        case Any(parts):
            return " or ".join(_bracketed(part) for part in parts)


def _bracketed(condition: Condition) -> str:
    return f"({words_of(condition)})" if isinstance(condition, All | Any) else words_of(condition) or "always"
