"""Signing in at a provider, from our door and back, against a real one on another port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from playwright.async_api import expect

from ivr.adapters.oidc import OidcProvider
from ivr.calls.people.refusals import WRITTEN
from ivr.calls.people.single_sign_on import SsoRules
from ivr.lab.ports import free_port
from ivr.web.sign_in.oidc import AWAY_S, BACK, Trips
from tests.browser import chromium
from tests.conftest import RealParts
from tests.oidc_provider import CLIENT, SECRET, SmallProvider, providing
from tests.web.real_house import RealSite, real_site
from tests.web.web_fakes import Clock, browser

RULES = SsoRules()


@asynccontextmanager
async def both(
    folder: Path, host: str = "127.0.0.1", rules: SsoRules = RULES
) -> AsyncIterator[tuple[RealSite, SmallProvider]]:
    """Our server and a provider that knows it."""
    port = free_port()
    back = f"http://127.0.0.1:{port}{BACK}"
    async with providing(host) as small:
        small.redirects = [back]
        ours = OidcProvider(small.issuer, CLIENT, SECRET, back, ("openid", "email"))
        try:
            async with real_site(folder, port=port, provider=ours, rules=rules, sign_on_name="House ID") as site:
                yield site, small
        finally:
            await ours.close()


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[RealSite, SmallProvider]]:
    async with both(tmp_path) as made:
        yield made


async def leave(http: ClientSession, site: RealSite) -> str:
    """Click the button; where the browser is sent."""
    async with http.get(f"{site.url}/sign-in/oidc", allow_redirects=False) as answer:
        assert answer.status == 303
        return answer.headers["Location"]


async def at_the_provider(http: ClientSession, address: str) -> str:
    """Sign in there; where the browser is sent back to."""
    async with http.get(address, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        return answer.headers["Location"]


async def come_back(http: ClientSession, address: str) -> tuple[int, str]:
    async with http.get(address, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def is_in(http: ClientSession, site: RealSite) -> str | None:
    async with http.get(f"{site.url}/api/v1/me") as answer:
        return (await answer.json())["login"] if answer.status == 200 else None


async def test_person_comes_in_and_the_trail_says_how(pair: tuple[RealSite, SmallProvider]) -> None:
    site, small = pair
    async with browser() as http:
        status, page = await come_back(http, await at_the_provider(http, await leave(http, site)))
        assert status == 200 and 'content="0; url=/"' in page
        assert await is_in(http, site) == "sue"
    found = await site.accounts.account("sue")
    assert found and found.subject == f"{small.issuer} u-1"
    entries = await site.trail(limit=2)
    assert [(entry.what, entry.by.who) for entry in entries] == [("sign_in", "sue"), ("person.changed", "sue")]
    assert entries[0].detail == {"how": "oidc"} and entries[1].detail == {"linked": [False, True]}


async def test_door_offers_it_only_where_there_is_a_provider(
    pair: tuple[RealSite, SmallProvider], tmp_path: Path
) -> None:
    site, _ = pair
    async with browser() as http, http.get(f"{site.url}/sign-in") as page:
        text = await page.text()
        assert "Sign in with House ID" in text and "使用 House ID 登录" in text
    (tmp_path / "other").mkdir()
    async with real_site(tmp_path / "other") as without, browser() as http:
        async with http.get(f"{without.url}/sign-in") as page:
            assert 'class="elsewhere" data-name=""' in await page.text()
        async with http.get(f"{without.url}/sign-in/oidc") as answer:
            assert answer.status == 401, "there is no such address"


async def test_answer_counts_in_the_browser_that_asked_only(pair: tuple[RealSite, SmallProvider]) -> None:
    """Somebody who sends a link of theirs cannot have others signed in as themselves, nor take what is others'."""
    site, _ = pair
    async with browser() as mine, browser() as yours, browser() as fresh:
        address = await at_the_provider(mine, await leave(mine, site))
        await leave(yours, site)
        for http in (yours, fresh):
            status, page = await come_back(http, address)
            assert status == 401 and "did not work" in page and await is_in(http, site) is None
        assert (await come_back(mine, address))[0] == 200


