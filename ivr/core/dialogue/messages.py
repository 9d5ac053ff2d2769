"""Every event that the dialogue reacts to and every command it gives, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ivr.core.caller import Preferences
from ivr.core.flow.intent import Hypothesis, Understood
from ivr.core.flow.nodes import ProofMethod
from ivr.core.flow.values import Reading, ValueKind
from ivr.core.language import Language

ListenMode = Literal["open", "yes_no", "digits", "value", "keys"]
"""``value``: a date, an amount, a name: said in a few words, with pauses for thought."""
FailureKind = Literal["no_input", "no_match", "too_long", "noise", "no_sound"]
Cause = Literal["understood", "confirmed", "key", "person", "repeat_call", "patience", "call_back", "emergency"]
"""What ended the dialogue: how the reason for the call is known, or why it is not.

``call_back``: it is us who call, about a contact before. ``emergency``: somebody may be in danger.
"""


# -- events ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The caller is on the line and the look-up is done, or has taken too long."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance, recognised and, for an open question, understood; for a value, read."""

    text: str
    understood: Understood | None
    confidence: float | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    readings: tuple[Reading, ...] = ()
    keys_before: int | None = None
    """How many keys had been pressed for this answer when the speech began; None: all of them."""
    too_long: bool = False
    """It was cut off because it did not end."""
    parts: tuple[tuple[Heard, Heard], ...] = ()
    """What it may be two of: an answer, and a sentence about something else behind it; the longest answer first."""

    @property
    def failure(self) -> FailureKind:
        """What it counts as where it is no answer."""
        return "too_long" if self.too_long else "no_match"


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed one key."""

    digit: str
    after_ms: float | None = None
    """Since the key before; None for the first."""


@dataclass(frozen=True, slots=True)
class NumberTyped:
    """Several digits came one soon after the other where one key chooses."""

    digits: str


@dataclass(frozen=True, slots=True)
class NoInput:
    """No answer came; with keys half typed it ends them.

    ``nothing``: the line was quiet; ``noise``: there was sound, but no word in it; ``no_sound``: no sound at all has come
    from this line since the call began, so speech cannot be heard.
    """

    kind: Literal["nothing", "noise", "no_sound"] = "nothing"

    @property
    def failure(self) -> FailureKind:
        """What it counts as where an answer was due."""
        return "no_input" if self.kind == "nothing" else self.kind


@dataclass(frozen=True, slots=True)
class StillLooking:
    """A look-up takes long."""

    id: int


@dataclass(frozen=True, slots=True)
class Found:
    """A look-up has ended; ``rows`` are field → value."""

    id: int
    outcome: Literal["found", "empty", "failed"]
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof of identity has come to.

    ``asked``: this method can be had now (a code is on its way); ``unavailable``: it cannot; ``locked``: too many wrong
    answers, in this call or before it.
    """

    id: int
    outcome: Literal["asked", "unavailable", "right", "wrong", "locked"]


Event = Started | Heard | KeyPressed | NumberTyped | NoInput | StillLooking | Found | Proof


# -- commands ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Speak:
    """Say a sentence. What the caller says or presses while ``barge_in`` is set cuts it."""

    prompt: str
    variant: int
    text: str
    language: Language
    barge_in: bool = True
    slow: bool = False
    loud: bool = False
    secret: bool = False
    """It says something back that must not be written down."""


@dataclass(frozen=True, slots=True)
class TalkedOf:
    """What was talked of last, which is what "it" is now."""

    noun: str
    """As a caller would name it: "my appointment"."""
    intents: frozenset[str]
    """The matters that it may be about."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for an answer; replaces what was waited for before."""

    mode: ListenMode
    grammar: tuple[str, ...] | None = None
    """What may be said; None: anything."""
    otherwise_open: bool = False
    """An answer that does not fit the grammar is wanted too: a correction instead of yes or no."""
    kind: ValueKind | None = None
    """The kind of value to read from the words."""
    names: tuple[str, ...] = ()
    secret: bool = False
    """What comes must not be written down anywhere."""
    enough: int | None = None
    """Digits after which nothing more is to come: once so many are heard, a short silence ends the answer."""
    patient: bool = False
    """This caller takes their time: wait longer for the end of what they say."""
    wait_s: float | None = None
    """How long to wait for them to say anything; None: as usual."""
    of: TalkedOf | None = None
    """What "it" is in an answer."""
    beside: TalkedOf | None = None
    """What "it" is in a sentence behind an answer."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Run a look-up of the flow; ``Found`` with this ``id`` answers it."""

    id: int
    lookup: str
    args: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Prove:
    """Begin a proof of identity (``answer`` None), or check what was given; ``Proof`` with this ``id`` answers it."""

    id: int
    method: ProofMethod
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep what works for this caller; they have agreed."""

    preferences: Preferences


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete what was kept of this caller's preferences."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The caller has said whether this call may be recorded."""

    given: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure of the call: where, and of what kind."""

    node: str
    kind: FailureKind


@dataclass(frozen=True, slots=True)
class HandOver:
    """The dialogue is over: bring the caller to a person."""

    intent: str | None
    queue: str | None
    """A queue the dialogue insists on; None: routing decides."""
    cause: Cause
    troubles: tuple[Trouble, ...] = ()
    """What went wrong between the caller and the machine, so that nobody makes them go through it again."""


@dataclass(frozen=True, slots=True)
class CallBack:
    """The caller is to be rung when it is their turn; what follows is the goodbye."""

    wanted: HandOver
    number: str | None = None
    """The number (E.164) that they gave for it; None: the one that they call from."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """The matter is settled; hang up once everything was said."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Stop talking at once."""


Command = Speak | Listen | LookUp | Prove | Remember | Forget | Consent | HandOver | CallBack | HangUp | Silence
