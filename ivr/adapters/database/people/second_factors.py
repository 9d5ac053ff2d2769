"""Second factors and their recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, insert, select, update

from ivr.adapters.database.people.audit import append
from ivr.adapters.database.people.sessions import end_all
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.people.audit import Actor, Entry
from ivr.calls.people.second_factor import SecondFactor

_F, _R = t.second_factors.c, t.recovery_codes.c


class DatabaseSecondFactors:
    """Implements ``ivr.calls.people.second_factor.SecondFactorStore``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, login: str) -> SecondFactor | None:
        """Somebody's, confirmed or not."""
        async with self._store.begin() as connection:
            row = (await connection.execute(select(t.second_factors).where(_F.login == login))).mappings().first()
        if row is None:
            return None
        return SecondFactor(login, row["secret"], row["confirmed_at"] is not None, row["last_step"])

    async def begin(self, login: str, secret: str) -> bool:
        """Keep a secret that is yet to be confirmed; False where one is confirmed already."""
        async with self._store.begin() as connection:
            await connection.execute(delete(t.second_factors).where(_F.login == login, _F.confirmed_at.is_(None)))
            if (await connection.execute(select(_F.login).where(_F.login == login))).first() is not None:
                return False
            await connection.execute(insert(t.second_factors).values(login=login, secret=secret, last_step=0))
            return True

    async def confirm(self, login: str, step: int, codes: Sequence[str], by: Actor) -> bool:
        """From now on it is asked for, and their sessions end. ``codes``: digests of recovery codes. False: none to confirm."""
        waiting = update(t.second_factors).where(_F.login == login, _F.confirmed_at.is_(None))
        async with self._store.begin() as connection:
            if not (await connection.execute(waiting.values(confirmed_at=datetime.now(UTC), last_step=step))).rowcount:
                return False
            await connection.execute(delete(t.recovery_codes).where(_R.login == login))
            await connection.execute(insert(t.recovery_codes), [{"login": login, "digest": code} for code in codes])
            await end_all(connection, login)
            await append(connection, Entry(by, "second_factor.added", login))
            return True

    async def use(self, login: str, step: int) -> bool:
        """The code of this step counts; False where it or a later one has counted before."""
        fresh = update(t.second_factors).where(_F.login == login, _F.confirmed_at.is_not(None), _F.last_step < step)
        async with self._store.begin() as connection:
            return bool((await connection.execute(fresh.values(last_step=step))).rowcount)

    async def use_recovery(self, login: str, digest: str, by: Actor) -> bool:
        """This recovery code counts; False where there is none, or it has counted before."""
        async with self._store.begin() as connection:
            mine = delete(t.recovery_codes).where(_R.login == login, _R.digest == digest)
            if not (await connection.execute(mine)).rowcount:
                return False
            await append(connection, Entry(by, "second_factor.recovered", login))
            return True

    async def remove(self, login: str, by: Actor) -> bool:
        """Forget it, with the recovery codes and the person's sessions; False where there is none."""
        async with self._store.begin() as connection:
            if not (await connection.execute(delete(t.second_factors).where(_F.login == login))).rowcount:
                return False
            await connection.execute(delete(t.recovery_codes).where(_R.login == login))
            await end_all(connection, login)
            await append(connection, Entry(by, "second_factor.removed", login))
            return True
