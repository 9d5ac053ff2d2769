"""What the language model learns: sentences of callers of any house, and those of one house's dialogue."""

from __future__ import annotations

import random
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivr.core.flow.spoken_commands import PHRASES

HERE = Path(__file__).parent
DIGITS = tuple("zero one two three four five six seven eight nine".split())
_TEENS = tuple("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())
_TENS = tuple("twenty thirty forty fifty sixty seventy eighty ninety".split())
_LATE_DAYS = tuple("eleventh|twelfth|thirteenth|fifteenth|twentieth|thirtieth|twenty first|twenty third".split("|"))
_FIELD = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|'[a-z]+")

LEADS = tuple(
    "hello|hi|um|uh|well|yes|please|hello um|i think|so|good morning|hi there|yes hello|excuse me|okay|sorry|oh hi|"
    "hello good morning|um yes|i am calling because|because|it is because|actually|you know|no".split("|")
)
"""What callers say before they come to the point."""
ENDS = ("please", "thank you", "thanks", "please thank you", "today", "now", "and i am not happy")
"""What they add after it."""
PLAIN, DECORATED = 120, 80
"""How often a phrase of the dialogue stands in the text as it is, and with something before or after it: together about
as often as one of the 230 templates in the 40,000 sentences about any house."""
RARE = 10
"""How often a wish that every caller may have stands in the text: there are hundreds, and few callers say them."""
NUMBERS = 600
"""How often a number of as many digits as the dialogue asks for stands in the text."""


@dataclass(frozen=True, slots=True)
class Templates:
    """templates.toml."""

    templates: list[str]
    slots: dict[str, list[str]]
    pronunciations: dict[str, list[str]]

    @classmethod
    def read(cls, path: Path = HERE / "templates.toml") -> Templates:
        """Read the file beside this module."""
        raw = tomllib.loads(path.read_text("utf-8"))
        return cls(raw["templates"], raw["slots"], raw["pronunciations"])


class Speaker:
    """Makes up sentences; the same seed makes the same ones."""

    def __init__(self, templates: Templates, seed: int) -> None:
        self._templates = templates
        self.random = random.Random(seed)

    def sentence(self) -> str:
        """Something a caller of any house might say."""
        return self.filled(self.random.choice(self._templates.templates))

    def filled(self, template: str) -> str:
        """A template with its fields filled in."""
        return _FIELD.sub(lambda m: self._slot(m[1]), template)

    def digits(self, count: int) -> str:
        """A number said digit by digit; who says "oh" for one zero says it for all."""
        zero = "oh" if self.random.random() < 0.3 else "zero"
        said = [self.random.choice(DIGITS) for _ in range(count)]
        return " ".join(zero if digit == "zero" else digit for digit in said)

    def _slot(self, name: str) -> str:
        pick = self.random.choice
        if re.fullmatch(r"d\d+", name):
            return self.digits(int(name[1:]))
        match name:
            case "num":
                return self._number()
            case "dayno":
                return pick([*self._templates.slots["ordinal"], *_LATE_DAYS])
            case "year":
                last = pick(DIGITS[1:])
                return pick(
                    [f"nineteen {pick(_TENS[4:])} {last}", f"two thousand and {last}", f"twenty {pick(_TEENS)}"]
                )
            case "hour":
                h = pick([*DIGITS[1:], *_TEENS[:3]])
                return pick(
                    [f"{h} o'clock", f"{h} thirty", f"{h} fifteen", f"half past {h}", f"{h} a m", f"{h} p m", "noon"]
                )
        return self.filled(pick(self._templates.slots[name]))

    def _number(self) -> str:
        kind, pick = self.random.random(), self.random.choice
        if kind < 0.3:
            return pick(DIGITS[1:])
        if kind < 0.45:
            return pick(_TEENS)
        if kind < 0.8:
            return pick(_TENS) + (f" {pick(DIGITS[1:])}" if self.random.random() < 0.7 else "")
        return f"{pick(DIGITS[1:])} hundred" + (f" and {pick(_TENS)}" if self.random.random() < 0.5 else "")


@dataclass(slots=True)
class Dialogue:
    """What an operator's dialogue files say in English."""

    phrases: list[str] = field(default_factory=list)
    """Phrases and keywords of the intents, their titles, and the answers."""
    wishes: list[str] = field(default_factory=list)
    """What every caller may wish, an emergency too: rarer than the house's own matters."""
    numbers: dict[int, set[str]] = field(default_factory=dict)
    """How many digits are asked for → what the number is called."""

    @classmethod
    def read(cls, folder: Path) -> Dialogue:
        """All *.toml files of a folder."""
        files = sorted(folder.glob("*.toml"))
        if not files:
            raise ValueError(f"{folder} has no *.toml files: name the folder of the dialogue files")
        found = cls()
        for path in files:
            found._take(tomllib.loads(path.read_text("utf-8")))
        for by_language in PHRASES.values():  # what can be said at any point
            found._add([*by_language["en"]])
        found._add(
            ["the other one", "no the other one", "something else", "that's all", "no that's all", "uh huh", "mm"]
        )
        found.phrases = list(dict.fromkeys(found.phrases))
        return found

    def _take(self, raw: dict[str, Any]) -> None:
        for intent in raw.get("intents", {}).values():
            for key in ("phrases", "keywords"):
                self._add(intent.get(key, {}).get("en", []))
            self._add([intent.get("title", {}).get("en", "")])
        for answer in raw.get("answers", {}).values():
            self._add(answer.get("en", []))
        for phrases in raw.get("commands", {}).values():
            self._add(phrases.get("en", []))
        for wish in raw.get("wishes", {}).values():
            self.wishes += [
                text for text in map(plain, wish.get("phrases", {}).get("en", [])) if text.isascii() and text
            ]
        for node in raw.get("nodes", {}).values():
            self._add(node.get("names", {}).get("en", []))
            if "digits" in node:
                called = plain(node.get("label", {}).get("en", ""))
                counts = node["digits"] if isinstance(node["digits"], list) else [node["digits"]]
                for count in counts:
                    self.numbers.setdefault(int(count), set()).add(called)

    def _add(self, texts: list[str]) -> None:
        self.phrases += [text for text in map(plain, texts) if text]

    def words(self) -> set[str]:
        """Every word of it."""
        called = " ".join(name for names in self.numbers.values() for name in names)
        return {word for phrase in [*self.phrases, *self.wishes, called] for word in phrase.split()}

    def sentences(self, speaker: Speaker) -> Iterator[str]:
        """Its phrases as callers say them: as they stand, with words before and after, and numbers digit by digit."""
        pick = speaker.random.choice
        yield from self.wishes * RARE
        for phrase in self.phrases:
            yield from [phrase] * PLAIN
            yield f"no {phrase}"
            for _ in range(DECORATED):
                style = speaker.random.random()
                lead = pick(LEADS) + " " if style < 0.75 else ""
                end = " " + pick(ENDS) if style > 0.5 else ""
                yield f"{lead}{phrase}{end}"
        for count, names in sorted(self.numbers.items()):
            said = [
                "{n}",
                "{n}",
                "{n}",
                "it is {n}",
                "it's {n}",
                "the number is {n}",
                "um {n}",
                "yes {n}",
                "{n} please",
            ]
            for name in sorted(filter(None, names)):
                said += [
                    f"{name} {{n}}",
                    f"{name} number {{n}}",
                    f"my {name} number is {{n}}",
                    f"the {name} number is {{n}}",
                ]
            for _ in range(NUMBERS):
                yield pick(said).replace("{n}", speaker.digits(count))


def plain(text: str) -> str:
    """A text as the recogniser writes words: small letters and apostrophes, nothing else."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return " ".join(_WORD.findall(text))


def common_words(path: Path = HERE / "common_words.txt") -> list[str]:
    """Three thousand frequent English words, so that more can be heard than the sentences say."""
    return path.read_text("ascii").split()
