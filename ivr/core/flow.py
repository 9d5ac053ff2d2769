"""A dialogue as data: prompts, nodes, queues and intents, as operators write them in ``dialplans/*.toml``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ivr.core.caller import Caller, Language
from ivr.core.card import Text
from ivr.core.intent import Intent

Condition = Literal["always", "known", "unknown", "late_order", "open_case", "repeat_call"]
REPEAT_WITHIN_H = 24.0


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something the machine says: variants by language, with fields in braces ("{salutation}")."""

    name: str
    variants: dict[Language, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A prompt said when a condition holds; the first that holds is said. ``next`` may lead elsewhere."""

    prompt: str
    when: Condition = "always"
    next: str | None = None


@dataclass(frozen=True, slots=True)
class SayNode:
    """Say something and go on."""

    name: str
    say: tuple[Choice, ...]
    next: str


@dataclass(frozen=True, slots=True)
class AskNode:
    """The open question: the answer is an intent."""

    name: str
    prompt: str
    again: str
    """Said after the first failure: a narrower question."""
    confirm: str
    """Asked when the words were understood with middling certainty; has the field {title}."""
    menu: str
    """The node that goes on by keys, after the second failure or where speech cannot be heard."""
    next: str


@dataclass(frozen=True, slots=True)
class MenuNode:
    """The keypad menu of the intents that have a key."""

    name: str
    prompt: str
    option: str
    """Said once for each intent; has the fields {key} and {title}."""
    next: str


@dataclass(frozen=True, slots=True)
class CollectNode:
    """Collect digits into a slot, by voice or by keys; not asked when the records already answer it."""

    name: str
    slot: str
    label: Text
    digits: int
    prompt: str
    again: str
    next: str
    known: Literal["no", "late_order", "only_order"] = "no"
    check: Literal["no", "order"] = "no"
    """``order``: the digits must be one of the caller's own orders, where the caller is known."""


@dataclass(frozen=True, slots=True)
class RouteNode:
    """Hand the call over: to the queue of the intent, or to the one named."""

    name: str
    prompt: str
    person: str
    """Said when the caller asked for a person or could not be understood."""
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class EndNode:
    """Say goodbye and hang up: the matter is settled."""

    name: str
    prompt: str


Node = SayNode | AskNode | MenuNode | CollectNode | RouteNode | EndNode


@dataclass(frozen=True, slots=True)
class Queue:
    """One of Asterisk's queues, as far as routing must know it."""

    name: str
    title: Text
    skill: str | None = None
    timeout_s: int = 300
    """Seconds a caller waits here before the fallback queue."""


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

    def keyed_intents(self) -> tuple[Intent, ...]:
        """The intents of the keypad menu, by key."""
        return tuple(sorted((i for i in self.intents.values() if i.key), key=lambda i: i.key or ""))


def late_orders(caller: Caller) -> tuple[str, ...]:
    """The numbers of the caller's late orders."""
    return tuple(order.id for order in caller.orders if order.status == "late")


def active_orders(caller: Caller) -> tuple[str, ...]:
    """The numbers of the caller's orders that are still under way."""
    return tuple(order.id for order in caller.orders if order.status in ("processing", "shipped", "late"))


def holds(condition: Condition, caller: Caller, hours_since_unsolved: float | None) -> bool:
    """Whether a condition is true of this caller.

    ``hours_since_unsolved`` is the age of the caller's last unsolved phone contact in hours, None when there is none.
    """
    match condition:
        case "always":
            return True
        case "known":
            return caller.known
        case "unknown":
            return not caller.known
        case "late_order":
            return bool(late_orders(caller))
        case "open_case":
            return bool(caller.open_cases)
        case "repeat_call":
            return hours_since_unsolved is not None and hours_since_unsolved <= REPEAT_WITHIN_H
