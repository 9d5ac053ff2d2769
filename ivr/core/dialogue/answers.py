"""What callers say: answers, corrections, new sentences."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import collecting, speaking, wording, yes_and_no
from ivr.core.dialogue.digits import SURE
from ivr.core.dialogue.facts import fact
from ivr.core.dialogue.history_prior import expected, with_history
from ivr.core.dialogue.messages import Consent, FailureKind, Heard, Remember
from ivr.core.dialogue.other_words import digits_in, has_value, is_other, where_intents_lead
from ivr.core.dialogue.place import (
    PERSON_INTENT,
    Confirming,
    ConfirmingValue,
    Offering,
    Place,
    World,
)
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import after_offer, answered, enter, failed, go_on, quiet, to_person
from ivr.core.dialogue.yes_and_no import is_dear, yes_or_no
from ivr.core.flow.intent import Hypothesis, Understood
from ivr.core.flow.nodes import AskNode, CollectNode, DecideNode, MenuNode, ProveNode

IMPLIED_AT = 0.5
"""Probability from which an intent of middling certainty is only said in passing."""
OTHER_AT = 0.15
"""Probability from which the second guess is offered when the first was denied."""


def words(world: World, place: Place, heard: Heard) -> Result:
    """One utterance, wherever the call is."""
    if place.busy:
        return place, ()
    match place.asking:
        case Offering():
            return _offered(world, place, place.asking, heard)
        case Confirming():
            return _confirm(world, place, place.asking, heard)
        case ConfirmingValue():
            return _confirm_value(world, place, place.asking, heard)
    if place.implied and (corrected := _corrected(world, place, heard)) is not None:
        return corrected
    node = world.flow.nodes[place.node]
    match node:
        case CollectNode() if not has_value(world, place, node, heard) and (
            other := _other_matter(world, place, heard)
        ):
            return other
        case CollectNode() | ProveNode():
            return collecting.words(world, place, node, heard)
        case MenuNode():
            return _menu(world, place, node, heard)
        case DecideNode():
            answer = yes_or_no(world, place, heard, dear=node.consent or is_dear(world, place.intent))
            if answer is None:
                return _other_matter(world, place, heard) or failed(world, place, heard.failure)
            return decided(world, place, node, yes=answer)
        case AskNode():
            return _asked(world, place, node, heard)
    return failed(world, place, heard.failure)


def _asked(world: World, place: Place, node: AskNode, heard: Heard) -> Result:
    if node.nothing and wording.nothing_else(heard.text, place.language):
        return enter(world, replace(answered(place), asking=None), node.nothing)
    if heard.understood is None:
        return failed(world, place, heard.failure)
    if not place.greeted and wording.only_hello(heard.text, place.language):
        # "hello?" into the greeting is no answer, but no failure either: ask again, in other words
        return speaking.ask(world, replace(place, greeted=True), node.prompt)
    return understood(world, with_words(place, heard), node, heard.understood, unfit=heard.failure)


def with_words(place: Place, heard: Heard) -> Place:
    """The place with the sentence that leads on from it."""
    return replace(place, words=heard.hypotheses or (Hypothesis(heard.text),))


def understood(
    world: World, place: Place, node: AskNode, said: Understood, *, unfit: FailureKind = "no_match"
) -> Result:
    """A reason for calling, or something that may be one; history is added, and what was denied is out."""
    history = expected(world.flow.intents, lambda name: fact(world, place, name))
    said = with_history(said, history, place.denied)
    guess = next((g for g in said.guesses if g.intent not in place.denied), None)
    if said.certainty == "none" or guess is None:
        return failed(world, place, unfit)
    place = replace(place, understood=said)
    intent = world.flow.intents[guess.intent]
    if said.certainty == "sure" and guess is said.best and (intent.cost == "low" or intent.name == PERSON_INTENT):
        return go_on(world, replace(place, intent=guess.intent, cause="understood", asking=None))
    if intent.cost == "low" and guess.confidence >= IMPLIED_AT and guess is said.best:
        result = _in_passing(world, place, guess.intent)
        if result is not None:
            return result
    return speaking.question(world, replace(place, asking=Confirming(guess.intent)))


def _in_passing(world: World, place: Place, intent: str) -> Result | None:
    """Say what was understood inside the next question; None where there is no next question to correct it at."""
    if intent == PERSON_INTENT:
        return None
    there = replace(place, intent=intent, cause="understood", implied=intent, asking=None)
    said_place, spoken = speaking.say(world, there, "std_implied")
    result, commands = go_on(world, said_place, spoken)
    if result.over or result.implied is None or not isinstance(world.flow.nodes[result.node], CollectNode | DecideNode):
        return None
    return result, commands


def _corrected(world: World, place: Place, heard: Heard) -> Result | None:
    """A correction of what was said in passing: "no, the other one", "no, I want my money back". None: it is an answer."""
    node = world.flow.nodes[place.node]
    back = place.before
    if back is None or not isinstance(world.flow.nodes[back.node], AskNode):
        return None
    no = yes_or_no(world, place, heard) is False
    if wording.wants_other(heard.text):
        no = True
    elif isinstance(node, DecideNode) or (isinstance(node, CollectNode) and has_value(world, place, node, heard)):
        no = no and is_other(heard, place)
    elif not no:
        no = is_other(heard, place)
    if not no:
        return None
    assert place.implied
    asked = world.flow.nodes[back.node]
    assert isinstance(asked, AskNode)
    again = replace(
        place, node=back.node, asking=None, implied=None, intent=None, slots=back.slots, known=back.known,
        stack=back.stack, before=back.before, parts=(), denied=place.denied | {place.implied}, settled=back.settled,
    )  # fmt: skip
    if is_other(heard, place) and heard.understood:
        return understood(world, with_words(again, heard), asked, heard.understood)
    return denied(world, again, asked)


def _other_matter(world: World, place: Place, heard: Heard) -> Result | None:
    """A plain sentence about something else than what is being asked: the caller leads, the dialogue follows."""
    said = heard.understood
    if (
        said is None
        or said.certainty != "sure"
        or said.best is None
        or said.best.intent in (place.intent, *place.denied)
    ):
        return None
    intent = said.best.intent
    if world.flow.intents[intent].cost == "high":
        # too dear to be begun in passing: said back, as where it is asked for
        asks = next((node for node in world.flow.nodes.values() if isinstance(node, AskNode)), None)
        if asks is None:
            return None
        there = replace(answered(with_words(place, heard)), node=asks.name, asking=None, parts=(), stack=())
        return understood(world, there, asks, said)
    place = replace(
        with_words(place, heard), understood=said, intent=intent, cause="understood", implied=None, parts=(), stack=()
    )
    place = replace(answered(place), asking=None)
    target = world.flow.intents[intent].node or where_intents_lead(world)
    if intent == PERSON_INTENT:
        return to_person(world, replace(place, cause="person"))
    return enter(world, place, target)


def _confirm(world: World, place: Place, asking: Confirming, heard: Heard) -> Result:
    node = world.flow.nodes[place.node]
    assert isinstance(node, AskNode)
    found = yes_and_no.answered(world, place, heard)
    answer = found.meant if found.plain or not is_dear(world, asking.intent) else None
    certainty = heard.understood.certainty if heard.understood else "none"
    best = heard.understood.best if heard.understood else None
    other = best is not None and best.intent != asking.intent
    if answer is False and certainty != "none" and not found.plain:
        answer = None  # "it has not arrived" has a "not", and is what it says rather than a no
    if asking.suggested and not place.greeted and answer is None and wording.only_hello(heard.text, place.language):
        return speaking.question(world, replace(place, greeted=True))
    if answer is None or (answer is False and other and certainty != "none"):
        # a whole new sentence is worth more than the question; with a "no" before it, it is a correction
        if heard.understood and (certainty == "sure" or (certainty == "confirm" and (other or asking.suggested))):
            plain = replace(place, asking=None)
            if answer is False:
                plain = replace(plain, denied=plain.denied | {asking.intent})
            return understood(world, with_words(plain, heard), node, heard.understood)
        if answer is None:
            return failed(world, place, heard.failure)
    return confirmed(world, place, asking, yes=answer)


def confirmed(world: World, place: Place, asking: Confirming, *, yes: bool) -> Result:
    """Yes or no to an intent that was said back."""
    node = world.flow.nodes[place.node]
    assert isinstance(node, AskNode)
    if yes:
        return go_on(world, replace(place, intent=asking.intent, cause="confirmed", asking=None))
    place = replace(place, denied=place.denied | {asking.intent}, asking=None)
    if asking.suggested:
        return speaking.ask(world, place, node.prompt)
    return denied(world, place, node)


def denied(world: World, place: Place, node: AskNode) -> Result:
    """The first guess was wrong: the second, if there is one to speak of, else the question in other words."""
    guesses = place.understood.guesses if place.understood else ()
    second = next((g for g in guesses if g.intent not in place.denied and g.confidence >= OTHER_AT), None)
    before = replace(place, understood=None)
    result, commands = failed(world, before, "no_match", say_so=False)
    if second is None or result.over or result.node != node.name or second.intent == PERSON_INTENT:
        return result, commands
    place = replace(result, asking=Confirming(second.intent), understood=place.understood)
    title = {"title": world.flow.intents[second.intent].title[place.language]}
    place, speak = speaking.say(world, place, "std_other", title)
    return speaking.wait(world, place, speak)


def _confirm_value(world: World, place: Place, asking: ConfirmingValue, heard: Heard) -> Result:
    node = world.flow.nodes[place.node]
    assert isinstance(node, CollectNode)
    answer = yes_or_no(world, place, heard, dear=is_dear(world, place.intent))
    if answer is not True and has_value(world, place, node, heard):
        return collecting.words(world, replace(place, asking=None, parts=()), node, heard)
    if answer is None:
        return failed(world, place, heard.failure)
    return value_confirmed(world, place, node, asking.value, yes=answer)


def value_confirmed(world: World, place: Place, node: CollectNode, value: str, *, yes: bool) -> Result:
    """Yes or no to a value that was said back."""
    if yes:
        checked = node.kind == "name" or node.check != "no"
        return collecting.take(world, place, node, value, "spoken", checked=checked)
    return failed(world, replace(place, asking=None), "no_match", say_so=False)


def decided(world: World, place: Place, node: DecideNode, *, yes: bool) -> Result:
    """Yes or no to a question of the dialogue."""
    place = replace(answered(place), implied=None, consent=yes if node.consent else place.consent)
    place, commands = enter(world, place, node.yes if yes else node.no)
    return place, (*commands, Consent(yes)) if node.consent else commands


def _menu(world: World, place: Place, node: MenuNode, heard: Heard) -> Result:
    said = digits_in(world, place, (Hypothesis(heard.text),))
    if said and len(said[0].value) == 1 and said[0].share >= SURE:
        return menu_key(world, place, node, said[0].value)
    if heard.understood and heard.understood.certainty == "sure" and heard.understood.best:
        best = heard.understood.best.intent
        if best not in place.denied and world.flow.intents[best].cost == "low":
            return quiet(go_on(world, replace(place, intent=best, cause="understood", understood=heard.understood)))
    return failed(world, place, heard.failure)


def menu_key(world: World, place: Place, node: MenuNode, digit: str) -> Result:
    """A key of a keypad menu: an intent, or a door to another node."""
    door = next((d for d in node.doors if d.key == digit), None)
    if door:
        return quiet(enter(world, answered(place), door.node))
    chosen = next((i for i in world.flow.keyed_intents(node.group) if i.key == digit), None)
    if chosen is None:
        return quiet(failed(world, place, "no_match"))
    place = replace(place, intent=chosen.name, cause="key", asking=None)
    offer = _offer_keys(world, place)
    return quiet(offer if offer is not None else go_on(world, place))


def _offer_keys(world: World, place: Place) -> Result | None:
    """Somebody who was not understood by voice and was by keys may want keys from the start, next time."""
    trouble = sum(t.kind in ("no_match", "noise", "no_sound") for t in place.troubles)
    had = world.caller.preferences
    if trouble < 2 or place.offered or not world.caller.known or had.keys:
        return None
    offering = Offering(replace(had, keys=True), then_go_on=True)
    return speaking.question(world, replace(place, asking=offering, offered=True))


def _offered(world: World, place: Place, offer: Offering, heard: Heard) -> Result:
    answer = yes_or_no(world, place, heard, dear=True)
    if answer is not None:
        return remembered(world, place, offer, yes=answer)
    place = replace(place, asking=None)
    if offer.then_go_on:
        return go_on(world, place)
    # no answer to that, then: perhaps one to the question before
    return words(world, place, heard)


def remembered(world: World, place: Place, offer: Offering, *, yes: bool) -> Result:
    """Yes or no to "shall I remember that?"."""
    place = replace(place, asking=None)
    if not yes:
        return after_offer(world, place, offer, ())
    place, spoken = speaking.say(world, place, "std_remembered")
    place, commands = after_offer(world, place, offer, spoken)
    return place, (Remember(offer.preferences), *commands)
