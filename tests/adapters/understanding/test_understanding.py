"""What callers say to a small house, and what is understood."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.understanding import KEYWORD_SCORE, Understanding
from ivr.core.flow.intent import Hypothesis, Understood
from ivr.core.language import Language
from tests.adapters.understanding.understanding_house import house


def said(understanding: Understanding, text: str, language: Language = "en") -> Understood:
    return understanding.understand([Hypothesis(text)], language)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("hello um where on earth is the thing that i ordered", "late_delivery"),
        ("nobody has delivered the clock that i bought", "late_delivery"),
        ("you have debited me two times for the same thing", "invoice"),
        ("the jacket is too small can i bring it back", "return"),
        ("could you reimburse me please", "return"),
    ],
)
def test_wishes_in_other_words(understanding: Understanding, text: str, intent: str) -> None:
    answer = said(understanding, text)
    assert answer.best is not None
    assert (answer.best.intent, answer.certainty != "none") == (intent, True)
    assert answer.best.evidence


@pytest.mark.parametrize(
    "text",
    [
        "xqzv blorf wug",
        "brrm krk krk zzt",
        "will the football be on television tonight",
        "how many legs has a spider",
        "sorry wrong number",
        "turn that music down",
    ],
)
def test_none_of_these(understanding: Understanding, text: str) -> None:
    assert said(understanding, text).certainty == "none"


@pytest.mark.parametrize("text", ["", "   ", "[unk]", "[unk] [noise] <unk>", "?"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_said_is_nothing_guessed(understanding: Understanding, text: str, language: Language) -> None:
    answer = said(understanding, text, language)
    assert (answer.guesses, answer.certainty, answer.score) == ((), "none", 0.0)


GREETINGS = {
    "en": ("hi", "Hello!", "um", "good morning um hello", "yes", "hello how are you", "thank you bye"),
    "zh": ("喂", "你好", "喂 你好", "嗯", "您好请问", "好的", "谢谢"),
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in GREETINGS.items() for text in texts]
)
def test_greetings_decide_nothing(understanding: Understanding, language: Language, text: str) -> None:
    assert said(understanding, text, language).guesses == ()


@pytest.mark.parametrize("piece", ["是的", "好的不是", "谢谢你", "hello ", "yes ok ", "how are you ", "' ", "[unk"])
def test_long_repetition_is_quick(understanding: Understanding, piece: str) -> None:
    for language in understanding.languages:
        assert said(understanding, piece * 400 + "没 x", language).text


def test_no_readings_at_all(understanding: Understanding) -> None:
    assert understanding.understand([], "en") == Understood("", (), "none", 0.0)


@pytest.mark.parametrize("noise", ["um {}", "hello {}", "good morning uh {}", "{} [noise]", "[unk] {}", "Hi, {}!"])
def test_noise_does_not_matter(understanding: Understanding, noise: str) -> None:
    clean = said(understanding, "i was charged twice for one order")
    noisy = said(understanding, noise.format("i was charged twice for one order"))
    assert (noisy.guesses, noisy.certainty, noisy.score) == (clean.guesses, clean.certainty, clean.score)


def test_a_greeting_is_a_wish_where_the_operator_wrote_it(understanding: Understanding) -> None:
    greeting = replace(
        house()[0], name="greeting", title={}, keywords={}, phrases={"en": ("hello", "hi there", "good morning")}
    )
    answer = said(Understanding.train([*house(), greeting], None), "hi")
    assert answer.best is not None
    assert answer.best.intent == "greeting"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我买的手表怎么还没到", "late_delivery"),
        ("喂 你好 我的 快递 好 几天 没 到 了", "late_delivery"),
        ("多扣了我的钱怎么办", "invoice"),
        ("这双鞋我想退货", "return"),
    ],
)
def test_mandarin(understanding: Understanding, text: str, intent: str) -> None:
    answer = said(understanding, text, "zh")
    assert answer.best is not None
    assert (answer.best.intent, answer.certainty != "none") == (intent, True)


@pytest.mark.parametrize("text", ["今天晚上有足球比赛吗", "打错电话了", "蜘蛛有几条腿"])
def test_mandarin_none_of_these(understanding: Understanding, text: str) -> None:
    assert said(understanding, text, "zh").certainty == "none"


def test_keyword_moves_its_intent_and_says_so(understanding: Understanding) -> None:
    plain = said(understanding, "i have something to say about the payment thing")
    keyword = said(understanding, "i have something to say about the bill thing")
    best = keyword.best
    assert best is not None
    assert best.intent == "invoice"
    assert (best.evidence[0].kind, best.evidence[0].text, best.evidence[0].weight) == ("keyword", "bill", KEYWORD_SCORE)
    assert keyword.score > plain.score
    assert keyword.certainty == "sure"


def test_keyword_must_be_whole(understanding: Understanding) -> None:
    for guess in said(understanding, "the billing address of the billboard").guesses:
        assert all(evidence.kind == "phrase" for evidence in guess.evidence)


def test_keyword_counts_by_the_share_of_its_readings(understanding: Understanding) -> None:
    readings = [Hypothesis("my bill is wrong", 0.3), Hypothesis("my pill is wrong", 0.7)]
    best = understanding.understand(readings, "en").best
    assert best is not None
    assert best.evidence[0].weight == pytest.approx(0.3 * KEYWORD_SCORE)


def test_intent_with_keywords_only(understanding: Understanding) -> None:
    found = said(understanding, "you will hear from my lawyer")
    assert found.best is not None
    assert (found.best.intent, found.certainty) == ("lawyer", "sure")
    others = said(understanding, "my order has not arrived")
    assert all(guess.intent != "lawyer" for guess in others.guesses)


def test_keyword_inside_a_greeting_only_utterance() -> None:
    intents = [
        replace(intent, keywords={"en": ("thanks",)} if intent.name == "return" else {}) for intent in house()[:3]
    ]
    best = said(Understanding.train(intents, None), "thanks").best
    assert best is not None
    assert best.intent == "return"


def test_a_better_second_reading_helps(understanding: Understanding) -> None:
    wrong = said(understanding, "i was large twice")
    both = understanding.understand(
        [Hypothesis("i was large twice", 0.6), Hypothesis("i was charged twice", 0.4)], "en"
    )
    assert both.text == "i was large twice"
    assert both.best is not None
    assert both.best.intent == "invoice"
    assert both.score > wrong.score


def test_silence_beside_words_lowers_the_score(understanding: Understanding) -> None:
    alone = said(understanding, "i was charged twice")
    doubted = understanding.understand([Hypothesis("i was charged twice", 0.4), Hypothesis("", 0.6)], "en")
    assert doubted.text == "i was charged twice"
    assert doubted.score == pytest.approx(0.4 * alone.score, rel=0.01)


def test_language_without_phrases_understands_nothing() -> None:
    english = [replace(intent, phrases={"en": intent.phrases.get("en", ())}, keywords={}) for intent in house()]
    trained = Understanding.train(english, None)
    assert trained.languages == ("en",)
    assert said(trained, "我想退货", "zh").certainty == "none"


def test_works_without_encoder_and_says_so_once(without_encoder: Understanding) -> None:
    best = said(without_encoder, "my order still has not arrived").best
    assert best is not None
    assert best.intent == "late_delivery"
    assert sum("no sentence encoder" in note for note in without_encoder.notes) == 1


def test_notes_name_what_is_missing(understanding: Understanding) -> None:
    assert "the intent 'lawyer' has no phrases in en: only its keywords can find it" in understanding.notes
    assert "the intent 'lawyer' has no phrases in zh: it cannot be found there" in understanding.notes


WORDS = st.sampled_from(
    "hello um my bill order refund is was wrong late twice lawyer the spider [unk] 退货 é 7 ' ?".split()
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=12)
READINGS = st.lists(st.builds(Hypothesis, TEXTS, st.floats(-0.5, 2.0) | st.just(float("nan"))), max_size=4)


@settings(max_examples=60, deadline=None)
@given(readings=READINGS, language=st.sampled_from(["en", "zh"]))
def test_any_readings_give_an_answer_in_order(
    understanding: Understanding, readings: list[Hypothesis], language: Language
) -> None:
    answer = understanding.understand(readings, language)
    confidences = [guess.confidence for guess in answer.guesses]
    assert sum(confidences) <= 1.0
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert all(0 <= evidence.weight <= 1 for guess in answer.guesses for evidence in guess.evidence)
    assert answer.certainty == ("none" if not answer.guesses else understanding.bands(language).certainty(answer.score))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), readings=READINGS)
def test_order_of_readings_does_not_matter(
    understanding: Understanding, data: st.DataObject, readings: list[Hypothesis]
) -> None:
    shuffled = data.draw(st.permutations(readings))
    assert understanding.understand(shuffled, "en") == understanding.understand(readings, "en")
