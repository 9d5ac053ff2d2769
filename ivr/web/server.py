"""The web application: one call builds it from what it needs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from ivr.web import metrics
from ivr.web.api.endpoint import PREFIX
from ivr.web.api.routes import add_api
from ivr.web.guard import route_needs
from ivr.web.guard.connections import ConnectionGuard
from ivr.web.guard.gate import Gate
from ivr.web.guard.headers import error_middleware, header_signal
from ivr.web.guard.known_browsers import KnownBrowsers
from ivr.web.guard.origins import ORIGINS, Origins
from ivr.web.guard.passwords import Passwords
from ivr.web.guard.route_needs import ONESELF, OPEN, SESSION, SIGNED_IN, Needs
from ivr.web.guard.second_factors import SecondFactors
from ivr.web.guard.sessions import FormTokens, Sessions
from ivr.web.guard.visitor import person
from ivr.web.pages import Pages
from ivr.web.recordings import Sounds
from ivr.web.services import WebServices
from ivr.web.settings import WebSettings
from ivr.web.sign_in.code import CodePage
from ivr.web.sign_in.oidc import BACK, SignOn
from ivr.web.sign_in.password import CODE, SignIn
from ivr.web.sockets.desk import DeskSockets
from ivr.web.sockets.floor import FloorSockets

__all__ = ["WebServices", "WebSettings", "build_app"]

BODY_BYTES = 128 * 1024
"""The longest body of any request; forms may have less."""
Health = Callable[[], Mapping[str, Any]]


def build_app(
    house: WebServices,
    *,
    settings: WebSettings,
    health: Health | None = None,
    clock: Callable[[], float] = time.monotonic,
    time_of_day: Callable[[], float] = time.time,
    passwords: Passwords | None = None,
    guard: ConnectionGuard | None = None,
    key: bytes | None = None,
) -> web.Application:
    """The application: desk, sign-in, WebSocket and health.

    ``health`` adds to the answer of ``/health``; a ``status`` other than "ok" makes it a 503. ``key`` is the server's own, by
    which it knows its browsers and pages again after a restart; None: a new one. Routes that are added to
    the application later need ``ivr.web.guard.route_needs.add``: without it, it does not start.
    """
    pages, passwords = Pages(vendor=settings.vendor), passwords or Passwords()
    sessions = Sessions(house.sessions, settings, clock)
    key = key or secrets.token_bytes(32)
    factors = SecondFactors(house.second_factors, key, settings.second_factor, time_of_day)
    tokens, browsers = FormTokens(key), KnownBrowsers(key, time_of_day)
    gate = Gate(sessions, factors, house.accounts, house.keys, house.audit, settings, clock)
    door = SignIn(house.accounts, house.audit, pages, sessions, passwords, factors, tokens, browsers, settings, clock)
    codes = CodePage(door, factors, house.accounts, house.audit, pages, tokens, settings, clock)
    site = _Site(pages, tokens, settings, health, house.supervision is not None)
    sockets = DeskSockets(house.accounts, house.service, house.staff, house.desks, sessions, settings)
    outermost = [guard.middleware] if guard else []
    app = web.Application(middlewares=[*outermost, error_middleware(pages), gate.admit], client_max_size=BODY_BYTES)
    app[ORIGINS] = Origins(settings)
    app.on_response_prepare.append(header_signal(settings))
    app.cleanup_ctx.append(sessions.running)
    app.on_shutdown.append(sockets.close_all)

    async def close(_app: web.Application) -> None:
        passwords.close()

    app.on_cleanup.append(close)
    route_needs.begin(app)
    # somebody else's modules lie below /static/, too: their route is asked first
    route_needs.add(app, SIGNED_IN, web.get("/static/vendor/{path:.+}", site.vendor))
    route_needs.add(app, OPEN, web.get("/health", site.health), web.get("/static/{path:.+}", site.static))
    route_needs.add(app, OPEN, web.get("/sign-in", door.page), web.post("/sign-in", door.sign_in))
    route_needs.add(app, OPEN, web.get(CODE, codes.page), web.post(CODE, codes.enter))
    route_needs.add(app, SESSION, web.post("/sign-out", door.sign_out))
    route_needs.add(app, SIGNED_IN, web.get("/", site.desk), web.get("/ws", sockets.handle))
    route_needs.add(app, ONESELF, web.get("/account", site.account))
    route_needs.add(app, Needs(role="admin"), web.get("/admin", site.admin))
    if house.supervision is not None:
        floors = FloorSockets(house.accounts, house.supervision.floor, house.audit, sessions, settings)
        app.on_shutdown.append(floors.close_all)
        route_needs.add(
            app, Needs(role="supervisor"), web.get("/floor", site.floor), web.get("/ws/floor", floors.handle)
        )
    if house.recording is not None:
        sounds = Sounds(house.recording.recordings, house.audit, clock)
        route_needs.add(app, Needs(role="supervisor"), web.get(f"{PREFIX}/calls/{{call}}/recording", sounds.give))
    if house.figures is not None:
        watchers = Needs(role="supervisor", scope="metrics:read")
        route_needs.add(app, watchers, web.get("/metrics", metrics.handler(house.figures)))
    if house.provider is not None and house.admission is not None:
        sign_on = SignOn(house.provider, house.admission, house.audit, door, pages, settings)
        route_needs.add(app, OPEN, web.get("/sign-in/oidc", sign_on.go), web.get(BACK, sign_on.back))
    add_api(app, house, sessions, passwords, factors, tokens, settings, clock)
    route_needs.refuse_undeclared(app)
    return app


class _Site:
    """The handlers of the pages."""

    def __init__(
        self, pages: Pages, tokens: FormTokens, settings: WebSettings, health: Health | None, floor: bool
    ) -> None:
        self._pages = pages
        self._tokens = tokens
        self._settings = settings
        self._health = health
        self._floor = floor

    async def health(self, request: web.Request) -> web.Response:
        """``GET /health``: for whoever watches the server."""
        state = {"status": "ok", **(self._health() if self._health else {})}
        return web.json_response(state, status=200 if state["status"] == "ok" else 503)

    async def static(self, request: web.Request) -> web.Response:
        return self._pages.file(request)

    async def vendor(self, request: web.Request) -> web.Response:
        return self._pages.vendor(request)

    async def desk(self, request: web.Request) -> web.Response:
        """``GET /``: the desk; who has no phone has no desk, and gets the page that is theirs."""
        who = person(request)
        if who.agent is None:
            floor = self._floor and who.may("supervisor")
            raise web.HTTPSeeOther("/admin" if who.may("admin") else "/floor" if floor else "/account")
        return self._page(request, "desk/desk.html")

    async def account(self, request: web.Request) -> web.Response:
        """``GET /account``: who one is here, and one's own password."""
        return self._page(request, "admin/account.html")

    async def floor(self, request: web.Request) -> web.Response:
        """``GET /floor``: every queue, agent and call; the calls that were; the report."""
        return self._page(request, "floor/floor.html")

    async def admin(self, request: web.Request) -> web.Response:
        """``GET /admin``: people, API keys, webhooks, and who did what."""
        return self._page(request, "admin/admin.html")

    def _page(self, request: web.Request, name: str) -> web.Response:
        who = person(request)
        token = self._tokens.token(request.cookies[self._settings.cookie("session")])
        values = {"lang": who.language, "csrf": token, "version": self._settings.version}
        return self._pages.page(name, values)
