"""The report of detours and the phrases it proposes: counted right, and nobody's name among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.caller import AgentId
from ivr.core.flow.intent import Intent
from ivr.core.routing.learning import Passage
from ivr.core.routing.misroutes import Proposal, plain, report
from tests.core.little_house import NOW

INTENTS = {
    name: Intent(name, {"en": name, "zh": name}, {"en": en, "zh": zh}, {}, queue=queue)
    for name, queue, en, zh in (
        ("late", "orders", ("my order is late", "where is my parcel"), ("我的订单晚了", "包裹在哪里")),
        ("move", "orders", ("i want to change my address",), ("我要改地址",)),
        ("invoice", "billing", ("my invoice is wrong", "i was charged twice"), ("账单不对", "扣了两次款")),
    )
}


def misrouted(
    number: int, words: str, to: str = "billing", intent: str = "late", **more: object
) -> tuple[Passage, Passage]:
    """A call taken for one thing, passed on as another."""
    at, queue = NOW - timedelta(days=1, hours=number), "billing" if to == "orders" else "orders"
    ended = at + timedelta(minutes=1)
    first = Passage(
        f"c{number}",
        intent,
        words,
        "en",
        AgentId("ana"),
        queue,
        at,
        ended,
        to,
        reason="other_matter",
        customer=f"C{number}",
    )
    first = replace(first, **more)  # type: ignore[arg-type]
    then = replace(
        first, agent=AgentId("dora"), queue=to, began=first.ended, ended=first.ended, to_queue=None, reason=None
    )
    return first, then


def settled(number: int) -> Passage:
    return replace(misrouted(number, "my order is late")[0], to_queue=None, reason=None, contact=f"s{number}")


def test_detours_are_counted_and_shared() -> None:
    passages = [
        *misrouted(1, "a"), *misrouted(2, "b"), *misrouted(3, "c", reason="no_authority"), *map(settled, range(7)),
    ]  # fmt: skip
    found = report(passages, INTENTS)
    assert (found.passages, found.transferred) == (13, 3)
    [row] = found.detours
    assert (row.intent, row.agent, row.queue, row.to, row.calls, row.share) == (
        "late",
        "ana",
        "orders",
        "billing",
        3,
        0.3,
    )
    assert row.reasons == (("other_matter", 2), ("no_authority", 1))


def proposals(*words: str, **more: object) -> list[Proposal]:
    passages = [p for n, said in enumerate(words) for p in misrouted(n, said, **more)]  # type: ignore[arg-type]
    return list(report(passages, INTENTS).proposals)


def test_words_of_misrouted_callers_become_phrases_of_the_intent_that_leads_there() -> None:
    [one] = proposals("My order was charged twice!", "my order was charged twice")
    assert one == Proposal("my order was charged twice", "en", "billing", "invoice", "late", 2)


def test_of_several_intents_the_one_whose_words_are_like_it() -> None:
    more = {"to": "orders", "intent": "invoice"}
    assert [p.intent for p in proposals("change my address", "change my address", **more)] == ["move"]
    assert [p.intent for p in proposals("hello there", "hello there", **more)] == [None], "an operator must choose"


LEFT_OUT = {
    "there already": ("my invoice is wrong",) * 2,
    "another intent's phrase": ("My order is late.",) * 2,
    "a number": ("my order 4711 is wrong",) * 2,
    "a number in words": ("my order four seven one one",) * 2,
    "a name that is given": ("my name is invoice",) * 2,
    "a word that only one caller used": ("my invoice is wrong again miller",),
    "a story": (" ".join(["my invoice is wrong"] * 4),) * 2,
    "one word": ("invoice",) * 2,
}


@pytest.mark.parametrize("words", LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_words_that_make_no_phrase(words: tuple[str, ...]) -> None:
    assert proposals(*words) == []


def test_chinese_is_read_sign_by_sign() -> None:
    assert [p.phrase for p in proposals("订单，扣了两次款。", language="zh")] == ["订单扣了两次款"]
    assert proposals("我叫王芳账单不对", language="zh") == []
    assert proposals("王芳账单不对", language="zh") == [], "signs that no phrase has and no second caller said"


def test_only_calls_that_ended_elsewhere_teach_phrases() -> None:
    first, then = misrouted(1, "my invoice is late")
    back = replace(then, began=then.ended + timedelta(minutes=1), queue="orders", agent=AgentId("ana"))
    assert report([first, then], INTENTS).proposals
    assert not report([first, replace(then, to_queue="orders", reason="other"), back], INTENTS).proposals
    assert not report([replace(first, reason="no_authority"), then], INTENTS).proposals
    assert not report([replace(first, words=None), replace(then, words=None)], INTENTS).proposals


@given(
    st.lists(st.sampled_from(("my invoice is late", "charged for my order", "x y", "账单")), max_size=6), st.randoms()
)
def test_order_of_passages_does_not_matter(words: list[str], dice: object) -> None:
    passages = [p for n, said in enumerate(words) for p in misrouted(n, said)]
    mixed = list(passages)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert report(mixed, INTENTS) == report(passages, INTENTS)
    for one in report(passages, INTENTS).proposals:
        assert one.phrase == plain(one.phrase, one.language) and one.calls
