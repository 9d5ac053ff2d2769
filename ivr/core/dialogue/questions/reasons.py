"""The reason for the call: what was understood, said in passing or said back, agreed to or denied."""

from __future__ import annotations

import re
from dataclasses import replace

from ivr.core.dialogue import own_choice, saying, speaking, wording
from ivr.core.dialogue.answers_in_advance import answers_ahead, first_question, hours_left_open
from ivr.core.dialogue.asking import Confirming, FewWords
from ivr.core.dialogue.messages import FailureKind, Heard
from ivr.core.dialogue.place import PERSON_INTENT, Place, World
from ivr.core.dialogue.questions.denials import denies_it, is_denied_by_name
from ivr.core.dialogue.questions.failing import failed
from ivr.core.dialogue.questions.likelier import BY_DAY_FROM, with_callers_history
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, go_on, to_person
from ivr.core.dialogue.words import yes_and_no
from ivr.core.dialogue.words.denied_matter import rebukes
from ivr.core.dialogue.words.other_words import OTHER_FROM, is_dear, is_other
from ivr.core.flow.intent import Hypothesis, Understood
from ivr.core.flow.nodes import AskNode, CollectNode, DecideNode, LookUpNode

_BEGINS_WITH_NO = re.compile(r"(?:(?:well|oh|but|er|um),? )*(?:no|nah|not|nope)\b|(?:哎|啊|哦)?不")
IMPLIED_AT, LOOKED_UP_AT = 0.5, 0.95
"""Probabilities from which an intent of middling certainty is only said in passing: before a question, and before a look-up.

Of guesses from 0.95 on, 98 % are right, and 94 % with every seventh word misheard (``ivr.bench.simulated_day.hearing``).
"""
NAMED_FROM = 0.9
"""Probability from which a matter that was denied is asked about once more."""
PERSON_FROM = 0.35
"""Probability from which somebody is taken to want a person."""
AGAIN_AT, MUCH_RATHER = 0.2, 0.6
"""Probabilities of the matter that was asked about, and of another, between which an answer goes on with the first."""
TALKS_ON = 4
"""Words (Chinese: characters) of a sentence that is more than a mumble."""
OTHER_AT = 0.15
"""Probability from which the second guess is offered when the first was denied."""


def with_words(place: Place, heard: Heard) -> Place:
    """The place with the sentence that leads on from it."""
    return replace(place, words=heard.hypotheses or (Hypothesis(heard.text),))


def understood(
    world: World, place: Place, node: AskNode, said: Understood, *, unfit: FailureKind = "no_match"
) -> Result:
    """A reason for calling, or something that may be one; history is added, and what was denied is out."""
    said = with_callers_history(world, place, said)
    # what they have said no to is not asked about again because of a likeness
    alike = {g.intent for g in said.guesses if g.confidence < IMPLIED_AT and said.certainty != "sure"} & place.declined
    if said.best and _BEGINS_WITH_NO.match(said.text.lower()) and denies_it(world, place, said.best.intent, said.text):
        alike = alike | {said.best.intent}  # "no, not the price" is about something else
    # the rest of a plain sentence is too little to be asked about instead
    least = OTHER_AT if said.best and said.best.intent in place.denied else 0.0
    guess = next((g for g in said.guesses if g.intent not in place.denied | alike and g.confidence >= least), None)
    plain = said.best is not None and (said.certainty == "sure" or said.best.confidence >= NAMED_FROM)
    if guess is None and plain and said.best and said.best.intent in place.denied:
        guess = said.best  # who says for sure what they were understood to deny is asked once more
    if said.certainty == "none" or guess is None or (guess.intent == PERSON_INTENT and guess.confidence < PERSON_FROM):
        return failed(world, place, unfit)
    place = replace(place, understood=said)
    intent = world.flow.intents[guess.intent]
    if guess.intent in place.denied:
        return speaking.question(world, replace(place, asking=Confirming(guess.intent)))
    if said.certainty == "sure" and guess is said.best and (intent.cost == "low" or intent.name == PERSON_INTENT):
        return go_on(world, replace(place, intent=guess.intent, cause="understood", asking=None))
    if intent.cost == "low" and guess.confidence >= IMPLIED_AT and guess is said.best:
        result = _in_passing(world, place, guess.intent, guess.confidence)
        if result is not None:
            return result
    if intent.name == PERSON_INTENT:  # nothing is lost by asking what it is about instead
        asks = replace(place, cause="person", asking=FewWords(), few_words=True)
        return to_person(world, place) if place.few_words else speaking.question(world, asks)
    return speaking.question(world, replace(place, asking=Confirming(guess.intent)))


