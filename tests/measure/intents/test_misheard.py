"""Simulated recognition errors: as many as asked for, the same from the same seed, alike in sound."""

from __future__ import annotations

import pytest

from ivr.measure.intents.misheard import Mishearing, sound_of
from ivr.measure.word_errors import words_wrong

TEXTS = [
    "where is my parcel", "i was charged twice for the same order", "the knight writes at night", "can i return the watch",
    "there is a mistake on my bill", "when will you write to me", "how much is the new watch", "please cancel the whole order",
]  # fmt: skip


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_share_of_wrong_words_is_what_was_asked_for(share: float) -> None:
    mishearing = Mishearing(TEXTS, "en", share, seed=1)
    counts = [words_wrong(text, mishearing(text), "en") for text in TEXTS * 100]
    words = sum(count.words for count in counts)
    assert sum(count.wrong for count in counts) / words == pytest.approx(share, abs=0.02)
    assert min(sum(getattr(c, kind) for c in counts) for kind in ("substitutions", "deletions", "insertions")) > 50


def test_seed_decides() -> None:
    first, again, other = (Mishearing(TEXTS, "en", 0.5, seed) for seed in (1, 1, 2))
    heard = [first(text) for text in TEXTS]
    assert heard == [again(text) for text in TEXTS]
    assert heard != [other(text) for text in TEXTS]


def test_nothing_wrong_and_everything_wrong() -> None:
    assert [Mishearing(TEXTS, "en", 0, 1)(text) for text in TEXTS] == TEXTS
    mishearing = Mishearing(TEXTS, "en", 1, 1)
    for text in TEXTS * 5:
        assert words_wrong(text, mishearing(text), "en").wrong > 0


def test_mostly_it_sounds_alike() -> None:
    vocabulary = [*TEXTS, *(f"word{number}" for number in range(200))]
    mishearing = Mishearing(vocabulary, "en", 1, seed=1)
    heard = " ".join(mishearing("night") for _ in range(100)).split()
    assert heard.count("knight") >= 5
    assert sound_of("knight") == sound_of("night")
    assert sound_of("write") != sound_of("watch")


def test_chinese_signs_are_changed_one_by_one() -> None:
    mishearing = Mishearing(["我想退货", "我的包裹在哪里"], "zh", 0.5, seed=1)
    heard = {mishearing("我想退货") for _ in range(20)}
    assert len(heard) > 5
    assert all(set(text) <= set("我想退货的包裹在哪里") for text in heard)


def test_no_vocabulary_no_errors() -> None:
    assert Mishearing([], "en", 1.0, 1)("") == ""
    assert Mishearing(["yes"], "en", 1.0, 1)("yes") in ("yes", "", "yes yes")
