"""Cards as the browser gets them: everything is there, and what callers and networks write stays mere text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.caller import AgentId, Caller, CallId, Case, Customer, Order, PastContact
from ivr.core.card import Brief, Card, Known, Line, Pop, Settle, Share, Station, Why
from ivr.core.contact.legs import DeskView
from ivr.core.flow.flow import Flow, Queue
from ivr.core.offers import Authority, Offer, ProductNote, Way
from ivr.core.signal import Signal
from ivr.wire.card_json import card_json, dumps, stamp

NOW = datetime(2026, 11, 20, 9, 30, 0, 123456, UTC)
ME = AgentId("ana")
DATE = Offer("date", {"en": "New date", "zh": "改期"}, {"en": "say", "zh": "说"}, ("late",), Decimal("6.90"))
FLOW = Flow(
    "v", "greet", {}, {}, {}, {"orders": Queue("orders", {"en": "Orders", "zh": "订单"})}, "orders", offers={"date": DATE}
)  # fmt: skip
RICH = Card(
    call=CallId(UUID("0b5f6c1e-8f0e-4a3e-9f65-0d1e2a3b4c5d")),
    state="connected",
    since=NOW,
    caller=Caller(
        "+8613800138000", "LIN M", "4000",
        Customer("C1", "Lin Mei 林美", "zh", "gold", "Berlin", "Ms Lin", "林女士", "lin@example.com", "evenings"),
        (Order("4711", "Watch", "late", NOW, NOW + timedelta(days=1), "189.00 EUR"), Order("4630", "Strap", "delivered", NOW)),
        (
            Case("K-12", "Where is it?", "open", NOW, "late", "orders", "4711"),
            Case("K-7", "Glass", "closed", NOW, queue="gone"),
        ),
        (
            PastContact(NOW, "phone", "late again", "late", AgentId("ana"), "Ana Kovač", True),
            PastContact(NOW, "chat", "hello"),
        ),
        "found",
        signals=(Signal("s1", "delivery_failed", "C1", NOW, "Nobody was in", NOW, None, "4711"),),
    ),
    language="zh",
    why=Why(
        "late", {"en": "Late", "zh": "晚"}, 0.71, "sure", "my watch is late", "en",
        (Share({"en": "like “late”", "zh": "类似“late”"}, 0.48),), {"en": "Invoice", "zh": "账单"},
    ),
    known=(Known({"en": "Order", "zh": "订单"}, "4711", "record", True),),
    transcript=(Line(NOW, "machine", "您好", "zh"), Line(NOW, "caller", "1", "zh", "keys")),
    queue="orders",
    queue_title={"en": "Orders", "zh": "订单"},
    waited_s=4.5,
    reasons=(Share({"en": "gold customer", "zh": "金卡客户"}, 0.5),),
    opening={"en": "Hello", "zh": "您好"},
    brief=Brief(
        NOW, "Ben", "wrong_place", "wants a refund", "give it back",
        {"en": "Refund", "zh": "退款"}, {"en": "Returns", "zh": "退货"}, "no_authority",
    ),
    journey=(
        Station(
            AgentId("ben"), "Ben", True, "queue", {"en": "Orders", "zh": "订单"}, NOW, NOW, ("late again",),
            {"en": "x", "zh": "y"}, "b",
        ),
    ),
    held=True,
    settle=Settle(
        (Way((DATE,), Decimal("6.90"), 0.9, 9, 10, "4711", True),), Authority(Decimal("13.10"), Decimal(100), Decimal(50)),
        ProductNote("Watch", 7, (("late", 5),), (("date", 9, 10),)), (("gone", False),),
    ),
    pop=Pop("https://crm.example.com/C1", True),
)  # fmt: skip
VIEW = DeskView(ME, "connected", "1.1", NOW, NOW)
AT = "2026-11-20T09:30:00.123+00:00"


def sent(card: Card = RICH) -> dict[str, Any]:
    """Through the wire and back."""
    made: dict[str, Any] = json.loads(dumps(card_json(card, FLOW, ME, VIEW)))
    return made


def test_everything_of_a_rich_card() -> None:
    assert sent() == {
        "call": "0b5f6c1e-8f0e-4a3e-9f65-0d1e2a3b4c5d",
        "state": "connected",
        "since": AT, "rang_at": AT, "connected_at": AT, "ended_at": None,
        "dialling": False,
        "held": True, "consulting": None, "asked_by": None, "conference": False, "missing": [], "opening_lines": None,
        "settle": {
            "ways": [{
                "offers": [{"name": "date", "title": {"en": "New date", "zh": "改期"}, "say": {"en": "say", "zh": "说"}}],
                "cost": "6.90", "chance": 0.9, "accepted": 9, "asked": 10, "allowed": True,
            }],
            "most": "13.10", "left_today": "100.00",
            "done": [{"name": "gone", "title": {"en": "gone", "zh": "gone"}, "accepted": False}],
            "product": {
                "name": "Watch", "contacts": 7, "complaints": [{"title": {"en": "late", "zh": "late"}, "count": 5}],
                "answers": [{"title": {"en": "New date", "zh": "改期"}, "accepted": 9, "asked": 10}],
            },
        },
        "brief": {
            "at": AT, "by": "Ben", "way": "wrong_place", "text": "wants a refund", "words": "give it back",
            "reason": {"en": "Refund", "zh": "退款"}, "to": {"en": "Returns", "zh": "退货"}, "why": "no_authority",
        },
        "journey": [{
            "name": "Ben", "mine": False, "answered": True, "way": "queue", "queue_title": {"en": "Orders", "zh": "订单"},
            "began": AT, "ended": AT, "notes": ["late again"], "passed_to": {"en": "x", "zh": "y"}, "brief": "b",
        }],
        "language": "zh",
        "who": {
            "known": True, "lookup": "found", "customer_id": "C1", "name": "Lin Mei 林美",
            "salutation": {"en": "Ms Lin", "zh": "林女士"}, "shown_name": "LIN M", "number": "+86 138 0013 8000",
            "language": "zh", "tier": "gold", "region": "Berlin", "note": "evenings",
        },
        "why": {
            "intent": "late", "title": {"en": "Late", "zh": "晚"}, "confidence": 0.71, "certainty": "sure",
            "words": "my watch is late", "words_at": None, "heard_language": "en",
            "shares": [{"label": {"en": "like “late”", "zh": "类似“late”"}, "value": 0.48}],
            "runner_up": {"en": "Invoice", "zh": "账单"},
        },
        "patience": {"spent": 0, "of": 0, "troubles": []},
        "known": [{"label": {"en": "Order", "zh": "订单"}, "value": "4711", "how": "record", "checked": True}],
        "transcript": [
            {"at": AT, "speaker": "machine", "text": "您好", "language": "zh", "by": "voice"},
            {"at": AT, "speaker": "caller", "text": "1", "language": "zh", "by": "keys"},
        ],
        "timeline": [
            {"at": AT, "channel": "phone", "summary": "late again", "intent": "late", "agent_name": "Ana Kovač",
             "mine": True, "solved": True, "words": None, "note": None, "outcome": None},
            {"at": AT, "channel": "chat", "summary": "hello", "intent": None, "agent_name": None, "mine": False, "solved": None,
             "words": None, "note": None, "outcome": None},
        ],
        "signals": [{"kind": "delivery_failed", "at": AT, "text": "Nobody was in", "product": None, "order": "4711"}],
        "orders": [
            {"id": "4711", "product": "Watch", "status": "late", "ordered_at": AT,
             "due_at": "2026-11-21T09:30:00.123+00:00", "amount": "189.00 EUR"},
            {"id": "4630", "product": "Strap", "status": "delivered", "ordered_at": AT, "due_at": None, "amount": None},
        ],
        "cases": [
            {"id": "K-12", "subject": "Where is it?", "status": "open", "opened_at": AT,
             "queue_title": {"en": "Orders", "zh": "订单"}},
            {"id": "K-7", "subject": "Glass", "status": "closed", "opened_at": AT, "queue_title": None},
        ],
        "queue": {"name": "orders", "title": {"en": "Orders", "zh": "订单"}},
        "waited_s": 4.5,
        "reasons": [{"label": {"en": "gold customer", "zh": "金卡客户"}, "value": 0.5}],
        "opening": {"en": "Hello", "zh": "您好"},
        "pop": {"url": "https://crm.example.com/C1", "at_once": True},
    }  # fmt: skip


def test_somebody_unknown() -> None:
    who = sent(replace(RICH, caller=Caller(None, None, "4000", lookup="failed")))["who"]
    assert who.pop("known") is False and who.pop("lookup") == "failed"
    assert set(who.values()) == {None}


def test_agent_sees_which_contacts_were_their_own() -> None:
    theirs = card_json(RICH, FLOW, AgentId("ben"), VIEW)["timeline"]
    assert [contact["mine"] for contact in theirs] == [False, False]


HOSTILE = (
    "<script>alert(1)</script>", '"}</script><img src=x onerror=alert(1)>', "' OR 1=1 --", "\\u003cscript\\u003e", "\u2028\u2029",
    "\x00\x1b[31m", "${jndi:ldap://x}", "{{7*7}}", "𝕏\u202eterces", "",
)  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_arrives_as_it_was_written(hostile: str) -> None:
    """Nothing is escaped here and nothing is lost: the page writes text, never HTML."""
    caller = replace(RICH.caller, shown_name=hostile)
    card = sent(replace(RICH, caller=caller, why=replace(RICH.why, words=hostile)))
    assert card["who"]["shown_name"] == card["why"]["words"] == hostile


@given(st.text(), st.text())
def test_any_text_survives(words: str, name: str) -> None:
    raw = dumps(card_json(replace(RICH, caller=replace(RICH.caller, shown_name=name)), FLOW, ME, VIEW) | {"x": words})
    card = json.loads(raw)
    assert (card["who"]["shown_name"], card["x"]) == (name, words)
    assert "\n" not in raw, "one message is one line"
    assert card["connected_at"] == AT


def test_stamp() -> None:
    assert stamp(None) is None
    assert stamp(NOW) == AT
    assert dumps({"zh": "订单", "n": 1}) == '{"zh":"订单","n":1}'