def _in_passing(world: World, place: Place, intent: str, confidence: float) -> Result | None:
    """Say what was understood inside the next question; None where there is no next question to correct it at.

    A look-up that changes nothing needs none where the guess is good: what follows is news, or asks before it acts.
    """
    if intent == PERSON_INTENT:
        return None
    there = replace(place, intent=intent, cause="understood", implied=intent, asking=None)
    said_place, spoken = saying.say(world, there, "std_implied")
    result, commands = go_on(world, said_place, spoken)
    # what ends in "anything else?" was only a piece of news: a wrong guess costs a sentence, and no question
    node = world.flow.nodes[result.node]
    if isinstance(node, AskNode) and not result.over:
        return replace(result, implied=None), commands
    looks_up = isinstance(node, LookUpNode) and not world.flow.lookups[node.lookup].writes
    if looks_up and confidence >= LOOKED_UP_AT:
        return replace(result, implied=None), commands
    if result.over or result.implied is None or not isinstance(node, CollectNode | DecideNode):
        return None
    return result, commands


def confirm(world: World, place: Place, asking: Confirming, heard: Heard) -> Result:
    """An answer to an intent that was said back: yes, no, or a whole new sentence."""
    node = world.flow.nodes[place.node]
    assert isinstance(node, AskNode)
    found = yes_and_no.answered(world, place, heard)
    answer = found.meant if found.plain or not is_dear(world, asking.intent) else None
    certainty = heard.understood.certainty if heard.understood else "none"
    best = heard.understood.best if heard.understood else None
    if answer is False and heard.understood and certainty == "none":
        # "no, something else, I fancy coming round tomorrow": what stands beside the no may be made out by the rest that is known
        known = with_callers_history(world, replace(place, declined=place.declined | {asking.intent}), heard.understood)
        certainty, best = known.certainty, known.best
    other = best is not None and best.intent != asking.intent and (certainty == "sure" or best.confidence >= OTHER_FROM)
    if answer is False and certainty != "none" and not found.plain:
        answer = None  # "it has not arrived" has a "not", and is what it says rather than a no
    if (
        asking.suggested is not None
        and not place.greeted
        and answer is None
        and wording.only_hello(heard.text, place.language)
    ):
        return speaking.question(world, replace(place, greeted=True))
    if found.meant is None and is_denied_by_name(world, place, asking.intent, heard):
        return _denied_by_name(world, place, asking, heard)
    if (said := _named_or_rebuked(world, place, asking, heard, found.meant)) is not None:
        return said
    if answer is None and node.nothing and wording.nothing_else(heard.text, place.language):
        return enter(world, replace(answered(place), asking=None), node.nothing)
    # "I don't want to cancel it" names the matter, too, and has a denial
    if found.meant is None and not is_dear(world, asking.intent) and _agrees(world, place, heard, asking):
        heard_so = heard.understood and with_callers_history(world, place, heard.understood)
        if _holds_the_next(world, place, heard, asking):
            place = _with_both(world, place, heard, asking)
        return confirmed(world, replace(place, understood=heard_so or place.understood), asking, yes=True)
    # a yes, if half a one, before another matter that is sure: "I suppose so, and where is my parcel"
    yes_first = certainty == "sure" and yes_and_no.begins_with_yes(world, place, heard.text, weak=True)
    if answer is None and best is not None and other and yes_first:
        return confirmed(world, place.with_later(best.intent), asking, yes=True)
    if answer is None or (answer is False and other and certainty != "none"):
        # a whole new sentence is worth more than the question; with a "no" before it, it is a correction
        if heard.understood and (certainty == "sure" or (certainty == "confirm" and (other or asking.own_idea))):
            plain = replace(place, asking=None)
            if answer is False:
                plain = replace(plain, denied=plain.denied | {asking.intent})
            return understood(world, with_words(plain, heard), node, heard.understood)
        if answer is None and not yes_and_no.begins_with_no(world, place, heard.text):
            return _gone_on(world, place, asking, heard) or failed(world, place, heard.failure)
    return confirmed(world, place, asking, yes=answer is True)


