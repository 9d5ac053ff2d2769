"""The dialogue engine: ``step(world, place, event) → (place, commands)``. Pure; the shell around it does the talking."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ivr.core.card import Known
from ivr.core.dialogue import answers, besides, deciding, saying, speaking, wording
from ivr.core.dialogue.anytime import commands, emergencies, ways_out, wishes
from ivr.core.dialogue.asking import (
    Confirming,
    ConfirmingValue,
    Danger,
    FewWords,
    Leaving,
    Looking,
    Offering,
    OfferingPerson,
    Proving,
)
from ivr.core.dialogue.messages import (
    Event,
    Found,
    Heard,
    KeyPressed,
    NoInput,
    NumberTyped,
    Proof,
    Started,
    StillLooking,
)
from ivr.core.dialogue.place import Manner, Place, World
from ivr.core.dialogue.questions import collecting, long_numbers, menus, other_matter, proving, reasons, remembering
from ivr.core.dialogue.questions.failing import failed
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import asked_before, enter, quiet, to_person
from ivr.core.dialogue.words import yes_and_no
from ivr.core.dialogue.words.other_words import digits_in
from ivr.core.flow.flow import Lookup
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import AskNode, CollectNode, DecideNode, LookUpNode, MenuNode, ProveNode
from ivr.core.flow.spoken_commands import STAR_KEYS, CommandName, command_in

KEY_PERSON, KEY_REPEAT, KEY_LANGUAGE = "0", "*", "9"
"""The keys that every question answers to; 0 and 9 are digits while digits are collected."""
YES, NO = "1", "2"
MOST_FILLERS = 3
MOST_BACK = 8
"""Questions that "back" can go through."""
BESIDES = 0.15
"""Share of belief from which a command among the other readings is taken."""


def begin(world: World) -> Place:
    """Where a call starts: in the caller's own language and manner where those are known."""
    liked = world.caller.preferences
    return Place(world.flow.start, world.usual_language, manner=Manner(liked.slow, liked.loud))


def step(world: World, place: Place, event: Event) -> Result:
    """What follows from one event. A call that is over stays as it is."""
    if place.over:
        return place, ()
    there, told = _react(world, place, event)
    asked = place.listening is not None and not isinstance(world.flow.nodes[place.node], LookUpNode)
    if asked and there.node != place.node and there.before is place.before:
        before = replace(place, parts=(), before=_recent(place.before))  # so that "back" leads there
        # a question that is answered gives back one failure: who is slow and gets there is not given up
        answered = there.failures == place.failures > 0 and not there.over and not isinstance(event, NoInput)
        return replace(there, before=before, forgiven=there.forgiven + answered), told
    return there, told


def _recent(place: Place | None, steps: int = MOST_BACK) -> Place | None:
    """The questions before one, without those that nobody will go back to: a long call must not grow without end."""
    if place is None or steps == 0:
        return None
    shorter = _recent(place.before, steps - 1)
    return place if shorter is place.before else replace(place, before=shorter)


def _react(world: World, place: Place, event: Event) -> Result:
    match event:
        case Started():
            return enter(world, place, place.node)
        case KeyPressed():
            return _key(world, place, event)
        case NumberTyped(digits):
            return _number(world, place, digits)
        case Heard():
            return _heard(world, place, event)
        case NoInput():
            return _no_input(world, place, event)
        case StillLooking(id):
            return _still_looking(world, place, id)
        case Found():
            return _found(world, place, event)
        case Proof(id, outcome):
            node = world.flow.nodes[place.node]
            if not isinstance(node, ProveNode) or not isinstance(place.asking, Proving) or place.asking.id != id:
                return place, ()
            return proving.come_to(world, place, node, outcome)
    assert_never(event)


# -- words and silence -------------------------------------------------------------------------------------------------


