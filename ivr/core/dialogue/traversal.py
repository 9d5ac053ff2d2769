"""Going from node to node: through those that do not wait, to the one that does, or out of the dialogue."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ivr.core.card import Known
from ivr.core.dialogue import as_it_is, offered, own_choice, saying, speaking
from ivr.core.dialogue.answers_in_advance import (
    days_left_open,
    first_question,
    given_already,
    hours_left_open,
    leaves_open,
    left_open,
    not_offered,
    stays,
    to_say_back,
)
from ivr.core.dialogue.asking import Confirming, ConfirmingValue, Danger, Leaving, Looking, Proving
from ivr.core.dialogue.facts import cannot_be_called, true
from ivr.core.dialogue.from_records import argument, by_keys, from_records
from ivr.core.dialogue.messages import CallBack, HandOver, HangUp, LookUp, Prove, Silence, Speak
from ivr.core.dialogue.place import PERSON_INTENT, Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.flow.nodes import (
    AskNode,
    BranchNode,
    CallNode,
    Choice,
    CollectNode,
    DecideNode,
    EndNode,
    LookUpNode,
    MenuNode,
    Node,
    ProveNode,
    ReturnNode,
    RouteNode,
    SayNode,
)
from ivr.core.masking import MASK
from ivr.core.texts import text

ON_ONE_THING = 2
"""Failures on one question after which it is not asked again."""
ALSO = text("card.also")
KEYS_FIRST = "std_keys_first"
_ROUNDS = 3
"""How often each node may be passed through in one step before it is called a circle."""


def enter(world: World, place: Place, name: str, spoken: tuple[Speak, ...] = ()) -> Result:
    """Go to a node and through every node that does not wait; ``spoken`` is said first."""
    for _ in range(len(world.flow.nodes) * _ROUNDS):
        node = world.flow.nodes[name]
        place = replace(place, node=name, parts=(), asking=None, starred=False)
        if isinstance(node, CollectNode):
            place = left_open(world, place, node)
        passed = _pass(world, place, node)
        if passed is None:
            return _stay(world, place, node, spoken)
        place, name, said = passed
        spoken += said
    raise RecursionError(f"the dialogue goes in a circle at node {name!r} without ever waiting for the caller")


def _pass(world: World, place: Place, node: Node) -> tuple[Place, str, tuple[Speak, ...]] | None:
    """Where the call goes on from a node that it need not wait at; None where it must wait, or ends."""
    match node:
        case SayNode(say=choices):
            return _said(world, place, node, _choose(world, place, choices))
        case BranchNode(branches=branches):
            target = next((to for when, to in branches if true(world, place, when)), node.next)
            return place, target, ()
        case CallNode(call=call, next=back):
            return replace(place, stack=(*place.stack, back)), call, ()
        case ReturnNode() if place.stack:
            return replace(place, stack=place.stack[:-1]), place.stack[-1], ()
        case AskNode() if place.language not in world.hears or by_keys(world, place):
            place, told = _told(world, _settled(place, node))
            return place, node.menu, told
        case CollectNode() if stays(world, place, node):
            return place, node.next, ()
        case CollectNode(anew=False) if (value := from_records(world, node)) is not None:
            return fill(place, node, value, "record", checked=True), node.next, ()
        case CollectNode() if (ahead := _ahead(world, place, node)) is not None:
            return ahead
        case CollectNode() if node.kind == "name" and not offered.names(replace(place, narrowed=None), node):
            return place, node.otherwise or node.next, ()
        case DecideNode(consent=True) if not world.asks_consent or place.consent is not None:
            return place, node.yes if place.consent else node.no, ()
        case ProveNode() if place.proved:
            return place, node.next, ()
        case ProveNode() if not world.caller.known:
            return place, node.failed, ()
        case _:
            return None


def _ahead(world: World, place: Place, node: CollectNode) -> tuple[Place, str, tuple[Speak, ...]] | None:
    """Where a question leads that need not be put: it was answered, is left to us, or days are offered first."""
    if (given := given_already(world, place, node)) is not None:
        if node.usual and (hours := as_it_is.hours_then(place, first_question(world, node.next))) is not None:
            place = replace(place, hours=hours, words=())  # "a bit later" is of the time of now, and no time itself
        return fill(place, node, given.value, given.how, checked=given.checked), node.next, ()
    there = days_left_open(world, place, node) if node.offer else None
    return (there, node.offer, ()) if there and node.offer else None


def _said(world: World, place: Place, node: SayNode, choice: Choice | None) -> tuple[Place, str, tuple[Speak, ...]]:
    if choice is None:
        return place, node.next, ()
    said: tuple[Speak, ...] = ()
    if choice.prompt:
        place, said = saying.say(world, place, choice.prompt)
    return place, choice.next or node.next, said


def _choose(world: World, place: Place, choices: tuple[Choice, ...]) -> Choice | None:
    return next((c for c in choices if true(world, place, c.when)), None)


def _told(world: World, place: Place) -> tuple[Place, tuple[Speak, ...]]:
    """Say once why there are only keys, where that is not the caller's own wish."""
    if not world.crowded or by_keys(world, place) or KEYS_FIRST in dict(place.said):
        return place, ()
    return saying.say(world, place, KEYS_FIRST)


