"""Sign-ins outlive the server, and what ends them ends them for good: on both databases, through real pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web
from sqlalchemy import select, text

from ivr.adapters.database import DatabaseAccounts, DatabaseSessions, Store
from ivr.adapters.database.schema import tables as t
from ivr.calls.desk.windows import Desks
from ivr.calls.people.accounts import Account
from ivr.calls.people.audit import Actor, Entry
from ivr.calls.people.sessions import KeptSession, marks_of
from ivr.core.caller import Agent, AgentId
from ivr.web.guard.sessions import SKEW_S, WRITTEN_EVERY_S, Sessions
from ivr.web.server import WebSettings, build_app
from tests.web.real_house import Asker, fill, house_on
from tests.web.web_fakes import PASSWORD, Clock, MemoryService, MemoryStaff, browser

SETTINGS = WebSettings(secure_cookies=False)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ROOT, BY = Account("root", "$argon2id$x", role="admin"), Actor("root", "admin")


@asynccontextmanager
async def started(store: Store) -> AsyncIterator[str]:
    """The pages on a database, from a start to a stop; their address."""
    desks = Desks()
    house = house_on(store, MemoryService(desks), desks, MemoryStaff())
    runner = web.AppRunner(build_app(house, settings=SETTINGS, key=b"k" * 32), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def token_of(http: ClientSession, address: str) -> str:
    async with http.get(address) as page:
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', await page.text())
    assert found
    return found[1]


async def sign_in(http: ClientSession, url: str, login: str = "root") -> str:
    """The session's token."""
    form = {"login": login, "password": PASSWORD, "csrf": await token_of(http, f"{url}/sign-in")}
    async with http.post(f"{url}/sign-in", data=form, allow_redirects=False) as answer:
        assert answer.status == 303
    return next(cookie.value for cookie in http.cookie_jar if cookie.key == "ivr_session")


async def is_in(http: ClientSession, url: str) -> bool:
    async with http.get(f"{url}/api/v1/me") as answer:
        return answer.status == 200


async def test_restart_keeps_people_signed_in_and_their_open_pages_going(store: Store) -> None:
    await fill(store)
    async with browser() as http:
        async with started(store) as url:
            token = await sign_in(http, url)
            csrf = await token_of(http, f"{url}/account")
        async with started(store) as url:
            assert await is_in(http, url)
            page = Asker(http, url, {"X-CSRF-Token": csrf, "Origin": url})
            assert (await page.ask("PATCH", "/me", {"language": "zh"}))[0] == 200, "the page that was open before"
            async with http.post(f"{url}/sign-out", data={"csrf": csrf}, allow_redirects=False) as answer:
                assert answer.status == 303
        async with started(store) as url, browser() as thief:
            assert not await is_in(http, url)
            async with thief.get(f"{url}/api/v1/me", headers={"Cookie": f"ivr_session={token}"}) as answer:
                assert answer.status == 401, "what is over stays over"


async def test_token_is_nowhere_in_the_database(store: Store) -> None:
    await fill(store)
    async with started(store) as url, browser() as http:
        token = await sign_in(http, url)
    async with store.begin() as connection:
        for table in t.metadata.sorted_tables:
            assert token not in str((await connection.execute(select(table))).all()), table.name


async def set_password(store: Store) -> None:
    await DatabaseAccounts(store).change("root", lambda a: replace(a, password_hash="$argon2id$new"), BY)


async def set_role(store: Store) -> None:
    await DatabaseAccounts(store).change("sue", lambda a: replace(a, role="agent"), BY)


async def set_inactive(store: Store) -> None:
    await DatabaseAccounts(store).change("sue", lambda a: replace(a, active=False), BY)


async def set_phone(store: Store) -> None:
    await DatabaseAccounts(store).change(
        "sue", lambda a: replace(a, agent=Agent(AgentId("sue"), "", "PJSIP/77", queues=("orders",))), BY
    )


async def set_name(store: Store) -> None:
    await DatabaseAccounts(store).change("sue", lambda a: replace(a, name="Sue Parker"), BY)


@pytest.mark.parametrize(
    ("change", "login", "stays"),
    [
        (set_password, "root", False), (set_role, "sue", False), (set_inactive, "sue", False), (set_phone, "sue", False),
        (set_name, "sue", True),
    ],
)  # fmt: skip
async def test_what_ends_sessions_ends_them_where_they_are_kept(
    store: Store, change: Any, login: str, stays: bool
) -> None:
    """Also while no server runs that could notice, and when the change is undone before it does."""
    await fill(store)
    async with browser() as http:
        async with started(store) as url:
            await sign_in(http, url, login)
        before = await DatabaseAccounts(store).account(login)
        await change(store)
        assert bool(await DatabaseSessions(store).all()) == stays
        assert before
        await DatabaseAccounts(store).change(login, lambda _: before, BY)
        async with started(store) as url:
            assert await is_in(http, url) == stays


