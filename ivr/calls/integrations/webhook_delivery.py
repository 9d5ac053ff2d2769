"""Brings events to their receivers: in order per contact, again and again, until they are there or it is given up.

Each subscription has a courier. Of each contact it carries one event at a time, so a later one never overtakes an earlier
one; contacts do not wait for each other. What is being carried stays in the outbox until the receiver has said that it has
it, so a server that dies in between sends it once more: with the same id, by which the receiver knows it.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from ivr.calls.integrations.webhooks import (
    DeliveryResult,
    Outbox,
    PendingDelivery,
    Sender,
    Signer,
    Standing,
    Webhook,
    Webhooks,
    attempt,
)

log = structlog.get_logger(__name__)
AT_ONCE = 8
"""Contacts of which a courier carries something at the same time."""
AWAY_S = 5.0
"""How long to wait for a database that is away."""
LOOK_S = 15.0
"""How often the figures are read again, and everything is looked at without being called."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When what has failed is tried again."""

    first_s: float = 5.0
    most_s: float = 1800.0
    give_up: timedelta = timedelta(hours=24)
    longest_asked_s: float = 3600.0
    """As long as a receiver may ask us to wait."""

    def delay_s(self, tries: int, said: DeliveryResult, chance: float) -> float:
        """The wait after so many attempts: twice the one before, a quarter more or less by chance (0 to 1)."""
        wait = min(self.first_s * 2.0 ** min(tries - 1, 32), self.most_s) * (0.75 + chance / 2)
        return max(wait, min(said.after_s or 0.0, self.longest_asked_s))


@dataclass(slots=True)
class Sent:
    """What was brought since the server began, by subscription."""

    delivered: Counter[str]
    failed: Counter[str]


