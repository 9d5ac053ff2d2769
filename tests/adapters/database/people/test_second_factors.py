"""Second factors, on SQLite and on a real PostgreSQL alike: what counts once, and what is kept of it."""

from __future__ import annotations

import asyncio
import base64

import pytest
from sqlalchemy import select, text

from ivr.adapters.database import DatabaseAccounts, DatabaseAudit, DatabaseSecondFactors, DatabaseSessions, Store
from ivr.adapters.database.schema import tables as t
from ivr.calls.people.accounts import Account
from ivr.calls.people.audit import Actor, AuditFilter
from ivr.calls.people.second_factor import RECOVERY_CODES, STEP_S, code_at, step_of
from ivr.web.guard.second_factors import SealLost, SecondFactors
from ivr.web.guard.sessions import Sessions
from ivr.web.settings import WebSettings
from tests.web.web_fakes import Clock

BY = Actor("root", "admin")
KEY = b"k" * 32


@pytest.fixture
def clock() -> Clock:
    made = Clock()
    made.now = 1_800_000_000.0
    return made


@pytest.fixture
async def factors(store: Store, clock: Clock) -> SecondFactors:
    for login in ("root", "ana"):
        await DatabaseAccounts(store).add(Account(login, "$argon2id$x", role="admin"), BY)
    return SecondFactors(DatabaseSecondFactors(store), KEY, "admins", clock)


async def enrolled(factors: SecondFactors, clock: Clock, login: str = "root") -> tuple[bytes, list[str]]:
    secret = await factors.begin(login)
    assert secret
    codes = await factors.confirm(login, code_at(secret, int(clock.now) // STEP_S), BY)
    assert codes
    clock.now += 2 * STEP_S
    return secret, codes


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: eight digits there, of which we show six."""
    secret = b"12345678901234567890"
    for at, code in (
        (59, "287082"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ):
        assert code_at(secret, at // STEP_S) == code
        assert step_of(secret, code, at) == at // STEP_S
    for typed in ("", "000000", "28708", "2870822", "２８７０８２", "é" * 6):
        assert step_of(secret, typed, 59) is None


async def test_code_counts_once_however_many_try_at_once(factors: SecondFactors, clock: Clock) -> None:
    secret, _ = await enrolled(factors, clock)
    step = int(clock.now) // STEP_S
    tried = await asyncio.gather(*(factors.right("root", code_at(secret, step), BY) for _ in range(8)))
    assert sorted(tried) == [False] * 7 + [True]
    assert not await factors.right("root", code_at(secret, step - 1), BY), "nor does one before it"
    assert await factors.right("root", f" {code_at(secret, step + 1)[:3]} {code_at(secret, step + 1)[3:]}", BY)
    assert not await factors.right("root", code_at(secret, step + 2), BY), "and none from far ahead"
    clock.now -= 10 * STEP_S
    assert not await factors.right("root", code_at(secret, int(clock.now) // STEP_S), BY), (
        "a clock that is put back makes none good again"
    )


async def test_code_that_confirmed_opens_nothing(factors: SecondFactors, clock: Clock) -> None:
    secret = await factors.begin("root")
    assert secret
    code = code_at(secret, int(clock.now) // STEP_S)
    assert await factors.confirm("root", code, BY) and not await factors.right("root", code, BY)


async def test_nothing_is_asked_before_it_is_confirmed(store: Store, factors: SecondFactors, clock: Clock) -> None:
    first, second = await factors.begin("root"), await factors.begin("root")
    assert first and second and first != second, "begun anew"
    account = await DatabaseAccounts(store).account("root")
    assert account and not account.second_factor and factors.missing(account)
    step = int(clock.now) // STEP_S
    assert await factors.confirm("root", code_at(first, step), BY) is None
    assert not await factors.right("root", code_at(second, step), BY)
    assert await factors.confirm("root", code_at(second, step), BY)
    assert await factors.begin("root") is None, "one that holds is not written over"
    account = await DatabaseAccounts(store).account("root")
    assert account and account.second_factor and not factors.missing(account)


async def test_recovery_code_counts_once_and_for_its_person(factors: SecondFactors, clock: Clock) -> None:
    _, codes = await enrolled(factors, clock)
    await enrolled(factors, clock, "ana")
    assert len(set(codes)) == RECOVERY_CODES
    assert not await factors.right("ana", codes[0], BY)
    assert await factors.right("root", codes[0].upper().replace("-", " "), BY)
    assert not await factors.right("root", codes[0], BY)
    tried = await asyncio.gather(*(factors.right("root", codes[1], BY) for _ in range(8)))
    assert sorted(tried) == [False] * 7 + [True]


async def test_database_alone_makes_no_code(store: Store, factors: SecondFactors, clock: Clock) -> None:
    secret, codes = await enrolled(factors, clock)
    async with store.begin() as connection:
        kept = str([(await connection.execute(select(table))).all() for table in t.metadata.sorted_tables])
    shown = [base64.b32encode(secret).decode(), base64.b64encode(secret).decode(), secret.hex(), *codes]
    assert not any(one in kept or one.replace("-", "") in kept for one in shown)


async def test_secret_is_worth_nothing_in_the_row_of_another(
    store: Store, factors: SecondFactors, clock: Clock
) -> None:
    secret, _ = await enrolled(factors, clock)
    await enrolled(factors, clock, "ana")
    async with store.begin() as connection:
        await connection.execute(
            text("UPDATE second_factors SET secret = (SELECT secret FROM second_factors WHERE login = 'root')")
        )
    lost = 0
    for login in ("root", "ana"):
        try:
            await factors.right(login, code_at(secret, int(clock.now) // STEP_S), BY)
        except SealLost:
            lost += 1
    assert lost == 1


async def test_another_key_says_so(store: Store, factors: SecondFactors, clock: Clock) -> None:
    await enrolled(factors, clock)
    other = SecondFactors(DatabaseSecondFactors(store), b"l" * 32, "admins", clock)
    with pytest.raises(SealLost, match=r"\[web\] key_file"):
        await other.right("root", "123456", BY)


async def test_removal_forgets_all_of_it_and_ends_the_sessions(
    store: Store, factors: SecondFactors, clock: Clock
) -> None:
    _, codes = await enrolled(factors, clock)
    account = await DatabaseAccounts(store).account("root")
    assert account
    await Sessions(DatabaseSessions(store), WebSettings(), clock).begin(account, "192.0.2.1")
    assert await factors.remove("root", BY) and not await factors.remove("root", BY)
    assert not await factors.right("root", codes[0], BY)
    assert await DatabaseSessions(store).all() == []
    trail = [entry.what for entry in await DatabaseAudit(store).page(AuditFilter(what="second_factor"), 10)]
    assert trail == ["second_factor.removed", "second_factor.added"]
