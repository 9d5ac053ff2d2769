"""What is being waited for inside a node: an answer to what was said back, to an offer, to a question in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ivr.core.caller import Preferences
from ivr.core.dialogue.messages import Heard
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import ProofMethod


@dataclass(frozen=True, slots=True)
class Confirming:
    """An intent was said back and waits for yes or no."""

    intent: str
    suggested: int | None = None
    """The suggestion of the open question that it is, the machine's own idea from history."""
    second: bool = False
    """It is the second matter of a sentence, come to now."""

    @property
    def own_idea(self) -> bool:
        """Whether it was the machine that began it: a "no" is nobody's failure."""
        return self.second or self.suggested is not None


@dataclass(frozen=True, slots=True)
class ConfirmingValue:
    """A value was said back and waits for yes or no."""

    value: str
    said: tuple[Hypothesis, ...] = ()
    """The sentence that it was in, which may answer what comes next as well: "on Thursday at four"."""


@dataclass(frozen=True, slots=True)
class DoubtfulDigit:
    """All digits but one are sure; this one is asked for again."""

    digits: str
    """With a "?" at ``position``."""
    position: int
    likely: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offering:
    """Whether to remember a preference was asked; afterwards the question that waits is put again."""

    preferences: Preferences
    then_go_on: bool = False
    """The intent is settled already; else the question that waits is put again."""


@dataclass(frozen=True, slots=True)
class Looking:
    """A look-up runs."""

    id: int
    filled: int = 0
    """How often the filler was said."""


@dataclass(frozen=True, slots=True)
class Proving:
    """One method of proof: being prepared, or waiting for its digits, or being checked."""

    id: int
    method: ProofMethod
    state: Literal["preparing", "asking", "checking"]


@dataclass(frozen=True, slots=True)
class FewWords:
    """A person was asked for before a word was said of the matter: what is it about, so that the right one picks up?"""

    complaint: bool = False
    """They want to complain, and what they say is taken down."""


@dataclass(frozen=True, slots=True)
class OfferingPerson:
    """The machine has not understood: a person, or the choices by key?"""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Whether to end the call was asked; afterwards what was being asked is asked again."""

    before: Asking | None


@dataclass(frozen=True, slots=True)
class Danger:
    """Whether somebody is in danger was asked; afterwards what was being asked is asked again."""

    before: Asking | None
    heard: Heard | None = None
    """The sentence that raised it: with a no, it is about what else it was about."""


Asking = (
    Confirming
    | ConfirmingValue
    | DoubtfulDigit
    | Offering
    | Looking
    | Proving
    | FewWords
    | OfferingPerson
    | Leaving
    | Danger
)
