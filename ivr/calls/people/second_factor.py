"""The second factor: codes of an authenticator app (RFC 6238), recovery codes, and the port of where they are kept."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import quote

from ivr.calls.people.accounts import Account
from ivr.calls.people.audit import Actor

WhoNeeds = Literal["off", "admins", "supervisors"]
"""Who must have a second factor: nobody, administrators, or supervisors too. Everybody may."""
STEP_S = 30
DIGITS = 6
DRIFT = 1
"""How many steps the clock of a telephone may be from ours, either way."""
SECRET_BYTES = 20
RECOVERY_CODES = 10
_RECOVERY = re.compile(r"[a-z2-7]{16}")


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Somebody's authenticator app."""

    login: str
    secret: str
    """Encrypted: see ``ivr.web.guard.second_factors``."""
    confirmed: bool
    """Whether they have shown that their app makes the right codes; until then it is asked of nobody."""
    last_step: int
    """The time step of the last code that counted: it and those before it count no more."""


class SecondFactorStore(Protocol):
    """Where they are kept. What changes one is in the audit trail in the same transaction, or not done."""

    async def find(self, login: str) -> SecondFactor | None:
        """Somebody's, confirmed or not."""

    async def begin(self, login: str, secret: str) -> bool:
        """Keep a secret that is yet to be confirmed; False where one is confirmed already."""

    async def confirm(self, login: str, step: int, codes: Sequence[str], by: Actor) -> bool:
        """From now on it is asked for, and their sessions end. ``codes``: digests of recovery codes. False: none to confirm."""

    async def use(self, login: str, step: int) -> bool:
        """The code of this step counts; False where it or a later one has counted before."""

    async def use_recovery(self, login: str, digest: str, by: Actor) -> bool:
        """This recovery code counts; False where there is none, or it has counted before."""

    async def remove(self, login: str, by: Actor) -> bool:
        """Forget it, with the recovery codes and the person's sessions; False where there is none."""


def must_have(account: Account, who: WhoNeeds) -> bool:
    """Whether this person may not do without one."""
    return who != "off" and account.may("admin" if who == "admins" else "supervisor")


def code_at(secret: bytes, step: int) -> str:
    """The code of one time step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: bytes, code: str, now: float) -> int | None:
    """The time step that a code is of; None where it is of none about now. ``now``: seconds since 1970."""
    middle = int(now) // STEP_S
    steps = range(middle - DRIFT, middle + DRIFT + 1)
    found = [
        step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode("utf-8", "replace"))
    ]
    return found[-1] if found else None


def address_of(secret: bytes, login: str, house: str) -> str:
    """What the picture says to an app."""
    text = base64.b32encode(secret).decode()
    return f"otpauth://totp/{quote(house)}:{quote(login)}?secret={text}&issuer={quote(house)}&digits={DIGITS}&period={STEP_S}"


def new_recovery_codes() -> list[str]:
    """Ten, of 80 random bits each."""
    texts = (base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES))
    return ["-".join(text[at : at + 4] for at in range(0, 16, 4)) for text in texts]


def recovery_code(typed: str) -> str | None:
    """What was typed, if it has the form of a recovery code; spaces, dashes and capitals do not matter."""
    bare = re.sub(r"[\s-]", "", typed).lower()
    return bare if _RECOVERY.fullmatch(bare) else None