async def test_answer_counts_once(pair: tuple[RealSite, SmallProvider]) -> None:
    site, _ = pair
    async with browser() as http:
        address = await at_the_provider(http, await leave(http, site))
        kept = {c.key: c.value for c in http.cookie_jar}["ivr_trip"]
        assert (await come_back(http, address))[0] == 200
        assert (await come_back(http, address))[0] == 401, "its cookie is gone"
        async with http.get(address, headers={"Cookie": f"ivr_trip={kept}"}, allow_redirects=False) as answer:
            assert answer.status == 401, "and worth nothing"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=x",
        "?state=",
        "?code=x&state=" + "x" * 43,
        "?error=access_denied",
        "?state=%00",
        "?code=a&code=b&state=x",
        "?state=é",
    ],
)
async def test_answer_out_of_nowhere_is_refused(pair: tuple[RealSite, SmallProvider], query: str) -> None:
    site, small = pair
    async with browser() as http:
        for _ in range(2):
            status, page = await come_back(http, f"{site.url}{BACK}{query}")
            assert status == 401 and "did not work" in page
            await leave(http, site)
    assert "/token" not in small.asked, "the provider is not even asked"
    assert (await site.trail(limit=1))[0].what == "refused: sign_in"


async def test_parameter_that_comes_twice_is_refused(pair: tuple[RealSite, SmallProvider]) -> None:
    site, _ = pair
    async with browser() as http:
        address = await at_the_provider(http, await leave(http, site))
        assert (await come_back(http, f"{address}&code=other"))[0] == 401


@pytest.mark.parametrize(
    "change",
    [
        lambda small: small.user.update(preferred_username="nobody"),
        lambda small: small.user.update(nonce="x" * 43),
        lambda small: setattr(small, "answer", lambda query: query.update(iss="https://evil.example")),
        lambda small: setattr(small, "answer", lambda query: query.pop("code")),
        lambda small: setattr(small, "answer", lambda query: query.update(state="x" * 43)),
        lambda small: small.broken.update({"/token": None}),
    ],
)  # fmt: skip
async def test_who_is_not_let_in_is_told_so_and_nothing_more(
    pair: tuple[RealSite, SmallProvider], change: object
) -> None:
    site, small = pair
    change(small)  # type: ignore[operator]
    async with browser() as http:
        status, page = await come_back(http, await at_the_provider(http, await leave(http, site)))
        assert status == 401 and await is_in(http, site) is None
        assert ("did not work" in page) != ("You are not known here" in page)
        assert SECRET not in page and small.issuer not in page


async def test_person_who_was_in_is_somebody_else_afterwards(pair: tuple[RealSite, SmallProvider]) -> None:
    site, _ = pair
    async with site.signed_in("wei") as wei:
        before = {c.key: c.value for c in wei.http.cookie_jar}["ivr_session"]
        await come_back(wei.http, await at_the_provider(wei.http, await leave(wei.http, site)))
        assert await is_in(wei.http, site) == "sue"
        async with (
            browser() as http,
            http.get(f"{site.url}/api/v1/me", headers={"Cookie": f"ivr_session={before}"}) as answer,
        ):
            assert answer.status == 401


async def test_nobody_is_sent_anywhere_but_home(pair: tuple[RealSite, SmallProvider]) -> None:
    site, small = pair
    async with browser() as http:
        for wish in ("?next=https://evil.example", "?redirect_uri=https://evil.example", "?state=x"):
            async with http.get(f"{site.url}/sign-in/oidc{wish}", allow_redirects=False) as answer:
                assert answer.headers["Location"].startswith(f"{small.issuer}/authorize?")
                assert "evil" not in answer.headers["Location"]
        address = await at_the_provider(http, await leave(http, site))
        status, page = await come_back(http, f"{address}&next=https://evil.example&url=//evil.example")
        assert status == 200 and "evil" not in page


