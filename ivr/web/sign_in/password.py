"""The door: signing in with a password, and out again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import structlog
from aiohttp import web

from ivr.calls.people.accounts import Account, Accounts
from ivr.calls.people.audit import Actor, Audit, Entry, refused, witness
from ivr.core.language import Text
from ivr.core.texts import same, text
from ivr.web.guard.known_browsers import KNOWN_S, KnownBrowser, KnownBrowsers
from ivr.web.guard.passwords import BUSY_S, LOGIN_CHARS, PASSWORD_CHARS, Busy, Passwords
from ivr.web.guard.rate_limits import Attempts, Delays, address_key
from ivr.web.guard.second_factors import HALFWAY_S, SecondFactors
from ivr.web.guard.sessions import TOKEN_CHARS, FormTokens, Sessions, new_token, set_cookie
from ivr.web.guard.visitor import VISITOR
from ivr.web.pages import Pages, preferred_language
from ivr.web.settings import WebSettings

CODE = "/sign-in/code"
FORM_BYTES = 16 * 1024
ENTRIES_A_MINUTE = 30
"""So often one person may sign in: each time is a line of the audit trail."""
FORM_TYPE = "application/x-www-form-urlencoded"

NOTHING = same("")
WRONG_LOGIN = text("web.door.wrong_login")
OLD_PAGE = text("web.door.old_page")
BUSY = text("web.door.busy")

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
        factors: SecondFactors,
        tokens: FormTokens,
        browsers: KnownBrowsers,
        settings: WebSettings,
        clock: Callable[[], float],
    ) -> None:
        self._accounts = accounts
        self._audit = audit
        self._pages = pages
        self._sessions = sessions
        self._passwords = passwords
        self._factors = factors
        self._tokens = tokens
        self._browsers = browsers
        self._settings = settings
        self._limits = _Limits(settings, clock)
        self._entries = Attempts(ENTRIES_A_MINUTE, 60.0, clock)

    async def page(self, request: web.Request) -> web.StreamResponse:
        if request[VISITOR].session is not None:
            raise web.HTTPSeeOther("/")
        return self.form(request)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        login, password, token = await self._fields(request)
        if not self._tokens.right(request.cookies.get(self._settings.cookie("form")), token):
            return self.form(request, OLD_PAGE, login, status=403)
        address = request[VISITOR].address
        house, name = address_key(address), login[: LOGIN_CHARS + 1]
        account, browser = await self._known(request, name)
        tries = self._limits.of(name, house, browser)
        if (wait_s := tries.wait_s()) > 0:
            log.warning("sign_in_limited", address=house, known=browser is not None, wait_s=math.ceil(wait_s))
            return self.later(request, wait_s, login)
        tries.count()
        try:
            await asyncio.sleep(tries.pause_s)
            if browser is None:
                account = await self._account(name)
            account = await self._checked(account, password, None if browser else house)
        except Busy:
            tries.forgive()
            log.warning("sign_in_busy", address=house)
            response = self.form(request, BUSY, login, status=503)
            response.headers["Retry-After"] = str(BUSY_S)
            return response
        except Exception:  # our fault: whoever tries again while the database is away need not wait afterwards
            tries.forgive()
            raise
        if account is None:
            # Not the login that was typed: now and then it is somebody's password.
            log.warning("sign_in_refused", address=house)
            entry = Entry(Actor("", None, address), "sign_in", None, {"how": "password"})
            await witness(self._audit, refused(entry))
            return self.form(request, WRONG_LOGIN, login, status=401)
        tries.succeeded()
        # who comes in again and again has a line of the trail each time
        if (wait_s := self._entries.wait_s(account.login)) > 0:
            log.warning("sign_in_limited", address=house, known=True, wait_s=math.ceil(wait_s))
            return self.later(request, wait_s, login)
        self._entries.count(account.login)
        if account.second_factor:
            response = web.Response(status=303, headers={"Location": CODE})
            set_cookie(response, self._settings, "half", self._factors.halfway(account), HALFWAY_S)
            return response
        return await self.entered(request, account)

    async def entered(self, request: web.Request, account: Account, second: str = "") -> web.Response:
        """Everything was right: to their page, and this browser is known from now on. ``second``: app, recovery or nothing."""
        response = web.Response(status=303, headers={"Location": "/"})
        await self.welcome(request, response, account, "password", second)
        known = self._browsers.add(request.cookies.get(self._settings.cookie("known"), ""), account)
        set_cookie(response, self._settings, "known", known, KNOWN_S)
        for done in ("form", "half"):
            if self._settings.cookie(done) in request.cookies:
                set_cookie(response, self._settings, done, "")
        return response

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """``POST /sign-out``: ends the session and closes its desks."""
        token = (await fields_of(request)).get("csrf", "")
        if not self._tokens.right(request.cookies.get(self._settings.cookie("session")), token):
            raise web.HTTPForbidden
        visitor = request[VISITOR]
        assert visitor.session is not None
        await self._sessions.end(visitor.session, Entry(visitor.actor, "sign_out", visitor.session.login))
        log.info("signed_out", login=visitor.session.login)
        response = web.Response(status=303, headers={"Location": "/sign-in"})
        set_cookie(response, self._settings, "session", "")
        return response

    async def welcome(
        self, request: web.Request, response: web.StreamResponse, account: Account, how: str, second: str = ""
    ) -> None:
        """Begin a session for somebody who may come in, and end the one that this browser had."""
        visitor = request[VISITOR]
        detail = {"how": how} | ({"second": second} if second else {})
        entry = Entry(Actor(account.login, account.role, visitor.address), "sign_in", account.login, detail)
        token = await self._sessions.begin(account, address_key(visitor.address), entry, visitor.session, how)
        log.info("signed_in", login=account.login, role=account.role, how=how)
        set_cookie(response, self._settings, "session", token)

    def form(self, request: web.Request, wrong: Text = NOTHING, login: str = "", status: int = 200) -> web.Response:
        """The page to sign in on, with what went wrong before."""
        values = {"login": login[:LOGIN_CHARS], "elsewhere": self._settings.sign_on_name}
        said = {"wrong": wrong, "sign_on": text("web.door.sign_on", service=self._settings.sign_on_name)}
        return self.page_with_form(request, "sign_in/sign_in.html", values, said, status)

    def page_with_form(
        self, request: web.Request, name: str, values: dict[str, str], said: dict[str, Text], status: int
    ) -> web.Response:
        """A page of the door, with the token of its form."""
        brought = request.cookies.get(self._settings.cookie("form"), "")
        cookie = brought if len(brought) == TOKEN_CHARS else new_token()
        values = {"lang": preferred_language(request), "csrf": self._tokens.token(cookie), **values}
        response = self._pages.page(name, values, status, said)
        set_cookie(response, self._settings, "form", cookie)
        return response

    def later(self, request: web.Request, wait_s: float, login: str = "") -> web.Response:
        """The page for who has tried too often."""
        response = self.form(request, told_to_wait(wait_s), login, status=429)
        response.headers["Retry-After"] = str(math.ceil(wait_s))
        return response

    async def _known(self, request: web.Request, name: str) -> tuple[Account | None, KnownBrowser | None]:
        """Whether this person has signed in in this browser before; the accounts are asked only where the cookie is ours."""
        cookie = request.cookies.get(self._settings.cookie("known"), "")
        if self._browsers.signed(cookie, name) is None:
            return None, None
        account = await self._account(name)
        return account, self._browsers.find(cookie, name, account)

    def tries_of(self, request: web.Request, account: Account) -> str:
        """What a second factor's wrong codes are counted by: this browser, where the person is known in it, else the person."""
        browser = self._browsers.find(request.cookies.get(self._settings.cookie("known"), ""), account.login, account)
        return _counted_by(account.login, browser, account.login)

    async def _account(self, login: str) -> Account | None:
        # A login with control characters is nobody's, and not every database takes them.
        return await self._accounts.account(login) if len(login) <= LOGIN_CHARS and login.isprintable() else None

    async def _checked(self, account: Account | None, password: str, stranger_from: str | None) -> Account | None:
        if len(password) > PASSWORD_CHARS:
            account = None
        right = await self._passwords.check(account, password[:PASSWORD_CHARS], stranger_from)
        return account if right and account is not None and account.active else None

    async def _fields(self, request: web.Request) -> tuple[str, str, str]:
        data = await fields_of(request)
        return data.get("login", "").strip(), data.get("password", ""), data.get("csrf", "")


