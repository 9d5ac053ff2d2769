"""What a recorded caller says to which question: events in, replies out."""

from __future__ import annotations

import pytest

from ivr.core.flow.flow import Flow
from ivr.corpus.format import Facts, Said
from ivr.replay.caller.answering import Answering, Reply
from ivr.replay.caller.asked import Asked
from ivr.server.speech.publishing import read_flow
from tests.conftest import ROOT

REASON, ORDER = Asked("reason", "reason"), Asked("value", "which_order", "order", "order", True)
YES_OR_NO = [Said(text="yes", answers="yes"), Said(text="no", answers="no")]


@pytest.fixture(scope="module")
def flow() -> Flow:
    return read_flow(ROOT / "dialplans")


def caller(flow: Flow, *said: Said, **facts: object) -> Answering:
    return Answering(Facts(said=said, **facts), flow)  # type: ignore[arg-type]


def test_what_answers_nothing_by_name_is_said_in_its_order(flow: Flow) -> None:
    one = caller(flow, Said(text="my order is late"), Said(text="four seven one one"))
    assert one.reply(REASON, False) == Reply(0)
    assert one.reply(ORDER, False) == Reply(1)


def test_a_question_that_is_not_put_is_not_answered(flow: Flow) -> None:
    one = caller(
        flow, Said(text="four seven", answers="order"), Said(text="late"), Said(text="stopped", answers="nowhere")
    )
    assert one.reply(REASON, False) == Reply(1)
    assert one.reply(ORDER, False) == Reply(0)


def test_who_is_not_understood_says_it_again_and_then_no_more(flow: Flow) -> None:
    one = caller(flow, Said(text="late"))
    assert [one.reply(REASON, False) for _ in range(4)] == [Reply(0), Reply(0), Reply(0), None]


def test_numbers_come_from_the_keys_where_they_were_not_said(flow: Flow) -> None:
    one = caller(flow, Said(text="late"), slots={"order": "4711"})
    assert one.reply(REASON, False) == Reply(0)
    assert one.reply(ORDER, False) == Reply(keys="4711", made_up=True)
    assert one.reply(Asked("digit", "which_order", "2", "order", True), False) == Reply(keys="1", made_up=True)


@pytest.mark.parametrize(("about", "reply"), [("invoice", 0), ("repair", 1)])
def test_yes_and_no_are_the_truth_and_can_be_said_again(flow: Flow, about: str, reply: int) -> None:
    one = caller(flow, *YES_OR_NO, intent="invoice")
    assert [one.reply(Asked("confirm", "reason", about), False) for _ in range(2)] == [Reply(reply)] * 2


def test_yes_is_pressed_where_it_was_never_recorded(flow: Flow) -> None:
    one = caller(flow, Said(text="late"), intent="invoice", slots={"order": "4711"})
    one.reply(REASON, False)
    assert one.reply(Asked("confirm", "reason", "repair"), False) == Reply(keys="2", made_up=True)
    assert one.reply(Asked("confirm_value", "which_order", "4711", "order"), False) == Reply(keys="1", made_up=True)
    assert one.reply(Asked("confirm_value", "which_order", "4712", "order"), False) == Reply(keys="2", made_up=True)


def test_an_unmarked_yes_is_said_where_yes_is_right_only(flow: Flow) -> None:
    one = caller(flow, Said(text="yes please"), intent="invoice")
    assert one.reply(Asked("confirm", "reason", "repair"), False) == Reply(keys="2", made_up=True)
    assert one.reply(Asked("confirm", "reason", "invoice"), False) == Reply(0)


def test_nobody_knows_what_they_would_have_said(flow: Flow) -> None:
    assert caller(flow).reply(Asked("confirm", "reason", "repair"), False) is None
    assert caller(flow).reply(Asked("decide", "area_why"), False) is None
    assert caller(flow, slots={"area_why": "no"}).reply(Asked("decide", "area_why"), False) == Reply(
        keys="2", made_up=True
    )


@pytest.mark.parametrize(
    ("intent", "node", "group", "key"),
    [
        ("invoice", "keypad", "intents", "3"), ("balance", "keypad_more", "more", "2"),
        ("balance", "keypad", "intents", "8"), ("", "keypad", "intents", "0"), (None, "keypad", "intents", "0"),
    ],
)  # fmt: skip
def test_menus_are_answered_by_the_key_of_what_they_want(
    flow: Flow, intent: str | None, node: str, group: str, key: str
) -> None:
    assert caller(flow, intent=intent).reply(Asked("menu", node, group), False) == Reply(keys=key, made_up=True)


def test_anything_else(flow: Flow) -> None:
    more = Asked("anything_else", "anything_else")
    assert caller(flow, Said(text="also my bill")).reply(more, True) == Reply(0)
    assert caller(flow, *YES_OR_NO).reply(more, True) == Reply(1)
    assert caller(flow).reply(more, True) == Reply(hang_up=True)
    assert caller(flow).reply(more, False) == Reply(keys="0", made_up=True)


def test_what_is_said_over_the_prompt_waits_for_its_second(flow: Flow) -> None:
    one = caller(flow, Said(text="late", answers="reason", over_s=0.8), Said(text="cough", noise=True, over_s=0.3))
    assert one.over(REASON, 0.2) is None
    assert one.over(REASON, 0.3) == Reply(1)
    assert one.over(ORDER, 0.9) is None
    assert one.over(REASON, 0.9) == Reply(0)
    assert one.over(REASON, 9.0) is None
