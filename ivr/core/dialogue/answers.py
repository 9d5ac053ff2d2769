"""What callers say: answers, corrections, new sentences."""

from __future__ import annotations

import re
from dataclasses import replace

from ivr.core.dialogue import as_it_is, deciding, digits, offered, saying, speaking, wording
from ivr.core.dialogue.answers_in_advance import not_offered, read_for, told_from_another
from ivr.core.dialogue.anytime import corrections, emergencies, ways_out, wishes
from ivr.core.dialogue.asking import Confirming, ConfirmingValue, Danger, FewWords, Leaving, Offering, OfferingPerson
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.questions import (
    another_day,
    call_back_number,
    collecting,
    menus,
    other_matter,
    reasons,
    remembering,
)
from ivr.core.dialogue.questions.denials import is_denied_by_name
from ivr.core.dialogue.questions.failing import failed
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, asked_before, enter, go_on, quiet
from ivr.core.dialogue.words.other_words import has_value, holds_number, is_dear, is_other, matter
from ivr.core.dialogue.words.yes_and_no import (
    begins_with_no,
    denied_at_once,
    ends_with_yes,
    is_yes_with_stray,
    yes_or_no,
)
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import AskNode, CollectNode, DecideNode, MenuNode, ProveNode
from ivr.core.flow.values import values_in


def words(world: World, place: Place, heard: Heard) -> Result:
    """One utterance, wherever the call is."""
    if place.busy:
        return place, ()
    alarmed = isinstance(place.asking, Danger)
    if wording.checks_line(heard.text, place.language) and not (place.greeted or alarmed):
        place, spoken = saying.say(world, replace(place, greeted=True), "std_still_here")
        return quiet(speaking.question(world, place, spoken))
    if (said := _inside(world, place, heard)) is not None:
        return said
    if place.implied and (corrected := _corrected(world, place, heard)) is not None:
        return corrected
    node = world.flow.nodes[place.node]
    valued = isinstance(node, CollectNode) and _is_valued(world, place, node, heard)
    match node:
        case CollectNode(kind="name") if (other := corrections.corrected(world, place, node, heard)) is not None:
            return other
        case CollectNode() if not valued and (
            called_back := call_back_number.on_this_one(world, place, node, heard)
            or call_back_number.keeps_wish(world, place, node, heard)
        ):
            return called_back
        case CollectNode() if not valued and (
            other := corrections.earlier(world, place, node, heard) or other_matter.followed(world, place, heard)
        ):
            return other
        case CollectNode() if _is_not_this(world, place, node, heard):
            return reasons.not_this(world, place, heard)
        case CollectNode() | ProveNode():
            return collecting.words(world, place, node, heard)
        case MenuNode():
            return menus.words(world, place, node, heard)
        case DecideNode():
            return deciding.decide(world, place, node, heard)
        case AskNode():
            return _asked(world, place, node, heard)
    return failed(world, place, heard.failure)


def _is_valued(world: World, place: Place, node: CollectNode, heard: Heard) -> bool:
    """Whether the answer to the question is in it, or is told from what is talked of: "the day after, then"."""
    if has_value(world, place, node, heard) or told_from_another(world, place, node, heard.text) is not None:
        return True
    said = heard.hypotheses or (Hypothesis(heard.text),)
    return node.usual is not None and as_it_is.stays(world, replace(place, words=said), node) is not None


def _is_not_this(world: World, place: Place, node: CollectNode, heard: Heard) -> bool:
    """Whether what is being talked about is denied, and no value given: "I'm not booking anything" at "Which day suits you?"."""
    return not has_value(world, place, node, heard) and is_denied_by_name(world, place, place.intent, heard)


def _inside(world: World, place: Place, heard: Heard) -> Result | None:
    """An answer to what is being asked inside a node; None where the node's own question waits."""
    match place.asking:
        case Offering():
            return _offered(world, place, place.asking, heard)
        case Confirming():
            return reasons.confirm(world, place, place.asking, heard)
        case ConfirmingValue():
            return _confirm_value(world, place, place.asking, heard)
        case FewWords():
            return ways_out.few_words(world, place, heard)
        case Danger(before, raised):
            if (
                emergencies.is_denied(world, place, heard)
                and (meant := _meant_instead(world, place, raised)) is not None
            ):
                return words(world, replace(place, asking=before), meant)
            # "no, I only want to know what a service costs"; "the third of December" is in no danger
            denied = emergencies.is_denied(world, place, heard) and matter(heard.understood, "sure", "confirm")
            if denied or _answers_before(world, place, heard):
                return words(world, replace(place, asking=before), heard)
            return emergencies.answer(world, place, heard)
        case Leaving():
            goes = yes_or_no(world, place, heard) or wording.only_goodbye(heard.text, place.language)
            if not goes and other_matter.is_plain(heard):  # "no, don't hang up, cancel my appointment"
                return words(world, replace(place, asking=None), heard)
            return wishes.left(world, place) if goes else asked_before(world, place)
        case OfferingPerson():
            offered = ways_out.answer(world, place, heard)
            return offered if offered is not None else words(world, replace(place, asking=None), heard)
    return None