def _counted_by(name: str, browser: KnownBrowser | None, stranger: str) -> str:
    """What somebody's failures are counted by: in a browser that knows them, what was done there, and nothing else."""
    return f"{name}\nbrowser {browser.id}" if browser else stranger


class _Limits:
    """How often somebody may try: by name and network together, by network, and by name a little."""

    def __init__(self, settings: WebSettings, clock: Callable[[], float]) -> None:
        window_s = settings.attempt_window_minutes * 60
        self.delays = Delays(settings.max_attempts, clock)
        self.networks = Attempts(settings.max_attempts_per_address, window_s, clock)
        self.names = Attempts(settings.max_attempts_per_address, window_s, clock)
        self.named_pause_s = settings.named_pause_s

    def of(self, name: str, network: str, browser: KnownBrowser | None) -> _Tries:
        """Those of one who tries."""
        return _Tries(self, name, network, browser)


class _Tries:
    """What counts for one attempt; in a known browser only what was done there."""

    def __init__(self, limits: _Limits, name: str, network: str, browser: KnownBrowser | None) -> None:
        self._mine = _counted_by(name, browser, f"{name}\n{network}")
        self._delays = limits.delays
        self._common = [] if browser else [(limits.networks, network), (limits.names, name)]
        slow = browser is None and limits.names.wait_s(name) > 0
        self.pause_s = limits.named_pause_s if slow else 0.0
        """How long the answer is held back. A name alone refuses nobody: else anybody could lock out anybody."""

    def wait_s(self) -> float:
        """Seconds until another attempt may be made; 0 when it may now."""
        network = next((attempts.wait_s(key) for attempts, key in self._common[:1]), 0.0)
        return max(self._delays.wait_s(self._mine), network)

    def count(self) -> None:
        """One begins."""
        self._delays.count(self._mine)
        for attempts, key in self._common:
            attempts.count(key)

    def forgive(self) -> None:
        """It was none."""
        self._delays.forgive(self._mine)
        for attempts, key in self._common:
            attempts.forgive(key)

    def succeeded(self) -> None:
        """It was a good one."""
        self.forgive()
        self._delays.clear(self._mine)


async def fields_of(request: web.Request) -> dict[str, str]:
    """What stands in a form of ours; raises what the browser is told where it is none."""
    if request.content_type != FORM_TYPE or (request.charset or "utf-8").lower() != "utf-8":
        raise web.HTTPUnsupportedMediaType
    try:
        data = await request.clone(client_max_size=FORM_BYTES).post()
    except ValueError:
        raise web.HTTPBadRequest from None
    return {name: value for name, value in data.items() if isinstance(value, str)}


def told_to_wait(wait_s: float) -> Text:
    """How long somebody who has tried too often must wait."""
    minutes = math.ceil(wait_s / 60)
    return text("web.door.wait_a_minute") if minutes == 1 else text("web.door.wait", minutes=minutes)
