"""SIGTERM at random moments: of a start, of the migration of an old database, and under calls; how long each end takes."""

from __future__ import annotations

import asyncio
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, func, select

from ivr.adapters.database import Store
from ivr.adapters.database.schema.tables import contacts
from ivr.adapters.database.store import MIGRATIONS, StoreUnusable
from ivr.bench.chaos.callers import Callers
from ivr.bench.chaos.faults import say
from ivr.bench.chaos.house import House, opened
from ivr.bench.chaos.server import ServerProcess
from ivr.bench.quantiles import spread
from ivr.server.process import loop

MOMENTS = {"start": 4.0, "migration": 6.0, "calls": 3.0}
"""What goes on, and how many seconds after its beginning SIGTERM comes at the latest."""
AGENTS, CALLERS = 4, 4
OLD_CONTACTS = 300_000
FIRST_VERSION = "0001"
WELL_S = 180.0
TARGET_S = 10.0
TELL_EVERY = 20
NEVER = "Traceback"
"""What no end may say, however busy the machine is."""
UNWRITTEN = "left unwritten"
"""Said where neither the database nor the journal's disk has answered for seconds."""
BY_FORCE = "not everything had ended"


@dataclass(frozen=True, slots=True)
class End:
    """One try."""

    of: str
    after_s: float
    took_s: float
    code: int | None
    broken: str
    """Why no later start could use the database."""
    said: str
    """The end of the log, where something in it should not be."""
    by_force: bool
    """Not everything had ended in time; what counts is in the journal by then."""
    unwritten: bool
    """Something was neither in the database nor in the journal when the server gave up."""


def old_database(file: Path) -> None:
    """A database as the first version left it, with years of contacts in it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, FIRST_VERSION)
        connection.exec_driver_sql(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {OLD_CONTACTS}) "  # noqa: S608
            "INSERT INTO contacts (id, channel, began_at, summary) SELECT 'old-' || i, 'phone', '2024-01-01 12:00:00', 'x' FROM n"
        )
        connection.exec_driver_sql(
            "INSERT INTO contact_events (contact_id, at, kind, facts) SELECT id, began_at, 'rang', '{}' FROM contacts"
        )
        connection.commit()
    engine.dispose()


class Ends:
    """Tries, one after the other, in a house in which callers ring all the time."""

    def __init__(self, house: House, dice: random.Random) -> None:
        self._house = house
        self._dice = dice
        self._old, self._used = house.folder / "old.db", house.folder / "migrating"
        self._url = f"sqlite:///{self._used / 'ivr.db'}"
        old_database(self._old)
        config = house.config("old.toml", database={"url": self._url}, records={"folder": str(self._used / "records")})
        self._migrating = ServerProcess(config, house.log.file, house.asterisk.secret)

    async def one(self, of: str) -> End:
        """Start the server, and ask it to end at a drawn moment."""
        server = self._migrating if of == "migration" else self._house.server
        if of == "migration":
            await asyncio.to_thread(self._anew)
        began_at = self._house.log.file.stat().st_size
        server.start()
        try:
            if of == "calls":
                await self._house.until_well(WELL_S)
            after_s = self._dice.uniform(0.0, MOMENTS[of])
            await asyncio.sleep(after_s)
            took_s = await server.end()
        except BaseException:
            server.kill_all()
            raise
        said = self._house.log.file.read_bytes()[began_at:].decode(errors="replace")
        broken = await self._broken() if of == "migration" else ""
        wrong = broken or NEVER in said
        told = f"{broken}\n{said[-3000:]}" if wrong else ""
        return End(
            of, round(after_s, 2), round(took_s, 2), server.code, broken, told, BY_FORCE in said, UNWRITTEN in said
        )

    def _anew(self) -> None:
        shutil.rmtree(self._used, ignore_errors=True)
        self._used.mkdir()
        shutil.copyfile(self._old, self._used / "ivr.db")

    async def _broken(self) -> str:
        """What keeps the next start from going on with the database; empty: nothing."""
        try:
            async with Store.opened(self._url) as store, store.begin() as connection:
                kept = (await connection.execute(select(func.count()).where(contacts.c.id.like("old-%")))).scalar()
        except (StoreUnusable, OSError) as error:
            return str(error)
        return "" if kept == OLD_CONTACTS else f"{kept} of {OLD_CONTACTS} old contacts are left"


async def _run(tries: int, seed: int) -> list[End]:
    dice = random.Random(seed)  # noqa: S311
    async with opened("sqlite", AGENTS) as house:
        ends, done = Ends(house, dice), []
        async with Callers(house.phones, random.Random(seed)).ringing(CALLERS):  # noqa: S311
            for number in range(tries):
                done.append(await ends.one(tuple(MOMENTS)[number % len(MOMENTS)]))
                if done[-1].said:
                    say(f"{done[-1].of}, SIGTERM after {done[-1].after_s} s, {done[-1].took_s} s:\n{done[-1].said}")
                if (number + 1) % TELL_EVERY == 0:
                    say(f"{number + 1} tries, the slowest {max(end.took_s for end in done)} s")
            house.server.start()  # whoever still waits is served
            await house.until_well(WELL_S)
        return done


def _row(of: str, took_s: list[float]) -> dict[str, Any]:
    return {"of": of, "tries": len(took_s), "took_s": spread(took_s, 2), "max_s": max(took_s, default=0.0)}


def measure(tries: int, seed: int) -> dict[str, Any]:
    """All tries."""
    done = loop.run(_run(tries, seed))
    rows = [_row(of, [end.took_s for end in done if end.of == of]) for of in MOMENTS]
    wrong = {
        "ends after ten seconds": sum(end.took_s > TARGET_S for end in done),
        "databases that no start can use": sum(bool(end.broken) for end in done),
        "ends with contacts unwritten": sum(end.unwritten for end in done),
        "wrong exit codes": sum(end.code not in (0, 143, -15) for end in done),
    }
    missed = [f"{what}: {count}" for what, count in wrong.items() if count]
    slowest = max(end.took_s for end in done)
    return {
        "seed": seed,
        "tries": tries,
        "rows": rows,
        "slowest_s": slowest,
        "remarks": sum(bool(end.said) for end in done),
        "by_force": sum(end.by_force for end in done),
        "missed": missed,
    }


def show(row: dict[str, Any]) -> None:
    """Print the table."""
    print(f"\n{'SIGTERM in':12}tries   seconds until it has ended (p50/p95/max)")
    for one in row["rows"]:
        took = one["took_s"]
        print(
            f"{one['of']:12}{one['tries']:>5}   "
            + (f"{took['p50']:.2f}/{took['p95']:.2f}/{one['max_s']:.2f}" if took else "–")
        )
    print(
        f"the slowest of {row['tries']}: {row['slowest_s']} s; {row['by_force']} ended by force; "
        f"{row['remarks']} with remarks in the log"
    )
    print(f"target (≤ {TARGET_S:g} s each): " + ("met" if not row["missed"] else "MISSED: " + "; ".join(row["missed"])))
