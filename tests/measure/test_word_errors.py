"""Words counted: the same text is never wrong, figures are spelled, Chinese counts by characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.language import Language
from ivr.measure.word_errors import counted_words, words_wrong


@pytest.mark.parametrize(
    ("said", "heard", "language"),
    [
        ("Where's my order?", "where's my order", "en"),
        ("Order 4711, please.", "order four seven one one please", "en"),
        ("4802", "four eight oh two", "en"),
        ("four eight oh oh", "4800", "en"),
        ("It’s ten O’Clock – [noise]", "it's ten o'clock", "en"),
        ("part A12b", "part a one two b", "en"),
        ("我想退货。", "我 想 退货", "zh"),
        ("订单 4701 号", "订单 四 七 零 幺 号", "zh"),
    ],
)
def test_the_same_in_other_clothes_is_right(said: str, heard: str, language: Language) -> None:
    counted = words_wrong(said, heard, language)
    assert (counted.wrong, counted.words) == (0, len(counted_words(said, language)))
    assert {kind for kind, _, _ in counted.alignment} == {"right"}


def test_oh_alone_is_a_sigh() -> None:
    assert counted_words("oh no not again", "en") == ["oh", "no", "not", "again"]
    assert counted_words("double oh seven", "en") == ["double", "zero", "seven"]


def test_errors_are_named_in_order() -> None:
    counted = words_wrong("where is my new watch", "there is a my watch", "en")
    assert counted.alignment == (
        ("changed", "where", "there"),
        ("right", "is", "is"),
        ("added", "", "a"),
        ("right", "my", "my"),
        ("missed", "new", ""),
        ("right", "watch", "watch"),
    )
    assert (counted.words, counted.substitutions, counted.deletions, counted.insertions, counted.wrong) == (
        5,
        1,
        1,
        1,
        3,
    )


def test_latin_words_in_chinese_are_one_each() -> None:
    assert counted_words("我的VIP卡", "zh") == ["我", "的", "vip", "卡"]


def test_silence_and_noise() -> None:
    assert words_wrong("", "", "en").wrong == 0
    assert (words_wrong("", "uh huh", "en").insertions, words_wrong("", "uh huh", "en").words) == (2, 0)
    assert words_wrong("yes please", "", "en").deletions == 2


def distance(one: list[str], other: list[str]) -> int:
    """Levenshtein's, by its definition."""
    if not one or not other:
        return len(one) + len(other)
    kept = distance(one[1:], other[1:]) + (one[0] != other[0])
    return min(kept, distance(one[1:], other) + 1, distance(one, other[1:]) + 1)


SENTENCES = st.lists(st.sampled_from("my watch is late not".split()), max_size=5)


@given(SENTENCES, SENTENCES)
def test_as_few_errors_as_can_be_and_both_sides_whole(said: list[str], heard: list[str]) -> None:
    counted = words_wrong(" ".join(said), " ".join(heard), "en")
    assert counted.wrong == distance(said, heard)
    assert [word for _, word, _ in counted.alignment if word] == said
    assert [word for _, _, word in counted.alignment if word] == heard
    kinds = [kind for kind, _, _ in counted.alignment]
    assert (kinds.count("changed"), kinds.count("missed"), kinds.count("added")) == (
        counted.substitutions, counted.deletions, counted.insertions,
    )  # fmt: skip
