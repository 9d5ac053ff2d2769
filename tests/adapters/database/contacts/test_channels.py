"""Contacts of other channels and signals, on SQLite and on a real PostgreSQL alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from ivr.adapters.database import DatabaseContacts, DatabaseDirectory, DatabaseSignals, Store
from ivr.adapters.database.schema import tables as t
from ivr.calls.integrations.inbound import CustomerRef, Differs, NewContact, NewSignal, UnknownCustomer
from ivr.calls.paging import Place
from ivr.calls.people.audit import Actor

NOW = datetime(2026, 11, 20, 9, 30, 0, 123456, UTC)
SHOP = Actor("key:abc", None, "192.0.2.1")
CHAT = NewContact(
    "chat", "chat-1", CustomerRef(id="C1"), NOW, "Asked where the watch is", "where is\nmy watch?", "en", "late"
)
FAILED = NewSignal(
    "delivery_failed",
    "dhl-1",
    CustomerRef(id="C1"),
    NOW,
    "Nobody was at home",
    NOW + timedelta(days=30),
    "Watch",
    "4711",
)


@pytest.fixture
async def house(store: Store) -> Store:
    rows: list[tuple[Any, dict[str, Any]]] = [
        (t.customers, {"id": "C1", "name": "Lin Mei", "email": "Lin@Example.com"}),
        (t.customers, {"id": "C2", "name": "Tom", "email": "both@example.com"}),
        (t.customers, {"id": "C3", "name": "Tim", "email": "BOTH@example.com"}),
        (t.numbers, {"number": "+4930901820", "customer_id": "C1"}),
        (t.agents, {"id": "ana", "name": "Ana", "interface": "PJSIP/1", "languages": [], "skills": {}, "queues": []}),
    ]
    async with store.begin() as connection:
        for table, values in rows:
            await connection.execute(insert(table).values(**values))
    return store


async def test_contact_is_kept_once_however_often_it_comes(house: Store) -> None:
    contacts = DatabaseContacts(house, "DE")
    first, new = await contacts.receive(CHAT, SHOP)
    again, renewed = await contacts.receive(CHAT, SHOP)
    assert (new, renewed) == (True, False) and first == again
    assert first == await contacts.contact(first.id)
    assert (first.channel, first.customer, first.at, first.words) == ("chat", "C1", NOW, "where is\nmy watch?")
    caller = await DatabaseDirectory(house, "DE").find("030 901820")
    assert caller and [past.summary for past in caller.contacts] == ["Asked where the watch is"], "the card has it"


async def test_same_thing_named_in_another_way_is_the_same(house: Store) -> None:
    contacts = DatabaseContacts(house, "DE")
    first, _ = await contacts.receive(CHAT, SHOP)
    for whom in (
        CustomerRef(number="030 901820"),
        CustomerRef(number="+49 30 901820"),
        CustomerRef(email="lin@example.COM"),
    ):
        assert (await contacts.receive(replace(CHAT, customer=whom), SHOP))[0].id == first.id
    berlin = NOW.astimezone(None)
    assert (await contacts.receive(replace(CHAT, at=berlin), SHOP))[0].id == first.id


async def test_same_id_for_something_else_is_refused_with_what_is_different(house: Store) -> None:
    contacts = DatabaseContacts(house, "DE")
    first, _ = await contacts.receive(CHAT, SHOP)
    with pytest.raises(Differs) as differs:
        await contacts.receive(replace(CHAT, summary="Other", intent=None, customer=CustomerRef(id="C2")), SHOP)
    assert (differs.value.id, differs.value.fields) == (first.id, ("customer", "summary", "intent"))
    other, new = await contacts.receive(replace(CHAT, channel="mail"), SHOP)
    assert new and other.id != first.id, "each channel has ids of its own"


async def test_same_contact_sent_many_times_at_once_is_kept_once(house: Store) -> None:
    contacts = DatabaseContacts(house, "DE")
    done = await asyncio.gather(*(contacts.receive(CHAT, SHOP) for _ in range(8)))
    assert len({contact.id for contact, _ in done}) == 1
    assert [new for _, new in done].count(True) == 1


async def test_different_contacts_under_one_id_at_once_one_wins(house: Store) -> None:
    contacts = DatabaseContacts(house, "DE")
    asked = [contacts.receive(replace(CHAT, summary=str(n)), SHOP) for n in range(6)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in done].count(Differs) == 5


@pytest.mark.parametrize(
    ("whom", "several"),
    [
        (CustomerRef(id="C9"), False),
        (CustomerRef(id="' OR 1=1 --"), False),
        (CustomerRef(number="+49301"), False),
        (CustomerRef(number="()"), False),
        (CustomerRef(email="nobody@example.com"), False),
        (CustomerRef(email="%"), False),
        (CustomerRef(email="both@example.com"), True),
        (CustomerRef(), False),
    ],
)
async def test_customer_who_is_unknown_or_not_the_only_one(house: Store, whom: CustomerRef, several: bool) -> None:
    with pytest.raises(UnknownCustomer) as unknown:
        await DatabaseContacts(house, "DE").receive(replace(CHAT, customer=whom), SHOP)
    assert unknown.value.several == several
    assert await DatabaseContacts(house, "DE").timeline("C1", 10) == []


async def test_timeline_is_read_page_by_page_and_nothing_is_left_out(house: Store) -> None:
    contacts = DatabaseContacts(house, "DE")
    for number in range(9):
        at = NOW + timedelta(hours=number // 3)  # three at a time at the same moment
        await contacts.receive(replace(CHAT, external_id=str(number), at=at, summary=str(number)), SHOP)
    await contacts.receive(replace(CHAT, external_id="x", customer=CustomerRef(id="C2")), SHOP)
    seen: list[str] = []
    after: Place | None = None
    while page := await contacts.timeline("C1", 2, after):
        seen += [contact.summary for contact in page]
        after = Place(page[-1].at, page[-1].id)
    assert sorted(seen) == [str(n) for n in range(9)]
    assert [int(n) // 3 for n in seen] == [2, 2, 2, 1, 1, 1, 0, 0, 0]
    assert await contacts.timeline("nobody", 10) is None and await contacts.contact("nothing") is None


async def test_calls_are_in_the_timeline_with_who_took_them(house: Store) -> None:
    row = {"id": "a", "channel": "phone", "customer_id": "C1", "began_at": NOW, "summary": "late", "agent_id": "ana",
           "outcome": "solved", "solved": True, "ended_at": NOW + timedelta(minutes=3)}  # fmt: skip
    async with house.begin() as connection:
        await connection.execute(insert(t.contacts).values(**row))
        await connection.execute(insert(t.contacts).values(**{**row, "id": "b"}))  # calls have no id of a sender
    found = await DatabaseContacts(house, "DE").contact("a")
    assert found and (found.agent, found.agent_name, found.outcome, found.solved) == ("ana", "Ana", "solved", True)


# -- signals


async def test_signal_is_kept_once_and_refused_when_it_is_another(house: Store) -> None:
    signals = DatabaseSignals(house, "DE")
    first, new = await signals.receive(FAILED, SHOP)
    again, renewed = await signals.receive(FAILED, SHOP)
    assert (new, renewed) == (True, False) and first == again
    with pytest.raises(Differs) as differs:
        await signals.receive(replace(FAILED, order="4712", expires_at=NOW + timedelta(days=1)), SHOP)
    assert differs.value.fields == ("expires_at", "order")


async def test_open_signals_have_begun_and_not_expired(house: Store) -> None:
    signals, now = DatabaseSignals(house, "DE"), datetime.now(UTC)
    hour = timedelta(hours=1)
    for name, at, expires in (
        ("old", now - 9 * hour, now - hour), ("open", now - 2 * hour, now + hour), ("newer", now - hour, now + hour),
        ("to come", now + hour, now + 2 * hour),
    ):  # fmt: skip
        await signals.receive(replace(FAILED, external_id=name, text=name, at=at, expires_at=expires), SHOP)
    await signals.receive(
        replace(FAILED, external_id="his", customer=CustomerRef(id="C2"), at=now - hour, expires_at=now + hour), SHOP
    )
    assert [one.text for one in await signals.open_for("C1")] == ["newer", "open"]
    assert await signals.open_for("nobody") == []
    assert [one.text for one in await signals.page("C1", 2)] == ["to come", "newer"]
    first = (await signals.page(None, 2))[-1]
    assert len(await signals.page(None, 10, Place(first.at, first.id))) == 3
