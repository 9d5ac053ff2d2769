"""Small words: prompts filled in, yes and no, digits by word."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.dialogue import wording
from ivr.core.digit_words import digit_words, spoken_digits
from ivr.core.language import Language
from tests.core.little_house import LATE_WATCH, LIN_MEI, STRANGER, STRAP, lin

YES, NO = ("yes", "that's right", "Okay", "好", "是的"), ("no", "not really", "不", "没有")


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("Hello {salutation}.", {"salutation": "Ms Lin"}, "Hello Ms Lin."),
        ("Hello {salutation}, welcome.", {}, "Hello, welcome."),
        ("{salutation}您好。", {}, "您好。"),
        ("Is it {title}?", {}, "Is it?"),
        ("{a} and {b}", {"a": "{b}", "b": "{a}"}, "{b} and {a}"),
        ("Press {key}", {"key": "1"}, "Press 1"),
        ("100 {percent", {"percent": "no"}, "100 {percent"),
        ("", {}, ""),
    ],
)
def test_fill(text: str, values: dict[str, str], filled: str) -> None:
    assert wording.fill(text, values) == filled


@given(st.text(), st.dictionaries(st.sampled_from(("salutation", "order")), st.text()))
def test_filling_never_fails_and_leaves_no_field(text: str, values: dict[str, str]) -> None:
    plain = {key: value.replace("{", "") for key, value in values.items()}
    assert not wording.field_names(wording.fill(text, plain)) & wording.field_names(text)


def test_field_names() -> None:
    assert wording.field_names("{order} of {salutation}, {Not} {not one} {order}") == {"order", "salutation"}


@pytest.mark.parametrize(
    ("text", "language", "digits"),
    [
        ("four seven one one", "en", "4711"), ("four seven double one", "en", "4711"), ("triple oh five", "en", "0005"),
        ("my number is four eight zero two please", "en", "4802"), ("4711", "en", "4711"), ("double", "en", ""),
        ("double um seven", "en", "77"), ("forty", "en", ""), ("", "en", ""), ("²", "en", ""),
        ("四七一一", "zh", "4711"), ("四 七 幺 两", "zh", "4712"), ("订单号是四八零二", "zh", "4802"), ("４７１１", "zh", "4711"),
        ("four", "zh", ""), ("四", "en", ""),
    ],
)  # fmt: skip
def test_spoken_digits(text: str, language: Language, digits: str) -> None:
    assert spoken_digits(text, language) == digits


@given(st.text(), st.sampled_from(("en", "zh")))
def test_spoken_digits_are_digits_of_a_telephone(text: str, language: Language) -> None:
    assert re.fullmatch("[0-9]*", spoken_digits(text, language))


@given(st.text("0123456789", max_size=20), st.sampled_from(("en", "zh")))
def test_what_is_spoken_digit_by_digit_is_heard_so(number: str, language: Language) -> None:
    names = {
        "en": "zero one two three four five six seven eight nine".split(),
        "zh": "零 一 二 三 四 五 六 七 八 九".split(),
    }
    assert spoken_digits(" ".join(names[language][int(d)] for d in number), language) == number


def test_grammar_of_digits_has_every_word_that_counts() -> None:
    for language in ("en", "zh"):
        for word in digit_words(language):
            assert spoken_digits(f"{word} {word}", language) or word in ("double", "triple")


def test_salutation() -> None:
    bare = replace(LIN_MEI, salutation=None, salutation_zh=None)
    assert [wording.salutation(lin(), language) for language in ("en", "zh")] == ["Ms Lin", "林女士"]
    assert [wording.salutation(lin(customer=bare), language) for language in ("en", "zh")] == ["Lin Mei", "Lin Mei"]
    assert wording.salutation(STRANGER, "en") == ""


def test_fields_of_a_caller() -> None:
    shipped = replace(STRAP, id="4802", status="shipped")
    assert wording.fields(lin(), "en") == {"salutation": "Ms Lin", "order": "4711", "product": "watch"}
    assert wording.fields(lin(orders=(shipped, LATE_WATCH)), "en")["order"] == "4711", "the late one comes first"
    assert wording.fields(lin(orders=(STRAP, shipped)), "en")["product"] == "strap"
    assert wording.fields(lin(orders=(STRAP,)), "en") == {"salutation": "Ms Lin"}
    assert wording.fields(STRANGER, "en") == {}
    assert set(wording.fields(lin(), "en")) <= wording.FIELD_NAMES


# -- fields with a kind


@pytest.mark.parametrize(
    ("text", "values", "asked"),
    [
        ("Due {order.due:date}.", {"order.due": "2026-11-25"}, [("order.due", "2026-11-25", "date")]),
        ("{a} {b:time}", {"a": "1", "b": "10:30"}, [("a", "1", None), ("b", "10:30", "time")]),
        ("{a:date}, and {a}", {"a": "x"}, [("a", "x", "date"), ("a", "x", None)]),
        ("{a:date}", {}, []),  # nothing to be said
        ("{a:date}", {"a": ""}, []),
        ("{a:Date} {a:} {:date} {a : date}", {"a": "x"}, []),  # no fields at all
    ],
)
def test_values_are_said_as_their_kind(
    text: str, values: dict[str, str], asked: list[tuple[str, str, str | None]]
) -> None:
    seen: list[tuple[str, str, str | None]] = []

    def spoken(name: str, value: str, kind: str | None) -> str:
        seen.append((name, value, kind))
        return f"<{value}>"

    filled = wording.fill(text, values, spoken)
    assert seen == asked
    assert filled.count("<") == len(asked)


def test_what_a_value_is_said_as_is_not_filled_again() -> None:
    assert wording.fill("{a}", {"a": "x", "b": "secret"}, lambda name, value, kind: "{b}") == "{b}"


def test_field_kinds() -> None:
    text = "{a:date} {b.c:amount} {d} {e:foo} {F:date}"
    assert wording.field_kinds(text) == {"date", "amount", "foo"}
    assert wording.field_names(text) == {"a", "b.c", "d", "e"}


# -- anything else?


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("no", "en", True), ("No", "en", True), ("no thank you", "en", True), ("no thank you that's all", "en", True),
        ("no no", "en", True), ("that's everything thanks bye", "en", True), ("okay thank you goodbye", "en", True),
        ("i'm good", "en", True), ("nope nothing else", "en", True),
        ("no i want my money back", "en", False), ("nothing has arrived", "en", False), ("yes", "en", False),
        ("thank you for nothing where is my watch", "en", False), ("nobody", "en", False), ("byebye", "en", False),
        ("notice", "en", False), ("", "en", False), ("   ", "en", False),
        ("没有了", "zh", True), ("没有 了", "zh", True), ("不用了谢谢", "zh", True), ("没有了谢谢再见", "zh", True),
        ("好的谢谢您", "zh", True), ("没事了", "zh", True), ("就这样再见", "zh", True), ("不", "zh", True),
        ("没有收到货", "zh", False), ("不对我要退货", "zh", False), ("谢谢我还想问发票", "zh", False),
        ("好了没有我的订单", "zh", False),
        ("有", "zh", False), ("", "zh", False),
    ],
)  # fmt: skip
def test_nothing_else(text: str, language: Language, expected: bool) -> None:
    assert wording.nothing_else(text, language) is expected


@given(st.text(), st.sampled_from(("en", "zh")))
def test_nothing_else_never_fails(text: str, language: Language) -> None:
    assert wording.nothing_else(text, language) in (True, False)
    assert wording.only_listening(text, language) in (True, False)


# -- the other of two


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the other one", True), ("no the other one please", True), ("THE OTHER ONE", True), ("something else", True),
        ("另一个", True), ("不 是 另 一 个", True), ("我要问其他的", True),
        ("one", False), ("another one", False), ("the others", False), ("something elsewhere", False), ("", False),
        ("一个", False), ("另外一件", False),
    ],
)  # fmt: skip
def test_wants_other(text: str, expected: bool) -> None:
    assert wording.wants_other(text) is expected


# -- only listening


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("mm", "en", True), ("mm-hm", "en", True), ("uh huh", "en", True), ("Hmm", "en", True), ("um uh", "en", True),
        ("yes", "en", False), ("no", "en", False), ("mm yes", "en", False), ("", "en", False), (" ", "en", False),
        ("hummus", "en", False), ("okay", "en", False), ("嗯", "en", False),
        ("嗯", "zh", True), ("嗯 嗯", "zh", True), ("哦嗯", "zh", True), ("啊", "zh", True),
        ("嗯对", "zh", False), ("是", "zh", False), ("", "zh", False), ("mm", "zh", False),
    ],
)  # fmt: skip
def test_only_listening(text: str, language: Language, expected: bool) -> None:
    assert wording.only_listening(text, language) is expected
