"""Every route and everybody who may come: the table is here, and the application has no route beside it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from ivr.calls.people.api_keys import SCOPES, Scope
from ivr.web.guard import route_needs
from ivr.web.guard.route_needs import NEEDS, Needs, Undeclared
from tests.web.floor_house import floor_house
from tests.web.real_house import RealSite
from tests.web.web_fakes import browser

OPEN, SESSION, AGENT, SUPERVISOR, ADMIN = "open", "session", "agent", "supervisor", "admin"
TABLE: dict[str, tuple[str | None, Scope | str | None]] = {
    # method and route: the least role (None: no people), the scope of a key (None: no keys)
    "GET /health": (OPEN, None),
    "GET /static/{path}": (OPEN, None),
    "GET /sign-in": (OPEN, None),
    "POST /sign-in": (OPEN, None),
    "GET /sign-in/code": (OPEN, None),
    "POST /sign-in/code": (OPEN, None),
    "GET /sign-in/oidc": (OPEN, None),
    "GET /sign-in/oidc/back": (OPEN, None),
    "POST /sign-out": (SESSION, None),
    "GET /": (AGENT, None),
    "GET /ws": (AGENT, None),
    "GET /account": (AGENT, None),
    "GET /admin": (ADMIN, None),
    "GET /floor": (SUPERVISOR, None),
    "GET /ws/floor": (SUPERVISOR, None),
    "GET /static/vendor/{path}": (AGENT, None),
    "GET /metrics": (SUPERVISOR, "metrics:read"),
    "GET /api/v1/openapi.json": (AGENT, "any"),
    "GET /api/v1/me": (AGENT, None),
    "PATCH /api/v1/me": (AGENT, None),
    "POST /api/v1/me/password": (AGENT, None),
    "POST /api/v1/me/second-factor": (AGENT, None),
    "POST /api/v1/me/second-factor/confirm": (AGENT, None),
    "POST /api/v1/me/second-factor/remove": (AGENT, None),
    "GET /api/v1/queues": (AGENT, None),
    "GET /api/v1/people": (ADMIN, None),
    "POST /api/v1/people": (ADMIN, None),
    "GET /api/v1/people/{login}": (ADMIN, None),
    "PATCH /api/v1/people/{login}": (ADMIN, None),
    "POST /api/v1/people/{login}/password": (ADMIN, None),
    "DELETE /api/v1/people/{login}/second-factor": (ADMIN, None),
    "GET /api/v1/keys": (ADMIN, None),
    "POST /api/v1/keys": (ADMIN, None),
    "DELETE /api/v1/keys/{id}": (ADMIN, None),
    "GET /api/v1/audit": (ADMIN, None),
    "POST /api/v1/contacts": (None, "contacts:write"),
    "GET /api/v1/contacts/{id}": (SUPERVISOR, "contacts:read"),
    "GET /api/v1/customers/{id}/timeline": (SUPERVISOR, "contacts:read"),
    "POST /api/v1/signals": (None, "signals:write"),
    "GET /api/v1/signals": (SUPERVISOR, "contacts:read"),
    "GET /api/v1/calls": (SUPERVISOR, "reports:read"),
    "GET /api/v1/calls/{call}": (SUPERVISOR, "reports:read"),
    "GET /api/v1/calls/{call}/recording": (SUPERVISOR, None),
    "GET /api/v1/intents": (AGENT, None),
    "POST /api/v1/calls/{call}/test": (AGENT, None),
    "POST /api/v1/calls/{call}/listen": (SUPERVISOR, None),
    "POST /api/v1/calls/{call}/move": (SUPERVISOR, None),
    "POST /api/v1/agents/{id}/state": (SUPERVISOR, None),
    "GET /api/v1/report": (SUPERVISOR, "reports:read"),
    "GET /api/v1/call-backs": (SUPERVISOR, "contacts:read"),
    "POST /api/v1/call-backs": (SUPERVISOR, "call_backs:write"),
    "DELETE /api/v1/call-backs/{id}": (SUPERVISOR, "call_backs:write"),
    "GET /api/v1/customers/{id}/consent": (SUPERVISOR, "contacts:read"),
    "PUT /api/v1/customers/{id}/consent": (SUPERVISOR, "call_backs:write"),
    "GET /api/v1/webhooks": (ADMIN, "webhooks:manage"),
    "POST /api/v1/webhooks": (ADMIN, "webhooks:manage"),
    "PATCH /api/v1/webhooks/{id}": (ADMIN, "webhooks:manage"),
    "DELETE /api/v1/webhooks/{id}": (ADMIN, "webhooks:manage"),
    "POST /api/v1/webhooks/{id}/secret": (ADMIN, "webhooks:manage"),
    "POST /api/v1/webhooks/{id}/test": (ADMIN, "webhooks:manage"),
    "GET /api/v1/webhooks/{id}/events": (ADMIN, "webhooks:manage"),
}
ROLES = {AGENT: 0, SUPERVISOR: 1, ADMIN: 2}
LOGINS = {"wei": AGENT, "sue": SUPERVISOR, "root": ADMIN}
REFUSED = (401, 403)


class Elsewhere:
    """A provider that nobody comes back from."""

    async def door(self, state: str, nonce: str, challenge: str) -> str:
        return "https://id.example/"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[RealSite]:
    # everybody asks for everything at once
    busy = {"key_requests_per_s": 1000, "max_attempts_per_address": 10_000}
    async with floor_house(tmp_path, provider=Elsewhere(), **busy) as made:
        yield made.site


def routes(app: web.Application) -> dict[str, Needs]:
    """Every route of the application but the HEAD that a GET brings along."""
    return {
        f"{r.method} {r.resource.canonical}": app[NEEDS][r]
        for r in app.router.routes()
        if r.method != "HEAD" and r.resource
    }


def test_application_has_the_routes_of_the_table_and_no_others(site: RealSite) -> None:
    assert sorted(routes(site.app)) == sorted(TABLE)


def test_heads_need_what_their_gets_need(site: RealSite) -> None:
    declared = routes(site.app)
    heads = [r for r in site.app.router.routes() if r.method == "HEAD" and r.resource]
    assert heads
    for head in heads:
        assert site.app[NEEDS][head] == declared[f"GET {head.resource.canonical}"]  # type: ignore[union-attr]


async def answer(http: ClientSession, site: RealSite, route: str, headers: dict[str, str]) -> int:
    """What a request comes to that is right in everything but who sends it; the body is empty, so nothing is changed."""
    method, path = route.split()
    path = re.sub(r"\{\w+\}", "nothing", path)
    body: dict[str, Any] = {} if method in ("GET", "DELETE") else {"data": b"{}"}
    if body:
        headers = {"Content-Type": "application/json", **headers}
    async with http.request(method, site.url + path, headers=headers, allow_redirects=False, **body) as got:
        assert got.status < 500, (route, await got.text())
        return got.status


async def test_strangers_come_only_to_what_is_open(site: RealSite) -> None:
    async with browser() as http:
        for route, (role, _) in TABLE.items():
            status = await answer(http, site, route, {})
            refused = (
                status == 401 and route != "GET /sign-in/oidc/back"
            )  # that one says that nobody has signed in there
            assert refused == (role != OPEN), (route, status)


async def test_administrator_without_a_second_factor_comes_to_their_own_page_only(tmp_path: Path) -> None:
    async with floor_house(tmp_path, second_factor="admins") as made, made.site.signed_in("root") as asker:
        let_in = set()
        for route, (least, _) in TABLE.items():
            if least in ROLES and await answer(asker.http, made.site, route, asker.headers) not in REFUSED:
                let_in.add(route)
        mine = "POST /api/v1/me/second-factor"
        own = {"GET /account", "GET /api/v1/me", "PATCH /api/v1/me", "POST /api/v1/me/password"}
        assert let_in - {"GET /static/vendor/{path}"} == {*own, mine, f"{mine}/confirm", f"{mine}/remove"}


@pytest.mark.parametrize("login", LOGINS)
async def test_people_come_as_far_as_their_role(site: RealSite, login: str) -> None:
    async with site.signed_in(login) as asker:
        for route, (least, _) in TABLE.items():
            if route == "POST /sign-out":
                continue  # at the end
            headers = {**asker.headers, "Upgrade": "no"}
            status = await answer(asker.http, site, route, headers)
            if least is None or (least in ROLES and ROLES[LOGINS[login]] < ROLES[least]):
                assert status == 403, (route, status)
            elif route == "GET /ws" and login != "wei":
                assert status == 403, "who has no phone has no desk"
            else:
                assert status not in REFUSED or route in (
                    "POST /sign-in",
                    "POST /sign-in/code",
                    "GET /sign-in/oidc/back",
                ), (route, status)
        assert await answer(asker.http, site, "POST /sign-out", asker.headers) == 415, "a form is wanted there"


@pytest.mark.parametrize("scope", SCOPES)
async def test_keys_open_what_their_scope_names_and_no_page(site: RealSite, scope: Scope) -> None:
    async with site.with_key(scope) as asker:
        for route, (least, wanted) in TABLE.items():
            status = await answer(asker.http, site, route, asker.headers)
            if least == OPEN:
                continue
            opens = wanted in (scope, "any")
            assert (status not in REFUSED) == opens, (route, status)
            assert opens or status == 403


async def test_key_without_a_scope_opens_the_description_only(site: RealSite) -> None:
    async with site.with_key() as asker:
        for route, (least, wanted) in TABLE.items():
            status = await answer(asker.http, site, route, asker.headers)
            assert least == OPEN or (status not in REFUSED) == (wanted == "any"), (route, status)


async def test_addresses_that_lead_nowhere_are_told_to_those_who_may_come(site: RealSite) -> None:
    async with AsyncExitStack() as stack:
        stranger = await stack.enter_async_context(browser())
        wei = await stack.enter_async_context(site.signed_in("wei"))
        key = await stack.enter_async_context(site.with_key("contacts:read"))
        for method, path, found in (
            ("GET", "/api/v1/nothing", 404),
            ("PUT", "/api/v1/me", 405),
            ("GET", "/nothing", 404),
        ):
            assert await answer(stranger, site, f"{method} {path}", {}) == 401
            assert await answer(wei.http, site, f"{method} {path}", wei.headers) == found
            assert await answer(key.http, site, f"{method} {path}", key.headers) == found


# -- declaring


def test_route_that_declares_nothing_is_refused_when_the_application_is_built() -> None:
    app = web.Application()
    route_needs.begin(app)

    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    route_needs.add(app, route_needs.OPEN, web.get("/open", handler))
    route_needs.refuse_undeclared(app)
    app.router.add_post("/open", handler)
    with pytest.raises(Undeclared, match=r"say what these routes need.*: POST /open"):
        route_needs.refuse_undeclared(app)


async def test_route_that_is_added_later_without_saying_so_keeps_the_server_from_starting(site: RealSite) -> None:
    app = web.Application()
    route_needs.begin(app)

    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/late", handler)
    with pytest.raises(Undeclared, match="GET /late"):
        await web.AppRunner(app).setup()


def test_route_that_nobody_may_use_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nobody"):
        Needs()
