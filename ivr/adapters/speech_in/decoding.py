"""What Vosk gives for one utterance, and which of it is believed; wherever it was decoded, here or on another machine.

What Vosk gives (its source): word confidences only without alternatives; with alternatives only a log-likelihood each.
So a yes-or-no question gets word confidences; an open one, and digits, the n-best. Beside a grammar, which cannot hear
anything else, there may be a second hearing with the whole model, at the same time, so that it costs nobody a wait; where the two
do not agree about a yes or a no, the free one counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ivr.calls.caller.ports import Transcript
from ivr.core.flow.intent import Hypothesis, joined

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
    """What one recogniser has given so far."""

    grammar: Sequence[str] | None
    several: bool
    segments: list[list[Hypothesis]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    """The likeliest words, with those that were not recognised as ``[unk]``."""

    def take(self, result: dict[str, Any], before_s: float = 0.0) -> None:
        """The result of one stretch of speech between two silences long enough for Vosk's own endpointing.

        ``before_s`` is what its word times count too much; they are kept in whole ms, which is all that a float holds.
        """
        alternatives = _likeliest_first(result.get("alternatives") or []) or [result]
        self.raw += alternatives[0].get("text", "").split()
        found = hypotheses(result)
        if found:
            self.segments.append(found)
        self.words += [
            (w["word"], round(w["start"] - before_s, 3), round(w["end"] - before_s, 3), w["conf"])
            for w in result.get("result", [])
        ]

    def so_far(self, partial: dict[str, Any]) -> str | None:
        """What has been understood so far, with a partial result; None where that holds no words."""
        said = _clean(partial.get("partial", ""))
        # some tell only what is new, some all of it again
        whole = " ".join(self.best())
        return (said if said.startswith(f"{whole} ") else f"{whole} {said}".strip()) if said else None

    def now(self, partial: dict[str, Any]) -> str:
        """All that has been understood, with a partial result."""
        return self.so_far(partial) or " ".join(self.best())

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


def hearings(wanted: Wanted) -> list[Hearing]:
    """The hearings that a question needs, the freest last."""
    first = Hearing(wanted.grammar, wanted.several)
    beside = wanted.grammar is not None and wanted.otherwise_open
    return [first, Hearing(None, True)] if beside else [first]


def believed(wanted: Wanted, heard: Sequence[Hearing]) -> Hearing:
    """Which of the hearings of a whole utterance is believed."""
    first, free = heard[0], heard[-1]
    if free is first:
        return first
    allowed = {word for phrase in wanted.grammar or () for word in phrase.split()}
    freely = " ".join(free.best()).split()
    if wanted.several:
        mostly = sum(word in allowed for word in freely) >= MOSTLY * len(freely)
        return first if mostly else free
    agreed = set(freely) <= allowed
    if first.fits() and agreed:
        return first
    if agreed:
        # it did not fit the grammar, and comes out as the grammar's own words all the same: a noise
        free.segments.clear()
    return free


def transcript(hearing: Hearing, decode_ms: float) -> Transcript:
    """What was heard, as the call wants it; ``decode_ms`` is the time since the end of the utterance."""
    heard = hearing.confidences()
    return Transcript(
        hypotheses=joined(hearing.segments),
        confidence=sum(heard) / len(heard) if heard else None,
        words=tuple(hearing.words),
        decode_ms=round(decode_ms, 1),
    )


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
    alternatives = _likeliest_first(result["alternatives"])
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


def _likeliest_first(alternatives: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As Vosk lists them; other servers may not."""
    return sorted(alternatives, key=lambda one: -one["confidence"])


def _clean(text: str) -> str:
    return " ".join(word for word in text.split() if word != UNKNOWN)
