"""Webhooks: who is told what, and where that is kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from ivr.calls.people.audit import Actor
from ivr.wire.webhooks import signing
from ivr.wire.webhooks.events import EventType

State = Literal["waiting", "delivered", "failed"]
STATES: tuple[State, ...] = ("waiting", "delivered", "failed")
MOST = 20
"""Subscriptions; each has a courier of its own."""
BOTH_FOR = timedelta(hours=24)
"""How long the secret before goes on to sign beside a new one."""
GONE = "gone"
"""Why a subscription is off whose receiver said 410."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription."""

    id: str
    url: str
    events: tuple[EventType, ...]
    words: bool
    """Whether they get what people said and wrote, too."""
    active: bool
    created_at: datetime
    created_by: str
    salt: str
    """Of which the server's key makes the secret."""
    check: str
    """By which it is seen that it still makes the same one."""
    old_salt: str | None = None
    old_until: datetime | None = None
    """Until then the secret before signs as well."""
    off_why: str | None = None
    """Why it is off when nobody has switched it off."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a subscription has come."""

    waiting: int = 0
    failed: int = 0
    """Given up, of those that are still kept."""
    left_out: int = 0
    """Never taken, because too many waited."""
    oldest_at: datetime | None = None
    """Since when the first that waits has waited."""
    delivered_at: datetime | None = None
    error: str | None = None
    """What went wrong last, with one that waits or was given up."""


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """One event for one receiver."""

    id: int
    event: str
    type: str
    stream: str
    body: str
    made_at: datetime
    tries: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What has become of one event."""

    id: int
    event: str
    type: str
    stream: str
    state: State
    tries: int
    made_at: datetime
    next_at: datetime
    done_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What a receiver has said to one attempt, or why it said nothing."""

    status: int | None = None
    error: str | None = None
    """One of our own words or a status: nothing of what the receiver wrote."""
    after_s: float | None = None
    """How long it asks us to wait."""
    took_ms: float = 0.0

    @property
    def delivered(self) -> bool:
        """Whether it has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def problem(self) -> str | None:
        """What went wrong, in one word; None when it has it."""
        return None if self.delivered else self.error or f"http_{self.status}"


class Webhooks(Protocol):
    """Subscriptions. What changes them is in the audit trail in the same transaction, or not done."""

    async def all(self) -> list[Webhook]:
        """Every subscription, the oldest first."""

    async def backlog(self) -> dict[str, Standing]:
        """How much waits for each, and nothing else of how it stands: this is asked all the time."""

    async def standing(self) -> dict[str, Standing]:
        """How far each has come."""

    async def find(self, webhook: str) -> Webhook | None:
        """One of them, or None."""

    async def add(self, webhook: Webhook, by: Actor) -> None:
        """Keep a new one."""

    async def put(self, webhook: Webhook, by: Actor, what: str = "webhook.changed") -> None:
        """Keep it as it is now; what waits of one that is off is given up."""

    async def remove(self, webhook: str, by: Actor) -> bool:
        """Forget it and everything that waits for it; False when there is none."""

    async def tried(self, webhook: Webhook, said: DeliveryResult, by: Actor) -> None:
        """Somebody has tried it out."""

    async def deliveries(
        self, webhook: str, state: State | None, limit: int, before: int | None = None
    ) -> list[Delivery]:
        """What has become of its events, the newest first."""


class Outbox(Protocol):
    """Events that wait to be sent. All methods raise OSError while the database is away."""

    async def heads(self, webhook: str, busy: Sequence[str], limit: int) -> list[PendingDelivery]:
        """The first that waits of each contact, but of those that are busy; the one first that is due first."""

    async def delivered(self, pending: PendingDelivery, at: datetime) -> None:
        """The receiver has it."""

    async def later(self, pending: PendingDelivery, error: str, next_at: datetime) -> None:
        """It has failed, and is tried again."""

    async def given_up(self, pending: PendingDelivery, error: str, at: datetime) -> None:
        """It has failed for the last time."""

    async def gone(self, webhook: str, at: datetime) -> None:
        """The receiver wants nothing any more: the subscription is off, and what waits is given up."""

    async def tidy(self, before: datetime) -> int:
        """Delete what was delivered or given up before that; how many."""


class Sender(Protocol):
    """The way out."""

    async def send(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryResult:
        """One attempt. Never raises: whatever goes wrong is said."""


class Keyless(Exception):
    """The server's key for webhooks cannot be read or made; the message says why."""


class SecretLost(Exception):
    """The key is not the one that a subscription's secret was made with."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for subscriptions. ``key`` gives the server's own key, and raises ``Keyless``."""

    key: Callable[[], bytes]

    def new(self) -> tuple[str, str, str]:
        """A new secret: salt and check to keep, and the text to show once."""
        salt = secrets.token_hex(16)
        made = signing.secret(self.key(), salt)
        return salt, signing.check(made), signing.shown(made)

    def headers(self, webhook: Webhook, event: str, at: datetime, body: bytes) -> dict[str, str]:
        """The headers of one attempt; raises ``SecretLost`` and ``Keyless``."""
        key = self.key()
        good = [signing.secret(key, webhook.salt)]
        if signing.check(good[0]) != webhook.check:
            raise SecretLost(webhook.id)
        if webhook.old_salt and webhook.old_until and at < webhook.old_until:
            good.append(signing.secret(key, webhook.old_salt))
        return signing.headers(good, event, at, body)


async def attempt(
    sender: Sender, signer: Signer, webhook: Webhook, event: str, text: str, at: datetime
) -> DeliveryResult:
    """Sign and send once."""
    body = text.encode()
    try:
        headers = signer.headers(webhook, event, at, body)
    except SecretLost:
        return DeliveryResult(error="secret_lost")
    except Keyless:
        return DeliveryResult(error="no_key")
    return await sender.send(webhook.url, headers, body)
