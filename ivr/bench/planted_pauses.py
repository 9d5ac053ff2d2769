"""Recordings with a pause in the middle of a sentence, where people breathe or think: 300 to 900 ms at a gap between two words.

Most are of our own corpus, cut where the decoder finds the gap, with the line's own sound in it. The others are sentences that
turn about, in synthetic voices: "Monday … is not possible", "where is my order … no I was charged twice". Of each there is
one without the pause, beside which its reading is judged. What the decoder does not hear right in halves ("I" alone is "bye" to
the bundled model) says nothing about turn-taking, and is not taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import soundfile
import vosk

from ivr.adapters.sound.telephone import frames, resample, to_pcm
from ivr.core.endpointing import FRAME_MS, SAMPLE_RATE, SILENCE_FRAME
from ivr.corpus.format import Call, Corpus, Facts, Said
from ivr.replay.caller.sounds import read_recording
from ivr.replay.making.script import BEFORE_S, BETWEEN_S, RATE, Line, on_the_line, piece
from ivr.replay.making.voices import Voices

SHORTEST_MS, LONGEST_MS = 300, 900
AROUND_MS = 60
"""Around the gap that the decoder gives, the quietest 20 ms are where it is cut."""
LEAST_WORDS = 2
VOICES = (
    "flite:slt",
    "flite:rms",
    "flite:awb",
    "pyttsx3:gmw/en-us",
    "pyttsx3:gmw/en-gb-scotland",
    "pyttsx3:gmw/en-us@0.85",
)
_VISIT = (
    ("i want to make an appointment", None), ("{}", "visit_day"), ("next tuesday", "visit_day"), ("at eleven", "visit_time"),
    ("yes", "visit_sure"), ("no", "anything_else"), ("yes", "yes"),
)  # fmt: skip
_BOOKED = (
    ("i want to make an appointment", None), ("next tuesday", "visit_day"), ("at eleven", "visit_time"), ("{}", "visit_sure"),
    ("no", "visit_sure"), ("no", "anything_else"), ("yes", "yes"),
)  # fmt: skip
_TUESDAY = {"intent": "appointment", "slots": {"visit_day": "2026-11-24", "visit_sure": "yes"}}
_FIRST = (("{}", None), ("yes", "yes"))
TURNING: tuple[tuple[str, str, tuple[tuple[str, str | None], ...], dict[str, Any]], ...] = (
    ("tomorrow", "does not work", _VISIT, _TUESDAY),
    ("monday", "does not work", _VISIT, _TUESDAY),
    ("tomorrow", "no next tuesday", _VISIT, _TUESDAY),
    ("monday", "is not possible", _VISIT, _TUESDAY),
    ("yes", "no", _BOOKED, {"intent": "appointment", "slots": {"visit_day": "2026-11-24"}}),
    ("where is my order", "no i was charged twice", _FIRST, {"intent": "invoice"}),
    ("i want to return my watch", "no my watch is broken", _FIRST, {"intent": "repair"}),
    ("i want to buy a watch", "no i was charged twice", _FIRST, {"intent": "invoice"}),
    ("i want to cancel my order", "no i was charged twice", _FIRST, {"intent": "invoice"}),
    ("are you open today", "i was charged twice", _FIRST, {"intent": "invoice"}),
    ("four seven", "one one", (("my order is late", None), ("{}", "order"), ("yes", "yes")),
     {"intent": "late_delivery", "slots": {"order": "4711"}}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planted:
    """One recording, with its pause and without."""

    call: Call
    whole: Call
    first: str
    """What is said before the pause."""
    then: str
    pause_ms: int
    turning: bool
    answers: str | None
    """The slot or node that the sentence answers; None: the open question."""


def of_corpus(corpus: Corpus, model: Any, folder: Path, count: int, dice: Random) -> Iterator[Planted]:
    """So many recordings of a corpus, each with a pause in one of its sentences; fewer where there are not so many gaps."""
    places = [(call, number) for call in corpus.calls if call.sound for number in _sentences(call.facts.said)]
    dice.shuffle(places)
    made = 0
    for call, number in places * 3:
        if made == count:
            return
        planted = _planted(call, number, model, folder / f"{call.name}.{number}.{made}.wav", dice)
        if planted is not None:
            made += 1
            yield planted


def _sentences(said: Sequence[Said]) -> Iterator[int]:
    for number, one in enumerate(said):
        if one.text and not one.noise and one.over_s is None and len(one.text.split()) >= LEAST_WORDS:
            yield number


def _planted(call: Call, number: int, model: Any, path: Path, dice: Random) -> Planted | None:
    recording, said = read_recording(call), call.facts.said[number]
    spoken_frames = recording.piece(number)
    words = _words(model, spoken_frames)
    spoken = [str(word["word"]) for word in words]
    if spoken != (said.text or "").replace("...", "").split():
        return None
    at = dice.randrange(1, len(words))
    cut = _quietest(spoken_frames, float(words[at - 1]["end"]), float(words[at]["start"]))
    pause_ms = dice.randrange(SHORTEST_MS, LONGEST_MS + 1, FRAME_MS)
    if not _heard_in_halves(model, spoken_frames[:cut], spoken_frames[cut:], (spoken[:at], spoken[at:])):
        return None
    gap = [recording.background() for _ in range(pause_ms // FRAME_MS)]
    first = round((said.from_s or 0.0) * 1000) // FRAME_MS + cut
    sound = b"".join([*recording.frames[:first], *gap, *recording.frames[first:]])
    soundfile.write(path, np.frombuffer(sound, dtype="<i2"), SAMPLE_RATE, subtype="PCM_16")
    facts = call.facts.model_copy(update={"said": _moved(call.facts.said, number, pause_ms / 1000)})
    first_words, then_words = " ".join(spoken[:at]), " ".join(spoken[at:])
    return Planted(Call(path.stem, facts, path), call, first_words, then_words, pause_ms, False, said.answers)


def _heard_in_halves(
    model: Any, first: Sequence[bytes], then: Sequence[bytes], words: tuple[Sequence[str], Sequence[str]]
) -> bool:
    quiet = [SILENCE_FRAME] * (SHORTEST_MS // FRAME_MS)
    return all(
        [one["word"] for one in _words(model, [*quiet, *half, *quiet])] == list(wanted)
        for half, wanted in zip((first, then), words, strict=True)
    )


def _words(model: Any, frames: Sequence[bytes]) -> list[dict[str, Any]]:
    """The words with their times, in seconds."""
    recogniser, pcm = vosk.KaldiRecognizer(model, SAMPLE_RATE), b"".join(frames)
    recogniser.SetWords(True)
    found = [json.loads(recogniser.Result())] if recogniser.AcceptWaveform(pcm) else []
    found.append(json.loads(recogniser.FinalResult()))
    return [word for one in found for word in one.get("result", [])]


def _quietest(frames: Sequence[bytes], ends_s: float, begins_s: float) -> int:
    """The frame before which the sound is cut."""
    first = max(0, round((ends_s * 1000 - AROUND_MS) / FRAME_MS))
    last = min(len(frames) - 1, round((begins_s * 1000 + AROUND_MS) / FRAME_MS))
    return min(range(first, last + 1), key=lambda at: float(np.abs(np.frombuffer(frames[at], dtype="<i2")).mean()))


def _moved(said: Sequence[Said], number: int, by_s: float) -> tuple[Said, ...]:
    moved = []
    for at, one in enumerate(said):
        after = {"to_s": None if one.to_s is None else one.to_s + by_s} if at >= number else {}
        if at > number and one.from_s is not None:
            after["from_s"] = one.from_s + by_s
        moved.append(one.model_copy(update=after))
    return tuple(moved)


async def turning(model: Any, folder: Path, voices: Voices, dice: Random) -> list[Planted]:
    """The sentences that turn about, each in every voice in which the decoder hears its halves right."""
    made = []
    for (number, (first, then, pieces, facts)), voice in product(enumerate(TURNING), VOICES):
        pause_ms = dice.randrange(SHORTEST_MS, LONGEST_MS + 1, FRAME_MS)
        name = f"turning-{number}-{voice.partition(':')[2].replace('/', '-')}"
        said = [{"text": text.replace("{}", f"{first} {then}"), "answers": answers} for text, answers in pieces]
        line = Line.model_validate({**facts, "said": said})
        halves = [await piece(Said(text=text), voice, voices) for text in (first, then)]
        heard = [frames(to_pcm(on_the_line(half, line, seed=number).astype(np.float32))) for half in halves]
        if not _heard_in_halves(model, heard[0], heard[1], (first.split(), then.split())):
            continue
        calls = [
            await _spoken(folder / f"{name}-{gap_ms}.wav", line, (first, then), gap_ms, voice, voices)
            for gap_ms in (pause_ms, 0)
        ]
        answers = next(answers for text, answers in pieces if text == "{}")
        made.append(Planted(calls[0], calls[1], first, then, pause_ms, True, answers))
    return made


async def _spoken(path: Path, line: Line, halves: tuple[str, str], gap_ms: int, voice: str, voices: Voices) -> Call:
    """A call in which one sentence is said in two halves."""
    sound = [np.zeros(round(BEFORE_S * RATE))]
    said, at_s = [], BEFORE_S
    for one in line.said:
        texts = halves if one.text == " ".join(halves) else (one.text,)
        spoken = [await piece(Said(text=text), voice, voices) for text in texts]
        if len(spoken) > 1:
            spoken.insert(1, np.zeros(round(gap_ms / 1000 * RATE)))
        heard = np.concatenate(spoken)
        to_s = at_s + len(heard) / RATE
        said.append(one.model_copy(update={"from_s": round(at_s, 2), "to_s": round(to_s, 2)}))
        sound += [heard, np.zeros(round(BETWEEN_S * RATE))]
        at_s = to_s + BETWEEN_S
    on_line = on_the_line(np.concatenate(sound), line, seed=len(path.stem))
    soundfile.write(
        path,
        np.frombuffer(to_pcm(resample(on_line.astype(np.float32), RATE)), dtype="<i2"),
        SAMPLE_RATE,
        subtype="PCM_16",
    )
    facts = Facts.model_validate(line.model_dump(exclude_unset=True, include=set(Facts.model_fields)))
    return Call(path.stem, facts.model_copy(update={"said": tuple(said), "origin": "synthetic"}), path)
