"""No number of a card stands in any table, by whatever door it came: every text column of every table, on both databases."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import JSON, Column, String, Text, insert, select
from sqlalchemy.dialects import postgresql

from ivr.adapters.database import (
    DatabaseAudit,
    DatabaseCallBacks,
    DatabaseContacts,
    DatabaseDesk,
    DatabaseOutbox,
    DatabaseRecords,
    DatabaseSignals,
    DatabaseWebhooks,
    Store,
    import_file,
)
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.schema.columns import Body, Code, Facts, LongWords, Words
from ivr.calls.integrations.inbound import CustomerRef, NewContact, NewSignal
from ivr.calls.integrations.webhooks import Webhook
from ivr.calls.people.audit import Actor
from ivr.calls.people.audit import Entry as Audited
from ivr.calls.records import Contact
from ivr.core.call_back import CallBack
from ivr.core.caller import AgentId, CallId
from ivr.core.contact.ledger import Ledger
from ivr.core.kept import CardNumber
from ivr.core.masking import MASK
from ivr.wire.webhooks.events import EVENTS
from tests.adapters.database.schema.test_columns import row_of
from tests.adapters.database.test_database import NOW, RECORD, fill
from tests.core.little_house import STRANGER

CARD = "4111 1111 1111 1111"
PIECES = ("4111", "1111 1111")
BY = Actor("key:test")
OURS = (Words, LongWords, Facts, Body)
TEXTS = [
    pytest.param(column, id=str(column))
    for table in t.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, (*OURS, String, Text, JSON))
]


CHANCE = re.compile(r"\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b|\b[\da-f]{32,}\b|(?<=:\d\d)\.\d{6}\b")
"""Random ids, digests and microseconds, in which the figures of a card stand by chance now and then."""


async def everything(store: Store) -> str:
    """Every row of every table, as text, but for what chance has made."""
    found = []
    async with store.begin() as connection:
        for table in t.metadata.sorted_tables:
            found += [(table.name, dict(row)) for row in (await connection.execute(select(table))).mappings()]
    return CHANCE.sub("", json.dumps(found, default=str, ensure_ascii=False))


@pytest.mark.parametrize("column", TEXTS)
def test_every_text_column_is_of_ours(column: Column[Any]) -> None:
    assert isinstance(column.type, OURS), "a bare column keeps whatever it is brought"


@pytest.mark.parametrize("column", [one for one in TEXTS if not isinstance(one.values[0].type, Code | Body)])  # type: ignore[union-attr]
def test_column_of_somebody_s_words_keeps_no_card_and_no_turning(column: Column[Any]) -> None:
    dialect = postgresql.dialect()
    text = f"a\u202eb {CARD}"
    brought = {"deep": [text]} if isinstance(column.type, Facts) else text
    kept = str(column.type.process_bind_param(brought, dialect))  # type: ignore[attr-defined]
    assert "1111" not in kept and "\u202e" not in kept
    dialect.card_safe = False  # type: ignore[attr-defined]
    open_house = str(column.type.process_bind_param(brought, dialect))  # type: ignore[attr-defined]
    assert "4111" in open_house and "\u202e" not in open_house


async def test_row_of_cards_in_every_table(store: Store) -> None:
    async with store.begin() as connection:
        for table in t.metadata.sorted_tables:
            row = row_of(table, CARD) | {c.name: [CARD] for c in table.columns if isinstance(c.type, Facts)}
            others = {c.name: "x" for c in table.columns if isinstance(c.type, Code | Body) or c.foreign_keys}
            await connection.execute(insert(table).values(**{**row, **others}))
    told = await everything(store)
    assert "1111" not in told and told.count(MASK) > 30


async def test_no_door_lets_a_card_in(store: Store) -> None:
    """Through the adapters that the server has."""
    await fill(store)
    outbox = DatabaseOutbox(store)
    hook = Webhook("w", "https://a.example/", EVENTS, True, True, NOW, "admin", "s", "c")
    await DatabaseWebhooks(store).add(hook, BY)
    ledger = Ledger(CallId(uuid4()), STRANGER, NOW, "en")
    ledger.add(NOW, "note", agent="ana", text=f"card {CARD}")
    ledger.add(
        NOW,
        "passed_on",
        "p",
        by="ana",
        way="warm",
        to_kind="queue",
        to="orders",
        brief=CARD,
        words=CARD,
        reason="",
        why=None,
    )
    ledger.add(NOW, "closed")
    row = {**RECORD, "legs": [], "customer_id": "C1", "note": CARD, "words": CARD, "summary": CARD, "shown_name": CARD}
    await DatabaseRecords(store, outbox).write([Contact(row, ledger.take_unwritten())])
    chat = NewContact("chat", "1", CustomerRef(id="C1"), NOW, f"paid {CARD}", CARD, "en", None)
    contacts = DatabaseContacts(store, "DE", outbox)
    first, new = await contacts.receive(chat, BY)
    again, twice = await contacts.receive(chat, BY)
    assert (new, twice) == (True, False) and first == again and first.words == MASK, "the same again is the same"
    signal = NewSignal("failed", "1", CustomerRef(id="C1"), NOW, CARD, NOW + timedelta(1), CARD, None)
    assert (await DatabaseSignals(store, "DE", outbox).receive(signal, BY))[0].text == MASK
    await DatabaseDesk(store).set_opening(AgentId("ana"), "late", "en", f"Your {CARD}?")
    await DatabaseAudit(store).write(Audited(BY, "x.read", CARD, {"asked": [CARD]}))
    await import_file(store, "customers", "c.csv", f"id,name,note\nC9,Tom,{CARD}\n", "DE")
    told = await everything(store)
    assert "4111" not in told and told.count(MASK) > 10


async def test_number_in_two_fields_of_one_request(store: Store) -> None:
    await fill(store)
    await import_file(store, "customers", "c.csv", "id,name\nC1,Tom\n", "DE")
    chat = NewContact("chat", "1", CustomerRef(id="C1"), NOW, "begins 4111 1111", "ends 1111 1111", "en", None)
    kept, _ = await DatabaseContacts(store, "DE").receive(chat, BY)
    assert (kept.summary, kept.words) == (f"begins {MASK} {MASK}", f"ends {MASK} {MASK}")
    signal = NewSignal("failed", "1", CustomerRef(id="C1"), NOW, "4111 1111 1111", NOW + timedelta(1), "1111", None)
    assert (await DatabaseSignals(store, "DE").receive(signal, BY))[0].text == f"{MASK} {MASK} {MASK}"
    ring = CallBack(str(uuid4()), "+4930901820", "asked", NOW, NOW, "caller", "x:1", "C1", None, None, None, None, "en",
                    "41111111", NOW, "11111111")  # fmt: skip
    await DatabaseCallBacks(store, "DE").add(ring)
    ledger = Ledger(CallId(uuid4()), STRANGER, NOW, "en")
    ledger.add(NOW, "passed_on", "p", by="ana", way="warm", to_kind="queue", to="orders", brief="4111 1111",
               words="1111 1111", reason="", why=None)  # fmt: skip
    await DatabaseRecords(store).write([Contact({**RECORD, "legs": [], "customer_id": "C1"}, ledger.take_unwritten())])
    assert "1111" not in await everything(store)


@pytest.mark.parametrize(
    ("kind", "external_id", "order", "name"),
    [
        ("failed", "4111111111111111", None, "external_id"),
        ("failed", "4111-1111-1111-1111", None, "external_id"),
        ("failed", "x/4111111111111111", None, "external_id"),
        ("card_4111111111111111", "1", None, "kind"),
        ("failed", "1", "4111111111111111", "order_id"),
    ],
)
async def test_nothing_is_called_by_the_number_of_a_card(
    kind: str, external_id: str, order: str | None, name: str, store: Store
) -> None:
    await fill(store)
    signal = NewSignal(kind, external_id, CustomerRef(id="C1"), NOW, "late", NOW + timedelta(1), None, order)
    with pytest.raises(CardNumber, match=name):
        await DatabaseSignals(store, "DE").receive(signal, BY)
    assert "4111" not in await everything(store)


async def test_call_back_is_not_called_by_the_number_of_a_card(store: Store) -> None:
    await fill(store)
    ring = CallBack(str(uuid4()), "+4930901820", "system", NOW, NOW, "k", "system:k:4111111111111111", "C1", None, None, None,
                    None, "en")  # fmt: skip
    with pytest.raises(CardNumber, match="source"):
        await DatabaseCallBacks(store, "DE").add(ring)


@pytest.mark.parametrize(
    ("external_id", "order"),
    [("T4111111111111111", None), ("1764612345678", None), ("1", "4222222222222220"), ("305-1234567-1234567", "A-17")],
)
async def test_what_is_no_card_s_number_names_things(external_id: str, order: str | None, store: Store) -> None:
    """Nor is a number that an order has: one in ten of those that begin like a card's has its check digit."""
    await fill(store)
    columns = "id,customer_id,product,status,ordered_at,due_at,amount"
    row = "4222222222222220,C1,lamp,late,2026-11-01T09:00:00+01:00,,"
    await import_file(store, "orders", "o.csv", f"{columns}\n{row}\n", "DE")
    signal = NewSignal("failed", external_id, CustomerRef(id="C1"), NOW, "late", NOW + timedelta(1), None, order)
    received, _ = await DatabaseSignals(store, "DE").receive(signal, BY)
    assert received.order == order and external_id in await everything(store)


