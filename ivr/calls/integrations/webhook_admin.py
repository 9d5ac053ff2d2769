"""What an administrator may do with webhooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

from ivr.calls.integrations.webhooks import (
    BOTH_FOR,
    MOST,
    DeliveryResult,
    Keyless,
    Sender,
    Signer,
    Webhook,
    Webhooks,
    attempt,
)
from ivr.calls.people.audit import Actor
from ivr.calls.ports import Refused
from ivr.core import texts
from ivr.wire.webhooks.events import TRIAL, EventType, written


@dataclass(slots=True)
class WebhookAdmin:
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
            raise Refused(texts.text("calls.webhooks.most", most=MOST))
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

    async def trial(self, webhook: str, by: Actor) -> DeliveryResult | None:
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
            raise Refused(texts.text("calls.webhooks.no_secret", problem=problem)) from problem
