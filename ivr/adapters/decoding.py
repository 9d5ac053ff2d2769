"""One utterance through Vosk: the recognisers it takes, what they give, and which of it is believed.

What Vosk gives (its source): word confidences only without alternatives; with alternatives only a log-likelihood each.
So a yes-or-no question gets word confidences; an open one, and digits, the n-best. Beside a grammar, which cannot hear
anything else, there may be a second hearing with the whole model, at the same time, so that it costs nobody a wait.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ivr.core.intent import Hypothesis
from ivr.core.speech import SAMPLE_RATE

# one thread a decoder: the calls are what runs in parallel
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
import vosk

vosk.SetLogLevel(-1)
ALTERNATIVES = 4
UNKNOWN = "[unk]"
FITS = 0.85
"""Mean word confidence from which an answer is taken for one that the grammar allows. It is the model that must keep
other sentences out (a test holds that with the bundled one); this catches what is left."""
MOSTLY = 0.5
"""Share of a freely heard sentence that must be words of the grammar for the grammar's own hearing to be believed."""
Word = tuple[str, float, float, float]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How one utterance is to be heard."""

    grammar: Sequence[str] | None = None
    """What may be said; None: anything the model knows."""
    otherwise_open: bool = False
    """What does not fit the grammar is wanted too."""
    several: bool = False
    """Several readings, where a grammar would give one with confidences."""


@dataclass(slots=True)
class Hearing:
    """One recogniser and what it has given so far; used by one thread at a time."""

    model: Any
    grammar: Sequence[str] | None
    several: bool
    segments: list[list[Hypothesis]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    """The likeliest words, with those that were not recognised as ``[unk]``."""
    _recogniser: Any = None

    def feed(self, pcm: bytes) -> str | None:
        """More sound; what has been understood so far, where that can be said."""
        if self._recogniser is None:
            self._recogniser = self._make()
        if self._recogniser.AcceptWaveform(pcm):
            self._take(json.loads(self._recogniser.Result()))
            return None
        said: str = json.loads(self._recogniser.PartialResult()).get("partial", "")
        said = _clean(said)
        return " ".join([*self.best(), said]) if said else None

    def end(self) -> None:
        """The utterance is over."""
        if self._recogniser is not None:
            self._take(json.loads(self._recogniser.FinalResult()))

    def best(self) -> list[str]:
        """The likeliest words so far."""
        return [segment[0].text for segment in self.segments if segment]

    def confidences(self) -> list[float]:
        """Those of the words that were recognised."""
        return [word[3] for word in self.words if word[0] != UNKNOWN]

    def fits(self) -> bool:
        """Whether what was said is what the grammar allows, as far as its confidences tell."""
        # a grammar is a bigram with a way out, so words leak: what is no row of whole phrases was something else
        heard = self.confidences()
        whole = UNKNOWN not in self.raw and made_of(" ".join(self.raw), self.grammar or ())
        return whole and bool(heard) and sum(heard) / len(heard) >= FITS

    def _make(self) -> Any:
        if self.grammar is None:
            made = vosk.KaldiRecognizer(self.model, SAMPLE_RATE)
        else:
            words = json.dumps([*self.grammar, UNKNOWN], ensure_ascii=False)
            made = vosk.KaldiRecognizer(self.model, SAMPLE_RATE, words)
        if self.grammar is None or self.several:
            made.SetMaxAlternatives(ALTERNATIVES)
        else:
            made.SetWords(True)
        return made

    def _take(self, result: dict[str, Any]) -> None:
        """One stretch of speech between two silences long enough for Vosk's own endpointing."""
        alternatives = result.get("alternatives") or [result]
        self.raw += alternatives[0].get("text", "").split()
        found = hypotheses(result)
        if found:
            self.segments.append(found)
        self.words += [(w["word"], w["start"], w["end"], w["conf"]) for w in result.get("result", [])]


class Decoding:
    """One utterance, heard in the ways that its question needs."""

    def __init__(self, model: Any, wanted: Wanted) -> None:
        self._wanted = wanted
        self._first = Hearing(model, wanted.grammar, wanted.several)
        beside = wanted.grammar is not None and wanted.otherwise_open
        self._free = Hearing(model, None, True) if beside else None

    def feed(self, pcm: bytes) -> str | None:
        """More sound; a partial result where there is one."""
        said = self._first.feed(pcm)
        return said if self._free is None else self._free.feed(pcm)

    def end(self) -> Hearing:
        """The utterance is over: the hearing that is believed."""
        self._first.end()
        if self._free is None:
            return self._first
        self._free.end()
        allowed = {word for phrase in self._wanted.grammar or () for word in phrase.split()}
        heard = " ".join(self._free.best()).split()
        if self._wanted.several:
            mostly = sum(word in allowed for word in heard) >= MOSTLY * len(heard)
            return self._first if mostly else self._free
        if self._first.fits():
            return self._first
        if set(heard) <= allowed:
            # it did not fit the grammar, and comes out as the grammar's own words all the same: a noise
            self._free.segments.clear()
        return self._free


def made_of(text: str, phrases: Sequence[str]) -> bool:
    """Whether a text is one phrase after the other."""
    ends = {0}
    for at in range(len(text)):
        if at in ends:
            for phrase in phrases:
                if text.startswith(phrase, at) and text[at + len(phrase) : at + len(phrase) + 1] in ("", " "):
                    ends.add(min(at + len(phrase) + 1, len(text)))
    return bool(text) and len(text) in ends


def hypotheses(result: dict[str, Any]) -> list[Hypothesis]:
    """The readings of one result: softmax of the log-likelihoods, duplicates merged, empty ones left out.

    An empty result with alternatives carries confidence 1.0 (Vosk's source): it is no input, whatever the number says.
    """
    if "alternatives" not in result:
        text = _clean(result.get("text", ""))
        return [Hypothesis(text)] if text else []
    alternatives = result["alternatives"]
    best = max((a["confidence"] for a in alternatives), default=0.0)
    shares: dict[str, float] = {}
    for alternative in alternatives:
        text = _clean(alternative["text"])
        shares[text] = shares.get(text, 0.0) + math.exp(min(0.0, alternative["confidence"] - best))
    if not _clean(alternatives[0]["text"] if alternatives else ""):
        return []
    shares.pop("", None)
    total = sum(shares.values())
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    return [Hypothesis(text, share / total) for text, share in ranked]


def _clean(text: str) -> str:
    return " ".join(word for word in text.split() if word != UNKNOWN)


def joined(segments: Sequence[Sequence[Hypothesis]]) -> tuple[Hypothesis, ...]:
    """The readings of the whole utterance from those of its stretches: the likeliest combinations."""
    whole = [Hypothesis("", 1.0)]
    for segment in segments:
        both: dict[str, float] = {}
        for a, b in product(whole, segment):
            text = f"{a.text} {b.text}".strip()
            both[text] = both.get(text, 0.0) + a.share * b.share
        whole = [Hypothesis(text, share) for text, share in sorted(both.items(), key=lambda item: -item[1])][
            :ALTERNATIVES
        ]
    total = sum(h.share for h in whole)
    return tuple(Hypothesis(h.text, h.share / total) for h in whole if h.text)
