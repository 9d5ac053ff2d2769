"""Second factors at the door: secrets sealed with the server's key, codes that count once, and the way between both pages."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import time
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ivr.calls.people.accounts import Account
from ivr.calls.people.audit import Actor
from ivr.calls.people.second_factor import (
    SECRET_BYTES,
    SecondFactorStore,
    WhoNeeds,
    must_have,
    new_recovery_codes,
    recovery_code,
    step_of,
)
from ivr.calls.people.sessions import marks_of

HALFWAY_S = 300
"""How long after the password the code may come."""
_NONCE_BYTES = 12
_HALF = re.compile(r"(\d{1,11})\.([\w-]{1,100})\.([\w-]{43})", re.ASCII)


class SecondFactors:
    """What the door and people's own pages do with them."""

    def __init__(
        self, store: SecondFactorStore, key: bytes, who: WhoNeeds, clock: Callable[[], float] = time.time
    ) -> None:
        """``clock``: the time of day in seconds, as the apps have it."""
        self._store = store
        self._key = key
        self._seal = AESGCM(hmac.digest(key, b"second factors", "sha256"))
        self._who = who
        self._clock = clock

    def missing(self, account: Account) -> bool:
        """Whether this person must set one up before they may do anything else."""
        return must_have(account, self._who) and not account.second_factor

    async def begin(self, login: str) -> bytes | None:
        """A new secret, to be confirmed; None where one is confirmed already."""
        secret = secrets.token_bytes(SECRET_BYTES)
        return secret if await self._store.begin(login, self.sealed(login, secret)) else None

    async def confirm(self, login: str, code: str, by: Actor) -> list[str] | None:
        """Ask for it from now on; the recovery codes, shown this once. None where the code is not that of the app."""
        factor = await self._store.find(login)
        step = self._step(login, factor.secret, code) if factor and not factor.confirmed else None
        if step is None:
            return None
        codes = new_recovery_codes()
        digests = [self._digest(login, code.replace("-", "")) for code in codes]
        return codes if await self._store.confirm(login, step, digests, by) else None

    async def right(self, login: str, typed: str, by: Actor) -> bool:
        """Whether the code of the app, or a recovery code, counts; none does a second time."""
        factor = await self._store.find(login)
        if factor is None or not factor.confirmed:
            return False
        if (recovery := recovery_code(typed)) is not None:
            return await self._store.use_recovery(login, self._digest(login, recovery), by)
        step = self._step(login, factor.secret, "".join(typed.split()))
        return step is not None and await self._store.use(login, step)

    async def remove(self, login: str, by: Actor) -> bool:
        """Forget it; False where there is none."""
        return await self._store.remove(login, by)

    # -- between the password and the code

    def halfway(self, account: Account) -> str:
        """The cookie of somebody whose password was right."""
        login = base64.urlsafe_b64encode(account.login.encode()).decode().rstrip("=")
        began = str(int(self._clock()))
        return f"{began}.{login}.{self._half(began, account)}"

    def login_of(self, cookie: str) -> str | None:
        """Whose cookie this says it is; ``is_halfway`` tells whether that is true."""
        found = _HALF.fullmatch(cookie)
        try:
            return base64.urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4)).decode() if found else None
        except ValueError:
            return None

    def is_halfway(self, cookie: str, account: Account | None) -> bool:
        """Whether this person's password was right a moment ago, and is still theirs."""
        found = _HALF.fullmatch(cookie)
        if found is None or account is None or not account.active:
            return False
        right = hmac.compare_digest(self._half(found[1], account), found[3])
        return right and 0 <= self._clock() - int(found[1]) <= HALFWAY_S

    def _half(self, began: str, account: Account) -> str:
        words = f"halfway\n{began}\n{account.login}\n{marks_of(account)}"
        return base64.urlsafe_b64encode(hmac.digest(self._key, words.encode(), "sha256")).decode().rstrip("=")

    # -- what is kept

    def sealed(self, login: str, secret: bytes) -> str:
        """A secret as it is kept: only this server reads it, and only as this person's."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._seal.encrypt(nonce, secret, login.encode())).decode()

    def _step(self, login: str, sealed: str, code: str) -> int | None:
        raw = base64.b64decode(sealed)
        try:
            secret = self._seal.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], login.encode())
        except InvalidTag:
            raise SealLost(
                f"the second factor of {login} was sealed with another key than that of [web] key_file"
            ) from None
        return step_of(secret, code, self._clock())

    def _digest(self, login: str, code: str) -> str:
        return hmac.new(self._key, f"recovery\n{login}\n{code}".encode(), "sha256").hexdigest()


class SealLost(Exception):
    """The key is another one than that with which a secret was sealed: put it back, or reset the second factor."""
