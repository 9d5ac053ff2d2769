"""Waits out of entries, and what many of them come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ivr.core.contact.entries import Entry
from ivr.core.contact.service_level import Wait, service, waits

BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def entries(*told: tuple[float, str, dict[str, Any]]) -> list[Entry]:
    return [
        Entry(BEGAN + timedelta(seconds=at), kind, facts, str(number))  # type: ignore[arg-type]
        for number, (at, kind, facts) in enumerate(told)
    ]


def short(found: list[Wait]) -> list[tuple[str, float, bool]]:
    return [(one.queue, one.seconds, one.answered) for one in found]


DECIDED = (9, "decided", {"queue": "orders"})
HANDED = (10, "handed_over", {"queue": "orders"})


def test_wait_begins_with_the_hand_over_however_late_the_queue() -> None:
    told = entries(DECIDED, HANDED, (14, "queued", {"queue": "orders"}), (22, "agent_answered", {}))
    assert short(waits(told)) == [("orders", 12.0, True)]


def test_agent_rung_before_the_queue_answers_a_wait_too() -> None:
    assert short(waits(entries(DECIDED, HANDED, (13, "agent_answered", {})))) == [("orders", 3.0, True)]


def test_overflow_counts_where_it_ended() -> None:
    told = entries(DECIDED, HANDED, (11, "queued", {"queue": "orders"}), (70, "queued", {"queue": "ivr-fallback"}),
                   (75, "agent_answered", {}))  # fmt: skip
    assert short(waits(told)) == [("ivr-fallback", 65.0, True)]


def test_caller_who_goes_has_given_up_and_one_who_talked_has_not() -> None:
    assert short(waits(entries(DECIDED, HANDED, (40, "hung_up", {})))) == [("orders", 30.0, False)]
    told = entries(DECIDED, HANDED, (15, "agent_answered", {}), (90, "hung_up", {}))
    assert short(waits(told)) == [("orders", 5.0, True)]


def test_being_passed_on_is_another_wait_and_being_asked_about_is_none() -> None:
    to = {"to_kind": "queue", "to": "repairs"}
    told = entries(
        DECIDED, HANDED, (15, "agent_answered", {}), (60, "passed_on", {"way": "consult", **to}),
        (65, "agent_answered", {}), (80, "passed_on", {"way": "blind", **to}), (95, "agent_answered", {}),
    )  # fmt: skip
    assert short(waits(told)) == [("orders", 5.0, True), ("repairs", 15.0, True)]


def test_who_still_waits_is_in_no_figure_and_who_never_waited_neither() -> None:
    assert waits(entries(DECIDED, HANDED)) == []
    assert waits(entries((30, "hung_up", {}))) == []


def test_level_leaves_out_those_who_gave_up_at_once() -> None:
    waited = [
        Wait("q", BEGAN, s, answered) for s, answered in ((5, True), (20, True), (40, True), (3, False), (50, False))
    ]
    come_to = service(waited, 20)
    assert (come_to.offered, come_to.answered, come_to.abandoned, come_to.in_time, come_to.short) == (5, 3, 2, 2, 1)
    assert come_to.level == 0.5
    assert come_to.longest_s == 50
    assert service([], 20).level is None
    assert service([Wait("q", BEGAN, 3, False)], 20).level is None


@given(st.lists(st.tuples(st.floats(0, 4000), st.booleans())), st.floats(1, 300))
def test_level_is_a_share_and_nobody_is_lost(some: list[tuple[float, bool]], within_s: float) -> None:
    come_to = service([Wait("q", BEGAN, seconds, answered) for seconds, answered in some], within_s)
    assert come_to.offered == come_to.answered + come_to.abandoned == len(some)
    assert come_to.level is None or 0 <= come_to.level <= 1


OUTSIDE = {"to_kind": "outside", "to": "+4930901820"}


def test_who_is_answered_outside_has_not_given_up_and_talks_there_without_waiting() -> None:
    sent = (60, "passed_on", {"way": "blind", **OUTSIDE})
    before = (DECIDED, HANDED, (15, "agent_answered", {}), sent, (61, "outside_ringing", {}))
    told = entries(*before, (70, "outside_answered", {}), (600, "hung_up", {}))
    assert short(waits(told)) == [("orders", 5.0, True), ("orders", 10.0, True)]
    told = entries(*before, (80, "hung_up", {}), (80, "outside_done", {}))
    assert short(waits(told)) == [("orders", 5.0, True), ("orders", 20.0, False)]
    told = entries(*before, (90, "outside_done", {}), (91, "queued", {"queue": "front"}), (100, "agent_answered", {}))
    assert short(waits(told)) == [("orders", 5.0, True), ("front", 40.0, True)]


def test_asking_outside_is_no_wait() -> None:
    told = entries(
        DECIDED, HANDED, (15, "agent_answered", {}), (60, "passed_on", {"way": "consult", **OUTSIDE}),
        (70, "outside_answered", {}), (90, "agent_done", {}), (600, "hung_up", {}),
    )  # fmt: skip
    assert short(waits(told)) == [("orders", 5.0, True)]
