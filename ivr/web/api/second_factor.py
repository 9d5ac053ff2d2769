"""One's own second factor: ``/me/second-factor``."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Annotated

import segno
from pydantic import Field

from ivr.calls.people.second_factor import address_of
from ivr.core.texts import text
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model
from ivr.web.api.me import WRONG_PASSWORD
from ivr.web.guard.gate import too_many
from ivr.web.guard.passwords import PASSWORD_CHARS, Passwords
from ivr.web.guard.rate_limits import Attempts, address_key
from ivr.web.guard.route_needs import ONESELF
from ivr.web.guard.second_factors import SecondFactors
from ivr.web.guard.sessions import Sessions
from ivr.web.problems import Fault, Problem

HOUSE = "IVR"
"""What an app calls us."""
WRONG_CODE = text("api.people.wrong_code")
HAS_ONE = text("api.people.has_second_factor")


class Proof(Model):
    """One's password: it proves who is sitting there."""

    password: Annotated[str, Field(max_length=PASSWORD_CHARS)]


class Code(Model):
    """What the app shows."""

    code: Annotated[str, Field(max_length=20)]


class NewSecret(Model):
    """What an app must know, shown this once; nothing is asked for until ``/me/second-factor/confirm``."""

    secret: str
    """In base 32, for typing."""
    address: str
    """``otpauth://``, for opening."""
    picture: str
    """The address as a QR code: ``data:image/svg+xml``."""


class RecoveryCodes(Model):
    """Each counts once in the place of the app's code; shown this once, and kept as digests."""

    recovery_codes: list[str]


class SecondFactorApi:
    """The endpoints."""

    def __init__(self, factors: SecondFactors, sessions: Sessions, passwords: Passwords, guesses: Attempts) -> None:
        self._factors = factors
        self._sessions = sessions
        self._passwords = passwords
        self._guesses = guesses

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        mine = "/me/second-factor"
        return [
            Endpoint("POST", mine, ONESELF, self.begin_second_factor, {200: NewSecret}, (409,), act="second_factor.added"),
            Endpoint("POST", f"{mine}/confirm", ONESELF, self.confirm_second_factor, {200: RecoveryCodes},
                     act="second_factor.added"),
            Endpoint("POST", f"{mine}/remove", ONESELF, self.remove_second_factor, {204: None}, (404,),
                     act="second_factor.removed"),
        ]  # fmt: skip

    async def begin_second_factor(self, call: Call, body: Proof) -> Answer:
        """Make a secret for one's authenticator app"""
        await self._proved(call, body.password)
        secret = await self._factors.begin(call.account.login)
        if secret is None:
            raise Problem(409, HAS_ONE)
        address = address_of(secret, call.account.login, HOUSE)
        picture = segno.make(address, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
        return Answer(200, NewSecret(secret=base64.b32encode(secret).decode(), address=address, picture=picture))

    async def confirm_second_factor(self, call: Call, body: Code) -> Answer:
        """Show that the app makes the right codes: from now on they are asked for, and other sessions end"""
        self._count(call)
        codes = await self._factors.confirm(call.account.login, body.code.strip(), call.by)
        if codes is None:
            raise Problem(422, faults=[Fault(WRONG_CODE, pointer="#/code")])
        self._guesses.clear(call.account.login)
        self._sessions.end_all(call.account.login)
        now = replace(call.account, second_factor=True)
        token = await self._sessions.begin(now, address_key(call.visitor.address))
        return Answer(200, RecoveryCodes(recovery_codes=codes), session=token)

    async def remove_second_factor(self, call: Call, body: Proof) -> Answer:
        """Be asked for a code no more; one signs in again"""
        await self._proved(call, body.password)
        if not await self._factors.remove(call.account.login, call.by):
            raise Problem(404)
        self._sessions.end_all(call.account.login)
        return Answer(204)

    def _count(self, call: Call) -> None:
        if (wait_s := self._guesses.wait_s(call.account.login)) > 0:
            raise too_many(wait_s)
        self._guesses.count(call.account.login)

    async def _proved(self, call: Call, password: str) -> None:
        self._count(call)
        if not await self._passwords.check(call.account, password):
            raise Problem(422, faults=[Fault(WRONG_PASSWORD, pointer="#/password")])
        self._guesses.clear(call.account.login)
