"""``[webhooks]`` of config.toml to the parts that tell other systems what happens, and the records that they are told of."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ivr.adapters.database import (
    DatabaseContacts,
    DatabaseOutbox,
    DatabaseRecords,
    DatabaseSignals,
    DatabaseWebhooks,
    Store,
)
from ivr.adapters.webhook_sender import HttpSender
from ivr.calls.couriers import Couriers, Schedule
from ivr.calls.webhooks import Keyless, Signer, WebhookOffice
from ivr.config import Config
from ivr.wire.webhook_signing import SHORTEST_KEY


@dataclass(frozen=True, slots=True)
class Post:
    """What comes from other systems and goes to them."""

    records: DatabaseRecords
    contacts: DatabaseContacts
    signals: DatabaseSignals
    office: WebhookOffice
    couriers: Couriers


def open_post(config: Config, store: Store, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> Post:
    """All of it, with the couriers under way."""
    wanted, country = config.webhooks, config.database.country
    outbox, webhooks = DatabaseOutbox(store, wanted.most_waiting), DatabaseWebhooks(store)
    sender, signer = HttpSender(wanted.allow_private), Signer(key_of(Path(wanted.key_file)))
    schedule = Schedule(give_up=timedelta(hours=wanted.give_up_hours))
    couriers = Couriers(webhooks, outbox, sender, signer, schedule, timedelta(days=wanted.keep_days))
    outbox.news = couriers.news

    async def carry() -> None:
        try:
            await couriers.run()
        finally:
            await sender.close()

    spawn(carry())
    return Post(
        DatabaseRecords(store, outbox), DatabaseContacts(store, country, outbox), DatabaseSignals(store, country, outbox),
        WebhookOffice(webhooks, signer, sender, couriers.changed), couriers,
    )  # fmt: skip


def key_of(path: Path, environment: Mapping[str, str] = os.environ) -> Callable[[], bytes]:
    """The server's own key: IVR_WEBHOOK_KEY, or the file, which is made when it is first needed. It raises ``Keyless``."""
    known: list[bytes] = []

    def key() -> bytes:
        if not known:
            text = environment.get("IVR_WEBHOOK_KEY") or _read_or_made(path)
            if len(text) < SHORTEST_KEY:
                raise Keyless(f"the key for webhooks must have {SHORTEST_KEY} characters or more")
            known.append(text.encode())
        return known[0]

    return key


def _read_or_made(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32) + "\n")
        except FileExistsError:
            pass
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Keyless(f"[webhooks] key_file {path}: {reason}") from error
