"""Who is heard when more call than can be: new callers begin with keys, those who need to speak are given what is left.

A call that has begun with recognition keeps it. A call that begins while there is no room is told so and served by keys; when
its caller does not press any, or is known to find that hard, it is given recognition from what is kept back for that. There
is no room while ``limit`` calls have it, or while speech waits to be decoded; and room again only well below that, so that
the first answer in time does not open the doors to everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from ivr.calls.caller.ports import Listening, Recogniser
from ivr.core.caller import Preferences
from ivr.core.language import LANGUAGES, Language

log = structlog.get_logger(__name__)
BUSY, CALM = 0.9, 0.7
"""The share of the decoders' time that is work, from which on there is no room, and under which there is again."""
CALM_BACKLOG = 0.25
"""The share of the backlog under which there is room again."""
KEPT_BACK = 0.1
"""For those who need it: more than ``limit`` by this share, at least one; and twice the backlog."""


@dataclass(frozen=True, slots=True)
class RecognitionLoad:
    """How hard recognition works."""

    behind_s: float = 0.0
    """How long speech waits to be decoded."""
    busy: float = 0.0
    """The share of the decoders' time that is work, 0 to 1."""


@dataclass(frozen=True, slots=True)
class RoomFigures:
    """The room at one moment."""

    heard: int
    """Calls that have recognition."""
    full: bool
    load: RecognitionLoad
    by_keys: int
    """Calls that have had to begin with keys, since the start."""
    given_later: int
    """Of these, those that were given recognition after all."""


@dataclass(frozen=True, slots=True)
class SpeechFigures:
    """Recognition at one moment."""

    capacity: RoomFigures
    servers: Mapping[str, tuple[bool, Mapping[str, int]]]
    """Speech servers by address: whether callers are given to it, and utterances by what came of them."""


class RecognitionCapacity:
    """Gives each call its ears. ``limit`` 0: as many as can be heard in time."""

    def __init__(
        self,
        recogniser: Recogniser,
        load: Callable[[], RecognitionLoad] = RecognitionLoad,
        limit: int = 0,
        backlog_s: float = 0.5,
    ) -> None:
        self._recogniser, self._load, self._limit, self._backlog_s = recogniser, load, limit, backlog_s
        self._heard: set[RecognitionSlot] = set()
        self._full = False
        self._by_keys = self._given_later = 0

    def slot(self, preferences: Preferences) -> RecognitionSlot:
        """The ears of a new call."""
        slot = RecognitionSlot(self, self._recogniser)
        self._look()
        if not self._full or (needs_voice(preferences) and self._kept_back()):
            self._heard.add(slot)
        else:
            self._by_keys += 1
        return slot

    def figures(self) -> RoomFigures:
        load = self._look()
        return RoomFigures(len(self._heard), self._full, load, self._by_keys, self._given_later)

    def has(self, slot: RecognitionSlot) -> bool:
        """Whether this call has recognition."""
        return slot in self._heard

    def ask(self, slot: RecognitionSlot) -> bool:
        """Give recognition to a call that needs it, if that can be; whether it is new."""
        self._look()
        if slot in self._heard or (self._full and not self._kept_back()):
            return False
        self._heard.add(slot)
        self._given_later += 1
        return True

    def leave(self, slot: RecognitionSlot) -> None:
        """The call is over."""
        self._heard.discard(slot)

    def _look(self) -> RecognitionLoad:
        load, count = self._load(), len(self._heard)
        if self._full:
            calm = load.behind_s <= self._backlog_s * CALM_BACKLOG and load.busy <= CALM
            fewer = not self._limit or count <= self._limit - max(1, round(self._limit * KEPT_BACK))
            full = not (calm and fewer)
        else:
            full = load.behind_s > self._backlog_s or load.busy > BUSY or bool(self._limit and count >= self._limit)
        if full != self._full:
            self._full = full
            log.warning(
                "recognition is full: new calls begin with keys" if full else "recognition has room again",
                calls=count, behind_ms=round(load.behind_s * 1000), busy=round(load.busy, 2),
            )  # fmt: skip
        return load

    def _kept_back(self) -> bool:
        """Whether there is something left for those who need it."""
        within = not self._limit or len(self._heard) < self._limit + max(1, round(self._limit * KEPT_BACK))
        return within and self._load().behind_s <= 2 * self._backlog_s


class RecognitionSlot:
    """The ears of one call: a recogniser that hears nothing while the call has none."""

    def __init__(self, capacity: RecognitionCapacity, recogniser: Recogniser) -> None:
        self._capacity, self._recogniser = capacity, recogniser

    def hears(self, language: Language) -> bool:
        """Whether this call's words in that language are recognised."""
        return self._capacity.has(self) and self._recogniser.hears(language)

    def languages(self) -> frozenset[Language]:
        """Those in which this call's words are recognised."""
        return frozenset(language for language in LANGUAGES if self.hears(language))

    @property
    def refused(self) -> bool:
        """Whether words would be recognised if fewer were calling."""
        return not self._capacity.has(self) and any(self._recogniser.hears(language) for language in LANGUAGES)

    def listen(
        self,
        language: Language,
        grammar: Sequence[str] | None,
        partial: Callable[[str], None] | None = None,
        otherwise_open: bool = False,
        several: bool = False,
    ) -> Listening:
        return self._recogniser.listen(language, grammar, partial, otherwise_open, several)

    def need(self) -> frozenset[Language] | None:
        """The caller needs to be heard: the languages in which that is so from now on; None where nothing changes."""
        return self.languages() if self._capacity.ask(self) else None

    def leave(self) -> None:
        """The call is over."""
        self._capacity.leave(self)


def needs_voice(preferences: Preferences) -> bool:
    """Whether keys are known to be hard for somebody: who wants it slow or loud, and has not chosen keys."""
    return (preferences.slow or preferences.loud) and not preferences.keys
