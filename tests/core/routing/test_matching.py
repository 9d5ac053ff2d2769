"""Who gets whom, of all who wait and all who are free: properties that hold whatever comes, and the explanation's honesty."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.assignment import solve
from ivr.core.caller import Agent, AgentId
from ivr.core.routing import (
    POINT,
    PRIORITY,
    Candidate,
    Change,
    Matching,
    Policy,
    Presence,
    Situation,
    Waiting,
    explain,
    match,
)
from ivr.core.routing.learning import Estimate
from ivr.core.routing.matching import candidates
from ivr.core.routing.parties import Signal
from ivr.core.routing.reasons import total
from ivr.core.routing.rules import keeps
from ivr.core.routing.scoring import priority
from tests.core.crowd import HOUSE, call_id, situations
from tests.core.little_house import LIN_MEI, NOW, STRANGER, agent, lin, phoned

ANA, BEN, CHEN = agent("ana", "orders", delivery=9), agent("ben", "orders", delivery=3), agent("chen", "billing")


def hindrance(one: Candidate) -> str | None:
    """Why they could not have it, in words; None: they could."""
    if one.barrier:
        return one.barrier.text["en"]
    return None if one.can else keeps(one.state)["en"]


def free(*agents: Agent, idle_s: float = 0) -> tuple[Presence, ...]:
    return tuple(Presence(a, NOW - timedelta(seconds=idle_s)) for a in agents)


def late(number: int, waits_s: float = 0, **more: object) -> Waiting:
    since = NOW - timedelta(seconds=waits_s)
    given = {"caller": STRANGER, "language": "en", "queue": "orders", "intent": "late", "confidence": 0.8} | more
    return Waiting(call_id(number), since=since, entered=since, **given)  # type: ignore[arg-type]


def at(waiting: tuple[Waiting, ...], present: tuple[Presence, ...], **more: object) -> Situation:
    return Situation(waiting, present, HOUSE, NOW, **more)  # type: ignore[arg-type]


def able(situation: Situation) -> dict[tuple[int, int], Candidate]:
    """Every pair that may be, by the places of call and agent in the situation."""
    ids = [p.agent.id for p in situation.present]
    return {
        (row, ids.index(one.agent)): one
        for row, call in enumerate(situation.waiting)
        for one in candidates(situation, call, situation.present)
        if one.can
    }


def worth(found: list[Candidate]) -> tuple[int, float]:
    return len(found), total(r for one in found for r in one.reasons)


# -- what holds whatever comes


@given(situations())
def test_nobody_twice_and_every_rule_kept(situation: Situation) -> None:
    made = match(situation, solve)
    assert len({p.call for p in made.pairs}) == len({p.agent for p in made.pairs}) == len(made.pairs)
    presences = {p.agent.id: p for p in situation.present}
    calls = {c.call: c for c in situation.waiting}
    for pair in made.pairs:
        keeps_the_rules(situation, calls[pair.call], presences[pair.agent])


def keeps_the_rules(situation: Situation, call: Waiting, presence: Presence) -> None:
    """The rules in other words than in the code."""
    agent, waited_s = presence.agent, (NOW - call.since).total_seconds()
    assert presence.state == "available"
    if agent.id == call.meant_for:
        return
    signed_in = [p.agent for p in situation.present if p.state != "offline"]
    named_is_there = any(a.id == call.meant_for for a in signed_in)
    assert not named_is_there or waited_s >= situation.policy.meant_for_patience_s
    name = call.queue or HOUSE.fallback_queue
    queue, intent = HOUSE.queues.get(name), HOUSE.intents.get(call.intent or "")
    knows = {a.id for a in signed_in if not (intent and intent.skill) or intent.skill in a.skills}
    helpers = {a.id for a in signed_in if queue and set(queue.overflow) & set(a.queues)} & knows
    assert name in agent.queues or (agent.id in helpers and queue and waited_s >= queue.overflow_s)
    ever = [a for a in signed_in if name in a.queues or a.id in helpers]
    others = [a for a in ever if a.id not in call.had_by]
    assert agent.id not in call.had_by or not others
    speakers = [a for a in others or ever if call.language in a.languages]
    if waited_s < situation.policy.language_patience_s and speakers:
        assert call.language in agent.languages


@given(situations())
def test_never_worse_than_one_after_the_other(situation: Situation) -> None:
    pairs, taken, greedy = able(situation), (set[int](), set[int]()), []
    for (row, column), one in sorted(pairs.items(), key=lambda p: (-p[1].score, p[0])):
        if row not in taken[0] and column not in taken[1]:
            taken[0].add(row)
            taken[1].add(column)
            greedy.append(one)
    made = match(situation, solve)
    assert (len(made.pairs), made.total) >= worth(greedy)


@given(situations(calls=4, agents=4))
def test_it_is_the_best_of_all_assignments(situation: Situation) -> None:
    pairs = able(situation)
    rows, best = range(len(situation.waiting)), (0, 0.0)
    columns = [*range(len(situation.present)), *[-1 - row for row in rows]]  # nobody, once for each call
    for way in permutations(columns, len(rows)):
        found = [pairs[row, column] for row, column in zip(rows, way, strict=True) if (row, column) in pairs]
        best = max(best, worth(found))
    made = match(situation, solve)
    assert (len(made.pairs), made.total) == best


@given(situations(), st.randoms(use_true_random=False))
def test_order_of_calls_and_agents_changes_nothing(situation: Situation, dice: object) -> None:
    waiting, present = list(situation.waiting), list(situation.present)
    dice.shuffle(waiting)  # type: ignore[attr-defined]
    dice.shuffle(present)  # type: ignore[attr-defined]
    mixed = replace(situation, waiting=tuple(waiting), present=tuple(present))
    first, second = match(situation, solve), match(mixed, solve)
    assert (first.pairs, first.total) == (second.pairs, second.total)
    for call in situation.waiting:
        assert explain(first, call.call) == explain(second, call.call)


@given(situations())
def test_arithmetic_adds_up(situation: Situation) -> None:
    made = match(situation, solve)
    assert made.total == pytest.approx(sum(pair.score for pair in made.pairs))
    for pair in made.pairs:
        assert pair.score == pytest.approx(sum(r.value for r in pair.reasons))
        assert [r.value for r in pair.reasons] == sorted((r.value for r in pair.reasons), reverse=True)
        assert all(r.label["en"] and r.label["zh"] for r in pair.reasons)
    for call in situation.waiting:
        why = explain(made, call.call)
        assert why.agent == made.agent_of(call.call)
        assert len(why.candidates) <= 8 and len(why.would_change) <= 6
        assert why.agent is None or why.agent in [c.agent for c in why.candidates]
        assert why.runner_up is None or (why.runner_up.can and why.runner_up.agent != why.agent)
        for one in why.candidates:
            assert one.score == pytest.approx(sum(r.value for r in one.reasons))


@settings(deadline=None)
@given(situations())
def test_what_would_have_changed_it_does(situation: Situation) -> None:
    made = match(situation, solve)
    for call in situation.waiting:
        why = explain(made, call.call)
        for change in why.would_change:
            assert change.text["en"] and change.text["zh"]
            then = replayed(made, call, why.agent, change)
            assert then == change.agent != why.agent, change.text["en"]


def replayed(made: Matching, call: Waiting, got: AgentId | None, change: Change) -> AgentId | None:
    """Who gets the call once the change is made."""
    before, less = made.situation, {}
    match change.kind:
        case "free":
            after = replace(before, present=tuple(
                replace(p, state="available", since=NOW) if p.agent.id == change.agent else p for p in before.present
            ))  # fmt: skip
        case "other_call":
            after = replace(before, waiting=tuple(c for c in before.waiting if c.call != change.other))
        case "later":
            assert change.at and change.at > NOW
            after = replace(before, now=change.at)
        case "without":
            assert change.reason
            ours = change.reason.kind in PRIORITY
            less = {(call.call, p.agent.id): change.reason.value for p in before.present if ours or p.agent.id == got}
            after = before
    return match(after, solve, less).agent_of(call.call)


@pytest.mark.parametrize("queue", ["orders", "gone"])
def test_nobody_waits_for_ever(queue: str) -> None:
    """One agent, and every half minute a new caller with everything that can speak for a call but danger."""
    policy, ana = Policy(), free(replace(ANA, queues=("orders", "gone"), region="Berlin"))
    news, had_by = (Signal({"en": "late", "zh": "晚"}, policy.priority_signal),), frozenset({AgentId("cora")})
    last = phoned(1, solved=False, agent="ana")
    best = lin(customer=replace(LIN_MEI, tier="vip"), contacts=(last, phoned(200, solved=True, agent="ana")))
    plain = late(1, queue=queue, language="zh")
    claims = policy.language_weight + policy.skill_weight + policy.last_solver_weight + policy.region_weight
    told = policy.priority_vip + policy.priority_repeat + policy.priority_signal + policy.priority_passed_on
    bound_s = (told + claims / POINT + 1) * policy.priority_every_s
    for step in count(1):
        now = NOW + timedelta(seconds=30 * step)
        other = Waiting(call_id(step + 1), best, "en", now, now, queue, "late", 0.8, had_by=had_by, signals=news)
        assert {one.kind for one in priority(other, policy, now)} | {"waited", "emergency"} == PRIORITY, "all of them"
        assert 30 * step <= bound_s, "still overtaken"
        if match(Situation((plain, other), ana, HOUSE, now, policy), solve).agent_of(plain.call):
            assert step > 10, "it was overtaken at first"
            return


def test_somebody_in_danger_goes_before_everybody_who_has_waited_for_hours() -> None:
    last = phoned(1, solved=False, agent="ana")
    vip = lin(customer=replace(LIN_MEI, tier="vip"), contacts=(last,))
    others = tuple(late(n, 3 * 3600, caller=vip, had_by=frozenset({AgentId("cora")})) for n in range(2, 6))
    calls = (*others, late(1, cause="emergency"))
    assert match(at(calls, free(ANA, BEN)), solve).agent_of(call_id(1))
    [reason] = [one for one in priority(calls[-1], Policy(), NOW) if one.kind == "emergency"]
    assert reason.value / POINT * Policy().priority_every_s > 4 * 3600, "docs/routing.md says four hours"


@pytest.mark.parametrize(("hours", "again"), [(23.999, True), (24.001, False)])
def test_who_has_called_again_is_judged_by_when_the_call_came(hours: float, again: bool) -> None:
    call = late(1, caller=lin(contacts=(phoned(hours),)))
    for minutes in (0, 1, 600):
        kinds = {one.kind for one in priority(call, Policy(), NOW + timedelta(minutes=minutes))}
        assert ("repeat" in kinds) is again


def test_whom_we_call_back_has_not_called_again() -> None:
    call = late(1, caller=lin(contacts=(phoned(1),)), cause="call_back")
    assert "repeat" not in {one.kind for one in priority(call, Policy(), NOW)}


# -- examples that a supervisor would ask about


def test_as_many_as_possible_are_served_before_anybody_gets_the_best() -> None:
    both, orders = replace(ANA, queues=("orders", "billing")), BEN
    calls = (
        late(1, caller=lin(contacts=(phoned(100, solved=True, agent="ana"),))),
        late(2, queue="billing", intent="invoice"),
    )
    made = match(at(calls, free(both, orders)), solve)
    assert {p.call: p.agent for p in made.pairs} == {call_id(1): "ben", call_id(2): "ana"}
    [change] = [c for c in explain(made, call_id(1)).would_change if c.kind == "other_call"]
    assert change.text["en"] == "had the call that got Ana not been waiting, Ana would have got it"


def test_among_equals_the_longest_wait() -> None:
    policy = Policy(priority_every_s=3600)
    calls = (late(1, 1), late(2, 1.1), late(3, 0.5))
    assert [p.call for p in match(at(calls, free(BEN), policy=policy), solve).pairs] == [call_id(2)]
    same = tuple(replace(late(n), entered=NOW - timedelta(seconds=n)) for n in (1, 2, 3))
    assert [p.call for p in match(at(same, free(BEN)), solve).pairs] == [call_id(3)], "then who is longest in the house"


def test_among_equal_agents_the_longest_idle() -> None:
    twin = replace(BEN, id=AgentId("twin"))
    made = match(at((late(1),), (*free(BEN, idle_s=5), *free(twin, idle_s=60))), solve)
    assert made.agent_of(call_id(1)) == "twin"


def test_agents_are_idle_without_bound_too() -> None:
    policy = Policy()
    most = (policy.skill_weight + policy.region_weight + policy.last_solver_weight) / POINT * policy.idle_every_s
    idle = (*free(ANA), *free(BEN, idle_s=most))
    caller = lin(contacts=(phoned(100, solved=True, agent="ana"),))
    assert match(at((late(1, caller=caller),), idle), solve).agent_of(call_id(1)) == "ben"


def test_what_has_been_learnt_counts_is_shown_or_is_not_there() -> None:
    learnt = {(BEN.id, "late"): Estimate(40, 40, 0.5, 40, 30, 80)}
    call, twins = late(1), free(replace(ANA, skills={}), replace(BEN, skills={}))
    on, shadow, off = (
        explain(match(at((call,), twins, learnt=learnt, policy=Policy(learn=mode)), solve), call.call)  # type: ignore[arg-type]
        for mode in ("on", "shadow", "off")
    )
    assert (on.agent, shadow.agent, off.agent) == ("ben", "ana", "ana")
    said = "Ben settles 10 of 10 calls about “Late delivery”, others 4 of 10"
    assert [r.label["en"] for r in on.candidates[0].reasons if r.kind == "learnt"] == [said]
    assert [c.shadow.label["en"] for c in shadow.candidates if c.shadow] == [said]
    assert not any(c.shadow for c in (*on.candidates, *off.candidates))
    assert not any(r.kind == "learnt" for c in (*shadow.candidates, *off.candidates) for r in c.reasons)
    [change] = on.would_change
    assert change.text["en"] == f"without ‘{said}’ (0.38) Ana would have got it"


def test_a_call_that_nobody_gets_says_what_it_waits_for() -> None:
    made = match(
        at(
            (late(1, 20, language="zh"),),
            (*free(ANA), Presence(replace(CHEN, languages=("zh",), skills={"delivery": 1}), NOW, "busy")),
        ),
        solve,
    )
    why = explain(made, call_id(1))
    assert why.agent is None and why.runner_up is None
    assert [(c.agent, hindrance(c)) for c in why.candidates] == [
        ("chen", "helps out later"), ("ana", "does not speak the caller's language"),
    ]  # fmt: skip
    [later] = why.would_change
    assert later.text["en"] == "in 4:40 ‘Ana does not speak the caller's language’ no longer holds, and Ana gets it"
    assert later.at == NOW + timedelta(seconds=280)


def test_a_busy_agent_who_would_have_had_it() -> None:
    solved = lin(contacts=(phoned(100, solved=True, agent="ben"),))
    made = match(at((late(1, caller=solved),), (*free(ANA), Presence(BEN, NOW, "busy"))), solve)
    why = explain(made, call_id(1))
    assert why.agent == "ana"
    assert [hindrance(c) for c in why.candidates] == [None, "is in a call"]
    assert [c.text["en"] for c in why.would_change] == ["had Ben been free (Ben is in a call), Ben would have got it"]


def test_pairs_that_were_tried_in_vain_are_not_tried_again() -> None:
    calls = at((late(1),), free(ANA, BEN), apart=frozenset({(call_id(1), ANA.id)}))
    assert match(calls, solve).agent_of(call_id(1)) == "ben"
    assert explain(match(calls, solve), call_id(1)).candidates[1].barrier


def test_a_call_that_is_not_there_cannot_be_explained() -> None:
    with pytest.raises(KeyError):
        explain(match(at((), ()), solve), call_id(1))
