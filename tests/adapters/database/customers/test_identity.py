"""Who is calling: PINs, orders and codes, counted across calls and under pressure; what is kept of a caller's liking."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, inspect, select, update

from ivr.adapters.database import DatabaseDirectory, DatabaseIdentity, DatabaseMemory, Store
from ivr.adapters.database.customers import identity
from ivr.adapters.database.customers.identity import Limits, PinRefused
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import MIGRATIONS
from ivr.calls.people.audit import Actor
from ivr.core.caller import Preferences
from ivr.core.language import Language

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PIN, WRONG = "7259", "7258"
BY = Actor("console:test")


@dataclass
class Sent:
    """Where codes go; ``works`` False: they do not."""

    works: bool = True
    messages: list[tuple[str, str, Language]] = field(default_factory=list)

    async def __call__(self, number: str, code: str, language: Language) -> bool:
        self.messages.append((number, code, language))
        return self.works


@pytest.fixture
async def house(store: Store) -> Store:
    """C1 with a number, two orders and a PIN; C2 with nothing at all."""
    rows: list[tuple[Any, dict[str, Any]]] = [
        (t.customers, {"id": "C1", "name": "Lin Mei"}),
        (t.customers, {"id": "C2", "name": "Tom"}),
        (t.numbers, {"number": "+8613800138000", "customer_id": "C1"}),
        (
            t.orders,
            {"id": "4630", "customer_id": "C1", "product": "Strap", "status": "late", "ordered_at": NOW - timedelta(9)},
        ),
        (t.orders, {"id": "4711", "customer_id": "C1", "product": "Watch", "status": "late", "ordered_at": NOW}),
    ]
    async with store.begin() as connection:
        for table, values in rows:
            await connection.execute(insert(table).values(**values))
    assert await DatabaseIdentity(store).set_pin("C1", PIN, BY)
    return store


async def proof(store: Store, customer: str = "C1") -> dict[str, Any]:
    """What is written of a customer's proofs."""
    async with store.begin() as connection:
        row = (await connection.execute(select(t.proofs).where(t.proofs.c.customer_id == customer))).mappings().first()
    return dict(row) if row else {}


async def unlock(store: Store) -> None:
    """The time of the lock is over."""
    async with store.begin() as connection:
        await connection.execute(update(t.proofs).values(locked_until=datetime.now(UTC) - timedelta(seconds=1)))


# -- PINs


async def test_pin_right_and_wrong(house: Store) -> None:
    who = DatabaseIdentity(house)
    assert await who.begin("C1", "pin", "en") == "asked"
    assert await who.check("C1", "pin", WRONG) == "wrong"
    for odd in ("", " " + PIN, PIN + "0", PIN[:3], "７２５９", "x" * 1000, "' OR 1=1"):
        await unlock(house)
        assert await who.check("C1", "pin", odd) in ("wrong", "locked")
    await unlock(house)
    assert await who.check("C1", "pin", PIN) == "right"
    written = await proof(house)
    assert written["failures"] == 0 and written["proved_at"] is not None
    assert PIN not in repr(written) and written["pin_hash"].startswith("$argon2id$")


async def test_wrong_ones_are_counted_across_calls_and_lock(house: Store) -> None:
    assert [await DatabaseIdentity(house).check("C1", "pin", WRONG) for _ in range(3)] == ["wrong", "wrong", "locked"]
    for _ in range(2):
        assert await DatabaseIdentity(house).check("C1", "pin", PIN) == "locked", "the right one is no use either"
        assert await DatabaseIdentity(house).begin("C1", "last_order", "en") == "locked", "nor another method"
    assert await DatabaseIdentity(house).check("C1", "last_order", "4711") == "locked"
    await unlock(house)
    assert await DatabaseIdentity(house).begin("C1", "pin", "en") == "asked"
    assert [await DatabaseIdentity(house).check("C1", "pin", WRONG) for _ in range(2)] == ["wrong", "wrong"]
    assert await DatabaseIdentity(house).check("C1", "pin", PIN) == "right"
    assert [await DatabaseIdentity(house).check("C1", "pin", WRONG) for _ in range(3)] == ["wrong", "wrong", "locked"]


async def test_limits_are_those_of_the_house(house: Store) -> None:
    who = DatabaseIdentity(house, Limits(attempts=1, locked_for=timedelta(hours=2)))
    assert await who.check("C1", "pin", WRONG) == "locked"
    left = (await proof(house))["locked_until"] - datetime.now(UTC)
    assert timedelta(minutes=119) < left <= timedelta(hours=2)


