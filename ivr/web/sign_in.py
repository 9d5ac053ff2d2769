"""The door: signing in with a password, and out again."""

from __future__ import annotations

import math
from collections.abc import Callable

import structlog
from aiohttp import web

from ivr.calls.access import Actor, Audit, Entry
from ivr.calls.ports import Account, Accounts
from ivr.core.card import Text
from ivr.web.auth import (
    LOGIN_CHARS,
    PASSWORD_CHARS,
    TOKEN_CHARS,
    FormTokens,
    Passwords,
    Sessions,
    new_token,
    set_cookie,
)
from ivr.web.limits import Attempts, address_key
from ivr.web.pages import Pages, preferred_language
from ivr.web.settings import WebSettings
from ivr.web.visitor import VISITOR

FORM_BYTES = 16 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"

NOTHING: Text = {"en": "", "zh": ""}
WRONG_LOGIN: Text = {"en": "Login or password is not right.", "zh": "用户名或密码不正确。"}
OLD_PAGE: Text = {"en": "This page had grown old. Please try again.", "zh": "页面已过期，请重试。"}

log = structlog.get_logger("ivr.web")


class SignIn:
    """The handlers of the door."""

    def __init__(
        self,
        accounts: Accounts,
        audit: Audit,
        pages: Pages,
        sessions: Sessions,
        passwords: Passwords,
        tokens: FormTokens,
        settings: WebSettings,
        clock: Callable[[], float],
    ) -> None:
        self._accounts = accounts
        self._audit = audit
        self._pages = pages
        self._sessions = sessions
        self._passwords = passwords
        self._tokens = tokens
        self._settings = settings
        window_s = settings.attempt_window_minutes * 60
        self._by_login = Attempts(settings.max_attempts, window_s, clock)
        self._by_address = Attempts(settings.max_attempts_per_address, window_s, clock)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """``GET /sign-in``."""
        if request[VISITOR].session is not None:
            raise web.HTTPSeeOther("/")
        return self.form(request)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """``POST /sign-in``."""
        login, password, token = await self._fields(request)
        if not self._tokens.right(request.cookies.get(self._settings.cookie("form")), token):
            return self.form(request, OLD_PAGE, login, status=403)
        address = request[VISITOR].address
        house, name = address_key(address), login[: LOGIN_CHARS + 1]
        wait_s = max(self._by_login.wait_s(name), self._by_address.wait_s(house))
        if wait_s > 0:
            log.warning("sign_in_limited", address=house, wait_s=math.ceil(wait_s))
            return self.later(request, wait_s, login)
        self._by_login.count(name)
        self._by_address.count(house)
        try:
            account = await self._checked(login, password)
        except Exception:  # our fault: whoever tries again while the database is away need not wait afterwards
            self._by_login.forgive(name)
            self._by_address.forgive(house)
            raise
        if account is None:
            # Not the login that was typed: now and then it is somebody's password.
            log.warning("sign_in_refused", address=house)
            await witness(self._audit, Entry(Actor("", None, address), "sign_in_refused", None, {"how": "password"}))
            return self.form(request, WRONG_LOGIN, login, status=401)
        self._by_login.clear(name)
        self._by_address.forgive(house)
        response = web.Response(status=303, headers={"Location": "/"})
        await self.welcome(request, response, account, "password")
        set_cookie(response, self._settings, "form", "")
        return response

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """``POST /sign-out``: ends the session and closes its desks."""
        token = (await self._form_data(request)).get("csrf", "")
        if not self._tokens.right(request.cookies.get(self._settings.cookie("session")), token):
            raise web.HTTPForbidden
        visitor = request[VISITOR]
        assert visitor.session is not None
        self._sessions.end(visitor.session)
        log.info("signed_out", login=visitor.session.login)
        await witness(self._audit, Entry(visitor.actor, "sign_out", visitor.session.login))
        response = web.Response(status=303, headers={"Location": "/sign-in"})
        set_cookie(response, self._settings, "session", "")
        return response

    async def welcome(self, request: web.Request, response: web.StreamResponse, account: Account, how: str) -> None:
        """Begin a session for somebody who may come in, and end the one that this browser had."""
        by = Actor(account.login, account.role, request[VISITOR].address)
        await self._audit.write(Entry(by, "sign_in", account.login, {"how": how}))
        if (before := request[VISITOR].session) is not None:
            self._sessions.end(before)
        log.info("signed_in", login=account.login, role=account.role, how=how)
        set_cookie(response, self._settings, "session", self._sessions.begin(account))

    def form(self, request: web.Request, wrong: Text = NOTHING, login: str = "", status: int = 200) -> web.Response:
        """The page to sign in on, with what went wrong before."""
        brought = request.cookies.get(self._settings.cookie("form"), "")
        cookie = brought if len(brought) == TOKEN_CHARS else new_token()
        values = {
            "lang": preferred_language(request),
            "csrf": self._tokens.token(cookie),
            "login": login[:LOGIN_CHARS],
            "wrong_en": wrong["en"],
            "wrong_zh": wrong["zh"],
            "elsewhere": self._settings.sign_on_name,
        }
        response = self._pages.page("sign-in.html", values, status)
        set_cookie(response, self._settings, "form", cookie)
        return response

    def later(self, request: web.Request, wait_s: float, login: str = "") -> web.Response:
        """The page for who has tried too often."""
        response = self.form(request, _wait(wait_s), login, status=429)
        response.headers["Retry-After"] = str(math.ceil(wait_s))
        return response

    async def _checked(self, login: str, password: str) -> Account | None:
        # A login with control characters is nobody's, and not every database takes them.
        fits = len(login) <= LOGIN_CHARS and login.isprintable() and len(password) <= PASSWORD_CHARS
        account = await self._accounts.account(login) if fits else None
        right = await self._passwords.check(account, password[:PASSWORD_CHARS])
        return account if right and account is not None and account.active else None

    async def _fields(self, request: web.Request) -> tuple[str, str, str]:
        data = await self._form_data(request)
        return data.get("login", "").strip(), data.get("password", ""), data.get("csrf", "")

    async def _form_data(self, request: web.Request) -> dict[str, str]:
        if request.content_type != FORM_TYPE or (request.charset or "utf-8").lower() != "utf-8":
            raise web.HTTPUnsupportedMediaType
        try:
            data = await request.clone(client_max_size=FORM_BYTES).post()
        except ValueError:
            raise web.HTTPBadRequest from None
        return {name: value for name, value in data.items() if isinstance(value, str)}


async def witness(audit: Audit, entry: Entry) -> None:
    """Write down what has happened already and cannot be undone; where that fails, the log has it."""
    try:
        await audit.write(entry)
    except Exception:
        log.exception("audit_not_written", what=entry.what, who=entry.by.who, target=entry.target)


def _wait(wait_s: float) -> Text:
    minutes = math.ceil(wait_s / 60)
    unit = "minute" if minutes == 1 else "minutes"
    return {
        "en": f"Too many attempts. Try again in {minutes} {unit}.",
        "zh": f"尝试次数过多，请在 {minutes} 分钟后重试。",
    }
