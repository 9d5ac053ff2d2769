"""Customers in a CSV file of another system: imported whenever it changes, all of it or nothing."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from watchfiles import awatch

from ivr.adapters.database import ImportFailed, Store, import_file
from ivr.core.told import why
from ivr.wire.customers.csv_rows import Form
from ivr.wire.written.encodings import line_at

log = structlog.get_logger(__name__)
_SETTLE_MS = 1000
"""Changes within this time belong together: a file is often written in several steps."""
_AWAY_S = 5.0
_LOOK_UP: dict[str, Any] = {"rust_timeout": 5000, "yield_on_timeout": True}
"""How often it is looked in any case, in ms: not every file system tells of changes."""
MOST_BYTES = 256 * 1024 * 1024


def read_text(path: Path, encoding: str) -> str:
    """A file as text; raises ImportFailed with the line in which it stops to be that."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ImportFailed([f"{path}: more than {MOST_BYTES // 1024 // 1024} MB"])
        raw = path.read_bytes()
        return raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except OSError as error:
        raise ImportFailed([f"{path}: {why(error)}"]) from error
    except UnicodeDecodeError as error:
        line = line_at(raw, error.start)
        problem = f"{path}:{line}: not {encoding} text (byte {error.start}): save it so, or name its encoding"
        raise ImportFailed([problem]) from error


@dataclass(slots=True)
class CustomerFile:
    """Keeps our customers in step with a file. What it tells is in the database, so a bad file costs nobody anything."""

    store: Store
    path: Path
    encoding: str
    form: Form
    region: str
    imported: int = 0
    """How often it was taken in since the start."""
    refused: int = 0
    customers: int = 0
    """How many there were the last time."""
    _looked_at: tuple[int, ...] = ()

    async def watch(self) -> None:
        """Take the file in as it is, and then every change of it, until cancelled."""
        while True:
            with contextlib.suppress(FileNotFoundError):  # its folder is away for a moment
                await self.take_in()
                # the folder is watched, not the file: a file is best replaced by renaming another
                async for _ in awatch(self.path.parent, debounce=_SETTLE_MS, recursive=False, **_LOOK_UP):
                    await self.take_in()
            await asyncio.sleep(_AWAY_S)

    async def take_in(self) -> bool:
        """Import the file if it is another than the last time; whether that was done."""
        try:
            stamp = await asyncio.to_thread(_stamp, self.path)
            if stamp == self._looked_at:
                return False
            text = await asyncio.to_thread(read_text, self.path, self.encoding)
            name = str(self.path)
            self.customers = await import_file(self.store, "customers", name, text, self.region, self.form, whole=True)
        except ImportFailed as failed:
            self._looked_at = stamp
            self.refused += 1
            log.error("customer file refused, the old customers stay", problems=failed.problems)
        except Exception as problem:
            # the database is away, say: it is tried again, and meanwhile everybody is known as before
            log.error("customer file not taken in, the old customers stay", problem=type(problem).__name__)
        else:
            self._looked_at = stamp
            self.imported += 1
            log.info("customer file taken in", customers=self.customers)
            return True
        return False


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return (0,)  # reading it says what is wrong
    return found.st_ino, found.st_size, found.st_mtime_ns