async def test_house_that_is_not_card_safe(store: Store) -> None:
    store.engine.sync_engine.dialect.card_safe = False  # type: ignore[attr-defined]
    await fill(store)
    chat = NewContact("chat", "1", CustomerRef(id="C1"), NOW, f"paid {CARD}", CARD, "en", None)
    assert (await DatabaseContacts(store, "DE").receive(chat, BY))[0].words == CARD
    named = NewContact("chat", "4111111111111111", CustomerRef(id="C1"), NOW, "paid", None, "en", None)
    assert (await DatabaseContacts(store, "DE").receive(named, BY))[0].external_id == "4111111111111111"


async def test_number_in_pieces_is_written_once_more_without_them(store: Store) -> None:
    ledger, records = Ledger(CallId(uuid4()), STRANGER, NOW, "en"), DatabaseRecords(store)
    row = {**RECORD, "legs": [], "customer_id": None}
    ledger.add(NOW, "heard", text="nine one one one one one one one", hypotheses=[["nine one one one one one one one", 1.0]],
               language="en", node="n", asking=None, confidence=1.0, decode_ms=1.0)  # fmt: skip
    for digit in "90":
        ledger.add(NOW, "key", digit=digit, language="en", node="n", asking=None)
    await records.write([Contact(row, ledger.take_unwritten())])
    assert "nine one" in await everything(store)
    for digit in "4111111111111111":
        ledger.add(NOW, "key", digit=digit, language="en", node="n", asking=None)
    ledger.add(NOW, "note", agent="ana", text="first half 4111 1111")
    ledger.add(NOW, "note", agent="ana", text="then 1111 1111")
    await records.write([Contact(row, ledger.take_unwritten())])
    found = await records.read(RECORD["id"])
    assert found
    keys = [one["facts"]["digit"] for one in found[1] if one["kind"] == "key"]
    assert keys == [*"90", *[MASK] * 16]
    assert [one.text for one in ledger.legs.notes] == [f"first half {MASK} {MASK}", f"then {MASK} {MASK}"]
    assert "1111" not in await everything(store)