def _meant_instead(world: World, place: Place, raised: Heard | None) -> Heard | None:
    """The sentence that raised the question about danger, for the matter that is in it: "I need it, it is an emergency"."""
    open_question = isinstance(world.flow.nodes[place.node], AskNode)
    if raised is None or raised.understood is None or not open_question:
        return None
    if matter(raised.understood, "sure") is None:
        return None  # "somebody has stolen my watch, he had a knife" is a little like a repair
    return replace(raised, understood=replace(raised.understood, wish=None))


def _answers_before(world: World, place: Place, heard: Heard) -> bool:
    """Whether it is, for sure, the day or the time that was asked for before somebody was thought to be in danger."""
    node = world.flow.nodes[place.node]
    if not isinstance(node, CollectNode) or (node.names_kind or node.kind) not in ("date", "time"):
        return False
    said = heard.hypotheses or (Hypothesis(heard.text),)
    danger = heard.understood is not None and heard.understood.wish == "emergency"
    return not danger and read_for(world, place, node, said, digits.SURE) is not None


def _asked(world: World, place: Place, node: AskNode, heard: Heard) -> Result:
    if node.nothing and wording.nothing_else(heard.text, place.language):
        return enter(world, replace(answered(place), asking=None), node.nothing)
    if heard.understood is None:
        return failed(world, place, heard.failure)
    sure = heard.understood.certainty == "sure"
    if not sure and node.nothing:
        told = another_day.asked(world, place, heard) or another_day.one_more(world, place, heard)
        if told is not None:
            return told
        if heard.understood.certainty == "none" and _begins_to_leave(world, place, heard.text):
            return wishes.grant(world, place, "drop", heard)
    if not place.greeted and wording.only_hello(heard.text, place.language):
        # "hello?" into the greeting is no answer, but no failure either: ask again, in other words
        return speaking.ask(world, replace(place, greeted=True), node.again if node.nothing else node.prompt)
    place = replace(place, hours=None)  # the afternoon was said of another matter
    if heard.understood.second:
        place = place.with_later(heard.understood.second)
    return reasons.understood(world, reasons.with_words(place, heard), node, heard.understood, unfit=heard.failure)


_ASKS_ON = re.compile(
    r"\b(?:but|need|want|wait|hang|hold|thing|question|can|could|would|what|when|where|how|why|who|do|does|is|are)\b|[但吗呢?？]|想|要|等"
)
"""What shows that a no was not all: "no, wait, there is one more thing"."""


def _begins_to_leave(world: World, place: Place, text: str) -> bool:
    """Whether "anything else?" has a no, and behind it what is nobody's matter: "no, I am off to the hospital"."""
    return begins_with_no(world, place, text) and _ASKS_ON.search(text.lower()) is None


def _corrected(world: World, place: Place, heard: Heard) -> Result | None:
    """A correction of what was said in passing: "no, the other one", "no, I want my money back". None: it is an answer."""
    node = world.flow.nodes[place.node]
    back = place.before
    if back is None or not isinstance(world.flow.nodes[back.node], AskNode):
        return None
    other = wording.wants_other(heard.text)
    said_no = other or yes_or_no(world, place, heard) is False
    answers = isinstance(node, DecideNode) or (isinstance(node, CollectNode) and has_value(world, place, node, heard))
    # an answer beside a no is a correction only where it is about another matter
    elsewhere = is_other(heard.understood, place.implied)
    no = other or (elsewhere and said_no if answers else elsewhere or said_no)
    if not no or (holds_number(world, place, node, heard) and matter(heard.understood, "sure") is None):
        return None
    assert place.implied
    asked = world.flow.nodes[back.node]
    assert isinstance(asked, AskNode)
    again = replace(
        place, node=back.node, asking=None, implied=None, intent=None, slots=back.slots, known=back.known,
        stack=back.stack, before=back.before, parts=(), denied=place.denied | {place.implied}, settled=back.settled,
    )  # fmt: skip
    if elsewhere and heard.understood:
        if not said_no:  # another sentence may have been misheard: only a no rules it out
            again = replace(again, denied=place.denied)
        return reasons.understood(world, reasons.with_words(again, heard), asked, heard.understood)
    return reasons.denied(world, again, asked)


