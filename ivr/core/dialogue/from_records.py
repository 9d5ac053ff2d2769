"""What the records answer, so that the caller is not asked."""

from __future__ import annotations

from ivr.core.caller import active_orders, late_orders
from ivr.core.dialogue.facts import PLAIN, fact, value_here
from ivr.core.dialogue.place import PERSON_INTENT, Place, World
from ivr.core.flow.nodes import CollectNode


def by_keys(world: World, place: Place) -> bool:
    """Whether this caller would rather press keys from the start."""
    return world.caller.preferences.keys and not place.settled


def last_unsolved_intent(world: World) -> str | None:
    """What the call was about that this one may go on with, where the dialogue knows that matter."""
    contact = world.caller.last_unsolved_call(world.now)
    known = contact is not None and contact.intent in world.flow.intents and contact.intent != PERSON_INTENT
    return contact.intent if contact and known else None


def from_records(world: World, node: CollectNode) -> str | None:
    """The value of a slot, where the records leave only one."""
    if node.known == "no":
        return None
    caller = world.caller
    found = late_orders(caller) if node.known == "late_order" else active_orders(caller)
    return found[0] if len(found) == 1 else None


def argument(world: World, place: Place, name: str) -> str:
    """What a look-up is given under a name."""
    caller = world.caller
    own = {
        "customer": caller.customer.id if caller.customer else "",
        "ani": caller.ani or "",
        "now": world.now.isoformat(),
        "today": world.now.date().isoformat(),
    }
    if name in own:
        return own[name]
    if name in PLAIN:
        return str(fact(world, place, name))
    return value_here(world, place, name)
