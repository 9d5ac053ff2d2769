"""The breaker: whoever fails again and again is left alone, and one question at a time finds out whether they are back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.core.breaker import Breaker

FAILURES, PAUSE_S = 3, 30.0


def opened() -> Breaker:
    breaker = Breaker(FAILURES, PAUSE_S)
    assert [breaker.failed(0.0) for _ in range(FAILURES)] == [False, False, True]
    return breaker


def test_failures_in_a_row_open_it_and_an_answer_between_them_does_not() -> None:
    breaker = Breaker(FAILURES, PAUSE_S)
    for _ in range(5):
        assert not breaker.failed(0.0) and not breaker.failed(0.0) and not breaker.worked()
    assert breaker.state == "closed" and breaker.may_ask(0.0)


def test_after_the_pause_one_question_decides() -> None:
    breaker = opened()
    assert not breaker.may_ask(PAUSE_S - 0.1)
    assert breaker.may_ask(PAUSE_S) and not breaker.may_ask(PAUSE_S), "one probe, and nobody else until it is back"
    assert breaker.failed(PAUSE_S + 1) and not breaker.may_ask(2 * PAUSE_S)
    assert breaker.may_ask(2 * PAUSE_S + 1)
    assert breaker.worked() and breaker.state == "closed" and breaker.may_ask(2 * PAUSE_S + 1)


def test_probe_that_never_comes_back_is_followed_by_another() -> None:
    breaker = opened()
    assert breaker.may_ask(PAUSE_S) and not breaker.may_ask(2 * PAUSE_S - 1) and breaker.may_ask(2 * PAUSE_S)


def test_what_was_asked_before_it_opened_does_not_keep_it_open() -> None:
    breaker = opened()
    assert not breaker.failed(PAUSE_S - 1) and breaker.may_ask(PAUSE_S)


@given(st.lists(st.tuples(st.sampled_from(["ask", "worked", "failed"]), st.floats(0, 50)), max_size=60))
def test_whatever_happens_it_asks_again_after_two_pauses(steps: list[tuple[str, float]]) -> None:
    breaker, now, failed = Breaker(FAILURES, PAUSE_S), 0.0, 0
    for what, later in steps:
        now += later
        match what:
            case "ask":
                breaker.may_ask(now)
            case "worked":
                breaker.worked()
                assert breaker.state == "closed"
            case "failed":
                failed += 1
                breaker.failed(now)
        assert breaker.state == "closed" or failed >= FAILURES
    assert breaker.may_ask(now + 2 * PAUSE_S)
