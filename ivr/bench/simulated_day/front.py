"""What comes before a person: a keypad menu, or our machine, which listens. How long it takes, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ivr.bench.simulated_day import hearing
from ivr.bench.simulated_day.assumptions import SETTLES, Assumptions
from ivr.bench.simulated_day.house import flow, queue_of
from ivr.bench.simulated_day.matters import PERSON, Matter
from ivr.core.dialogue.messages import Cause

TURNS = 2
"""How often the machine asks by voice before it offers the keypad."""


@dataclass(frozen=True, slots=True)
class Led:
    """Where a caller was led."""

    seconds: float
    queue: str | None
    """None: the machine has settled it."""
    intent: str | None = None
    confidence: float = 0.0
    cause: Cause = "understood"


def by_keys(matter: Matter, world: Assumptions, dice: Random) -> Led:
    """A keypad menu with an option for each team, one for the opening hours, and 0."""
    choice = _pressed(matter, world, dice)
    if choice == "opening_hours" and matter.reason == choice and dice.random() < world.keeps:
        return Led(world.menu_s, None, choice)
    if choice == PERSON:
        return Led(world.menu_s, flow().fallback_queue, None, 0.0, "person")
    return Led(world.menu_s, queue_of(choice), choice, 1.0, "key")


def _pressed(matter: Matter, world: Assumptions, dice: Random) -> str:
    """The reason whose key is pressed: that of what they would say, or by mistake another team's."""
    wrong, other = dice.random(), dice.random()
    if matter.says == PERSON or wrong >= world.wrong_key:
        return matter.says
    right = queue_of(matter.says)
    others = sorted({queue_of(r): r for r in world.mix() if queue_of(r) != right}.items())
    return others[int(other * len(others))][1]


def by_voice(matter: Matter, world: Assumptions, dice: Random, history: bool) -> Led:
    """Our machine: the open question twice, then the keypad, then a person; what it can settle it settles.

    With ``history`` what the records say of the caller's orders makes some reasons likely.
    """
    led = _asked(matter, world, dice, history)
    settled = SETTLES.get(led.intent or "", 0.0) * (1.0 if led.intent == "opening_hours" else world.settles)
    if dice.random() < settled and led.intent == matter.reason:
        return Led(led.seconds, None, led.intent, led.confidence, led.cause)
    return led


def _asked(matter: Matter, world: Assumptions, dice: Random, history: bool) -> Led:
    seconds = world.voice_s
    if matter.language == "zh":  # no speech model: keys, in full
        return _by_our_keys(matter, world, dice, seconds)
    outcomes = hearing.table(world.misheard)[matter.known if history else "nothing"][matter.says]
    for turn in range(TURNS):
        seconds += world.turn_s * (turn > 0)
        taken = hearing.draw(outcomes, dice.random())
        doubt = dice.random()
        if taken.intent is None:
            continue
        intent, asked_back = flow().intents[taken.intent], taken.certainty == "confirm"
        if asked_back or intent.cost == "high":
            seconds += world.turn_s
            if taken.intent == matter.says or doubt >= world.says_no:
                return _to(taken.intent, seconds, 1.0, "confirmed")
        elif taken.intent == matter.says or not intent.node or doubt >= world.notices:
            return _to(taken.intent, seconds, 0.8, "understood")
    return _by_our_keys(matter, world, dice, seconds + world.turn_s)


def _by_our_keys(matter: Matter, world: Assumptions, dice: Random, seconds: float) -> Led:
    """The keypad that our machine offers where listening does not help."""
    return _to(_pressed(matter, world, dice), seconds, 1.0, "key")


def _to(intent: str, seconds: float, confidence: float, cause: Cause) -> Led:
    if intent == PERSON:
        return Led(seconds, flow().fallback_queue, None, 0.0, "person")
    return Led(seconds, queue_of(intent), intent, confidence, cause)
