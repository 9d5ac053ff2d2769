"""A TOML file as its tables and the lines of their keys; what is no TOML is told in words, with its line and its cause."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from ivr.core.told import short
from ivr.wire.written.encodings import NotReadable, NotText, decoded
from ivr.wire.written.key_lines import KeyLines, open_bracket

MOST_SHOWN = 40
_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_TYPOGRAPHIC = "“”„‟‘’‚«»‹›「」『』"
_LIKE = {"。": ".", "、": ",", "【": "[", "】": "]", "　": "an ordinary space", "\u00a0": "an ordinary space"}
_TRUTH = ("true", "false", "yes", "no", "on", "off")


class NotToml(NotReadable):
    """The text is no TOML."""


@dataclass(frozen=True, slots=True)
class Toml:
    """A file that was read."""

    tables: dict[str, Any]
    lines: KeyLines


def read(text: str) -> Toml:
    """The tables of a text. Raises NotToml."""
    try:
        return Toml(tomllib.loads(text), KeyLines(text))
    except RecursionError as error:
        raise NotToml("brackets stand inside of brackets without end", 1) from error
    except tomllib.TOMLDecodeError as error:
        raise _Mistake.of(text, str(error)).told() from error


def of_bytes(raw: bytes, name: str) -> tuple[str, Toml]:
    """A file's text and tables. Raises NotToml, whose text begins with the file and the line."""
    try:
        text = decoded(raw)
        return text, read(text)
    except NotText as error:
        raise NotToml(f"{name}:{error.line}: {error}", error.line) from error
    except NotToml as error:
        raise NotToml(f"{name}:{error.line}: not TOML: {error}", error.line) from error


