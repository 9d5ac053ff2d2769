"""The API under attack: forged requests, bodies that are none, and texts that would like to be something else."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from ivr.web.server import BODY_BYTES
from tests.conftest import PATIENCE_S
from tests.web.api.test_contacts_api import CHAT
from tests.web.real_house import Asker, RealSite, real_site
from tests.web.web_fakes import browser

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[RealSite]:
    async with real_site(tmp_path, key_requests_per_s=1000) as made:
        yield made


@pytest.fixture
async def shop(site: RealSite) -> AsyncIterator[Asker]:
    async with site.with_key("contacts:write", "contacts:read", "signals:write") as made:
        yield made


# -- forged


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1", "http://[", "file://"])
async def test_session_counts_only_from_our_own_pages(site: RealSite, origin: str | None) -> None:
    async with site.signed_in() as root:
        headers = {k: v for k, v in root.headers.items() if k != "Origin"} | ({"Origin": origin} if origin else {})
        for method, path in (
            ("POST", "/people"),
            ("PATCH", "/people/wei"),
            ("POST", "/keys"),
            ("DELETE", "/keys/aaaaaaaa"),
        ):
            answer = await root.send(method, path, headers, None if method == "DELETE" else {"role": "admin"})
            assert answer.status == 403, (method, path)
    assert len(await site.accounts.everybody()) == 3


@pytest.mark.parametrize("token", [None, "", "0" * 64, "ä"])
async def test_session_needs_the_token_of_its_page(site: RealSite, token: str | None) -> None:
    async with site.signed_in() as root, site.signed_in() as other:
        for wrong in (token, other.headers["X-CSRF-Token"]):
            headers = {"Origin": site.url} | ({"X-CSRF-Token": wrong} if wrong is not None else {})
            answer = await root.send("PATCH", "/people/wei", headers, {"role": "admin"})
            assert answer.status == 403
            assert "X-CSRF-Token" in (await answer.json())["detail"]
        assert (await root.ask("GET", "/people/wei", headers={"X-CSRF-Token": ""}))[1]["role"] == "agent"


async def test_key_needs_no_token_and_no_other_site_may_use_one(site: RealSite, shop: Asker) -> None:
    assert (await shop.ask("POST", "/contacts", CHAT))[0] == 201
    assert (await shop.ask("POST", "/contacts", CHAT, headers={"Origin": "https://evil.example"}))[0] == 403
    async with shop.http.options(f"{site.url}/api/v1/contacts", headers={"Origin": "https://evil.example"}) as answer:
        assert answer.status == 403
        assert not any(name.startswith("Access-Control") for name in answer.headers), "no other site is let in"


async def test_form_of_another_site_cannot_pass_for_json(site: RealSite) -> None:
    """What a page of another site could send without asking first."""
    async with site.signed_in() as root:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            answer = await root.send(
                "POST", "/people", {**root.headers, "Content-Type": kind}, data=b'{"login":"x","name":"x"}'
            )
            assert answer.status == 415, kind


# -- bodies that are none


def deep(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", JSON, 400),
        (b"{", JSON, 400),
        (b"nonsense", JSON, 400),
        (b"\xff\xfe{\x00}\x00", JSON, 400),
        (b"\xef\xbb\xbf{}", JSON, 400),
        (b"[]", JSON, 422),
        (b"null", JSON, 422),
        (b'"text"', JSON, 422),
        (b'{"at": NaN}', JSON, 400),
        (b'{"at": Infinity}', JSON, 400),
        (b'{"at": -Infinity}', JSON, 400),
        (b'{"at": 1e999}', JSON, 400),
        (b'{"at": ' + b"9" * 10_000 + b"}", JSON, 400),
        (b'{"a": 1, "a": 2}', JSON, 400),
        (b'{"a": {"b": 1, "b": 2}}', JSON, 400),
        (b'{"a": 1, "\\u0061": 2}', JSON, 400),
        (b'{"summary": "\\ud800"}', JSON, 422),
        (b'{"summary": "a\\u0000b"}', JSON, 422),
        (b'{"\\ud800": 1}', JSON, 422),
        (b'{"summary": "a\x00b"}', JSON, 400),
        (b"{'a': 1}", JSON, 400),
        (b'{"a": 1,}', JSON, 400),
        (b"{} {}", JSON, 400),
        (deep(13), JSON, 400),
        (deep(20_000), JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b'{"words": "' + b"x" * BODY_BYTES + b'"}', JSON, 413),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415),
        (b"{}", {"Content-Type": "application/json; charset=nonsense"}, 415),
        (b"{}", {"Content-Type": "text/json"}, 415),
        (b"{}", {"Content-Type": "application/problem+json"}, 415),
        (b"{}", {"Content-Type": "application/json/"}, 415),
        (gzip.compress(b"{" + b" " * 10_000_000 + b"}"), {**JSON, "Content-Encoding": "gzip"}, 415),
    ],
)  # fmt: skip
async def test_body_that_is_none_is_refused(
    site: RealSite, shop: Asker, body: bytes, headers: dict[str, str], status: int
) -> None:
    try:
        answer = await shop.send("POST", "/contacts", {**shop.headers, **headers}, data=body)
    except (ConnectionError, OSError):
        assert status == 413, "whoever sends on and on is cut off"
        return
    assert (answer.status, answer.content_type) == (status, "application/problem+json"), await answer.text()
    assert not re.search(r"Traceback|pydantic|aiohttp|/ivr/", await answer.text())


async def test_body_without_an_end_is_cut_off(site: RealSite, shop: Asker) -> None:
    async def forever() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b" " * 10_000

    try:
        answer = await shop.send("POST", "/contacts", {**shop.headers, **JSON}, data=forever())
        assert answer.status == 413
    except (ConnectionError, OSError):
        pass


async def test_where_no_body_belongs_none_is_taken(site: RealSite, shop: Asker) -> None:
    async with site.signed_in() as root:
        assert (await root.ask("DELETE", "/keys/aaaaaaaa", {"a": 1}))[0] == 400
        assert (await root.ask("GET", "/people", {"a": 1}))[0] == 400
        for query in ("?a=1", "?limit=1&limit=2", "?=x", "?cursor=%00", "?" + "a=1&" * 300):
            assert (await root.ask("GET", f"/audit{query}"))[0] == 422, query
        assert (await root.ask("GET", "/people?x=1"))[0] == 422
        assert (await root.ask("POST", "/people?x=1", {"login": "x", "name": "x"}))[0] == 422


# -- texts that would like to be something else

HOSTILE = [
    "'); DROP TABLE contacts; --",
    "' OR '1'='1",
    'Robert"); DELETE FROM audit;',
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}} ${jndi:ldap://x} %s %n {0}",
    "مرحبا \u200f עברית",
    "e\u0301\u0301\u0301\u0301 Z̸a̸l̸g̸o̸",
    "👩‍👩‍👧‍👦 𝕏 \U0010ffff",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "null",
    "\\u0000 \\x00",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_texts_are_kept_as_they_are_and_do_nothing(site: RealSite, shop: Asker, text: str) -> None:
    sent = {**CHAT, "summary": text, "words": f"{text}\n{text}\t."}
    status, made = await shop.ask("POST", "/contacts", sent)
    assert (status, made["summary"], made["words"]) == (201, text, sent["words"])
    answer = await shop.send("GET", f"/contacts/{made['id']}")
    assert await answer.json() == made
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len((await shop.ask("GET", "/customers/C1/timeline"))[1]["items"]) == 6
    async with site.signed_in() as root:
        for name in ("who", "target"):
            assert await root.ask("GET", "/audit", params={name: text}) == (200, {"items": [], "next": None})


async def test_text_that_turns_its_direction_is_kept_without_what_turns_it(shop: Asker) -> None:
    kept = (
        await shop.ask("POST", "/contacts", {**CHAT, "summary": "a\u202etxt.exe", "words": "\u2066exe\u2069.\u202egnp"})
    )[1]
    assert (kept["summary"], kept["words"]) == ("atxt.exe", "exe.gnp")


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\u2028"])
async def test_control_characters_are_refused_where_a_line_is_meant(shop: Asker, char: str) -> None:
    assert (await shop.ask("POST", "/contacts", {**CHAT, "summary": f"a{char}b"}))[0] == 422


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200f", "\ufeff", "\u061c"])
async def test_names_may_not_turn_the_text_around_them(site: RealSite, char: str) -> None:
    async with site.signed_in() as root:
        assert (await root.ask("POST", "/people", {"login": "x", "name": f"a{char}b"}))[0] == 422
        assert (await root.ask("POST", "/keys", {"name": f"a{char}b", "scopes": ["reports:read"]}))[0] == 422


@pytest.mark.parametrize(
    "path",
    [
        "/contacts/..%2f..%2fetc%2fpasswd", "/contacts/%2e%2e", "/contacts/%00", "/contacts/a%0d%0aSet-Cookie:x",
        "/contacts/" + "a" * 65, "/contacts/%F0%9F%92%A9", "/contacts/%ff", "/contacts/'%20OR%201=1",
        "/customers/%2e%2e%2fC1/timeline", "/contacts/", "/contacts", "/contacts/call-1/", "/contacts//call-1",
        "/contacts/call-1;x=1", "//contacts/call-1", "/../v1/contacts/call-1%00",
    ],
)  # fmt: skip
async def test_path_leads_nowhere_else(site: RealSite, path: str) -> None:
    """A socket: a client would tidy the path."""
    _, text = await site.make_key("contacts:read")
    answer = await raw(
        site,
        f"GET /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {text}\r\nConnection: close\r\n\r\n",
    )
    assert re.match(rb"HTTP/1.1 (400|404|405|422) ", answer), answer[:200]
    assert b"root:" not in answer and b"Set-Cookie" not in answer


async def raw(site: RealSite, request: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.url.rsplit(":", 1)[1]))
    writer.write(request.encode("latin-1"))
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    return answer


# -- headers that play tricks


async def test_headers_cannot_pretend(site: RealSite) -> None:
    _, text = await site.make_key()
    tricks = {
        "X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/admin", "X-Rewrite-URL": "/admin", "X-Forwarded-User": "root",
        "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "127.0.0.1", "X-Remote-User": "root",
    }  # fmt: skip
    async with browser() as http:
        assert (await Asker(http, site.url, tricks).ask("GET", "/people"))[0] == 401
        assert (await Asker(http, site.url, {**tricks, "Authorization": f"Bearer {text}"}).ask("GET", "/people"))[
            0
        ] == 403
    async with site.signed_in("wei") as wei:
        assert (await wei.ask("GET", "/people", headers=tricks))[0] == 403


async def test_two_lengths_or_two_framings_are_no_request(site: RealSite) -> None:
    _, text = await site.make_key("contacts:write")
    start = f"POST /api/v1/contacts HTTP/1.1\r\nHost: [::1]\r\nAuthorization: Bearer {text}\r\nContent-Type: application/json\r\n"
    for framing in (
        "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n",
        "Content-Length: -1\r\n\r\n{}",
        "Content-Length : 2\r\n\r\n{}",
    ):
        answer = await raw(site, start + framing + "\r\n\r\n")
        assert re.match(rb"HTTP/1.[01] 400 ", answer), (framing, answer[:100])
        assert len(re.findall(rb"HTTP/1\.", answer)) == 1, "and nothing is taken for a second one"


async def test_header_with_a_key_that_is_too_long_or_binary_is_refused(site: RealSite) -> None:
    for value in ("x" * 7000, "\xe9\xff", "ivr_" + "\x7f" * 50):
        answer = await raw(
            site,
            f"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {value}\r\nConnection: close\r\n\r\n",
        )
        assert re.match(rb"HTTP/1.[01] (400|401|431) ", answer), answer[:100]


async def test_problem_is_one_for_every_kind_of_refusal(site: RealSite, shop: Asker) -> None:
    async with browser() as stranger, site.signed_in("wei") as wei:
        asked: list[tuple[ClientSession, dict[str, str], str, str, int]] = [
            (stranger, {}, "GET", "/me", 401), (wei.http, wei.headers, "GET", "/people", 403),
            (wei.http, wei.headers, "GET", "/no", 404), (wei.http, wei.headers, "PUT", "/me", 405),
            (shop.http, shop.headers, "GET", "/me", 403),
        ]  # fmt: skip
        for http, headers, method, path, status in asked:
            for language, other in (("en", "zh"), ("zh", "en")):
                asker = Asker(http, site.url, {**headers, "Accept-Language": language})
                answer = await asker.send(method, path)
                problem: dict[str, Any] = json.loads(await answer.text())
                assert (answer.status, answer.content_type) == (status, "application/problem+json")
                assert answer.headers["Content-Language"] == language
                assert problem["status"] == status and problem["title"] == problem["texts"]["title"][language]
                assert problem["title"] != problem["texts"]["title"][other]
                assert answer.headers["Cache-Control"] == "no-store"


async def test_database_that_is_away_is_told_as_such(site: RealSite, shop: Asker) -> None:
    """A sender may then simply send again."""

    def away(*_: Any) -> Any:
        raise ConnectionError("postgresql://ivr@10.0.0.7: refused")

    site.store.begin = away  # type: ignore[method-assign]
    answer = await shop.send("POST", "/contacts", body=CHAT)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "10.0.0.7" not in await answer.text() and "nothing was done" in await answer.text()
