"""The dialogue as conversations: what the caller does on the left, what the machine does on the right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core import dialogue
from ivr.core.caller import Caller
from ivr.core.card import Known
from ivr.core.dialogue import World
from ivr.core.dialogue.asking import Confirming
from ivr.core.dialogue.messages import Event, HandOver, HangUp, Heard, Listen, Speak
from ivr.core.flow.nodes import AskNode, Choice, CollectNode, MenuNode, RouteNode, SayNode
from tests.core.little_house import (
    ENGLISH_ONLY,
    FLOW,
    INTENTS,
    LATE_WATCH,
    LIN_MEI,
    QUIET,
    START,
    STRANGER,
    guessed,
    heard,
    key,
    lin,
    perhaps,
    phoned,
    shown,
    sure,
    talk,
    world,
)

MENU = "menu option option option <keys>"
OFFERED = "std_offer_person std_offer_choices <yes_no>"
Turn = tuple[Event, str]
GREETED: Turn = (START, "welcome how_help <open>")
GREETED_BACK: Turn = (START, "welcome_back how_help <open>")
LATE_ASKED: Turn = (sure("late"), "number <digits>")
SPANISH_WATCH = replace(LATE_WATCH, id="4712")


CONVERSATIONS: dict[str, tuple[World, list[Turn]]] = {
    "known caller, one late order: nothing is asked": (
        world(lin()),
        [GREETED_BACK, (sure("late"), "through! ->late/understood")],
    ),
    "unknown caller: the number is asked, and may be spoken": (
        world(),
        [GREETED, LATE_ASKED, (heard("four seven double one"), "through! ->late/understood")],
    ),
    "hello is no answer, and no failure either, once": (
        world(),
        [
            GREETED, (heard("hello"), "how_help <open>"), (heard("um hello"), "std_no_match std_language_hint help_again <open>"),
            (sure("invoice"), "through! ->invoice/understood"),
        ],
    ),
    "no question to ask": (world(), [GREETED, (sure("invoice"), "through! ->invoice/understood")]),
    "by keys, the last digit ends it": (
        world(),
        [
            GREETED, LATE_ASKED, (key("4"), "hush"), (key("7"), "hush"), (key("1"), "hush"),
            (key("1"), "hush through! ->late/understood"),
        ],
    ),
    "too few keys, then #": (
        world(),
        [
            GREETED, LATE_ASKED, (key("4"), "hush"), (key("#"), "hush std_more_digits <digits>"), (key("8"), "hush"),
            (key("0"), "hush"), (key("2"), "hush through! ->late/understood"),
        ],
    ),
    "half a number, then nothing: what is there is kept": (
        world(),
        [
            GREETED, LATE_ASKED, (key("4"), "hush"), (QUIET, "std_more_digits <digits>"), (key("7"), "hush"),
            (heard("one one"), "through! ->late/understood"),
        ],
    ),
    "* begins the number again": (
        world(),
        [
            GREETED, LATE_ASKED, (key("9"), "hush"), (key("*"), "hush number <digits>"), (key("4"), "hush"),
            (key("7"), "hush"), (key("1"), "hush"), (key("1"), "hush through! ->late/understood"),
        ],
    ),
    "letters are no digits": (
        world(),
        [
            GREETED, LATE_ASKED, (key("4"), "hush"), (key("A"), "hush"), (key("7"), "hush"), (key("1"), "hush"),
            (key("1"), "hush through! ->late/understood"),
        ],
    ),
    "several late orders: the number is asked, and must be one of theirs": (
        world(lin(orders=(LATE_WATCH, SPANISH_WATCH))),
        [
            GREETED_BACK, LATE_ASKED, (heard("four eight zero two"), "std_no_match number_again std_star_person <digits>"),
            (heard("four seven one two"), "through! ->late/understood"),
        ],
    ),
    "said back, yes": (
        world(),
        [GREETED, (perhaps("invoice"), "is_it <yes_no>"), (heard("yes"), "through! ->invoice/confirmed")],
    ),
    "said back, yes by key": (
        world(),
        [GREETED, (perhaps("invoice"), "is_it <yes_no>"), (key("1"), "hush through! ->invoice/confirmed")],
    ),
    "said back, no; what was denied is not offered again": (
        world(),
        [
            GREETED, (perhaps("invoice"), "is_it <yes_no>"), (heard("no that is wrong"), "help_again <open>"),
            (sure("invoice", "late"), "is_it <yes_no>"), (heard("yes"), "number <digits>"),
        ],
    ),
    "said back, no by key; only the denied one again is asked about": (
        world(),
        [
            GREETED, (perhaps("invoice"), "is_it <yes_no>"), (key("2"), "hush help_again <open>"),
            (sure("invoice"), "is_it <yes_no>"),
        ],
    ),
    "said back, corrected with a new sentence": (
        world(),
        [
            GREETED, (perhaps("hours"), "is_it <yes_no>"), (sure("invoice"), "through! ->invoice/understood"),
        ],
    ),
    "said back, neither yes nor no": (
        world(),
        [GREETED, (perhaps("invoice"), "is_it <yes_no>"), (heard("the weather"), "std_no_match is_it <yes_no>")],
    ),
    "said back, silence": (
        world(),
        [GREETED, (perhaps("invoice"), "is_it <yes_no>"), (QUIET, "std_no_input is_it <yes_no>")],
    ),
    "said back, repeated": (
        world(),
        [
            GREETED, (perhaps("invoice"), "is_it <yes_no>"), (key("*"), "hush is_it <yes_no>"),
            (heard("yes"), "through! ->invoice/confirmed"),
        ],
    ),
    "failures: narrower, by keys, a person": (
        world(),
        [
            GREETED, (QUIET, "std_no_input help_again <open>"),
            (heard("mumble"), OFFERED),
            (QUIET, "hush to_person! ->nothing/patience"),
        ],
    ),
    "a menu by voice": (
        world(),
        [
            GREETED, (QUIET, "std_no_input help_again <open>"), (QUIET, OFFERED),
            (heard("three"), "hush through! ->invoice/key"),
        ],
    ),
    "a menu by key": (
        world(),
        [
            GREETED, (QUIET, "std_no_input help_again <open>"),
            (QUIET, OFFERED),
            (key("3"), "hush through! ->invoice/key"),
        ],
    ),
    "a key of the menu before there is one": (world(), [GREETED, (key("3"), "hush through! ->invoice/key")]),
    "a key that means nothing": (world(), [GREETED, (key("8"), "hush std_no_match help_again <open>")]),
    "never more than two failures on one thing, and what is known is kept": (
        world(),
        [
            GREETED, LATE_ASKED, (QUIET, "std_no_input number_again std_star_person <digits>"),
            (heard("um"), "hush through! ->late/patience"),
        ],
    ),
    "* repeats": (world(), [GREETED, (key("*"), "hush welcome how_help <open>")]),
    "* repeats the menu": (
        world(),
        [GREETED, (QUIET, "std_no_input help_again <open>"), (QUIET, OFFERED), (key("*"), f"hush {OFFERED}")],
    ),
    "9 changes the language": (world(), [GREETED, (key("9"), "hush how_help <open>"), (key("9"), "hush how_help <open>")]),
    "a language that is not heard: by keys": (
        world(hears=ENGLISH_ONLY),
        [GREETED, (key("9"), f"hush {MENU}"), (key("3"), "hush through! ->invoice/key")],
    ),
    "a caller whose language is not heard": (
        world(lin(customer=replace(LIN_MEI, language="zh")), hears=ENGLISH_ONLY),
        [(START, f"welcome_back {MENU}")],
    ),
    "0 at the question": (
        world(), [GREETED, (key("0"), "hush std_few_words <open>"), (key("0"), "hush to_person! ->nothing/person")]
    ),
    "0 in the menu": (
        world(),
        [
            GREETED, (QUIET, "std_no_input help_again <open>"),
            (QUIET, OFFERED),
            (key("0"), "hush to_person! ->nothing/person"),
        ],
    ),
    "0 when something was said back": (
        world(),
        [GREETED, (perhaps("invoice"), "is_it <yes_no>"), (key("0"), "hush to_person! ->nothing/person")],
    ),
    "0 in a number is a digit": (
        world(),
        [
            GREETED, LATE_ASKED, (key("0"), "hush"), (key("0"), "hush"), (key("0"), "hush"),
            (key("0"), "hush through! ->late/understood"),
        ],
    ),
    "a person is asked for": (world(), [GREETED, (sure("person"), "hush to_person! ->nothing/person")]),
    "perhaps a person: what it is about": (
        world(),
        [GREETED, (perhaps("person"), "std_few_words <open>"), (heard("mumble"), "hush to_person! ->nothing/person")],
    ),
    "opening hours: answered, and that is all": (world(), [GREETED, (sure("hours"), "open_from! ->bye")]),
    "called again within the day: is it the same?": (
        world(lin(contacts=(phoned(5, "invoice"),))),
        [(START, "welcome_back is_it_again <open>"), (heard("yes"), "through! ->invoice/repeat_call")],
    ),
    "called again within the day, about something else": (
        world(lin(contacts=(phoned(5, "invoice"),))),
        [(START, "welcome_back is_it_again <open>"), (sure("late"), "through! ->late/understood")],
    ),
    "called again, no, and then about that all the same": (
        world(lin(contacts=(phoned(5, "invoice"),))),
        [
            (START, "welcome_back is_it_again <open>"), (heard("no"), "how_help <open>"),
            (sure("invoice"), "through! ->invoice/understood"),
        ],
    ),
    "called again about something that there is no more": (
        world(lin(contacts=(phoned(5, "gone"),))), [GREETED_BACK],
    ),
    "called again who asked for nothing but a person": (world(lin(contacts=(phoned(5, "person"),))), [GREETED_BACK]),
    "called again after two days: as always": (world(lin(contacts=(phoned(48),))), [GREETED_BACK]),
    "a call that is over does nothing": (
        world(),
        [
            GREETED, (sure("invoice"), "through! ->invoice/understood"), (key("3"), ""), (sure("invoice"), ""), (QUIET, ""),
            (START, ""),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("where", "turns"), CONVERSATIONS.values(), ids=CONVERSATIONS.keys())
def test_conversation(where: World, turns: list[Turn]) -> None:
    _, answers = talk(where, *(event for event, _ in turns))
    assert [shown(commands) for commands in answers] == [answer for _, answer in turns]


# -- what the words are


def texts(commands: tuple[object, ...]) -> list[str]:
    return [command.text for command in commands if isinstance(command, Speak)]


def test_prompts_are_filled_in_in_the_language_of_the_caller() -> None:
    chinese = world(lin(customer=replace(LIN_MEI, language="zh")))
    _, answers = talk(chinese, START, perhaps("invoice"), heard("对"))
    assert [texts(a) for a in answers] == [["林女士您好。", "有什么可以帮您？"], ["是账单吗？"], ["正在转接账单。"]]
    assert {c.language for a in answers for c in a if isinstance(c, Speak)} == {"zh"}


def test_nobody_hears_the_same_variant_twice_in_a_row() -> None:
    _, answers = talk(world(), START, perhaps("invoice"), heard("no"), perhaps("hours"))
    assert texts(answers[1]) == ["Is it Invoice?"]
    assert texts(answers[3]) == ["So it is Opening hours?"]


def test_repeating_says_the_same_words_again() -> None:
    _, answers = talk(world(), START, key("*"))
    assert texts(answers[1]) == texts(answers[0])


def test_menu_reads_out_every_key_in_order() -> None:
    _, answers = talk(world(), START, QUIET, QUIET, key("#"))
    assert texts(answers[3]) == ["Press a key.", "1 for Late delivery.", "3 for Invoice.", "6 for Opening hours."]


def test_digits_have_a_grammar_and_a_confirmation_one_that_may_be_left() -> None:
    _, answers = talk(world(), START, sure("late"))
    listen = answers[1][-1]
    assert isinstance(listen, Listen) and listen.grammar and {"seven", "oh", "double"} <= set(listen.grammar)
    _, answers = talk(world(), START, perhaps("hours"))
    # a correction in other words than yes and no must be heard too, and so must "a person" and the other commands
    flow = world().flow
    listen = answers[1][-1]
    assert isinstance(listen, Listen) and listen.mode == "yes_no" and listen.otherwise_open and listen.grammar
    assert listen.grammar == (*flow.yes["en"], *flow.no["en"])


# -- what becomes known

SLOTS: dict[str, tuple[Caller, tuple[Event, ...], Known]] = {
    "from the record": (lin(), (sure("late"),), Known({"en": "Order", "zh": "订单"}, "4711", "record", True)),
    "spoken and found": (
        lin(orders=(LATE_WATCH, SPANISH_WATCH)), (sure("late"), heard("four seven one two")),
        Known({"en": "Order", "zh": "订单"}, "4712", "spoken", True),
    ),
    "by keys, of somebody unknown": (
        STRANGER, (sure("late"), key("4"), key("7"), key("1"), key("1")),
        Known({"en": "Order", "zh": "订单"}, "4711", "keys", False),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("caller", "events", "known"), SLOTS.values(), ids=SLOTS.keys())
def test_slot(caller: Caller, events: tuple[Event, ...], known: Known) -> None:
    place, _ = talk(world(caller), START, *events)
    assert place.known == (known,)
    assert place.slots == (("order", known.value),)


def test_slot_that_is_filled_is_not_asked_again() -> None:
    nodes = {**FLOW.nodes, "hand_over": replace(FLOW.nodes["which_order"], name="hand_over", next="really")}
    nodes["really"] = RouteNode("really", "through", "to_person")
    _, answers = talk(world(flow=replace(FLOW, nodes=nodes)), START, sure("late"), heard("four seven one one"))
    assert shown(answers[2]) == "through! ->late/understood"


def test_queue_of_the_route_node_goes_with_the_hand_over() -> None:
    nodes = {**FLOW.nodes, "hand_over": RouteNode("hand_over", "through", "to_person", "billing")}
    _, answers = talk(world(flow=replace(FLOW, nodes=nodes)), START, sure("invoice"))
    assert answers[1][-1] == HandOver("invoice", "billing", "understood")


def test_circle_without_a_question_is_an_error_and_no_hang() -> None:
    nodes = {**FLOW.nodes, "greet": SayNode("greet", (Choice("welcome"),), "greet")}
    with pytest.raises(RecursionError, match="'greet'"):
        talk(world(flow=replace(FLOW, nodes=nodes)), START)


def test_the_same_events_give_the_same_commands() -> None:
    events = (START, perhaps("invoice"), heard("no"), key("9"), QUIET, key("0"))
    assert talk(world(), *events) == talk(world(), *events)


# -- any conversation whatever

_certainties = st.sampled_from(("sure", "confirm", "none"))
_guesses = st.lists(st.sampled_from(sorted(INTENTS)), min_size=1, max_size=4, unique=True)
_events: st.SearchStrategy[Event] = st.one_of(
    st.sampled_from("0123456789*#ABCD").map(key),
    st.builds(lambda certainty, intents: guessed(certainty, *intents), _certainties, _guesses),
    st.sampled_from(
        ("yes", "no", "right", "是", "不", "one", "four seven one one", "四七一一", "nine", "zero", "")
    ).map(heard),
    st.just(QUIET),
    st.just(Heard("words", None)),
)
_callers = st.sampled_from((
    STRANGER, lin(), lin(orders=()), lin(orders=(LATE_WATCH, SPANISH_WATCH)),
    lin(customer=replace(LIN_MEI, language="zh")),
))  # fmt: skip
_worlds = st.builds(
    lambda caller, hears, contacts, patience: world(
        replace(caller, contacts=contacts), frozenset(hears), replace(FLOW, patience=patience)
    ),
    _callers,
    st.sampled_from(((), ("en",), ("zh",), ("en", "zh"))),
    st.sampled_from(((), (phoned(1.0),), (phoned(30.0),))),
    st.integers(1, 5),
)


@given(_worlds, st.lists(_events, max_size=25))
def test_any_conversation_ends_once_and_within_its_patience(where: World, events: list[Event]) -> None:
    place = dialogue.begin(where)
    ends = 0
    for event in (START, *events):
        before = place
        place, commands = dialogue.step(where, place, event)
        ends += sum(isinstance(command, HandOver | HangUp) for command in commands)
        assert ends == int(place.over)
        assert before.failures - 1 <= place.failures <= before.failures + 1
        assert place.over or place.failures < where.flow.patience
        if before.over:
            assert (place, commands) == (before, ())
        elif not place.over:
            waits = isinstance(where.flow.nodes[place.node], AskNode | MenuNode | CollectNode)
            assert waits, "a call waits where something can be answered"
            assert sum(isinstance(command, Listen) for command in commands) <= 1
            assert not any(isinstance(command, Speak) and not command.barge_in for command in commands)
            assert not commands or isinstance(commands[-1], Listen) or shown(commands) == "hush"
    for _ in range(where.flow.patience + 2):  # an offer to remember something, and digits half said, cost one each
        place, _ = dialogue.step(where, place, QUIET)
    assert place.over, "whoever says nothing any more reaches a person"


@given(_worlds, st.lists(_events, max_size=25))
def test_what_was_denied_is_never_said_back_again(where: World, events: list[Event]) -> None:
    place = dialogue.begin(where)
    for event in (START, *events):
        place, _ = dialogue.step(where, place, event)
        assert not isinstance(place.asking, Confirming) or place.asking.intent not in place.denied
