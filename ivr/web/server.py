"""The web application: one call builds it from what it needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from ivr.web import access, metrics
from ivr.web.access import OPEN, SESSION, SIGNED_IN, Needs
from ivr.web.api.endpoint import PREFIX
from ivr.web.api.routes import add_api
from ivr.web.auth import FormTokens, Passwords, Sessions
from ivr.web.floor_socket import FloorSockets
from ivr.web.gate import Gate
from ivr.web.guards import error_middleware, header_signal
from ivr.web.house import House
from ivr.web.pages import Pages
from ivr.web.recordings import Sounds
from ivr.web.settings import WebSettings
from ivr.web.sign_in import SignIn
from ivr.web.sign_on import BACK, SignOn
from ivr.web.visitor import person
from ivr.web.ws import DeskSockets

__all__ = ["House", "WebSettings", "build_app"]

BODY_BYTES = 128 * 1024
"""The longest body of any request; forms may have less."""
Health = Callable[[], Mapping[str, Any]]


def build_app(
    house: House,
    *,
    settings: WebSettings,
    health: Health | None = None,
    clock: Callable[[], float] = time.monotonic,
    passwords: Passwords | None = None,
) -> web.Application:
    """The application: desk, sign-in, WebSocket and health.

    ``health`` adds to the answer of ``/health``; a ``status`` other than "ok" makes it a 503. Routes that are added to
    the application later need ``ivr.web.access.add``: without it, it does not start.
    """
    pages, sessions, passwords = Pages(vendor=settings.vendor), Sessions(settings, clock), passwords or Passwords()
    tokens = FormTokens()
    gate = Gate(sessions, house.accounts, house.keys, settings, clock)
    door = SignIn(house.accounts, house.audit, pages, sessions, passwords, tokens, settings, clock)
    site = _Site(pages, tokens, settings, health, house.supervision is not None)
    sockets = DeskSockets(house.accounts, house.service, house.staff, house.desks, sessions, settings)
    app = web.Application(middlewares=[error_middleware(pages), gate.admit], client_max_size=BODY_BYTES)
    app.on_response_prepare.append(header_signal(settings))
    app.on_shutdown.append(sockets.close_all)

    async def close(_app: web.Application) -> None:
        passwords.close()

    app.on_cleanup.append(close)
    access.begin(app)
    access.add(app, OPEN, web.get("/health", site.health), web.get("/static/{name}", site.static))
    access.add(app, OPEN, web.get("/sign-in", door.page), web.post("/sign-in", door.sign_in))
    access.add(app, SESSION, web.post("/sign-out", door.sign_out))
    access.add(app, SIGNED_IN, web.get("/static/vendor/{path:.+}", site.vendor))
    access.add(
        app, SIGNED_IN, web.get("/", site.desk), web.get("/ws", sockets.handle), web.get("/account", site.account)
    )
    access.add(app, Needs(role="admin"), web.get("/admin", site.admin))
    if house.supervision is not None:
        floors = FloorSockets(house.accounts, house.supervision.floor, house.audit, sessions, settings)
        app.on_shutdown.append(floors.close_all)
        access.add(app, Needs(role="supervisor"), web.get("/floor", site.floor), web.get("/ws/floor", floors.handle))
    if house.kept is not None:
        sounds = Sounds(house.kept.shelf, house.audit, clock)
        access.add(app, Needs(role="supervisor"), web.get(f"{PREFIX}/calls/{{call}}/recording", sounds.give))
    if house.figures is not None:
        watchers = Needs(role="supervisor", scope="metrics:read")
        access.add(app, watchers, web.get("/metrics", metrics.handler(house.figures)))
    if house.provider is not None and house.entrance is not None:
        sign_on = SignOn(house.provider, house.entrance, house.audit, door, pages, settings)
        access.add(app, OPEN, web.get("/sign-in/oidc", sign_on.go), web.get(BACK, sign_on.back))
    add_api(app, house, sessions, passwords, tokens, settings, clock)
    access.refuse_undeclared(app)
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
        """``GET /static/…``."""
        return self._pages.file(request)

    async def vendor(self, request: web.Request) -> web.Response:
        """``GET /static/vendor/…``."""
        return self._pages.vendor(request)

    async def desk(self, request: web.Request) -> web.Response:
        """``GET /``: the desk; who has no phone has no desk, and gets the page that is theirs."""
        who = person(request)
        if who.agent is None:
            floor = self._floor and who.may("supervisor")
            raise web.HTTPSeeOther("/admin" if who.may("admin") else "/floor" if floor else "/account")
        return self._page(request, "desk.html")

    async def account(self, request: web.Request) -> web.Response:
        """``GET /account``: who one is here, and one's own password."""
        return self._page(request, "account.html")

    async def floor(self, request: web.Request) -> web.Response:
        """``GET /floor``: every queue, agent and call; the calls that were; the report."""
        return self._page(request, "floor.html")

    async def admin(self, request: web.Request) -> web.Response:
        """``GET /admin``: people, API keys, webhooks, and who did what."""
        return self._page(request, "admin.html")

    def _page(self, request: web.Request, name: str) -> web.Response:
        who = person(request)
        token = self._tokens.token(request.cookies[self._settings.cookie("session")])
        values = {"lang": who.language, "csrf": token, "version": self._settings.version}
        return self._pages.page(name, values)
