"""Taking a step back: the caller had only paused, and what they said is read anew with what came after.

Possible while nobody else knows of the step: sentences, questions and look-ups that change nothing. What hands the call over or
hangs up can wait until it is certain (``WAITS``); whatever writes, proves, promises or agrees to something cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ivr.core.dialogue.asking import Confirming, Offering
from ivr.core.dialogue.messages import Command, HandOver, HangUp, Listen, LookUp, Silence, Speak
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.words.other_words import is_dear

WAITS = HandOver | HangUp
"""Commands that are not carried out before it is certain that nothing follows."""


def can_be_read_anew(place: Place) -> bool:
    """Whether an answer to what is asked here may be read once more, with what was said after it."""
    asked = place.listening
    return asked is not None and not asked.secret and not place.busy and not isinstance(place.asking, Offering)


def only_waits(commands: Sequence[Command]) -> bool:
    """Whether a step only waits for more of the same answer, which the dialogue itself puts together."""
    return all(isinstance(command, Silence | Listen) for command in commands)


def can_be_taken_back(world: World, commands: Sequence[Command]) -> bool:
    """Whether a step can be taken back after these commands of it."""
    return all(_can_be(world, command) for command in commands)


def _can_be(world: World, command: Command) -> bool:
    match command:
        case LookUp(lookup=name):
            return not world.flow.lookups[name].writes
        case Speak() | Listen():
            return not command.secret
        case Silence() | HandOver() | HangUp():
            return True
        case _:
            return False


def taken_back(before: Place, now: Place) -> Place:
    """The place before the step; the numbers of look-ups go on, so that an answer to one that was given up is nobody's."""
    return replace(before, ids=now.ids)


def is_dear_at(world: World, place: Place) -> bool:
    """Whether a mistake at this place costs much."""
    asked = place.asking.intent if isinstance(place.asking, Confirming) else None
    return is_dear(world, place.intent) or is_dear(world, asked)


def same_step(one: Place, other: Place) -> bool:
    """Whether two readings of an answer have led to the same."""
    return _come_to(one) == _come_to(other)


def _come_to(place: Place) -> tuple[object, ...]:
    return (
        place.node, place.asking, place.intent, place.implied, place.denied, place.slots, place.language, place.consent,
        place.manner, len(place.troubles), place.parts, place.over, place.known, place.pending, place.declined, place.holding,
    )  # fmt: skip