def _heard(world: World, place: Place, heard: Heard) -> Result:
    command = command_in(heard.text, place.language, world.flow.commands)
    if command is None and (danger := emergencies.heard_in(world, place, heard)) is not None:
        return danger
    command = command or _heard_besides(world, place, heard)
    if command is not None:
        return commands.wish(world, replace(place, holding=False), command)
    answered = replace(place, starred=False, keyed=False, holding=False)
    if (two := besides.both(world, answered, heard, answers.words)) is not None:
        return two
    wish = wishes.wished(world, place, heard)
    if wish == "other_language" and wording.names_other_language(heard.text, place.language):
        return commands.wish(world, replace(place, holding=False), "language")
    if wish is not None:
        return wishes.grant(world, replace(place, holding=False), wish, heard)
    place = replace(place, starred=False, keyed=False)
    there = replace(place, holding=False)
    result = other_matter.switched(world, there, heard) or answers.words(world, there, heard)
    if place.holding and result[0].failures > place.failures and not result[0].over:
        return speaking.wait(world, place, (), keep_last=True)  # they talk to somebody beside the phone
    return result


def _heard_besides(world: World, place: Place, heard: Heard) -> CommandName | None:
    """A command among the other readings, where the likeliest means nothing here: "can you" is easily heard "you know"."""
    yes, no = world.flow.yes[place.language], world.flow.no[place.language]
    understood = heard.understood is not None and heard.understood.certainty != "none"
    answers = heard.readings or digits_in(world, place, (Hypothesis(heard.text),))
    if understood or answers or yes_and_no.answer(heard.text, place.language, yes, no).meant is not None:
        return None
    shares: dict[CommandName, float] = {}
    for reading in heard.hypotheses:
        command = command_in(reading.text, place.language, world.flow.commands)
        if command is not None:
            shares[command] = shares.get(command, 0.0) + reading.share
    likeliest = max(shares, key=lambda name: shares[name], default=None)
    return likeliest if likeliest is not None and shares[likeliest] >= BESIDES else None


def _no_input(world: World, place: Place, event: NoInput) -> Result:
    node = world.flow.nodes[place.node]
    if place.busy:
        return place, ()
    if place.holding:
        place, spoken = saying.say(world, replace(place, holding=False), "std_still_here")
        return speaking.question(world, place, spoken)
    match place.asking:
        case Offering():
            return remembering.remembered(world, place, place.asking, yes=False)
        case Danger():
            return emergencies.told(world, place)
        case Leaving():
            return wishes.left(world, place) if event.kind == "nothing" else asked_before(world, place)
        case FewWords():
            return to_person(world, replace(place, asking=None))
        case OfferingPerson():
            return ways_out.accepted(world, place, event.failure)
    if isinstance(node, CollectNode | ProveNode) and not isinstance(place.asking, ConfirmingValue):
        return collecting.nothing_more(world, place, node, event)
    return failed(world, place, event.failure)


# -- keys --------------------------------------------------------------------------------------------------------------


def _key(world: World, place: Place, pressed: KeyPressed) -> Result:
    digit = pressed.digit
    place = replace(place, keyed=place.keyed or digit.isdigit(), holding=False)
    if long_numbers.is_second_of_star(place, pressed):
        return commands.wish(world, place, STAR_KEYS[digit])
    if digit == KEY_REPEAT:
        place, again = commands.wish(world, place, "repeat")
        return replace(place, starred=True), again
    place = replace(place, starred=False)
    node = world.flow.nodes[place.node]
    if digit == KEY_PERSON and not long_numbers.digits_are_typed(world, place):
        return commands.wish(world, place, "person")
    if isinstance(place.asking, OfferingPerson) and digit == ways_out.KEY_CHOICES:
        return ways_out.declined(world, place)
    if place.asking is not None and digit in (YES, NO) and (result := _by_key(world, place, yes=digit == YES)):
        return result
    if isinstance(node, CollectNode | ProveNode) and not isinstance(place.asking, long_numbers.SAID_BACK):
        return (place, ()) if place.busy else collecting.key(world, place, node, pressed)
    if digit == KEY_LANGUAGE:
        return commands.wish(world, place, "language")
    return _choice(world, place, digit)


