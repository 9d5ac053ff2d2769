"""Subscriptions of other systems."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, insert, select, update

from ivr.adapters.database.integrations.outbox import give_up
from ivr.adapters.database.people.audit import append
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.integrations.webhooks import Delivery, DeliveryResult, Standing, State, Webhook
from ivr.calls.people.audit import Actor, Entry
from ivr.wire.webhooks.events import in_order


class DatabaseWebhooks:
    """Implements ``ivr.calls.integrations.webhooks.Webhooks``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> list[Webhook]:
        """Every subscription, the oldest first."""
        w = t.webhooks.c
        async with self._store.begin() as connection:
            rows = await connection.execute(select(t.webhooks).order_by(w.created_at, w.id))
            return [_webhook(row) for row in rows.mappings()]

    async def backlog(self) -> dict[str, Standing]:
        """How much waits for each; only what waits is looked at, because this is asked all the time."""
        w, e = t.webhooks.c, t.webhook_events.c
        joined = t.webhooks.outerjoin(t.webhook_events, (e.webhook_id == w.id) & (e.state == "waiting"))
        counts = (w.id, w.left_out, func.count(e.id).label("waiting"), func.min(e.made_at).label("oldest_at"))
        query = select(*counts).select_from(joined).group_by(w.id, w.left_out)
        async with self._store.begin() as connection:
            return {
                row.id: Standing(row.waiting, left_out=row.left_out, oldest_at=row.oldest_at)
                for row in await connection.execute(query)
            }

    async def standing(self) -> dict[str, Standing]:
        """How far each has come."""
        e = t.webhook_events.c
        failed = select(e.webhook_id, func.count().label("n")).where(e.state == "failed").group_by(e.webhook_id)
        done = (
            select(e.webhook_id, func.max(e.done_at).label("at")).where(e.state == "delivered").group_by(e.webhook_id)
        )
        # the newest that has gone wrong and is not there yet
        last = (
            select(func.max(e.id))
            .where(e.state.in_(("waiting", "failed")), e.error.is_not(None))
            .group_by(e.webhook_id)
        )
        wrong = select(e.webhook_id, e.error).where(e.id.in_(last))
        found = await self.backlog()
        async with self._store.begin() as connection:
            given_up = {row.webhook_id: row.n for row in await connection.execute(failed)}
            delivered = {row.webhook_id: row.at for row in await connection.execute(done)}
            errors = {row.webhook_id: row.error for row in await connection.execute(wrong)}
        return {
            id_: replace(far, failed=given_up.get(id_, 0), delivered_at=delivered.get(id_), error=errors.get(id_))
            for id_, far in found.items()
        }

    async def find(self, webhook: str) -> Webhook | None:
        """One of them, or None."""
        query = select(t.webhooks).where(t.webhooks.c.id == webhook)
        async with self._store.begin() as connection:
            row = (await connection.execute(query)).mappings().first()
        return _webhook(row) if row else None

    async def add(self, webhook: Webhook, by: Actor) -> None:
        """Keep a new one."""
        detail = {"url": _without_query(webhook.url), "events": list(webhook.events), "words": webhook.words}
        async with self._store.begin() as connection:
            await connection.execute(insert(t.webhooks).values(**_row(webhook), left_out=0))
            await append(connection, Entry(by, "webhook.added", webhook.id, detail))

    async def put(self, webhook: Webhook, by: Actor, what: str = "webhook.changed") -> None:
        """Keep it as it is now; what waits of one that is off is given up."""
        mine = t.webhooks.c.id == webhook.id
        async with self._store.begin() as connection:
            row = (await connection.execute(select(t.webhooks).where(mine))).mappings().first()
            if row is None:
                return
            await connection.execute(update(t.webhooks).where(mine).values(**_row(webhook)))
            if not webhook.active:
                await give_up(connection, webhook.id, "switched_off", datetime.now(UTC))
            await append(connection, Entry(by, what, webhook.id, _difference(_webhook(row), webhook)))

    async def remove(self, webhook: str, by: Actor) -> bool:
        """Forget it and everything that waits for it; False when there is none."""
        mine = t.webhooks.c.id == webhook
        async with self._store.begin() as connection:
            url = (await connection.execute(select(t.webhooks.c.url).where(mine))).scalar()
            if url is None or not (await connection.execute(delete(t.webhooks).where(mine))).rowcount:
                return False
            await append(connection, Entry(by, "webhook.removed", webhook, {"url": _without_query(url)}))
            return True

    async def tried(self, webhook: Webhook, said: DeliveryResult, by: Actor) -> None:
        """Somebody has tried it out."""
        detail = {"url": _without_query(webhook.url), "status": said.status, "error": said.error}
        async with self._store.begin() as connection:
            await append(connection, Entry(by, "webhook.tested", webhook.id, detail))

    async def deliveries(
        self, webhook: str, state: State | None, limit: int, before: int | None = None
    ) -> list[Delivery]:
        """What has become of its events, the newest first."""
        e = t.webhook_events.c
        columns = (e.id, e.event, e.type, e.stream, e.state, e.tries, e.made_at, e.next_at, e.done_at, e.error)
        query = select(*columns).where(e.webhook_id == webhook).order_by(e.id.desc()).limit(limit)
        if state is not None:
            query = query.where(e.state == state)
        if before is not None:
            query = query.where(e.id < before)
        async with self._store.begin() as connection:
            return [Delivery(**row) for row in (await connection.execute(query)).mappings()]


def _row(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id, "url": webhook.url, "events": list(webhook.events), "words": webhook.words,
        "active": webhook.active, "created_at": webhook.created_at, "created_by": webhook.created_by, "salt": webhook.salt,
        "secret_check": webhook.check, "old_salt": webhook.old_salt, "old_until": webhook.old_until,
        "off_why": webhook.off_why,
    }  # fmt: skip


def _webhook(row: Any) -> Webhook:
    return Webhook(
        row["id"], row["url"], in_order(row["events"]), row["words"], row["active"], row["created_at"], row["created_by"],
        row["salt"], row["secret_check"], row["old_salt"], row["old_until"], row["off_why"],
    )  # fmt: skip


def _difference(before: Webhook, after: Webhook) -> dict[str, Any]:
    """For the audit trail: field by field [before, after]; nothing of which a secret could be made."""
    old, new = _plain(before), _plain(after)
    return {name: [old[name], new[name]] for name in new if old[name] != new[name]}


def _plain(webhook: Webhook) -> dict[str, Any]:
    return {
        "url": _without_query(webhook.url), "events": list(webhook.events), "words": webhook.words, "active": webhook.active,
    }  # fmt: skip


def _without_query(url: str) -> str:
    """An address as the trail has it: some receivers have their own secret behind the question mark."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}{'?…' if parts.query else ''}"
