"""What the caller said beside what was heard of it, piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.core.contact.entries import Entry
from ivr.core.language import Language
from ivr.core.masking import MASK
from ivr.corpus.format import Call
from ivr.measure.word_errors import words_wrong
from ivr.replay.caller.caller import Uttered

NEAR_S = 0.7
"""What is heard so long before or after a piece is still of it: the clocks of caller and machine differ by a little live."""


@dataclass(slots=True)
class Words:
    """One piece of what the caller said, and what was heard of it."""

    at_s: float
    said: str
    heard: str
    wrong: int
    words: int
    steps: list[list[str]] = field(default_factory=list)
    """Kind, said, heard, word by word."""


def compared(at_s: float, said: str, heard: str, language: Language, *, echo: bool = False) -> Words:
    """One piece, counted.

    On a line with an ``echo`` what was added is the machine's own voice, which sounds otherwise each time its prompts are
    rendered: it is shown, and no word of the caller's that was heard wrongly.
    """
    found = words_wrong(said, heard, language)
    wrong = found.wrong - found.insertions if echo else found.wrong
    return Words(at_s, said, heard, wrong, found.words, [list(step) for step in found.alignment])


def words_of(
    call: Call, entries: Sequence[Entry], began: datetime, log: Sequence[Uttered], language: Language
) -> tuple[list[Words], int]:
    """What was heard of each piece, and how often the machine took the end of one before it had come.

    What was said to prove who somebody is, is in none of it, however it was heard. What was heard where nobody had spoken
    (an echo, a noise) is a piece of its own, of which nothing was said.
    """
    pieces = [(one, call.facts.said[one.piece]) for one in log if one.piece is not None]
    heard: list[list[str]] = [[] for _ in pieces]
    stray: list[Words] = []
    hidden = {number for number, (one, _) in enumerate(pieces) if one.asked.kind == "proof"}
    cut_offs, echo = 0, call.facts.echo_db is not None
    for entry in entries:
        if entry.kind != "heard":
            continue
        at_s, text = (entry.at - began).total_seconds(), str(entry.facts["text"])
        number = _whose(entry, at_s, [one for one, _ in pieces])
        if number is None:
            if text and MASK not in text:
                stray.append(compared(round(at_s, 2), "", text, language, echo=echo))
            continue
        one, said = pieces[number]
        cut_offs += at_s < one.ended_s and not said.noise
        heard[number].append(text)
        if MASK in text:
            hidden.add(number)
    made = list(stray)
    for number, (one, said) in enumerate(pieces):
        wanted = "" if said.noise else (said.text or "").replace("...", " ")
        if number not in hidden and (said.text is not None or said.noise):
            made.append(compared(round(one.began_s, 2), wanted, " ".join(heard[number]), language, echo=echo))
    return (sorted(made, key=lambda one: one.at_s) if call.sound is not None else []), cut_offs


def _whose(entry: Entry, at_s: float, pieces: Sequence[Uttered]) -> int | None:
    """The piece that an utterance is of: the one that it shares the most time with."""
    begin = float(entry.facts.get("began_s", at_s))
    end = float(entry.facts.get("ended_s", at_s))
    shared = [(min(end, one.ended_s) - max(begin, one.began_s), number) for number, one in enumerate(pieces)]
    most, number = max(shared, default=(-NEAR_S, -1))
    return number if most > -NEAR_S else None
