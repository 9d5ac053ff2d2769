"""TF-IDF over word and letter patterns: how alike two texts look, without knowing what they mean.

English: the mean of two cosines, words (1 and 2 in a row) and letters within words (2 to 4). Chinese: characters (1 and
2 in a row). Term frequencies are damped (1 + ln tf), rare patterns weigh more (idf = 1 + ln((1 + n) / (1 + df))), rows have unit
length (Salton and Buckley 1988). Vectors are kept as one list of rows per pattern, so that a question costs only the
patterns that it has; patterns that are nearly everywhere as one number for each row, which is quicker to add up.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ivr.core.language import Language

Scores = npt.NDArray[np.float32]
OFTEN = 0.05
"""A pattern in more than this share of the texts is kept with a number for each of them."""
Grams = Callable[[str], Iterator[str]]


def words(text: str) -> Iterator[str]:
    """Give the words of a plain text and every two neighbours."""
    parts = text.split()
    yield from parts
    yield from (f"{first} {second}" for first, second in pairwise(parts))


def letters(text: str) -> Iterator[str]:
    """Give every 2 to 4 letters in a row within each word, the spaces around it being letters too."""
    for word in text.split():
        padded = f" {word} "
        for size in (2, 3, 4):
            yield from (padded[at : at + size] for at in range(len(padded) - size + 1))


def characters(text: str) -> Iterator[str]:
    """Give every character and every two in a row; what is between spaces (Latin words) counts letter by letter too."""
    for part in text.split():
        yield from part
        yield from (first + second for first, second in pairwise(part))


GRAMS: dict[Language, tuple[Grams, ...]] = {"en": (words, letters), "zh": (characters,)}


class _Space:
    """The TF-IDF vectors of some texts under one kind of pattern."""

    def __init__(self, texts: Sequence[str], grams: Grams) -> None:
        self._grams = grams
        self._size = len(texts)
        bags = [Counter(grams(text)) for text in texts]
        frequency = Counter(gram for bag in bags for gram in bag)
        self._idf = {gram: self._weigh(df) for gram, df in frequency.items()}
        # A pattern never seen weighs as one seen once: otherwise a text full of unknown words would look as if only
        # its few known ones had been said.
        self._unseen = self._weigh(1)
        self._rows: dict[str, npt.NDArray[np.intp]] = {}
        self._weights: dict[str, Scores] = {}
        self._keep(bags)

    def _weigh(self, df: int) -> float:
        return 1.0 + math.log((1 + self._size) / (1 + df))

    def _keep(self, bags: Sequence[Counter[str]]) -> None:
        rows: dict[str, list[int]] = {gram: [] for gram in self._idf}
        weights: dict[str, list[float]] = {gram: [] for gram in self._idf}
        for row, bag in enumerate(bags):
            for gram, weight in self._vector(bag).items():
                rows[gram].append(row)
                weights[gram].append(weight)
        often = [gram for gram, where in rows.items() if len(where) > OFTEN * len(bags)]
        self._places = {gram: place for place, gram in enumerate(often)}
        self._whole = np.zeros((len(often), len(bags)), np.float32)
        for gram, place in self._places.items():
            self._whole[place, rows.pop(gram)] = weights[gram]
        self._rows = {gram: np.array(where, np.intp) for gram, where in rows.items()}
        self._weights = {gram: np.array(weights[gram], np.float32) for gram in rows}

    def _vector(self, bag: Counter[str]) -> dict[str, float]:
        raw = {gram: (1.0 + math.log(count)) * self._idf.get(gram, self._unseen) for gram, count in bag.items()}
        length = math.sqrt(sum(weight * weight for weight in raw.values()))
        return {gram: weight / length for gram, weight in raw.items()}

    def cosines(self, text: str) -> Scores:
        vector = self._vector(Counter(self._grams(text)))
        often = [gram for gram in vector if gram in self._places]
        weights = np.array([vector[gram] for gram in often], np.float32)
        out: Scores = weights @ self._whole[[self._places[gram] for gram in often]]
        for gram, weight in vector.items():
            rows = self._rows.get(gram)
            if rows is not None:
                # No row stands twice in a list, so this adds to each once.
                out[rows] += np.float32(weight) * self._weights[gram]
        return out


class Ngrams:
    """The patterns of some plain texts of one language."""

    def __init__(self, texts: Sequence[str], language: Language) -> None:
        self._size = len(texts)
        self._spaces = [_Space(texts, grams) for grams in GRAMS[language]]

    def cosines(self, texts: Sequence[str]) -> npt.NDArray[Any]:
        """Give the likeness of ``texts`` to the kept ones: an array (len(texts), kept) of float32, each 0 to 1."""
        out = np.zeros((len(texts), self._size), np.float32)
        for row, text in enumerate(texts):
            for space in self._spaces:
                out[row] += space.cosines(text)
        out /= np.float32(len(self._spaces))
        return out
