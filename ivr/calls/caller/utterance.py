"""One utterance that has ended: its words, and what they mean to the question that was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from ivr.calls.caller.ledger_writer import LedgerWriter
from ivr.calls.caller.ports import Listening, Transcript, Understander
from ivr.core.dialogue.messages import Heard, Listen
from ivr.core.dialogue.words.back_reference import understood_here
from ivr.core.dialogue.words.clauses import answer_and_more, one_more
from ivr.core.dialogue.words.other_words import is_other
from ivr.core.flow.intent import Hypothesis, joined
from ivr.core.flow.values import Reader, Reading, values_in
from ivr.core.language import Language

log = structlog.get_logger(__name__)
FINISH_S = 8.0
"""A recogniser that takes longer for the last of it is given up."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance has ended; its words are on their way."""

    utterance: Listening
    began_at: float
    """Loop time of the first sound of it."""
    ended_at: float
    """Loop time of the last sound of it."""
    noticed_at: float
    keys_before: int
    too_long: bool
    secret: bool
    """It was said where something secret was asked for."""
    early: bool = False
    """It was taken for whole, and ended before the usual silence."""
    went_on: bool = False
    """It goes on with the one before."""
    number: int | None = None
    """Which utterance of the call it is, where what comes soon after it belongs to it; None: nothing does."""


async def transcribed(spoken: Spoken, ledger_writer: LedgerWriter) -> Transcript:
    """Its words; none where recognition failed, which the record then says."""
    try:
        async with asyncio.timeout(FINISH_S):
            return await spoken.utterance.finish()
    except TimeoutError:
        spoken.utterance.cancel()
        ledger_writer.problem("recognition took too long")
    except Exception as error:
        # a decoder that fails must cost the caller a question asked again, not the call
        log.exception("recognition failed")
        ledger_writer.problem(f"recognition failed: {error}")
    return Transcript((), None)


def with_more(first: Transcript, then: Transcript, pause_s: float) -> Transcript:
    """Two stretches of one answer, ``pause_s`` from the beginning of the first to that of the second."""
    sure = [one.confidence for one in (first, then) if one.confidence is not None]
    later = tuple((word, begin + pause_s, end + pause_s, share) for word, begin, end, share in then.words)
    return Transcript(
        joined([one.hypotheses for one in (first, then) if one.hypotheses]), min(sure, default=None),
        (*first.words, *later), then.decode_ms,
    )  # fmt: skip


def meaning(
    transcript: Transcript,
    wanted: Listen,
    language: Language,
    now: datetime,
    understander: Understander,
    reader: Reader,
    keys_before: int | None = None,
    too_long: bool = False,
) -> Heard | None:
    """The words with what they mean to the question; None where there are none. What is secret is not even classified."""
    if not transcript.text:
        return None

    def read(said: Sequence[Hypothesis]) -> Heard:
        understood = None
        if not wanted.secret:
            understood = understood_here(understander.understand, said, language, wanted.of)
        readings: tuple[Reading, ...] = ()
        if wanted.kind and wanted.kind != "digits":
            readings = values_in(reader, wanted.kind, said, language, now, wanted.names)
        return Heard(said[0].text, understood, transcript.confidence, tuple(said), readings, keys_before, too_long)

    whole = read(transcript.hypotheses)
    if wanted.secret or not (wanted.grammar or wanted.kind):
        return whole
    parts: list[tuple[Heard, Heard]] = []
    for cut in answer_and_more(transcript.hypotheses, language):
        rest = understood_here(understander.understand, cut.rest, language, wanted.beside)
        more = rest.wish == "goodbye" or (rest.wish == "drop" and rest.wish_certainty == "sure")
        more = more or one_more(cut.rest[0].text, language)
        if more or rest.certainty == "sure" or (cut.announced and is_other(rest, None)):
            parts.append((read(cut.front), Heard(cut.rest[0].text, rest, hypotheses=cut.rest)))
    return replace(whole, parts=tuple(parts))