def _stay(world: World, place: Place, node: Node, spoken: tuple[Speak, ...]) -> Result:
    """Put the question of a node, start its work, or leave the dialogue by it."""
    match node:
        case AskNode():
            place = _settled(place, node)
            if (later := speaking.come_to(place, node)) is not None:
                place = replace(place, words=later.words, asking=Confirming(later.intent, second=True))
                return speaking.question(world, place, spoken)
            if suggested := speaking.suggestion(world, place, node):
                return speaking.question(world, replace(place, asking=suggested), spoken)
            return speaking.ask(world, place, node.prompt, spoken)
        case MenuNode():
            return speaking.menu(world, place, node, spoken)
        case CollectNode() | DecideNode():
            return _put(world, place, node, spoken)
        case LookUpNode():
            return _look_up(world, place, node, spoken)
        case ProveNode():
            return prove(world, place, node, spoken)
        case RouteNode():
            return _route(world, place, node, spoken)
        case EndNode(call_back=True) if (instead := cannot_be_called(world, place, node)) is not None:
            return enter(world, place, instead, spoken)
        case EndNode(prompt=prompt, call_back=True, queue=queue):
            number = place.values().get(node.number) if node.number else None
            place, speak = saying.say(world, place, prompt)
            wanted = CallBack(HandOver(place.intent, queue, place.cause, place.troubles), number)
            return replace(place, over=True), (*_final(spoken), *_final(speak), wanted, HangUp())
        case EndNode(prompt=prompt):
            place, speak = saying.say(world, place, prompt)
            return replace(place, over=True), (*_final(spoken), *_final(speak), HangUp())
        case ReturnNode():
            # a piece that nobody called: there is nowhere to come back to, so a person it is
            return to_person(world, place)
        case SayNode() | BranchNode() | CallNode():
            raise AssertionError(f"node {node.name!r} does not wait")
    assert_never(node)


def _settled(place: Place, node: AskNode) -> Place:
    """Where "anything else?" is asked, the matter before it is dealt with."""
    if node.nothing and place.intent:
        former = frozenset(dict(place.slots))
        return replace(place, settled=(*place.settled, place.intent), former=former, visits=(), hours=None)
    return place


def _put(world: World, place: Place, node: CollectNode | DecideNode, spoken: tuple[Speak, ...]) -> Result:
    """Put a question; one that the dialogue comes to for the third time is a matter for somebody else."""
    doubted = to_say_back(world, place, node) if isinstance(node, CollectNode) else None
    visits = dict(place.visits)
    visits[node.name] = visits.get(node.name, 0) + 1
    place = replace(place, visits=tuple(visits.items()))
    if isinstance(node, CollectNode) and node.kind == "name" and not offered.names(place, node):
        place, told = saying.say(world, replace(place, narrowed=None), "std_none_of_that")
        spoken += told
    if (
        isinstance(node, CollectNode)
        and not node.own
        and not leaves_open(world, place, node)
        and (value := not_offered(world, place, node, place.words)) is not None
    ):
        place, told = saying.say(world, place, "std_not_offered", saying.value_field(world, place, node, value))
        spoken += told
    if isinstance(node, CollectNode) and node.confirm != "never" and doubted is not None:
        place = replace(place, asking=ConfirmingValue(doubted, place.words), hours=hours_left_open(world, place))
        return speaking.question(world, place, spoken)
    if isinstance(node, DecideNode) and (day := own_choice.named_in_vain(world, place, node)) is not None:
        place, told = saying.say(world, place, "std_none_there", saying.day_field(world, place, day))
        spoken += told
    if visits[node.name] <= ON_ONE_THING:
        return speaking.ask(world, place, node.prompt, spoken)
    if node.otherwise and node.otherwise != node.name:
        return enter(world, place, node.otherwise, spoken)
    return to_person(world, replace(place, cause="patience"), spoken)


