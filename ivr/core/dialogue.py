"""The dialogue engine: ``step(place, event) → (place, commands)``. Pure; the shell around it does the talking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from ivr.core import wording
from ivr.core.caller import Caller, Language
from ivr.core.card import Known
from ivr.core.flow import (
    AskNode,
    Choice,
    CollectNode,
    EndNode,
    Flow,
    MenuNode,
    RouteNode,
    SayNode,
    active_orders,
    holds,
    late_orders,
)  # fmt: skip
from ivr.core.intent import Understood
from ivr.core.messages import (
    Command,
    Event,
    HandOver,
    HangUp,
    Heard,
    KeyPressed,
    Listen,
    NoInput,
    Silence,
    Speak,
    Started,
)  # fmt: skip

PERSON_INTENT = "person"
"""The intent that means "a human, please"; an operator may give it phrases like any other."""
KEY_PERSON, KEY_REPEAT, KEY_LANGUAGE, KEY_END = "0", "*", "9", "#"
"""The keys that every question answers to; 0 and 9 are digits while digits are collected."""
Cause = Literal["understood", "confirmed", "key", "person", "repeat_call", "patience"]


@dataclass(frozen=True, slots=True)
class World:
    """What the dialogue may know and cannot change during a step."""

    flow: Flow
    caller: Caller
    hears: frozenset[Language]
    """The languages that can be recognised at this moment; the others are served by keys."""
    hours_since_unsolved: float | None = None
    """Hours since the caller's last phone contact that nobody called solved."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is in its dialogue: everything the engine remembers."""

    node: str
    language: Language
    failures: int = 0
    """Spent of the one budget of patience."""
    confirming: str | None = None
    """The intent that was said back and waits for yes or no."""
    denied: frozenset[str] = frozenset()
    """Intents the caller has said no to."""
    intent: str | None = None
    cause: Cause = "understood"
    understood: Understood | None = None
    known: tuple[Known, ...] = ()
    slots: tuple[tuple[str, str], ...] = ()
    keys: str = ""
    """Digits pressed so far for the slot being collected."""
    said: tuple[tuple[str, int], ...] = ()
    """How often each prompt was said, so that nobody hears the same variant twice in a row."""
    last: tuple[Speak, ...] = ()
    """What was said last, for "repeat"."""
    greeted: bool = False
    """Whether the caller has once said hello and nothing else."""
    over: bool = False


Result = tuple[Place, tuple[Command, ...]]


def begin(world: World) -> Place:
    """Where a call starts: in the caller's own language where that is known."""
    customer = world.caller.customer
    language = customer.language if customer and customer.language else world.flow.default_language
    return Place(world.flow.start, language)


def step(world: World, place: Place, event: Event) -> Result:
    """What follows from one event. A call that is over stays as it is."""
    if place.over:
        return place, ()
    match event:
        case Started():
            return _enter(world, place, place.node)
        case KeyPressed(digit):
            return _key(world, place, digit)
        case Heard():
            return _heard(world, place, event)
        case NoInput():
            return _collected(world, place, place.keys, "keys") if place.keys else _failed(world, place)
    assert_never(event)


# -- entering nodes ----------------------------------------------------------------------------------------------------


def _enter(world: World, place: Place, name: str, before: tuple[Speak, ...] = ()) -> Result:
    """Go to a node and through every node that does not wait; ``before`` is said first."""
    spoken = before
    for _ in range(len(world.flow.nodes) + 1):
        node = world.flow.nodes[name]
        place = replace(place, node=name, keys="", confirming=None)
        match node:
            case SayNode(say=choices):
                choice = _choose(world, choices)
                if choice:
                    place, speak = _speak(world, place, choice.prompt)
                    spoken += speak
                    if choice.when == "repeat_call":
                        place = replace(place, cause="repeat_call", intent=_last_unsolved_intent(world))
                name = (choice.next if choice else None) or node.next
            case AskNode() if place.language not in world.hears:
                name = node.menu
            case AskNode(prompt=prompt):
                return _wait(world, place, prompt, Listen("open"), spoken)
            case MenuNode():
                return _menu(world, place, node, spoken)
            case CollectNode(slot=slot) if slot in dict(place.slots):
                name = node.next
            case CollectNode() if (value := _from_records(node, world.caller)) is not None:
                place = _fill(place, node, value, "record", checked=True)
                name = node.next
            case CollectNode(prompt=prompt):
                return _wait(world, place, prompt, _digits(place.language), spoken)
            case RouteNode():
                return _route(world, place, node, spoken)
            case EndNode(prompt=prompt):
                place, speak = _speak(world, place, prompt)
                return replace(place, over=True), (*spoken, *_final(speak), HangUp())
            case _:
                assert_never(node)
    raise RecursionError(f"the dialogue goes in a circle at node {name!r} without ever waiting for the caller")


def _choose(world: World, choices: tuple[Choice, ...]) -> Choice | None:
    return next((c for c in choices if holds(c.when, world.caller, world.hours_since_unsolved)), None)


