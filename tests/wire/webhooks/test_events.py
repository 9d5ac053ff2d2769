"""What other systems are told: of every kind of entry what was agreed, and never what must not leave the house."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from ivr.core.contact.entries import Entry, EventKind
from ivr.wire.webhooks import events as module
from ivr.wire.webhooks import signing
from ivr.wire.webhooks.events import EVENTS, contact_received, event_id, of_entry, signal_received
from ivr.wire.webhooks.public_addresses import is_public
from tests.conftest import ROOT

AT = datetime(2026, 11, 20, 9, 30, 0, 120000, UTC)
CARD = "4111 1111 1111 1111"
CONTACT: dict[str, Any] = {
    "id": "c1", "channel": "phone", "customer_id": "C1", "began_at": AT - timedelta(seconds=61.25), "language": "en",
    "intent": "late_delivery", "queue": "orders", "agent_id": "ana", "outcome": "solved", "solved": True,
    "words": f"where is my watch, my card is {CARD}", "note": f"paid with {CARD}", "summary": "x",
}  # fmt: skip
ENTRIES: dict[EventKind, tuple[dict[str, Any], str, dict[str, Any], dict[str, str]]] = {
    "rang": (
        {"ani": "+8613800138000", "dnis": "100", "channel": "PJSIP/x"},
        "call.started", {"from": "+8613800138000", "to": "100"}, {},
    ),
    "decided": (
        {"intent": "late_delivery", "asked_queue": "orders", "cause": "confirmed", "troubles": [], "queue": "orders",
         "priority": 5, "agent": None, "reasons": [["x", 1, "y"]], "candidates": []},
        "call.decided",
        {"intent": "late_delivery", "cause": "confirmed", "queue": "orders", "priority": 5, "agent_id": None},
        {"words": "where is my watch, my card is ••••"},
    ),
    "queued": ({"queue": "orders", "position": 2}, "call.queued", {"queue": "orders", "position": 2}, {}),
    "agent_ringing": (
        {"leg": "1.2", "agent": "ana", "queue": "orders", "by": None, "channel": "PJSIP/ana-1"},
        "call.ringing", {"agent_id": "ana", "queue": "orders", "asked_by": None}, {},
    ),
    "agent_missed": (
        {"leg": "1.2", "agent": "ana", "why": "no_answer"}, "call.missed", {"agent_id": "ana", "why": "no_answer"}, {},
    ),
    "agent_answered": ({"leg": "1.2", "agent": "ana", "channel": "x"}, "call.answered", {"agent_id": "ana"}, {}),
    "agent_done": (
        {"leg": "1.2", "agent": "ana", "why": "hung_up", "talk_s": 31.5},
        "call.left", {"agent_id": "ana", "why": "hung_up", "talk_s": 31.5}, {},
    ),
    "passed_on": (
        {"by": "ana", "way": "blind", "to_kind": "queue", "to": "billing", "brief": f"card {CARD}", "reason": "refund",
         "words": "I want my money back", "why": "no_authority"},
        "call.passed_on",
        {"agent_id": "ana", "way": "blind", "to_kind": "queue", "to": "billing", "intent": "refund", "why": "no_authority"},
        {"brief": "card ••••", "words": "I want my money back"},
    ),
    "pass_failed": ({"of": "run-000007"}, "call.pass_failed", {"event": event_id("c1", "run-000007")}, {}),
    "settled": (
        {"agent": "ana", "offers": ["voucher"], "accepted": True, "cost": "10.00", "order": "4711"},
        "call.settled", {"agent_id": "ana", "offers": ["voucher"], "cost": "10.00", "order": "4711"}, {},
    ),
    "hung_up": ({"cause": 16}, "call.ended", {"after_s": 61.2}, {}),
    "outcome": (
        {"agent": "ana", "outcome": "follow_up", "follow_up": "2026-11-21T09:00:00+00:00"},
        "contact.outcome", {"agent_id": "ana", "outcome": "follow_up", "follow_up": "2026-11-21T09:00:00+00:00"}, {},
    ),
    "closed": (
        {}, "contact.closed",
        {"began_at": "2026-11-20T09:28:58.870000Z", "language": "en", "intent": "late_delivery", "queue": "orders",
         "agent_id": "ana", "outcome": "solved", "solved": True},
        {"words": "where is my watch, my card is ••••", "note": "paid with ••••"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ENTRIES)
def test_entry_is_told_as_agreed(kind: EventKind) -> None:
    facts, event, data, words = ENTRIES[kind]
    told = of_entry(CONTACT, Entry(AT, kind, facts, "e1"))
    assert told and told.type == event and told.stream == "c1" and told.id == event_id("c1", "e1")
    about = {"contact_id": "c1", "channel": "phone", "customer_id": "C1"}
    assert json.loads(told.body(words=False)) == {
        "type": event, "timestamp": "2026-11-20T09:30:00.120000Z", "data": {**about, **data},
    }  # fmt: skip
    assert json.loads(told.body(words=True))["data"] == {**about, **data, **words}


def test_all_other_entries_are_the_house_s_own() -> None:
    """What was said, typed, asked of sources, proved: nobody outside is told of it."""
    for kind in set(get_args(EventKind)) - set(ENTRIES):
        assert of_entry(CONTACT, Entry(AT, kind, {"text": "secret", "accepted": True}, "e1")) is None, kind
    declined = {**ENTRIES["settled"][0], "accepted": False}
    assert of_entry(CONTACT, Entry(AT, "settled", declined, "e1")) is None


def test_every_event_is_made_of_something_and_described() -> None:
    made = {event for _, event, _, _ in ENTRIES.values()} | {"contact.received", "signal.received", "person.erased"}
    assert made == set(EVENTS)
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+\.\w+)` \|", text, re.MULTILINE)) == set(EVENTS)


def test_what_other_systems_bring_is_told_without_its_words() -> None:
    row = {
        "id": "r1", "channel": "chat", "customer_id": "C1", "external_id": "chat-1", "language": "en", "intent": None,
        "began_at": AT, "summary": f"card {CARD}", "words": None,
    }  # fmt: skip
    told = contact_received(row)
    assert CARD not in told.body(words=True) and "summary" not in told.body(words=False)
    assert json.loads(told.body(words=True))["data"]["summary"] == "card ••••"
    signal = {
        "id": "s1", "kind": "delivery_failed", "customer_id": "C1", "external_id": "p", "product": None, "order_id": "4711",
        "at": AT, "expires_at": AT, "text": "Nobody was at home",
    }  # fmt: skip
    told = signal_received(signal)
    assert "Nobody" not in told.body(words=False) and json.loads(told.body(words=True))["data"]["order"] == "4711"


def test_long_texts_are_cut_and_chinese_numbers_hidden() -> None:
    spoken = {**CONTACT, "language": "zh", "words": "卡号四一一一一一一一一一一一一一一一", "note": "x" * 9000}
    told = of_entry(spoken, Entry(AT, "closed", {}, "e"))
    assert told and told.words["words"] == "卡号••••" and len(told.words["note"]) == module._LONGEST


# -- signatures


def test_signature_is_that_of_the_specification() -> None:
    """The example of Standard Webhooks 1.0's reference libraries."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    made = signing.headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, UTC), body)
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_secrets_are_made_of_key_and_salt_and_of_nothing_less() -> None:
    one = signing.secret(b"k" * 32, "salt")
    assert len(one) == 32 and one not in (signing.secret(b"k" * 32, "other"), signing.secret(b"j" * 32, "salt"))
    assert signing.shown(one) == "whsec_" + base64.b64encode(one).decode()
    assert signing.check(one) not in one.hex() and signing.check(one) != hashlib.sha256(one).hexdigest()[:16]
    both = signing.headers([one, b"o" * 32], "evt_1", AT, b"{}")["webhook-signature"].split()
    expected = hmac.new(b"o" * 32, f"evt_1.{int(AT.timestamp())}.{{}}".encode(), hashlib.sha256).digest()
    assert both[1] == "v1," + base64.b64encode(expected).decode() and len(both) == 2


# -- addresses


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255",
    "224.0.0.1", "240.0.0.1", "192.0.0.192", "192.88.99.1", "2001:0:5ef5:79fb:0:59d:f7f7:f7f7",
    "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1", "::127.0.0.1",
])  # fmt: skip
def test_private_addresses_are_known_in_every_wrapping(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)
