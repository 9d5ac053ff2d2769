"""What the night does: what is too old is taken out, what is from before is masked once. And who was erased stays erased."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from ivr.adapters.database import Store
from ivr.adapters.database.privacy.masking import DatabaseMasking
from ivr.adapters.database.privacy.personal import DatabasePersons
from ivr.adapters.database.privacy.retention import NIGHT, DatabaseRetention, Days
from ivr.calls.clock import DoubtfulClock
from ivr.calls.people.audit import Actor
from ivr.config.load import Config
from ivr.core.told import Told
from ivr.server.data.personal_data import PersonalData

log = structlog.get_logger(__name__)
_HOUR = 3
"""Of the night, by the house's clock."""
_AGAIN_S = 900.0
_LOOKED_S = 1.0


def days_of(config: Config) -> Days:
    """For how long each kind is kept."""
    p = config.privacy
    return Days(
        p.words_days, p.notes_days, p.contacts_days, p.events_days, p.signals_days, p.call_backs_days, p.audit_days
    )


async def stay_erased(config: Config, root: Path, store: Store) -> None:
    """Where an older copy of the database was put back, erase again who was erased since; it is logged, and stops no start."""
    try:
        told = await PersonalData(config, root, store).again(Actor("server:erasures"))
    except (OSError, Told) as error:
        log.error("persons who were erased may be back: `ivr person-data --again` erases them", problem=str(error))
        return
    if told:
        log.warning("an older copy of the database is in use: persons were erased once more", erasures=told)


async def forgetting(config: Config, store: Store, *forget: Callable[[], None]) -> None:
    """For ever: what a server has in memory is forgotten, too, within seconds of an erasure by a command beside it."""
    persons = DatabasePersons(store, config.database.country)
    before: int | None = None
    while True:
        erasures = before
        # whoever writes says that the database is away; nobody can be erased meanwhile
        with suppress(OSError):
            erasures = await persons.how_many_erasures()
        if before is not None and erasures != before:
            for one in forget:
                one()
            log.info("a person was erased: what was in memory is read anew")
        before = erasures
        await asyncio.sleep(_LOOKED_S)


async def tidy(config: Config, store: Store, by: Actor, now: datetime) -> str:
    """What the night does, and what it came to. Raises OSError while the database is away."""
    said = f"Taken out: {await DatabaseRetention(store, days_of(config)).sweep(now, by)}."
    if config.privacy.card_safe and (masked := await DatabaseMasking(store).once(by)) is not None:
        said += f" {masked} rows from before were masked."
        if masked:
            said += await rinsed(config, store)
    return said


async def rinsed(config: Config, store: Store, *, anew: bool = True) -> str:
    """Leave no byte of what was taken out or masked in the database's files; what to say where that is not to be had now."""
    busy = await DatabasePersons(store, config.database.country).rinse(anew=anew)
    return f" The database's files were not rinsed: {busy}." if busy else ""


async def nightly(config: Config, store: Store) -> None:
    """Sweep every night, for ever; a night in which the database is away is made good a quarter of an hour later.

    Where the clock was set by hours within the last day, nothing is taken out.
    """
    zone, clock = ZoneInfo(config.dialogue.zone), DoubtfulClock()
    while True:
        await asyncio.sleep(until_night(datetime.now(zone)))
        if clock.doubted():
            log.warning("the clock was set by hours: nothing that is too old is taken out this night")
            continue
        while True:
            try:
                said = await night(config, store)
            except OSError as error:
                log.warning("what is too old is not taken out yet", problem=str(error))
                await asyncio.sleep(_AGAIN_S)
                continue
            log.info("the night's work is done", said=said)
            break


async def night(config: Config, store: Store) -> str:
    """What is too old goes, and SQLite's write-ahead log, which still has what was written over since. Raises OSError."""
    return await tidy(config, store, NIGHT, datetime.now(UTC)) + await rinsed(config, store, anew=False)


def until_night(now: datetime) -> float:
    """Seconds until the next sweep."""
    night = now.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    if night <= now:
        night += timedelta(days=1)
    return (night.astimezone(UTC) - now.astimezone(UTC)).total_seconds()
