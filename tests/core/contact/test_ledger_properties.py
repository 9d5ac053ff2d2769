"""A contact's record is the same whatever order its entries come in, however often, and from wherever they are read back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.caller import AgentId, CallId
from ivr.core.card import Known, Share
from ivr.core.contact import card_of
from ivr.core.contact.entries import Entry, EventKind, decision_facts, known_facts, understood_facts
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue.messages import HandOver, Trouble
from ivr.core.flow.intent import Evidence, Guess, Understood
from ivr.core.routing import Decision
from tests.core.little_house import FLOW, NOW, agent, lin

CALL = CallId(UUID("0b5f6c1e-8f0e-4a3e-9f65-0d1e2a3b4c5d"))
AGENTS = {AgentId(name): agent(name, "orders") for name in ("ana", "ben")}
NAMES = {one.id: one.name for one in AGENTS.values()}
UNDERSTOOD = Understood("it is late", (Guess("late", 0.7, (Evidence("phrase", "late", 0.5),)),), "sure", 0.8)
DECIDED = decision_facts(
    Decision("orders", 5, AgentId("ana"), (Share({"en": "a", "zh": "b"}, 0.5),), None),
    HandOver("late", None, "understood", (Trouble("reason", "noise"),)),
)
LEGS = st.sampled_from(["1.1", "1.2", "1.3"])
WHO = {"1.1": "ana", "1.2": "ben", "1.3": "ana"}


def _of_leg(kind: EventKind, name: str, **more: Any) -> st.SearchStrategy[tuple[EventKind, str, dict[str, Any]]]:
    return LEGS.map(lambda leg: (kind, f"{name}:{leg}", {"leg": leg, "agent": WHO[leg], **more}))


def _once(kind: EventKind, **facts: Any) -> st.SearchStrategy[tuple[EventKind, str | None, dict[str, Any]]]:
    return st.integers(0, 3).map(lambda n: (kind, f"{kind}{n}", facts))


def _outside(kind: EventKind, name: str) -> st.SearchStrategy[tuple[EventKind, str, dict[str, Any]]]:
    facts = {"by": "ana", "number": "+4930901820", "channel": "Local/+4930901820@ivr-outside-0000002a;1"}
    return LEGS.map(lambda leg: (kind, f"{name}:out{leg}", {"leg": f"out{leg}", **facts}))


HAPPENINGS = st.one_of(
    _once("said", text="Hello.", language="en"),
    _once("heard", text="it is late", language="en"),
    _once("key", digit="1", language="zh"),
    _once("language", language="zh"),
    _once("understood", **understood_facts(UNDERSTOOD)),
    _once("known", **known_facts(Known({"en": "Order", "zh": "订单"}, "4711", "keys", True))),
    _once("unknown", label="Order"),
    _once("decided", **DECIDED),
    _once("handed_over", queue="orders"),
    _once("queued", queue="billing", position=1),
    _once("unqueued", queue="billing"),
    _of_leg("agent_ringing", "ring", queue="orders", by=None),
    _of_leg("agent_ringing", "ring", queue=None, by="ana"),
    _of_leg("agent_answered", "answer"),
    _of_leg("agent_missed", "over", why="no_answer"),
    _of_leg("agent_done", "over", why="hung_up", talk_s=3.0),
    _outside("outside_ringing", "ring"),
    _outside("outside_answered", "answer"),
    _outside("outside_done", "over"),
    _once("held", agent="ana"),
    _once("resumed", agent="ana"),
    _once("conference", agent="ana"),
    _once(
        "passed_on",
        by="ana",
        way="blind",
        to_kind="queue",
        to="billing",
        brief="b",
        words="w",
        reason="invoice",
        why="no_skill",
    ),
    _once("pass_failed", of="passed_on1"),
    _once("note", agent="ana", text="called back"),
    _once("outcome", agent="ana", outcome="solved"),
    _once("wrapped_up", agent="ben"),
    _once("hung_up", cause=16),
)
ENTRIES = st.lists(
    st.builds(
        lambda what, at_s: Entry(NOW + timedelta(seconds=at_s), what[0], what[2], str(what[1])),
        HAPPENINGS, st.integers(0, 30),
    ),
    max_size=30,
)  # fmt: skip


def ledger(entries: list[Entry]) -> Ledger:
    made = Ledger(CALL, lin(), NOW, "en")
    for entry in entries:
        made.merge(entry)
    return made


def all_that_is_shown(of: Ledger) -> Any:
    """The record, every desk and every card."""
    views = of.legs.views()
    cards = {who: card_of.card_of(of, FLOW, view, AGENTS[who], NAMES) for who, view in views.items()}
    return of.entries, of.story, views, cards


@given(ENTRIES, st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_any_order_and_any_number_of_times(entries: list[Entry], dice: Any) -> None:
    shuffled = [*entries, *dice.sample(entries, len(entries) // 2)]
    dice.shuffle(shuffled)
    assert all_that_is_shown(ledger(shuffled)) == all_that_is_shown(ledger(entries))


@given(ENTRIES)
@settings(max_examples=200, deadline=None)
def test_what_was_written_and_read_back(entries: list[Entry]) -> None:
    made = ledger(entries)
    rows = [(e.at.isoformat(), e.kind, json.dumps(dict(e.facts)), e.id) for e in made.entries]
    again = [Entry(datetime.fromisoformat(at), kind, json.loads(facts), name) for at, kind, facts, name in rows]  # type: ignore[arg-type]
    assert all_that_is_shown(Ledger(CALL, lin(), NOW, "en", entries=again)) == all_that_is_shown(made)


@given(ENTRIES)
@settings(max_examples=200, deadline=None)
def test_a_desk_shows_a_call_only_while_a_phone_of_that_agent_had_to_do_with_it(entries: list[Entry]) -> None:
    legs = ledger(entries).legs
    for who, view in legs.views().items():
        mine = [leg for leg in legs.legs.values() if leg.agent == who]
        match view.state:
            case "connected":
                assert any(leg.talking for leg in mine)
            case "ringing":
                assert any(leg.ringing for leg in mine) and not any(leg.talking for leg in mine)
            case "wrap_up":
                assert any(leg.answered_at and leg.ended_at for leg in mine)
    for leg in legs.legs.values():
        if leg.talking:
            assert legs.views()[leg.agent].state == "connected"


def test_the_watcher_hears_of_every_entry_once_and_only_of_news() -> None:
    seen: list[Entry] = []
    made = Ledger(CALL, lin(), NOW, "en", run="r-")
    made.watch(seen.append)
    first = made.add(NOW, "rang", ani="+49301")
    made.add(NOW, "joined")
    made.add(NOW, "hung_up", "hung_up", cause=16)
    made.add(NOW + timedelta(seconds=1), "hung_up", "hung_up", cause=0)
    assert [entry.kind for entry in seen] == ["rang", "joined", "hung_up"]
    assert first == Entry(NOW, "rang", {"ani": "+49301"}, "r-000001")
    assert len(made.entries) == 3


def test_unwritten_entries_are_given_once_and_can_be_given_back() -> None:
    made = Ledger(CALL, lin(), NOW, "en")
    made.add(NOW, "rang")
    taken = made.take_unwritten()
    assert [entry.kind for entry in taken] == ["rang"] and not made.unwritten
    made.add(NOW, "joined")
    made.give_back(taken)
    assert [entry.kind for entry in made.take_unwritten()] == ["rang", "joined"]
    made.merge(Entry(datetime(2026, 1, 1, tzinfo=UTC), "closed", {}, "from the database"))
    assert not made.unwritten, "what was read back is written"