def _named_or_rebuked(
    world: World, place: Place, asking: Confirming, heard: Heard, meant: bool | None
) -> Result | None:
    """What follows where the matter is named for sure, a no beside it or not, or where it is asked why it is asked about."""
    said, node = heard.understood, world.flow.nodes[place.node]
    sure = said is not None and said.certainty == "sure"
    words = heard.hypotheses or (Hypothesis(heard.text),)
    if meant is not False and not sure and own_choice.names_one(world, place, asking.intent, words):
        return confirmed(world, with_words(place, heard), asking, yes=True)  # "just the Saturday one"
    if sure and said and said.best and said.best.intent == asking.intent:
        # "balance or no balance, what do I owe you"; but "no, it's not about the balance" is a no
        no = yes_and_no.begins_with_no(world, place, heard.text) or denies_it(world, place, asking.intent, heard.text)
        again = meant is not None and not no and not is_dear(world, asking.intent)
        return confirmed(world, place, asking, yes=True) if again else None
    if meant is True or sure or not rebukes(heard.text, place.language) or not isinstance(node, AskNode):
        return None
    there = with_words(replace(place, asking=None, denied=place.denied | {asking.intent}), heard)
    if said is not None and is_other(said, asking.intent):  # "why do you talk of bills, I want an appointment"
        return understood(world, there, node, said)
    return denied(world, there, node)


def _denied_by_name(world: World, place: Place, asking: Confirming, heard: Heard) -> Result:
    """What follows "not a repair, I'd like your Christmas hours": another matter, if one can be made out, or a no."""
    guesses = heard.understood.guesses if heard.understood else ()
    second = heard.understood.second if heard.understood else None
    if (second and second != asking.intent) or any(
        guess.intent not in place.denied | {asking.intent} and guess.confidence >= OTHER_AT for guess in guesses
    ):
        return not_this(world, replace(place, intent=asking.intent), heard)
    return confirmed(world, place, asking, yes=False)


def not_this(world: World, place: Place, heard: Heard) -> Result:
    """The matter was denied by its name, wherever the call is: on with the other one that was said, or the open question."""
    denied = place.denied | ({place.intent} if place.intent else frozenset())
    asks = next((node for node in world.flow.nodes.values() if isinstance(node, AskNode)), None)
    said = heard.understood
    if asks is None:
        return failed(world, place, heard.failure)
    there = replace(
        answered(with_words(place, heard)),
        node=asks.name, asking=None, implied=None, intent=None, parts=(), stack=(), slots=(), narrowed=None, denied=denied,
    )  # fmt: skip
    if said is not None and said.second and said.second not in denied:  # "not a delivery, when do you shut"
        return go_on(world, replace(there, intent=said.second, cause="understood", understood=said))
    known = [guess for guess in said.guesses if guess.intent not in denied] if said else []
    if said is not None and known and known[0].confidence >= OTHER_AT and said.certainty != "none":
        return understood(world, there, asks, said)
    return speaking.ask(world, replace(there, words=()), asks.prompt)


def _gone_on(world: World, place: Place, asking: Confirming, heard: Heard) -> Result | None:
    """They talk on instead of saying yes: said in passing with the next question, where a no is still heard; None: it cannot be.

    "Oh, whenever suits you, I am retired" at "Is it about an appointment?".
    """
    length = len(heard.text.split()) if place.language == "en" else len(heard.text)
    if asking.own_idea or is_dear(world, asking.intent) or length < TALKS_ON or heard.failure != "no_match":
        return None
    if yes_and_no.doubts(world, place, heard.text) and not _of_times(world, place, heard):
        return None
    return _in_passing(world, _with_both(world, place, heard, asking), asking.intent, 0.0)


def _of_times(world: World, place: Place, heard: Heard) -> bool:
    """Whether something is left open of days or hours: "after" and "but" are of those, then, and turn nothing."""
    return world.reader is not None and any(
        world.reader.window(kind, heard.text, place.language, world.now) for kind in ("date", "time")
    )


