"""What digits are possible at a place: how many, with which check digit, of which accounts."""

from __future__ import annotations

from ivr.core.dialogue import digits
from ivr.core.dialogue.asking import Proving
from ivr.core.dialogue.place import Place, World
from ivr.core.flow.nodes import CollectNode, ProveNode

PIN_DIGITS = (4, 8)
CODE_DIGITS = 6


def possible(world: World, place: Place, node: CollectNode | ProveNode) -> digits.Limits:
    """The limits of the digits that are asked for."""
    if isinstance(node, ProveNode):
        return _proof_limits(world, place)
    if node.kind != "digits":
        return digits.Limits(1, 12)
    existing = None
    if node.check == "order" and world.caller.known:
        existing = frozenset(order.id for order in world.caller.orders)
    return digits.Limits(node.shortest, node.longest, world.flow.checks.get(node.check), existing)


def _proof_limits(world: World, place: Place) -> digits.Limits:
    match place.asking:
        case Proving(method="code"):
            return digits.Limits(CODE_DIGITS, CODE_DIGITS)
        case Proving(method="last_order"):
            lengths = {len(order.id) for order in world.caller.orders} or {1, 20}
            return digits.Limits(min(lengths), max(lengths))
        case _:
            return digits.Limits(*PIN_DIGITS)
