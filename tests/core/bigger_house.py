"""A house with one of everything: values, look-ups, proofs, pieces that are called, conditions. For the tables of tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ivr.core.caller import Caller
from ivr.core.dialogue import World
from ivr.core.dialogue.messages import Found, Heard, Proof
from ivr.core.digit_words import spoken_digits
from ivr.core.flow.condition import Compare, Is, Not
from ivr.core.flow.flow import Flow, Lookup, Prompt, Queue, QueueState
from ivr.core.flow.intent import Hypothesis, Intent, Likely
from ivr.core.flow.nodes import (
    AskNode,
    BranchNode,
    CallNode,
    Choice,
    CollectNode,
    DecideNode,
    Door,
    EndNode,
    LookUpNode,
    MenuNode,
    Node,
    ProveNode,
    ReturnNode,
    RouteNode,
    SayNode,
    Suggestion,
)
from ivr.core.flow.opening_hours import Calendar
from ivr.core.flow.values import Reading, ValueKind, Window
from ivr.core.language import Language
from tests.core.little_house import BOTH, FLOW, LATE_WATCH, STRANGER, STRAP, lin

LABEL = {"en": "It", "zh": "它"}
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NINE_TO_SIX = ((9 * 60, 18 * 60),)
HOURS = Calendar("shop", "Europe/Berlin", (*(NINE_TO_SIX,) * 5, (), ()))


def _intent(name: str, title: str, **more: Any) -> Intent:
    return Intent(name, {"en": title, "zh": title}, {"en": (title,), "zh": (title,)}, {}, **more)


def _collect(name: str, slot: str, following: str, **more: Any) -> CollectNode:
    return CollectNode(name, slot, LABEL, f"{name}?", f"{name} again?", following, **more)


INTENTS = {
    "late": _intent("late", "Late delivery", queue="orders", node="which", key="1",
                    likely=(Likely(Is("late_order"), 0.45, {"en": "an order is late", "zh": "晚"}),)),
    "return": _intent("return", "Return", queue="returns", node="which", key="2"),
    "invoice": _intent("invoice", "Invoice", queue="billing", key="3"),
    "cancel": _intent("cancel", "Cancel", queue="orders", cost="high"),
    "hours": _intent("hours", "Hours", node="hours"),
    "visit": _intent("visit", "Visit", node="day", key="4"),
    "card": _intent("card", "Card", node="card", key="5"),
    "balance": _intent("balance", "Balance", queue="billing", node="who", key="6"),
    "region": _intent("region", "Region", queue="orders", node="region", key="1", menu="more"),
    "piece": _intent("piece", "Piece", queue="orders", node="piece", key="2", menu="more"),
    "person": _intent("person", "A person", queue="front"),
}  # fmt: skip

NODES: tuple[Node, ...] = (
    SayNode("greet", (Choice("welcome"),), "reason"),
    AskNode("reason", "how", "narrower", "is_it", "keypad", "hand_over", (Suggestion("late", "late_watch", Is("late_order")),)),
    MenuNode("keypad", "menu", "option", "hand_over", "intents", (Door("8", "more", {"en": "More", "zh": "更多"}),)),
    MenuNode("more", "menu", "option", "hand_over", "more"),
    _collect("which", "order", "status", shortest=4, longest=4, check="order"),
    LookUpNode("status", "status", "told", "hand_over", "hand_over", "moment"),
    SayNode("told", (
        Choice("is_late", Compare("result.status.state", "==", "late"), "hand_over"),
        Choice("on_its_way"),
    ), "else"),
    AskNode("else", "else", "else again", "is_it", "keypad", "hand_over", (), "bye"),
    EndNode("bye", "bye"),
    BranchNode("hours", ((Not(Is("open.shop")), "closed"), (Compare("queue.orders.waiting", ">=", 5), "busy")), "open"),
    SayNode("closed", (Choice("closed"),), "else"),
    SayNode("busy", (Choice("busy"),), "else"),
    SayNode("open", (Choice("open"),), "else"),
    _collect("day", "day", "times", kind="date", anew=True),
    LookUpNode("times", "times", "time", "full", "hand_over"),
    SayNode("full", (Choice("full"),), "day"),
    _collect("time", "time", "sure", kind="name", names_from="times.at", names_kind="time", anew=True),
    DecideNode("sure", "sure?", "sure again?", "book", "day"),
    LookUpNode("book", "book", "booked", "full", "hand_over"),
    SayNode("booked", (Choice("booked"),), "else"),
    _collect("card", "card", "else", shortest=12, longest=19, check="even", secret=True),
    ProveNode("who", ("pin", "last_order", "code"), {"pin": "pin?", "last_order": "last?", "code": "code?"}, "wrong", "amount",
              "not_told"),
    SayNode("amount", (Choice("amount"),), "else"),
    SayNode("not_told", (Choice("not_told"),), "hand_over"),
    _collect("region", "region", "hand_over", kind="name", names={"en": ("Berlin", "Hamburg"), "zh": ("柏林", "汉堡")}),
    CallNode("piece", "inner", "after"),
    DecideNode("inner", "inner?", "inner again?", "back", "back", "hand_over"),
    ReturnNode("back"),
    SayNode("after", (Choice("after"),), "hand_over"),
    RouteNode("hand_over", "through", "to_person"),
)  # fmt: skip

_SAID = sorted({
    "welcome", "how", "narrower", "late_watch", "menu", "moment", "is_late", "on_its_way", "else", "else again", "bye",
    "closed", "busy", "open", "full", "booked", "amount", "not_told", "after", "through", "to_person", "sure?", "sure again?",
    "inner?", "inner again?", "pin?", "last?", "code?", "wrong", *(n.prompt for n in NODES if isinstance(n, CollectNode)),
    *(n.again for n in NODES if isinstance(n, CollectNode)),
})  # fmt: skip

BIGGER = replace(
    FLOW,
    nodes={node.name: node for node in NODES},
    prompts={
        **FLOW.prompts,
        **{name: Prompt(name, {"en": (name,), "zh": (name,)}) for name in _SAID},
        "is_it": Prompt("is_it", {"en": ("Is it {title}?",), "zh": ("是{title}吗？",)}),
        "option": Prompt("option", {"en": ("{key} {title}",), "zh": ("{key} {title}",)}),
        "std_implied": Prompt("std_implied", {"en": ("So, {title}.",), "zh": ("{title}。",)}),
        "std_digit": Prompt("std_digit", {"en": ("{digits}, place {position}?",), "zh": ("{digits}，{position}？",)}),
        "std_more_digits": Prompt("std_more_digits", {"en": ("{digits} and?",), "zh": ("{digits}，还有？",)}),
        "std_value": Prompt("std_value", {"en": ("{value}?",), "zh": ("{value}？",)}),
    },
    intents=INTENTS,
    queues={**FLOW.queues, "returns": Queue("returns", {"en": "Returns", "zh": "退货"})},
    restart="reason",
    lookups={
        "status": Lookup("status", "house", sql="select 1", takes=("order", "customer"), gives=("state",)),
        "times": Lookup("times", "shop", sql="select 1", takes=("day",), gives=("at",)),
        "book": Lookup("book", "shop", sql="select 1", takes=("day", "time"), writes=True, label={"en": "Booked", "zh": "已约"}),
    },
    hours={"shop": HOURS},
    checks={"even": lambda digits: int(digits[-1]) % 2 == 0},
    slot_kinds={n.slot: n.names_kind or n.kind for n in NODES if isinstance(n, CollectNode)},
)  # fmt: skip


class KeyReader:
    """Reads digits, dates typed as DDMM of this year, and one day by its name."""

    def read(
        self,
        kind: ValueKind,
        hypotheses: Sequence[Hypothesis],
        language: Language,
        now: datetime,
        names: Sequence[str] = (),
    ) -> tuple[Reading, ...]:
        if kind == "digits":
            said = ((spoken_digits(one.text, language), one.share) for one in hypotheses)
            return tuple(Reading(value, share) for value, share in said if value)
        typed = hypotheses[0].text
        if kind == "date" and "thursday" in typed:
            return (Reading("2026-11-26", 1.0 if "maybe" not in typed else 0.5),)
        return (Reading(f"{now.year}-{typed[2:4]}-{typed[:2]}", 1.0),) if kind == "date" and len(typed) == 4 else ()

    def shifted(self, base: str, text: str, language: Language) -> str | None:
        return None

    def mended(self, kind: ValueKind, value: str, text: str, language: Language) -> str | None:
        return None

    def placed(self, hypotheses: Sequence[Hypothesis], language: Language, names: Sequence[str]) -> tuple[Reading, ...]:
        return ()

    def window(
        self, kind: ValueKind, text: str, language: Language, now: datetime, names: Sequence[str] = ()
    ) -> Window | None:
        """The afternoon; "the earliest"; "none" of them."""
        if kind == "time" and "afternoon" in text:
            return Window(since="12:00")
        return Window(take="first") if kind in ("date", "time") and "earliest" in text else None


def at(
    caller: Caller = STRANGER, *, now: datetime = MONDAY, waiting: int = 0, flow: Flow = BIGGER,
    hears: frozenset[Language] = BOTH,
) -> World:  # fmt: skip
    """The world at a moment."""
    return World(flow, caller, hears, now, {"orders": QueueState(waiting, 0.0, 1)}, reader=KeyReader())


LIN = lin()
LIN_IN_TIME = lin(orders=(replace(LATE_WATCH, status="shipped"), STRAP))


def found(id_: int, *rows: dict[str, str]) -> Found:
    return Found(id_, "found" if rows else "empty", rows)


def failed(id_: int) -> Found:
    return Found(id_, "failed")


def proof(id_: int, outcome: str) -> Proof:
    return Proof(id_, outcome)  # type: ignore[arg-type]


def n_best(*readings: tuple[str, float]) -> Heard:
    """One utterance in several readings."""
    return Heard(readings[0][0], None, hypotheses=tuple(Hypothesis(text, share) for text, share in readings))


def value(*readings: tuple[str, float], text: str = "something") -> Heard:
    """Words in which a value was read."""
    return Heard(text, None, readings=tuple(Reading(v, share) for v, share in readings))
