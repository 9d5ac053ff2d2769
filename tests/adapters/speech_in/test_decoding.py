"""Which of two hearings of one utterance is believed."""

from __future__ import annotations

import pytest

from ivr.adapters.speech_in.decoding import Hearing, Wanted, believed

GRAMMAR = ("yes", "yep", "that's right", "no")


def heard(in_grammar: str, freely: str, confidence: float = 1.0) -> str:
    wanted = Wanted(GRAMMAR, otherwise_open=True)
    first, free = Hearing(GRAMMAR, False), Hearing(None, True)
    words = [{"word": w, "start": 0.1, "end": 0.4, "conf": confidence} for w in in_grammar.split()]
    first.take({"text": in_grammar, "result": words})
    free.take({"alternatives": [{"text": freely, "confidence": 1.0}]})
    return " ".join(believed(wanted, [first, free]).best())


@pytest.mark.parametrize(
    ("in_grammar", "freely", "said"),
    [
        ("yes", "yes", "yes"),
        ("that's right", "that's right", "that's right"),
        ("yep", "munich", "munich"),
        ("no", "go back", "go back"),
        ("yes", "", "yes"),
        ("no", "no the other one", "no the other one"),
    ],
)
def test_grammar_and_free_hearing_agree_or_the_free_one_counts(in_grammar: str, freely: str, said: str) -> None:
    assert heard(in_grammar, freely) == said


def test_noise_that_sounds_like_an_answer_is_none() -> None:
    assert heard("yes", "yes", confidence=0.4) == ""
