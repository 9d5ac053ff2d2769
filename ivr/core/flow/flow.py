"""A dialogue as data: prompts, nodes, queues, look-ups and intents, as operators write them in ``dialplans/*.toml``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ivr.core.flow.intent import Intent
from ivr.core.flow.nodes import CollectNode, DecideNode, Node, ways
from ivr.core.flow.opening_hours import Calendar
from ivr.core.flow.spoken_commands import PHRASES, CommandName
from ivr.core.flow.values import ValueKind
from ivr.core.flow.wishes import Wish, WishName
from ivr.core.language import Language, Text
from ivr.core.offers import Offer

OVERFLOW_S = 60
FAILURE_PROMPTS = ("std_no_input", "std_no_match", "std_too_long", "std_noise", "std_no_sound")
LANGUAGE_HINT = "std_language_hint"
"""The key of the other language, said in it."""
STANDARD_PROMPTS = (
    *FAILURE_PROMPTS, "std_help", "std_slower", "std_louder",
    "std_nothing_back", "std_start_over", "std_remember", "std_remembered", "std_forgotten", "std_implied", "std_other",
    "std_value", "std_digit", "std_more_digits", "std_keys_first",
    "std_few_words", "std_offer_person", "std_offer_choices", "std_star_person", "std_not_offered", "std_number",
    "std_none_of_that", "std_dropped",
    "std_emergency", "std_danger", "std_leaving", "std_goodbye", "std_without", "std_hold_on", "std_still_here", "std_complaint",
    "std_complaint_taken", "std_who", "std_languages", LANGUAGE_HINT,
    "std_no_call_back", "std_second", "std_none_there",
)  # fmt: skip
"""The sentences that belong to every dialogue; the project's ``dialplans/standard.toml`` holds them."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something the machine says: variants by language, with fields in braces ("{salutation}")."""

    name: str
    variants: dict[Language, tuple[str, ...]]


def short_form(name: str) -> str:
    """The name of the prompt that says the same in fewer words, where there is one."""
    return f"{name}.short"


@dataclass(frozen=True, slots=True)
class Queue:
    """One of Asterisk's queues, as far as routing must know it."""

    name: str
    title: Text
    skill: str | None = None
    timeout_s: int = 300
    """Seconds a caller waits here before the fallback queue."""
    overflow: tuple[str, ...] = ()
    """Queues whose agents help out once a caller has waited ``overflow_s`` seconds here."""
    overflow_s: int = OVERFLOW_S
    hours: str | None = None
    """The opening hours, a name in ``Flow.hours``; None: somebody is always there."""
    closed: str | None = None
    """The queue that takes its calls while it is closed; None: the fallback queue."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A question to a database or a web service, or something to be done there."""

    name: str
    source: str
    """A name in config.toml's [sources], or ``house`` for the server's own database."""
    sql: str | None = None
    """One statement with :names; exactly one of ``sql`` and ``path``."""
    path: str | None = None
    """Behind the source's address, with {names}."""
    method: str = "GET"
    takes: tuple[str, ...] = ()
    """The slots and facts that go with it."""
    gives: tuple[str, ...] = ()
    """The fields that dialogues may use as {lookup.field}."""
    writes: bool = False
    """It changes something: never tried a second time once it may have arrived."""
    timeout_s: float = 2.0
    """For one attempt."""
    retries: int = 1
    filler_after_s: float = 1.0
    label: Text | None = None
    """What the agent reads when it was done: "Return registered"."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Everything operators wrote, checked and put together; immutable, so a call ends on what it began with."""

    version: str
    """A short hash of the files it came from."""
    start: str
    nodes: dict[str, Node]
    prompts: dict[str, Prompt]
    intents: dict[str, Intent]
    queues: dict[str, Queue]
    fallback_queue: str
    default_language: Language = "en"
    yes: dict[Language, tuple[str, ...]] = field(default_factory=dict)
    no: dict[Language, tuple[str, ...]] = field(default_factory=dict)
    patience: int = 3
    """Failures that one call may have before a person takes over."""
    restart: str | None = None
    """Where "start over" leads; None: the start."""
    person: str | None = None
    """The route node for those who want a person; None: the first one."""
    lookups: dict[str, Lookup] = field(default_factory=dict)
    hours: dict[str, Calendar] = field(default_factory=dict)
    commands: Mapping[CommandName, Mapping[Language, tuple[str, ...]]] = field(default_factory=lambda: PHRASES)
    where: Mapping[str, str] = field(default_factory=dict)
    """"nodes.greet" → "shop.toml:12", for whoever looks for mistakes."""
    checks: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)
    """Check digits by name: luhn, …"""
    slot_kinds: Mapping[str, ValueKind] = field(default_factory=dict)
    """What each slot holds, so that prompts say it as it should be said."""
    offers: Mapping[str, Offer] = field(default_factory=dict)
    """What agents may offer to settle a matter."""
    wishes: Mapping[WishName, Wish] = field(default_factory=dict)
    """What every caller may wish, whatever the house."""
    emergencies: bool = True
    """Whether somebody in danger is told whom to call and brought to a person at once."""
    emergency: str | None = None
    """The route node for them; None: that of whoever wants a person."""

    def up_to_questions(self, name: str | None) -> Iterator[Node]:
        """Every node that is come to from one on before, and with, the next questions: nearest first, each once."""
        coming, seen = deque([name]), set[str]()
        while coming:
            node = self.nodes.get(coming.popleft() or "")
            if node is None or node.name in seen:
                continue
            seen.add(node.name)
            yield node
            if not isinstance(node, CollectNode | DecideNode):
                coming += [target for _, target in ways(node)]

    def keyed_intents(self, group: str = "intents") -> tuple[Intent, ...]:
        """The intents of one keypad menu, by key."""
        return tuple(sorted((i for i in self.intents.values() if i.key and i.menu == group), key=lambda i: i.key or ""))

    def queue_of(self, intent: str | None) -> str:
        """The queue that settles what a call is about; the one for everything when none is named, or nothing is known."""
        known = self.intents.get(intent or "")
        return (known and known.queue) or self.fallback_queue

    def queue_or_net(self, name: str) -> Queue:
        """A queue; the one for everything when there is none of that name."""
        return self.queues.get(name) or self.queues[self.fallback_queue]


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue at this moment."""

    waiting: int = 0
    longest_s: float = 0.0
    """How long the first in the line has waited, in seconds."""
    free: int = 0
    """Agents who could take a call now."""
