"""Every event that the dialogue reacts to and every command it gives, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ivr.core.caller import Language
from ivr.core.intent import Understood

ListenMode = Literal["open", "yes_no", "digits", "keys"]


# -- events ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The caller is on the line and the look-up is done, or has taken too long."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance, recognised and, for an open question, understood."""

    text: str
    understood: Understood | None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed one key."""

    digit: str


@dataclass(frozen=True, slots=True)
class NoInput:
    """Nothing came within the time; with keys half typed it ends them."""


Event = Started | Heard | KeyPressed | NoInput


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Speak:
    """Say a sentence. What the caller says or presses while ``barge_in`` is set cuts it."""

    prompt: str
    variant: int
    text: str
    language: Language
    barge_in: bool = True


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for an answer; replaces what was waited for before."""

    mode: ListenMode
    grammar: tuple[str, ...] | None = None
    """What may be said; None: anything."""
    otherwise_open: bool = False
    """An answer that does not fit the grammar is wanted too: a correction instead of yes or no."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """The dialogue is over: bring the caller to a person."""

    intent: str | None
    queue: str | None
    """A queue the dialogue insists on; None: routing decides."""
    cause: Literal["understood", "confirmed", "key", "person", "repeat_call", "patience"]


@dataclass(frozen=True, slots=True)
class HangUp:
    """The matter is settled; hang up once everything was said."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Stop talking at once."""


Command = Speak | Listen | HandOver | HangUp | Silence