async def test_many_calls_at_once_do_not_get_more_attempts(house: Store) -> None:
    """Twelve calls try different PINs at the same moment, one of them the right one, as the ninth or so."""
    answers = [f"{n:04}" for n in range(3000, 3012)]
    outcomes = await asyncio.gather(*(DatabaseIdentity(house).check("C1", "pin", answer) for answer in answers))
    assert sorted(outcomes) == ["locked"] * 10 + ["wrong"] * 2
    assert (await proof(house))["locked_until"] is not None


async def test_first_attempts_at_once_of_somebody_never_asked_before(house: Store) -> None:
    outcomes = await asyncio.gather(*(DatabaseIdentity(house).check("C2", "last_order", "1") for _ in range(6)))
    assert sorted(outcomes) == ["locked"] * 4 + ["wrong"] * 2


async def test_one_customer_s_lock_is_no_other_s(house: Store) -> None:
    assert await DatabaseIdentity(house).set_pin("C2", "8305", BY)
    for _ in range(3):
        await DatabaseIdentity(house).check("C1", "pin", "8305")
    assert await DatabaseIdentity(house).check("C2", "pin", "8305") == "right"


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "1",
        "123",
        "1234",
        "4321",
        "0000",
        "99999999",
        "2345",
        "9876",
        "012345",
        "12345678",
        "123456789",
        "12a4",
        "７２５９",
        "7 59",
        "-725",
    ],
)
async def test_easy_and_odd_pins_are_refused(house: Store, pin: str) -> None:
    with pytest.raises(PinRefused):
        await DatabaseIdentity(house).set_pin("C1", pin, BY)
    assert await DatabaseIdentity(house).check("C1", "pin", PIN) == "right", "the old one stays"


async def test_new_pin_takes_the_place_of_the_old_one_and_opens_the_lock(house: Store) -> None:
    who = DatabaseIdentity(house)
    for _ in range(3):
        await who.check("C1", "pin", WRONG)
    assert await who.set_pin("C1", "50913847", BY)
    assert await who.check("C1", "pin", PIN) == "wrong" and await who.check("C1", "pin", "50913847") == "right"
    assert await who.set_pin("C1", None, BY)
    assert await who.begin("C1", "pin", "en") == "unavailable" and await who.check("C1", "pin", "50913847") == "wrong"


async def test_nobody_has_no_pin(house: Store) -> None:
    assert not await DatabaseIdentity(house).set_pin("C9", "7259", BY)
    assert await DatabaseIdentity(house).begin("C9", "pin", "en") == "unavailable"
    assert await DatabaseIdentity(house).begin("C2", "pin", "en") == "unavailable"
    assert await proof(house, "C9") == {} == await proof(house, "C2"), "asking leaves no trace"


async def test_damaged_hash_is_a_wrong_pin(house: Store) -> None:
    async with house.begin() as connection:
        await connection.execute(update(t.proofs).values(pin_hash="plain 7259"))
    assert await DatabaseIdentity(house).check("C1", "pin", PIN) == "wrong"


# -- the last order


async def test_last_order(house: Store) -> None:
    who = DatabaseIdentity(house)
    assert await who.begin("C1", "last_order", "en") == "asked"
    assert await who.check("C1", "last_order", "4630") == "wrong", "that was the one before"
    assert await who.check("C1", "last_order", "4711") == "right"
    assert await who.begin("C2", "last_order", "en") == "unavailable"
    assert await who.check("C2", "last_order", "") == "wrong"


# -- codes


async def test_code_goes_to_the_number_on_record_and_works_once(house: Store) -> None:
    sent = Sent()
    who = DatabaseIdentity(house, send=sent)
    assert await who.begin("C1", "code", "zh") == "asked"
    ((number, code, language),) = sent.messages
    assert (number, language) == ("+8613800138000", "zh") and len(code) == 6 and code.isdecimal()
    assert await who.check("C2", "code", code) == "wrong", "it is nobody else's"
    assert await who.check("C1", "code", code) == "right"
    assert await who.check("C1", "code", code) == "wrong"


async def test_new_code_takes_the_place_of_the_old_one(house: Store) -> None:
    sent = Sent()
    who = DatabaseIdentity(house, Limits(attempts=9), send=sent)
    while len({code for _, code, _ in sent.messages}) < 2:
        assert await who.begin("C1", "code", "en") == "asked"
    codes = [code for _, code, _ in sent.messages]
    assert await who.check("C1", "code", codes[0]) == "wrong"
    assert await who.check("C1", "code", codes[-1]) == "right"


