"""What conditions may ask for: the caller, the call, the house at this moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ivr.core.caller import active_orders, late_orders
from ivr.core.dialogue import wording
from ivr.core.dialogue.place import Place, World
from ivr.core.flow.condition import Condition, Fact, holds
from ivr.core.flow.flow import QueueState
from ivr.core.flow.nodes import CollectNode, EndNode

PLAIN: dict[str, Callable[[World, Place], Fact]] = {
    "known": lambda w, p: w.caller.known,
    "unknown": lambda w, p: not w.caller.known,
    "late_order": lambda w, p: bool(late_orders(w.caller)),
    "late_orders": lambda w, p: len(late_orders(w.caller)),
    "active_orders": lambda w, p: len(active_orders(w.caller)),
    "orders": lambda w, p: len(w.caller.orders),
    "open_case": lambda w, p: bool(w.caller.open_cases),
    "open_cases": lambda w, p: len(w.caller.open_cases),
    "repeat_call": lambda w, p: w.caller.last_unsolved_call(w.now) is not None,
    "tier": lambda w, p: w.caller.customer.tier if w.caller.customer else "",
    "region": lambda w, p: (w.caller.customer.region or "") if w.caller.customer else "",
    "language": lambda w, p: p.language,
    "heard": lambda w, p: p.language in w.hears,
    "dnis": lambda w, p: w.caller.dnis,
    "failures": lambda w, p: p.failures,
    "proved": lambda w, p: p.proved,
    "withheld": lambda w, p: not w.caller.ani,
    "prefers_keys": lambda w, p: w.caller.preferences.keys,
    "intent": lambda w, p: p.intent or "",
    "said_day": lambda w, p: said_day(w, p),  # noqa: PLW0108  # which stands below
    "settled": lambda w, p: len(p.settled),
    "one_more": lambda _, p: wording.wants_one_more(p.understood.text if p.understood else "", p.language),
    "can_call_back": lambda w, p: w.may_call,
    "calls_back": lambda w, p: w.may_dial is not None,
    "queue_waiting": lambda w, p: _its_queue(w, p).waiting,
    "queue_longest_s": lambda w, p: _its_queue(w, p).longest_s,
    "queue_free": lambda w, p: _its_queue(w, p).free,
}
"""The facts without a name of the operator's in them."""
SAID_AT = 0.5
"""Share of belief from which a day counts as said in the sentence that led here: the answer says it back."""
QUEUE_FIELDS = ("waiting", "longest_s", "free")


def said_day(world: World, place: Place) -> str:
    """The day in the sentence that led here (ISO 8601), "are you open on Christmas Eve"; empty where there is none."""
    if world.reader is None or not place.words:
        return ""
    found = world.reader.read("date", place.words, place.language, world.now)
    return found[0].value if found and found[0].share >= SAID_AT else ""


def opens_then(world: World, place: Place, name: str) -> tuple[str, str] | None:
    """When a house opens and closes on that day; None where it is closed, or no day was said."""
    day = said_day(world, place)
    return world.flow.hours[name].on(date.fromisoformat(day)) if day else None


def day_fields(world: World) -> frozenset[str]:
    """The fields of sentences that are about that day."""
    return frozenset(("said_day", *(f"{what}.{name}" for what in ("opens", "closes") for name in world.flow.hours)))


def of_the_day(world: World, place: Place) -> dict[str, str]:
    """The day that was asked about, and when each house opens and closes then."""
    values = {"said_day": said_day(world, place)}
    for name in world.flow.hours:
        if hours := opens_then(world, place, name):
            values |= {f"opens.{name}": hours[0], f"closes.{name}": hours[1]}
    return values


def _its_queue(world: World, place: Place) -> QueueState:
    """The queue that settles what the call is about, at this moment."""
    return world.queues.get(world.flow.queue_of(place.intent), QueueState())


def value_here(world: World, place: Place, name: str) -> str:
    """What was collected or found; empty where it was not on this way, or is asked anew in each matter and was of another."""
    if name in place.former and all(
        node.anew for node in world.flow.nodes.values() if isinstance(node, CollectNode) and node.slot == name
    ):
        return ""
    return place.values().get(name, "")


def fact(world: World, place: Place, name: str) -> Fact:
    """One fact; what nobody knows is empty text. Raises KeyError for a name that there is not (refused when read)."""
    if name in PLAIN:
        return PLAIN[name](world, place)
    head, _, rest = name.partition(".")
    match head:
        case "open":
            return world.flow.hours[rest].is_open(world.now)
        case "open_then":
            return opens_then(world, place, rest) is not None
        case "holiday":
            return world.flow.hours[rest].is_holiday(world.now)
        case "queue":
            queue, _, what = rest.rpartition(".")
            # a name with a dash in it cannot stand in a condition: there it is written with an underscore
            state = world.queues.get(queue) or world.queues.get(queue.replace("_", "-"), QueueState())
            value: Fact = getattr(state, what)
            return value
        case "slot" | "result":
            return value_here(world, place, rest)
    raise KeyError(f"there is no fact {name!r}")


def true(world: World, place: Place, condition: Condition) -> bool:
    """Whether a condition holds at this place."""
    return holds(condition, lambda name: fact(world, place, name))


def cannot_be_called(world: World, place: Place, node: EndNode) -> str | None:
    """The node for who cannot be rung at the number of this call back; None where they can."""
    if node.number:
        number = place.values().get(node.number, "")
        return None if world.may_dial and number and world.may_dial(number) else node.without
    if world.may_call:
        return None
    return node.elsewhere if node.elsewhere and world.may_dial else node.without