def _confirm_value(world: World, place: Place, asking: ConfirmingValue, heard: Heard) -> Result:
    node = world.flow.nodes[place.node]
    assert isinstance(node, CollectNode)
    answer = yes_or_no(world, place, heard, dear=is_dear(world, place.intent))
    if answer is True or (answer is None and not heard.readings and ends_with_yes(world, place, heard.text)):
        return value_confirmed(world, place, node, asking.value, yes=True)
    if answer is None and is_yes_with_stray(world, place, heard.text) and not deciding.says_more(world, place, heard):
        return value_confirmed(world, place, node, asking.value, yes=True)
    kind = node.names_kind or node.kind
    if kind == "date":  # the "no" is the answer, and denies no day: "no, Saturday, I said"
        heard = wording.without_no(heard, place.language)
    said = heard.hypotheses or (Hypothesis(heard.text),)
    if world.reader and kind in ("date", "time", "phone") and not heard.readings:  # a yes or a no was listened for
        names = offered.names(place, node) if node.kind == "name" else ()
        if node.kind == "date":  # "I am busy on Monday, make it Tuesday" is the day after the Monday that was said back
            names = offered.days_around(world, asking.value)
        heard = replace(heard, readings=values_in(world.reader, kind, said, place.language, world.now, names))
    mended = world.reader.mended(kind, asking.value, heard.text, place.language) if world.reader else None
    if mended is not None:
        return collecting.say_back(world, place, mended)
    if is_denied_by_name(world, place, place.intent, heard):
        return reasons.not_this(world, place, heard)  # "I'm not booking anything"
    if [one.value for one in heard.readings[:1]] == [asking.value] and denied_at_once(world, place, heard.text):
        # "God, no, I only want to know whether you are open on Saturday" means no Saturday
        return other_matter.followed(world, place, heard, leaves=True) or value_confirmed(
            world, place, node, asking.value, yes=False
        )
    same = [one.value for one in heard.readings[:1]] == [asking.value]
    if same and answer is None and (news := other_matter.followed(world, place, heard)) is not None:
        return news  # "are you open on that Sunday?", where it was said back
    if has_value(world, place, node, heard):
        return collecting.words(world, replace(place, asking=None, parts=()), node, heard)
    if node.kind == "name" and not_offered(world, place, node, said) is not None:
        return collecting.words(world, replace(place, asking=None, parts=()), node, heard)  # "oh no, the ninth"
    if (other := corrections.earlier(world, place, node, heard)) is not None:
        return other
    if answer is None and kind == "date" and _of_hours(world, place, heard):
        # "the earliest in the morning" answers what is asked after the day
        return value_confirmed(world, reasons.with_words(place, heard), node, asking.value, yes=True)
    if answer is None:
        return other_matter.followed(world, place, heard) or failed(world, place, heard.failure)
    return value_confirmed(world, place, node, asking.value, yes=False)


def _of_hours(world: World, place: Place, heard: Heard) -> bool:
    """Whether something is said of the time of day."""
    reader, said = world.reader, heard.hypotheses or (Hypothesis(heard.text),)
    if reader is None:
        return False
    found = reader.read("time", said, place.language, world.now)
    same = wording.same_as_before("time", heard.text, place.language)
    return bool(found) or same or reader.window("time", heard.text, place.language, world.now) is not None


def value_confirmed(world: World, place: Place, node: CollectNode, value: str, *, yes: bool) -> Result:
    """Yes or no to a value that was said back."""
    if yes:
        if isinstance(place.asking, ConfirmingValue):
            place = replace(place, words=place.words or place.asking.said)
        checked = node.kind == "name" or node.check != "no"
        return collecting.take(world, place, node, value, "spoken", checked=checked)
    return failed(world, replace(place, asking=None), "no_match", say_so=False)


def _offered(world: World, place: Place, offer: Offering, heard: Heard) -> Result:
    answer = yes_or_no(world, place, heard, dear=True)
    if answer is not None:
        return remembering.remembered(world, place, offer, yes=answer)
    place = replace(place, asking=None)
    if offer.then_go_on and not matter(heard.understood, "sure"):
        return go_on(world, place)
    # no answer to that, then: perhaps one to the question before
    return words(world, place, heard)
