"""What a dialogue may know (World) and what one call remembers (Place)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ivr.core.caller import Caller
from ivr.core.card import Known
from ivr.core.dialogue.asking import Asking, Confirming, Looking, Proving
from ivr.core.dialogue.digits import Part
from ivr.core.dialogue.messages import Cause, Listen, Speak, Trouble
from ivr.core.flow.flow import Flow, QueueState
from ivr.core.flow.intent import Hypothesis, Understood
from ivr.core.flow.opening_hours import Interval
from ivr.core.flow.values import Reader, Speller, ValueKind, Window
from ivr.core.language import Language

PERSON_INTENT = "person"
"""The intent that means "a human, please"; an operator may give it phrases like any other."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class AsWritten:
    """Says values as they are written, for whoever has no voice to please."""

    def spoken(self, kind: ValueKind, value: str, language: Language, now: datetime) -> str:
        """The value itself; digits one by one."""
        return " ".join(value) if kind == "digits" else value

    def week(self, weekly: Sequence[tuple[Interval, ...]], language: Language) -> str:
        """Opening and closing of each day, in minutes since midnight."""
        return " ".join("+".join(f"{opening}-{closing}" for opening, closing in hours) or "-" for hours in weekly)


@dataclass(frozen=True, slots=True)
class World:
    """What the dialogue may know and cannot change during a step."""

    flow: Flow
    caller: Caller
    hears: frozenset[Language]
    """The languages that can be recognised at this moment; the others are served by keys."""
    now: datetime = EPOCH
    queues: Mapping[str, QueueState] = field(default_factory=dict)
    speller: Speller = field(default_factory=AsWritten)
    reader: Reader | None = None
    """Reads values from keys; those from words come with ``Heard``."""
    crowded: bool = False
    """Words are not recognised because too many speak at once: the caller is told why there are only keys."""
    may_call: bool = False
    """Whether the caller can be rung at the number that they call from."""
    may_dial: Callable[[str], bool] | None = None
    """Whether a number that they give can be rung; None: this house rings nobody."""
    asks_consent: bool = False
    """Whether callers are recorded who agree to it."""
    emergency: str = "112"
    """The number to call where somebody is in danger."""

    @property
    def usual_language(self) -> Language:
        """The caller's own language where it is known."""
        customer, liked = self.caller.customer, self.caller.preferences
        return liked.language or (customer.language if customer else None) or self.flow.default_language


