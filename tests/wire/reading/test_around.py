"""What stands beside a value counts: a denial, a restriction, an offset, a correction. Nothing of it is ever sure and wrong."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.dialogue.digits import SURE
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.values import ValueKind
from ivr.core.language import LANGUAGES, Language
from ivr.wire.reading.reader import SpokenReader

NOW = datetime(2026, 11, 28, 15, 0, tzinfo=ZoneInfo("Europe/Berlin"))
"""A Saturday."""
READER = SpokenReader("DE", "EUR")


NAMES = (
    "Munich",
    "Berlin",
    "Hamburg",
    "Dr Miller",
    "Dr Smith",
    "First class",
    "Second class",
    "慕尼黑",
    "柏林",
    "王医生",
    "李医生",
)


def sure(kind: ValueKind, text: str, language: Language) -> str:
    """The value that is taken without being said back; empty: none."""
    found = READER.read(kind, [Hypothesis(text)], language, NOW, NAMES if kind == "name" else ())
    value = found[0].value if found and found[0].share >= SURE else ""
    return value.removesuffix(" EUR").removesuffix(".00")


@pytest.mark.parametrize(
    ("kind", "language", "text", "right"),
    [
        ("date", "en", "i'm away on monday and tuesday", ""),
        ("date", "en", "she can't walk well she'd like monday", "2026-11-30|"),
        ("date", "en", "i can't do monday or tuesday", ""),
        ("date", "en", "monday and tuesday are no good", ""),
        ("date", "en", "neither monday nor tuesday", ""),
        ("date", "en", "not monday tuesday", "2026-12-01"),
        ("date", "en", "i can do monday but not tuesday", "2026-11-30"),
        ("date", "en", "the last saturday before christmas", "2026-12-19"),
        ("date", "zh", "周三周四都不行", ""),
        ("date", "zh", "周三和周四没空", ""),
        ("date", "zh", "不是周三周四", "2026-12-03"),
        ("time", "en", "nine and ten are no good", ""),
        ("time", "en", "i can't do ten or eleven", ""),
        ("time", "zh", "九点十点都不行", ""),
        ("amount", "zh", "五十多块", ""),
        ("digits", "en", "just a second", ""),
        ("digits", "en", "it ends in forty two", ""),
        ("digits", "zh", "尾号四二", ""),
        ("phone", "en", "not oh three oh nine oh one eight two oh", ""),
        ("phone", "en", "oh three oh nine oh one eight two oh no wait oh three oh nine oh one eight two one", "+4930901821"),
        ("date", "en", "i can't come on monday", ""),
        ("date", "en", "monday doesn't work", ""),
        ("date", "en", "i'm not free on monday", ""),
        ("date", "en", "any day but monday", ""),
        ("date", "en", "any day except tuesday", ""),
        ("date", "en", "never on a monday", ""),
        ("date", "en", "monday is no good for me", ""),
        ("date", "en", "monday is no good how about tuesday", "2026-12-01"),
        ("date", "zh", "周一不行", ""),
        ("date", "zh", "周一没空", ""),
        ("date", "zh", "除了周一都可以", ""),
        ("date", "zh", "周一没空周三吧", "2026-12-02"),
        ("date", "zh", "十号下午礼拜四", "2026-12-10"),
        ("date", "en", "the tenth in the afternoon that's a thursday", "2026-12-10"),
        ("date", "en", "thursday or the eleventh", ""),
        ("date", "en", "one for my brother as well on saturday first thing", "2026-11-28|"),
        ("date", "zh", "三号我已经约了是十号", "2026-12-10"),
        ("time", "en", "my husband's one on friday morning", ""),
        ("time", "en", "the thursday one", ""),
        ("time", "en", "half nine'll do", "09:30|21:30"),
        ("time", "zh", "九点半有点赶十点可以吗", "10:00|22:00"),
        ("date", "en", "don't cancel it move it to friday", "2026-11-27|"),
        ("date", "en", "the day after christmas", "2026-12-26"),
        ("date", "en", "three days before christmas", "2026-12-22"),
        ("date", "en", "three days after monday", "2026-12-03"),
        ("date", "en", "the tuesday after the first of december", "2026-12-08"),
        ("date", "en", "monday the week after next", "2026-12-14|"),
        ("date", "en", "a week on friday", "2026-12-11"),
        ("date", "en", "in the third week of january", ""),
        ("date", "en", "the second week of december", ""),
        ("date", "en", "easter monday", "2027-03-29|"),
        ("date", "en", "in a week and a half", ""),
        ("date", "en", "the last friday of this month", "2026-11-27|"),
        ("date", "en", "the first monday of this month", "2026-11-02|"),
        ("date", "en", "the thirty first of february", ""),
        ("date", "en", "thirty first is february", ""),
        ("date", "en", "the end of january", "2027-01-31|"),
        ("date", "zh", "圣诞节第二天", "2026-12-26"),
        ("date", "zh", "下个月第二个星期三", "2026-12-09"),
        ("date", "zh", "下下下周一", "2026-12-14"),
        ("date", "zh", "两三天后", ""),
        ("time", "en", "i can't make it at ten", ""),
        ("time", "en", "not eleven", ""),
        ("time", "en", "quarter to eleven", "10:45"),
        ("time", "en", "quarter past noon", "12:15"),
        ("time", "en", "half past noon", "12:30"),
        ("time", "en", "quarter past midnight", "00:15"),
        ("time", "en", "one minute to midnight", "23:59"),
        ("time", "en", "in three quarters of an hour", "15:45"),
        ("time", "en", "in two hours and a quarter", "17:15"),
        ("time", "zh", "十点不行", ""),
        ("time", "zh", "午夜过一刻", "00:15"),
        ("time", "zh", "两三点", ""),
        ("time", "zh", "两三个小时后", ""),
        ("number", "en", "half a dozen", "6"),
        ("number", "en", "three quarters", "0.75|"),
        ("number", "en", "a quarter million", "250000"),
        ("number", "en", "three and a half thousand", "3500"),
        ("number", "en", "one and a half million", "1500000"),
        ("number", "en", "all but two", ""),
        ("number", "zh", "两打", "24"),
        ("number", "zh", "两三个", ""),
        ("amount", "en", "two dozen euros", "24"),
        ("amount", "zh", "两三块", ""),
        ("amount", "zh", "四五块", ""),
        ("amount", "zh", "十几块", ""),
        ("digits", "en", "treble seven", "777"),
        ("digits", "en", "four sevens", "7777"),
        ("digits", "en", "three zeros", "000"),
        ("digits", "en", "double oh", "00"),
        ("digits", "en", "forty eight oh two", "4802"),
        ("digits", "en", "four thousand eight hundred and two", "4802"),
        ("digits", "en", "ten thousand one hundred and fifteen", "10115"),
        ("digits", "en", "four eight oh one no four eight oh two", "4802"),
        ("digits", "en", "one moment please", ""),
        ("digits", "en", "the one i ordered", ""),
        ("digits", "zh", "三个八", "888"),
        ("name", "en", "not berlin", ""), ("name", "en", "anything but hamburg", ""), ("name", "en", "hamburg is too far", ""),
        ("name", "en", "neither berlin nor munich", ""), ("name", "en", "berlin no sorry munich", "Munich"),
        ("name", "en", "not berlin, munich", "Munich"), ("name", "en", "dr smith not dr miller", "Dr Smith"),
        ("name", "en", "i'm not in berlin any more i live in munich", "Munich|"),
        ("name", "en", "berlin or munich", ""), ("name", "en", "the one in hamburg please", "Hamburg"),
        ("name", "zh", "不是柏林", ""), ("name", "zh", "除了柏林都行", ""), ("name", "zh", "柏林太远了", ""),
        ("name", "zh", "柏林不对慕尼黑", "慕尼黑"), ("name", "zh", "不是王医生是李医生", "李医生"),
        ("date", "en", "tuesday's out wednesday's fine", "2026-12-02|"),
        ("date", "en", "friday the fifth", ""),
        ("date", "en", "i was going to say monday but tuesday is better", "2026-12-01"),
        ("date", "zh", "本来想周一的还是周二吧", "2026-12-01"), ("date", "zh", "周五五号", ""),
        ("time", "en", "noonish", "12:00|"),
        ("time", "zh", "四点来钟", ""), ("amount", "en", "twenty something euros", ""),
        ("digits", "en", "four seven one one i think", "4711"), ("digits", "en", "nine one one that's it", "911"),
        ("digits", "en", "four seven one something", ""), ("digits", "en", "four seven one one the old one", ""),
        ("date", "en", "couldn't we do monday", "2026-11-30"), ("date", "en", "wouldn't monday be possible", "2026-11-30"),
        ("date", "zh", "特别希望周一", "2026-11-30"), ("date", "zh", "周一吧不好意思", "2026-11-30"),
        ("date", "en", "the friday after this one", "2026-12-11"),
        ("date", "en", "not this friday but the one after", "2026-12-11"),
        ("date", "en", "not the coming friday i'm away the one after that", "2026-12-11"),
        ("date", "en", "tomorrow no sorry the day after", "2026-11-30"),
        ("time", "en", "the nine thirty no sorry the eleven", "11:00"),
        ("time", "en", "two thirty two thirty two thirty", "14:30"),
        ("time", "en", "four's a bit late", ""), ("time", "en", "half nine is a bit early", ""),
        ("date", "en", "the second or third of january", ""), ("time", "zh", "四点太晚了天都黑了", ""),
        ("time", "zh", "九点半起不来", ""), ("time", "zh", "十一点十一点都说三遍了", "11:00|"),
        ("time", "zh", "十点十一分", "10:11"),
        ("date", "zh", "不是就十六号", "2026-12-16|"), ("date", "zh", "不行周四", "2026-12-03|"),
        ("date", "zh", "不对十一号", "2026-12-11"), ("date", "zh", "不是说了周四吗", "2026-12-03|"),
        ("digits", "zh", "洞四拐幺", "0471"), ("digits", "zh", "四七双零", "4700"), ("digits", "zh", "四零不四七幺幺", "4711"),
        ("phone", "zh", "零九三三四四七八一二这是台湾的手机", "+886933447812"),
        ("phone", "zh", "一三九双零一三九三个零", "+8613900139000"),
        ("phone", "en", "oh seven nine one two three four five six seven it's a swiss mobile", "+41791234567"),
        ("date", "zh", "周一请帮忙安排", "2026-11-30"), ("date", "zh", "不要紧周一也行", "2026-11-30|"),
    ],
)  # fmt: skip
def test_sure_values(kind: ValueKind, language: Language, text: str, right: str) -> None:
    """``right``: what may be taken as sure; with a "|": that, or nothing."""
    assert sure(kind, text, language) in right.split("|")


@pytest.mark.parametrize(
    ("language", "text", "digits"),
    [
        ("zh", "四七幺二哦最后那个是幺", "4711"), ("zh", "四七然后是幺后面还是一个幺", "4711"),
        ("en", "four seven one two the last one is a one", "4711"),
    ],
)  # fmt: skip
def test_the_end_of_a_number_told_apart(language: Language, text: str, digits: str) -> None:
    assert READER.read("digits", [Hypothesis(text)], language, NOW)[0].value == digits


VALUES: dict[tuple[ValueKind, Language], tuple[str, ...]] = {
    ("date", "en"): ("monday", "the third of december", "tomorrow", "new year's day", "christmas eve", "25.12."),
    ("time", "en"): ("half past two", "ten o'clock", "a quarter to nine in the morning", "14:30", "noon"),
    ("number", "en"): ("five", "twenty three", "a dozen"),
    ("amount", "en"): ("twenty euros", "forty nine euros", "three hundred dollars"),
    ("digits", "en"): ("four seven one one", "double oh five"),
    ("phone", "en"): (
        "oh three oh nine oh one eight two oh",
        "oh one five one one two three four five six seven eight",
    ),
    ("name", "en"): ("munich", "doctor miller", "first class"),
    ("date", "zh"): ("周一", "十二月三号", "明天", "圣诞节"),
    ("time", "zh"): ("下午三点", "十点半", "14:30"),
    ("number", "zh"): ("五个", "二十三"),
    ("amount", "zh"): ("二十块", "三百欧元"),
    ("digits", "zh"): ("四七一一", "八零零五"),
    ("phone", "zh"): ("一三八零零一三八零零零", "一三九一二三四五六七八"),
    ("name", "zh"): ("慕尼黑", "王医生"),
}
OF_A_CALENDAR: dict[Language, tuple[str, ...]] = {
    "en": ("before {}", "not before {}", "after {} somewhen", "the week before {}", "the year after {}", "{} or the day after",
           "{} zebra", "zebra {}", "shortly before {}", "{} at the earliest", "{} at the latest", "{} i am away",
           "i can't come {}", "i am not free {}", "any time but {}", "{} is impossible"),
    "zh": ("{}之前", "{}以后", "{}斑马", "大约{}前后", "{}我来不了", "{}没空", "{}不方便"),
}  # fmt: skip
TAKEN_AWAY: dict[Language, tuple[str, ...]] = {
    "en": ("not {}", "{} is no good", "{} doesn't work for me", "anything but {}", "anything except {}", "{} won't do",
           "never {}", "i'd rather not {}", "unless {}", "i would avoid {}", "it isn't {}", "no not {}", "{} is wrong",
           "{} no wait", "{} no sorry", "that's not {}"),
    "zh": ("不是{}", "{}不行", "{}不对", "除了{}", "别{}", "{}错了", "{}等等"),
}  # fmt: skip


@given(st.data())
@pytest.mark.parametrize(("kind", "language"), VALUES)
def test_value_from_which_something_is_taken_is_never_sure(
    kind: ValueKind, language: Language, data: st.DataObject
) -> None:
    value = data.draw(st.sampled_from(VALUES[kind, language]))
    forms = TAKEN_AWAY[language] + (OF_A_CALENDAR[language] if kind in ("date", "time") else ())
    text = data.draw(st.sampled_from(forms)).format(value)
    assert sure(kind, text, language) == "", text


HARMLESS: dict[Language, tuple[str, ...]] = {
    "en": ("{} please", "on {}", "yes {}", "i would like to come {}", "{} would be great", "well {} then", "could you make it {}",
           "{} suits me", "no {}", "sorry {}", "the technician can come {}", "let's say {}", "{} thank you very much"),
    "zh": ("{}吧", "请帮我约{}", "{}可以吗", "我想要{}", "好的{}", "{}谢谢", "那就{}"),
}  # fmt: skip


@given(st.data())
@pytest.mark.parametrize(("kind", "language"), VALUES)
def test_politeness_changes_nothing(kind: ValueKind, language: Language, data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(VALUES[kind, language]))
    text = data.draw(st.sampled_from(HARMLESS[language])).format(value)
    assert sure(kind, text, language) == sure(kind, value, language) != "", text


CORRECTIONS: dict[Language, tuple[str, ...]] = {
    "en": ("{} no {}", "{} no wait {}", "{} sorry {}", "{} i mean {}", "{} is no good how about {}", "not {} but {}",
           "{} no make it {}", "i can't do {} so {}", "instead of {} {}",
           "{} actually make that {}", "{} wait no {}", "{} no sorry {}"),
    "zh": ("{}不对{}", "{}不行{}", "不是{}是{}", "{}没空{}吧", "{}我是说{}", "{}说错了是{}"),
}  # fmt: skip


@given(st.data())
@pytest.mark.parametrize(("kind", "language"), [key for key, values in VALUES.items() if len(values) > 1])
def test_correction_wins_or_is_a_doubt(kind: ValueKind, language: Language, data: st.DataObject) -> None:
    first, second = data.draw(st.permutations(VALUES[kind, language]))[:2]
    text = data.draw(st.sampled_from(CORRECTIONS[language])).format(first, second)
    assert sure(kind, text, language) in ("", sure(kind, second, language)), text


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("monday not tuesday", "2026-11-30"), ("monday i can come but not tuesday", "2026-11-30"), ("monday or tuesday", ""),
        ("i can't do monday so tuesday", "2026-12-01"), ("why not monday", "2026-11-30"), ("maybe monday", ""),
        ("i work on monday", ""), ("monday at half past two", "2026-11-30"),
        ("could the technician come friday afternoon", "2026-12-04"),
        ("monday i'm at work tuesday would be fine", "2026-12-01"), ("two weeks after christmas", "2027-01-08"),
        ("if monday is full then tuesday", "2026-12-01"),
    ],
)  # fmt: skip
def test_days_among_other_words(text: str, right: str) -> None:
    assert sure("date", text, "en") == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("my number is four eight oh two", "4802"), ("number four sorry five", "5"), ("for the parcel", ""),
        ("one of your people", ""),
        ("oh well", ""), ("which one", ""), ("it is double seven treble two", "77222"), ("three eights", "888"),
        ("four eight oh two no three", ""), ("order four eight oh two please", "4802"),
        ("i have been waiting for two weeks", ""),
    ],
)  # fmt: skip
def test_digits_among_other_words(text: str, right: str) -> None:
    assert sure("digits", text, "en") == right


def test_every_language_has_its_words() -> None:
    assert set(TAKEN_AWAY) == set(HARMLESS) == set(CORRECTIONS) == set(LANGUAGES)
