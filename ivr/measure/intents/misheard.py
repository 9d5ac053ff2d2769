"""Simulated recognition errors: words of a text changed, lost and put in, as a recogniser of these words would.

Where a word is changed, mostly another of the vocabulary stands there that sounds alike (by a rough spelling of English sounds),
otherwise any word as often as it occurs. No sound is made: it shows how much an understanding suffers, not how well a
recogniser hears.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate

from ivr.core.language import Language

CHANGED, LOST = 0.65, 0.20
"""The shares of the errors; the rest are words put in."""
ALIKE = 0.7
"""So many of the changed words become one that sounds alike."""
NEAREST = 4
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("^(?:kn|gn)", "n"), ("^wr", "r"), ("igh", "i"), ("gh", ""), ("ph", "f"), ("tch|ch", "C"),
        ("sh|[ts]io", "S"), ("th", "T"), ("ck|q", "k"), ("c(?=[eiy])", "s"), ("c", "k"), ("x", "ks"),
        ("dge|j", "J"), ("z", "s"), ("(?<=.)e$", ""), ("oo|ou|ew", "u"), ("ea|ee|ie|ey|y", "i"),
        ("ai|ay|ei", "e"), ("au|aw|oa|ow", "o"), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip


class Mishearing:
    """Recognition errors in a language, drawn from a seed: the same texts in the same order give the same errors."""

    def __init__(self, texts: Iterable[str], language: Language, share: float, seed: int) -> None:
        """``texts`` give the vocabulary; ``share`` (0 to 1) is the chance of an error at each word."""
        self._language = language
        self._share = share
        self._draw = random.Random(seed)  # noqa: S311  # nothing secret
        counts = Counter(word for text in texts for word in self._words(text))
        self._vocabulary = sorted(counts)
        self._often = list(accumulate(counts[word] for word in self._vocabulary))
        self._codes = [sound_of(word) for word in self._vocabulary]
        self._alike = cache(self._nearest)

    def __call__(self, text: str) -> str:
        """Give ``text`` as it might have been heard; possibly empty."""
        heard: list[str] = []
        for word in self._words(text):
            if self._draw.random() >= self._share or not self._vocabulary:
                heard.append(word)
                continue
            kind = self._draw.random()
            if kind < CHANGED:
                heard.append(self._changed(word))
            elif kind >= CHANGED + LOST:
                heard += [word, self._any()]
        return ("" if self._language == "zh" else " ").join(heard)

    def _words(self, text: str) -> list[str]:
        from ivr.adapters.understanding.text import plain

        said = plain(text, self._language)
        return [sign for sign in said if sign != " "] if self._language == "zh" else said.split()

    def _changed(self, word: str) -> str:
        alike = self._alike(word) if self._language == "en" and self._draw.random() < ALIKE else ()
        other = self._draw.choice(alike) if alike else self._any()
        if other != word:
            return other
        # as it is only where the vocabulary has no other word
        return self._draw.choice([other for other in self._vocabulary if other != word] or [word])

    def _any(self) -> str:
        return self._draw.choices(self._vocabulary, cum_weights=self._often)[0]

    def _nearest(self, word: str) -> Sequence[str]:
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import extract

        found = extract(sound_of(word), self._codes, scorer=Levenshtein.normalized_similarity, limit=NEAREST + 1)
        return [self._vocabulary[place] for _, _, place in found if self._vocabulary[place] != word][:NEAREST]


def sound_of(word: str) -> str:
    """A rough spelling of how an English word sounds: "night" and "knight" are the same."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word
