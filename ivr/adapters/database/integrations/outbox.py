"""Events that wait to be sent to other systems: written in the transaction of what they tell of, so neither is there alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.people.audit import append
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import AT_ONCE, Store, insert_into
from ivr.calls.integrations.webhooks import GONE, PendingDelivery
from ivr.calls.people.audit import Actor, Entry
from ivr.wire.webhooks.events import Happening

log = structlog.get_logger(__name__)
SERVER = Actor("server:webhooks")


class DatabaseOutbox:
    """Implements ``ivr.calls.integrations.webhooks.Outbox``; ``most`` events may wait for one subscription."""

    def __init__(
        self, store: Store, most: int = 10_000, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._most = most
        self._now = now
        self._told: list[Callable[[], None]] = []

    def subscribe(self, news: Callable[[], None]) -> None:
        """Tell this once what was put in is written; it must be quick and must not raise."""
        self._told.append(news)

    def news(self) -> None:
        """What was put in is written."""
        for told in self._told:
            told()

    # -- in

    async def put(self, connection: AsyncConnection, happened: Sequence[Happening]) -> None:
        """Put events in for everybody who asked for them, in this transaction; what is there already stays as it is."""
        if not happened:
            return
        w = t.webhooks.c
        # held until the transaction ends, so that nobody is switched off in between
        query = select(w.id, w.events, w.words).where(w.active).order_by(w.id).with_for_update()
        for row in (await connection.execute(query)).mappings().all():
            wanted = [one for one in happened if one.type in row["events"]]
            if wanted:
                await self._put(connection, row["id"], wanted, row["words"])

    async def _put(self, connection: AsyncConnection, webhook: str, wanted: list[Happening], words: bool) -> None:
        e = t.webhook_events.c
        waiting = select(func.count()).where(e.webhook_id == webhook, e.state == "waiting")
        room = max(0, self._most - ((await connection.execute(waiting)).scalar() or 0))
        if room < len(wanted):
            left_out = len(wanted) - room
            w = t.webhooks.c
            await connection.execute(
                update(t.webhooks).where(w.id == webhook).values(left_out=w.left_out + left_out)
            )  # fmt: skip
            log.error("webhook events left out: too many wait", webhook=webhook, left_out=left_out, waiting=self._most)
        now = self._now()
        rows = [
            {"webhook_id": webhook, "event": one.id, "type": one.type, "stream": one.stream, "body": one.body(words),
             "state": "waiting", "tries": 0, "made_at": now, "next_at": now}
            for one in wanted[:room]
        ]  # fmt: skip
        for begin in range(0, len(rows), AT_ONCE):
            statement = insert_into(connection.dialect.name, t.webhook_events).values(rows[begin : begin + AT_ONCE])
            await connection.execute(statement.on_conflict_do_nothing(index_elements=["webhook_id", "event"]))

    # -- out

    async def heads(self, webhook: str, busy: Sequence[str], limit: int) -> list[PendingDelivery]:
        """The first that waits of each contact, but of those that are busy; the one first that is due first."""
        e = t.webhook_events.c
        mine = (e.webhook_id == webhook, e.state == "waiting", e.stream.not_in(list(busy)))
        first = select(func.min(e.id)).where(*mine).group_by(e.stream)
        columns = (e.id, e.event, e.type, e.stream, e.body, e.made_at, e.tries, e.next_at)
        query = select(*columns).where(e.id.in_(first)).order_by(e.next_at, e.id).limit(limit)
        async with self._store.begin() as connection:
            return [PendingDelivery(**row) for row in (await connection.execute(query)).mappings()]

    async def delivered(self, pending: PendingDelivery, at: datetime) -> None:
        """The receiver has it."""
        await self._write(pending, state="delivered", done_at=at, error=None)

    async def later(self, pending: PendingDelivery, error: str, next_at: datetime) -> None:
        """It has failed, and is tried again."""
        await self._write(pending, next_at=next_at, error=error)

    async def given_up(self, pending: PendingDelivery, error: str, at: datetime) -> None:
        """It has failed for the last time."""
        await self._write(pending, state="failed", done_at=at, error=error)

    async def _write(self, pending: PendingDelivery, **values: Any) -> None:
        e = t.webhook_events.c
        # what was given up meanwhile, because somebody has switched the subscription off, stays so
        mine = update(t.webhook_events).where(e.id == pending.id, e.state == "waiting")
        async with self._store.begin() as connection:
            await connection.execute(mine.values(tries=pending.tries + 1, **values))

    async def gone(self, webhook: str, at: datetime) -> None:
        """The receiver wants nothing any more: the subscription is off, and what waits is given up."""
        w = t.webhooks.c
        off = update(t.webhooks).where(w.id == webhook, w.active).values(active=False, off_why=GONE)
        async with self._store.begin() as connection:
            if (await connection.execute(off)).rowcount:
                await give_up(connection, webhook, GONE, at)
                await append(connection, Entry(SERVER, "webhook.gone", webhook))

    async def tidy(self, before: datetime) -> int:
        """Delete what was delivered or given up before that; how many."""
        old = delete(t.webhook_events).where(t.webhook_events.c.done_at < before)
        async with self._store.begin() as connection:
            return (await connection.execute(old)).rowcount


async def give_up(connection: AsyncConnection, webhook: str, error: str, at: datetime) -> None:
    """Nothing that waits for it is sent any more."""
    e = t.webhook_events.c
    waiting = update(t.webhook_events).where(e.webhook_id == webhook, e.state == "waiting")
    await connection.execute(waiting.values(state="failed", done_at=at, error=error))
