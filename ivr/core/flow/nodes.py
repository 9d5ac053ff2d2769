"""The nodes of a dialogue: what each kind holds. What they do is ``core/dialogue``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ivr.core.flow.condition import ALWAYS, Condition
from ivr.core.flow.values import ValueKind
from ivr.core.language import Language, Text

ProofMethod = Literal["pin", "last_order", "code"]
"""PIN: four to eight digits known to the house as a hash. Last order: the number of the newest order. Code: sent to them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A prompt said when a condition holds; the first that holds is said. ``next`` may lead elsewhere."""

    prompt: str | None
    when: Condition = ALWAYS
    next: str | None = None


@dataclass(frozen=True, slots=True)
class SayNode:
    """Say the first choice that holds, or nothing, and go on."""

    name: str
    say: tuple[Choice, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the open question begins with when history makes one reason likely: "Is it about …?"."""

    intent: str | None
    """None: that of the last unsolved call ("Is it about the repair again?")."""
    prompt: str
    when: Condition
    unnamed: str | None = None
    """Asked in place of ``prompt`` where the intent is private and nothing is proved; None: then nothing is suggested."""
    next: str | None = None
    """Where a yes leads; None: where the intent leads."""


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
    suggest: tuple[Suggestion, ...] = ()
    nothing: str | None = None
    """Where "no", "that was all" leads: the question is then "anything else?"."""


@dataclass(frozen=True, slots=True)
class Door:
    """A key of a menu that leads to another node: more choices, or a step of its own."""

    key: str
    node: str
    title: Text


@dataclass(frozen=True, slots=True)
class MenuNode:
    """The keypad menu of the intents that have a key and name this menu."""

    name: str
    prompt: str
    option: str
    """Said once for each intent; has the fields {key} and {title}."""
    next: str
    group: str = "intents"
    doors: tuple[Door, ...] = ()


@dataclass(frozen=True, slots=True)
class CollectNode:
    """Collect one value into a slot, by voice or by keys; not asked when the records already answer it."""

    name: str
    slot: str
    label: Text
    prompt: str
    again: str
    next: str
    kind: ValueKind = "digits"
    shortest: int = 1
    """Digits: how many at least and at most."""
    longest: int = 20
    names: dict[Language, tuple[str, ...]] = field(default_factory=dict)
    """Kind name: what to choose from, in the same order in every language."""
    names_from: str | None = None
    """``lookup.field`` of a look-up whose rows give the names instead."""
    names_kind: ValueKind | None = None
    """What these names are, when they are times or dates: said and understood as such."""
    known: Literal["no", "late_order", "only_order"] = "no"
    check: str = "no"
    """``order``: one of the caller's own orders, where the caller is known; else the name of a check digit: luhn, mod97 …"""
    confirm: Literal["doubtful", "always", "never"] = "doubtful"
    secret: bool = False
    """Never written anywhere; taken out of memory when the call ends."""
    otherwise: str | None = None
    """Where two failures lead; None: to a person."""
    anew: bool = False
    """Asked whenever the call comes here, also when the slot is filled."""
    offer: str | None = None
    """Dates: where somebody goes who names none ("the earliest", "some time next week"), to be offered some."""
    none: str | None = None
    """Names: where somebody goes whom none of them suits."""
    own: bool = False
    """Names: the caller's own, told apart; "I can't make Thursday" means that one, "keep Thursday" another."""
    usual: str | None = None
    """``lookup.field``: what it is now, and stays where only something else is to change ("a bit later")."""


@dataclass(frozen=True, slots=True)
class DecideNode:
    """A yes-or-no question with two ways on."""

    name: str
    prompt: str
    again: str
    yes: str
    no: str
    otherwise: str | None = None
    consent: bool = False
    """A yes is the caller's consent to be recorded; passed over where nobody asks for it, or it was answered."""


@dataclass(frozen=True, slots=True)
class BranchNode:
    """Go the first way whose condition holds, without a word."""

    name: str
    branches: tuple[tuple[Condition, str], ...]
    next: str


@dataclass(frozen=True, slots=True)
class LookUpNode:
    """Ask a source and go on by what it found."""

    name: str
    lookup: str
    found: str
    empty: str
    failed: str
    filler: str | None = None
    """Said while it takes long."""


@dataclass(frozen=True, slots=True)
class ProveNode:
    """Ask for proof of who is calling; passed over when it was given already."""

    name: str
    methods: tuple[ProofMethod, ...]
    prompts: dict[ProofMethod, str]
    again: str
    next: str
    failed: str


