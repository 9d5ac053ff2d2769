"""One utterance that has ended: its words, and what they mean to the question that was asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog

from ivr.calls.caller.ledger_writer import LedgerWriter
from ivr.calls.caller.ports import Listening, Transcript, Understander
from ivr.core.dialogue.messages import Heard, Listen
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


def meaning(
    spoken: Spoken,
    transcript: Transcript,
    wanted: Listen,
    language: Language,
    now: datetime,
    understander: Understander,
    reader: Reader,
) -> Heard | None:
    """The words with what they mean to the question; None where there are none. What is secret is not even classified."""
    if not transcript.text:
        return None
    understood = None if wanted.secret else understander.understand(transcript.hypotheses, language)
    readings: tuple[Reading, ...] = ()
    if wanted.kind and wanted.kind != "digits":
        readings = values_in(reader, wanted.kind, transcript.hypotheses, language, now, wanted.names)
    return Heard(
        transcript.text, understood, transcript.confidence, transcript.hypotheses, readings,
        spoken.keys_before, spoken.too_long,
    )  # fmt: skip
