"""Opens what stands between calls and the database: the journal, and where contacts are put aside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from ivr.adapters.database.store import Store, StoreUnusable
from ivr.adapters.records import AsideFiles, Journal, JournalHeld, JournalUnusable
from ivr.config.load import Config, ConfigError

JOURNAL, ASIDE, MARKER = "journal", "aside", "database"
log = structlog.get_logger(__name__)


async def same_house(config: Config, store: Store) -> None:
    """Nothing is begun anew without a word: the database must be the one that this house had before.

    Its id stands beside the journal since the first start. Raises StoreUnusable.
    """
    marker, now = config.records.folder / MARKER, await store.house()
    before = await asyncio.to_thread(_read, marker)
    if before and before != now:
        raise StoreUnusable(
            f"database {store.shown}: it is not the one that this house had: it was emptied or made anew, or [database] url names"
            f" another one. Put the right one back; or, to go on with this one, delete {marker}"
        )
    if not before:
        try:
            await asyncio.to_thread(_write, marker, now)
        except OSError as error:
            log.warning("which database this house has cannot be written down", problem=str(error))


def _read(marker: Path) -> str:
    try:
        return marker.read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _write(marker: Path, house: str) -> None:
    marker.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    marker.write_text(f"{house}\n", encoding="ascii")


@dataclass(frozen=True, slots=True)
class RecordFiles:
    """Both, and what to tell the operator of them."""

    journal: Journal | None
    aside: AsideFiles
    notes: tuple[str, ...] = ()


def aside_of(folder: Path) -> AsideFiles:
    """What was put aside in the folder of [records]."""
    return AsideFiles(folder / ASIDE)


@asynccontextmanager
async def record_files(config: Config) -> AsyncIterator[RecordFiles]:
    """Both, for as long as the server runs; the journal outlives whoever writes to it.

    Without a journal (a full disk, a folder that cannot be written to) calls are taken all the same, and contacts wait in
    memory. Raises ConfigError when another server of the house has it: two would write the same calls.
    """
    folder = config.records.folder
    try:
        journal = await asyncio.to_thread(Journal, folder / JOURNAL, config.records.journal_mb << 20)
    except JournalHeld as error:
        raise ConfigError([str(error)]) from error
    except JournalUnusable as error:
        note = f"{error}; until then, contacts that the database does not take wait in memory only"
        yield RecordFiles(None, aside_of(folder), (note,))
        return
    try:
        yield RecordFiles(journal, aside_of(folder))
    finally:
        journal.close()
