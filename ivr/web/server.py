"""The web application: one call builds it from what it needs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from aiohttp import web

from ivr.calls.desk import Desks
from ivr.calls.ports import Account, Accounts, DeskService
from ivr.core.card import Text
from ivr.web.auth import LOGIN_CHARS, PASSWORD_CHARS, TOKEN_CHARS, FormTokens, Passwords, Sessions, new_token
from ivr.web.guards import SESSION, error_middleware, gate_middleware, header_signal, session_of
from ivr.web.limits import Attempts, address_key
from ivr.web.pages import Pages, preferred_language
from ivr.web.settings import WebSettings
from ivr.web.ws import DeskSockets

__all__ = ["WebSettings", "build_app"]

FORM_BYTES = 16 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"
Health = Callable[[], Mapping[str, Any]]

NOTHING: Text = {"en": "", "zh": ""}
WRONG_LOGIN: Text = {"en": "Login or password is not right.", "zh": "用户名或密码不正确。"}
OLD_PAGE: Text = {"en": "This page had grown old. Please try again.", "zh": "页面已过期，请重试。"}

log = structlog.get_logger("ivr.web")


def build_app(
    accounts: Accounts,
    service: DeskService,
    desks: Desks,
    *,
    settings: WebSettings,
    health: Health | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> web.Application:
    """The application: desk, sign-in, WebSocket and health.

    ``health`` adds to the answer of ``/health``; a ``status`` other than "ok" makes it a 503. Routes that are added to
    the application later need a session, unless ``ivr.web.guards.OPEN`` names them.
    """
    pages, sessions, passwords = Pages(vendor=settings.vendor), Sessions(settings, clock), Passwords()
    site = _Site(
        accounts=accounts,
        pages=pages,
        sessions=sessions,
        passwords=passwords,
        settings=settings,
        health=health,
        clock=clock,
    )
    sockets = DeskSockets(accounts, service, desks, sessions, settings)
    app = web.Application(
        middlewares=[error_middleware(pages), gate_middleware(sessions, site.session_cookie)],
        client_max_size=FORM_BYTES,
    )
    app.on_response_prepare.append(header_signal(settings))
    app.on_shutdown.append(sockets.close_all)
    app.on_cleanup.append(site.close)
    app.add_routes(
        [
            web.get("/health", site.health),
            web.get("/static/{name}", site.static),
            web.get("/static/vendor/{path:.+}", site.vendor),
            web.get("/sign-in", site.sign_in_page),
            web.post("/sign-in", site.sign_in),
            web.post("/sign-out", site.sign_out),
            web.get("/", site.desk),
            web.get("/api/me", site.me),
            web.get("/ws", sockets.handle),
        ]
    )
    return app


class _Site:
    """The handlers of the pages."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        pages: Pages,
        sessions: Sessions,
        passwords: Passwords,
        settings: WebSettings,
        health: Health | None,
        clock: Callable[[], float],
    ) -> None:
        prefix = "__Host-" if settings.secure_cookies else ""
        self.session_cookie = f"{prefix}ivr_session"
        self._form_cookie = f"{prefix}ivr_form"
        self._accounts = accounts
        self._pages = pages
        self._sessions = sessions
        self._passwords = passwords
        self._settings = settings
        self._health = health
        self._tokens = FormTokens()
        window_s = settings.attempt_window_minutes * 60
        self._by_login = Attempts(settings.max_attempts, window_s, clock)
        self._by_address = Attempts(settings.max_attempts_per_address, window_s, clock)

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
        """``GET /``."""
        account = await self._sessions.account(session_of(request), self._accounts)
        if account is None:
            raise web.HTTPSeeOther("/sign-in")
        token = self._tokens.token(request.cookies[self.session_cookie])
        values = {"lang": account.language, "csrf": token, "version": self._settings.version}
        return self._pages.page("desk.html", values)

    async def me(self, request: web.Request) -> web.Response:
        """``GET /api/me``: who is signed in here."""
        account = await self._sessions.account(session_of(request), self._accounts)
        if account is None:
            raise web.HTTPUnauthorized
        agent = {"id": account.agent.id, "name": account.agent.name}
        return web.json_response({"login": account.login, "agent": agent, "language": account.language})

    async def sign_in_page(self, request: web.Request) -> web.StreamResponse:
        """``GET /sign-in``."""
        if request[SESSION] is not None:
            raise web.HTTPSeeOther("/")
        return self._form(request)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """``POST /sign-in``."""
        login, password, token = await self._fields(request)
        if not self._tokens.right(request.cookies.get(self._form_cookie), token):
            return self._form(request, OLD_PAGE, login, status=403)
        address = address_key(self._address(request))
        name = login[: LOGIN_CHARS + 1]
        wait_s = max(self._by_login.wait_s(name), self._by_address.wait_s(address))
        if wait_s > 0:
            log.warning("sign_in_limited", address=address, wait_s=math.ceil(wait_s))
            response = self._form(request, _wait(wait_s), login, status=429)
            response.headers["Retry-After"] = str(math.ceil(wait_s))
            return response
        self._by_login.count(name)
        self._by_address.count(address)
        try:
            account = await self._checked(login, password)
        except Exception:  # our fault: whoever tries again while the database is away need not wait afterwards
            self._by_login.forgive(name)
            self._by_address.forgive(address)
            raise
        if account is None:
            # Not the login that was typed: now and then it is somebody's password.
            log.warning("sign_in_refused", address=address)
            return self._form(request, WRONG_LOGIN, login, status=401)
        self._by_login.clear(name)
        self._by_address.forgive(address)
        return self._welcome(request, account)

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """``POST /sign-out``: ends the session and closes its desks."""
        token = (await self._form_data(request)).get("csrf", "")
        if not self._tokens.right(request.cookies.get(self.session_cookie), token):
            raise web.HTTPForbidden
        session = session_of(request)
        self._sessions.end(session)
        log.info("signed_out", login=session.login)
        response = web.Response(status=303, headers={"Location": "/sign-in"})
        self._set_cookie(response, self.session_cookie, "")
        return response

    async def close(self, _app: web.Application) -> None:
        """The application is over."""
        self._passwords.close()

    async def _checked(self, login: str, password: str) -> Account | None:
        # A login with control characters is nobody's, and not every database takes them.
        fits = len(login) <= LOGIN_CHARS and login.isprintable() and len(password) <= PASSWORD_CHARS
        account = await self._accounts.account(login) if fits else None
        return account if await self._passwords.check(account, password[:PASSWORD_CHARS]) else None

    def _welcome(self, request: web.Request, account: Account) -> web.Response:
        if (before := request[SESSION]) is not None:
            self._sessions.end(before)
        token = self._sessions.begin(account)
        log.info("signed_in", login=account.login, agent=account.agent.id)
        response = web.Response(status=303, headers={"Location": "/"})
        self._set_cookie(response, self.session_cookie, token)
        self._set_cookie(response, self._form_cookie, "")
        return response

    def _form(self, request: web.Request, wrong: Text = NOTHING, login: str = "", status: int = 200) -> web.Response:
        brought = request.cookies.get(self._form_cookie, "")
        cookie = brought if len(brought) == TOKEN_CHARS else new_token()
        values = {
            "lang": preferred_language(request),
            "csrf": self._tokens.token(cookie),
            "login": login[:LOGIN_CHARS],
            "wrong_en": wrong["en"],
            "wrong_zh": wrong["zh"],
        }
        response = self._pages.page("sign-in.html", values, status)
        self._set_cookie(response, self._form_cookie, cookie)
        return response

    def _set_cookie(self, response: web.Response, name: str, value: str) -> None:
        secure = self._settings.secure_cookies
        age = None if value else 0  # an empty one is taken away
        response.set_cookie(name, value, max_age=age, path="/", httponly=True, samesite="Strict", secure=secure)

    def _address(self, request: web.Request) -> str:
        # Some proxies lengthen the header that a client has sent, some add a second one: the last is the proxy's.
        lines = request.headers.getall("X-Forwarded-For", []) if self._settings.trust_forwarded_for else []
        return (lines[-1] if lines else request.remote or "").split(",")[-1].strip()

    async def _fields(self, request: web.Request) -> tuple[str, str, str]:
        data = await self._form_data(request)
        return data.get("login", "").strip(), data.get("password", ""), data.get("csrf", "")

    async def _form_data(self, request: web.Request) -> dict[str, str]:
        if request.content_type != FORM_TYPE or (request.charset or "utf-8").lower() != "utf-8":
            raise web.HTTPUnsupportedMediaType
        try:
            data = await request.post()
        except ValueError:
            raise web.HTTPBadRequest from None
        return {name: value for name, value in data.items() if isinstance(value, str)}


def _wait(wait_s: float) -> Text:
    minutes = math.ceil(wait_s / 60)
    unit = "minute" if minutes == 1 else "minutes"
    return {
        "en": f"Too many attempts. Try again in {minutes} {unit}.",
        "zh": f"尝试次数过多，请在 {minutes} 分钟后重试。",
    }
