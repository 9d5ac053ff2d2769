"""Values: digits from speech and keys together, dates, amounts, names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ivr.core.dialogue import as_it_is, digits, offered, own_choice, saying, speaking, wording
from ivr.core.dialogue.answers_in_advance import LIKELY, as_before, hours_left_open, not_offered, told_from_another
from ivr.core.dialogue.asking import ConfirmingValue, DoubtfulDigit
from ivr.core.dialogue.messages import FailureKind, Heard, KeyPressed, NoInput, Silence
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.questions import narrowing, proving
from ivr.core.dialogue.questions.failing import failed
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, fill, quiet
from ivr.core.dialogue.words.digit_limits import possible
from ivr.core.dialogue.words.other_words import digits_in
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import BranchNode, CollectNode, DecideNode, ProveNode
from ivr.core.flow.values import Reading

KEY_END = "#"
_FEW = 4
"""Branches that are looked over."""
MOST_NOT_OFFERED = 4
"""Times that a caller is told that what they want is not among what can be had."""


# -- keys --------------------------------------------------------------------------------------------------------------


def key(world: World, place: Place, node: CollectNode | ProveNode, pressed: KeyPressed) -> Result:
    """One key of an answer; ``#`` ends it, the last digit that fits ends it too."""
    if pressed.digit == KEY_END:
        return quiet(_given(world, place, node)) if place.parts else quiet(failed(world, place, "no_input"))
    if not pressed.digit.isdigit():  # A to D, which hardly any telephone has
        return place, (Silence(),)
    if isinstance(node, CollectNode) and node.kind == "name":
        return quiet(_chosen(world, place, node, int(pressed.digit)))
    if isinstance(place.asking, DoubtfulDigit):
        return quiet(_doubt_resolved(world, place, node, pressed.digit, "keys"))
    place = replace(place, parts=_with_key(place.parts, pressed.digit))
    if sum(len(part.options[0][0]) for part in place.parts) < possible(world, place, node).longest:
        return place, (Silence(),)
    return quiet(_given(world, place, node))


def typed(world: World, place: Place, node: CollectNode, given: str) -> Result:
    """A whole answer by keys."""
    return quiet(_given(world, replace(place, parts=(digits.keys(given),)), node))


def _with_key(parts: Sequence[digits.Part], digit: str) -> tuple[digits.Part, ...]:
    if parts and parts[-1].keys:
        return (*parts[:-1], digits.keys(parts[-1].options[0][0] + digit))
    return (*parts, digits.keys(digit))


def _chosen(world: World, place: Place, node: CollectNode, number: int) -> Result:
    choices = offered.names(place, node)
    if not 1 <= number <= len(choices):
        return failed(world, place, "no_match")
    return take(world, place, node, choices[number - 1], "keys", checked=True)


# -- words -------------------------------------------------------------------------------------------------------------


def words(world: World, place: Place, node: CollectNode | ProveNode, heard: Heard) -> Result:
    """An utterance where a value is asked for."""
    if isinstance(node, CollectNode) and node.kind != "digits":
        return _value_words(world, place, node, heard)
    hypotheses = heard.hypotheses or (Hypothesis(heard.text),)
    part = digits.said((one.value, one.share) for one in _of_that_length(world, place, node, hypotheses))
    if part is None:
        return failed(world, place, heard.failure, tried=not isinstance(node, ProveNode))
    if isinstance(place.asking, DoubtfulDigit):
        one = next((d for d, _ in part.options if len(d) == 1), None)
        if one:
            return _doubt_resolved(world, place, node, one, "spoken")
        place = replace(place, asking=None, parts=())  # they said the whole number again
    place = replace(place, parts=_in_order(place.parts, part, heard.keys_before))
    too_short = isinstance(digits.judge(place.parts, possible(world, place, node)), digits.TooShort)
    if too_short and len(place.parts) == 1 and _doubted(place.parts):
        return failed(world, replace(place, parts=()), heard.failure)  # "baker street twelve" is the beginning of none
    if too_short:
        # people pause between groups: wait for the rest, without a word
        return speaking.wait(world, place, (), keep_last=True)
    return _given(world, place, node)


