"""Recognition in audio time: the product's own decoding, on the spot; or, for calls in text, the words as they are written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ivr.adapters.speech_in.decoding import Wanted, transcript
from ivr.adapters.speech_in.recognisers import Decoding, Recognisers
from ivr.calls.caller.ports import Transcript, Understander
from ivr.core.flow.intent import Hypothesis, Understood
from ivr.core.language import Language
from ivr.replay.caller.sounds import TEXT_FRAME


@dataclass(frozen=True, slots=True)
class OnTheSpot:
    """Decodes each frame when it comes, in the thread of the loop: the same words as in a call, whatever the machine's load."""

    models: dict[Language, Any]
    recognisers: Recognisers = field(default_factory=Recognisers)
    """Kept warm from one call to the next."""

    def hears(self, language: Language) -> bool:
        """Whether there is a model for that language."""
        return language in self.models

    def listen(
        self,
        language: Language,
        grammar: Sequence[str] | None,
        partial: Callable[[str], None] | None = None,
        otherwise_open: bool = False,
        several: bool = False,
    ) -> Utterance:
        return Utterance(
            Decoding(self.models[language], Wanted(grammar, otherwise_open, several), self.recognisers), partial
        )


@dataclass(slots=True)
class Utterance:
    """One utterance being recognised."""

    decoding: Decoding
    partial: Callable[[str], None] | None
    _said: str = ""
    _cancelled: bool = False

    def feed(self, pcm: bytes) -> None:
        """The next 20 ms."""
        if self._cancelled:
            return
        said = self.decoding.feed(pcm, self.partial is not None)
        if said and said != self._said and self.partial:
            self._said = said
            # as in a call, where it comes from another thread: never while the ear is at work
            asyncio.get_running_loop().call_soon(self.partial, said)

    def look(self, told: Callable[[Sequence[str]], None]) -> None:
        """The words so far."""
        if not self._cancelled:
            asyncio.get_running_loop().call_soon(told, self.decoding.now())

    async def finish(self) -> Transcript:
        """The final result; ``decode_ms`` is what it took this machine after the last frame."""
        began = time.perf_counter()
        believed = self.decoding.end()
        return transcript(believed, round((time.perf_counter() - began) * 1000, 2))

    def cancel(self) -> None:
        self._cancelled = True


# -- calls in text


class TextActivity:
    """Somebody speaks while the line says so."""

    def voiced(self, pcm: bytes) -> bool:
        """Whether these 20 ms are of a text that is said."""
        return pcm == TEXT_FRAME


@dataclass(frozen=True, slots=True)
class AsWritten:
    """Hears what is written; ``saying`` gives the text of what is being said at this moment."""

    saying: Callable[[], str]

    def hears(self, language: Language) -> bool:
        """Every language can be read."""
        return True

    def listen(
        self,
        language: Language,
        grammar: Sequence[str] | None,
        partial: Callable[[str], None] | None = None,
        otherwise_open: bool = False,
        several: bool = False,
    ) -> WrittenUtterance:
        return WrittenUtterance(self.saying, partial)


@dataclass(slots=True)
class WrittenUtterance:
    """One utterance whose words are known."""

    saying: Callable[[], str]
    partial: Callable[[str], None] | None
    _texts: list[str] = field(default_factory=list)

    def feed(self, pcm: bytes) -> None:
        """The next 20 ms."""
        text = self.saying() if pcm == TEXT_FRAME else ""
        if text and text not in self._texts[-1:]:
            self._texts.append(text)
            if self.partial:
                asyncio.get_running_loop().call_soon(self.partial, text)

    def look(self, told: Callable[[Sequence[str]], None]) -> None:
        """The texts so far, which every hearing would have."""
        asyncio.get_running_loop().call_soon(told, [" ".join(self._texts)] * 2)

    async def finish(self) -> Transcript:
        text = " ".join(self._texts)
        return Transcript((Hypothesis(text),) if text else (), None)

    def cancel(self) -> None:
        self._texts.clear()


@dataclass(slots=True)
class TimedUnderstander:
    """An understander that keeps how long each answer took: at which second of the call, milliseconds of this machine."""

    inner: Understander
    began_s: float
    took_ms: list[tuple[float, float]] = field(default_factory=list)

    def understand(self, hypotheses: Sequence[Hypothesis], language: Language) -> Understood:
        """The ranked intents of one utterance."""
        began = time.perf_counter()
        try:
            return self.inner.understand(hypotheses, language)
        finally:
            at_s = asyncio.get_running_loop().time() - self.began_s
            self.took_ms.append((round(at_s, 2), round((time.perf_counter() - began) * 1000, 3)))
