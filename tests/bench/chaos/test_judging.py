"""The judge finds what is wrong: a run without a finding means something only if one with a fault has one."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from ivr.bench.chaos.callers import Callers, Wish
from ivr.bench.chaos.desks import Desk
from ivr.bench.chaos.faults import Done, Run
from ivr.bench.chaos.judging import Judge, Judged, Kept
from ivr.bench.chaos.report import figures, missed
from ivr.bench.chaos.wires import customer_of
from ivr.bench.chaos.witness import Call, PhoneRing, Phones, Windows

NUMBER, NAME = "+4915100000001", customer_of("+4915100000001")["name"]
SAID = {"intent": "repair", "words": None, "certainty": "sure", "title": {"en": "Repair"}}
NO_REASON = {"intent": None, "words": None, "certainty": "sure", "title": {}}
UNSAID = {"intent": None, "words": None, "certainty": "unknown", "title": {"en": "Said nothing"}}
ALL = {"rang": 1, "hung_up": 1, "agent_ringing chaos0": 1, "agent_answered chaos0": 1}


def card(**changes: Any) -> dict[str, Any]:
    whole = {
        "who": {"lookup": "found", "name": NAME}, "missing": [], "why": SAID,
        "queue": {"name": "repairs"},
    }  # fmt: skip
    return whole | changes


def ring(began: float = 10.0, answered: float | None = 11.0, ended: float = 20.0) -> PhoneRing:
    return PhoneRing("1100", began, answered, ended)


def judged(
    call: Call,
    there: dict[str, Kept],
    cards: list[tuple[float, dict[str, Any]]],
    windows: Windows = (),
    person: bool = True,
) -> Judged:
    desk = Desk("chaos0", "1100", "", "", cards={"a": cards} if cards else {})
    phones = Phones.__new__(Phones)  # nobody is asked
    callers = Callers(phones, random.Random(1), wishes={NUMBER: Wish((), person)})
    return Judge(windows, [desk], callers, there).judge([call])


def served(*rings: PhoneRing, **more: Any) -> Call:
    return Call("a", NUMBER, 5.0, list(rings), ended=20.0, **more)


def test_nothing_is_wrong_where_nothing_is() -> None:
    found = judged(served(ring()), {"a": Kept(True, Counter(ALL))}, [(10.1, card())])
    assert (found.calls, found.reached, found.rings, found.complete) == (1, 1, 1, 1)
    assert not (found.lost or found.not_served or found.incomplete or found.did_not)


@pytest.mark.parametrize("kind", ALL)
def test_entry_that_is_missing_is_a_loss(kind: str) -> None:
    there = {"a": Kept(True, Counter({one: count for one, count in ALL.items() if one != kind}))}
    (lost,) = judged(served(ring()), there, [(10.1, card())]).lost
    assert f"{kind} (0 of 1)" in lost


def test_contact_that_is_missing_or_never_ended_is_a_loss() -> None:
    assert "the whole contact" in judged(served(ring()), {}, [(10.1, card())]).lost[0]
    assert "its end" in judged(served(ring()), {"a": Kept(False, Counter(ALL))}, [(10.1, card())]).lost[0]


def test_what_nobody_could_see_is_no_loss_but_is_told() -> None:
    found = judged(served(ring()), {}, [], [(4.0, 21.0)])
    assert (found.lost, found.unseen, found.rings_without_server) == ([], 1, 1)
    assert judged(served(ring()), {}, [], [(6.0, 21.0)]).lost, "it rang while a server was there"


@pytest.mark.parametrize(
    ("call", "person", "how"),
    [
        (served(), True, "was hung up"), (served(), False, "was hung up"), (served(hung_up_first=True), True, "waited in vain"),
        (served(ring(answered=None)), True, "was hung up"), (served(hung_up_first=True), False, None),
    ],
)  # fmt: skip
def test_who_was_not_served(call: Call, person: bool, how: str | None) -> None:
    found = judged(call, {"a": Kept(True, Counter(ALL))}, [(10.1, card())], person=person)
    assert [one.rpartition(") ")[2] for one in found.not_served] == ([how] if how else [])


@pytest.mark.parametrize(
    ("shown", "complete", "naming", "wrong"),
    [
        ([(10.1, card())], 1, 0, 0), ([], 0, 0, 1), ([(11.5, card())], 0, 0, 1),
        ([(10.1, card(who={"lookup": "unknown", "name": None}))], 0, 0, 1),
        ([(10.1, card(who={"lookup": "found", "name": "Somebody Else"}))], 0, 0, 1),
        ([(10.1, card(who={"lookup": "failed", "name": None}))], 0, 1, 0),
        ([(10.1, card(who={"lookup": "pending", "name": None}, missing=["caller"]))], 0, 1, 0),
        ([(10.1, card(why=NO_REASON))], 0, 0, 1),
        ([(10.1, card(why=NO_REASON, missing=["reason"]))], 0, 1, 0),
        ([(10.1, card(why=UNSAID))], 0, 1, 0),
    ],
)  # fmt: skip
def test_cards(shown: list[tuple[float, dict[str, Any]]], complete: int, naming: int, wrong: int) -> None:
    found = judged(served(ring()), {"a": Kept(True, Counter(ALL))}, shown)
    assert (found.complete, found.naming, len(found.incomplete)) == (complete, naming, wrong)


def test_card_comes_back_to_who_still_talks_after_a_restart() -> None:
    talks = served(ring(answered=11.0, ended=30.0))
    there = {"a": Kept(True, Counter(ALL))}
    assert judged(talks, there, [(15.0, card())], [(9.0, 14.0)]).came_back == 1
    assert judged(talks, there, [], [(9.0, 14.0)]).did_not
    assert not judged(talks, there, [], [(9.0, 29.0)]).did_not, "it had ended by then"


def test_targets_are_missed_by_whatever_is_wrong() -> None:
    run, good = Run(done={"x": Done([1.0])}), Judged(calls=1, reached=1)
    assert missed(figures(run, good, [2.0], {})) == []
    for spoilt in ("not_served", "lost", "incomplete", "did_not"):
        assert missed(figures(run, Judged(calls=1, **{spoilt: ["a"]}), [2.0], {})), spoilt
    assert missed(figures(run, good, [10.5], {})) and missed(figures(run, Judged(), [], {}))
    assert missed(figures(Run(done={"x": Done([], never=1)}), good, [], {}))
