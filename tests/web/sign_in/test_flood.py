"""A flood of sign-ins: who works here gets in all the same, and nobody keeps a named person out from elsewhere."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import ClientSession

from ivr.calls.people.accounts import Account
from ivr.web.guard.known_browsers import KNOWN_S, MOST, KnownBrowsers
from ivr.web.guard.passwords import NICE, Busy, Passwords
from tests.conftest import PATIENCE_S
from tests.web.web_fakes import PASSWORD, Clock, Site, browser, hashed, serving

HOME, ELSEWHERE = "192.0.2.7", "198.51.100.{}"
WEI = Account("wei", "$argon2id$one")


@asynccontextmanager
async def behind_a_proxy(**settings: float) -> AsyncIterator[Site]:
    async with serving(trust_forwarded_for=True, named_pause_s=0.0, **settings) as site:
        yield site


async def attempt(site: Site, http: ClientSession, password: str, network: str, login: str = "wei") -> int:
    return (await site.try_sign_in(http, login, password, **{"X-Forwarded-For": network})).status


async def guess(site: Site, network: str, times: int, login: str = "wei") -> list[int]:
    async with browser() as http:
        return [await attempt(site, http, "wrong", network, login) for _ in range(times)]


# -- nobody is locked out


async def test_named_person_is_not_kept_out_from_elsewhere() -> None:
    async with behind_a_proxy() as site, browser() as fresh:
        for number in range(20):
            assert 401 in await guess(site, ELSEWHERE.format(number), 7)
        assert await attempt(site, fresh, PASSWORD, HOME) == 303, "in a browser that we do not know"


async def test_known_browser_gets_in_whatever_comes_from_its_own_network() -> None:
    async with behind_a_proxy() as site, browser() as mine, browser() as fresh:
        assert await attempt(site, mine, PASSWORD, HOME) == 303
        assert (await guess(site, HOME, 8))[-1] == 429
        for number in range(8):
            await guess(site, HOME, 5, f"guess-{number}")
        assert await attempt(site, fresh, PASSWORD, HOME) == 429, "the network itself must wait"
        mine.cookie_jar.clear(lambda cookie: cookie.key == "ivr_session")
        assert await attempt(site, mine, PASSWORD, HOME) == 303
        mine.cookie_jar.clear(lambda cookie: cookie.key == "ivr_session")
        assert await attempt(site, mine, PASSWORD, HOME, "ana") == 429, "known for one person is not known for all"


async def test_known_browser_has_limits_of_its_own() -> None:
    async with behind_a_proxy() as site, browser() as mine:
        assert await attempt(site, mine, PASSWORD, HOME) == 303
        mine.cookie_jar.clear(lambda cookie: cookie.key == "ivr_session")
        tries = [await attempt(site, mine, "wrong", ELSEWHERE.format(number)) for number in range(6)]
        assert tries == [401] * 5 + [429], "wherever it is carried"
        async with browser() as fresh:
            assert await attempt(site, fresh, PASSWORD, HOME) == 303, "and they are no business of others"


async def test_many_guesses_at_a_name_are_slowed_and_none_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(trust_forwarded_for=True, max_attempts_per_address=3, named_pause_s=0.2) as site:
        for number in range(3):
            await guess(site, ELSEWHERE.format(number), 1)
        async with browser() as fresh:
            token, began = await site.token(fresh), asyncio.get_running_loop().time()
            form = {"login": "wei", "password": PASSWORD, "csrf": token}
            answer = await site.post(fresh, "/sign-in", form, **{"X-Forwarded-For": HOME})
        assert answer.status == 303 and asyncio.get_running_loop().time() - began >= 0.2


async def test_known_browser_gets_in_while_strangers_fill_the_queue() -> None:
    async with behind_a_proxy(max_attempts=100) as site, browser() as mine:
        assert await attempt(site, mine, PASSWORD, HOME) == 303
        slow = site.accounts.by_login["wei"].password_hash
        mine.cookie_jar.clear(lambda cookie: cookie.key == "ivr_session")
        token = await site.token(mine)
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as flood:
            form = {"login": "wei", "password": "wrong", "csrf": await site.token(flood)}
            guesses = [
                asyncio.create_task(site.post(flood, "/sign-in", form, **{"X-Forwarded-For": ELSEWHERE.format(number % 50)}))
                for number in range(300)
            ]  # fmt: skip
            right = {"login": "wei", "password": PASSWORD, "csrf": token}
            assert (await site.post(mine, "/sign-in", right, **{"X-Forwarded-For": HOME})).status == 303
            answers = await asyncio.gather(*guesses)
        said = {answer.status for answer in answers}
        assert said <= {401, 429, 503} and 503 in said
        busy = next(answer for answer in answers if answer.status == 503)
        assert busy.headers["Retry-After"] == "2" and "Please try again in a moment" in await busy.text()
        assert site.accounts.by_login["wei"].password_hash == slow


# -- the cookie


async def test_cookie_is_closed_and_lasts_a_month() -> None:
    async with serving() as site, browser() as http:
        answer = await site.try_sign_in(http)
        (line,) = [line for line in answer.headers.getall("Set-Cookie") if line.startswith("ivr_known=")]
        assert (
            all(part in line for part in ("HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={KNOWN_S}"))
            and "wei" not in line
        )


def test_browser_is_known_for_its_person_their_password_and_a_month() -> None:
    clock = Clock()
    browsers = KnownBrowsers(b"k" * 32, clock)
    cookie = browsers.add("", WEI)
    assert browsers.find(cookie, "wei", WEI)
    assert KnownBrowsers(b"k" * 32, clock).find(cookie, "wei", WEI), "after a restart, too"
    for other, login, account in (
        (browsers, "ana", WEI),
        (browsers, "wei", None),
        (browsers, "wei", replace(WEI, password_hash="$argon2id$two")),
        (KnownBrowsers(b"l" * 32, clock), "wei", WEI),
    ):
        assert other.find(cookie, login, account) is None
    for at in range(len(cookie)):
        changed = cookie[:at] + ("B" if cookie[at] != "B" else "C") + cookie[at + 1 :]
        assert browsers.signed(changed, "wei") is None, at
    clock.now += KNOWN_S + 1
    assert browsers.find(cookie, "wei", WEI) is None
    clock.now -= KNOWN_S + 3600
    assert browsers.find(cookie, "wei", WEI) is None, "nor from the future"


def test_people_share_a_browser_and_the_cookie_stays_short() -> None:
    browsers, cookie = KnownBrowsers(b"k" * 32, Clock()), ""
    people = [Account(f"p{number}", hashed("x")) for number in range(MOST + 2)]
    for who in (*people, people[-1]):
        cookie = browsers.add(cookie, who)
    known = [who.login for who in people if browsers.find(cookie, who.login, who)]
    assert known == [f"p{number}" for number in range(2, MOST + 2)] and len(cookie) < 1024
    assert browsers.add("x" * 5000, people[0]).count("~") == 0


# -- the threads


async def test_threads_stand_back_behind_calls_and_lanes_are_apart() -> None:
    gate, seen = threading.Event(), dict[str, int]()

    class Slow:
        def hash(self, password: str) -> str:
            return password

        def verify(self, kept: str, password: str) -> bool:
            seen[threading.current_thread().name] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
            if kept != "known":
                gate.wait(PATIENCE_S)
            return True

    passwords = Passwords(Slow())  # type: ignore[arg-type]
    try:
        waiting = [asyncio.create_task(passwords.check(None, "x", f"net {number // 8}")) for number in range(24)]
        await asyncio.sleep(0)
        for network in ("net 0", "another"):
            with pytest.raises(Busy):
                await passwords.check(None, "x", network)
        assert await passwords.check(Account("wei", "known"), "x"), "people whom we know do not stand behind strangers"
        waiting[0].cancel()
        gate.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert await passwords.check(None, "x", "another") is False, "there is room again"
    finally:
        gate.set()
        passwords.close()
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert len(seen) == 2 and set(seen.values()) == {max(before, NICE)}
