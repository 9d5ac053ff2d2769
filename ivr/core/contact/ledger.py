"""The context of one caller's contact: append-only, the same whatever the order in which its entries came."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from ivr.core.caller import Caller, CallId, PastContact
from ivr.core.card import Known, Line
from ivr.core.contact.entries import Entry, EventKind
from ivr.core.contact.legs import Legs
from ivr.core.contact.pieces import IN_PIECES, pieces
from ivr.core.contact.story import Story
from ivr.core.dialogue.messages import HandOver
from ivr.core.flow.intent import Understood
from ivr.core.kept import in_facts, kept
from ivr.core.language import Language
from ivr.core.routing import Decision

__all__ = ["Entry", "EventKind", "Ledger"]
_PLACE = attrgetter("place")


@dataclass(slots=True)
class Ledger:
    """Everything about one contact. Entries are only added; the story is what they come to."""

    call: CallId
    caller: Caller
    began: datetime
    first_language: Language
    """The language of the house, until the caller's own is known."""
    run: str = ""
    """Names this run of the server, so that what it does is not taken for what an earlier one did."""
    card_safe: bool = field(default=True, kw_only=True)
    """Numbers of cards are masked in everything that is added, whoever said, typed or wrote it."""
    entries: list[Entry] = field(default_factory=list)
    """In the order of their times."""
    story: Story = field(init=False)
    _by_id: dict[str, Entry] = field(init=False, default_factory=dict)
    _unwritten: dict[str, Entry] = field(init=False, default_factory=dict)
    _made: int = field(init=False, default=0)
    _told: Callable[[Entry], None] = field(init=False, default=lambda entry: None)

    def __post_init__(self) -> None:
        given, self.entries = self.entries, []
        self.story = Story(self.first_language)
        for entry in given:
            self.merge(entry)

    def add(self, at: datetime, kind: EventKind, id: str | None = None, **facts: Any) -> Entry:
        """Something happened. ``id`` tells what it is where it may be reported twice; None: this is the only report."""
        if id is None:
            self._made += 1
            id = f"{self.run}{self._made:06d}"
        entry = Entry(at, kind, in_facts(facts, lambda text: kept(text, self.card_safe)), id)
        if self.merge(entry):
            self._unwritten[id] = entry
            if self.card_safe and kind in IN_PIECES:
                self._mask(pieces(self.entries, kind))
            self._told(self._by_id[id])
        return self._by_id[id]

    def _mask(self, instead: Mapping[str, Entry]) -> None:
        """Entries that turn out to hold a piece of a card's number are written once more, without it."""
        if instead:
            self._by_id |= instead
            self._unwritten |= instead
            self.entries = [instead.get(entry.id, entry) for entry in self.entries]
            self._tell_again()

    def watch(self, told: Callable[[Entry], None]) -> None:
        """From now on tell this of every new entry as it is made; it must be quick and must not raise."""
        self._told = told

    def merge(self, entry: Entry) -> bool:
        """Take an entry in where it belongs; False when nothing was new in it."""
        before = self._by_id.get(entry.id)
        if before is not None and not entry.before(before):
            return False
        self._by_id[entry.id] = entry
        if before is not None:
            self.entries.remove(before)
        elif not self.entries or self.entries[-1].place <= entry.place:
            self.entries.append(entry)
            self.story.take(entry)
            return True
        insort(self.entries, entry, key=_PLACE)
        self._tell_again()
        return True

    def _tell_again(self) -> None:
        self.story = Story(self.first_language)
        for entry in self.entries:
            self.story.take(entry)

    def take_unwritten(self) -> tuple[Entry, ...]:
        """The entries that are not in the database yet; from now on they count as written."""
        fresh, self._unwritten = tuple(self._unwritten.values()), {}
        return fresh

    def give_back(self, entries: Iterable[Entry]) -> None:
        """They could not be written after all."""
        self._unwritten = {entry.id: entry for entry in entries} | self._unwritten

    @property
    def unwritten(self) -> int:
        """How many entries wait to be written."""
        return len(self._unwritten)

    # -- the story, as it is read everywhere

    @property
    def language(self) -> Language:
        """The language the call is held in."""
        return self.story.language

    @property
    def lines(self) -> list[Line]:
        """What machine and caller said to each other."""
        return self.story.lines

    @property
    def known(self) -> tuple[Known, ...]:
        """What need not be asked again."""
        return self.story.known

    @property
    def understood(self) -> Understood | None:
        """How the caller's reason was understood last."""
        return self.story.understood

    @property
    def words(self) -> str | None:
        """The sentence the decision came from."""
        return self.story.words

    @property
    def repeats(self) -> PastContact | None:
        """The earlier call that this one goes on with, so that nobody has to say it again."""
        if self.hand_over is None or self.hand_over.cause != "repeat_call":
            return None
        return self.caller.last_unsolved_call(self.began)

    @property
    def sentence(self) -> str | None:
        """What the call is about in the caller's own words: of this call, else of the one that it goes on with."""
        return self.words or (self.repeats.words if self.repeats else None)

    @property
    def intent(self) -> str | None:
        """What the call is about: as an agent has put it right, as handed over, else as far as the dialogue knows."""
        if self.story.corrected:
            return self.story.corrected
        return self.story.hand_over.intent if self.story.hand_over else self.story.intent

    def taken_for(self, at: datetime) -> str | None:
        """What the call was taken for at a moment: as the last agent before it has put it right, else as handed over."""
        right = next((p.reason for p in reversed(self.legs.passed) if p.reason and p.at <= at), None)
        if right:
            return right
        return self.hand_over.intent if self.hand_over else self.story.intent

    @property
    def hand_over(self) -> HandOver | None:
        """What the dialogue gave to routing."""
        return self.story.hand_over

    @property
    def decision(self) -> Decision | None:
        """Where the call went and why."""
        return self.story.decision

    @property
    def legs(self) -> Legs:
        """Who had the call."""
        return self.story.legs

    @property
    def confidence(self) -> float:
        """How sure we are of the intent: 1 when confirmed, chosen by key or put right, else the classifier's."""
        return 1.0 if self.story.corrected else confidence(self.hand_over, self.understood)


def confidence(hand_over: HandOver | None, understood: Understood | None) -> float:
    """How sure the machine is of the intent that it hands over."""
    if hand_over is None or hand_over.intent is None:
        return 0.0
    if hand_over.cause in ("confirmed", "key"):
        return 1.0
    guesses = understood.guesses if understood else ()
    return next((g.confidence for g in guesses if g.intent == hand_over.intent), 0.5)
