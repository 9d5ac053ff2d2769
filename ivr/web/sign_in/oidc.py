"""The other door: people sign in at an OIDC provider, and come back with its answer.

Nothing is kept here while they are away. What belongs to one sign-in (``state``, ``nonce``, the PKCE verifier) is
worked out from a random cookie of that browser and a key of this process; so an answer counts only in the browser that
asked for it, only once, and not for long.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from aiohttp import web

from ivr.calls.people.audit import Actor, Audit, Entry, refused, witness
from ivr.calls.people.single_sign_on import NotSignedIn, Provider, SsoAdmission
from ivr.calls.ports import Refused
from ivr.core.language import Text
from ivr.core.texts import text
from ivr.web.guard.rate_limits import REMEMBERED, Attempts, address_key
from ivr.web.guard.visitor import VISITOR
from ivr.web.pages import Pages
from ivr.web.settings import WebSettings
from ivr.web.sign_in.password import SignIn

AWAY_S = 600
"""How long somebody may be away to sign in."""
BACK = "/sign-in/oidc/back"
FAILED = text("web.door.sign_on_failed")
UNREACHABLE = text("web.door.sign_on_away")

log = structlog.get_logger("ivr.web")


@dataclass(frozen=True, slots=True)
class Trip:
    """What belongs to one sign-in elsewhere."""

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier (S256)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


class Trips:
    """Trips out of cookies."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._over: OrderedDict[str, None] = OrderedDict()

    def begin(self) -> tuple[str, Trip]:
        """A new one: the cookie, and what it stands for."""
        cookie = f"{int(self._clock())}.{secrets.token_urlsafe(32)}"
        return cookie, self._of(cookie)

    def end(self, cookie: str, state: str) -> Trip | None:
        """The trip of a browser that comes back; None when it never left, was away too long, or is back already."""
        began = cookie.partition(".")[0]
        if not (began.isascii() and began.isdecimal() and len(began) < 12 and len(cookie) < 80):
            return None
        trip = self._of(cookie)
        if not hmac.compare_digest(trip.state.encode(), state.encode("utf-8", "replace")):
            return None
        if not 0 <= self._clock() - int(began) <= AWAY_S or trip.state in self._over:
            return None
        self._over[trip.state] = None
        while len(self._over) > REMEMBERED:
            self._over.popitem(last=False)
        return trip

    def _of(self, cookie: str) -> Trip:
        made = (hmac.digest(self._key, f"{use} {cookie}".encode("utf-8", "replace"), "sha256") for use in "snv")
        return Trip(*(_text(one) for one in made))


class SignOn:
    """The handlers."""

    def __init__(
        self,
        provider: Provider,
        admission: SsoAdmission,
        audit: Audit,
        door: SignIn,
        pages: Pages,
        settings: WebSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._admission = admission
        self._audit = audit
        self._door = door
        self._pages = pages
        self._settings = settings
        self._trips = Trips(clock)
        window_s = settings.attempt_window_minutes * 60
        self._attempts = Attempts(settings.max_attempts_per_address, window_s, clock)

    async def go(self, request: web.Request) -> web.StreamResponse:
        """``GET /sign-in/oidc``: to the provider."""
        cookie, trip = self._trips.begin()
        try:
            address = await self._provider.door(trip.state, trip.nonce, trip.challenge)
        except NotSignedIn as error:
            log.warning("sign_on_unreachable", problem=str(error))
            return self._door.form(request, UNREACHABLE, status=503)
        response = web.Response(status=303, headers={"Location": address})
        self._set(response, cookie)
        return response

    async def back(self, request: web.Request) -> web.StreamResponse:
        """``GET /sign-in/oidc/back``: from the provider, with its answer."""
        house = address_key(request[VISITOR].address)
        if (wait_s := self._attempts.wait_s(house)) > 0:
            log.warning("sign_on_limited", address=house)
            return self._door.later(request, wait_s)
        self._attempts.count(house)
        cookie = request.cookies.get(self._settings.cookie("trip"), "")
        answer = dict(request.query)
        trip = self._trips.end(cookie, answer.get("state", ""))
        if trip is None or len(answer) < len(request.query):
            return await self._refused(request, FAILED, "the answer belongs to no sign-in of this browser")
        try:
            who = await self._provider.identify(answer, trip.state, trip.nonce, trip.verifier)
            account = await self._admission.admit(who, request[VISITOR].address)
        except NotSignedIn as error:
            return await self._refused(request, FAILED, str(error))
        except Refused as refused:
            return await self._refused(request, refused.text, "not for this house")
        # Not a redirect: browsers would follow it as the provider's, and not send a cookie that is for our own pages only.
        response = self._pages.page("sign_in/entered.html", {"lang": account.language})
        await self._door.welcome(request, response, account, "oidc")
        self._attempts.forgive(house)
        self._set(response, "")
        return response

    async def _refused(self, request: web.Request, text: Text, why: str) -> web.Response:
        log.warning("sign_on_refused", why=why)
        entry = Entry(Actor("", None, request[VISITOR].address), "sign_in", None, {"how": "oidc"})
        await witness(self._audit, refused(entry))
        response = self._door.form(request, text, status=401)
        self._set(response, "")
        return response

    def _set(self, response: web.StreamResponse, value: str) -> None:
        # Lax: the browser must bring it back from the provider, which is another site.
        age, secure = AWAY_S if value else 0, self._settings.secure_cookies
        response.set_cookie(
            self._settings.cookie("trip"), value, max_age=age, path="/", httponly=True, samesite="Lax", secure=secure
        )


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
