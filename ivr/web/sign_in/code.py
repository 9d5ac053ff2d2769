"""The second page of the door: the code of an authenticator app, or a recovery code."""

from __future__ import annotations

import math
from collections.abc import Callable

import structlog
from aiohttp import web

from ivr.calls.people.accounts import Accounts
from ivr.calls.people.audit import Actor, Audit, Entry, refused, witness
from ivr.calls.people.second_factor import recovery_code
from ivr.core.language import Text
from ivr.core.texts import text
from ivr.web.guard.rate_limits import Delays
from ivr.web.guard.second_factors import SecondFactors
from ivr.web.guard.sessions import FormTokens, set_cookie
from ivr.web.guard.visitor import VISITOR
from ivr.web.pages import Pages
from ivr.web.settings import WebSettings
from ivr.web.sign_in.password import NOTHING, OLD_PAGE, SignIn, fields_of, told_to_wait

WRONG_CODE = text("web.door.wrong_code")

log = structlog.get_logger("ivr.web")


class CodePage:
    """The handlers."""

    def __init__(
        self,
        door: SignIn,
        factors: SecondFactors,
        accounts: Accounts,
        audit: Audit,
        pages: Pages,
        tokens: FormTokens,
        settings: WebSettings,
        clock: Callable[[], float],
    ) -> None:
        self._door = door
        self._factors = factors
        self._accounts = accounts
        self._audit = audit
        self._pages = pages
        self._tokens = tokens
        self._settings = settings
        # by name whatever the network: only who knows the password comes so far, and six digits are soon guessed from many; a
        # browser in which the person has signed in before has tries of its own, so that nobody locks them out
        self._delays = Delays(settings.max_attempts, clock)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """``GET /sign-in/code``."""
        if self._factors.login_of(self._cookie(request)) is None:
            raise web.HTTPSeeOther("/sign-in")
        return self._form(request)

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """``POST /sign-in/code``."""
        data = await fields_of(request)
        if not self._tokens.right(request.cookies.get(self._settings.cookie("form")), data.get("csrf", "")):
            return self._form(request, OLD_PAGE, 403)
        cookie, typed = self._cookie(request), data.get("code", "").strip()
        login = self._factors.login_of(cookie)
        account = await self._accounts.account(login) if login is not None and login.isprintable() else None
        if account is None or not self._factors.is_halfway(cookie, account):
            response = self._door.form(request, OLD_PAGE, status=403)
            set_cookie(response, self._settings, "half", "")
            return response
        mine = self._door.tries_of(request, account)
        if (wait_s := self._delays.wait_s(mine)) > 0:
            log.warning("code_limited", login=account.login, wait_s=math.ceil(wait_s))
            response = self._form(request, told_to_wait(wait_s), 429)
            response.headers["Retry-After"] = str(math.ceil(wait_s))
            return response
        self._delays.count(mine)
        by = Actor(account.login, account.role, request[VISITOR].address)
        try:
            right = await self._factors.right(account.login, typed, by)
        except Exception:  # our fault, and not theirs
            self._delays.forgive(mine)
            raise
        if not right:
            log.warning("code_refused", login=account.login)
            await witness(self._audit, refused(Entry(by, "sign_in", account.login, {"how": "code"})))
            return self._form(request, WRONG_CODE, 401)
        self._delays.clear(mine)
        return await self._door.entered(request, account, "recovery" if recovery_code(typed) else "app")

    def _cookie(self, request: web.Request) -> str:
        return request.cookies.get(self._settings.cookie("half"), "")

    def _form(self, request: web.Request, wrong: Text = NOTHING, status: int = 200) -> web.Response:
        return self._door.page_with_form(request, "sign_in/code.html", {}, {"wrong": wrong}, status)
