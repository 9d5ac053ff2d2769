"""What callers leave open among dates and times."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.values import Window, within
from ivr.core.language import Language
from ivr.wire.reading.reader import SpokenReader

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
"""A Wednesday."""
READER = SpokenReader("DE", "EUR")
OFFERED = ("09:30", "11:00", "14:30", "16:00")
DAYS = ("2026-11-27", "2026-11-30", "2026-12-01", "2026-12-04", "2026-12-10", "2026-12-28")

TIMES: dict[Language, list[tuple[str, tuple[str, ...]]]] = {
    "en": [
        ("sometime after lunch", ("14:30", "16:00")), ("not the morning ones", ("14:30", "16:00")),
        ("in the afternoon please", ("14:30", "16:00")), ("mornings are no good", ("14:30", "16:00")),
        ("any time before twelve", ("09:30", "11:00")), ("i can't be there before twelve", ("14:30", "16:00")),
        ("after three", ("16:00",)), ("not before ten", ("11:00", "14:30", "16:00")), ("three or later", ("16:00",)),
        ("between two and four", ("14:30", "16:00")), ("not at eleven", ("09:30", "14:30", "16:00")),
        ("around three", ("14:30",)), ("two something", ("14:30",)), ("in the evening", ()),
        ("the middle of the day one i suppose", ("11:00", "14:30")), ("half nine or eleven, whichever", ("09:30", "11:00")),
        ("half nine's a bit early for my bones", ("11:00", "14:30", "16:00")),
        ("only after lunch i work mornings", ("14:30", "16:00")), ("anything but first thing", ("11:00", "14:30", "16:00")),
        ("the morning would be better", ("09:30", "11:00")), ("once i finish work", ("16:00",)),
    ],
    "zh": [
        ("下午吧", ("14:30", "16:00")), ("上午不行", ("14:30", "16:00")), ("三点以后", ("16:00",)),
        ("十二点之前来不了", ("14:30", "16:00")), ("两点多", ("14:30",)), ("三点左右", ("14:30",)),
        ("九点半起不来", ("11:00", "14:30", "16:00")), ("四点太晚了", ("09:30", "11:00", "14:30")), ("有没有傍晚的", ()),
        ("还是上午吧", ("09:30", "11:00")), ("吃完午饭后", ("14:30", "16:00")), ("两点到四点", ("14:30", "16:00")), ("晚上", ()),
    ],
}  # fmt: skip
DATES: dict[Language, list[tuple[str, tuple[str, ...]]]] = {
    "en": [
        ("anything except a monday", ("2026-11-27", "2026-12-01", "2026-12-04", "2026-12-10")),
        ("some day next week", ("2026-11-30", "2026-12-01", "2026-12-04")),
        ("some time between the third and the tenth", ("2026-12-04", "2026-12-10")),
        ("before christmas", DAYS[:5]), ("after the fourth", ("2026-12-04", "2026-12-10", "2026-12-28")),
        ("from the tenth on", DAYS[4:]),
        ("i can't come on mondays", ("2026-11-27", "2026-12-01", "2026-12-04", "2026-12-10")),
        ("not at the weekend", DAYS), ("this week", ("2026-11-27",)),
        ("early next week", ("2026-11-30", "2026-12-01")), ("the end of next week", ("2026-12-04",)),
        ("sometime next month", DAYS[2:]), ("beginning of december", ("2026-12-01", "2026-12-04", "2026-12-10")),
        ("late in december", ("2026-12-28",)), ("the end of the month", ("2026-11-27", "2026-11-30")),
        ("i can't come next week", ("2026-11-27", "2026-12-10", "2026-12-28")), ("not in december", DAYS[:2]),
        ("this week is no good", DAYS[1:]), ("from next week on", DAYS[1:]), ("not before next month", DAYS[2:]),
        ("by the end of next week", DAYS[:4]), ("after next week", DAYS[4:]), ("before december", DAYS[:2]),
        ("next month, not before the tenth", DAYS[4:]),
        ("on the fourth or the tenth i don't mind which", ("2026-12-04", "2026-12-10")),
        ("the fourth or the tenth but not in the morning", ("2026-12-04", "2026-12-10")),
        ("friday next week or the monday", ("2026-12-04",)),
        ("monday or friday next week", ("2026-11-30", "2026-12-04")), ("monday tuesday or friday next week", DAYS[1:4]),
        ("the week before christmas", ()), ("the week after christmas", ("2026-12-28",)),
        ("i can't do friday would there be something on monday", DAYS[1:3] + DAYS[4:]),
    ],
    "zh": [
        ("除了周一都行", ("2026-11-27", "2026-12-01", "2026-12-04", "2026-12-10")),
        ("下周", ("2026-11-30", "2026-12-01", "2026-12-04")),
        ("圣诞节前", DAYS[:5]), ("三号到十号", ("2026-12-04", "2026-12-10")), ("十号以后", DAYS[4:]),
        ("下个月中旬", ()), ("下个月初", ("2026-12-01", "2026-12-04", "2026-12-10")), ("月底", ("2026-11-27", "2026-11-30")),
        ("下周不行", ("2026-11-27", "2026-12-10", "2026-12-28")), ("下周起", DAYS[1:]), ("下个月下旬", ("2026-12-28",)),
        ("下周一或者周五", ("2026-11-30", "2026-12-04")), ("下周一到周五", DAYS[1:4]),
        ("要么礼拜一要么礼拜五 五点以前都成", ("2026-11-27", "2026-11-30")),
        ("我想约一下月底吧要不下个月初也成", ("2026-11-27", "2026-11-30")), ("二十七八号", ("2026-11-27",)),
        ("二十七或者二十八都行", ("2026-11-27",)), ("明天后天大后天都不行", DAYS[1:]),
        ("礼拜一不行", ("2026-11-27", "2026-12-01", "2026-12-04", "2026-12-10")),
    ],
}  # fmt: skip


def window(kind: str, text: str, language: Language) -> Window | None:
    return READER.window(kind, text, language, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language", "left"), [(text, language, left) for language in TIMES for text, left in TIMES[language]]
)
def test_times_that_are_left(text: str, language: Language, left: tuple[str, ...]) -> None:
    found = window("time", text, language)
    assert found and not found.take and tuple(one for one in OFFERED if found.fits(one)) == left


@pytest.mark.parametrize(
    ("text", "language", "left"), [(text, language, left) for language in DATES for text, left in DATES[language]]
)
def test_days_that_are_left(text: str, language: Language, left: tuple[str, ...]) -> None:
    found = window("date", text, language)
    assert found and not found.take and tuple(one for one in DAYS if found.fits(one)) == left


@pytest.mark.parametrize(
    ("text", "language", "take"),
    [
        ("the earliest", "en", "first"), ("as soon as possible", "en", "first"), ("the earlier one", "en", "first"),
        ("the latest you have", "en", "last"), ("the later one please", "en", "last"), ("i don't mind", "en", "any"),
        ("whenever suits you", "en", "any"), ("any of them", "en", "any"), ("最早的", "zh", "first"), ("尽快", "zh", "first"),
        ("随便", "zh", "any"), ("都可以", "zh", "any"), ("晚一点的", "zh", "last"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["date", "time"])
def test_which_of_them(kind: str, text: str, language: Language, take: str) -> None:
    found = window(kind, text, language)
    assert found is not None and found.take == take


@pytest.mark.parametrize(
    ("kind", "text", "language"),
    [
        ("time", "half past two", "en"), ("time", "eleven", "en"), ("date", "next tuesday", "en"),
        ("date", "the third of december", "en"), ("time", "my watch is broken", "en"), ("date", "where is my order", "en"),
        ("time", "下午三点", "zh"), ("date", "下周三", "zh"),
        ("time", "no at three", "en"), ("date", "我的订单在哪里", "zh"), ("name", "after lunch", "en"),
    ],
)  # fmt: skip
def test_plain_values_and_other_sentences_leave_nothing_open(kind: str, text: str, language: Language) -> None:
    found = window(kind, text, language)
    assert found is None or (kind == "time" and found.fits("15:00"))


@pytest.mark.parametrize(
    ("text", "language", "only"),
    [
        ("monday or friday", "en", {"2026-11-30", "2026-11-27"}), ("周一或者周五", "zh", {"2026-11-30", "2026-11-27"}),
        ("either the fourth or the tenth", "en", {"2026-12-04", "2026-12-10"}),
    ],
)  # fmt: skip
def test_either_will_do(text: str, language: Language, only: set[str]) -> None:
    found = window("date", text, language)
    assert found and found.only == only and not found.fits("2026-12-01")


def test_one_window_within_another() -> None:
    left = within(
        Window(but=frozenset({"2026-12-02"}), weekdays=frozenset({0, 1, 3})), Window(since="2026-12-01", take="last")
    )
    assert [day for day in ("2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03") if left.fits(day)] == [
        "2026-12-01",
        "2026-12-03",
    ]
    assert left.take == "last"


@pytest.mark.parametrize(
    "text",
    [
        "not the first",
        "not the first, the other one",
        "anything but the second",
        "the first doesn't suit me",
        "第一个不要",
        "不要第二个",
    ],
)
def test_a_place_that_is_denied_is_not_chosen(text: str) -> None:
    assert READER.placed([Hypothesis(text)], "en" if text.isascii() else "zh", OFFERED) == ()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("not the first one", (1, 2, 3)), ("not the last one", (0, 1, 2)), ("anything but the first", (1, 2, 3)),
        ("the first two are no good", (2, 3)), ("neither the first nor the second", (2, 3)), ("the first or the second", (0, 1)),
        ("either of the last two", (2, 3)), ("the third, or failing that the last", (2, 3)),
        ("不要第一个", (1, 2, 3)), ("前两个都不行", (2, 3)), ("后两个都行", (2, 3)), ("第一个或者第二个", (0, 1)),
        ("除了第一个都行", (1, 2, 3)),
        ("no, make it the afternoon, the first one", (2,)), ("the first one in the afternoon", (2,)),
        ("下午的，头一个", (2,)),
    ],
)  # fmt: skip
def test_places_that_are_left_open(text: str, left: tuple[int, ...]) -> None:
    found = READER.window("time", text, "en" if text.isascii() else "zh", NOW, OFFERED)
    assert found and tuple(at for at, one in enumerate(OFFERED) if found.fits(one)) == left


def test_both_a_bound_and_which() -> None:
    found = window("time", "上午不行，下午晚一点的", "zh")
    assert found and found.take == "last" and not found.fits("11:00")


@pytest.mark.parametrize(
    ("text", "language", "place"),
    [("the second one", "en", 1), ("number three", "en", 2), ("the last one", "en", 3),
     ("the first one no sorry the second one", "en", 1), ("the second, no, make that the third", "en", 2),
     ("number two please, not number three", "en", 1), ("the last but one", "en", 2), ("the second last", "en", 2),
     ("第二个", "zh", 1), ("最后一个", "zh", 3), ("第一个，不对，第二个", "zh", 1), ("倒数第二个", "zh", 2)],
)  # fmt: skip
def test_by_place(text: str, language: Language, place: int) -> None:
    assert [one.value for one in READER.placed([Hypothesis(text)], language, OFFERED)] == [OFFERED[place]]


@pytest.mark.parametrize("text", ["nine thirty", "ten thirty", "half past nine", "eleven at night"])
def test_a_time_that_is_not_offered_is_no_other_one(text: str) -> None:
    assert READER.placed([Hypothesis(text)], "en", OFFERED) == ()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("thursday, not before ten", "en"), ("thursday but not in the morning", "en"), ("no mornings, thursday", "en"),
        ("thursday afternoon, mornings don't work", "en"), ("thursday afternoon please, i can't do mornings", "en"),
        ("thursday before ten doesn't work", "en"), ("thursday, but not at ten", "en"),
        ("周四下午，上午不行", "zh"), ("周四，不要上午", "zh"), ("周四十点以前不行", "zh"), ("周四吧，上午没空", "zh"),
    ],
)  # fmt: skip
def test_a_denial_of_an_hour_leaves_the_day(text: str, language: Language) -> None:
    [found] = READER.read("date", [Hypothesis(text)], language, NOW)
    assert (found.value, found.share) == ("2026-11-26", 1.0)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("thursday morning doesn't work", "en"), ("i can't do thursday morning", "en"), ("not thursday morning", "en"),
        ("i can't come in the morning on thursday", "en"), ("not in the morning of thursday", "en"),
        ("thursday at ten doesn't work", "en"), ("周四上午不行", "zh"), ("不要周四上午", "zh"),
    ],
)  # fmt: skip
def test_a_denial_of_an_hour_of_a_day_is_no_yes_to_the_day(text: str, language: Language) -> None:
    assert not READER.read("date", [Hypothesis(text)], language, NOW)


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("十二月九号，不不，十号来行不行", "zh", "2026-12-10"), ("下礼拜三，哦不对，下礼拜四过来修一下表", "zh", "2026-12-03"),
        ("圣诞节前一天", "zh", "2026-12-24"), ("a week on friday, no hang on, a week on thursday", "en", "2026-12-03"),
    ],
)  # fmt: skip
def test_a_correction_and_a_question_mark_deny_nothing(text: str, language: Language, day: str) -> None:
    [found] = READER.read("date", [Hypothesis(text)], language, NOW)
    assert (found.value, found.share) == (day, 1.0)


@pytest.mark.parametrize("text", ["anything before christmas but no mondays", "no mondays please"])
def test_no_mondays_is_no_monday(text: str) -> None:
    assert not [one for one in READER.read("date", [Hypothesis(text)], "en", NOW) if one.value == "2026-11-30"]


def test_a_week_that_is_counted_in_two_ways_gives_both_days() -> None:
    monday = datetime(2026, 11, 30, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    found = READER.read("date", [Hypothesis("monday in two weeks")], "en", monday)
    assert {(one.value, one.share) for one in found} == {("2026-12-14", 0.5), ("2026-12-21", 0.5)}
