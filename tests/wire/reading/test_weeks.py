"""A week of opening hours in words."""

from __future__ import annotations

import pytest

from ivr.core.flow.opening_hours import Interval
from ivr.wire.reading.spelling import SpokenSpeller

LONG, HALF, LATE, NIGHT, ALWAYS = (540, 1080), (540, 840), (1080, 1320), (1320, 360), (0, 1440)
CLOSED: tuple[Interval, ...] = ()


@pytest.mark.parametrize(
    ("weekly", "en", "zh"),
    [
        (
            [(LONG,)] * 5 + [(HALF,), CLOSED],
            "nine to six from Monday to Friday, and nine to two on Saturday",
            "周一到周五上午九点到晚上六点，周六上午九点到下午两点",
        ),
        (
            [((480, 1050),)] * 4 + [((480, 780),), CLOSED, CLOSED],
            "eight to half past five from Monday to Thursday, and eight to one on Friday",
            "周一到周四早上八点到下午五点半，周五早上八点到下午一点",
        ),
        (
            [((540, 720), (840, 1080))] * 2 + [CLOSED] * 5,
            "nine to noon and two to six on Monday and Tuesday",
            "周一和周二上午九点到中午十二点和下午两点到晚上六点",
        ),
        ([(ALWAYS,)] * 7, "around the clock every day", "每天全天"),
        (
            [CLOSED, (LATE,), CLOSED, (NIGHT,), CLOSED, CLOSED, CLOSED],
            "six o'clock in the evening to ten o'clock at night on Tuesday, and "
            "ten o'clock at night to six o'clock in the morning on Thursday",
            "周二晚上六点到晚上十点，周四晚上十点到早上六点",
        ),
        ([CLOSED] * 7, "", ""),
    ],
)
def test_week(weekly: list[tuple[Interval, ...]], en: str, zh: str) -> None:
    assert (SpokenSpeller("DE").week(weekly, "en"), SpokenSpeller("DE").week(weekly, "zh")) == (en, zh)
