"""Browsers in which somebody has signed in before: nobody else's wrong guesses keep them out.

The cookie says for whom it counts only to us: it is signed with the server's key over login and password, so it ends with the
password, and a restart keeps it. It opens nothing by itself; it only spares its owner what strangers have to wait.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from ivr.calls.people.accounts import Account

KNOWN_S = 30 * 24 * 3600
"""How long a browser is known after a sign-in."""
MOST = 8
"""People who share a browser, in a place where shifts change; one more drops the one who signed in longest ago."""
_BETWEEN = "~"
_MARK = re.compile(r"(\d{1,11})\.([\w-]{12})\.([\w-]{22})\.([\w-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """One browser of one person."""

    id: str
    password: str
    """What the signature holds of the password as it was then."""


class KnownBrowsers:
    """Makes and reads the cookie."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        """``clock``: the time of day in seconds, since the cookie outlives the process."""
        self._key = key
        self._clock = clock

    def find(self, cookie: str, login: str, account: Account | None) -> KnownBrowser | None:
        """The browser, when this person has signed in here with the password that they have now."""
        known = self.signed(cookie, login)
        return known if known and account and hmac.compare_digest(known.password, self._of(account)) else None

    def signed(self, cookie: str, login: str) -> KnownBrowser | None:
        """What the cookie says of a login, before anybody has looked at the account."""
        for mark in cookie.split(_BETWEEN)[:MOST]:
            if not (found := _MARK.fullmatch(mark)):
                continue
            began, number, password, signature = found.groups()
            right = hmac.compare_digest(self._signature(login, began, number, password), signature)
            if right and 0 <= self._clock() - int(began) <= KNOWN_S:
                return KnownBrowser(number, password)
        return None

    def add(self, cookie: str, account: Account) -> str:
        """The cookie with this person in the first place."""
        began, number, password = str(int(self._clock())), secrets.token_urlsafe(9), self._of(account)
        mine = f"{began}.{number}.{password}.{self._signature(account.login, began, number, password)}"
        others = [one for one in cookie.split(_BETWEEN) if _MARK.fullmatch(one) and not self.signed(one, account.login)]
        return _BETWEEN.join([mine, *others[: MOST - 1]])

    def _of(self, account: Account) -> str:
        return self._text("password", account.password_hash)[:22]

    def _signature(self, login: str, *parts: str) -> str:
        return self._text("browser", ".".join(parts), login)

    def _text(self, *words: str) -> str:
        made = hmac.digest(self._key, "\n".join(words).encode("utf-8", "replace"), "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")