@dataclass(frozen=True, slots=True)
class Later:
    """A matter that was said beside another one, to be come to after it."""

    intent: str
    words: tuple[Hypothesis, ...] = ()
    """The sentence that it was said in, where that is about nothing else: it may hold answers."""
    again: bool = False
    """It had been dealt with or denied by then, and is wanted anew: "yes, and cancel the Friday one as well"."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the caller wants to be spoken to."""

    slow: bool = False
    loud: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is in its dialogue: everything the engine remembers."""

    node: str
    language: Language
    troubles: tuple[Trouble, ...] = ()
    """Every failure so far, as the agent reads them."""
    forgiven: int = 0
    """How many of them were given back to the budget of patience by answers since."""
    here: tuple[tuple[str, int], ...] = ()
    """How often each node has failed since it was last answered."""
    visits: tuple[tuple[str, int], ...] = ()
    """How often each question was come to, however well it was answered: twice is enough."""
    asking: Asking | None = None
    implied: str | None = None
    """The intent that was only said in passing and may still be corrected."""
    denied: frozenset[str] = frozenset()
    """Intents the caller has said no to."""
    declined: frozenset[str] = frozenset()
    """Ideas of the machine's own that the caller has said no to: not had again, and heard like any other when they say it."""
    intent: str | None = None
    cause: Cause = "understood"
    understood: Understood | None = None
    words: tuple[Hypothesis, ...] = ()
    """The sentence that led here, until the next question is put: it may hold answers already."""
    settled: tuple[str, ...] = ()
    """Intents that the machine has dealt with in this call."""
    known: tuple[Known, ...] = ()
    slots: tuple[tuple[str, str], ...] = ()
    former: frozenset[str] = frozenset()
    """Slots that were filled for a matter that is dealt with: in a new one they may be given anew."""
    rows: tuple[tuple[str, tuple[tuple[tuple[str, str], ...], ...]], ...] = ()
    """What look-ups found: name → rows of (field, value)."""
    parts: tuple[Part, ...] = ()
    """Keys and readings so far for the digits being collected, in the order in which they came."""
    stack: tuple[str, ...] = ()
    """Where pieces that were called come back to."""
    before: Place | None = None
    """The question before this one, for "back"."""
    said: tuple[tuple[str, int], ...] = ()
    """How often each prompt was said, so that nobody hears the same variant twice in a row."""
    last: tuple[Speak, ...] = ()
    """What was said last, for "repeat"."""
    listening: Listen | None = None
    """What was last listened for."""
    manner: Manner = Manner()
    offered: bool = False
    """Whether "shall I remember that?" was asked in this call."""
    proved: bool = False
    consent: bool | None = None
    """Whether this call may be recorded; None: they have not said."""
    commands: int = 0
    """Commands since the last answer."""
    starred: bool = False
    """The last key was a star."""
    ids: int = 0
    greeted: bool = False
    """Whether the caller has once said hello and nothing else."""
    danger: bool = False
    """Whether it was asked if somebody is in danger, or they are."""
    holding: bool = False
    """The caller has asked for a moment, and the line waits."""
    pending: tuple[Later, ...] = ()
    """Matters that were said beside another, to be come to after it."""
    narrowed: tuple[str, Window] | None = None
    """A slot, and which of the values that are offered for it still count."""
    hours: Window | None = None
    """What was said of the time of day before times are read out: "some day next week, but no mornings"."""
    number: str = ""
    """A number that was typed before it was asked for."""
    keyed: bool = False
    """Whether the last answer was a key: who presses hears which, who talks does not."""
    few_words: bool = False
    """Whether the caller who asked for a person was asked what it is about."""
    over: bool = False

    @property
    def failures(self) -> int:
        """Spent of the one budget of patience."""
        return len(self.troubles) - self.forgiven

    @property
    def talked_of(self) -> str | None:
        """The matter of this moment: the one that was said back and waits for a yes, else the one that is being dealt with."""
        return self.asking.intent if isinstance(self.asking, Confirming) else self.intent

    @property
    def busy(self) -> bool:
        """A look-up runs, or a proof is being prepared or checked: what is said now answers nothing."""
        return isinstance(self.asking, Looking) or (isinstance(self.asking, Proving) and self.asking.state != "asking")

    def left_open(self, slot: str) -> Window | None:
        """What the caller leaves open of the values that are offered for a slot."""
        return self.narrowed[1] if self.narrowed and self.narrowed[0] == slot else None

    def values(self) -> dict[str, str]:
        """Everything that was collected or found, by the name that prompts and conditions use."""
        found = {f"{name}.{key}": value for name, rows in self.rows if rows for key, value in rows[0]}
        return {**found, **dict(self.slots)}

    def with_slot(self, name: str, value: str) -> Place:
        """The same with one slot filled, in place of what it held."""
        slots = (*((k, v) for k, v in self.slots if k != name), (name, value))
        return replace(self, slots=slots, former=self.former - {name})

    def with_later(self, intent: str, words: tuple[Hypothesis, ...] = (), *, again: bool = False) -> Place:
        """The same with one matter more to come to, if it is not there; ``again``: it is the one that is talked of."""
        passed = again or intent in (self.intent, *self.settled, *self.denied, *self.declined)
        if intent in {one.intent for one in self.pending}:
            return self
        return replace(self, pending=(*self.pending, Later(intent, words, passed)))

    def had_answer(self, node: str, slot: str) -> bool:
        """Whether a question was put or answered in this matter: what was said before it does not answer it any more."""
        return node in dict(self.visits) or (slot in dict(self.slots) and slot not in self.former)

    def with_known(self, known: Known) -> Place:
        """The same with one line on the agent's list, in place of what had its label."""
        return replace(self, known=(*(k for k in self.known if k.label != known.label), known))
