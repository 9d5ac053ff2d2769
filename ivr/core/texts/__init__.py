"""Sentences for people: each has a key, and stands in every language that has a catalogue.

A catalogue is a folder beside this file that bears its language's name, with one TOML file for each area. A key is the area,
the table and the name of a sentence: ``routing.barrier.had_it``. Catalogues are read once, when this module is; nothing else
in ``ivr.core`` reads a file. What a reader of speech knows of a language (its digits, its yes and no) is no text for people,
and stays with that reader.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter
from typing import Any, cast

from ivr.core.language import Language, Text

FIRST: Language = "en"
"""The language that every text has: a title in a dialogue file may lack others, and is then shown in this one."""


class UnknownText(LookupError):
    """There is no such sentence, it lacks a language, or its places are not those that were filled in."""


class Catalogue:
    """The sentences of one folder of catalogues, by key."""

    def __init__(self, folder: Traversable) -> None:
        read = {place.name: dict(_sentences(place)) for place in folder.iterdir() if place.is_dir()}
        spoken = sorted((name for name, sentences in read.items() if sentences), key=lambda name: (name != FIRST, name))
        self.languages = cast("tuple[Language, ...]", tuple(spoken))
        """The languages that have a catalogue, English first."""
        self._texts: dict[str, Text] = {}
        for language in self.languages:
            for key, words in read[language].items():
                self._texts.setdefault(key, {})[language] = words
        self._places = {key: frozenset[str]().union(*map(places, text.values())) for key, text in self._texts.items()}

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, in the order of the files."""
        return tuple(self._texts)

    def pattern(self, key: str) -> Text:
        """A sentence as it is written, for whoever fills in its places. Raises UnknownText."""
        found = self._texts.get(key)
        if found is None:
            raise UnknownText(f"there is no text {key!r}")
        if len(found) < len(self.languages):
            raise UnknownText(f"{key!r} lacks {', '.join(name for name in self.languages if name not in found)}")
        return found

    def family(self, key: str) -> dict[str, Text]:
        """All sentences of one table as they are written, by name. Raises UnknownText."""
        start = f"{key}."
        found = {one.removeprefix(start): self.pattern(one) for one in self._texts if one.startswith(start)}
        if not found:
            raise UnknownText(f"there are no texts {start}…")
        return found

    def text(self, key: str, /, **fields: object) -> Text:
        """A sentence with its places filled in; a field that is a text itself is put in by language. Raises UnknownText."""
        pattern = self.pattern(key)
        wanted = self._places[key]
        if fields.keys() != wanted:
            raise UnknownText(f"{key!r} takes {sorted(wanted)}, not {sorted(fields)}")
        if not wanted:
            return pattern
        if dict in map(type, fields.values()):
            return {language: words.format_map(_in(language, fields)) for language, words in pattern.items()}
        return {language: words.format_map(fields) for language, words in pattern.items()}

    def same(self, words: str) -> Text:
        """Words that are the same in every language: somebody's name."""
        return dict.fromkeys(self.languages, words)


def places(words: str) -> frozenset[str]:
    """The names of the places in a sentence: ``{name}``, or ``{most:.2f}``."""
    return frozenset(name for _, name, _, _ in Formatter().parse(words) if name is not None)


def _in(language: Language, fields: Mapping[str, object]) -> dict[str, Any]:
    return {name: v.get(language, v.get(FIRST)) if isinstance(v, dict) else v for name, v in fields.items()}


def _sentences(folder: Traversable) -> Iterator[tuple[str, str]]:
    """Everything in the files of one language, with its key."""
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        area, _, kind = file.name.rpartition(".")
        if kind == "toml":
            yield from _flat(area, tomllib.loads(file.read_text(encoding="utf-8")))


def _flat(start: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(f"{start}.{name}", value)
        else:
            yield f"{start}.{name}", str(value)


CATALOGUE = Catalogue(files(__package__))
"""The catalogues that this program came with."""
TEXT_LANGUAGES = CATALOGUE.languages
"""The languages that the pages can be read in; which ones calls can be held in is another question."""
text, pattern, family, same = CATALOGUE.text, CATALOGUE.pattern, CATALOGUE.family, CATALOGUE.same
