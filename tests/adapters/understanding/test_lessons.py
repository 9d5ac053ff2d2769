"""What an operator may write, and what is refused with intent and phrase named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.adapters.understanding import Understanding
from ivr.adapters.understanding.lessons import lessons
from tests.adapters.understanding.understanding_house import house


def test_phrase_without_words_is_refused() -> None:
    broken = replace(house()[0], phrases={"en": ("where is it", "?!")})
    with pytest.raises(ValueError, match=r"the phrase '\?!' \(en\) of the intent 'late_delivery' holds no words"):
        Understanding.train([broken], None)


def test_keyword_without_words_is_refused() -> None:
    broken = replace(house()[0], keywords={"en": ("...",)})
    with pytest.raises(ValueError, match=r"the keyword '\.\.\.' \(en\) of the intent 'late_delivery'"):
        Understanding.train([broken], None)


def test_phrase_of_two_intents_is_refused_whatever_its_dress() -> None:
    first, second, *_ = house()
    second = replace(second, phrases={"en": ("Hello, WHERE is my parcel?",)})
    with pytest.raises(ValueError, match="belongs to both 'late_delivery' and 'invoice'"):
        Understanding.train([first, second], None)


def test_two_intents_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two intents named 'invoice'"):
        Understanding.train([house()[1], house()[1]], None)


def test_repeated_phrase_of_one_intent_counts_once() -> None:
    intent = replace(house()[0], title={}, phrases={"en": ("where is it", "Where is it?", "where is it")})
    assert [example.text for example in lessons([intent], "en").examples] == ["where is it"]


def test_title_teaches_unless_another_intent_says_it() -> None:
    first, second, *_ = house()
    second = replace(second, title={"en": "Where is my parcel"})
    titles = [example.text for example in lessons([first, second], "en").examples if not example.spoken]
    assert titles == ["Late delivery"]


def test_keyword_of_two_intents_is_told() -> None:
    intents = [replace(intent, keywords={"en": ("money",)}) for intent in house()[:2]]
    assert any("'money'" in note and "meaning decides" in note for note in lessons(intents, "en").notes)


@pytest.mark.parametrize("phrases", [("where is my parcel",), ("where is my parcel", "when does it come")])
def test_very_few_phrases_still_train(phrases: tuple[str, ...]) -> None:
    one = replace(house()[0], title={}, keywords={}, phrases={"en": phrases})
    trained = Understanding.train([one], None)
    assert trained.bands("en").confirm > 0
    assert any("5 to 15" in note for note in trained.notes)


def test_no_intents_at_all() -> None:
    assert Understanding.train([], None).languages == ()
