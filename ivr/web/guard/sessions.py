"""Who is at the desk: sessions, and the tokens that forms carry."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from aiohttp import web

from ivr.calls.people.accounts import Account, Accounts
from ivr.calls.people.audit import Entry
from ivr.calls.people.sessions import KeptSession, SessionStore, marks_of
from ivr.web.settings import WebSettings

TOKEN_CHARS = 43
"""256 bits in URL-safe base 64."""
WRITTEN_EVERY_S = 60.0
"""How often it is written down which sessions are in use."""
SKEW_S = 60.0
"""How far the time of day may have been put back between two starts."""

log = structlog.get_logger("ivr.web")


def new_token() -> str:
    """256 random bits that fit a cookie."""
    return secrets.token_urlsafe(32)


@dataclass(slots=True, eq=False)
class Session:
    """One sign-in of one person in one browser."""

    id: str
    """SHA-256 of the token; the token itself is only in the browser."""
    login: str
    marks: str
    """``marks_of`` the account at the sign-in: when it is another one, the session is over."""
    began: float
    used: float
    written: float
    """Which use of it is kept."""
    how: str = "password"
    """password or oidc."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Sessions:
    """All sessions: in memory, and kept, so that nobody has to sign in again when the server is started anew.

    While the server runs, the monotonic clock counts. What is kept has the time of day; where that was put back meanwhile,
    a session would live too long, so one that begins in the future is over.
    """

    def __init__(
        self,
        store: SessionStore,
        settings: WebSettings,
        clock: Callable[[], float],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._absolute_s = settings.session_hours * 3600
        self._idle_s = settings.idle_minutes * 60
        self._per_login = settings.sessions_per_login
        self._clock = clock
        self._now = now
        self._by_id: dict[str, Session] = {}
        self._over: set[str] = set()
        """Those that have ended and may be kept still."""

    async def load(self) -> None:
        """Those that were there when the server ended."""
        for kept in await self._store.all():
            ago = [(self._now() - at).total_seconds() for at in (kept.began_at, kept.used_at)]
            began, used = (self._clock() - max(0.0, age_s) for age_s in ago)
            session = Session(kept.id, kept.login, kept.marks, began, used, used, kept.how)
            if min(ago) < -SKEW_S or self.remaining_s(session) <= 0:
                self._over.add(session.id)
            else:
                self._by_id[session.id] = session

    async def begin(
        self,
        account: Account,
        network: str,
        entry: Entry | None = None,
        instead_of: Session | None = None,
        how: str = "password",
    ) -> str:
        """Start a session and return the token for the cookie: always a new one, whatever the browser brought.

        ``entry`` is written with it. Raises when it cannot be kept; nobody is signed in then.
        """
        self._sweep()
        mine = [session for session in self._by_id.values() if session.login == account.login]
        over = mine[: max(0, len(mine) - self._per_login + 1)]
        if instead_of is not None and instead_of not in over:
            over.append(instead_of)
        token, clock, now = new_token(), self._clock(), self._now()
        session = Session(_digest(token), account.login, marks_of(account), clock, clock, clock, how)
        kept = KeptSession(session.id, session.login, session.marks, now, now, how, network)
        await self._store.begin(kept, [one.id for one in over], entry)
        for one in over:
            self._drop(one)
        self._by_id[session.id] = session
        return token

    def find(self, token: str | None) -> Session | None:
        """The living session of a token, which counts as a use of it."""
        session = self._by_id.get(_digest(token)) if token and len(token) == TOKEN_CHARS else None
        if session is None:
            return None
        if self.remaining_s(session) <= 0:
            self._drop(session)
            return None
        self.touch(session)
        return session

    def touch(self, session: Session) -> None:
        """It is in use."""
        session.used = self._clock()

    def remaining_s(self, session: Session) -> float:
        """Seconds that it would live on if nobody used it; 0 or less when it is over."""
        if session.ended.is_set():
            return 0.0
        return min(session.began + self._absolute_s, session.used + self._idle_s) - self._clock()

    async def account(self, session: Session, accounts: Accounts) -> Account | None:
        """The account behind a session; ends the session when the account is gone, inactive, or no longer the same."""
        account = await accounts.account(session.login)
        if account and account.active and marks_of(account) == session.marks:
            return account
        self._drop(session)
        return None

    async def end(self, session: Session, entry: Entry) -> None:
        """End it at once, and its open desks; where that cannot be written now, it is later, and the log has the entry."""
        self._drop(session)
        try:
            await self._store.end([session.id], entry)
        except Exception:
            log.exception("audit_not_written", what=entry.what, who=entry.by.who, target=entry.target)
        else:
            self._over.discard(session.id)

    def end_all(self, login: str) -> None:
        """End all of somebody's."""
        for session in [one for one in self._by_id.values() if one.login == login]:
            self._drop(session)

    async def write(self) -> None:
        """Write down what has been used and what has ended; raises when that cannot be done now."""
        self._sweep()
        over, clock, now = list(self._over), self._clock(), self._now()
        if over:
            await self._store.end(over, None)
            self._over.difference_update(over)
        used = [session for session in self._by_id.values() if session.used > session.written]
        last = {session: session.used for session in used}
        await self._store.used({one.id: now - timedelta(seconds=clock - at) for one, at in last.items()})
        for session, at in last.items():
            session.written = at

    async def running(self, _app: web.Application) -> AsyncIterator[None]:
        """Load them, and write once a minute as long as the application runs."""
        await self.load()
        writer = asyncio.create_task(self._keep_written())
        yield
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        await self._tried()

    async def _keep_written(self) -> None:
        while True:
            await asyncio.sleep(WRITTEN_EVERY_S)
            await self._tried()

    async def _tried(self) -> None:
        try:
            await self.write()
        except Exception as error:  # later; nobody is kept out for that
            log.warning("sessions_not_written", problem=str(error))

    def _drop(self, session: Session) -> None:
        """It is over; its open desks notice at once."""
        self._by_id.pop(session.id, None)
        self._over.add(session.id)
        session.ended.set()

    def _sweep(self) -> None:
        for session in [one for one in self._by_id.values() if self.remaining_s(one) <= 0]:
            self._drop(session)


class FormTokens:
    """Tokens against forged forms: each is bound to the cookie that came with the page (double submit).

    ``key`` is the server's own: a page that was open while the server was started anew goes on.
    """

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"forms", "sha256")

    def token(self, cookie: str) -> str:
        """What the form must carry beside that cookie."""
        return hmac.new(self._key, cookie.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def right(self, cookie: str | None, token: str) -> bool:
        """Whether form and cookie belong together."""
        if not cookie or len(cookie) != TOKEN_CHARS:
            return False
        return hmac.compare_digest(self.token(cookie).encode(), token.encode("utf-8", "replace"))


def set_cookie(
    response: web.StreamResponse, settings: WebSettings, name: str, value: str, age_s: int | None = None
) -> None:
    """Set a cookie of ours, as closed as can be, until the browser ends or for so long; an empty value takes it away."""
    age = age_s if value else 0
    secure = settings.secure_cookies
    response.set_cookie(
        settings.cookie(name), value, max_age=age, path="/", httponly=True, samesite="Strict", secure=secure
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
