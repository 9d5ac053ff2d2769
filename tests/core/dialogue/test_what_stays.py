"""What is not named stays, and which of their own somebody means."""

from __future__ import annotations

import pytest

from ivr.core.dialogue import as_it_is
from ivr.core.dialogue.words.ones_own import as_own, kept_of
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.values import Window
from ivr.core.language import Language


@pytest.mark.parametrize(
    ("text", "language", "left"),
    [
        ("a bit later if you can", "en", Window(since="11:01")), ("could it be earlier", "en", Window(until="10:59")),
        ("earlier or later, I don't mind", "en", None), ("the sooner the better", "en", None), ("eleven", "en", None),
        ("能不能早一点", "zh", Window(until="10:59")), ("太早了", "zh", Window(since="11:01")),
        ("推迟一下", "zh", Window(since="11:01")),
        ("明天早上", "zh", None),
    ],
)  # fmt: skip
def test_earlier_and_later_than_now(text: str, language: Language, left: Window | None) -> None:
    assert as_it_is.than(text, language, "11:00") == left


@pytest.mark.parametrize(
    ("text", "language", "read", "kept"),
    [
        ("i can't make the thursday one", "en", "thursday", []),
        ("cancel the thursday one keep the monday one", "en", "thursday", ["monday"]),
        ("not the monday one", "en", "", ["monday"]),
        ("i don't need the one on the tenth", "en", "tenth", []),
        ("我周五那个来不了了周二那个照旧", "zh", "周五那个", ["周二"]),
        ("礼拜二那个算了不要了", "zh", "礼拜二那个", []),
    ],
)  # fmt: skip
def test_which_of_their_own_is_read(text: str, language: Language, read: str, kept: list[str]) -> None:
    (one,) = as_own((Hypothesis(text),), language)
    assert read in one.text and not [word for word in kept if word in one.text]
    assert [word for word in kept if not any(word in words for words in kept_of(text, language))] == []
