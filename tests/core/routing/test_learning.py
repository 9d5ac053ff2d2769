"""What finished calls teach: neutral at first, slowly, whatever the order, and never from what says nothing of the agent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.statistics import beta_quantile
from ivr.core.caller import AgentId
from ivr.core.routing.learning import (
    DRAWN,
    FRESH,
    HALVED_EVERY,
    REPEAT_WITHIN,
    Estimate,
    Example,
    Passage,
    label,
    learn,
)
from tests.core.little_house import NOW

ANA, BEN = AgentId("ana"), AgentId("ben")
TITLE = {"en": "Late delivery", "zh": "配送延误"}


def outcomes(agent: AgentId, settled: int, failed: int, intent: str = "late", days_ago: float = 10) -> list[Example]:
    at = NOW - timedelta(days=days_ago)
    return [Example(agent, intent, at, n < settled) for n in range(settled + failed)]


examples = st.lists(
    st.builds(
        lambda agent, intent, days, settled: Example(agent, intent, NOW - timedelta(days=days), settled),
        st.sampled_from((ANA, BEN, AgentId("chen"))), st.sampled_from(("late", "invoice")), st.floats(0, 400), st.booleans(),
    ),
    max_size=40,
)  # fmt: skip


# -- estimates


def test_estimate_is_the_formula() -> None:
    learnt = learn([*outcomes(ANA, 8, 2), *outcomes(BEN, 12, 8)], NOW)
    overall = 20 / 30
    mean = (20 + DRAWN * overall) / (30 + DRAWN)
    ana = learnt[ANA, "late"]
    assert ana.mean == pytest.approx(mean)
    assert ana.p == pytest.approx((8 + DRAWN * mean) / (10 + DRAWN))
    assert ana.lead == pytest.approx(ana.p - mean) and ana.lead > 0 > learnt[BEN, "late"].lead
    assert (ana.seen, ana.others_settled, ana.others_calls) == (10, 12, 20)


def test_rare_matter_is_drawn_to_the_mean_over_all() -> None:
    learnt = learn([*outcomes(BEN, 90, 10), *outcomes(ANA, 0, 1, "rare")], NOW)
    assert learnt[ANA, "rare"].mean == pytest.approx((0 + DRAWN * 90 / 101) / (1 + DRAWN))


@given(st.floats(0, 1))
def test_new_agent_stands_at_exactly_nothing(mean: float) -> None:
    assert Estimate(0, 0, mean).lead == 0.0
    assert Estimate(0, 0, mean).p == mean


@given(examples)
def test_nobody_who_had_no_call_has_an_estimate(some: list[Example]) -> None:
    assert set(learn(some, NOW)) <= {(e.agent, e.intent) for e in some}


@given(examples, st.sampled_from((ANA, BEN)))
def test_one_bad_call_moves_it_by_little(some: list[Example], agent: AgentId) -> None:
    before = learn(some, NOW).get((agent, "late"), Estimate(0, 0, 0.5))
    after = learn([*some, Example(agent, "late", NOW, False)], NOW)[agent, "late"]
    assert after.p <= before.p or not before.calls
    assert abs(after.lead - before.lead) <= 2 / (DRAWN + 1), "its own part, and that of the mean"


@given(examples, st.randoms(use_true_random=False))
def test_order_of_examples_does_not_matter(some: list[Example], dice: object) -> None:
    mixed = list(some)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert learn(mixed, NOW) == learn(some, NOW)


@given(examples)
def test_leads_stay_within_bounds(some: list[Example]) -> None:
    for estimate in learn(some, NOW).values():
        assert 0 <= estimate.p <= 1 and -1 < estimate.lead < 1
        low, high = estimate.interval(beta_quantile)
        assert 0 <= low < high <= 1


@given(examples, st.integers(0, 10), st.integers(1, 10), st.integers(0, 10))
def test_whoever_settles_more_of_as_many_stands_higher(
    some: list[Example], settled: int, more: int, failed: int
) -> None:
    emil, fay = AgentId("emil"), AgentId("fay")
    learnt = learn([*some, *outcomes(emil, settled, more + failed), *outcomes(fay, settled + more, failed)], NOW)
    assert learnt[emil, "late"].lead < learnt[fay, "late"].lead


def test_old_outcomes_fade() -> None:
    at_90 = learn(outcomes(ANA, 1, 0, days_ago=FRESH.days), NOW)[ANA, "late"]
    at_120 = learn(outcomes(ANA, 1, 0, days_ago=(FRESH + HALVED_EVERY).days), NOW)[ANA, "late"]
    assert (at_90.calls, at_120.calls) == (1.0, 0.5)
    assert not learn(outcomes(ANA, 1, 0, days_ago=400), NOW)


@pytest.mark.parametrize(("settled", "failed"), [(0, 0), (8, 2), (80, 20), (0, 30)])
def test_interval_holds_four_fifths_and_narrows(settled: int, failed: int) -> None:
    estimate = Estimate(settled, settled + failed, 0.6, settled + failed)
    low, high = estimate.interval(beta_quantile)
    a, b = settled + DRAWN * 0.6, failed + DRAWN * 0.4
    assert (low, high) == pytest.approx(scipy.stats.beta.ppf([0.1, 0.9], a, b), abs=1e-9)
    assert low < estimate.p < high


def test_sentence_explains_it() -> None:
    ana = learn([*outcomes(ANA, 24, 6), *outcomes(BEN, 30, 20)], NOW)[ANA, "late"]
    said = ana.sentence("Ana", TITLE, beta_quantile)
    assert (
        said["en"] == "Ana settles 8 of 10 calls about “Late delivery”, others 6 of 10: +0.09 (30 calls, 0.68 to 0.84)"
    )
    assert said["zh"] == "Ana处理“配送延误”10次解决8次，其他人6次：+0.09（30次，0.68至0.84）"
    alone = learn(outcomes(ANA, 2, 1), NOW)[ANA, "late"].sentence("Ana", TITLE, beta_quantile)
    assert "nobody else has had any" in alone["en"] and "暂无他人记录" in alone["zh"]
    assert "nothing is known yet" in Estimate(0, 0, 0.5).compared("Ana", TITLE)["en"]


# -- examples from finished calls

LONG_AGO = NOW - timedelta(days=30)


def passage(agent: str = "ana", at: datetime = LONG_AGO, **more: object) -> Passage:
    plain = Passage(
        "c1", "late", "it is late", "en", AgentId(agent), "orders", at, at + timedelta(minutes=5), customer="C1"
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def labelled(*passages: Passage) -> list[tuple[str, str, bool]]:
    return [(e.agent, e.intent, e.settled) for e in label(passages, NOW)]


def on(days: float, **more: object) -> Passage:
    """Another contact, so many days after the first."""
    return passage(at=LONG_AGO + timedelta(days=days), contact="c2", **more)  # type: ignore[arg-type]


SETTLED, NOT = ("ana", "late", True), ("ana", "late", False)
TO_BEN = passage("ben", LONG_AGO + timedelta(minutes=6))
LABELS: dict[str, tuple[tuple[Passage, ...], list[tuple[str, str, bool]]]] = {
    "ended there": ((passage(),), [SETTLED]),
    "said to be unsolved": ((passage(solved=False),), [NOT]),
    "the reason was not known": ((passage(intent=None),), []),
    "passed on for want of authority": (
        (passage(to_queue="billing", reason="no_authority"), TO_BEN), [NOT, ("ben", "late", True)],
    ),
    "passed on to a colleague, no reason given": ((passage(to_agent=AgentId("ben")),), [NOT]),
    "another matter than was said: says nothing of either": ((passage(to_queue="billing", reason="other_matter"), TO_BEN), []),
    "another matter, known by its name then": (
        (passage(to_queue="billing", reason="other_matter"), replace(TO_BEN, intent="invoice")), [("ben", "invoice", True)],
    ),
    "another language": ((passage(to_agent=AgentId("ben"), reason="language"), TO_BEN), [("ben", "late", True)]),
    "the caller came back about it": ((passage(), on(2)), [NOT, SETTLED]),
    "… without saying why": ((passage(), on(2, intent=None)), [NOT]),
    "… about something else": ((passage(), on(2, intent="invoice")), [SETTLED, ("ana", "invoice", True)]),
    "… after more than a week": ((passage(), on(8)), [SETTLED, SETTLED]),
    "somebody else called": ((passage(), on(2, customer="C2")), [SETTLED, SETTLED]),
    "nobody knows who called": ((passage(customer=None), on(2, customer=None)), [SETTLED, SETTLED]),
    "too fresh to be sure, good or bad": ((passage(at=NOW - REPEAT_WITHIN), passage(at=NOW - REPEAT_WITHIN, solved=False)), []),
}  # fmt: skip


@pytest.mark.parametrize(("passages", "examples"), LABELS.values(), ids=LABELS.keys())
def test_what_a_contact_teaches(passages: tuple[Passage, ...], examples: list[tuple[str, str, bool]]) -> None:
    assert labelled(*passages) == examples
    assert labelled(*reversed(passages)) == examples