def _number(world: World, place: Place, digits: str) -> Result:
    if place.busy:
        return place, ()
    if place.commands >= commands.MOST:
        return commands.person_offered(world, place)
    return long_numbers.typed(world, place, digits)


def _by_key(world: World, place: Place, *, yes: bool) -> Result | None:
    """1 and 2 where something was said back."""
    node = world.flow.nodes[place.node]
    result: Result | None = None
    match place.asking:
        case Confirming() as asking:
            result = reasons.confirmed(world, place, asking, yes=yes)
        case ConfirmingValue(value) if isinstance(node, CollectNode):
            result = answers.value_confirmed(world, place, node, value, yes=yes)
        case Offering() as offer:
            result = remembering.remembered(world, place, offer, yes=yes)
        case Danger():
            result = emergencies.told(world, place) if yes else asked_before(world, place)
        case Leaving():
            result = wishes.left(world, place) if yes else asked_before(world, place)
        case OfferingPerson() if not isinstance(node, MenuNode):  # there 1 and 2 are choices
            result = ways_out.accepted(world, place) if yes else ways_out.declined(world, place)
    return quiet(result) if result else None


def _choice(world: World, place: Place, digit: str) -> Result:
    """A key at a question that is no number: yes or no, a choice of the menu, also before it was read out."""
    node = world.flow.nodes[place.node]
    if isinstance(place.asking, Looking):
        return place, ()
    if isinstance(node, DecideNode) and digit in (YES, NO):
        return quiet(deciding.decided(world, place, node, yes=digit == YES))
    menu = world.flow.nodes.get(node.menu) if isinstance(node, AskNode) else node
    if isinstance(menu, MenuNode):
        if isinstance(place.asking, FewWords):
            return ways_out.by_key(world, place, menu, digit)
        return menus.key(world, replace(place, asking=None), menu, digit)
    return quiet(failed(world, place, "no_match"))


# -- look-ups ----------------------------------------------------------------------------------------------------------


def _still_looking(world: World, place: Place, id_: int) -> Result:
    node = world.flow.nodes[place.node]
    if not isinstance(place.asking, Looking) or place.asking.id != id_ or not isinstance(node, LookUpNode):
        return place, ()
    if node.filler is None or place.asking.filled >= MOST_FILLERS:
        return place, ()
    place = replace(place, asking=replace(place.asking, filled=place.asking.filled + 1))
    place, speak = saying.say(world, place, node.filler)
    return speaking.wait(world, place, speak)


def _found(world: World, place: Place, event: Found) -> Result:
    node = world.flow.nodes[place.node]
    if not isinstance(place.asking, Looking) or place.asking.id != event.id or not isinstance(node, LookUpNode):
        return place, ()  # the caller has gone on without it
    lookup = world.flow.lookups[node.lookup]
    place = replace(place, asking=None)
    if event.outcome == "failed":
        return enter(world, place, node.failed)
    rows = tuple(tuple((k, "" if v is None else str(v)) for k, v in row.items()) for row in event.rows)
    place = replace(place, rows=(*((n, r) for n, r in place.rows if n != lookup.name), (lookup.name, rows)))
    if event.outcome == "empty":
        return enter(world, place, node.empty)
    return enter(world, _done(place, lookup), node.found)


def _done(place: Place, lookup: Lookup) -> Place:
    """What the machine has found or done, for the agent to read."""
    if lookup.label is None:
        return place
    values = place.values()
    value = next((values[f"{lookup.name}.{f}"] for f in lookup.gives if values.get(f"{lookup.name}.{f}")), "")
    known = Known(lookup.label, value, "done", checked=True)
    return place.with_known(known)
