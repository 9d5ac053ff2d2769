"""Webhooks: who is told what, where that is kept, and what an administrator may do with it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol
from uuid import uuid4

from ivr.calls.access import Actor
from ivr.calls.ports import Refused
from ivr.wire import webhook_signing as signing
from ivr.wire.webhook_json import TRIAL, EventType, written

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
class Parcel:
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
class Said:
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

    async def tried(self, webhook: Webhook, said: Said, by: Actor) -> None:
        """Somebody has tried it out."""

    async def deliveries(
        self, webhook: str, state: State | None, limit: int, before: int | None = None
    ) -> list[Delivery]:
        """What has become of its events, the newest first."""


class Outbox(Protocol):
    """Events that wait to be sent. All methods raise OSError while the database is away."""

    async def heads(self, webhook: str, busy: Sequence[str], limit: int) -> list[Parcel]:
        """The first that waits of each contact, but of those that are busy; the one first that is due first."""

    async def delivered(self, parcel: Parcel, at: datetime) -> None:
        """The receiver has it."""

    async def later(self, parcel: Parcel, error: str, next_at: datetime) -> None:
        """It has failed, and is tried again."""

    async def given_up(self, parcel: Parcel, error: str, at: datetime) -> None:
        """It has failed for the last time."""

    async def gone(self, webhook: str, at: datetime) -> None:
        """The receiver wants nothing any more: the subscription is off, and what waits is given up."""

    async def tidy(self, before: datetime) -> int:
        """Delete what was delivered or given up before that; how many."""


class Sender(Protocol):
    """The way out."""

    async def send(self, url: str, headers: dict[str, str], body: bytes) -> Said:
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


@dataclass(slots=True)
class WebhookOffice:
    """What an administrator asks for."""

    kept: Webhooks
    signer: Signer
    sender: Sender
    changed: Callable[[], None] = lambda: None
    """Told when the couriers must look again."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def make(
        self, url: str, events: Sequence[EventType], words: bool, active: bool, by: Actor
    ) -> tuple[Webhook, str]:
        """A new subscription, and its secret, which is shown this once. Raises ``Refused``."""
        if len(await self.kept.all()) >= MOST:
            raise Refused({"en": f"There are {MOST} webhooks already.", "zh": f"已有 {MOST} 个 Webhook。"})
        salt, check, text = self._new()
        made = Webhook(uuid4().hex[:16], url, tuple(events), words, active, self.now(), by.who, salt, check)
        await self.kept.add(made, by)
        self.changed()
        return made, text

    async def change(self, webhook: str, by: Actor, **changes: object) -> Webhook | None:
        """Change what is named, and return it as it is now; None when there is none."""
        before = await self.kept.find(webhook)
        if before is None:
            return None
        after = replace(before, **changes, off_why=None)  # type: ignore[arg-type]
        if after != before:
            await self.kept.put(after, by)
            self.changed()
        return after

    async def renew(self, webhook: str, by: Actor) -> tuple[Webhook, str] | None:
        """A new secret, shown this once; the one before signs beside it for a day."""
        before = await self.kept.find(webhook)
        if before is None:
            return None
        salt, check, text = self._new()
        until = self.now() + BOTH_FOR
        after = replace(before, salt=salt, check=check, old_salt=before.salt, old_until=until)
        await self.kept.put(after, by, "webhook.renewed")
        self.changed()
        return after, text

    async def remove(self, webhook: str, by: Actor) -> bool:
        """Forget a subscription; False when there is none."""
        there = await self.kept.remove(webhook, by)
        self.changed()
        return there

    async def trial(self, webhook: str, by: Actor) -> Said | None:
        """Send a test to it, once and at once, and say what came of it; None when there is no such subscription."""
        found = await self.kept.find(webhook)
        if found is None:
            return None
        at = self.now()
        body = written(TRIAL, at, {"webhook": found.id})
        said = await attempt(self.sender, self.signer, found, f"evt_{uuid4().hex}", body, at)
        await self.kept.tried(found, said, by)
        return said

    def _new(self) -> tuple[str, str, str]:
        try:
            return self.signer.new()
        except Keyless as problem:
            raise Refused({"en": f"No secret can be made: {problem}.", "zh": f"无法生成密钥：{problem}。"}) from problem


async def attempt(sender: Sender, signer: Signer, webhook: Webhook, event: str, text: str, at: datetime) -> Said:
    """Sign and send once."""
    body = text.encode()
    try:
        headers = signer.headers(webhook, event, at, body)
    except SecretLost:
        return Said(error="secret_lost")
    except Keyless:
        return Said(error="no_key")
    return await sender.send(webhook.url, headers, body)
