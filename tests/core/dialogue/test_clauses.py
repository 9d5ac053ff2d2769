"""Where a sentence may be an answer with something else behind it."""

from __future__ import annotations

import pytest

from ivr.core.dialogue.words.clauses import answer_and_more
from ivr.core.flow.intent import Hypothesis
from ivr.core.language import Language

CUTS: list[tuple[Language, str, list[tuple[str, str, bool]]]] = [
    ("en", "yes, and then cancel the Thursday one", [("yes", "cancel the Thursday one", True)]),
    ("en", "yes and are you open on saturdays", [("yes", "are you open on saturdays", True)]),
    ("en", "half past two by the way do you have parking", [("half past two", "do you have parking", True)]),
    ("en", "yes and could i book a new one", [("yes", "could i book a new one", True)]),
    ("en", "Yes. What’s the price?", [("Yes", "What’s the price?", True)]),
    ("en", "eleven when is it", [("eleven", "when is it", True)]),
    ("en", "the second but i can't be there before twelve", []),
    ("en", "bread and butter", [("bread", "butter", False)]),
    ("zh", "四点吧，你们星期六开不开门", [("四点吧", "你们星期六开不开门", True)]),
    ("zh", "四点吧你们星期六开不开门", [("四点吧", "你们星期六开不开门", True)]),
    ("zh", "行，然后帮我查一下订单到哪了", [("行", "帮我查一下订单到哪了", True)]),
    ("zh", "对 另外 帮 我 取消 礼拜三 的", [("对", "帮我取消礼拜三的", True)]),
    ("zh", "两点半那个还有没有", []),
    ("zh", "另外那个", []),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "cuts"), CUTS, ids=[text for _, text, _ in CUTS])
def test_cuts(language: Language, text: str, cuts: list[tuple[str, str, bool]]) -> None:
    found = answer_and_more((Hypothesis(text),), language)
    assert [(one.front[0].text, one.rest[0].text, one.announced) for one in found] == cuts


def test_other_readings_are_cut_at_the_same_place_and_one_without_it_is_left_out() -> None:
    said = (
        Hypothesis("thursday and where are you", 0.6),
        Hypothesis("thirsty and where are you", 0.3),
        Hypothesis("thursday", 0.1),
    )
    *_, cut = answer_and_more(said, "en")
    assert cut.front == (Hypothesis("thursday", 0.6), Hypothesis("thirsty", 0.3))
    assert [one.text for one in cut.rest] == ["where are you"] * 2


def test_a_long_sentence_is_cut_at_its_last_places_only() -> None:
    assert len(answer_and_more((Hypothesis("a and " * 5_000 + "b"),), "en")) == 4
