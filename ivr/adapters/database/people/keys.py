"""API keys of other systems."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from ivr.adapters.database.people.audit import append
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.people.api_keys import ApiKey, names
from ivr.calls.people.audit import Actor, Entry


class DatabaseKeys:
    """Implements ``ivr.calls.people.api_keys.Keys``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> list[ApiKey]:
        """Every key there ever was, the newest first."""
        k = t.api_keys.c
        async with self._store.begin() as connection:
            rows = await connection.execute(select(t.api_keys).order_by(k.created_at.desc(), k.id))
            return [_key(row) for row in rows.mappings()]

    async def find(self, key: str) -> ApiKey | None:
        """The key with this id, whether it may be used or not."""
        async with self._store.begin() as connection:
            row = (await connection.execute(select(t.api_keys).where(t.api_keys.c.id == key))).mappings().first()
        return _key(row) if row else None

    async def add(self, key: ApiKey, by: Actor) -> None:
        """Keep a new one."""
        values = {name: getattr(key, name) for name in t.api_keys.c.keys()}  # noqa: SIM118  # columns are no dictionary
        expires = key.expires_at.isoformat() if key.expires_at else None
        detail = {"name": key.name, "scopes": list(key.scopes), "expires_at": expires}
        async with self._store.begin() as connection:
            await connection.execute(insert(t.api_keys).values(**values | {"scopes": list(key.scopes)}))
            await append(connection, Entry(by, "key.added", key.id, detail))

    async def revoke(self, key: str, at: datetime, by: Actor) -> bool:
        """Let it open nothing any more; False when there is none."""
        k = t.api_keys.c
        async with self._store.begin() as connection:
            now = update(t.api_keys).where(k.id == key, k.revoked_at.is_(None)).values(revoked_at=at)
            if (await connection.execute(now)).rowcount:
                name = (await connection.execute(select(k.name).where(k.id == key))).scalar()
                await append(connection, Entry(by, "key.revoked", key, {"name": name}))
                return True
            return (await connection.execute(select(k.id).where(k.id == key))).first() is not None

    async def used(self, key: str, at: datetime) -> None:
        """It was used at this time."""
        k = t.api_keys.c
        later = or_(k.used_at.is_(None), k.used_at < at)
        async with self._store.begin() as connection:
            await connection.execute(update(t.api_keys).where(k.id == key, later).values(used_at=at))


def _key(row: Any) -> ApiKey:
    return ApiKey(**{**row, "scopes": names(row["scopes"])})
