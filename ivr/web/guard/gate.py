"""The gate before every handler: who asks, by session or by key, and whether the route is for them."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from ivr.calls.people.accounts import Accounts
from ivr.calls.people.api_keys import ApiKey, Keys
from ivr.calls.people.audit import Audit, Entry, refused, witness
from ivr.core.texts import text
from ivr.web.guard.key_text import digest, split
from ivr.web.guard.origins import ORIGINS, same_origin
from ivr.web.guard.rate_limits import Attempts, Paces, address_key
from ivr.web.guard.route_needs import Needs, needs_of
from ivr.web.guard.second_factors import SecondFactors
from ivr.web.guard.sessions import Sessions
from ivr.web.guard.visitor import VISITOR, Visitor, address_of
from ivr.web.problems import Problem
from ivr.web.settings import WebSettings

USED_EVERY = timedelta(hours=1)
"""How often the use of a key is written down."""
_NOBODY = digest("nobody")

log = structlog.get_logger("ivr.web")

BOTH = text("api.gate.both")
SEVERAL = text("api.gate.several")
WRONG_KEY = text("api.gate.wrong_key")
NO_KEYS = text("api.gate.no_keys")
NO_SECOND = text("api.gate.no_second_factor")
NO_PEOPLE = text("api.gate.no_people")


class Gate:
    """Lets in whom a route is for, and leaves word of who it is; and no form from another site, wherever it goes."""

    def __init__(
        self,
        sessions: Sessions,
        factors: SecondFactors,
        accounts: Accounts,
        keys: Keys,
        audit: Audit,
        settings: WebSettings,
        clock: Callable[[], float],
    ) -> None:
        self._sessions = sessions
        self._factors = factors
        self._accounts = accounts
        self._keys = keys
        self._audit = audit
        self._settings = settings
        self._cookie = settings.cookie("session")
        self._wrong_keys = Attempts(settings.max_attempts_per_address, settings.attempt_window_minutes * 60, clock)
        self._paces = Paces(settings.key_requests_per_s, clock)

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.app[ORIGINS].ours(request):
            raise Problem(421)
        if request.method not in ("GET", "HEAD") and "Origin" in request.headers and not same_origin(request):
            raise web.HTTPForbidden
        needs = needs_of(request)
        address = address_of(request, self._settings)
        secret = None if needs.anybody else _bearer(request)
        if secret is not None and self._cookie in request.cookies:
            raise Problem(400, BOTH)
        if secret is not None:
            request[VISITOR] = Visitor(address, key=await self._key(secret, needs, address))
        else:
            request[VISITOR] = await self._person(request, needs, address)
        return await handler(request)

    async def _person(self, request: web.Request, needs: Needs, address: str) -> Visitor:
        session = self._sessions.find(request.cookies.get(self._cookie))
        if needs.anybody or (needs.session and session is not None):
            return Visitor(address, session)
        account = await self._sessions.account(session, self._accounts) if session is not None else None
        if account is None:
            if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
                raise web.HTTPSeeOther("/sign-in")
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"} if needs.scope else None)
        if needs.role is None:
            raise Problem(403, NO_PEOPLE)
        if not account.may(needs.role):
            # who looks for what is not theirs is seen; the trail bounds how many lines that makes
            resource = request.match_info.route.resource
            asked = Entry(
                Visitor(address, session, account).actor, "route.asked", resource.canonical if resource else None,
                {"method": request.method, "needs": needs.role},
            )  # fmt: skip
            await witness(self._audit, refused(asked))
            raise web.HTTPForbidden
        assert session is not None
        # who comes in from a provider has a second factor there, or none is wanted
        if not needs.first_factor and session.how == "password" and self._factors.missing(account):
            if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
                raise web.HTTPSeeOther("/account")
            raise Problem(403, NO_SECOND)
        return Visitor(address, session, account)

    async def _key(self, secret: str, needs: Needs, address: str) -> ApiKey:
        house = address_key(address)
        if (wait_s := self._wrong_keys.wait_s(house)) > 0:
            log.warning("keys_limited", address=house)
            raise too_many(wait_s)
        key = await self._known(secret)
        if key is None:
            self._wrong_keys.count(house)
            log.warning("key_refused", address=house)
            raise Problem(401, WRONG_KEY, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        if (wait_s := self._paces.wait_s(key.id)) > 0:
            raise too_many(wait_s)
        if needs.scope is None:
            raise Problem(403, NO_KEYS)
        if needs.scope != "any" and needs.scope not in key.scopes:
            raise Problem(403, text("api.gate.no_scope", scope=needs.scope))
        await self._note(key)
        return key

    async def _known(self, text: str) -> ApiKey | None:
        """The key that this text is, if it may be used; a wrong secret takes as long as an unknown id."""
        number, secret = split(text)
        key = await self._keys.find(number) if number else None
        right = hmac.compare_digest(digest(secret), key.digest if key else _NOBODY)
        return key if key is not None and right and key.opens(datetime.now(UTC)) else None

    async def _note(self, key: ApiKey) -> None:
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        if key.used_at is not None and now - key.used_at < USED_EVERY:
            return
        try:
            await self._keys.used(key.id, now)
        except ConnectionError:
            log.warning("key_use_not_written", key=key.id)  # nobody is refused for that


def too_many(wait_s: float) -> Problem:
    """Come back later."""
    seconds = max(1, math.ceil(wait_s))
    return Problem(429, text("api.gate.too_many", seconds=seconds), headers={"Retry-After": str(seconds)})


def _bearer(request: web.Request) -> str | None:
    """The key that a request brings; None when it brings none. Other ways to authorize are a proxy's affair."""
    lines = request.headers.getall("Authorization", [])
    keys = [line.partition(" ")[2].strip() for line in lines if line.partition(" ")[0].lower() == "bearer"]
    if len(keys) > 1:
        raise Problem(400, SEVERAL)
    return keys[0] if keys else None