@dataclass(frozen=True, slots=True)
class CallNode:
    """Do another piece of the dialogue and come back."""

    name: str
    call: str
    next: str


@dataclass(frozen=True, slots=True)
class ReturnNode:
    """The end of a piece that was called; elsewhere the call goes on where ``next`` of the caller says."""

    name: str


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
    """Say goodbye and hang up: the matter is settled, or (``call_back``) the caller is rung when it is their turn."""

    name: str
    prompt: str
    call_back: bool = False
    queue: str | None = None
    """Of the call back; None: routing decides."""
    without: str | None = None
    """The node for callers who cannot be called, where there is a call back."""
    elsewhere: str | None = None
    """The node that asks for a number, for who calls from none that can be called, or wants to be called on another."""
    number: str | None = None
    """The slot with the number to call; None: the one that they call from."""


Node = (
    SayNode | AskNode | MenuNode | CollectNode | DecideNode | BranchNode | LookUpNode | ProveNode
    | CallNode | ReturnNode | RouteNode | EndNode
)  # fmt: skip
WAITING = (AskNode, MenuNode, CollectNode, DecideNode, ProveNode, LookUpNode)
"""The kinds at which a call may wait."""


def ways(node: Node) -> list[tuple[str, str]]:
    """Every way on from a node: the key that names it, and the node that it leads to."""
    match node:
        case SayNode(say=choices):
            return [*((f"say.{i}.next", c.next) for i, c in enumerate(choices) if c.next), ("next", node.next)]
        case AskNode():
            found = [("menu", node.menu), ("next", node.next)]
            found += [(f"suggest.{i}.next", s.next) for i, s in enumerate(node.suggest) if s.next]
            return [*found, ("nothing", node.nothing)] if node.nothing else found
        case MenuNode():
            return [("next", node.next), *((f"also.{i}.node", d.node) for i, d in enumerate(node.doors))]
        case CollectNode():
            others = (("otherwise", node.otherwise), ("offer", node.offer), ("none", node.none))
            return [("next", node.next), *((key, other) for key, other in others if other)]
        case DecideNode():
            found = [("yes", node.yes), ("no", node.no)]
            return [*found, ("otherwise", node.otherwise)] if node.otherwise else found
        case BranchNode():
            return [*((f"branch.{i}.next", target) for i, (_, target) in enumerate(node.branches)), ("next", node.next)]
        case LookUpNode():
            return [("found", node.found), ("empty", node.empty), ("failed", node.failed)]
        case ProveNode():
            return [("next", node.next), ("failed", node.failed)]
        case CallNode():
            return [("call", node.call), ("next", node.next)]
        case EndNode(without=without, elsewhere=elsewhere):
            return [(key, to) for key, to in (("without", without), ("elsewhere", elsewhere)) if to]
        case _:
            return []


def prompts_of(node: Node) -> list[tuple[str, str]]:
    """Every prompt that a node says: the key that names it, and the prompt."""
    match node:
        case SayNode(say=choices):
            return [(f"say.{i}.prompt", c.prompt) for i, c in enumerate(choices) if c.prompt]
        case AskNode():
            found = [("prompt", node.prompt), ("again", node.again), ("confirm", node.confirm)]
            found += [(f"suggest.{i}.prompt", s.prompt) for i, s in enumerate(node.suggest)]
            return found + [(f"suggest.{i}.unnamed", s.unnamed) for i, s in enumerate(node.suggest) if s.unnamed]
        case MenuNode():
            return [("prompt", node.prompt), ("option", node.option)]
        case CollectNode():
            return [("prompt", node.prompt), ("again", node.again)]
        case DecideNode():
            return [("decide", node.prompt), ("again", node.again)]
        case LookUpNode():
            return [("filler", node.filler)] if node.filler else []
        case ProveNode():
            return [*((f"prompts.{m}", p) for m, p in node.prompts.items()), ("again", node.again)]
        case RouteNode():
            return [("prompt", node.prompt), ("person", node.person)]
        case EndNode():
            return [("end", node.prompt)]
        case _:
            return []


def conditions_of(node: Node) -> list[tuple[str, Condition]]:
    """Every condition of a node, with the key that holds it."""
    match node:
        case SayNode(say=choices):
            return [(f"say.{i}.when", c.when) for i, c in enumerate(choices)]
        case AskNode(suggest=suggestions):
            return [(f"suggest.{i}.when", s.when) for i, s in enumerate(suggestions)]
        case BranchNode(branches=branches):
            return [(f"branch.{i}.when", when) for i, (when, _) in enumerate(branches)]
        case _:
            return []
