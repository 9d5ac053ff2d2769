"""Where a call goes, rule by rule, and what is given as the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.caller import Agent, Caller, CallId, Case, PastContact, Tier
from ivr.core.flow.flow import Flow
from ivr.core.flow.opening_hours import Calendar
from ivr.core.language import Language
from ivr.core.routing import Change, Decision, Policy, Presence, Signal, Situation, Waiting, place, placing, scoring
from tests.core.crowd import HOUSE, situations
from tests.core.little_house import FLOW, LIN_MEI, NOW, STRANGER, agent, lin, phoned

CALL = CallId(UUID(int=1))
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
    flow: Flow = FLOW,
    **more: object,
) -> Decision:
    present = tuple(Presence(a, NOW, "busy" if a.id in busy else "available") for a in agents)
    call = Waiting(CALL, caller, language, NOW, NOW, queue, intent, confidence, cause, **more)  # type: ignore[arg-type]
    return place(Situation((call,), present, flow, NOW), call)


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
    policy = Policy()
    assert policy.priority_vip > policy.priority_repeat > policy.priority_gold > policy.priority_silver > 0


def test_signals_and_having_been_passed_on_raise_the_priority() -> None:
    failed = Signal({"en": "delivery failed", "zh": "配送失败"}, 3)
    assert decided(signals=(failed,)).priority == 3
    assert decided(had_by=frozenset({"ana", "ben"})).priority == 8
    assert [r.label["en"] for r in decided(had_by=frozenset({"ana"})).reasons] == [
        "asked about “Late delivery”", "passed on once",
    ]  # fmt: skip


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
        call = Waiting(CALL, caller, "en", NOW, NOW, None, "late", 0.8)
        decision = place(Situation((call,), (Presence(BEN, NOW, state),), FLOW, NOW), call)  # type: ignore[arg-type]
        assert decision.agent is None


def test_whoever_had_the_call_is_not_rung_first_unless_nobody_else_could_ever_take_it() -> None:
    caller = replace(PLAIN, contacts=SOLVED_BY_BEN)
    assert decided(caller, agents=(ANA, BEN), had_by=frozenset({"ben"})).agent is None
    assert decided(caller, agents=(ANA, BEN), busy=("ana",), had_by=frozenset({"ben"})).agent is None, (
        "Ana will be free"
    )
    assert decided(caller, agents=(BEN,), had_by=frozenset({"ben"})).agent == "ben"


def test_whoever_is_named_is_rung_first_of_whatever_queue_and_nobody_else() -> None:
    assert decided(agents=(ANA, BEN, DORA), meant_for="dora").agent == "dora"
    assert (
        decided(replace(PLAIN, contacts=SOLVED_BY_BEN), agents=(ANA, BEN, DORA), busy=("dora",), meant_for="dora").agent
        is None
    )


def test_equal_claims_are_decided_by_who_was_idle_longest() -> None:
    twins = [replace(ANA, id=f"ana{n}", languages=("zh",)) for n in range(3)]
    long_idle = {"ana1": 300.0}
    present = (
        *(Presence(a, NOW - timedelta(seconds=long_idle.get(a.id, 10)), "available") for a in twins),
        Presence(BEN, NOW, "available"),
    )
    call = Waiting(CALL, PLAIN, "zh", NOW, NOW, None, "late", 0.8)
    assert place(Situation((call,), present, FLOW, NOW), call).agent == "ana1"


# -- opening hours

DAY = Calendar("day", "UTC", (((9 * 60, 9 * 60 + 15),),) * 7)
"""Closed at NOW, half past nine."""


def shut(**queues: str | None) -> Flow:
    """The house with some queues closed, each with the queue that takes its calls."""
    closed = {name: replace(FLOW.queues[name], hours="day", closed=instead) for name, instead in queues.items()}
    return replace(FLOW, queues={**FLOW.queues, **closed}, hours={"day": DAY})


def test_a_closed_queue_s_calls_go_where_its_table_says() -> None:
    decision = decided(flow=shut(orders="billing"))
    assert decision.queue == "billing"
    assert [r.label["en"] for r in decision.reasons] == ["asked about “Late delivery”", "Orders is closed now"]
    assert decided(flow=shut(orders=None)).queue == "front", "the fallback queue, where nothing else is said"
    assert decided(flow=shut(orders="billing", billing=None)).queue == "front", "and on, where that one is closed too"
    assert (
        decided(flow=replace(shut(orders="billing"), hours={"day": Calendar("day", "UTC", (((0, 0),),) * 7)})).queue
        == "orders"
    )


def test_a_closed_queue_s_place_is_no_runner_up_to_itself() -> None:
    decision = decided(flow=shut(orders=None))
    assert decision.queue == "front" and decision.runner_up is None


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


# -- what would have changed it


def test_what_would_have_changed_it_is_said_in_words() -> None:
    caller = lin(cases=(case("billing", "invoice"),), contacts=SOLVED_BY_BEN)
    decision = decided(caller, "late", 0.1, agents=(DORA, BEN))
    assert [c.text["en"] for c in decision.would_change] == [
        "without ‘open case K-billing with Billing’ (0.12) it would have gone to Orders",
    ]  # fmt: skip
    decision = decided(caller, agents=(ANA, replace(BEN, region="Berlin"), CHEN))
    assert [c.text["en"] for c in decision.would_change][-1] == (
        "without ‘Ben solved it last time’ (0.40) the queue would have chosen"
    )


@given(situations(calls=1, agents=8))
def test_who_is_left_out_at_a_glance_would_not_have_been_preferred(situation: Situation) -> None:
    for call in situation.waiting:
        queue = placing.options(situation, call)[0].queue
        found = placing._candidates(situation, call, queue, situation.present)
        first = placing._preferred(situation, found)
        tried = {was.agent.id for was in placing._who_might(situation, call, queue, found, first)}
        for was in (p for p in situation.present if p.state != "available" and p.agent.id not in tried):
            then = placing._preferred(situation, placing._had_been_free(situation, call, queue, found, was))
            assert then is None or then.agent != was.agent.id


def test_house_of_hundreds_who_are_mostly_away_is_decided_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scored: list[str] = []
    candidate = scoring.candidate

    def counted(situation: Situation, known: scoring.Profile, presence: Presence) -> scoring.Candidate:
        scored.append(presence.agent.id)
        return candidate(situation, known, presence)

    monkeypatch.setattr(scoring, "candidate", counted)
    crew = [agent(f"a{n:03}", "orders", delivery=9 if n < 20 else 5) for n in range(200)]
    present = tuple(Presence(one, NOW, "available" if n < 20 else "offline") for n, one in enumerate(crew))
    call = Waiting(CALL, STRANGER, "en", NOW, NOW, None, "late", 0.8, "understood")
    assert place(Situation((call,), present, FLOW, NOW), call).queue == "orders"
    assert len(scored) < 2 * len(crew), "not everybody anew for each who is away"


@given(situations(calls=1))
def test_what_is_said_to_change_it_does(situation: Situation) -> None:
    for call in situation.waiting:
        decision = place(situation, call)
        assert len(decision.would_change) <= 6 and len(decision.candidates) <= 8
        for change in decision.would_change:
            then = replayed(situation, call, decision, change)
            if change.queue:
                assert then.queue == change.queue != decision.queue, change.text["en"]
            elif change.kind == "free" or (change.reason and change.reason.kind in UNDONE):
                assert then.queue == decision.queue and then.agent == change.agent != decision.agent, change.text["en"]


UNDONE = {"last_solver", "learnt", "skill", "region"}
"""Reasons for an agent that can be taken from the world itself."""


def replayed(before: Situation, call: Waiting, decision: Decision, change: Change) -> Decision:
    """The decision in a world in which the change is made."""
    after, kind = before, change.reason.kind if change.reason else None
    present, caller = before.present, call.caller
    if change.kind == "free":
        present = tuple(replace(p, state="available", since=NOW) if p.agent.id == change.agent else p for p in present)
    match kind:
        case "open_case":
            call = replace(call, caller=replace(caller, cases=()))
        case "insisted":
            call = replace(call, queue=None)
        case "intent":
            after = replace(before, flow=replace(HOUSE, intents={
                **HOUSE.intents, call.intent: replace(HOUSE.intents[call.intent or ""], queue=None),
            }))  # fmt: skip
        case "last_solver":
            call = replace(call, caller=replace(caller, contacts=()))
        case "learnt":
            kept = {key: e for key, e in before.learnt.items() if key[0] != decision.agent}
            after = replace(before, learnt=kept)
        case "skill":
            present = tuple(without_of(p, decision.agent, skills={}) for p in present)
        case "region":
            present = tuple(without_of(p, decision.agent, region=None) for p in present)
    return place(replace(after, present=present), call)


def without_of(presence: Presence, agent: str | None, **less: object) -> Presence:
    return replace(presence, agent=replace(presence.agent, **less)) if presence.agent.id == agent else presence  # type: ignore[arg-type]


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
