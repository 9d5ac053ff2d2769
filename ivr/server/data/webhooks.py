"""``[webhooks]`` of config.toml to the parts that tell other systems what happens, and the records that they are told of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ivr.adapters.database import (
    DatabaseContacts,
    DatabaseOutbox,
    DatabaseRecords,
    DatabaseSignals,
    DatabaseWebhooks,
    Store,
)
from ivr.adapters.webhook_sender import HttpSender
from ivr.calls.integrations.webhook_admin import WebhookAdmin
from ivr.calls.integrations.webhook_delivery import Schedule, WebhookDelivery
from ivr.calls.integrations.webhooks import Signer
from ivr.config.load import Config
from ivr.server.data.key_files import key_of
from ivr.server.process.tasks import Tasks


@dataclass(frozen=True, slots=True)
class WebhookServices:
    """What comes from other systems and goes to them."""

    records: DatabaseRecords
    contacts: DatabaseContacts
    signals: DatabaseSignals
    admin: WebhookAdmin
    deliveries: WebhookDelivery


def open_webhooks(config: Config, store: Store, tasks: Tasks) -> WebhookServices:
    """All of it, with the deliveries under way."""
    wanted, country = config.webhooks, config.database.country
    outbox, webhooks = DatabaseOutbox(store, wanted.most_waiting), DatabaseWebhooks(store)
    sender, signer = (
        HttpSender(wanted.allow_private),
        Signer(key_of(Path(wanted.key_file), "webhooks", "IVR_WEBHOOK_KEY")),
    )
    schedule = Schedule(give_up=timedelta(hours=wanted.give_up_hours))
    deliveries = WebhookDelivery(webhooks, outbox, sender, signer, schedule, timedelta(days=wanted.keep_days))
    outbox.subscribe(deliveries.news)

    async def carry() -> None:
        try:
            await deliveries.run()
        finally:
            await sender.close()

    tasks.spawn(carry())
    return WebhookServices(
        DatabaseRecords(store, outbox), DatabaseContacts(store, country, outbox), DatabaseSignals(store, country, outbox),
        WebhookAdmin(webhooks, signer, sender, deliveries.changed), deliveries,
    )  # fmt: skip
