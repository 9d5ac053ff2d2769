"""Card numbers in records: however they are said or typed, and what must not be taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.digit_words import spoken_digits
from ivr.core.language import Language
from ivr.core.masking import BEGUN, MASK, is_number, masked

EN = "zero one two three four five six seven eight nine".split()
ZH = "零一二三四五六七八九"

CARDS: list[tuple[Language, str, str]] = [
    ("en", "four one one one one one one one one one one one one one one one", MASK),
    ("en", "my card is four one one one one one one one one one one one one one one one thanks", f"my card is {MASK} thanks"),
    ("en", "4111111111111111", MASK),
    ("en", "4111 1111 1111 1111.", MASK),
    ("en", "4111-1111-1111-1111", MASK),
    ("en", "4111,1111,1111,1111?", MASK),
    ("en", "(4111111111111111)", MASK),
    ("en", "it's 4111 1111 one one one one 1111!", f"it's {MASK}"),
    ("en", "four triple one double one double one triple one double one double one one", MASK),
    ("en", "four one one one um one one one one er uh one one one one one one one one", MASK),
    ("en", "Four One One One, One One One One, One One One One, One One One One", MASK),
    # a zero has many names
    ("en", "four o o o o o o o o o o o o o o two", MASK),
    ("en", "four oh zero o oh zero o oh zero o oh zero o oh zero two", MASK),
    # in pairs
    ("en", "forty one eleven eleven eleven eleven eleven eleven eleven", MASK),
    ("en", "fifty five twelve ninety forty one seventeen twenty thirty two", MASK),
    ("en", "forty five hundred eleven eleven twenty two twenty two thirty three", MASK),
    # American Express, and the oldest of Maestro
    ("en", "three seven eight two eight two two four six three one oh oh oh five", MASK),
    ("en", "five zero one eight zero zero zero zero zero zero zero nine", MASK),
    ("en", "４１１１１１１１１１１１１１１１", MASK),
    ("zh", "四一一一一一一一一一一一一一一一", MASK),
    ("zh", "我的卡号是四幺幺幺 幺幺幺幺 幺幺幺幺 幺幺幺幺 谢谢", f"我的卡号是{MASK} 谢谢"),
    ("zh", "四一一一，一一一一，嗯，一一一一，一一一一。", f"{MASK}。"),
    ("zh", "四一一一然后一一一一接着一一一一还有一一一一", MASK),
    ("zh", "四 三个一 四个一 四个一 四个一", MASK),
    ("zh", "4111 1111 1111 1111", MASK),
    ("zh", "４１１１１１１１１１１１１１１１", MASK),
    ("zh", "卡号4111-1111-1111-1111", f"卡号{MASK}"),
]  # fmt: skip
HARMLESS: list[tuple[Language, str]] = [
    ("en", ""),
    ("en", "my order four seven one one is late"),
    ("en", "order 4711 and 4630"),
    ("en", "zero four nine three zero nine zero one eight two oh"),  # eleven digits of a telephone
    ("en", "+493090182012345"),
    ("en", "on the twenty first of may nineteen ninety nine at ten thirty"),
    ("en", "one of the two came one week ago and three or four of them were late at nine"),
    ("en", "double triple"),
    ("zh", ""),
    ("zh", "我的订单四七一一晚了"),
    ("zh", "等一下，我一个人有三件事要一起问，二十一号买了两个"),
    ("zh", "我的电话是一三八零零一三八零零零"),
]


@pytest.mark.parametrize(("language", "text", "expected"), CARDS)
def test_card_number_is_masked(language: Language, text: str, expected: str) -> None:
    assert masked(text, language) == expected


@pytest.mark.parametrize(("language", "text"), HARMLESS)
def test_what_is_no_card_number_stays_to_the_letter(language: Language, text: str) -> None:
    assert masked(text, language) == text


def test_two_card_numbers_in_one_sentence() -> None:
    card = " ".join(EN[int(d)] for d in "4111111111111111")
    assert masked(f"not {card} i said but instead please take {card} ok", "en") == (
        f"not {MASK} i said but instead please take {MASK} ok"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("four one one one one one", "four one one one one one"),
        ("four one one one one one one", MASK),
        ("it is four one one one double one one one", f"it is {MASK}"),
    ],
)
def test_number_that_is_still_being_said_is_hidden_after_six_digits(text: str, expected: str) -> None:
    assert masked(text, "en", BEGUN) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4111111111111111", True),
        ("411111111111", True),
        ("41111111111", False),
        ("", False),
        ("2026-11-25T10:30", True),
    ],
)
def test_is_number(text: str, expected: bool) -> None:
    assert is_number(text) is expected


cards = st.text("0123456789", min_size=12, max_size=19)
fillers = st.sampled_from(("", "um", "uh", "and then", "er um"))
words = st.sampled_from(("hello", "my", "card", "number", "is", "please", "late", "order"))


@given(cards, st.lists(fillers, min_size=19, max_size=19), st.lists(words, max_size=4), st.lists(words, max_size=4))
def test_no_digit_of_a_card_said_in_words_is_left(
    card: str, between: list[str], before: list[str], after: list[str]
) -> None:
    said = " ".join(word for digit, um in zip(card, between, strict=False) for word in (EN[int(digit)], um) if word)
    shown = masked(" ".join((*before, said, *after)), "en")
    assert MASK in shown and spoken_digits(shown, "en") == ""
    assert shown.split(MASK)[0].split() == before
    assert not after or shown.split()[-len(after) :] == after


@given(cards, st.lists(st.sampled_from(("", " ", "，", "嗯", "然后")), min_size=19, max_size=19))
def test_no_digit_of_a_card_said_in_chinese_is_left(card: str, between: list[str]) -> None:
    said = "".join(ZH[int(digit)] + um for digit, um in zip(card, between, strict=False))
    shown = masked(f"卡号：{said}！", "zh")
    assert shown.startswith(f"卡号：{MASK}") and spoken_digits(shown, "zh") == ""


@given(st.text(), st.sampled_from(("en", "zh")), st.integers(1, 20))
def test_it_never_fails_and_adds_nothing_but_the_mask(text: str, language: Language, shortest: int) -> None:
    shown = masked(text, language, shortest)
    left = "".join(shown.replace(MASK, "").split())
    whole = iter("".join(text.split()))
    assert all(sign in whole for sign in left), "what is left was there, in that order"
    assert masked(text, language, 10**6) == text
