"""Proofs of who is calling: PIN, last order, one-time code. Wrong answers are counted in the record, across calls."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.people.audit import append
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store, insert_into
from ivr.calls.people.audit import Actor, Entry
from ivr.core.dialogue.words.digit_limits import CODE_DIGITS, PIN_DIGITS
from ivr.core.flow.nodes import ProofMethod
from ivr.core.language import Language

CODE_VALID_S = 300.0
_EASY = frozenset({"0123456789", "9876543210"})

SendCode = Callable[[str, str, Language], Awaitable[bool]]
"""Sends a code to the customer's own number (not to the one that calls): number, code, language → whether it went."""


class PinRefused(ValueError):
    """A PIN that nobody should have; the message says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many wrong answers in a row lock a customer's proofs, and for how long."""

    attempts: int = 3
    locked_for: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Sent:
    code: str
    until: float


class DatabaseIdentity:
    """Implements ``ivr.calls.caller.ports.Identity``; ``send`` None: one-time codes cannot be had."""

    def __init__(self, store: Store, limits: Limits = Limits(), send: SendCode | None = None) -> None:  # frozen
        self._store = store
        self._limits = limits
        self._send = send
        self._codes: dict[str, _Sent] = {}
        self._hasher = PasswordHasher()

    async def begin(
        self, customer: str, method: ProofMethod, language: Language
    ) -> Literal["asked", "unavailable", "locked"]:
        """Prepare one method: see whether there is a PIN or an order, send the code."""
        async with self._store.begin() as connection:
            row = await self._row(connection, customer)
            if _is_locked(row):
                return "locked"
            if method == "pin":
                return "asked" if row and row["pin_hash"] else "unavailable"
            if method == "last_order":
                return "asked" if await _last_order(connection, customer) else "unavailable"
            number = await _number(connection, customer)
        return await self._send_code(customer, number, language)

    async def _send_code(
        self, customer: str, number: str | None, language: Language
    ) -> Literal["asked", "unavailable"]:
        if self._send is None or number is None:
            return "unavailable"
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        if not await self._send(number, code, language):
            return "unavailable"
        self._codes = {who: sent for who, sent in self._codes.items() if sent.until > time.monotonic()}
        self._codes[customer] = _Sent(code, time.monotonic() + CODE_VALID_S)
        return "asked"

    async def check(self, customer: str, method: ProofMethod, answer: str) -> Literal["right", "wrong", "locked"]:
        """Check what the caller gave, and count it."""
        async with self._store.begin() as connection:
            row = await self._row(connection, customer, create=True)
            if _is_locked(row):
                return "locked"
            right = await self._is_right(connection, customer, method, answer, row["pin_hash"])
            failures = 0 if right else row["failures"] + 1
            locked = failures >= self._limits.attempts
            values: dict[str, Any] = {"failures": 0 if locked else failures}
            if right:
                values["proved_at"] = datetime.now(UTC)
            if locked:
                values["locked_until"] = datetime.now(UTC) + self._limits.locked_for
            await connection.execute(update(t.proofs).where(t.proofs.c.customer_id == customer).values(**values))
        if right:
            self._codes.pop(customer, None)
            return "right"
        return "locked" if locked else "wrong"

    async def _is_right(
        self, connection: AsyncConnection, customer: str, method: ProofMethod, answer: str, pin_hash: str | None
    ) -> bool:
        match method:
            case "pin":
                return pin_hash is not None and await asyncio.to_thread(self._fits, pin_hash, answer)
            case "last_order":
                last = await _last_order(connection, customer)
                return last is not None and hmac.compare_digest(last.encode(), answer.encode())
            case "code":
                sent = self._codes.get(customer)
                alive = sent is not None and sent.until > time.monotonic()
                return sent is not None and alive and hmac.compare_digest(sent.code.encode(), answer.encode())

    def _fits(self, pin_hash: str, answer: str) -> bool:
        try:
            return self._hasher.verify(pin_hash, answer)
        except (VerificationError, InvalidHashError):
            return False

    async def set_pin(self, customer: str, pin: str | None, by: Actor) -> bool:
        """Give a customer a PIN, or take it away; False when there is no such customer. Raises PinRefused."""
        if pin is not None:
            _refuse_easy(pin)
        hashed = None if pin is None else await asyncio.to_thread(self._hasher.hash, pin)
        async with self._store.begin() as connection:
            known = await connection.execute(select(t.customers.c.id).where(t.customers.c.id == customer))
            if known.first() is None:
                return False
            await self._row(connection, customer, create=True)
            values = {"pin_hash": hashed, "failures": 0, "locked_until": None}
            await connection.execute(update(t.proofs).where(t.proofs.c.customer_id == customer).values(**values))
            taken, given = (
                Entry(by, "pin.removed", customer, of_customer=True),
                Entry(by, "pin.set", customer, of_customer=True),
            )
            await append(connection, taken if pin is None else given)
        return True

    async def _row(self, connection: AsyncConnection, customer: str, *, create: bool = False) -> Any:
        # locked until the count is written, so that two calls at once cannot share an attempt; SQLite knows no FOR UPDATE,
        # but whoever has begun to write is the only one until the end of the transaction
        if create:
            row = insert_into(connection.dialect.name, t.proofs).values(customer_id=customer, failures=0)
            await connection.execute(row.on_conflict_do_nothing())
        query = select(t.proofs).where(t.proofs.c.customer_id == customer).with_for_update()
        return (await connection.execute(query)).mappings().first()


def _refuse_easy(pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and PIN_DIGITS[0] <= len(pin) <= PIN_DIGITS[1]):
        raise PinRefused("a PIN has four to eight digits")
    if len(set(pin)) == 1 or any(pin in row for row in _EASY):
        raise PinRefused("that PIN is among the first that anybody would try")


def _is_locked(row: Any) -> bool:
    return row is not None and row["locked_until"] is not None and row["locked_until"] > datetime.now(UTC)


async def _last_order(connection: AsyncConnection, customer: str) -> str | None:
    o = t.orders.c
    query = select(o.id).where(o.customer_id == customer).order_by(o.ordered_at.desc()).limit(1)
    found: str | None = (await connection.execute(query)).scalar()
    return found


async def _number(connection: AsyncConnection, customer: str) -> str | None:
    n = t.numbers.c
    found: str | None = (
        await connection.execute(select(n.number).where(n.customer_id == customer).order_by(n.number).limit(1))
    ).scalar()
    return found