async def test_change_that_fails_ends_nothing(store: Store) -> None:
    await fill(store)
    async with started(store) as url, browser() as http:
        await sign_in(http, url)
        with pytest.raises(ZeroDivisionError):
            await DatabaseAccounts(store).change("root", lambda a: replace(a, name=str(1 // 0)), BY)
        assert await is_in(http, url) and len(await DatabaseSessions(store).all()) == 1


# -- the two clocks


class Day:
    """The time of day, which somebody may set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def house(store: Store, clock: Clock, day: Day) -> Sessions:
    """All sessions, as after a start."""
    made = Sessions(DatabaseSessions(store), SETTINGS, clock, day)
    await made.load()
    return made


@pytest.fixture
async def root(store: Store) -> Account:
    await DatabaseAccounts(store).add(ROOT, BY)
    return ROOT


async def test_no_change_of_the_time_moves_a_running_session(store: Store, root: Account) -> None:
    clock, day = Clock(), Day()
    sessions = await house(store, clock, day)
    token = await sessions.begin(root, "192.0.2.1")
    for jump in (timedelta(days=400), timedelta(days=-800)):
        day.now += jump
        assert sessions.find(token)
    clock.now += SETTINGS.idle_minutes * 60
    assert sessions.find(token) is None


@pytest.mark.parametrize(
    ("away", "alive"),
    [
        (timedelta(0), True),
        (timedelta(minutes=59), True),
        (timedelta(minutes=61), False),
        (timedelta(seconds=-SKEW_S + 5), True),
        (timedelta(seconds=-SKEW_S - 5), False),
        (timedelta(days=-400), False),
        (timedelta(days=400), False),
    ],
)
async def test_time_that_was_set_between_two_starts_makes_no_session_longer(
    store: Store, root: Account, away: timedelta, alive: bool
) -> None:
    clock, day = Clock(), Day()
    token = await (await house(store, clock, day)).begin(root, "192.0.2.1")
    day.now += away
    other = Clock()
    other.now = 5.0  # the machine was started, too
    sessions = await house(store, other, day)
    assert bool(sessions.find(token)) == alive
    await sessions.write()
    assert bool(await DatabaseSessions(store).all()) == alive, "what is over is forgotten"


async def test_age_counts_from_the_sign_in_over_restarts(store: Store, root: Account) -> None:
    clock, day = Clock(), Day()
    sessions = await house(store, clock, day)
    token = await sessions.begin(root, "192.0.2.1")
    for _ in range(23):
        clock.now += 1800
        day.now += timedelta(minutes=30)
        sessions = await house(store, clock, day)
        assert sessions.find(token)
        await sessions.write()
    clock.now += 1800
    day.now += timedelta(minutes=30)
    assert (await house(store, clock, day)).find(token) is None, "a shift is over, however often it was used"


# -- what is written, and when


class Counting(DatabaseSessions):
    """Counts what is written of use, and breaks when it is told to."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.written: list[int] = []
        self.broken = False

    async def used(self, times: Any) -> None:
        self.written.append(len(times))
        await super().used(times)

    async def end(self, ids: Any, entry: Entry | None) -> None:
        if self.broken:
            raise ConnectionError("away")
        await super().end(ids, entry)

    async def begin(self, session: KeptSession, over: Any, entry: Entry | None) -> None:
        if self.broken:
            raise ConnectionError("away")
        await super().begin(session, over, entry)


async def test_use_is_written_once_for_all_requests_of_a_minute(store: Store, root: Account) -> None:
    clock, day, kept = Clock(), Day(), Counting(store)
    sessions = Sessions(kept, SETTINGS, clock, day)
    token = await sessions.begin(root, "192.0.2.1")
    for _ in range(100):
        clock.now += 0.5
        day.now += timedelta(seconds=0.5)
        sessions.find(token)
    assert kept.written == [] and WRITTEN_EVERY_S >= 60
    await sessions.write()
    await sessions.write()
    assert kept.written == [1, 0]
    (row,) = await kept.all()
    assert (row.used_at, row.network, row.marks) == (NOW + timedelta(seconds=50), "192.0.2.1", marks_of(root))


async def test_sign_out_counts_at_once_and_is_written_as_soon_as_it_can_be(store: Store, root: Account) -> None:
    clock, day, kept = Clock(), Day(), Counting(store)
    sessions = Sessions(kept, SETTINGS, clock, day)
    token = await sessions.begin(root, "192.0.2.1")
    session = sessions.find(token)
    assert session
    kept.broken = True
    await sessions.end(session, Entry(BY, "sign_out", "root"))
    assert sessions.find(token) is None and len(await kept.all()) == 1
    with pytest.raises(ConnectionError):
        await sessions.write()
    kept.broken = False
    await sessions.write()
    assert await kept.all() == []


async def test_nobody_is_signed_in_whose_session_or_line_cannot_be_kept(store: Store, root: Account) -> None:
    clock, day, kept = Clock(), Day(), Counting(store)
    sessions = Sessions(kept, SETTINGS, clock, day)
    old = await sessions.begin(root, "192.0.2.1")
    kept.broken = True
    with pytest.raises(ConnectionError):
        await sessions.begin(root, "192.0.2.1", instead_of=sessions.find(old))
    assert sessions.find(old), "and who was in stays in"
    kept.broken = False
    async with store.begin() as connection:
        await connection.execute(text("ALTER TABLE audit RENAME TO gone"))
    with pytest.raises(Exception, match="audit"):
        await sessions.begin(root, "192.0.2.1", Entry(BY, "sign_in", "root"))
    assert len(await kept.all()) == 1, "no session without its line"
