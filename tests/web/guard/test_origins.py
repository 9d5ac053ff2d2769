"""Under which names we are reached, which pages are ours: and DNS rebinding, with a real browser's requests."""

from __future__ import annotations

import re
import socket
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from structlog.testing import capture_logs

from ivr.web.guard.origins import Origins
from ivr.web.settings import WebSettings
from tests.web.web_fakes import PASSWORD, browser, serving

MINE = socket.gethostname()
TRIAL = WebSettings(secure_cookies=False)
NAMED = WebSettings(secure_cookies=False, hosts=("desk.example.com",))
TLS = WebSettings(secure_cookies=True)
BOTH = WebSettings(secure_cookies=True, hosts=("desk.example.com",))


def asked(**headers: str) -> Any:
    return make_mocked_request("POST", "/", headers=headers)


@pytest.mark.parametrize(
    ("settings", "host", "ours"),
    [
        (TRIAL, "localhost:8080", True), (TRIAL, "LOCALHOST", True), (TRIAL, "localhost.", True), (TRIAL, "127.0.0.1:8080", True),
        (TRIAL, "[::1]:8080", True), (TRIAL, "192.0.2.1:8080", True), (TRIAL, MINE, True), (TRIAL, f"{MINE}.local:1", True),
        (TRIAL, "rebind.evil.example:8080", False), (TRIAL, "localhost.evil.example", False), (TRIAL, "127.0.0.1.nip.io", False),
        (TRIAL, "desk.example.com", False), (TRIAL, "", False), (TRIAL, "x@localhost", False), (TRIAL, "[::1", False),
        (TRIAL, "localhost:port", False), (TRIAL, "2130706433", False), (TRIAL, "localhost/..", True), (TRIAL, "0x7f.1", False),
        (NAMED, "desk.example.com", True), (NAMED, "Desk.Example.com:8443", True), (NAMED, "localhost", True),
        (NAMED, "192.0.2.1", True), (NAMED, "example.com", False), (NAMED, "x.desk.example.com", False),
        (NAMED, "evil.example", False),
        (TLS, "desk.example.com", True), (TLS, "any.example", True),
        (BOTH, "desk.example.com", True), (BOTH, "any.example", False),
    ],
)  # fmt: skip
def test_name_that_is_asked_for(settings: WebSettings, host: str, ours: bool) -> None:
    assert Origins(settings).ours(asked(Host=host)) == ours


def test_program_that_names_no_host_is_let_in_and_one_that_names_two_is_not() -> None:
    for settings in (TRIAL, TLS, BOTH):
        assert Origins(settings).ours(make_mocked_request("GET", "/", headers={}))
        twice = make_mocked_request("GET", "/", headers={"Host": "localhost", "host": "evil.example"})
        if len(twice.headers.getall("Host")) == 2:
            assert not Origins(settings).ours(twice)


@pytest.mark.parametrize(
    ("settings", "host", "origin", "same"),
    [
        (TRIAL, "localhost:8080", "http://localhost:8080", True), (TRIAL, "localhost", "http://localhost", True),
        (TRIAL, "localhost:80", "http://localhost", True), (TRIAL, "LocalHost:8080", "http://localhost:8080", True),
        (TRIAL, "[::1]:8080", "http://[::1]:8080", True),
        (TRIAL, "localhost:8080", "https://localhost:8080", False), (TRIAL, "localhost:8080", "http://localhost", False),
        (TRIAL, "localhost:8080", "http://localhost:8081", False), (TRIAL, "localhost:8080", "http://127.0.0.1:8080", False),
        (TRIAL, "localhost", "ftp://localhost", False), (TRIAL, "localhost", "null", False), (TRIAL, "localhost", "", False),
        (TRIAL, "localhost", "http://[", False), (TRIAL, "localhost", "http://evil@localhost", False),
        (TRIAL, "localhost", "http://localhost/path", False), (TRIAL, "", "http://", False), (TRIAL, "", "", False),
        (TLS, "desk.example.com", "https://desk.example.com", True),
        (TLS, "desk.example.com:8443", "https://desk.example.com:8443", True),
        (TLS, "desk.example.com", "https://desk.example.com:443", True),
        (TLS, "desk.example.com", "http://desk.example.com", False),
        (TLS, "desk.example.com", "https://desk.example.com.evil.example", False), (TLS, "a.example", "https://b.example", False),
    ],
)  # fmt: skip
def test_page_that_asks(settings: WebSettings, host: str, origin: str, same: bool) -> None:
    assert Origins(settings).same(asked(Host=host, Origin=origin)) == same