def _value_words(world: World, place: Place, node: CollectNode, heard: Heard) -> Result:
    """A day, a time, a name or another value, with what is said beside it of the next question or the one before."""
    # "Thursday at eleven" answers the next question, too; "the second one" does not
    said = heard.hypotheses or (Hypothesis(heard.text),)
    mine = own_choice.meant(world, place, node, said) if node.own else offered.pointed_at(place, node, heard.text)
    if node.own and mine is None and place.intent and own_choice.all_meant(heard.text, place.language):
        # one after the other, each with a yes of its own
        mine, place = offered.names(place, node)[0], place.with_later(place.intent, again=True)
    if mine is not None:
        return take(world, place, node, mine, "spoken", checked=True)
    by_place = world.reader.placed(said, place.language, offered.names(place, node)) if world.reader else ()
    # the afternoon of "Monday afternoon" stays when it is Tuesday, rather
    place = replace(place, hours=hours_left_open(world, place), words=() if by_place else said)
    if node.usual and as_it_is.stays(world, place, node) is not None:  # "same day, but later"
        return quiet(enter(world, replace(place, asking=None), node.name))
    if (day := told_from_another(world, place, node, heard.text)) is not None:
        other = node if node.kind == "date" or day in offered.names(place, node) else None
        there = take(world, place, other, day, "spoken", checked=False) if other else _another(world, place, node, day)
        if there is not None:
            return there
    if (before := as_before(world, place, node, heard.text)) is not None:
        if node.kind != "name" or before in offered.names(place, node):
            return take(world, place, node, before, "spoken", checked=node.kind == "name")
        return cannot_be_had(world, place, node, before)
    best = heard.readings[0] if heard.readings and heard.readings[0].share >= digits.SURE else None
    if (open_ := narrowing.narrowed(world, place, node, heard, best.value if best else None)) is not None:
        return open_
    often = dict(place.visits).get(node.name, 0) > MOST_NOT_OFFERED
    value = None if often or heard.readings else not_offered(world, place, node, said)
    if value is not None and value in offered.names(replace(place, narrowed=None), node):
        # by its name it is meant, whatever was said before
        return take(world, replace(place, narrowed=None), node, value, "spoken", checked=True)
    if value is not None:
        return _another(world, place, node, value) or cannot_be_had(world, place, node, value)
    return _read(world, place, node, heard.readings, "spoken", heard.failure)


def _of_that_length(
    world: World, place: Place, node: CollectNode | ProveNode, hypotheses: Sequence[Hypothesis]
) -> tuple[Reading, ...]:
    """What was said, without the readings that are too long where one of the right length is among them."""
    found = digits_in(world, place, hypotheses)
    limits = possible(world, place, node)
    whole = tuple(one for one in found if limits.shortest <= len(one.value) <= limits.longest)
    return tuple(one for one in found if len(one.value) <= limits.longest) if whole and not place.parts else found


def _another(world: World, place: Place, node: CollectNode, value: str) -> Result | None:
    """A value beside those that were offered, where any may be given: "on the fifteenth", where three days were read out."""
    other = world.flow.nodes.get(node.none or "")
    if not isinstance(other, CollectNode) or (other.slot, other.kind) != (node.slot, node.names_kind):
        return None
    return take(world, place, other, value, "spoken", checked=False)


def cannot_be_had(world: World, place: Place, node: CollectNode, value: str) -> Result:
    """A value that was understood and is not among what can be had is told so, and what can be is read out once more."""
    visits = dict(place.visits)
    visits[node.name] = visits.get(node.name, 0) + 1
    place, told = saying.say(
        world,
        replace(place, visits=tuple(visits.items())),
        "std_not_offered",
        saying.value_field(world, place, node, value),
    )
    return speaking.ask(world, place, node.again, told)


def _in_order(parts: tuple[digits.Part, ...], part: digits.Part, keys_before: int | None) -> tuple[digits.Part, ...]:
    """Put what was said where it belongs among the keys pressed: speech is recognised later than a key is reported."""
    if keys_before is None or not parts or not parts[-1].keys:
        return (*parts, part)
    pressed = parts[-1].options[0][0]
    before = max(0, keys_before - sum(len(p.options[0][0]) for p in parts[:-1] if p.keys))
    first = (digits.keys(pressed[:before]),) if before else ()
    rest = (digits.keys(pressed[before:]),) if pressed[before:] else ()
    return (*parts[:-1], *first, part, *rest)


def nothing_more(world: World, place: Place, node: CollectNode | ProveNode, event: NoInput) -> Result:
    """Silence ends an answer that was begun."""
    if place.parts:
        return _given(world, place, node)
    return failed(world, place, event.failure)


# -- what it comes to --------------------------------------------------------------------------------------------------


