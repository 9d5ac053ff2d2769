"""Every word of an answer counts: a doubt is no yes, and neither is a yes that something is taken away from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.dialogue.words.small_words import SENSES
from ivr.core.dialogue.words.yes_and_no import answer
from ivr.core.language import LANGUAGES, Language

YES = {
    "en": ("yes", "yeah", "sure", "right", "that's right", "of course", "okay"),
    "zh": ("是", "是的", "对", "好", "好的", "可以"),
}
NO = {"en": ("no", "nope", "not really"), "zh": ("不", "不是", "不对", "没有")}
QUESTION = {"en": "Shall I book Monday at ten?", "zh": "星期一十点，帮您约好吗？"}


def read(text: str, language: Language = "en") -> bool | None:
    return answer(text, language, YES[language], NO[language], QUESTION[language]).meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("i wouldn't say no to that", True), ("yeah well i won't say no", True), ("i should think so", True), ("righto", True),
        ("if i must", True), ("mmhm go ahead", True), ("put me down for that", True), ("i wouldn't say yes", False),
        ("no that's perfect", True), ("no yes", None), ("do i have to", None), ("should i say yes", None),
        ("yes", True), ("YES please", True), ("oh yes it is", True), ("that's right", True), ("okay thank you", True),
        ("absolutely", True), ("it is", True), ("i guess", True), ("uh huh", True), ("no problem", True),
        ("of course", True),
        ("yes book it please", True), ("monday at ten yes", True), ("i couldn't agree more", True), ("why not", True),
        ("no i mean yes", True), ("no wait yes", True), ("sorry yes", True), ("that would be great", True),
        ("i have no objection", True),
        ("yes i would like that very much", True), ("yes sorry", True), ("i said yes", True), ("go on then", True),
        ("no", False), ("yes no i mean no", False), ("not really", False), ("well no", False), ("of course not", False),
        ("that's not correct", False), ("not exactly", False), ("i don't think so", False),
        ("i don't think that's right", False),
        ("certainly not on monday", False), ("yes wait no", False), ("yes sorry no", False), ("please don't", False),
        ("don't book it", False), ("i can't come then", False), ("no it's munich", False), ("the other one", False),
        ("no but thank you", False), ("i said no", False), ("never", False), ("yeah no", False),
        ("i do not want that", False),
        ("i am not sure", None), ("right now i cannot say", None), ("okay hold on", None), ("maybe", None), ("", None),
        ("yesterday", None), ("nobody", None), ("i know", None), ("munich", None), ("go back", None), ("hm", None),
        ("yes but not on monday", None), ("yes except the date", None), ("yes on tuesday", None), ("no that's right", None),
        ("not wrong", None), ("yes and no", None), ("if it is before noon", None), ("what", None), ("thank you", None),
        ("okay i want to return a parcel", None), ("yes could you repeat that", None), ("yes that one not the other", None),
        ("my watch has not come", None), ("i have not got my money back yet", None),
        ("she said yes", None), ("yes maybe", None), ("right in front of the house", None),
        ("sure it is half past two", None),
    ],
)  # fmt: skip
def test_english(text: str, meant: bool | None) -> None:
    assert read(text) is meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("没错就这样定了", True), ("要得", True), ("对头", True), ("妥了", True), ("不是不行", True),
        ("不是不行可是我得问问", None),
        ("行行行", True), ("约吧", True), ("不是不是", False),
        ("是的", True), ("好 的", True), ("嗯", True), ("好的谢谢", True), ("可以啊麻烦您了", True),
        ("当然可以", True), ("没错", True),
        ("不是我是说是的", True), ("没问题", True), ("就这样", True), ("好吧", True), ("等一下是的", True),
        ("不 是 的", False), ("没有", False), ("当然不是", False), ("不行", False), ("周一不行", False),
        ("不太对", False), ("不用了谢谢", False),
        ("不不是的", False), ("那可不行", False), ("是的等等不对", False), ("另一个", False), ("不是慕尼黑", False),
        ("算了", False),
        ("也许", None), ("对不起我没听清", None), ("等一下", None), ("对但是不要周一", None), ("慕尼黑", None),
        ("不用谢", None),
        ("我不确定", None), ("可不可以", None), ("没关系", None), ("不知道", None), ("听不清楚", None),
        ("不要紧", None), ("好像是慕尼黑", None),
    ],
)  # fmt: skip
def test_chinese(text: str, meant: bool | None) -> None:
    assert read(text, "zh") is meant


@pytest.mark.parametrize(
    ("text", "language", "meant", "elsewhere"),
    [
        ("then cancel it", "en", True, None), ("call it off please", "en", True, None), ("cancel that", "en", True, False),
        ("oh i don't know, perhaps i'd better keep it", "en", False, None), ("no wait, keep it", "en", False, None),
        ("don't cancel it", "en", False, False), ("do i have to cancel it", "en", None, None),
        ("嗯那就取消吧", "zh", True, False), ("那就退掉", "zh", True, None),
        ("算了不取消了", "zh", False, False),
        ("先留着", "zh", False, None),
        ("别取消", "zh", False, False),
    ],
)  # fmt: skip
def test_where_a_cancellation_is_asked_its_name_is_a_yes(
    text: str, language: Language, meant: bool | None, elsewhere: bool | None
) -> None:
    asked = {"en": ("Shall I cancel it?", "Shall I book it?"), "zh": ("要取消吗？", "要预约吗？")}[language]
    assert [answer(text, language, YES[language], NO[language], one).meant for one in asked] == [meant, elsewhere]


@pytest.mark.parametrize("text", ["i guess", "uh huh", "i suppose so", "probably", "if you like"])
def test_half_a_yes_is_no_plain_one(text: str) -> None:
    found = answer(text, "en", YES["en"], NO["en"])
    assert found.meant is True and not found.plain


def test_denial_without_a_no_and_with_a_word_of_its_own_is_no_plain_no() -> None:
    found = answer("it has not arrived", "en", YES["en"], NO["en"])
    assert found.meant is False and not found.plain


def test_operators_words_go_before_ours() -> None:
    assert answer("maybe", "en", ("maybe",), ()).meant is True
    assert answer("sure", "en", (), ("sure",)).meant is False


YESES = {
    language: sorted(" ".join(words) for words, sense in SENSES[language].items() if sense == "yes")
    for language in LANGUAGES
}
TAKEN_AWAY = {
    "en": ("not {}", "{} not", "i don't think {}", "{} no wait", "maybe {}", "{} but not then", "{} unless it rains", "if {}",
           "{} no", "it isn't {}", "{} i am not sure", "{} except on fridays", "{} zebra", "zebra {}", "{} or no",
           "{} i mean no"),
    "zh": ("不{}", "{}但是不要", "也许{}", "{}不对", "我不确定{}", "如果{}", "{}除了周五", "{}斑马", "斑马{}", "{}我是说不"),
}  # fmt: skip


@given(st.data())
@pytest.mark.parametrize("language", LANGUAGES)
def test_yes_that_something_is_taken_away_from_is_none(language: Language, data: st.DataObject) -> None:
    yes = data.draw(st.sampled_from(YESES[language]))
    around = data.draw(st.sampled_from(TAKEN_AWAY[language]))
    assert read(around.format(yes), language) is not True, around.format(yes)


@given(st.text(), st.sampled_from(LANGUAGES))
def test_whatever_is_said_is_answered(text: str, language: Language) -> None:
    assert read(text, language) in (True, False, None)