async def test_code_expires(house: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Sent()
    who = DatabaseIdentity(house, send=sent)
    monkeypatch.setattr(identity, "CODE_VALID_S", 0.0)
    assert await who.begin("C1", "code", "en") == "asked"
    assert await who.check("C1", "code", sent.messages[0][1]) == "wrong"


@pytest.mark.parametrize("send", [None, Sent(works=False)])
async def test_code_that_cannot_be_sent_cannot_be_had(house: Store, send: Sent | None) -> None:
    who = DatabaseIdentity(house, send=send)
    assert await who.begin("C1", "code", "en") == "unavailable"
    assert await who.check("C1", "code", send.messages[0][1] if send else "") == "wrong"


async def test_customer_without_a_number_gets_no_code(house: Store) -> None:
    sent = Sent()
    assert await DatabaseIdentity(house, send=sent).begin("C2", "code", "en") == "unavailable"
    assert sent.messages == []


async def test_locked_customer_gets_no_code(house: Store) -> None:
    sent = Sent()
    who = DatabaseIdentity(house, send=sent)
    for _ in range(3):
        await who.check("C1", "pin", WRONG)
    assert await who.begin("C1", "code", "en") == "locked" and sent.messages == []


async def test_wrong_codes_are_counted_with_the_wrong_pins(house: Store) -> None:
    sent = Sent()
    who = DatabaseIdentity(house, send=sent)
    await who.begin("C1", "code", "en")
    code = sent.messages[0][1]
    wrong = "000000" if code != "000000" else "000001"
    assert [await who.check("C1", "pin", WRONG), await who.check("C1", "code", wrong), await who.check("C1", "code", wrong)] == [
        "wrong", "wrong", "locked",
    ]  # fmt: skip
    assert await who.check("C1", "code", code) == "locked"


# -- what callers like


async def liked(store: Store) -> Preferences:
    found = await DatabaseDirectory(store, "DE").find("+8613800138000")
    assert found
    return found.preferences


async def test_preferences_are_kept_replaced_given_back_and_forgotten(house: Store) -> None:
    memory = DatabaseMemory(house)
    assert await liked(house) == Preferences()
    for wanted in (Preferences(keys=True), Preferences(slow=True, loud=True, language="zh"), Preferences()):
        await memory.remember("C1", wanted)
        assert await liked(house) == wanted
    await memory.remember("C1", Preferences(loud=True))
    await memory.remember("C2", Preferences(slow=True))
    await memory.forget("C1")
    await memory.forget("C1")
    assert await liked(house) == Preferences()
    async with house.begin() as connection:
        rows = (await connection.execute(select(t.preferences))).mappings().all()
    assert [(row["customer_id"], row["slow"]) for row in rows] == [("C2", True)]
    assert rows[0]["agreed_at"] > datetime.now(UTC) - timedelta(minutes=1)


async def test_two_calls_at_once_leave_one_liking(house: Store) -> None:
    memory = DatabaseMemory(house)
    wanted = [Preferences(keys=True), Preferences(slow=True), Preferences(loud=True)]
    await asyncio.gather(*(memory.remember("C1", each) for each in wanted * 3))
    assert await liked(house) in wanted


async def test_nothing_is_kept_of_nobody(house: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await DatabaseMemory(house).remember("C9", Preferences(keys=True))


async def test_customer_who_is_removed_takes_everything_along(house: Store) -> None:
    await DatabaseMemory(house).remember("C1", Preferences(keys=True))
    async with house.begin() as connection:
        await connection.execute(t.customers.delete().where(t.customers.c.id == "C1"))
        for table in (t.preferences, t.proofs):
            assert (await connection.execute(select(table))).first() is None


# -- the schema


def migrate(connection: Connection, way: str, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    (command.upgrade if way == "up" else command.downgrade)(config, to)


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # SQLite gives none back, so PostgreSQL compares it
async def test_migration_goes_down_and_up_and_makes_the_tables_that_the_code_has(house: Store) -> None:
    new = {"customer_preferences", "customer_proofs"}
    async with house.engine.begin() as connection:
        assert new <= set(await connection.run_sync(lambda c: inspect(c).get_table_names()))
        await connection.run_sync(migrate, "down", "0001")
        tables = set(await connection.run_sync(lambda c: inspect(c).get_table_names()))
        assert not tables & new and "customers" in tables
    async with house.engine.begin() as connection:
        await connection.run_sync(migrate, "up", "head")
    async with house.engine.connect() as connection:
        context = {"compare_type": True, "compare_server_default": True}
        different = await connection.run_sync(
            lambda c: list(compare_metadata(MigrationContext.configure(c, opts=context), t.metadata))
        )
        assert different == []
    assert await DatabaseIdentity(house).begin("C1", "last_order", "en") == "asked", "what was there before still is"
