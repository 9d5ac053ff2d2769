"""API keys: made once, shown once, and closed at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from ivr.calls.people.api_keys import Scope
from ivr.web.guard.key_text import digest, new_key, split
from ivr.web.guard.rate_limits import REMEMBERED, Paces
from tests.web.real_house import Asker, RealSite, real_site
from tests.web.web_fakes import Clock, browser


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[RealSite]:
    async with real_site(tmp_path) as made:
        yield made


async def make(root: Asker, **changes: object) -> dict[str, str]:
    status, made = await root.ask("POST", "/keys", {"name": "Web shop", "scopes": ["contacts:read"], **changes})
    assert status == 201, made
    result: dict[str, str] = made
    return result


def with_key(site: RealSite, http: object, text: str) -> Asker:
    return Asker(http, site.url, {"Authorization": f"Bearer {text}"})  # type: ignore[arg-type]


async def test_key_is_shown_once_and_kept_as_a_digest(site: RealSite) -> None:
    async with site.signed_in() as root, browser() as http:
        made = await make(root)
        number, secret = split(made["key"])
        assert made["key"].startswith(f"ivr_{made['id']}_") and number == made["id"] and len(secret) == 43
        kept = await site.keys.find(made["id"])
        assert kept and kept.digest == digest(secret)
        _, listed = await root.ask("GET", "/keys")
        assert secret not in str(listed) and kept.digest not in str(listed)
        assert listed["items"][0]["state"] == "open" and listed["items"][0]["created_by"] == "root"
        assert secret not in str(await site.trail())
        assert (await with_key(site, http, made["key"]).ask("GET", "/contacts/call-1"))[0] == 200


async def test_revoked_key_opens_nothing_from_that_moment_on(site: RealSite) -> None:
    async with site.signed_in() as root, browser() as http:
        made = await make(root)
        asker = with_key(site, http, made["key"])
        assert (await asker.ask("GET", "/contacts/call-1"))[0] == 200
        assert (await root.ask("DELETE", f"/keys/{made['id']}"))[0] == 204
        answer = await asker.send("GET", "/contacts/call-1")
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
        assert (await root.ask("DELETE", f"/keys/{made['id']}"))[0] == 204, "twice is no mistake"
        assert (await root.ask("DELETE", "/keys/aaaaaaaa"))[0] == 404
        assert (await root.ask("GET", "/keys"))[1]["items"][0]["state"] == "revoked"
        assert [entry.what for entry in await site.trail("key")] == ["key.revoked", "key.added"]


async def test_key_expires(site: RealSite) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    async with site.with_key("contacts:read", expires_at=past) as asker, site.signed_in() as root:
        assert (await asker.ask("GET", "/contacts/call-1"))[0] == 401
        assert (await root.ask("GET", "/keys"))[1]["items"][0]["state"] == "expired"
        soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        assert (await make(root, expires_at=soon))["expires_at"]
        for wrong in ("2020-01-01T00:00:00Z", "2126-01-01T00:00:00Z", "tomorrow", "2027-01-01T00:00:00", 1893456000):
            status, problem = await root.ask(
                "POST", "/keys", {"name": "x", "scopes": ["contacts:read"], "expires_at": wrong}
            )
            assert (status, problem["errors"][0]["pointer"]) == (422, "#/expires_at"), wrong
        everything = list(get_args(Scope))
        assert (await root.ask("POST", "/keys", {"name": "all", "scopes": everything}))[0] == 201
        assert (await root.ask("POST", "/keys", {"name": "all", "scopes": [*everything, everything[0]]}))[0] == 422
        for scopes in ([], ["everything"], "contacts:read", None):
            assert (await root.ask("POST", "/keys", {"name": "x", "scopes": scopes}))[0] == 422


def _spoilt(text: str) -> list[str]:
    number, secret = split(text)
    return [
        "", "x", text[:-1], text + "x", text.upper(), f"ivr_{number}_{'A' * 43}", f"ivr_{'a' * 8}_{secret}", secret,
        f"ivr_{number}_{digest(secret)[:43]}", text + "\u00e9", "' OR '1'='1", "ivr__", f"ivr_{number}_",
    ]  # fmt: skip


async def test_what_is_nearly_a_key_is_none(site: RealSite) -> None:
    _, text = await site.make_key("contacts:read")
    async with browser() as http:
        for wrong in _spoilt(text):
            headers = {"Authorization": f"Bearer {wrong}"}
            status, problem = await Asker(http, site.url, headers).ask("GET", "/contacts/call-1")
            assert status == 401, wrong
            assert problem["detail"] == "This API key does not open anything: unknown, expired or revoked."
        for other in ("Basic dTpw", f"Token {text}", text):
            assert (await Asker(http, site.url, {"Authorization": other}).ask("GET", "/me"))[0] == 401


async def test_address_that_tries_too_many_wrong_keys_must_wait(tmp_path: Path) -> None:
    async with real_site(tmp_path, max_attempts_per_address=3) as site, browser() as http:
        _, text = await site.make_key("contacts:read")
        right, wrong = with_key(site, http, text), with_key(site, http, new_key()[2])
        for _ in range(20):
            assert (await right.ask("GET", "/contacts/call-1"))[0] == 200, "right ones never count"
        assert [(await wrong.ask("GET", "/me"))[0] for _ in range(4)] == [401, 401, 401, 429]
        answer = await right.send("GET", "/contacts/call-1")
        assert (answer.status, answer.headers["Retry-After"]) == (429, "900")
        site.clock.now += 900
        assert (await right.ask("GET", "/contacts/call-1"))[0] == 200


async def test_key_that_asks_too_often_must_wait_and_others_need_not(tmp_path: Path) -> None:
    async with (
        real_site(tmp_path, key_requests_per_s=5) as site, site.with_key("contacts:read") as eager,
        site.with_key("contacts:read") as other,
    ):  # fmt: skip
        answers = await asyncio.gather(*(eager.send("GET", "/contacts/call-1") for _ in range(14)))
        assert sorted(answer.status for answer in answers) == [200] * 10 + [429] * 4
        assert {answer.headers["Retry-After"] for answer in answers if answer.status == 429} == {"1"}
        assert (await other.ask("GET", "/contacts/call-1"))[0] == 200
        site.clock.now += 1
        assert (await eager.ask("GET", "/contacts/call-1"))[0] == 200


def test_paces_are_kept_in_bounded_memory() -> None:
    paces = Paces(1, Clock())
    for number in range(REMEMBERED + 10):
        assert paces.wait_s(str(number)) == 0
    assert len(paces._by_key) == REMEMBERED


async def test_session_and_key_together_are_refused(site: RealSite) -> None:
    _, text = await site.make_key("contacts:read")
    async with site.signed_in("sue") as sue:
        both = {**sue.headers, "Authorization": f"Bearer {text}"}
        status, problem = await sue.ask("GET", "/contacts/call-1", headers=both)
        assert (status, problem["detail"]) == (400, "Send a session's cookie or an API key, not both.")
        # a proxy's own way to authorize is none of ours
        assert (await sue.ask("GET", "/contacts/call-1", headers={"Authorization": "Basic dTpw"}))[0] == 200
    async with browser() as http:
        twice = [("Authorization", f"Bearer {text}"), ("Authorization", f"Bearer {text}")]
        async with http.get(f"{site.url}/api/v1/contacts/call-1", headers=twice) as answer:
            assert answer.status == 400


async def test_keys_open_no_page(site: RealSite) -> None:
    async with site.with_key("contacts:read") as asker:
        for path in ("/", "/admin", "/account", "/ws"):
            headers = {**asker.headers, "Accept": "text/html"}
            async with asker.http.get(site.url + path, headers=headers, allow_redirects=False) as answer:
                assert answer.status == 403, path


async def test_last_use_is_known_to_the_hour_and_written_once(site: RealSite) -> None:
    number, text = await site.make_key("contacts:read")
    async with browser() as http:
        for _ in range(3):
            await with_key(site, http, text).ask("GET", "/contacts/call-1")
    found = await site.keys.find(number)
    assert found and found.used_at
    assert (found.used_at.minute, found.used_at.second) == (0, 0)
    assert timedelta(0) <= datetime.now(UTC) - found.used_at < timedelta(hours=1)
