"""Vosk's recognisers: made, kept warm, and what one utterance takes of them.

A model that composes its graph while it decodes (look-ahead, as the small models do) makes each new recogniser find the
same states anew, at half the cost of decoding. So a recogniser that has finished an utterance is kept for the next one with
the same grammar; Vosk begins its features and its search afresh then, and the words are the same (a test holds that).
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vosk

from ivr.adapters.speech_in.decoding import UNKNOWN, Hearing, Wanted, believed, hearings
from ivr.core.endpointing import FRAME_MS, SAMPLE_RATE
from ivr.core.flow.intent import ALTERNATIVES
from ivr.core.told import Told

vosk.SetLogLevel(-1)
MOST_IDLE = 64
"""Recognisers that are kept for later; 5 MB each with the bundled model once it is warm."""
LASTS_S = 600.0
"""Seconds of sound after which one is not kept any more: what it remembers of the graph grows."""
MEASURED_FROM_S, FOLLOW = 0.1, 0.1
"""Sound of a piece from which its cost is believed; how quickly the cost follows."""
Kind = tuple[int, tuple[str, ...] | None, bool]
"""Model, grammar, several readings: recognisers of one kind can stand in for each other."""


class ModelUnusable(Told):
    """A speech model that cannot be loaded; the message names the folder and what is wrong."""


def load(path: Path) -> Any:
    """A model for any number of recognisers; raises ModelUnusable."""
    if not (path / "am" / "final.mdl").is_file() and not (path / "final.mdl").is_file():
        raise ModelUnusable(
            f"{path} is no Vosk model folder: it has no am/final.mdl (unpack the zip, name its inner folder)"
        )
    try:
        return vosk.Model(str(path))
    except Exception as error:  # vosk raises a bare Exception when libvosk refuses the files
        raise ModelUnusable(f"Vosk cannot load the model in {path}: {error}") from error


@dataclass(slots=True)
class Recogniser:
    """One of Vosk's, used by one thread at a time."""

    kind: Kind
    vosk: Any
    heard_bytes: int = 0
    """Sound of earlier utterances: Vosk counts the times of words on."""


class Recognisers:
    """All recognisers of the process that nobody uses just now; may be used from any thread."""

    def __init__(self, most_idle: int = MOST_IDLE) -> None:
        self._most_idle = most_idle
        self._idle: OrderedDict[Kind, list[Recogniser]] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def take(self, model: Any, grammar: Sequence[str] | None, several: bool) -> Recogniser:
        """The one that was used last, or a new one."""
        kind = (id(model), None if grammar is None else tuple(grammar), several)
        with self._lock:
            idle = self._idle.get(kind)
            if idle:
                self._count -= 1
                found = idle.pop()
                if not idle:
                    del self._idle[kind]
                return found
        return Recogniser(kind, _made(model, grammar, several))

    def give_back(self, one: Recogniser) -> None:
        """Keep it; it must have given its final result. The kind that was longest not asked for makes room."""
        if one.heard_bytes > LASTS_S * SAMPLE_RATE * 2:
            return
        with self._lock:
            self._idle.setdefault(one.kind, []).append(one)
            self._idle.move_to_end(one.kind)
            self._count += 1
            if self._count > self._most_idle:
                kind, oldest = next(iter(self._idle.items()))
                oldest.pop(0)
                self._count -= 1
                if not oldest:
                    del self._idle[kind]


def _made(model: Any, grammar: Sequence[str] | None, several: bool) -> Any:
    if grammar is None:
        made = vosk.KaldiRecognizer(model, SAMPLE_RATE)
    else:
        made = vosk.KaldiRecognizer(model, SAMPLE_RATE, json.dumps([*grammar, UNKNOWN], ensure_ascii=False))
    if grammar is None or several:
        made.SetMaxAlternatives(ALTERNATIVES)
    else:
        made.SetWords(True)
    return made


@dataclass(slots=True)
class Cost:
    """What decoding costs here: seconds of a core for a second of sound, followed over the last pieces."""

    share: float = 0.1
    """A guess to begin with; the bundled model takes 0.01, a large one 0.5 and more."""

    def took(self, work_s: float, sound_s: float) -> None:
        """One piece was decoded; two threads that tell at the same moment lose one of the two, which is no loss."""
        if sound_s >= MEASURED_FROM_S:
            self.share += FOLLOW * (work_s / sound_s - self.share)

    def frames(self, within_s: float) -> int:
        """How many frames can be decoded within so much of a core's time."""
        return int(within_s / max(self.share, 1e-4) * 1000 / FRAME_MS)


class Decoder:
    """Fills one hearing by one recogniser; used by one thread at a time."""

    def __init__(self, model: Any, recognisers: Recognisers, hearing: Hearing) -> None:
        self._model, self._recognisers, self._hearing = model, recognisers, hearing
        self._one: Recogniser | None = None
        self._fed = 0
        self._partial = ""

    def feed(self, pcm: bytes, partial: bool) -> str | None:
        """More sound; with ``partial`` what has been understood so far, where that is news."""
        if self._one is None:
            self._one = self._recognisers.take(self._model, self._hearing.grammar, self._hearing.several)
        self._fed += len(pcm)
        if self._one.vosk.AcceptWaveform(pcm):
            self._take(self._one, self._one.vosk.Result())
            return None
        if not partial:
            return None
        raw: str = self._one.vosk.PartialResult()
        if raw == self._partial:
            return None
        self._partial = raw
        return self._hearing.so_far(json.loads(raw))

    def now(self) -> str:
        """All that has been understood of what was fed."""
        return self._hearing.now(json.loads(self._one.vosk.PartialResult()) if self._one is not None else {})

    def end(self) -> None:
        """The utterance is over; the recogniser is free for another."""
        if self._one is not None:
            one, self._one = self._one, None
            self._take(one, one.vosk.FinalResult())
            one.heard_bytes += self._fed
            self._recognisers.give_back(one)

    def _take(self, one: Recogniser, raw: str) -> None:
        self._hearing.take(json.loads(raw), one.heard_bytes / (2 * SAMPLE_RATE))


class Decoding:
    """One utterance, heard in the ways that its question needs."""

    def __init__(self, model: Any, wanted: Wanted, recognisers: Recognisers) -> None:
        self._wanted = wanted
        self._hearings = hearings(wanted)
        self._decoders = [Decoder(model, recognisers, hearing) for hearing in self._hearings]

    def feed(self, pcm: bytes, partial: bool) -> str | None:
        """More sound; with ``partial`` what the freest hearing has understood so far, where that is news."""
        for decoder in self._decoders[:-1]:
            decoder.feed(pcm, False)
        return self._decoders[-1].feed(pcm, partial)

    def now(self) -> tuple[str, ...]:
        """What each hearing has understood of what was fed, the freest last."""
        return tuple(decoder.now() for decoder in self._decoders)

    def end(self) -> Hearing:
        """The utterance is over: the hearing that is believed."""
        for decoder in self._decoders:
            decoder.end()
        return believed(self._wanted, self._hearings)
