"""History as a prior: it turns a doubt into a question, and never a caller's words into something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.dialogue.words.history_prior import ASK_AT, LIFTED_AT, MOST, expected, with_history
from ivr.core.flow.condition import ALWAYS, Is, Not
from ivr.core.flow.intent import Certainty, Evidence, Guess, Intent, Likely, Understood

NAMES = ("late", "return", "invoice", "hours")


def history(**weights: float | tuple[float, ...]) -> dict[str, tuple[Evidence, ...]]:
    """What speaks for each intent, by weight."""
    rows = {name: weight if isinstance(weight, tuple) else (weight,) for name, weight in weights.items()}
    return {name: tuple(Evidence("history", f"{name} {w}", w) for w in row) for name, row in rows.items()}


def said(certainty: Certainty, **shares: float) -> Understood:
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    words = tuple(Guess(name, share, (Evidence("phrase", name, 1.0),)) for name, share in ranked)
    return Understood("…", words, certainty, 0.5)


def shares(understood: Understood) -> dict[str, float]:
    return {guess.intent: round(guess.confidence, 4) for guess in understood.guesses}


def brought(understood: Understood, intent: str) -> float:
    guess = next(g for g in understood.guesses if g.intent == intent)
    return sum(e.weight for e in guess.evidence if e.kind == "history")


# -- what history there is


def test_only_what_is_true_of_this_caller_counts() -> None:
    because = {"en": "an order is late", "zh": "晚"}
    likely = (Likely(Is("late_order"), 0.45, because), Likely(Not(Is("late_order")), 0.2, {"zh": "没有"}))
    intents = {
        "late": Intent("late", {}, {}, {}, likely=likely),
        "hours": Intent("hours", {}, {}, {}),
        "never": Intent("never", {}, {}, {}, likely=(Likely(Not(ALWAYS), 0.6, because),)),
    }
    assert expected(intents, lambda name: True) == {"late": (Evidence("history", "an order is late", 0.45, because),)}
    assert expected(intents, lambda name: False)["late"][0].text == "late", (
        "without words of its own, the intent's name"
    )


# -- the sum


def test_words_and_history_are_the_addends_of_the_confidence() -> None:
    told = with_history(said("confirm", late=0.48, invoice=0.2), history(late=0.45))
    assert shares(told) == {"late": 0.714, "invoice": 0.2}
    assert brought(told, "late") == pytest.approx(0.234), "0.71 = words 0.48 + history 0.23"


def test_several_pieces_share_what_history_brought() -> None:
    told = with_history(said("confirm", late=0.5), history(late=(0.5, 0.25)))
    assert shares(told) == {"late": 0.5 + MOST * 0.5}, "together at most MOST"
    weights = [e.weight for e in told.guesses[0].evidence if e.kind == "history"]
    assert weights == pytest.approx([0.2, 0.1])


def test_the_others_give_way_when_the_sum_would_pass_one() -> None:
    told = with_history(said("confirm", late=0.4, invoice=0.4, hours=0.2), history(late=0.6))
    assert shares(told) == {"late": 0.76, "invoice": 0.16, "hours": 0.08}


def test_two_that_history_helps_are_brought_to_scale() -> None:
    told = with_history(said("confirm", late=0.5, invoice=0.5), history(late=0.6, invoice=0.6))
    assert shares(told) == {"late": 0.5, "invoice": 0.5}


def test_history_without_weight_is_none() -> None:
    words = said("confirm", late=0.5)
    assert with_history(words, history(late=0.0)) == words


# -- what it may do


@pytest.mark.parametrize(
    ("words", "weights", "certainty", "best"),
    [
        # none of these becomes a question where history says the same
        (said("none", late=0.2), {"late": 0.3}, "confirm", "late"),
        (said("none", late=0.05), {"late": 0.2}, "none", "late"),
        (said("none", invoice=0.2, late=0.15), {"late": 0.5}, "none", "late"),
        # a question becomes an implicit confirmation
        (said("confirm", late=0.6), {"late": 0.5}, "sure", "late"),
        (said("confirm", late=0.4), {"late": 0.3}, "confirm", "late"),
        (said("confirm", invoice=0.45, late=0.4), {"late": 0.6}, "confirm", "late"),
        # what was said plainly stays
        (said("sure", invoice=0.9, late=0.05), {"late": 0.6}, "sure", "invoice"),
        (said("sure", late=0.9), {"late": 0.6}, "sure", "late"),
        # what the words did not point to at all
        (said("none", invoice=0.2, late=0.0), {"late": 0.6}, "none", "invoice"),
        (Understood("…", (), "none", 0.0), {"late": 0.6}, "none", None),
    ],
)
def test_certainty(words: Understood, weights: dict[str, float], certainty: Certainty, best: str | None) -> None:
    told = with_history(words, history(**weights))
    assert (told.certainty, told.best.intent if told.best else None) == (certainty, best)


def test_what_was_denied_gets_no_help_and_makes_nothing_surer() -> None:
    for words in (said("none", late=0.35, invoice=0.02), said("confirm", late=0.8, invoice=0.1)):
        assert with_history(words, history(late=0.6), frozenset({"late"})) == words


guesses = st.lists(st.tuples(st.sampled_from(NAMES), st.floats(0, 1)), unique_by=lambda pair: pair[0], max_size=4).map(
    lambda pairs: {name: share / max(1.0, sum(s for _, s in pairs)) for name, share in pairs}
)
weighed = st.dictionaries(
    st.sampled_from((*NAMES, "unheard of")), st.lists(st.floats(0, 0.6), min_size=1, max_size=3).map(tuple)
)
denials = st.frozensets(st.sampled_from(NAMES))
certainties = st.sampled_from(("sure", "confirm", "none"))


@given(guesses, certainties, weighed, denials)
def test_it_stays_a_probability(
    words: dict[str, float], certainty: Certainty, weights: dict[str, tuple[float, ...]], denied: frozenset[str]
) -> None:
    before = said(certainty, **words)
    told = with_history(before, history(**weights), denied)
    assert {g.intent for g in told.guesses} == set(words), "nothing that the words did not name"
    assert all(0 <= g.confidence <= 1 + 1e-9 for g in told.guesses)
    assert sum(g.confidence for g in told.guesses) <= 1 + 1e-9
    assert [g.confidence for g in told.guesses] == sorted((g.confidence for g in told.guesses), reverse=True)
    for guess in told.guesses:
        assert brought(told, guess.intent) <= guess.confidence + 1e-9
        assert guess.intent not in denied or brought(told, guess.intent) == 0
    if certainty == "sure":
        assert told.certainty == "sure" and (not words or (told.best and told.best.intent == before.best.intent))  # type: ignore[union-attr]


@given(guesses, st.sampled_from(("confirm", "none")), weighed, denials)
def test_it_is_surer_only_of_what_the_words_say_themselves(
    words: dict[str, float], certainty: Certainty, weights: dict[str, tuple[float, ...]], denied: frozenset[str]
) -> None:
    before = said(certainty, **words)
    told = with_history(before, history(**weights), denied)
    if (told.certainty, certainty) not in (("none", "none"), ("confirm", "confirm")):
        assert before.best and told.best and told.best.intent == before.best.intent not in denied
        assert told.best.confidence >= (LIFTED_AT if told.certainty == "sure" else ASK_AT)
        assert sum(weights[told.best.intent]) > 0
