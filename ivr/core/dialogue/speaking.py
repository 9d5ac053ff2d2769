"""Putting questions and waiting for their answers: in which state which prompt, and what is listened for."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import offered, saying
from ivr.core.dialogue.asking import (
    Asking,
    Confirming,
    ConfirmingValue,
    Danger,
    DoubtfulDigit,
    FewWords,
    Leaving,
    Looking,
    Offering,
    OfferingPerson,
    Proving,
)
from ivr.core.dialogue.facts import true
from ivr.core.dialogue.from_records import last_unsolved_intent
from ivr.core.dialogue.messages import Command, Listen, ListenMode, Speak, TalkedOf
from ivr.core.dialogue.place import Later, Place, World
from ivr.core.dialogue.words.other_words import does_at_once
from ivr.core.digit_words import digit_words
from ivr.core.flow.nodes import AskNode, CollectNode, DecideNode, MenuNode, ProveNode

Result = tuple[Place, tuple[Command, ...]]
HELD_S = 60.0
"""How long the line waits for somebody who has said "hold on"."""


def ask(world: World, place: Place, prompt: str, before: tuple[Speak, ...] = ()) -> Result:
    """Say a question, after what must be said first, and wait for its answer."""
    place, speak = saying.say(world, place, prompt, question_fields(world, place))
    return wait(world, place, (*before, *speak))


def wait(world: World, place: Place, said: tuple[Speak, ...], *, keep_last: bool = False) -> Result:
    """Wait for the answer to what was just said."""
    listen = listening(world, place)
    if place.holding:
        listen = replace(listen, wait_s=HELD_S)
    words = place.words if _words_count_on(world, place) else ()
    place = replace(place, listening=listen, last=place.last if keep_last else said, words=words)
    return place, (*said, listen)


def _words_count_on(world: World, place: Place) -> bool:
    """Whether the sentence that led here may hold the answer to a question behind the one that is put now.

    What was said back must be confirmed before anything else counts that was in it; a look-up, and whether to go that way at all
    ("Shall I find you a time?"), stand before the question.
    """
    node = world.flow.nodes[place.node]
    first = isinstance(node, DecideNode) and isinstance(world.flow.nodes[node.yes], CollectNode)
    # which one is moved is asked before where it goes, and both may be in one sentence
    which = isinstance(node, CollectNode) and node.own
    return isinstance(place.asking, Confirming | Looking) or first or which


def question(world: World, place: Place, before: tuple[Speak, ...] = ()) -> Result:
    """Put the question that waits at this place, in the words for its state."""
    name, fields = _question(world, place)
    node = world.flow.nodes[place.node]
    if isinstance(node, MenuNode) and place.asking is None:
        return menu(world, place, node, before)
    if name is None:
        return wait(world, place, before, keep_last=True)
    place, speak = saying.say(world, place, name, fields)
    if isinstance(place.asking, OfferingPerson) and isinstance(node, MenuNode):
        place, choices = saying.say(world, place, "std_offer_choices")
        speak += choices
    return wait(world, place, (*before, *speak))


def say_then_ask(world: World, place: Place, prompt: str) -> Result:
    """Say something about the conversation itself, then put the question that waits."""
    place, spoken = saying.say(world, place, prompt)
    return question(world, place, spoken)


def _question(world: World, place: Place) -> tuple[str | None, dict[str, str]]:
    node = world.flow.nodes[place.node]
    fields = question_fields(world, place)
    match place.asking:
        case Confirming(intent, None, second) if isinstance(node, AskNode):
            return ("std_second" if second else node.confirm), saying.intent_fields(world, place, intent)
        case Confirming(intent, int() as number) if isinstance(node, AskNode):
            chosen = node.suggest[number]
            named = chosen.unnamed is None or _may_be_named(world, place, intent)
            return (chosen.prompt if named else chosen.unnamed), saying.intent_fields(world, place, intent)
        case ConfirmingValue():
            return "std_value", fields
        case DoubtfulDigit():
            return "std_digit", fields
        case Offering():
            return "std_remember", {}
        case FewWords(complaint=complaint):
            return "std_complaint" if complaint else "std_few_words", {}
        case Leaving():
            return "std_leaving", {}
        case Danger():
            return "std_danger", {}
        case OfferingPerson():
            return "std_offer_person", {}
        case Looking():
            return None, {}
        case Proving(method=method, state="asking") if isinstance(node, ProveNode):
            return node.prompts[method], {}
        case Proving():
            return None, {}
    prompt = getattr(node, "prompt", None)
    return prompt, fields


def question_fields(world: World, place: Place) -> dict[str, str]:
    """The fields that the state of a question has beside the caller's and the slots'."""
    node = world.flow.nodes[place.node]
    match place.asking:
        case ConfirmingValue(value) if isinstance(node, CollectNode):
            return saying.value_field(world, place, node, value)
        case DoubtfulDigit(digits, position, _):
            known = digits.replace("?", "")
            return {"digits": known, "position": str(position + 1)}
    if isinstance(node, CollectNode) and node.kind == "name":
        return {"options": saying.options(world, place, node)}
    return {}


def menu(world: World, place: Place, node: MenuNode, before: tuple[Speak, ...]) -> Result:
    """Read out the keypad menu."""
    place, said = saying.say(world, place, node.prompt)
    choices = [(i.key or "", i.title[place.language]) for i in world.flow.keyed_intents(node.group)]
    choices += [(door.key, door.title[place.language]) for door in node.doors]
    for key, title in choices:
        place, option = saying.say(world, place, node.option, {"key": key, "title": title})
        said += option
    return wait(world, place, before + said)


def come_to(place: Place, node: AskNode) -> Later | None:
    """What was said beside another matter and is due where that one is dealt with; what was denied or dealt with is not."""
    if not node.nothing:
        return None
    return next((one for one in place.pending if one.again or one.intent not in _passed(place)), None)


def _passed(place: Place) -> frozenset[str]:
    return place.denied | place.declined | set(place.settled)


def suggestion(world: World, place: Place, node: AskNode) -> Confirming | None:
    """The first likely reason, which the open question may begin with; what was denied or dealt with is none."""
    passed = _passed(place)
    for number, one in enumerate(node.suggest):
        intent = one.intent or last_unsolved_intent(world)
        if intent is None or intent in passed or not true(world, place, one.when):
            continue
        if one.unnamed or _may_be_named(world, place, intent):
            return Confirming(intent, number)
    return None


def _may_be_named(world: World, place: Place, intent: str) -> bool:
    return place.proved or not world.flow.intents[intent].private


def _secret(world: World, place: Place) -> bool:
    node = world.flow.nodes[place.node]
    return isinstance(node, CollectNode) and node.secret


# -- what is listened for ----------------------------------------------------------------------------------------------


def listening(world: World, place: Place) -> Listen:
    """What may be answered at this place."""
    node = world.flow.nodes[place.node]
    patient = place.manner.slow
    asked = _asked(place.asking)
    if asked == "yes_no" or (asked is None and isinstance(node, DecideNode)):
        grammar = (*world.flow.yes[place.language], *world.flow.no[place.language])
        # an idea of the machine's own is answered with a sentence as often as with yes or no: wait for its end as for any
        mode: ListenMode = "open" if isinstance(place.asking, Confirming) and place.asking.own_idea else "yes_no"
        beside = _talked_of(world, place, place.talked_of)
        of = beside if asked is None and isinstance(node, DecideNode) and does_at_once(world, node) else None
        return Listen(mode, grammar, True, secret=_secret(world, place), patient=patient, of=of, beside=beside)
    if asked == "keys" or isinstance(node, MenuNode):
        # while a proof is checked, what comes may be the rest of it
        secret = isinstance(node, ProveNode)
        return Listen("keys", digit_words(place.language), otherwise_open=True, secret=secret, patient=patient)
    if asked == "digits" or isinstance(node, ProveNode):
        secret = isinstance(place.asking, Proving) or _secret(world, place)
        words = digit_words(place.language)
        return Listen("digits", words, otherwise_open=True, kind="digits", secret=secret, patient=patient)
    if isinstance(node, CollectNode) and asked is None:
        beside = _talked_of(world, place, place.intent)
        return replace(_collecting(place, node), of=beside if node.own else None, beside=beside)
    return Listen("open", patient=patient, of=_talked_of(world, place) if asked is None else None)


def _talked_of(world: World, place: Place, intent: str | None = None) -> TalkedOf | None:
    """What this matter is about, or what was dealt with last, if it has a name."""
    intents = world.flow.intents
    names = reversed(place.settled if intent is None else (intent,))
    it = next((one.it for name in names if (one := intents.get(name)) and one.it), None)
    if it is None or place.language not in it:
        return None
    return TalkedOf(it[place.language], frozenset(name for name, one in intents.items() if one.it == it))


def _asked(asking: Asking | None) -> str | None:
    match asking:
        case Confirming() | ConfirmingValue() | Offering() | OfferingPerson() | Leaving() | Danger():
            return "yes_no"
        case FewWords():
            return "open"
        case DoubtfulDigit() | Proving(state="asking"):
            return "digits"
        case Looking() | Proving():
            return "keys"
        case _:
            return None


def _collecting(place: Place, node: CollectNode) -> Listen:
    patient = place.manner.slow
    if node.kind != "digits":
        choices = offered.names(place, node) if node.kind == "name" else ()
        return Listen("value", kind=node.names_kind or node.kind, names=choices, secret=node.secret, patient=patient)
    # what does not fit the grammar is heard once more without it: "a person", "no, the other one"
    enough = node.longest if node.shortest == node.longest else None
    words = digit_words(place.language)
    return Listen("digits", words, True, "digits", (), node.secret, enough, patient)