@dataclass(frozen=True, slots=True)
class _Mistake:
    """Where a text stops to be TOML, and what the standard reader calls it there."""

    text: str
    at: int
    """The sign at which it stops."""
    kind: str

    @classmethod
    def of(cls, text: str, said: str) -> _Mistake:
        found = _PLACE.search(said)
        kind = said[: found.start()] if found else said
        if not found or not found["line"]:
            return cls(text, len(text.rstrip()), kind)
        rows = text.split("\n")
        return cls(text, sum(len(row) + 1 for row in rows[: int(found["line"]) - 1]) + int(found["column"]) - 1, kind)

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    @property
    def row(self) -> str:
        """The whole line."""
        return self.text.split("\n")[self.line - 1]

    @property
    def sign(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def rest(self) -> str:
        return self.text[self.at :].split("\n")[0]

    @property
    def value(self) -> str:
        """What stands behind the = of the line, without a note."""
        return re.sub(r"\s+#.*", "", self.row.partition("=")[2]).strip()

    def told(self) -> NotToml:
        for rule in (
            _twice,
            _foreign_sign,
            _unclosed_text,
            _unclosed_bracket,
            _backslash,
            _value,
            _behind_a_value,
            _key,
        ):
            if found := rule(self):
                line, what = found if isinstance(found, tuple) else (self.line, found)
                return NotToml(f"{what}; the line is: {short(self.text.split(chr(10))[line - 1].strip())}", line)
        return NotToml(f"it cannot be understood from here on: {short(self.rest)}", self.line)


_Found = str | tuple[int, str] | None


def _twice(wrong: _Mistake) -> _Found:
    if not wrong.kind.startswith("Cannot"):
        return None
    if wrong.row.lstrip().startswith("["):
        name, what = wrong.row.strip().split("#")[0].strip(), "put both together"
        before = "\n".join(wrong.text.split("\n")[: wrong.line - 1])
        first = KeyLines(before).line(KeyLines(name.strip("[]")).last)
    else:
        read_so_far = KeyLines(wrong.text[: wrong.at])
        name, what, first = ".".join(read_so_far.last), "keep one of them", read_so_far.line(read_so_far.last)
    return f"{name} stands in line {first} already: {what}"


def _foreign_sign(wrong: _Mistake) -> _Found:
    sign = wrong.sign
    unclosed = wrong.kind.startswith(("Illegal", "Unterminated", 'Expected "\'"'))
    quote = (
        sign if sign and sign in _TYPOGRAPHIC else next((s for s in wrong.row if unclosed and s in _TYPOGRAPHIC), "")
    )
    if quote:
        return f'{quote} is a typographic quotation mark: write " before and behind a text'
    if sign == "：" and wrong.kind.startswith("Expected '='"):
        return "between a key and its value stands =, not ："
    if "\uff01" <= sign <= "\uff5e":
        return f"{sign} is a full-width sign, as a Chinese keyboard types it: write {chr(ord(sign) - 0xFEE0)}"
    if sign in _LIKE and sign.isspace():
        return "a wide or fixed space stands here, as web pages and Chinese keyboards have it: type an ordinary one"
    if sign and sign in _LIKE:
        return f"{sign} is a full-width sign, as a Chinese keyboard types it: write {_LIKE[sign]}"
    return None


def _unclosed_text(wrong: _Mistake) -> _Found:
    if wrong.kind.startswith("Illegal character") and wrong.sign != "\n":
        return f"a sign that cannot be seen (U+{ord(wrong.sign or chr(0)):04X}) stands here: type the line anew"
    if wrong.kind.startswith(("Illegal", "Unterminated", 'Expected "\'"')):
        if three := [match for match in re.finditer(r'"{3}|\'{3}', wrong.text) if len(wrong.kind) and not wrong.sign]:
            line = wrong.text.count("\n", 0, three[-1].start()) + 1
            return line, f"the text that begins here is not closed: write {three[-1].group()} at its end"
        quote = "'" if wrong.value.startswith("'") else '"'
        return f"a text is not closed: write {quote} at its end, too"
    return None


def _unclosed_bracket(wrong: _Mistake) -> _Found:
    if wrong.kind.startswith("Expected ']'"):
        return "the name of a table is not closed: write ] at its end"
    if not wrong.kind.startswith("Unclosed") and not (wrong.kind == "Invalid value" and not wrong.sign):
        return None
    opened = open_bracket(wrong.text[: wrong.at])
    if opened is None:
        return None
    begins_anew = not wrong.rest.strip() or re.match(r"\s*([\w.\"'-]+\s*=|\[)", wrong.row)
    if opened == wrong.line and wrong.rest.strip():
        return f"a comma is missing before {re.split(r'[,}]|]', wrong.rest)[0].strip()[:MOST_SHOWN]}"
    if wrong.kind.startswith("Unclosed inline table"):
        return opened, "a table in braces is not closed: write } at its end, in the same line"
    if not begins_anew:
        return f"a comma is missing before {re.split(r'[,}]|]', wrong.rest)[0].strip()[:MOST_SHOWN]}"
    return opened, "the list that begins here is not closed: write ] at its end"


def _backslash(wrong: _Mistake) -> _Found:
    if "\\" in wrong.kind or "hex value" in wrong.kind or "escape" in wrong.kind.lower():
        return r"a backslash is written \\ between double quotes, or the text stands between single ones: 'C:\calls'"
    return None


def _value(wrong: _Mistake) -> _Found:
    if not wrong.kind.startswith("Invalid value"):
        return None
    word = re.split(r"[\s,\]}#]", wrong.rest)[0]
    if wrong.sign == ",":
        return "there is a comma too many"
    if not word:
        return "nothing stands behind the =: write a value"
    if word.lower() in _TRUTH:
        return f"{word} is no value: write true or false"
    return f'a text stands between quotes: write "{short(word)}"'


def _behind_a_value(wrong: _Mistake) -> _Found:
    if not wrong.kind.startswith("Expected newline"):
        return None
    rest, value = wrong.rest.strip(), wrong.value
    if re.fullmatch(r"-?\d+,\d+", value):
        return f"a number has a point and no comma: write {value.replace(',', '.')}"
    if rest.startswith(("//", ";", "--", "/*")) and len(rest) > 1:
        return "a note begins with #"
    if rest in (",", ";", "]", "}", ")"):
        return f"nothing may stand behind a value: take the {rest} away"
    if value.startswith(('"', "'")):
        return 'a quotation mark inside of a text ends it: put such a text between single quotes, or write \\" in it'
    if "=" in rest:
        return "each key has a line of its own: begin a new line before " + rest.split("=")[0].strip()
    if wrong.row.lstrip().startswith("["):
        return "nothing may stand behind the name of a table"
    return f'what is no plain number stands between quotes: write "{short(value)}"'


def _key(wrong: _Mistake) -> _Found:
    row = wrong.row.strip()
    if row.startswith(("//", ";", "--", "/*")):
        return "a note begins with #"
    if wrong.kind.startswith("Expected '='") and wrong.sign == ":":
        return "between a key and its value stands =, not :"
    if wrong.kind.startswith("Expected '='"):
        return "a key with a space in it stands between quotes" if "=" in wrong.rest else "= is missing behind the key"
    if wrong.sign == "}":
        return "there is a comma too many before }"
    if row.startswith(("[]", "=")):
        return "a name is missing before it" if row.startswith("=") else "the table has no name"
    if wrong.sign and not wrong.sign.isascii():
        return "a key of other signs than a to z, 0 to 9, _ and - stands between quotes"
    if wrong.kind.startswith("Invalid"):
        return "a line is [table], key = value, or a note behind #"
    return None
