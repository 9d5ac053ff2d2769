"""Numbers that were said back, mended in part."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.core.language import Language
from ivr.wire.reading.reader import SpokenReader

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
READER = SpokenReader("DE", "EUR")


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("no, the last digit is a nine", "en", "4719"), ("the last one should be nine not one", "en", "4719"),
        ("no it ends in four two", "en", "4742"), ("the last two digits are four two", "en", "4742"),
        ("the first digit is a five", "en", "5711"), ("the third one is eight", "en", "4781"),
        ("second to last is eight", "en", "4781"), ("the last but one is an eight", "en", "4781"),
        ("with a six at the end", "en", "4716"), ("no, it's a nine not a seven", "en", "4911"),
        ("not seven but nine", "en", "4911"),
        ("not one but nine", "en", None), ("the fifth digit is a two", "en", None),
        ("the last two are one two three", "en", None),
        ("no that is wrong", "en", None), ("nine", "en", None), ("the last time it was fine", "en", None),
        ("不对，最后一位是九", "zh", "4719"), ("尾号是四二", "zh", "4742"), ("第三位是八", "zh", "4781"),
        ("倒数第二位是八", "zh", "4781"), ("最后两位应该是四二", "zh", "4742"), ("是九不是七", "zh", "4911"),
        ("不是七是九", "zh", "4911"),
        ("不是一是九", "zh", None), ("不对", "zh", None),
    ],
)  # fmt: skip
def test_digits(text: str, language: Language, wanted: str | None) -> None:
    assert READER.mended("digits", "4711", text, language) == wanted


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("no, the last digit is an eight", "en", "+4917123456788"), ("it ends in double seven", "en", None),
        ("the first digit is a nine", "en", None), ("the fourth one is a six", "en", "+4917623456789"),
        ("最后一位是八", "zh", "+4917123456788"),
    ],
)  # fmt: skip
def test_phone_numbers_as_they_are_said_at_home(text: str, language: Language, wanted: str | None) -> None:
    assert READER.mended("phone", "+4917123456789", text, language) == wanted


@pytest.mark.parametrize("kind", ["date", "time", "amount", "name"])
def test_other_values_have_no_digits_to_mend(kind: str) -> None:
    assert READER.mended(kind, "2026-12-03", "the last digit is a nine", "en") is None  # type: ignore[arg-type]
