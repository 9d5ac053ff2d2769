"""Who is at the desk: passwords, sessions and the tokens that forms carry."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from aiohttp import web
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ivr.calls.ports import Account, Accounts
from ivr.web.settings import WebSettings

TOKEN_CHARS = 43
"""256 bits in URL-safe base 64."""
LOGIN_CHARS = 128
PASSWORD_CHARS = 1024


def new_token() -> str:
    """256 random bits that fit a cookie."""
    return secrets.token_urlsafe(32)


class Passwords:
    """Argon2id, off the event loop and on two threads at most: each check takes 64 MiB for a moment."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash(secrets.token_hex())

    async def hash(self, password: str) -> str:
        """The PHC string to keep for a password."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def check(self, account: Account | None, password: str) -> bool:
        """Whether the password is the account's. An unknown account, or one without a password, takes as long."""
        kept = account.password_hash if account else ""
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._threads, self._verify, kept or self._nobody, password)
        return right and bool(kept)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False


@dataclass(slots=True, eq=False)
class Session:
    """One sign-in of one person in one browser."""

    id: str
    """SHA-256 of the token; the token itself is only in the browser."""
    login: str
    marks: tuple[object, ...]
    """Password, role and agent as they were at the sign-in: when one of them changes, the session is over."""
    began: float
    used: float
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Sessions:
    """All sessions, in memory: a restart of the server asks everybody to sign in again."""

    def __init__(self, settings: WebSettings, clock: Callable[[], float]) -> None:
        self._absolute_s = settings.session_hours * 3600
        self._idle_s = settings.idle_minutes * 60
        self._per_login = settings.sessions_per_login
        self._clock = clock
        self._by_id: dict[str, Session] = {}

    def begin(self, account: Account) -> str:
        """Start a session and return the token for the cookie: always a new one, whatever the browser brought."""
        self._sweep()
        mine = [session for session in self._by_id.values() if session.login == account.login]
        for oldest in mine[: max(0, len(mine) - self._per_login + 1)]:
            self.end(oldest)
        token, now = new_token(), self._clock()
        session = Session(_digest(token), account.login, _marks(account), now, now)
        self._by_id[session.id] = session
        return token

    def find(self, token: str | None) -> Session | None:
        """The living session of a token, which counts as a use of it."""
        session = self._by_id.get(_digest(token)) if token and len(token) == TOKEN_CHARS else None
        if session is None:
            return None
        if self.remaining_s(session) <= 0:
            self.end(session)
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
        if account and account.active and _marks(account) == session.marks:
            return account
        self.end(session)
        return None

    def end(self, session: Session) -> None:
        """End it; its open desks notice at once."""
        self._by_id.pop(session.id, None)
        session.ended.set()

    def end_all(self, login: str) -> None:
        """End all of somebody's."""
        for session in [one for one in self._by_id.values() if one.login == login]:
            self.end(session)

    def _sweep(self) -> None:
        for session in [one for one in self._by_id.values() if self.remaining_s(one) <= 0]:
            self.end(session)


class FormTokens:
    """Tokens against forged forms: each is bound to the cookie that came with the page (double submit)."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def token(self, cookie: str) -> str:
        """What the form must carry beside that cookie."""
        return hmac.new(self._key, cookie.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def right(self, cookie: str | None, token: str) -> bool:
        """Whether form and cookie belong together."""
        if not cookie or len(cookie) != TOKEN_CHARS:
            return False
        return hmac.compare_digest(self.token(cookie).encode(), token.encode("utf-8", "replace"))


def set_cookie(response: web.StreamResponse, settings: WebSettings, name: str, value: str) -> None:
    """Set a cookie of ours, as closed as cookies can be; an empty value takes it away."""
    age = None if value else 0
    secure = settings.secure_cookies
    response.set_cookie(
        settings.cookie(name), value, max_age=age, path="/", httponly=True, samesite="Strict", secure=secure
    )


def _marks(account: Account) -> tuple[object, ...]:
    return account.password_hash, account.role, account.agent.id if account.agent else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