def _last_unsolved_intent(world: World) -> str | None:
    contact = next((c for c in world.caller.contacts if c.channel == "phone" and c.intent), None)
    return contact.intent if contact and contact.intent in world.flow.intents else None


def _wait(world: World, place: Place, prompt: str, listen: Listen, spoken: tuple[Speak, ...] = ()) -> Result:
    place, speak = _speak(world, place, prompt)
    said = (*spoken, *speak)
    return replace(place, last=said), (*said, listen)


def _menu(world: World, place: Place, node: MenuNode, spoken: tuple[Speak, ...]) -> Result:
    place, said = _speak(world, place, node.prompt)
    for intent in world.flow.keyed_intents():
        fields = {"key": intent.key or "", "title": intent.title[place.language]}
        place, option = _speak(world, place, node.option, fields)
        said += option
    said = spoken + said
    return replace(place, last=said), (*said, Listen("keys"))


def _route(world: World, place: Place, node: RouteNode, spoken: tuple[Speak, ...]) -> Result:
    person = place.intent in (None, PERSON_INTENT)
    place, speak = _speak(world, place, node.person if person else node.prompt)
    hand_over = HandOver(place.intent, node.queue, place.cause)
    return replace(place, over=True), (*spoken, *_final(speak), hand_over)


def _final(speak: tuple[Speak, ...]) -> tuple[Speak, ...]:
    """Last words cannot be cut: nothing is listened for any more."""
    return tuple(replace(s, barge_in=False) for s in speak)


def _speak(
    world: World, place: Place, name: str, fields: dict[str, str] | None = None
) -> tuple[Place, tuple[Speak, ...]]:
    """One prompt in the language of the call, in its next variant."""
    variants = world.flow.prompts[name].variants[place.language]
    counts = dict(place.said)
    variant = counts.get(name, 0) % len(variants)
    counts[name] = counts.get(name, 0) + 1
    values = {**wording.fields(world.caller, place.language), **dict(place.slots), **(fields or {})}
    if place.intent and place.intent in world.flow.intents:
        values.setdefault("title", world.flow.intents[place.intent].title[place.language])
    text = wording.fill(variants[variant], values)
    return replace(place, said=tuple(counts.items())), (Speak(name, variant, text, place.language),)


# -- keys --------------------------------------------------------------------------------------------------------------


def _key(world: World, place: Place, digit: str) -> Result:
    node = world.flow.nodes[place.node]
    if isinstance(node, CollectNode):
        return _collect_key(world, place, node, digit)
    if place.confirming and digit in "12":
        return _quiet(_answered(world, place, yes=digit == "1"))
    if digit == KEY_PERSON:
        return _to_person(world, replace(place, cause="person"))
    if digit == KEY_REPEAT:
        return place, (Silence(), *place.last, _listening(world, place))
    if digit == KEY_LANGUAGE:
        return _other_language(world, place)
    chosen = next((i for i in world.flow.keyed_intents() if i.key == digit), None)
    if chosen is None:
        return _failed(world, place, silence=True)
    place = replace(place, intent=chosen.name, cause="key", confirming=None)
    return _quiet(_go_on(world, place))


def _collect_key(world: World, place: Place, node: CollectNode, digit: str) -> Result:
    if digit == KEY_REPEAT:
        return replace(place, keys=""), (Silence(), *place.last, _listening(world, place))
    if digit == KEY_END:
        return _quiet(_collected(world, place, place.keys, "keys"))
    if not digit.isdigit():  # A to D, which hardly any telephone has
        return place, (Silence(),)
    place = replace(place, keys=place.keys + digit)
    if len(place.keys) < node.digits:
        return place, (Silence(),)
    return _quiet(_collected(world, place, place.keys, "keys"))


def _other_language(world: World, place: Place) -> Result:
    other: Language = "zh" if place.language == "en" else "en"
    place = replace(place, language=other, confirming=None)
    return _quiet(_enter(world, place, place.node))


def _quiet(result: Result) -> Result:
    """A key cuts what is being said."""
    place, commands = result
    return place, commands if commands[:1] == (Silence(),) else (Silence(), *commands)


# -- words -------------------------------------------------------------------------------------------------------------


def _heard(world: World, place: Place, heard: Heard) -> Result:
    node = world.flow.nodes[place.node]
    if place.confirming:
        return _confirm(world, place, heard)
    if isinstance(node, CollectNode):
        digits = wording.spoken_digits(heard.text, place.language)
        return _collected(world, place, digits, "spoken") if digits else _failed(world, place)
    if isinstance(node, MenuNode):
        digits = wording.spoken_digits(heard.text, place.language)
        return _key(world, place, digits) if len(digits) == 1 else _failed(world, place)
    if not isinstance(node, AskNode) or heard.understood is None:
        return _failed(world, place)
    return _understood(world, place, node, heard.understood)


