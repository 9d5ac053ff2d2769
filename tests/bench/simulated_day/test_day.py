"""The simulated day: the same callers on every side, everybody ends somewhere, and nothing but routing makes a difference."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

import pytest

from ivr.bench.simulated_day import front, hearing, show, study
from ivr.bench.simulated_day.assumptions import BY_HOUR, MIX, SETTLES, TALK_S, VARIED, Assumptions, varied
from ivr.bench.simulated_day.figures import CAUSES, Call, Day, mean, paired, reduction
from ivr.bench.simulated_day.floor import run, run_side
from ivr.bench.simulated_day.front import Led
from ivr.bench.simulated_day.house import flow, history, queue_of, staff
from ivr.bench.simulated_day.matters import PERSON, Matter, matters
from ivr.bench.simulated_day.sides import MENU, NAMES, OURS, Menu, Ours, side
from ivr.core.caller import AgentId, CallId
from ivr.core.routing import Policy, Situation

SMALL = Assumptions(
    callers=150, teams={"orders": 2, "returns": 1, "billing": 1, "repairs": 1, "sales": 1, "ivr-fallback": 1}
)  # fmt: skip
"""A little shop in which callers must wait."""


# -- the day


@pytest.mark.parametrize("name", NAMES)
def test_everybody_ends_somewhere(name: str) -> None:
    day = run(name, SMALL, 1)
    assert sum(call.attempt == 0 for call in day.calls) == SMALL.callers
    assert len({call.end for call in day.calls}) > 4, "a day with something of everything"
    for call in day.calls:
        assert call.end is not None
        assert len(call.waits) == len(call.agents) + (call.end == "gave_up"), (
            "each wait ends with an agent, or the call"
        )
        assert len(call.passed_on) == max(len(call.waits) - 1, 0), "and each but the first begins with being passed on"
        assert (call.end == "machine") == (not call.waits)
        assert all(wait >= 0 for wait in call.waits)


@dataclass
class Watched:
    """A side whose choices are noted."""

    inner: Menu | Ours
    busy: set[AgentId]
    """In a call, or wrapping it up."""

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def choose(self, situation: Situation) -> Iterable[tuple[CallId, AgentId]]:
        for presence in situation.present:
            if presence.state == "available":
                self.busy.discard(presence.agent.id)
        waiting = [call.call for call in situation.waiting]
        for call, agent in self.inner.choose(situation):
            assert agent not in self.busy, "an agent in two calls"
            waiting.remove(call)  # raises for a call that does not wait, or is given away twice
            self.busy.add(agent)
            yield call, agent


@pytest.mark.parametrize("name", [MENU, OURS])
def test_nobody_is_in_two_calls(name: str) -> None:
    members = staff(SMALL, 1)
    watched = Watched(side(name, SMALL, members, 1), set())  # type: ignore[arg-type]
    day = run_side(watched, SMALL, members, 1)  # type: ignore[arg-type]
    assert watched.busy and set(day.busy_s) == {m.agent.id for m in members}


@pytest.mark.parametrize("name", [MENU, OURS])
def test_a_seed_is_a_day(name: str) -> None:
    first, again, other = run(name, SMALL, 1), run(name, SMALL, 1), run(name, SMALL, 2)
    assert (first.calls, first.busy_s) == (again.calls, again.busy_s)
    assert first.calls != other.calls


def test_all_sides_have_the_same_callers() -> None:
    members = staff(SMALL, 3)
    assert matters(SMALL, members, 3) == matters(SMALL, staff(SMALL, 3), 3)
    first = matters(SMALL, members, 3)[0]
    assert first.dice(0).random() == first.dice(0).random() != first.dice(1).random()


@dataclass(frozen=True, slots=True)
class OursBehindKeys(Ours):
    """Our routing behind the menu's front, with the menu's memberships."""

    def queues(self, member: object) -> tuple[str, ...]:
        return Menu(self.world).queues(member)  # type: ignore[arg-type]

    def lead(self, matter: Matter, dice: Random) -> Led:
        return front.by_keys(matter, self.world, dice)


def test_without_differences_in_routing_there_are_none_in_what_comes_of_it() -> None:
    plain = Policy(
        learn="off", skill_weight=0, language_weight=0, region_weight=0, last_solver_weight=0, open_case_weight=0,
        priority_silver=0, priority_gold=0, priority_vip=0, priority_repeat=0, priority_passed_on=0,
    )  # fmt: skip
    world = replace(SMALL, chinese=0.0, second_skill=False)
    for seed in (1, 2):
        members = staff(world, seed)
        theirs = run_side(Menu(world), world, members, seed)
        ours = run_side(OursBehindKeys(world, OURS, plain), world, members, seed)
        assert (ours.calls, ours.busy_s) == (theirs.calls, theirs.busy_s)


# -- its parts


def test_assumptions_are_about_this_shop() -> None:
    reasons = set(flow().intents) - {PERSON}
    assert set(MIX) == set(TALK_S) == reasons and set(SETTLES) <= reasons
    assert math.isclose(sum(MIX.values()), 1) and math.isclose(sum(BY_HOUR), 1)
    assert all(flow().intents[reason].node for reason in SETTLES), "only what has a dialogue is settled by it"
    assert set(SMALL.teams) == set(Assumptions().teams) == {q for q in flow().queues if not q.endswith("-second")}


def test_every_row_of_the_sensitivity_table_changes_something() -> None:
    base = Assumptions()
    worlds = [world for _, world in varied(base)]
    assert len(worlds) == len(VARIED) == len({name for name, _ in VARIED}) and base not in worlds


def test_hearing_was_measured_for_every_reason() -> None:
    for rate in hearing.RATES:
        table = hearing.table(rate)
        assert set(table) == set(hearing.KNOWN)
        for by_intent in table.values():
            assert set(by_intent) == set(flow().intents), "measure it anew: python -m ivr.bench.simulated_day.hearing"
            for outcomes in by_intent.values():
                assert math.isclose(sum(share for _, share in outcomes), 1, abs_tol=0.01)
                assert all((heard.intent is None) == (heard.certainty == "none") for heard, _ in outcomes)
    assert {world.misheard for _, world in varied(Assumptions())} <= set(hearing.RATES)


def test_outcomes_are_drawn_by_their_shares() -> None:
    one, other = hearing.Heard("sure", "repair"), hearing.Heard("none", None)
    assert [hearing.draw(((one, 0.7), (other, 0.3)), chance) for chance in (0, 0.69, 0.71, 0.9999)] == [
        one,
        one,
        other,
        other,
    ]


def test_words_are_misheard_as_often_as_is_said() -> None:
    dice, phrase = Random(1), " ".join(f"w{n}" for n in range(2000))
    assert hearing.misheard(phrase, 0.0, ["x"], dice) == phrase
    heard = hearing.misheard(phrase, 0.2, ["x"], dice).split()
    assert 150 < heard.count("x") < 250, "half of a fifth replaced"
    assert hearing.misheard("w", 1.0, ["x"], Random(4))


def test_keys_lead_where_they_are_pressed() -> None:
    world = replace(SMALL, wrong_key=0.0, zero=0.0, misstates=0.0)
    for matter in matters(world, staff(world, 1), 1):
        led = front.by_keys(matter, world, matter.dice(0))
        assert led.queue in (queue_of(matter.reason), None)
    wrong = replace(world, wrong_key=1.0)
    led_astray = [front.by_keys(m, wrong, m.dice(0)).queue for m in matters(wrong, staff(wrong, 1), 1)]
    right = [queue_of(m.reason) for m in matters(wrong, staff(wrong, 1), 1)]
    assert not any(a == b for a, b in zip(led_astray, right, strict=True))


def test_whoever_asks_for_a_person_gets_one_everywhere() -> None:
    world = replace(SMALL, zero=1.0)
    for matter in matters(world, staff(world, 1), 1)[:30]:
        assert front.by_keys(matter, world, matter.dice(0)).queue == flow().fallback_queue
        assert front.by_voice(matter, world, matter.dice(0), history=True).queue is not None


def test_history_is_what_agents_can_truly_do() -> None:
    world = replace(SMALL, history_days=200, ability_spread=0.2)
    members = staff(world, 3)
    examples = history(world, members, 3)
    best = max(members, key=lambda m: m.ability.get("late_delivery", 0))
    worst = min((m for m in members if "orders" in m.agent.queues), key=lambda m: m.ability["late_delivery"])

    assert best.ability["late_delivery"] > worst.ability["late_delivery"] + 0.2

    def share(agent: AgentId) -> float:
        mine = [e.settled for e in examples if e.agent == agent and e.intent == "late_delivery"]
        return sum(mine) / len(mine)

    assert share(best.agent.id) > share(worst.agent.id)
    assert not history(replace(world, history_days=0), members, 3)


# -- figures


def test_figures_count_what_happened() -> None:
    ana, ben = AgentId("ana"), AgentId("ben")
    calls = [
        Call(0, "invoice", "machine"),
        Call(0, "invoice", "solved", [ana], [10.0]),
        Call(0, "repair", "solved", [ana, ben], [30.0, 5.0], ["skill"]),
        Call(1, "repair", "gave_up", [], [50.0]),
        Call(0, "repair", "gave_up", [ana], [15.0, 100.0], ["front"]),
    ]
    day = Day(MENU, {ana: "orders", ben: "billing"}, calls, {ana: 16_200.0, ben: 8_100.0})
    found = day.figures()
    assert (found["transfers"], found["transfers_of_answered"]) == (40.0, pytest.approx(200 / 3))
    assert sum(found[f"transfers {cause}"] for cause in CAUSES) == found["transfers"]
    assert (found["first_contact"], found["first_person"]) == (75.0, pytest.approx(100 / 3))
    assert (found["gave_up"], found["service_level"]) == (50.0, 50.0)
    assert found["wait_mean_s"] == pytest.approx(55 / 3), "of those who were answered"
    assert (found["occupancy"], found["occupancy orders"], found["occupancy billing"]) == (37.5, 50.0, 25.0)
    assert (found["occupancy_spread"], found["idlest_agent"]) == (25.0, 100.0)


def test_intervals() -> None:
    assert str(mean([1.0, 2.0, 3.0])) == "2.0 ± 2.5"
    assert paired([3.0, 5.0], [1.0, 1.0]).value == 3.0
    assert reduction([5.0, 4.0], [10.0, 10.0]).value == 55.0
    assert mean([1.0]).half == math.inf


def test_report_says_what_was_measured_and_assumed() -> None:
    found = study.measure(2, what_if=False, world=SMALL)
    few = range(2)
    found.what_ifs = [study.row("no word misheard", replace(SMALL, misheard=0.0), few)]
    found.menus = [study.row("40 %", replace(SMALL, wrong_key=0.4), few)]
    text = show.report(found)
    for part in (
        "transfers per 100 calls",
        "Target −60 %",
        "no word misheard",
        "wrong_key 0.1",
        "reasons late_delivery 26%",
    ):
        assert part in text
    plain = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert plain["seeds"] == 2 and set(plain["sides"]) == set(NAMES)
    assert found.menus[0].menu.value > found.mean(MENU, "transfers").value