async def test_host_that_a_stranger_writes_is_not_where_people_are_sent(pair: tuple[RealSite, SmallProvider]) -> None:
    site, _ = pair
    async with browser() as http:
        async with http.get(
            f"{site.url}/sign-in/oidc", headers={"Host": "evil.example"}, allow_redirects=False
        ) as answer:
            assert answer.status == 421
        headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
        async with http.get(f"{site.url}/sign-in/oidc", headers=headers, allow_redirects=False) as answer:
            assert "evil" not in answer.headers["Location"]
            assert urlsplit(site.url).netloc.replace(":", "%3A") in answer.headers["Location"]


async def test_who_comes_back_in_vain_too_often_must_wait(tmp_path: Path) -> None:
    async with both(tmp_path) as (site, small), browser() as http:
        for _ in range(30):
            assert (await come_back(http, f"{site.url}{BACK}?code=x&state=y"))[0] == 401
        status, page = await come_back(http, await at_the_provider(http, await leave(http, site)))
        assert status == 429 and "Too many attempts" in page and "/token" not in small.asked
        assert len(await site.trail("refused")) == WRITTEN + 1, "nobody fills the trail at will"


async def test_provider_that_is_away_leaves_the_password(pair: tuple[RealSite, SmallProvider]) -> None:
    site, small = pair
    small.broken["/.well-known/openid-configuration"] = None
    async with browser() as http:
        async with http.get(f"{site.url}/sign-in/oidc", allow_redirects=False) as answer:
            assert answer.status == 503 and "Use your password" in await answer.text()
        await site.sign_in(http, "sue")


async def test_new_ones_come_in_where_that_is_wanted(tmp_path: Path) -> None:
    async with both(tmp_path, rules=SsoRules(create=True)) as (site, small), browser() as http:
        small.user = {"sub": "u-9", "preferred_username": "eve", "name": "<b>Eve</b>"}
        await come_back(http, await at_the_provider(http, await leave(http, site)))
        assert await is_in(http, site) == "eve"
        async with http.get(f"{site.url}/", allow_redirects=False) as answer:
            assert answer.headers["Location"] == "/account"
        [added] = [entry for entry in await site.trail("person") if entry.target == "eve"]
        assert (added.what, added.by.who) == ("person.added", "eve")


def test_trip_is_over_after_a_while() -> None:
    clock = Clock()
    trips = Trips(clock)
    cookie, trip = trips.begin()
    other, _ = trips.begin()
    assert trips.end(other, trip.state) is None and trips.end(cookie, "x") is None
    assert len({trip.state, trip.nonce, trip.verifier, trip.challenge}) == 4 and len(trip.verifier) == 43
    later, late = trips.begin()
    clock.now += AWAY_S
    assert trips.end(cookie, trip.state) == trip and trips.end(cookie, trip.state) is None
    clock.now += 1
    assert trips.end(later, late.state) is None
    forged = cookie.replace(cookie.split(".")[0], str(int(clock.now)))
    assert trips.end(forged, trip.state) is None, "the time is part of what is signed"
    for wrong in ("", ".", "x.y", "9" * 200, "-1.x", "١.x"):
        assert trips.end(wrong, trip.state) is None
    assert Trips(clock).end(cookie, trip.state) is None, "another process"


async def test_real_browser_comes_home_from_another_site(tmp_path: Path, real_parts: RealParts) -> None:
    """Browsers hold cookies back that are for our own pages when somebody comes from elsewhere: the page between helps."""
    async with both(tmp_path, host="localhost") as (site, small), chromium(real_parts) as chrome:
        small.user["preferred_username"], small.asks = "wei", True
        page = await (await chrome.new_context(locale="en-GB")).new_page()
        await page.goto(f"{site.url}/")
        await expect(page.get_by_role("link", name="Sign in with House ID")).to_be_visible()
        await page.get_by_role("link", name="Sign in with House ID").click()
        await page.get_by_role("button", name="Let me in").click()
        await page.wait_for_selector(".idle, .card")
        assert urlsplit(page.url).path == "/"
        cookies = {cookie["name"]: cookie for cookie in await page.context.cookies()}
        assert cookies["ivr_session"]["sameSite"] == "Strict" and "ivr_trip" not in cookies