def _with_both(world: World, place: Place, heard: Heard, asking: Confirming) -> Place:
    """The place with the new sentence, and with what the one before it leaves open: "not this week"; "Thursday, then"."""
    asked = first_question(world, world.flow.intents[asking.intent].node)
    before = place.words[0].text if place.words else ""
    window = world.reader.window("date", before, place.language, world.now) if world.reader and before else None
    narrowed = (asked.slot, window) if asked is not None and asked.kind == "date" and window else place.narrowed
    there = replace(place, hours=hours_left_open(world, place), narrowed=narrowed)
    # "on a Saturday" … "yes, the sooner the better": what came first answers the next question, and this does not
    first = Heard(before, None, hypotheses=place.words)
    kept = before and not _holds_the_next(world, place, heard, asking) and _holds_the_next(world, place, first, asking)
    return there if kept else with_words(there, heard)


def _agrees(world: World, place: Place, heard: Heard, asking: Confirming) -> bool:
    """Whether the matter that was asked about is said once more in other words: "call it off", where it is about cancelling.

    With a yes before it, whatever else it resembles without being it for sure: "yes, where on earth is it".
    """
    said = heard.understood
    if (said is None or said.certainty != "sure") and _holds_the_next(world, place, heard, asking):
        return True
    if (said is None or said.certainty != "sure") and yes_and_no.ends_with_yes(world, place, heard.text):
        return True
    if said is None or said.best is None or said.certainty == "none":
        return yes_and_no.begins_with_yes(world, place, heard.text, weak=True, of_times=_of_times(world, place, heard))
    own = next((guess.confidence for guess in said.guesses if guess.intent == asking.intent), 0.0)
    if said.best.intent == asking.intent:
        # what is said for sure is a sentence of its own, and more than a yes; "yeah, but no, not that one" is none
        named = said.certainty != "sure" and not yes_and_no.says_no(world, place, heard.text)
        return named and not rebukes(heard.text, place.language)
    if own >= AGAIN_AT and said.best.confidence < MUCH_RATHER:
        return not rebukes(heard.text, place.language)
    of_times = _of_times(world, place, heard)
    return said.certainty != "sure" and yes_and_no.begins_with_yes(world, place, heard.text, of_times=of_times)


def _holds_the_next(world: World, place: Place, heard: Heard, asking: Confirming) -> bool:
    """Whether it answers what a yes would be asked next: "what about Thursday" at "Is it about an appointment?"."""
    return answers_ahead(world, place, world.flow.intents[asking.intent].node, heard, BY_DAY_FROM)


def confirmed(world: World, place: Place, asking: Confirming, *, yes: bool) -> Result:
    """Yes or no to an intent that was said back."""
    node = world.flow.nodes[place.node]
    assert isinstance(node, AskNode)
    if asking.second:
        place = replace(place, pending=tuple(one for one in place.pending if one.intent != asking.intent))
    if yes:
        return _agreed(world, place, node, asking)
    if asking.own_idea:
        place = replace(place, declined=place.declined | {asking.intent}, asking=None)
        return speaking.ask(world, place, node.prompt)
    place = replace(place, denied=place.denied | {asking.intent}, asking=None)
    return denied(world, place, node)


def _agreed(world: World, place: Place, node: AskNode, asking: Confirming) -> Result:
    chosen = None if asking.suggested is None else node.suggest[asking.suggested]
    again = chosen is not None and chosen.intent is None
    place = replace(place, intent=asking.intent, cause="repeat_call" if again else "confirmed", asking=None)
    if chosen is not None and chosen.next:
        return enter(world, replace(answered(place), denied=frozenset()), chosen.next)
    return go_on(world, place)


def denied(world: World, place: Place, node: AskNode) -> Result:
    """The first guess was wrong: the second, if there is one to speak of, else the question in other words."""
    guesses = place.understood.guesses if place.understood else ()
    second = next((g for g in guesses if g.intent not in place.denied and g.confidence >= OTHER_AT), None)
    before = replace(place, understood=None)
    result, commands = failed(world, before, "no_match", say_so=False)
    if second is None or result.over or result.node != node.name or second.intent == PERSON_INTENT:
        return result, commands
    place = replace(result, asking=Confirming(second.intent), understood=place.understood)
    fields = saying.intent_fields(world, place, second.intent)
    place, speak = saying.say(world, place, "std_other", fields)
    return speaking.wait(world, place, speak)