def _understood(world: World, place: Place, node: AskNode, understood: Understood) -> Result:
    if not place.greeted and wording.only_hello(understood.text, place.language):
        # "hello?" into the greeting is no answer, but no failure either: ask again, in other words
        return _wait(world, replace(place, greeted=True), node.prompt, Listen("open"))
    guess = next((g for g in understood.guesses if g.intent not in place.denied), None)
    if understood.certainty == "none" or guess is None:
        return _failed(world, place)
    place = replace(place, understood=understood)
    if understood.certainty == "sure" and guess is understood.best:
        return _go_on(world, replace(place, intent=guess.intent, cause="understood"))
    place = replace(place, confirming=guess.intent)
    title = world.flow.intents[guess.intent].title[place.language]
    place, speak = _speak(world, place, node.confirm, {"title": title})
    return replace(place, last=speak), (*speak, _listening(world, place))


def _confirm(world: World, place: Place, heard: Heard) -> Result:
    answer = wording.yes_or_no(heard.text, world.flow.yes[place.language], world.flow.no[place.language])
    if answer is not None:
        return _answered(world, place, yes=answer)
    if heard.understood and heard.understood.certainty == "sure" and heard.understood.best:
        # neither yes nor no, but a whole new sentence: a correction, and worth more than the question
        node = world.flow.nodes[place.node]
        assert isinstance(node, AskNode)
        return _understood(world, replace(place, confirming=None), node, heard.understood)
    return _failed(world, place)


def _answered(world: World, place: Place, *, yes: bool) -> Result:
    assert place.confirming is not None
    if yes:
        return _go_on(world, replace(place, intent=place.confirming, cause="confirmed", confirming=None))
    place = replace(place, denied=place.denied | {place.confirming}, confirming=None, understood=None)
    return _failed(world, place)


def _collected(world: World, place: Place, digits: str, how: Literal["spoken", "keys"]) -> Result:
    node = world.flow.nodes[place.node]
    if not isinstance(node, CollectNode) or len(digits) != node.digits:
        return _failed(world, replace(place, keys=""))
    checked = node.check == "order" and digits in {order.id for order in world.caller.orders}
    if node.check == "order" and world.caller.known and not checked:
        return _failed(world, replace(place, keys=""))
    return _enter(world, _fill(place, node, digits, how, checked=checked), node.next)


# -- going on ----------------------------------------------------------------------------------------------------------


def _go_on(world: World, place: Place) -> Result:
    """The intent is settled: to its own node, or to where the question leads."""
    node = world.flow.nodes[place.node]
    intent = world.flow.intents[place.intent] if place.intent else None
    if intent and intent.name == PERSON_INTENT:
        return _to_person(world, replace(place, cause="person"))
    if intent and intent.node:
        return _enter(world, place, intent.node)
    assert isinstance(node, AskNode | MenuNode)
    return _enter(world, place, node.next)


def _failed(world: World, place: Place, *, silence: bool = False) -> Result:
    """One failure of the call's single budget: ask more narrowly, then by keys, then a person."""
    place = replace(place, failures=place.failures + 1, keys="")
    if place.failures >= world.flow.patience:
        return _to_person(world, replace(place, cause="patience", confirming=None))
    node = world.flow.nodes[place.node]
    match node:
        case AskNode() if place.failures >= 2:
            result = _enter(world, place, node.menu)
        case AskNode():
            result = _wait(world, replace(place, confirming=None), node.again, Listen("open"))
        case CollectNode():
            result = _wait(world, place, node.again, _digits(place.language))
        case MenuNode():
            result = _menu(world, place, node, ())
        case _:
            result = _enter(world, place, place.node)
    return _quiet(result) if silence else result


def _to_person(world: World, place: Place) -> Result:
    """The way out to a human: through the dialogue's route node, with what is known so far."""
    route = next((n for n in world.flow.nodes.values() if isinstance(n, RouteNode)), None)
    assert route is not None, "a flow without a route node is refused when it is loaded"
    place = replace(place, intent=place.intent if place.intent != PERSON_INTENT else None)
    return _quiet(_enter(world, place, route.name))


def _listening(world: World, place: Place) -> Listen:
    """What is waited for at this place."""
    node = world.flow.nodes[place.node]
    if place.confirming:
        answers = (*world.flow.yes[place.language], *world.flow.no[place.language])
        return Listen("yes_no", answers, otherwise_open=True)
    if isinstance(node, CollectNode):
        return _digits(place.language)
    return Listen("keys" if isinstance(node, MenuNode) else "open")


def _digits(language: Language) -> Listen:
    return Listen("digits", wording.digit_words(language))


def _from_records(node: CollectNode, caller: Caller) -> str | None:
    found = late_orders(caller) if node.known == "late_order" else active_orders(caller) if node.known != "no" else ()
    return found[0] if len(found) == 1 else None


def _fill(
    place: Place, node: CollectNode, value: str, how: Literal["spoken", "keys", "record"], *, checked: bool
) -> Place:
    known = Known(node.label, value, how, checked)
    return replace(place, slots=(*place.slots, (node.slot, value)), known=(*place.known, known), keys="")