class SubscriptionDelivery:
    """Carries the events of one subscription."""

    def __init__(
        self,
        webhook: Webhook,
        outbox: Outbox,
        sender: Sender,
        signer: Signer,
        schedule: Schedule,
        sent: Sent,
        changed: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.webhook = webhook
        self._outbox = outbox
        self._sender = sender
        self._signer = signer
        self._schedule = schedule
        self._sent = sent
        self._changed = changed
        self._now = now
        self._chance = chance
        self.called = asyncio.Event()
        """Set when something may be new since the last look."""
        self.under_way: dict[str, asyncio.Task[None]] = {}
        """Contact → what is being carried of it."""

    def call(self) -> None:
        """There is something new."""
        self.called.set()

    async def run(self) -> None:
        try:
            while True:
                self.called.clear()
                try:
                    wait_s = await self.look()
                except OSError as error:
                    log.warning("webhooks not read", webhook=self.webhook.id, problem=str(error), retry_in_s=AWAY_S)
                    wait_s = AWAY_S
                except Exception:
                    # a courier that died would be missed by nobody
                    log.exception("webhooks not read", webhook=self.webhook.id)
                    wait_s = AWAY_S
                try:
                    async with asyncio.timeout(wait_s):  # wait_for may swallow a cancellation
                        await self.called.wait()
                except TimeoutError:
                    continue
        finally:
            tasks = list(self.under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self) -> float | None:
        """Begin to carry whatever is due; how long until something else may be, None: not before something happens."""
        room = AT_ONCE - len(self.under_way)
        if room <= 0:
            return None
        heads = await self._outbox.heads(self.webhook.id, list(self.under_way), room + 1)
        now = self._now()
        due = [pending for pending in heads if pending.next_at <= now][:room]
        for pending in due:
            self.under_way[pending.stream] = asyncio.create_task(self._carry(pending))
        later = [pending.next_at for pending in heads if pending.next_at > now]
        return (min(later) - now).total_seconds() if later and len(due) < room else None

    async def _carry(self, pending: PendingDelivery) -> None:
        try:
            said = await attempt(self._sender, self._signer, self.webhook, pending.event, pending.body, self._now())
            while not await self._written_down(pending, said):  # noqa: ASYNC110  # a database away is asked, it does not tell
                # sending it again would only make one more of it
                await asyncio.sleep(AWAY_S)
        finally:
            self.under_way.pop(pending.stream, None)
            self.call()

    async def _written_down(self, pending: PendingDelivery, said: DeliveryResult) -> bool:
        try:
            await self._write_down(pending, said)
        except OSError as error:
            log.warning("webhook's result not written yet", event_id=pending.event, problem=str(error))
            return False
        except Exception:
            log.exception("webhook's result cannot be written", event_id=pending.event)
            return False
        return True

    async def _write_down(self, pending: PendingDelivery, said: DeliveryResult) -> None:
        now, webhook = self._now(), self.webhook.id
        about = {"webhook": webhook, "event_id": pending.event, "type": pending.type, "contact": pending.stream}
        problem = said.problem
        if problem is None:
            await self._outbox.delivered(pending, now)
            self._sent.delivered[webhook] += 1
            log.debug("webhook delivered", **about, tries=pending.tries + 1, took_ms=said.took_ms)
        elif said.status == 410:
            await self._outbox.gone(webhook, now)
            self._changed()
            log.error("webhook switched off: its receiver wants nothing any more", **about)
        elif now - pending.made_at >= self._schedule.give_up:
            await self._outbox.given_up(pending, problem, now)
            self._sent.failed[webhook] += 1
            log.error("webhook given up", **about, problem=problem, tries=pending.tries + 1)
        else:
            wait_s = self._schedule.delay_s(pending.tries + 1, said, self._chance())
            await self._outbox.later(pending, problem, now + timedelta(seconds=wait_s))
            log.warning(
                "webhook not delivered yet",
                **about,
                problem=problem,
                tries=pending.tries + 1,
                retry_in_s=round(wait_s, 1),
            )


class WebhookDelivery:
    """A courier for every subscription that is active, and somebody who tidies up."""

    def __init__(
        self,
        webhooks: Webhooks,
        outbox: Outbox,
        sender: Sender,
        signer: Signer,
        schedule: Schedule,
        keep: timedelta,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._webhooks = webhooks
        self._outbox = outbox
        self._sender = sender
        self._signer = signer
        self._schedule = schedule
        self._keep = keep
        self._now = now
        self._changed = asyncio.Event()
        self._deliveries: dict[str, tuple[SubscriptionDelivery, asyncio.Task[None]]] = {}
        self._tidied: datetime | None = None
        self.sent = Sent(Counter(), Counter())
        self.backlog: dict[str, Standing] = {}
        """As it was read last."""

    def news(self) -> None:
        """Something was put into the outbox."""
        for delivery, _ in self._deliveries.values():
            delivery.call()

    def changed(self) -> None:
        self._changed.set()

    async def run(self) -> None:
        """Keep the couriers in step with the subscriptions, for ever."""
        try:
            while True:
                self._changed.clear()
                await self._guarded(self.keep_in_step)
                await self._guarded(self.tidy)
                try:
                    async with asyncio.timeout(LOOK_S):  # wait_for may swallow a cancellation
                        await self._changed.wait()
                except TimeoutError:
                    continue
        finally:
            await self._end(list(self._deliveries))

    @staticmethod
    async def _guarded(step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except OSError as error:
            log.warning("webhooks not looked at", problem=str(error), retry_in_s=LOOK_S)
        except Exception:
            # whatever it was, it must not end the server
            log.exception("webhooks not looked at")

    async def keep_in_step(self) -> None:
        """Begin with the new ones, end with those that are gone, begin again with those that were changed."""
        wanted = {one.id: one for one in await self._webhooks.all() if one.active}
        await self._end(
            [name for name, (delivery, _) in self._deliveries.items() if delivery.webhook != wanted.get(name)]
        )
        for name, webhook in wanted.items():
            if name not in self._deliveries:
                delivery = SubscriptionDelivery(
                    webhook, self._outbox, self._sender, self._signer, self._schedule, self.sent, self.changed, self._now
                )  # fmt: skip
                self._deliveries[name] = delivery, asyncio.create_task(delivery.run())
        self.backlog = await self._webhooks.backlog()
        self.news()

    async def _end(self, names: list[str]) -> None:
        tasks = [self._deliveries.pop(name)[1] for name in names]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def tidy(self) -> None:
        """Once an hour: what has been kept long enough goes."""
        now = self._now()
        if self._tidied is None or now - self._tidied >= timedelta(hours=1):
            deleted = await self._outbox.tidy(now - self._keep)
            self._tidied = now
            if deleted:
                log.info("webhooks tidied", deleted=deleted)
