"""Where a call goes, rule by rule, and what is given as the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.caller import Agent, AgentState, Caller, Case, Language, PastContact, Tier
from ivr.core.messages import HandOver
from ivr.core.routing import PRIORITY, REPEAT_PRIORITY, Decision, decide
from tests.core.little_house import FLOW, LIN_MEI, NOW, STRANGER, agent, lin, phoned

PLAIN = lin(customer=replace(LIN_MEI, tier="standard", region=None))


def case(queue: str | None, intent: str | None = None, status: str = "open") -> Case:
    return Case(f"K-{queue}", "something", status, NOW, intent, queue)  # type: ignore[arg-type]


def decided(
    caller: Caller = STRANGER,
    intent: str | None = "late",
    confidence: float = 0.8,
    agents: Sequence[Agent] = (),
    busy: Sequence[str] = (),
    language: Language = "en",
    queue: str | None = None,
    cause: str = "understood",
) -> Decision:
    states: dict[str, AgentState] = {a.id: "busy" if a.id in busy else "available" for a in agents}
    hand_over = HandOver(intent, queue, cause)  # type: ignore[arg-type]
    return decide(caller, hand_over, confidence, language, FLOW, agents, states, NOW)  # type: ignore[arg-type]


# -- the queue

QUEUES = {
    "the intent's own": (decided(), "orders", "front"),
    "nothing known: the queue for everything": (decided(intent=None), "front", None),
    "an intent that there is no more": (decided(intent="gone"), "front", None),
    "a person asked for: the front desk": (decided(intent="person"), "front", None),
    "what the dialogue insists on": (decided(queue="billing"), "billing", "orders"),
    "an open case of the same matter adds to it": (
        decided(lin(cases=(case("billing", "invoice"),)), "invoice", 0.1), "billing", "front",
    ),
    "an open case, when nothing was said": (decided(lin(cases=(case("billing"),)), None, 0.0), "billing", "front"),
    "an open case of another matter weighs little": (
        decided(lin(cases=(case("billing", "invoice"),)), "late", 0.2), "orders", "billing",
    ),
    "a closed case weighs nothing": (decided(lin(cases=(case("billing", status="closed"),)), None, 0.0), "front", None),
    "a case of a team that there is no more": (decided(lin(cases=(case("gone"), case(None))), None, 0.0), "front", None),
    "an intent that is hardly believed": (decided(confidence=0.02), "front", "orders"),
}  # fmt: skip


@pytest.mark.parametrize(("decision", "queue", "runner_up"), QUEUES.values(), ids=QUEUES.keys())
def test_queue(decision: Decision, queue: str, runner_up: str | None) -> None:
    assert decision.queue == queue
    assert (decision.runner_up.queue if decision.runner_up else None) == runner_up


# -- the place in the line


@pytest.mark.parametrize(
    ("tier", "contacts", "priority"),
    [
        ("standard", (), 0), ("silver", (), 2), ("gold", (), 5), ("vip", (), 10),
        ("standard", (phoned(1),), 8), ("standard", (phoned(23.9, solved=False),), 8), ("vip", (phoned(1),), 18),
        ("standard", (phoned(24.1),), 0), ("standard", (phoned(1, solved=True),), 0),
        ("standard", (phoned(1, solved=True), phoned(2)), 0),
        ("standard", (replace(phoned(1), channel="chat"),), 0),
        ("standard", (replace(phoned(1), channel="chat"), phoned(2)), 8),
    ],
)  # fmt: skip
def test_priority(tier: Tier, contacts: tuple[PastContact, ...], priority: int) -> None:
    decision = decided(lin(customer=replace(LIN_MEI, tier=tier), contacts=contacts))
    assert decision.priority == priority
    # whoever is put first is told apart in the reasons, a tenth of it
    raised = sum(r.value for r in decision.reasons if "customer" in r.label["en"] or "again" in r.label["en"])
    assert raised == pytest.approx(priority / 10)


def test_somebody_unknown_has_no_priority() -> None:
    assert decided().priority == 0
    assert PRIORITY["vip"] > REPEAT_PRIORITY > PRIORITY["gold"]


# -- who is rung first

ANA = agent("ana", "orders", "front", delivery=9)
BEN = agent("ben", "orders", delivery=3)
CHEN = agent("chen", "orders", languages=("zh", "en"))
DORA = agent("dora", "billing")
SOLVED_BY_BEN = (phoned(100, solved=True, agent="ben"),)

PREFERRED = {
    "nobody is there": (decided(), None),
    "all alike: the queue chooses": (decided(agents=(ANA, BEN)), None),
    "who solved it last time": (decided(replace(PLAIN, contacts=SOLVED_BY_BEN), agents=(ANA, BEN)), "ben"),
    "… but is busy": (decided(replace(PLAIN, contacts=SOLVED_BY_BEN), agents=(ANA, BEN), busy=("ben",)), None),
    "… but is not of that queue": (decided(replace(PLAIN, contacts=SOLVED_BY_BEN), "invoice", agents=(DORA, BEN)), None),
    "… but long ago": (
        decided(replace(PLAIN, contacts=(phoned(91 * 24, solved=True, agent="ben"),)), agents=(ANA, BEN)), None,
    ),
    "… or did not solve it": (
        decided(replace(PLAIN, contacts=(phoned(100, solved=False, agent="ben"),)), agents=(ANA, BEN)), None,
    ),
    "the solver of this very matter before the solver of another": (
        decided(
            replace(PLAIN, contacts=(phoned(90, "invoice", True, "ana"), phoned(100, "late", True, "ben"))),
            agents=(ANA, BEN),
        ),
        "ben",
    ),
    "the solver of another matter, when nobody solved this one": (
        decided(replace(PLAIN, contacts=(phoned(90, "invoice", True, "ben"),)), agents=(ANA, BEN)), "ben",
    ),
    "the only one who speaks the language": (decided(PLAIN, agents=(ANA, BEN, CHEN), language="zh"), "chen"),
    "… who is busy": (decided(PLAIN, agents=(ANA, BEN, CHEN), busy=("chen",), language="zh"), None),
    "nobody speaks it, but one has solved it": (
        decided(replace(PLAIN, contacts=SOLVED_BY_BEN), agents=(ANA, BEN), language="zh"), "ben",
    ),
    "skill and region together": (
        decided(lin(), agents=(replace(ANA, region="Berlin", skills={"delivery": 10}), BEN)), "ana",
    ),
    "skill alone is not enough": (decided(PLAIN, agents=(replace(ANA, skills={"delivery": 10}), BEN)), None),
    "skill decides between two who speak it": (
        decided(PLAIN, agents=(replace(CHEN, skills={"delivery": 2}), replace(ANA, languages=("zh",)), BEN), language="zh"),
        "ana",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "preferred"), PREFERRED.values(), ids=[f"{n}-{name}" for n, name in enumerate(PREFERRED)]
)
def test_preferred_agent(decision: Decision, preferred: str | None) -> None:
    assert decision.agent == preferred


def test_agents_who_are_not_free_are_never_preferred() -> None:
    for state in ("offline", "ringing", "busy", "paused"):
        caller = replace(PLAIN, contacts=SOLVED_BY_BEN)
        hand_over = HandOver("late", None, "understood")
        decision = decide(caller, hand_over, 0.8, "en", FLOW, [BEN], {BEN.id: state}, NOW)  # type: ignore[dict-item]
        assert decision.agent is None


# -- reasons


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("understood", "asked about “Late delivery”"), ("key", "chose “Late delivery” by key"),
        ("confirmed", "confirmed “Late delivery”"), ("repeat_call", "called before about “Late delivery”"),
    ],
)  # fmt: skip
def test_reason_says_how_the_matter_is_known(cause: str, words: str) -> None:
    assert decided(cause=cause).reasons[0].label["en"] == words


def test_all_that_spoke_for_it_is_said_heaviest_first() -> None:
    caller = lin(cases=(case("orders", "late"),), contacts=(phoned(2, solved=False), *SOLVED_BY_BEN))
    decision = decided(caller, agents=(ANA, replace(BEN, region="Berlin")))
    said = [(reason.label["en"], reason.value) for reason in decision.reasons]
    assert said == [
        ("asked about “Late delivery”", 0.8),
        ("called again within 24 hours", 0.8),
        ("gold customer", 0.5),
        ("Ben solved it last time", 0.4),
        ("open case K-orders with Orders", 0.35),
        ("speaks English", 0.3),
        ("same region: Berlin", 0.1),
        ("skill delivery, 3 of 10", 0.06),
    ]
    assert all(reason.label["zh"] for reason in decision.reasons)
    assert decision.runner_up is not None and decision.runner_up.score == 0.05


callers = st.builds(
    lambda cases, contacts, known: lin(cases=tuple(cases), contacts=tuple(contacts)) if known else STRANGER,
    st.lists(st.builds(case, st.sampled_from(("orders", "billing", "gone", None)), st.sampled_from(("late", None))), max_size=4),
    st.lists(
        st.builds(phoned, st.floats(0, 5000), st.sampled_from(("late", None)), st.sampled_from((True, False, None)),
                  st.sampled_from(("ana", "ben", "nobody", None))),
        max_size=5,
    ),
    st.booleans(),
)  # fmt: skip


@given(
    callers,
    st.sampled_from((*FLOW.intents, "gone", None)),
    st.floats(0, 1),
    st.lists(st.sampled_from((ANA, BEN, CHEN, DORA)), unique_by=lambda a: a.id),
    st.sampled_from(("en", "zh")),
)
def test_any_decision_can_be_carried_out(
    caller: Caller, intent: str | None, confidence: float, agents: list[Agent], language: Language
) -> None:
    decision = decided(caller, intent, confidence, agents, language=language)
    assert decision.queue in FLOW.queues
    assert 0 <= decision.priority <= 18
    assert [r.value for r in decision.reasons] == sorted((r.value for r in decision.reasons), reverse=True)
    assert decision.reasons
    if decision.agent:
        assert any(a.id == decision.agent and decision.queue in a.queues for a in agents)
    if decision.runner_up:
        assert decision.runner_up.queue != decision.queue
    assert decided(caller, intent, confidence, agents, language=language) == decision