def _look_up(world: World, place: Place, node: LookUpNode, spoken: tuple[Speak, ...]) -> Result:
    place = replace(place, ids=place.ids + 1, asking=Looking(place.ids + 1))
    lookup = world.flow.lookups[node.lookup]
    args = tuple((name, argument(world, place, name)) for name in lookup.takes)
    place, commands = speaking.wait(world, place, spoken, keep_last=not spoken)
    return place, (*commands, LookUp(place.ids, node.lookup, args))


def prove(
    world: World, place: Place, node: ProveNode, spoken: tuple[Speak, ...] = (), after: str | None = None
) -> Result:
    """Begin with the first method of proof, or with the one behind ``after``; without one the proof has failed."""
    left = node.methods[node.methods.index(after) + 1 :] if after in node.methods else node.methods
    if not left:
        return enter(world, place, node.failed, spoken)
    place = replace(place, ids=place.ids + 1, parts=(), asking=Proving(place.ids + 1, left[0], "preparing"))
    place, commands = speaking.wait(world, place, spoken, keep_last=not spoken)
    return place, (*commands, Prove(place.ids, left[0]))


def _route(world: World, place: Place, node: RouteNode, spoken: tuple[Speak, ...]) -> Result:
    person = place.intent in (None, PERSON_INTENT)
    if also := [one for one in place.pending if one.again or one.intent not in (place.intent, *place.settled)]:
        titles = ", ".join(world.flow.intents[one.intent].title[place.language] for one in also)
        place = place.with_known(Known(ALSO, titles, "spoken", checked=False))
    queue = world.flow.queue_or_net(node.queue or world.flow.queue_of(place.intent))
    fields = {"queue": queue.title[place.language]}
    place, speak = saying.say(world, place, node.person if person else node.prompt, fields)
    hand_over = HandOver(place.intent, node.queue, place.cause, place.troubles)
    return replace(place, over=True), (*_final(spoken), *_final(speak), hand_over)


def _final(speak: tuple[Speak, ...]) -> tuple[Speak, ...]:
    """Last words cannot be cut: nothing is listened for any more."""
    return tuple(replace(s, barge_in=False) for s in speak)


# -- going on, and ways out --------------------------------------------------------------------------------------------


def answered(place: Place) -> Place:
    """The question at this place is answered: what went wrong with it is forgiven, should it ever come again."""
    here = tuple((node, count) for node, count in place.here if node != place.node)
    return replace(place, here=here, commands=0, starred=False)


def go_on(world: World, place: Place, spoken: tuple[Speak, ...] = ()) -> Result:
    """The intent is settled: to its own node, or to where the question leads."""
    node = world.flow.nodes[place.node]
    intent = world.flow.intents[place.intent] if place.intent else None
    place = replace(answered(place), asking=None, denied=frozenset())
    if intent and intent.name == PERSON_INTENT:
        return to_person(world, replace(place, cause="person"))
    if intent and intent.node:
        return enter(world, place, intent.node, spoken)
    assert isinstance(node, AskNode | MenuNode)
    return enter(world, place, node.next, spoken)


def to_person(world: World, place: Place, spoken: tuple[Speak, ...] = ()) -> Result:
    """The way out to a human, with what is known so far."""
    routes = (n for n in world.flow.nodes.values() if isinstance(n, RouteNode))
    name = world.flow.person or next(routes).name  # a flow without a route node is refused when it is read
    place = replace(place, intent=place.intent if place.intent != PERSON_INTENT else None, implied=None, stack=())
    return quiet(enter(world, place, name, spoken))


def asked_before(world: World, place: Place) -> Result:
    """What was asked in between (danger, the end of the call) is denied, or not answered: the question that waited."""
    before = place.asking.before if isinstance(place.asking, Leaving | Danger) else None
    return quiet(speaking.question(world, replace(place, asking=before)))


def quiet(result: Result) -> Result:
    """Cut what is being said."""
    place, commands = result
    return place, commands if commands[:1] == (Silence(),) else (Silence(), *commands)


def fill(place: Place, node: CollectNode, value: str, how: str, *, checked: bool) -> Place:
    """Put a value into its slot and onto the agent's list of what need not be asked; a secret one only into the slot."""
    number = "" if value == place.number else place.number
    narrowed = None if place.left_open(node.slot) else place.narrowed
    place = replace(place.with_slot(node.slot, value), parts=(), number=number, narrowed=narrowed)
    shown = MASK if node.secret else value
    known = Known(node.label, shown, how, checked)  # type: ignore[arg-type]  # callers give one of the four ways
    return place.with_known(known)
