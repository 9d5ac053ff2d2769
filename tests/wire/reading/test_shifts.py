"""Days that are told from the one that is talked of."""

from __future__ import annotations

from datetime import date

import pytest

from ivr.core.language import Language
from ivr.wire.reading.shifts import shifted

BASE = date(2026, 12, 12)
"""A Saturday."""


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("two days later", "en", 14), ("a week later please", "en", 19), ("no hold on the saturday after that", "en", 19),
        ("how about the monday after", "en", 14), ("the following monday", "en", 14), ("push it back a week", "en", 19),
        ("move my appointment on two days", "en", 14), ("a day earlier", "en", 11), ("the day before", "en", 11),
        ("the monday after instead", "en", 14), ("what about the one after that", "en", 13), ("the next day would do", "en", 13),
        ("to the week after same day same time", "en", 19), ("the following week", "en", 19), ("下周同一天", "zh", 19),
        ("to the monday before", "en", 7), ("the monday just before it", "en", 7), ("the previous friday", "en", 11),
        ("no i meant the friday of that same week", "en", 11), ("那就往后推一天呗", "zh", 13), ("monday before noon", "en", None),
        ("delay it by a week", "en", 19), ("put it off, postpone my appointment by two days", "en", 14),
        ("could it be brought forward a day", "en", 11), ("bring it forward by a couple of days", "en", 10),
        ("put it back by a couple of days", "en", 14), ("往前提一天", "zh", 11),
        ("the week after", "en", 19), ("能不能往后推两天", "zh", 14), ("晚一周", "zh", 19), ("提前一天", "zh", 11),
        ("the day after tomorrow", "en", None), ("the week after next", "en", None), ("monday after lunch", "en", None),
        ("the day after christmas", "en", None), ("in two days", "en", None), ("早上", "zh", None), ("晚一点", "zh", None),
    ],
)  # fmt: skip
def test_days_told_from_another(text: str, language: Language, right: int | None) -> None:
    assert shifted(BASE, text, language) == (date(2026, 12, right) if right else None)
