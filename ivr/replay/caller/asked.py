"""What the machine asks at this moment, as a caller who is asked needs to know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ivr.core.dialogue import Place
from ivr.core.dialogue.asking import Confirming, ConfirmingValue, DoubtfulDigit, Offering
from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import AskNode, CollectNode, DecideNode, MenuNode, ProveNode

Kind = Literal[
    "reason",
    "anything_else",
    "confirm",
    "confirm_value",
    "value",
    "digit",
    "decide",
    "menu",
    "proof",
    "offer",
    "nothing",
]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question."""

    kind: Kind
    node: str
    about: str = ""
    """The intent or value that is said back, the slot, the place of the digit that is not clear, the menu's group, the proof."""
    slot: str = ""
    digits: bool = False
    """It can be answered with digits on the keys."""


NOTHING = Asked("nothing", "")


def asked_at(flow: Flow, place: Place) -> Asked:
    """What is asked at a place of a dialogue; ``nothing`` while the machine is busy or done."""
    node = flow.nodes[place.node]
    if place.over or place.busy or place.listening is None:
        return NOTHING
    match place.asking:
        case Confirming(intent):
            return Asked("confirm", place.node, intent)
        case Offering():
            return Asked("offer", place.node)
        case ConfirmingValue(value) if isinstance(node, CollectNode):
            return Asked("confirm_value", place.node, value, node.slot)
        case DoubtfulDigit(position=position) if isinstance(node, CollectNode):
            return Asked("digit", place.node, str(position), node.slot, True)
    match node:
        case AskNode():
            return Asked("anything_else" if node.nothing else "reason", place.node)
        case MenuNode(group=group):
            return Asked("menu", place.node, group)
        case CollectNode(slot=slot, kind=kind):
            return Asked("value", place.node, slot, slot, kind == "digits")
        case DecideNode():
            return Asked("decide", place.node)
        case ProveNode():
            return Asked("proof", place.node, getattr(place.asking, "method", ""), "", True)
        case _:
            return NOTHING
