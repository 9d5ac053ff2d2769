"""The agent's card: everything the person who picks up should know, readable in two seconds.

A card is plain data. The wire turns it into JSON; the browser draws it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ivr.core.caller import AgentId, Caller, CallId
from ivr.core.language import Language, Text
from ivr.core.offers import NONE, Authority, ProductNote, Way

CardState = Literal["ringing", "connected", "wrap_up"]
Certainty = Literal["sure", "confirmed", "chosen_by_key", "agent", "earlier", "danger", "unsure", "unknown"]
"""How it is known: ``agent``: the one who had the call before has said so; ``earlier``: it goes on with an earlier call."""


@dataclass(frozen=True, slots=True)
class Share:
    """One addend of a confidence or of a routing score: "words 0.48"."""

    label: Text
    value: float


@dataclass(frozen=True, slots=True)
class Why:
    """The reason for the call, in the caller's own words."""

    intent: str | None
    title: Text
    confidence: float
    certainty: Certainty
    words: str | None
    """What the caller said, as recognised; None when they only pressed keys."""
    heard_language: Language
    shares: tuple[Share, ...] = ()
    runner_up: Text | None = None
    words_at: datetime | None = None
    """When that was said, if it was in an earlier call."""


@dataclass(frozen=True, slots=True)
class Known:
    """Something already asked and answered, not to be asked again."""

    label: Text
    value: str
    how: Literal["spoken", "keys", "record", "done"]
    """``done``: found or done by the machine itself."""
    checked: bool
    """Whether it was found in the records."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what the machine and the caller said to each other."""

    at: datetime
    speaker: Literal["machine", "caller", "note"]
    text: str
    language: Language
    by: Literal["voice", "keys"] = "voice"


@dataclass(frozen=True, slots=True)
class Patience:
    """What went wrong between the caller and the machine, so that nobody makes them go through it again."""

    spent: int
    """Failures in all; answers since may have given some back."""
    of: int
    troubles: tuple[Text, ...] = ()
    """Each in words: "Order: not understood"."""


@dataclass(frozen=True, slots=True)
class Brief:
    """With what words somebody else passed the call on."""

    at: datetime
    by: str
    """The name of whoever did; empty: nobody, the agent's line was lost."""
    way: str
    text: str
    words: str
    """The caller's sentence that led to it."""
    reason: Text | None
    """What it really is about, when it was in the wrong place."""
    to: Text
    why: str | None = None
    """Why they did (``learning.TransferReason``), where they said."""


@dataclass(frozen=True, slots=True)
class Station:
    """One agent whose phone rang or who had the call."""

    agent: AgentId
    name: str
    answered: bool
    way: str
    queue_title: Text | None
    began: datetime
    ended: datetime | None
    """None: still there."""
    notes: tuple[str, ...]
    passed_to: Text | None
    brief: str


@dataclass(frozen=True, slots=True)
class Settle:
    """How the matter may be settled at once."""

    ways: tuple[Way, ...] = ()
    authority: Authority = NONE
    product: ProductNote | None = None
    done: tuple[tuple[str, bool], ...] = ()
    """Offers that were put to the caller in this call, and whether they accepted."""


@dataclass(frozen=True, slots=True)
class OpeningLines:
    """The opening as it was written, fields in braces and all."""

    text: Text
    own: Text
    """Only what the agent has written themself."""
    fields: tuple[str, ...]
    """What may stand in braces."""


@dataclass(frozen=True, slots=True)
class Pop:
    """Where this customer stands in another system's pages."""

    url: str
    at_once: bool = False
    """Whether to open it when the agent answers."""


@dataclass(frozen=True, slots=True)
class Card:
    """The whole card of one call for one agent."""

    call: CallId
    state: CardState
    since: datetime
    """When the call entered the house."""
    caller: Caller
    language: Language
    """The language the call was held in."""
    why: Why
    known: tuple[Known, ...]
    transcript: tuple[Line, ...]
    queue: str
    queue_title: Text
    waited_s: float
    """Seconds between the end of the dialogue and this ring."""
    reasons: tuple[Share, ...]
    """Why this call came to this agent, heaviest first."""
    opening: Text
    """The sentence the agent may open with."""
    opening_lines: OpeningLines | None = None
    patience: Patience = Patience(0, 0)
    brief: Brief | None = None
    journey: tuple[Station, ...] = ()
    held: bool = False
    dialling: bool = False
    """It is us who call, and the customer's phone still rings."""
    consulting: str | None = None
    """Whom this agent asks while the caller waits."""
    asked_by: str | None = None
    """The colleague who asks this agent."""
    conference: bool = False
    settle: Settle = Settle()
    missing: tuple[str, ...] = ()
    """What a complete card would have and this one has not."""
    pop: Pop | None = None
