"""What callers wish at any question, and somebody in danger: what the dialogue does with what was understood."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.core.contact.card_of import why_of
from ivr.core.dialogue import World
from ivr.core.dialogue.messages import HandOver, Heard, Listen
from ivr.core.flow.intent import Certainty, Understood
from ivr.core.flow.wishes import WishName
from tests.core.contact.test_card_of import FLOW as CARD_FLOW
from tests.core.contact.test_card_of import ledger
from tests.core.dialogue.test_conversations import ASKED, HELLO, NOISE, Turn, at
from tests.core.little_house import QUIET, START, heard, key, shown, sure, talk

SECOND = "std_second <open>"


def wish(
    name: WishName, certainty: Certainty = "sure", text: str = "as people say it", within: Heard | None = None
) -> Heard:
    """A sentence in which a wish is heard, beside what else is."""
    inner = within or Heard(text, Understood(text, (), "none", 0.1))
    assert inner.understood is not None
    return replace(inner, text=text, understood=replace(inner.understood, wish=name, wish_certainty=certainty))


def both(first: str, second: str) -> Heard:
    """Two matters in one sentence."""
    said = sure(first)
    assert said.understood is not None
    return replace(said, understood=replace(said.understood, second=second))


TOLD = "hush std_emergency! to_person! ->nothing/emergency"
TALKS: dict[str, tuple[World, list[Turn]]] = {
    # -- somebody is in danger
    "danger, plainly": (at(), [HELLO, (wish("emergency"), TOLD)]),
    "danger in the middle of a number": (at(), [HELLO, ASKED, (wish("emergency"), TOLD)]),
    "danger that is a matter of this house: to those who have it": (
        at(), [HELLO, (wish("emergency", within=sure("invoice")), "hush std_emergency! through! ->invoice/emergency")],
    ),
    "perhaps danger, yes": (at(), [HELLO, (wish("emergency", "confirm"), "hush std_danger <yes_no>"), (heard("yes"), TOLD)]),
    "perhaps danger, yes by key": (at(), [HELLO, (wish("emergency", "confirm"), "hush std_danger <yes_no>"), (key("1"), TOLD)]),
    "perhaps danger, and a person by key": (
        at(), [HELLO, (wish("emergency", "confirm"), "hush std_danger <yes_no>"), (key("0"), TOLD)],
    ),
    "perhaps danger, and no answer": (at(), [HELLO, (wish("emergency", "confirm"), "hush std_danger <yes_no>"), (QUIET, TOLD)]),
    "perhaps danger, and noise": (at(), [HELLO, (wish("emergency", "confirm"), "hush std_danger <yes_no>"), (NOISE, TOLD)]),
    "perhaps danger, and no plain no": (
        at(), [HELLO, (wish("emergency", "confirm"), "hush std_danger <yes_no>"), (heard("i don't know"), TOLD)],
    ),
    "perhaps danger, no; not asked twice": (
        at(),
        [
            HELLO, ASKED, (wish("emergency", "confirm"), "hush std_danger <yes_no>"), (heard("no"), "hush which? <digits>"),
            (wish("emergency", "confirm"), "std_no_match which again? std_star_person <digits>"),
        ],
    ),
    "perhaps danger, but a plain matter of the house": (
        at(), [HELLO, (wish("emergency", "confirm", within=sure("invoice")), "through! ->invoice/understood")],
    ),
    # -- the others
    "goodbye where all is settled": (
        at(), [HELLO, (sure("hours"), "open else <open>"), (wish("goodbye"), "hush bye! ->bye")],
    ),
    "goodbye before anything was settled is asked, for buy is like bye": (
        at(), [HELLO, (wish("goodbye"), "hush std_leaving <yes_no>"), (heard("no"), "hush how <open>")],
    ),
    "goodbye, yes": (at(), [HELLO, (wish("goodbye"), "hush std_leaving <yes_no>"), (heard("yes"), "hush std_goodbye! ->bye")]),
    "goodbye, and silence": (at(), [HELLO, (wish("goodbye"), "hush std_leaving <yes_no>"), (QUIET, "hush std_goodbye! ->bye")]),
    "do not have the number: a person, and no failure": (
        at(), [HELLO, ASKED, (wish("dont_know"), "hush std_without! through! ->return/patience")],
    ),
    "do not know why I call": (at(), [HELLO, (wish("dont_know"), "hush std_offer_person std_offer_choices <yes_no>")]),
    "hold on: the line waits, and what is said beside the phone is no answer": (
        at(),
        [
            HELLO, ASKED, (wish("hold_on"), "hush std_hold_on <digits>"), (heard("where is that letter"), "<digits>"),
            (heard("four seven one one"), "<keys> ?status"),
        ],
    ),
    "hold on, and nothing for a minute": (
        at(), [HELLO, ASKED, (wish("hold_on"), "hush std_hold_on <digits>"), (QUIET, "std_still_here which? <digits>")],
    ),
    "a complaint about something": (
        at(), [HELLO, (wish("complaint", within=sure("person")), "hush std_complaint <open>"),
               (sure("invoice"), "hush std_complaint_taken! through! ->invoice/person")],
    ),
    "a complaint that says what it is about": (
        at(), [HELLO, ASKED, (wish("complaint"), "hush std_complaint_taken! through! ->return/person")],
    ),
    "a complaint, and nothing more": (
        at(), [HELLO, (wish("complaint"), "hush std_complaint <open>"), (QUIET, "hush to_person! ->nothing/person")],
    ),
    "who is this": (at(), [HELLO, ASKED, (wish("who"), "hush std_who which? <digits>")]),
    "another language": (at(), [HELLO, (wish("other_language"), "hush std_languages how <open>")]),
    "a call back that cannot be": (at(), [HELLO, (wish("call_back"), "hush std_no_call_back! to_person! ->nothing/person")]),
    "what do you mean: the question in other words, and no failure": (
        at(), [HELLO, ASKED, (wish("explain"), "hush which again? <digits>")],
    ),
    "what times do you have, where times were read out, is no matter of the house": (
        at(), [HELLO, ASKED, (wish("explain", within=sure("hours")), "hush which again? <digits>")],
    ),
    "a complaint about a plain matter": (
        at(), [HELLO, (wish("complaint", within=sure("invoice")), "hush std_complaint_taken! through! ->invoice/person")],
    ),
    "an answer is no wish": (at(), [HELLO, ASKED, (wish("hold_on", text="four seven one one"), "<keys> ?status")]),
    "a plain matter is no wish": (at(), [HELLO, (wish("hold_on", within=sure("invoice")), "through! ->invoice/understood")]),
    "half a wish is none": (at(), [HELLO, (wish("hold_on", "confirm"), "std_no_match std_language_hint narrower <open>")]),
    # -- two matters in one sentence
    "a second matter comes after the first": (
        at(), [HELLO, (both("hours", "invoice"), f"open {SECOND}"), (heard("yes"), "through! ->invoice/confirmed")],
    ),
    "a second matter, and no": (
        at(), [HELLO, (both("hours", "invoice"), f"open {SECOND}"), (heard("no"), "else <open>")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("where", "turns"), TALKS.values(), ids=TALKS.keys())
def test_talk(where: World, turns: list[Turn]) -> None:
    _, answers = talk(where, *(event for event, _ in turns))
    assert [shown(commands) for commands in answers] == [answer for _, answer in turns]


def test_a_house_may_treat_emergencies_like_any_other_call() -> None:
    where = at()
    where = replace(where, flow=replace(where.flow, emergencies=False))
    _, answers = talk(where, START, wish("emergency"))
    assert shown(answers[1]) == "std_no_match std_language_hint narrower <open>"


def test_the_number_to_call_is_the_countrys() -> None:
    where = replace(at(), emergency="911")
    prompts = {**where.flow.prompts, "std_emergency": replace(where.flow.prompts["std_emergency"], variants={
        "en": ("Call {emergency:digits}.",), "zh": ("{emergency:digits}",)})}  # fmt: skip
    place, _ = talk(replace(where, flow=replace(where.flow, prompts=prompts)), START, wish("emergency"))
    assert "Call 9 1 1." in [one.text for one in place.last] or place.over


def test_holding_the_line_waits_a_minute() -> None:
    _, answers = talk(at(), START, sure("return"), wish("hold_on"), heard("four seven one one"))
    waits = [one.wait_s for commands in answers for one in commands if isinstance(one, Listen)]
    assert waits == [None, None, 60.0, None]


def test_a_complaint_is_on_the_agents_list_in_the_callers_words() -> None:
    place, _ = talk(
        at(), START, wish("complaint", text="i want to complain"), replace(sure("invoice"), text="charged twice again")
    )
    assert [(one.label["en"], one.value) for one in place.known] == [
        ("Complaint", "i want to complain … charged twice again")
    ]


def test_what_was_not_come_to_is_on_the_agents_list() -> None:
    place, _ = talk(at(), START, both("invoice", "return"))
    assert [(one.label["en"], one.value) for one in place.known] == [("Also wants", "Return")]


def test_the_card_says_danger_before_whatever_else_it_is_about() -> None:
    made = ledger(hand_over=HandOver("late", None, "emergency"))
    assert why_of(made, CARD_FLOW).title["en"] == "EMERGENCY: somebody may be in danger"