def _given(world: World, place: Place, node: CollectNode | ProveNode) -> Result:
    if isinstance(node, ProveNode):
        return proving.given(world, place)
    if node.kind != "digits":
        typed = "".join(part.options[0][0] for part in place.parts)
        reader = world.reader
        readings = reader.read(node.kind, (Hypothesis(typed),), place.language, world.now) if reader else ()
        return _read(world, replace(place, parts=()), node, readings, "keys", "no_match")
    limits = possible(world, place, node)
    verdict = digits.judge(place.parts, limits)
    if isinstance(verdict, digits.Impossible) and len(place.parts) > 1:
        verdict = digits.judge(place.parts[-1:], limits)  # perhaps they began again from the front
    if node.secret and not isinstance(verdict, digits.Taken):
        # half a secret is not said aloud, into a room where others may stand
        return failed(world, place, "no_input" if isinstance(verdict, digits.TooShort) else "no_match")
    match verdict:
        case digits.Taken(value, checked, spoken):
            checked = checked or node.check not in ("no", "order")
            doubted = node.confirm != "never" and not checked and _doubted(place.parts)
            if (doubted or node.confirm == "always") and spoken and not node.secret:
                return say_back(world, place, value)
            return take(world, place, node, value, "spoken" if spoken else "keys", checked=checked)
        case digits.Unsure(value):
            if node.confirm == "never":
                return take(world, place, node, value, "spoken", checked=False)
            return say_back(world, place, value)
        case digits.Doubtful(value, position, likely):
            return _ask_digit(world, place, DoubtfulDigit(value, position, likely))
        case digits.TooShort(value):
            return _more(world, place, value)
        case digits.Impossible():
            return failed(world, place, "no_match")


def _clear(parts: Sequence[digits.Part]) -> bool:
    return all(part.keys or part.options[0][1] >= digits.SURE for part in parts)


def _doubted(parts: Sequence[digits.Part]) -> bool:
    """Whether something stood around what was said that may change it."""
    return any(sum(share for _, share in part.options) < digits.SURE for part in parts)


def _more(world: World, place: Place, so_far: str) -> Result:
    """Part of a number: what is there is kept and the rest asked for, which costs one failure like any other."""
    result, commands = failed(world, place, "no_input", say_so=False)
    if result.over or result.node != place.node or not _clear(place.parts):
        return result, commands
    there, speak = saying.say(world, replace(result, parts=place.parts), "std_more_digits", {"digits": so_far})
    return speaking.wait(world, there, speak)


def say_back(world: World, place: Place, value: str) -> Result:
    """Ask whether it is this value."""
    hours = hours_left_open(world, place)  # for when it is a day, and times come next
    return speaking.question(world, replace(place, parts=(), hours=hours, asking=ConfirmingValue(value, place.words)))


def _ask_digit(world: World, place: Place, doubt: DoubtfulDigit) -> Result:
    return speaking.question(world, replace(place, parts=(), asking=doubt))


def _doubt_resolved(world: World, place: Place, node: CollectNode | ProveNode, digit: str, how: str) -> Result:
    assert isinstance(place.asking, DoubtfulDigit) and isinstance(node, CollectNode)
    whole = place.asking.digits.replace("?", digit)
    limits = possible(world, place, node)
    verdict = digits.judge((digits.keys(whole),), limits)
    if not isinstance(verdict, digits.Taken):
        return failed(world, replace(place, asking=None), "no_match")
    return take(world, place, node, whole, how, checked=verdict.checked)


def _read(
    world: World, place: Place, node: CollectNode, readings: Sequence[Reading], how: str, kind: FailureKind
) -> Result:
    if node.kind == "name":
        choices = offered.names(place, node)
        readings = [reading for reading in readings if reading.value in choices]
    if not readings:
        return failed(world, place, kind)
    best = readings[0]
    sure = how == "keys" or best.share >= digits.SURE
    if node.secret and not sure:
        return failed(world, place, "no_match")
    # "Shall I book Monday at nine?" says it back as well
    sure = sure or (node.kind == "name" and best.share >= LIKELY and _is_said_back_next(world, node))
    if node.confirm == "never" or node.secret or (node.confirm == "doubtful" and sure):
        return take(world, place, node, best.value, how, checked=node.kind == "name")
    return say_back(world, place, best.value)


def _is_said_back_next(world: World, node: CollectNode) -> bool:
    """Whether the question that follows at once is a yes-or-no that names this value."""
    names = [node.next]
    for name in names:
        match world.flow.nodes.get(name):
            case BranchNode(branches=branches, next=following) if len(names) < _FEW:
                names += [*(to for _, to in branches), following]
            case DecideNode(prompt=prompt):
                texts = [text for texts in world.flow.prompts[prompt].variants.values() for text in texts]
                if not all(node.slot in wording.field_names(text) for text in texts):
                    return False
            case _:
                return False
    return True


def take(world: World, place: Place, node: CollectNode, value: str, how: str, *, checked: bool) -> Result:
    """The value is settled."""
    place = replace(answered(place), asking=None, implied=None)
    return enter(world, fill(place, node, value, how, checked=checked), node.next)
