"""People, keys and the audit trail, on SQLite and on a real PostgreSQL alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from ivr.adapters.database import DatabaseAccounts, DatabaseAudit, DatabaseDirectory, DatabaseKeys, Store
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import MIGRATIONS
from ivr.calls.people.accounts import Account, LastAdmin, Taken
from ivr.calls.people.api_keys import ApiKey
from ivr.calls.people.audit import Actor, AuditFilter, Entry
from ivr.core.caller import Agent, AgentId

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ROOT = Actor("root", "admin", "192.0.2.1")
ANA = Agent(AgentId("ana"), "Ana Kovač", "PJSIP/ana", ("en", "zh"), {"delivery": 9}, "Berlin", ("orders",))
ALL = AuditFilter()


def account(login: str = "ana", **changes: Any) -> Account:
    return replace(Account(login, "$argon2id$x", replace(ANA, id=AgentId(login)), name="Ana Kovač"), **changes)


async def trail(store: Store, wanted: AuditFilter = ALL) -> list[Entry]:
    return await DatabaseAudit(store).page(wanted, 100)


# -- the schema that was there before


async def upgrade(store: Store, to: str) -> None:
    def write(connection: Any) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, to)

    async with store.engine.begin() as connection:
        await connection.run_sync(write)


async def test_what_was_there_before_stays(url: str) -> None:
    """SQLite makes tables anew to change a column: nothing that refers to them may go with the old ones."""

    store = Store(url)
    await upgrade(store, "0002")
    rows = (
        "INSERT INTO agents VALUES ('ana', 'Ana', 'PJSIP/ana', '[\"en\"]', '{}', NULL, '[\"orders\"]')",
        "INSERT INTO accounts VALUES ('ana', 'ana', '$argon2id$x', 'zh')",
        "INSERT INTO customers (id, name) VALUES ('C1', 'Lin')",
        "INSERT INTO customer_numbers VALUES ('+8613800138000', 'C1')",
        "INSERT INTO contacts (id, channel, customer_id, began_at, summary, agent_id, solved) "
        "VALUES ('a', 'phone', 'C1', '2026-11-20 09:30:00', 'old', 'ana', true)",
    )
    async with store.engine.begin() as connection:
        for row in rows:
            await connection.execute(text(row))
    await store.migrate()
    found = await DatabaseAccounts(store).account("ana")
    assert found == Account("ana", "$argon2id$x", Agent(AgentId("ana"), "Ana", "PJSIP/ana", ("en",), {}, None, ("orders",)),
                            "zh", "agent", "Ana", True)  # fmt: skip
    caller = await DatabaseDirectory(store, "DE").find("+8613800138000")
    assert caller and caller.contacts[0].agent == "ana"
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        async with store.begin() as connection:
            await connection.execute(text("INSERT INTO customer_numbers VALUES ('1', 'nobody')"))
    await store.close()


# -- people


OLD_LINES = (
    (1, "consent.changed", "C1", {"calls": True, "how": "web form of Lin Mei"}),
    (2, "timeline.read", "C1", {}),
    (3, "timeline.read", "GONE", {}),
    (4, "signals.read", None, {}),
    (5, "contact.added", "c1", {"channel": "chat", "external_id": "lin@example.com"}),
    (6, "call_back.added", "b1", {"source": "system:key:crm:C1"}),
    (7, "recording.forgotten", "+8613800138000", {"calls": ["a"]}),
    (8, "person.added", "ana", {"role": "agent"}),
)


async def test_lines_of_before_lose_what_leads_to_a_customer(url: str) -> None:
    store = Store(url)
    await upgrade(store, "0013")
    async with store.begin() as connection:
        await connection.execute(text("INSERT INTO customers (id, name) VALUES ('C1', 'Lin')"))
        for number, what, target, detail in OLD_LINES:
            row = {"id": number, "at": NOW, "who": "root", "what": what, "target": target, "detail": detail}
            await connection.execute(insert(t.audit).values(**row))
        if store.engine.dialect.name == "postgresql":
            await connection.execute(text("SELECT setval('audit_id_seq', 100)"))
    await store.migrate()
    lines = list(reversed(await trail(store)))
    assert [(one.what, dict(one.detail)) for one in lines] == [
        ("consent.changed", {"calls": True}), ("timeline.read", {}), ("timeline.read", {}), ("signals.read", {}),
        ("contact.added", {"channel": "chat"}), ("call_back.added", {}), ("recording.forgotten", {"calls": ["a"]}),
        ("person.added", {"role": "agent"}), ("audit.aliased", {"lines": 6}),
    ]  # fmt: skip
    targets = [one.target for one in lines]
    assert targets[:2] == ["C1", "C1"] and targets[3:] == [None, "c1", "b1", None, "ana", None]
    assert targets[2] and targets[2].startswith("customer-"), "nobody here has that id any more"
    async with store.begin() as connection:
        rows = str((await connection.execute(text("SELECT * FROM audit"))).all())
        assert not [one for one in ("C1", "GONE", "lin@", "Lin Mei", "8613800138000") if one in rows]
    with pytest.raises(DBAPIError, match="append-only"):
        async with store.begin() as connection:
            await connection.execute(text("UPDATE audit SET who = 'nobody'"))
    await store.close()


async def test_person_is_added_and_changed_and_both_are_in_the_trail(store: Store) -> None:
    people = DatabaseAccounts(store)
    await people.add(account(), ROOT)
    assert await people.account("ana") == account()
    after = await people.change("ana", lambda one: replace(one, role="supervisor", name="Ana K."), ROOT)
    renamed = replace(ANA, name="Ana K.")
    assert after == account(role="supervisor", name="Ana K.", agent=renamed) == await people.account("ana")
    assert await people.agents() == [renamed], "callers and colleagues see one name"
    changed, added = await trail(store)
    assert (changed.by, changed.what, changed.target) == (ROOT, "person.changed", "ana")
    assert changed.detail == {"role": ["agent", "supervisor"], "name": ["Ana Kovač", "Ana K."]}
    assert (added.what, added.detail["phone"]["interface"]) == ("person.added", "PJSIP/ana")
    assert changed.id > added.id and abs(changed.at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_passwords_are_never_in_the_trail(store: Store) -> None:
    people = DatabaseAccounts(store)
    await people.add(account(), ROOT)
    await people.change("ana", lambda one: replace(one, password_hash="$argon2id$secret"), ROOT)
    entries = await trail(store)
    assert entries[0].detail == {"password": "changed"}
    assert "argon2" not in str(entries)


async def test_change_that_changes_nothing_is_not_in_the_trail(store: Store) -> None:
    people = DatabaseAccounts(store)
    await people.add(account(), ROOT)
    assert await people.change("ana", lambda one: replace(one, role="agent"), ROOT) == account()
    assert len(await trail(store)) == 1
    assert await people.change("nobody", lambda one: one, ROOT) is None


async def test_person_without_a_phone_and_with_one_again(store: Store) -> None:
    people = DatabaseAccounts(store)
    await people.add(account(), ROOT)
    boss = account("boss", agent=None, role="supervisor", name="Bo")
    await people.add(boss, ROOT)
    assert await people.account("boss") == boss
    assert [agent.id for agent in await people.agents()] == ["ana"]
    async with store.begin() as connection:
        await connection.execute(text("INSERT INTO contacts (id, channel, began_at, summary, agent_id) "
                                      "VALUES ('a', 'phone', '2026-11-20 09:30:00', 'old', 'ana')"))  # fmt: skip
    after = await people.change("ana", lambda one: replace(one, agent=None), ROOT)
    assert after and after.agent is None and await people.agents() == []
    async with store.begin() as connection:
        solver = (await connection.execute(text("SELECT agent_id FROM contacts WHERE id = 'a'"))).scalar()
    assert solver == "ana", "what they did stays theirs"
    # the phone is free for somebody else
    await people.change("boss", lambda one: replace(one, agent=ANA), ROOT)
    assert [(agent.id, agent.name, agent.interface) for agent in await people.agents()] == [("boss", "Bo", "PJSIP/ana")]
    again = await people.change("ana", lambda one: replace(one, agent=replace(ANA, interface="PJSIP/2")), ROOT)
    assert again and again.agent and again.agent.id == "ana"


async def test_who_is_inactive_takes_no_calls(store: Store) -> None:
    people = DatabaseAccounts(store)
    await people.add(account(), ROOT)
    await people.change("ana", lambda one: replace(one, active=False), ROOT)
    assert await people.agents() == []
    assert [one.login for one in await people.everybody()] == ["ana"]


@pytest.mark.parametrize(
    ("second", "field", "words"),
    [
        (account("ana", agent=None), "login", "The login ana belongs to ana already"),
        (account("ANA", agent=None), "login", "The login ANA belongs to ana already"),
        (account("ben"), "interface", "The phone PJSIP/ana belongs to ana already"),
        (account("ben", agent=replace(ANA, interface="pjsip/ANA")), "interface", "belongs to ana"),
    ],
)
async def test_what_somebody_has_is_taken(store: Store, second: Account, field: str, words: str) -> None:
    people = DatabaseAccounts(store)
    await people.add(account(), ROOT)
    with pytest.raises(Taken, match=words) as taken:
        await people.add(second, ROOT)
    assert taken.value.field == field
    assert [one.login for one in await people.everybody()] == ["ana"]
    refusal, added = await trail(store)
    assert (refusal.what, refusal.target, added.what) == ("refused: person.added", second.login, "person.added")
    assert words in refusal.detail["why"]
    if field == "interface":
        await people.add(replace(second, agent=None), ROOT)
        with pytest.raises(Taken, match=words):
            await people.change("ben", lambda one: replace(one, agent=second.agent), ROOT)


async def test_one_login_asked_for_many_times_at_once_is_given_once(store: Store) -> None:
    people = DatabaseAccounts(store)
    asked = [people.add(account("ana", agent=None, name=str(n)), ROOT) for n in range(6)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in done].count(Taken) == 5
    lines = [entry.what for entry in await trail(store)]
    assert len(await people.everybody()) == lines.count("person.added") == 1
    assert lines.count("refused: person.added") == 5


# -- the last administrator


async def test_last_active_admin_stays_one(store: Store) -> None:
    people = DatabaseAccounts(store)
    await people.add(account("root", agent=None, role="admin"), ROOT)
    await people.add(account("rest", agent=None, role="admin", active=False), ROOT)
    for change in ({"role": "supervisor"}, {"active": False}, {"role": "agent", "active": False}):
        with pytest.raises(LastAdmin):
            await people.change("root", lambda one, c=change: replace(one, **c), ROOT)
    found = await people.account("root")
    assert found and (found.role, found.active) == ("admin", True)
    refusals = [entry for entry in await trail(store) if entry.what != "person.added"]
    assert [entry.what for entry in refusals] == ["refused: person.changed"] * 3, (
        "what was not done is no line of what was"
    )
    assert refusals[-1].detail["role"] == ["admin", "supervisor"] and "last active" in refusals[-1].detail["why"]
    await people.change("root", lambda one: replace(one, name="New"), ROOT)
    await people.change("rest", lambda one: replace(one, active=True), ROOT)
    await people.change("root", lambda one: replace(one, role="agent"), ROOT)


async def test_two_admins_cannot_demote_each_other_at_once(store: Store) -> None:
    people = DatabaseAccounts(store)
    for login in ("one", "two"):
        await people.add(account(login, agent=None, role="admin"), ROOT)
    asked = [people.change(login, lambda one: replace(one, role="agent"), ROOT) for login in ("one", "two")]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in done].count(LastAdmin) == 1
    assert [one.role for one in await people.everybody()].count("admin") == 1


async def test_changes_of_one_person_at_once_are_all_kept(store: Store) -> None:
    people = DatabaseAccounts(store)
    await people.add(account(), ROOT)
    await asyncio.gather(
        people.change("ana", lambda one: replace(one, role="supervisor"), ROOT),
        people.change("ana", lambda one: replace(one, language="zh"), ROOT),
        people.change("ana", lambda one: replace(one, subject="s"), ROOT),
    )
    assert await people.account("ana") == account(role="supervisor", language="zh", subject="s")
    assert await people.by_subject("s") == await people.account("ana")
    assert await people.by_subject("t") is None
    assert len(await trail(store)) == 4


# -- the trail


async def test_trail_can_be_filtered_and_read_page_by_page(store: Store) -> None:
    audit = DatabaseAudit(store)
    for number in range(7):
        who = Actor("ana" if number % 2 else "key:abc", None, "2001:db8::1")
        what = "person.changed" if number < 3 else "person_other"
        await audit.write(Entry(who, what, f"t{number}", {"n": number}, NOW + timedelta(hours=number)))
    first = await audit.page(ALL, 3)
    assert [entry.target for entry in first] == ["t6", "t5", "t4"]
    assert [entry.target for entry in await audit.page(ALL, 3, first[-1].id)] == ["t3", "t2", "t1"]

    async def targets(**wanted: Any) -> list[str | None]:
        return [entry.target for entry in await audit.page(AuditFilter(**wanted), 100)]

    assert await targets(who="ana") == ["t5", "t3", "t1"]
    assert await targets(what="person") == await targets(what="person.changed") == ["t2", "t1", "t0"]
    assert await targets(what="person_") == await targets(what="pers%") == []
    assert await targets(target="t4", who="key:abc") == ["t4"]
    assert await targets(since=NOW + timedelta(hours=5)) == ["t6", "t5"]
    assert await targets(until=NOW + timedelta(hours=1)) == ["t0"]
    assert first[0] == Entry(
        Actor("key:abc", None, "2001:db8::1"), "person_other", "t6", {"n": 6}, NOW + timedelta(hours=6), first[0].id
    )


_OVER_IT = "INTO audit (id, at, who, what, detail) SELECT id, at, 'nobody', what, detail FROM audit WHERE true"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET who = 'nobody'",
        "DELETE FROM audit",
        f"INSERT {_OVER_IT} ON CONFLICT (id) DO UPDATE SET who = 'nobody'",
        # only SQLite has these
        f"REPLACE {_OVER_IT}",
        f"INSERT OR REPLACE {_OVER_IT}",
        "UPDATE OR REPLACE audit SET who = 'nobody'",
    ],
)
async def test_trail_refuses_to_be_changed_by_anybody(store: Store, change: str) -> None:
    await DatabaseAudit(store).write(Entry(ROOT, "sign_in"))
    unknown = "REPLACE" in change and store.engine.dialect.name == "postgresql"
    with pytest.raises(DBAPIError, match="syntax error" if unknown else "append-only"):
        async with store.begin() as connection:
            await connection.execute(text(change))
    assert [(entry.what, entry.by.who) for entry in await trail(store)] == [("sign_in", ROOT.who)]


async def test_nothing_is_done_that_cannot_be_written_down(store: Store) -> None:
    people, keys = DatabaseAccounts(store), DatabaseKeys(store)
    await people.add(account(), ROOT)
    await keys.add(key(), ROOT)
    async with store.begin() as connection:
        await connection.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    for doing in (
        people.change("ana", lambda one: replace(one, role="admin"), ROOT),
        people.add(account("ben", agent=None), ROOT),
        keys.add(key("other"), ROOT),
        keys.revoke("abc", NOW, ROOT),
    ):
        with pytest.raises(Exception, match=r"(?i)audit"):
            await doing
    found = await people.account("ana")
    assert found and found.role == "agent"
    assert [one.login for one in await people.everybody()] == ["ana"]
    assert [one.revoked_at for one in await keys.all()] == [None]


# -- keys


def key(number: str = "abc", **changes: Any) -> ApiKey:
    return replace(ApiKey(number, "shop", "d" * 64, ("contacts:write", "signals:write"), NOW, "root"), **changes)


async def test_key_is_kept_found_used_and_revoked(store: Store) -> None:
    keys = DatabaseKeys(store)
    await keys.add(key(), ROOT)
    await keys.add(key("later", created_at=NOW + timedelta(1), expires_at=NOW + timedelta(2)), ROOT)
    assert await keys.find("abc") == key() and await keys.find("nothing") is None
    assert [one.id for one in await keys.all()] == ["later", "abc"]
    await keys.used("abc", NOW + timedelta(hours=2))
    await keys.used("abc", NOW + timedelta(hours=1))
    found = await keys.find("abc")
    assert found and found.used_at == NOW + timedelta(hours=2)
    assert await keys.revoke("abc", NOW, ROOT) and await keys.revoke("abc", NOW + timedelta(1), ROOT)
    assert not await keys.revoke("nothing", NOW, ROOT)
    found = await keys.find("abc")
    assert found and found.revoked_at == NOW
    entries = await trail(store, AuditFilter(what="key"))
    assert [(entry.what, entry.target) for entry in entries] == [
        ("key.revoked", "abc"),
        ("key.added", "later"),
        ("key.added", "abc"),
    ]
    assert "d" * 64 not in str(entries), "not even the digest"


def test_key_opens_until_it_expires_or_is_revoked() -> None:
    assert key().opens(NOW)
    assert key(expires_at=NOW + timedelta(seconds=1)).opens(NOW) and not key(expires_at=NOW).opens(NOW)
    assert not key(revoked_at=NOW).opens(NOW)
