"""The database, on SQLite and on a real PostgreSQL alike."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, insert, text

from ivr.adapters.database import DatabaseAccounts, DatabaseDirectory, DatabaseRecords, Store
from ivr.adapters.database.customers.directory import CONTACTS, ORDERS
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import StoreUnusable
from ivr.calls.records import Contact, NeverWritten
from ivr.core.caller import Agent, AgentId, CallId, Case, Customer, Order, PastContact
from ivr.core.contact.entries import Entry, EventKind
from ivr.lab.shop import shop
from tests.adapters.conftest import Postgres

NOW = datetime(2026, 11, 20, 9, 30, 0, 123456, UTC)
ANA = Agent(AgentId("ana"), "Ana Kovač", "PJSIP/ana", ("en", "zh"), {"delivery": 9}, "Berlin", ("orders",))


async def fill(store: Store) -> None:
    """One customer with a history."""
    await DatabaseAccounts(store).save(ANA, "ana", "$argon2id$x")
    rows: list[tuple[Any, dict[str, Any]]] = [
        (t.customers, {"id": "C1", "name": "Lin Mei 林美", "language": "zh", "tier": "gold", "salutation": "Ms Lin"}),
        (t.customers, {"id": "C2", "name": "Tom"}),
        (t.numbers, {"number": "+8613800138000", "customer_id": "C1"}),
        (t.numbers, {"number": "+4930901820", "customer_id": "C1"}),
        (t.orders, {"id": "1", "customer_id": "C1", "product": "Strap", "status": "delivered", "ordered_at": NOW - timedelta(9)}),
        (t.orders, {"id": "2", "customer_id": "C1", "product": "Watch", "status": "late", "ordered_at": NOW, "due_at": NOW}),
        (t.orders, {"id": "3", "customer_id": "C2", "product": "Other", "status": "late", "ordered_at": NOW}),
        (t.cases, {"id": "K", "customer_id": "C1", "subject": "Where?", "status": "open", "opened_at": NOW, "queue": "orders"}),
        (t.contacts, {"id": "a", "channel": "phone", "customer_id": "C1", "began_at": NOW - timedelta(2), "summary": "old",
                      "agent_id": "ana", "solved": True, "intent": "late"}),
        (t.contacts, {"id": "b", "channel": "chat", "customer_id": "C1", "began_at": NOW, "summary": "new"}),
        (t.contacts, {"id": "c", "channel": "chat", "customer_id": "C2", "began_at": NOW, "summary": "not hers"}),
    ]  # fmt: skip
    async with store.begin() as connection:
        for table, values in rows:
            await connection.execute(insert(table).values(**values))


# -- schema


async def test_migrating_twice_changes_nothing(url: str) -> None:
    first = Store(url)
    await first.migrate()
    await fill(first)
    await first.migrate()
    await first.close()
    store = Store(url)
    await store.migrate()
    assert await DatabaseDirectory(store, "DE").find("+4930901820") is not None
    await store.close()


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite gives none back, so PostgreSQL compares it
async def test_migration_that_is_given_up_in_the_middle_is_no_fault(url: str) -> None:
    """What Alembic does on a connection that a cancellation has broken must not hide that it was one."""
    store = Store(url)

    async def given_up() -> None:
        task = asyncio.current_task()

        def cancel(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.lstrip().startswith(("INSERT INTO _alembic_tmp_contact_events", "ALTER TABLE contact_events")):
                assert task
                task.cancel()

        event.listen(store.engine.sync_engine, "before_cursor_execute", cancel)
        await store.migrate()

    (came,) = await asyncio.gather(asyncio.create_task(given_up()), return_exceptions=True)
    assert isinstance(came, asyncio.CancelledError)
    await store.close()
    async with Store.opened(url) as again:
        assert await again.house()


async def test_migrations_make_the_schema_that_the_code_has(store: Store) -> None:
    def differences(connection: Any) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), t.metadata))

    async with store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


# -- directory


async def test_customer_is_found_with_everything_newest_first(store: Store) -> None:
    await fill(store)
    found = await DatabaseDirectory(store, "DE").find("+86 138 0013 8000")
    assert found
    assert found.customer == Customer("C1", "Lin Mei 林美", "zh", "gold", None, "Ms Lin")
    assert found.orders == (
        Order("2", "Watch", "late", NOW, NOW), Order("1", "Strap", "delivered", NOW - timedelta(9)),
    )  # fmt: skip
    assert found.cases == (Case("K", "Where?", "open", NOW, queue="orders"),)
    assert found.contacts == (
        PastContact(NOW, "chat", "new", id="b"),
        PastContact(NOW - timedelta(2), "phone", "old", "late", AgentId("ana"), "Ana Kovač", True, "a"),
    )
    assert found.lookup == "found" and found.contacts[0].at.tzinfo is not None


@pytest.mark.parametrize("written", ["030 901820", "+49 30 901820", "0049 30 90 18 20"])
async def test_number_is_found_however_it_is_written(written: str, store: Store) -> None:
    await fill(store)
    found = await DatabaseDirectory(store, "DE").find(written)
    assert found and found.customer and found.customer.id == "C1" and found.ani == written


@pytest.mark.parametrize(
    "ani", ["+49301", "", "anonymous", "' OR '1'='1", "+8613800138000'; DROP TABLE customers; --", "\x00", "9" * 500]
)
async def test_somebody_else_is_not_found(ani: str, store: Store) -> None:
    await fill(store)
    found = await DatabaseDirectory(store, "DE").find(ani)
    assert found is None or (found.customer and "138" in ani)
    assert await DatabaseDirectory(store, "DE").find("+8613800138000")


async def test_history_is_no_longer_than_a_card_can_use(store: Store) -> None:
    await fill(store)
    async with store.begin() as connection:
        for number in range(60):
            at = NOW - timedelta(hours=number)
            values = {
                "id": f"x{number}",
                "customer_id": "C1",
                "channel": "mail",
                "began_at": at,
                "summary": str(number),
            }
            await connection.execute(insert(t.contacts).values(**values))
            order = {"id": f"o{number}", "customer_id": "C1", "product": "p", "status": "late", "ordered_at": at}
            await connection.execute(insert(t.orders).values(**order))
    found = await DatabaseDirectory(store, "DE").find("+8613800138000")
    assert found
    assert (len(found.contacts), len(found.orders)) == (CONTACTS, ORDERS)
    assert [c.at for c in found.contacts] == sorted((c.at for c in found.contacts), reverse=True)


async def test_the_sample_shop_opens(store: Store) -> None:
    await shop.open_shop(store, {agent.id: "correct horse" for agent in shop.AGENTS})
    await shop.open_shop(store, {agent.id: "correct horse" for agent in shop.AGENTS})
    found = await DatabaseDirectory(store, "DE").find(shop.LIN_MEI)
    assert found and found.customer and [o.status for o in found.orders] == ["late", "delivered"]


# -- records

RECORD = {
    "id": "0b5f", "channel": "phone", "customer_id": "C1", "ani": "+8613800138000", "dnis": "4000", "language": "en",
    "began_at": NOW, "ended_at": None, "intent": "late", "confidence": 0.71, "words": "my watch “is” late; DROP", "summary": "…",
    "queue": "orders", "agent_id": None, "outcome": None, "solved": None, "note": "", "flow_version": "abc",
    "shown_name": "LIN", "line": "PJSIP/trunk-1",
}  # fmt: skip
LEG: dict[str, Any] = {
    "leg": "17.3", "agent_id": "ana", "queue": "orders", "way": "queue", "rang_at": NOW, "answered_at": None, "ended_at": None,
    "why": None, "intent": "late", "passed_way": None, "passed_kind": None, "passed_to": None, "passed_why": None, "really": None,
    "outcome": None,
}  # fmt: skip


def contact(
    record: dict[str, Any], *events: tuple[datetime, EventKind, dict[str, Any]], legs: Any = ()
) -> list[Contact]:
    """One contact on its way to the database; its entries are called as their kinds."""
    return [Contact({**record, "legs": list(legs)}, tuple(Entry(at, kind, facts, kind) for at, kind, facts in events))]


async def test_contact_is_written_completed_and_appended_to(store: Store) -> None:
    await fill(store)
    records = DatabaseRecords(store)
    said = {"text": "您好", "n": [1, None, {"x": 0.5}]}
    await records.write(
        contact(RECORD, (NOW, "rang", {"ani": "+49"}), (NOW + timedelta(seconds=1), "said", said), legs=[LEG])
    )
    ended = {
        **RECORD,
        "ended_at": NOW + timedelta(seconds=61.5),
        "agent_id": "ana",
        "outcome": "solved",
        "solved": True,
    }
    await records.write(contact(ended, (NOW + timedelta(seconds=61.5), "closed", {})))
    await records.write(contact(ended))
    found = await records.read("0b5f")
    assert found
    record, events = found
    assert record == {**ended, "external_id": None, "emptied_at": None}
    assert [(e["kind"], e["facts"]) for e in events] == [
        ("rang", {"ani": "+49"}), ("said", {"text": "您好", "n": [1, None, {"x": 0.5}]}), ("closed", {}),
    ]  # fmt: skip
    assert events[0]["at"] == NOW
    assert await records.read("nothing") is None


async def test_what_is_written_twice_is_there_once_and_the_earlier_report_of_two_stays_replaceable(
    store: Store,
) -> None:
    await fill(store)
    records = DatabaseRecords(store)
    rang = contact(RECORD, (NOW, "rang", {"n": 1}), legs=[LEG])
    for _ in range(3):  # the answer to a commit was lost, and it is tried again
        await records.write(rang)
    answered = {**LEG, "answered_at": NOW + timedelta(seconds=3)}
    await records.write(contact(RECORD, (NOW - timedelta(seconds=1), "rang", {"n": 2}), legs=[answered]))
    found = await records.read("0b5f")
    assert found and [(e["kind"], e["facts"]) for e in found[1]] == [("rang", {"n": 2})]
    assert await records.legs("0b5f") == [{"contact_id": "0b5f", **answered}]


async def test_what_a_restart_reads_back(store: Store) -> None:
    records, ended = DatabaseRecords(store), CallId(uuid4())
    plain = {**RECORD, "customer_id": None}
    young = {**plain, "id": str(uuid4())}
    await records.write(contact(young, (NOW, "rang", {"ani": "+49"}), legs=[LEG]))
    await records.write(contact({**plain, "id": str(ended), "ended_at": NOW}))
    await records.write(contact({**plain, "id": str(uuid4()), "began_at": NOW - timedelta(days=3)}))
    await records.write(contact({**plain, "id": str(uuid4()), "line": None}))
    (found,) = await records.unfinished(NOW - timedelta(days=1), [])
    assert found.record == young | {"external_id": None, "emptied_at": None} and found.entries == (
        Entry(NOW, "rang", {"ani": "+49"}, "rang"),
    )
    also = await records.unfinished(NOW - timedelta(days=1), [ended, CallId(uuid4())])
    assert {one.record["id"] for one in also} == {young["id"], str(ended)}


async def test_contact_that_fails_leaves_nothing_behind(store: Store) -> None:
    records = DatabaseRecords(store)
    with pytest.raises(NeverWritten, match="a time without a zone"):
        await records.write(contact({**RECORD, "customer_id": None}, (datetime(2026, 1, 1), "rang", {})))
    assert await records.read("0b5f") is None
    with pytest.raises(NeverWritten, match=r"(?i)foreign key"):
        await records.write(contact({**RECORD, "customer_id": "nobody"}))
    assert await records.read("0b5f") is None


async def test_contact_of_a_customer_who_was_removed_stays(store: Store) -> None:
    await fill(store)
    records = DatabaseRecords(store)
    await records.write(contact(RECORD, (NOW, "rang", {})))
    async with store.begin() as connection:
        await connection.execute(text("DELETE FROM customers WHERE id = 'C1'"))
    found = await records.read("0b5f")
    assert found and found[0]["customer_id"] is None and len(found[1]) == 1
    assert await DatabaseDirectory(store, "DE").find("+8613800138000") is None


async def test_times_are_the_same_moment_whatever_zone_they_came_in(store: Store) -> None:
    berlin = timezone(timedelta(hours=1))
    records = DatabaseRecords(store)
    await records.write(contact({**RECORD, "customer_id": None, "began_at": NOW.astimezone(berlin)}))
    found = await records.read("0b5f")
    assert found and found[0]["began_at"] == NOW and found[0]["began_at"].utcoffset() == timedelta(0)


async def test_many_writers_at_once(store: Store) -> None:
    records = DatabaseRecords(store)
    await asyncio.gather(
        *(
            records.write(contact({**RECORD, "id": f"n{n}", "customer_id": None}, (NOW, "rang", {"n": n})))
            for n in range(20)
        )
    )
    found = [await records.read(f"n{n}") for n in range(20)]
    assert [f[1][0]["facts"]["n"] for f in found if f] == list(range(20))


async def test_hostile_words_are_kept_as_they_are(store: Store) -> None:
    hostile = "'); DROP TABLE contacts; -- <script> 𝕏 %s {x}"
    records = DatabaseRecords(store)
    await records.write(contact({**RECORD, "customer_id": None, "words": hostile}, (NOW, "heard", {"text": hostile})))
    found = await records.read("0b5f")
    assert found and found[0]["words"] == found[1][0]["facts"]["text"] == hostile


# -- a database that is away


async def test_postgresql_that_is_away_is_a_connection_error_and_comes_back(postgres: Postgres) -> None:
    store = Store(postgres.empty_database())
    await store.migrate()
    records, directory = DatabaseRecords(store), DatabaseDirectory(store, "DE")
    await records.write(contact({**RECORD, "customer_id": None}, (NOW, "rang", {})))
    await asyncio.to_thread(postgres.stop)
    try:
        for _ in range(2):
            with pytest.raises(OSError):
                await records.write(contact({**RECORD, "customer_id": None, "note": "x"}, (NOW, "closed", {})))
            with pytest.raises(OSError):
                await directory.find("+49301")
        with pytest.raises(StoreUnusable, match=r"127\.0\.0\.1"):
            await store.migrate()
    finally:
        await asyncio.to_thread(postgres.start)
    await records.write(
        contact({**RECORD, "customer_id": None, "note": "back"}, (NOW + timedelta(seconds=1), "closed", {}))
    )
    found = await records.read("0b5f")
    assert found and found[0]["note"] == "back" and [e["kind"] for e in found[1]] == ["rang", "closed"]
    await store.close()


@pytest.mark.parametrize(
    ("pragma", "help_"),
    [
        ("max_page_count = 1", "no space is left on its disk: make room there"),
        ("query_only = ON", "this user may not write to it"),
    ],
)
async def test_sqlite_that_takes_nothing_more_says_what_helps(pragma: str, help_: str, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/ivr.db")
    await store.migrate()
    async with store.begin() as connection:
        await connection.execute(text(f"PRAGMA {pragma}"))
    with pytest.raises(ConnectionError, match=help_):
        for number in range(50):
            await DatabaseRecords(store).write(
                contact({**RECORD, "id": f"n{number}", "customer_id": None, "note": "n" * 4000})
            )
    await store.close()


async def test_sqlite_that_is_locked_for_too_long_is_a_connection_error(tmp_path: Path) -> None:
    path = tmp_path / "ivr.db"
    store = Store(f"sqlite:///{path}")
    await store.migrate()
    async with store.begin() as connection:
        await connection.execute(text("PRAGMA busy_timeout = 50"))
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ConnectionError, match="locked"):
            await DatabaseRecords(store).write(contact({**RECORD, "customer_id": None}))
        other.execute("ROLLBACK")
        await DatabaseRecords(store).write(contact({**RECORD, "customer_id": None}))
    finally:
        other.close()
        await store.close()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("nonsense", "is no database URL"),
        ("mysql://root@localhost/x", "mysql is not supported"),
        ("", "is no database URL"),
    ],
)
def test_address_that_cannot_be_used(wrong: str, words: str) -> None:
    with pytest.raises(StoreUnusable, match=words):
        Store(wrong)


async def test_database_that_cannot_be_reached_is_named_without_its_password() -> None:
    store = Store("postgresql://ivr:topsecret@127.0.0.1:1/ivr")
    with pytest.raises(StoreUnusable) as unusable:
        await store.migrate()
    assert "127.0.0.1:1/ivr" in str(unusable.value) and "topsecret" not in str(unusable.value)
    await store.close()


# -- accounts


async def test_agent_and_account(store: Store) -> None:
    accounts = DatabaseAccounts(store)
    assert await accounts.account("ana") is None and await accounts.agents() == []
    await accounts.save(ANA, "ana", "$argon2id$one")
    account = await accounts.account("ana")
    assert account and (account.agent, account.password_hash, account.language) == (ANA, "$argon2id$one", "en")
    await accounts.set_language("ana", "zh")
    account = await accounts.account("ana")
    assert account and account.language == "zh"
    assert await accounts.account("ANA") is None and await accounts.account("' OR 1=1 --") is None


async def test_saving_again_replaces_agent_and_password(store: Store) -> None:
    accounts = DatabaseAccounts(store)
    await accounts.save(ANA, "ana", "$argon2id$one")
    changed = replace(ANA, name="Ana K.", queues=("orders", "returns"), region=None)
    await accounts.save(changed, "ana", "$argon2id$two")
    account = await accounts.account("ana")
    assert account and (account.agent, account.password_hash) == (changed, "$argon2id$two")
    assert await accounts.agents() == [changed]


async def test_two_agents_cannot_have_one_phone(store: Store) -> None:
    accounts = DatabaseAccounts(store)
    await accounts.save(ANA, "ana", "x")
    with pytest.raises(Exception, match=r"(?i)unique"):
        await accounts.save(replace(ANA, id=AgentId("ben")), "ben", "x")
    assert [agent.id for agent in await accounts.agents()] == ["ana"]
    assert await accounts.account("ben") is None
