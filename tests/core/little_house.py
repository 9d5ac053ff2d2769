"""A little house for the tests: its dialogue, its callers and its agents, and a short way to write conversations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ivr.core import dialogue
from ivr.core.caller import Agent, AgentId, Caller, Case, Customer, Order, PastContact
from ivr.core.dialogue import Place, World
from ivr.core.dialogue.messages import (
    Command,
    Event,
    Forget,
    HandOver,
    HangUp,
    Heard,
    KeyPressed,
    Listen,
    LookUp,
    NoInput,
    Prove,
    Remember,
    Silence,
    Speak,
    Started,
)
from ivr.core.flow.condition import Is
from ivr.core.flow.flow import STANDARD_PROMPTS, Flow, Prompt, Queue
from ivr.core.flow.intent import Certainty, Guess, Intent, Understood
from ivr.core.flow.nodes import AskNode, Choice, CollectNode, EndNode, MenuNode, Node, RouteNode, SayNode, Suggestion
from ivr.core.language import Language

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
BOTH: frozenset[Language] = frozenset({"en", "zh"})
ENGLISH_ONLY: frozenset[Language] = frozenset({"en"})


def _intent(name: str, en: str, zh: str, **more: Any) -> Intent:
    return Intent(name, {"en": en, "zh": zh}, {"en": (en,), "zh": (zh,)}, {}, **more)


INTENTS = {
    "late": _intent(
        "late", "Late delivery", "配送延误", queue="orders", node="which_order", skill="delivery", key="1",
        opening={"en": "Hello {salutation}, {agent} here: order {order} is late.", "zh": "{salutation}，订单{order}延误了。"},
    ),
    "invoice": _intent("invoice", "Invoice", "账单", queue="billing", skill="billing", key="3"),
    "hours": _intent("hours", "Opening hours", "营业时间", node="hours", key="6"),
    "person": _intent("person", "A person", "人工", queue="front"),
}  # fmt: skip

NODES: tuple[Node, ...] = (
    SayNode(
        "greet",
        (
            Choice("welcome_back", Is("known")),
            Choice("welcome"),
        ),
        "reason",
    ),
    AskNode(
        "reason", "how_help", "help_again", "is_it", "keypad", "hand_over",
        (Suggestion(None, "is_it_again", Is("repeat_call"), next="hand_over"),),
    ),
    MenuNode("keypad", "menu", "option", "hand_over"),
    CollectNode(
        "which_order", "order", {"en": "Order", "zh": "订单"}, "number", "number_again", "hand_over",
        shortest=4, longest=4, known="late_order", check="order",
    ),
    EndNode("hours", "open_from"),
    RouteNode("hand_over", "through", "to_person"),
)  # fmt: skip

_TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "welcome": (("Hello.", "Welcome."), ("您好。",)),
    "welcome_back": (("Hello {salutation}.",), ("{salutation}您好。",)),
    "is_it_again": (("Is it about {about} again?",), ("还是{about}吗？",)),
    "how_help": (("What can I do?", "How can I help?"), ("有什么可以帮您？",)),
    "help_again": (("Sorry?",), ("请再说一遍。",)),
    "is_it": (("Is it {title}?", "So it is {title}?"), ("是{title}吗？",)),
    "menu": (("Press a key.",), ("请按键。",)),
    "option": (("{key} for {title}.",), ("{title}按{key}。",)),
    "number": (("Your order number?",), ("订单号？",)),
    "number_again": (("Four digits, please.",), ("四位数字。",)),
    "open_from": (("Open from nine.",), ("九点开门。",)),
    "through": (("Putting you through about {title}.",), ("正在转接{title}。",)),
    "to_person": (("To a person.",), ("转人工。",)),
}

FLOW = Flow(
    version="test",
    start="greet",
    nodes={node.name: node for node in NODES},
    prompts={
        **{name: Prompt(name, {"en": (f"{name}.",), "zh": (f"{name}。",)}) for name in STANDARD_PROMPTS},
        **{name: Prompt(name, {"en": en, "zh": zh}) for name, (en, zh) in _TEXTS.items()},
    },
    intents=INTENTS,
    queues={
        "orders": Queue("orders", {"en": "Orders", "zh": "订单"}, "delivery"),
        "billing": Queue("billing", {"en": "Billing", "zh": "账单"}, "billing"),
        "front": Queue("front", {"en": "Front desk", "zh": "前台"}),
    },
    fallback_queue="front",
    yes={"en": ("yes", "right"), "zh": ("是", "对")},
    no={"en": ("no", "wrong"), "zh": ("不", "错")},
    patience=3,
)

LATE_WATCH = Order("4711", "watch", "late", NOW - timedelta(days=9), NOW - timedelta(days=1), "189.00 EUR")
STRAP = Order("4630", "strap", "delivered", NOW - timedelta(days=50))
LIN_MEI = Customer("C1", "Lin Mei", "en", "gold", "Berlin", "Ms Lin", "林女士")
STRANGER = Caller("+4915112345678", None, "4000", lookup="unknown")


def lin(
    orders: tuple[Order, ...] = (LATE_WATCH, STRAP),
    cases: tuple[Case, ...] = (),
    contacts: tuple[PastContact, ...] = (),
    customer: Customer = LIN_MEI,
) -> Caller:
    """The known caller."""
    return Caller("+8613800138000", "LIN MEI", "4000", customer, orders, cases, contacts, "found")


def phoned(
    hours_ago: float, intent: str | None = "late", solved: bool | None = None, agent: str | None = None
) -> PastContact:
    """An earlier telephone call."""
    at = NOW - timedelta(hours=hours_ago)
    return PastContact(at, "phone", "called", intent, AgentId(agent) if agent else None, agent, solved)


def agent(
    name: str, *queues: str, languages: tuple[Language, ...] = ("en",), region: str | None = None, **skills: int
) -> Agent:
    """Somebody who takes calls."""
    return Agent(AgentId(name), name.title(), f"PJSIP/{name}", languages, skills, region, queues)


# -- conversations -----------------------------------------------------------------------------------------------------

START, QUIET = Started(), NoInput()


def key(digit: str) -> KeyPressed:
    return KeyPressed(digit)


def heard(text: str) -> Heard:
    """Words that no intent is found in."""
    return Heard(text, Understood(text, (), "none", 0.1))


def guessed(certainty: Certainty, *intents: str) -> Heard:
    """A sentence about one intent, or about several of them, likeliest first."""
    guesses = tuple(Guess(intent, 0.8 / 2**place) for place, intent in enumerate(intents))
    return Heard(f"about {intents[0]}", Understood(f"about {intents[0]}", guesses, certainty, 0.9))


def sure(*intents: str) -> Heard:
    return guessed("sure", *intents)


def perhaps(*intents: str) -> Heard:
    return guessed("confirm", *intents)


def shown(commands: Sequence[Command]) -> str:
    """Commands on one line: prompts by name (``!``: cannot be cut), ``<open>`` for listening, ``->`` for the hand-over."""
    words = []
    for command in commands:
        match command:
            case Silence():
                words.append("hush")
            case Speak():
                words.append(command.prompt + ("" if command.barge_in else "!"))
            case Listen():
                words.append(f"<{command.mode}>")
            case HandOver():
                words.append(f"->{command.intent or 'nothing'}/{command.cause}")
            case HangUp():
                words.append("->bye")
            case LookUp(lookup=name):
                words.append(f"?{name}")
            case Prove(method=method, answer=answer):
                words.append(f"?{method}" + ("" if answer is None else f"={answer}"))
            case Remember():
                words.append("remember")
            case Forget():
                words.append("forget")
    return " ".join(words)


def world(caller: Caller = STRANGER, hears: frozenset[Language] = BOTH, flow: Flow = FLOW) -> World:
    return World(flow, caller, hears, NOW)


def talk(where: World, *events: Event) -> tuple[Place, list[tuple[Command, ...]]]:
    """What follows from each event, one after the other."""
    place = dialogue.begin(where)
    answers = []
    for event in events:
        place, commands = dialogue.step(where, place, event)
        answers.append(commands)
    return place, answers