def test_log_tells_a_foreign_name_once_and_not_without_end() -> None:
    origins = Origins(TRIAL)
    with capture_logs() as lines:
        for number in range(500):
            origins.ours(asked(Host=f"{number // 2}.evil.example"))
    assert len(lines) == 64 and lines[0]["host"] == "0.evil.example"


async def test_name_that_is_bent_to_our_address_gets_nothing() -> None:
    """DNS rebinding: the page's own name leads to us, and to the browser it is the page's own server."""
    async with serving() as site:
        port = int(site.url.rsplit(":", 1)[1])

        class Bent(aiohttp.resolver.AbstractResolver):
            async def resolve(self, host: str, port: int = 0, family: int = 0) -> Any:
                return [
                    {
                        "hostname": host,
                        "host": "127.0.0.1",
                        "port": port,
                        "family": socket.AF_INET,
                        "proto": 0,
                        "flags": 0,
                    }
                ]

            async def close(self) -> None:
                pass

        evil = f"http://rebind.evil.example:{port}"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Bent())) as page:
            for path in ("/", "/sign-in", "/health", "/static/shared/dom.js", "/api/v1/me", "/nothing"):
                async with page.get(evil + path) as answer:
                    assert answer.status == 421, path
                    assert "[web] hosts" in await answer.text() and "Set-Cookie" not in answer.headers
            async with page.get(evil + "/sign-in", headers={"Host": f"localhost:{port}"}) as known:
                found = re.search(r'name="csrf" value="(\w+)"', await known.text())
                cookie = known.cookies["ivr_form"].value
            assert found
            form = {"login": "wei", "password": PASSWORD, "csrf": found[1]}
            headers = {"Origin": evil, "Cookie": f"ivr_form={cookie}"}
            async with page.post(evil + "/sign-in", data=form, headers=headers) as answer:
                assert answer.status == 421
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await page.ws_connect(f"{evil}/ws", origin=evil)
            assert refused.value.status == 421
        assert site.accounts.asked == []


async def test_socket_and_form_of_another_scheme_or_port_are_refused() -> None:
    async with serving() as site, site.signed_in() as http:
        port = int(site.url.rsplit(":", 1)[1])
        for origin in (
            f"https://127.0.0.1:{port}",
            f"http://127.0.0.1:{port + 1}",
            "http://127.0.0.1",
            f"http://localhost:{port}",
        ):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"{site.url}/ws", origin=origin)
            assert refused.value.status == 403
            async with browser() as fresh:
                assert (await site.try_sign_in(fresh, Origin=origin)).status == 403


async def test_behind_tls_the_page_must_have_come_over_it() -> None:
    async with serving(secure_cookies=True, hosts=("desk.example.com",)) as site, browser() as http:
        async with http.get(f"{site.url}/sign-in", headers={"Host": "desk.example.com"}) as page:
            found = re.search(r'name="csrf" value="(\w+)"', await page.text())
            cookie = page.cookies["__Host-ivr_form"].value
        assert found
        form = {"login": "wei", "password": PASSWORD, "csrf": found[1]}
        for scheme, status in (("http", 403), ("https", 303)):
            headers = {
                "Host": "desk.example.com",
                "Origin": f"{scheme}://desk.example.com",
                "Cookie": f"__Host-ivr_form={cookie}",
            }
            assert (await site.post(http, "/sign-in", form, **headers)).status == status
