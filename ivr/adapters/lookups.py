"""Sources that dialogues ask: databases by SQL, web services by HTTP. Time-outs, retries; nothing here raises into a call."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.adapters.database.store import Store
from ivr.calls.ports import Answer
from ivr.core.flow import Lookup

log = structlog.get_logger(__name__)
MOST_ROWS = 50
MOST_BYTES = 1_000_000
RETRY_AFTER_S = 0.1
_EMPTY = frozenset({204, 404})


class SourceFailed(Exception):
    """One attempt has failed; ``again`` says whether another one may do better and can do no harm."""

    def __init__(self, problem: str, *, again: bool) -> None:
        super().__init__(problem)
        self.again = again


class DatabaseSource:
    """A database; statements come from the operator's own files, values are always bound."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def ask(self, lookup: Lookup, args: Mapping[str, str]) -> list[dict[str, Any]]:
        """Run the statement; the rows, or for one that changes something without rows, one empty row when it did."""
        assert lookup.sql
        values = {name.replace(".", "_"): value for name, value in args.items()}
        try:
            async with self._engine.begin() as connection:
                result = await connection.execute(text(lookup.sql), values)
                if result.returns_rows:
                    return [dict(row) for row in result.mappings().fetchmany(MOST_ROWS)]
                return [{}] if result.rowcount else []
        except Exception as error:
            # whatever the driver calls it; the statement is the operator's, the values are not shown
            raise SourceFailed(str(getattr(error, "orig", type(error).__name__)), again=not lookup.writes) from None

    async def close(self) -> None:
        """Give back the connections; the house's own database is closed by its owner."""


class OwnedDatabaseSource(DatabaseSource):
    """A database that only look-ups use."""

    def __init__(self, url: str) -> None:
        self._store = Store(url)
        super().__init__(self._store.engine)

    async def close(self) -> None:
        """Give back the connections."""
        await self._store.close()


class HttpSource:
    """A web service that speaks JSON. ``token`` is sent as bearer token and is never logged."""

    def __init__(self, base: str, token: str | None) -> None:
        self._base = base.rstrip("/")
        self._headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, lookup: Lookup, args: Mapping[str, str]) -> list[dict[str, Any]]:
        """One request; the object, or the objects, of its answer."""
        assert lookup.path
        used = {name for name in args if "{" + name + "}" in lookup.path}
        path = lookup.path
        for name in used:
            path = path.replace("{" + name + "}", quote(args[name], safe=""))
        rest = {name.replace(".", "_"): value for name, value in args.items() if name not in used}
        body: dict[str, Any] = {"params": rest} if lookup.method == "GET" else {"json": rest}
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        try:
            async with self._session.request(
                lookup.method, self._base + path, allow_redirects=False, **body
            ) as response:
                if response.status in _EMPTY:
                    return []
                if not 200 <= response.status < 300:
                    raise SourceFailed(f"HTTP {response.status}", again=response.status >= 500 and not lookup.writes)
                raw = await response.content.read(MOST_BYTES + 1)
        except aiohttp.ClientConnectorError as error:
            raise SourceFailed(f"cannot be reached: {error.os_error.strerror}", again=True) from None
        except aiohttp.ClientError as error:
            raise SourceFailed(type(error).__name__, again=not lookup.writes) from None
        return _rows(raw)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def _rows(raw: bytes) -> list[dict[str, Any]]:
    if len(raw) > MOST_BYTES:
        raise SourceFailed(f"answers with more than {MOST_BYTES} bytes", again=False)
    try:
        value = json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise SourceFailed("does not answer with JSON", again=False) from None
    rows = value if isinstance(value, list) else [value] if value is not None else []
    if not all(isinstance(row, dict) for row in rows):
        raise SourceFailed("answers with something else than objects", again=False)
    return rows[:MOST_ROWS]


Source = DatabaseSource | HttpSource


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Where a source is; a token comes from the environment, as IVR_SOURCE_NAME_TOKEN."""

    url: str


class SourceLookups:
    """All sources by name; implements ``ivr.calls.ports.Lookups``."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = dict(sources)

    @classmethod
    def open(cls, house: Store, urls: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> SourceLookups:
        """The sources of config.toml, and the house's own database. Raises StoreUnusable for an address of no known kind."""
        sources: dict[str, Source] = {"house": DatabaseSource(house.engine)}
        for name, url in urls.items():
            if url.startswith(("http://", "https://")):
                sources[name] = HttpSource(url, environment.get(f"IVR_SOURCE_{name.upper()}_TOKEN"))
            else:
                sources[name] = OwnedDatabaseSource(environment.get(f"IVR_SOURCE_{name.upper()}_URL") or url)
        return cls(sources)

    @property
    def names(self) -> frozenset[str]:
        """The sources that there are."""
        return frozenset(self._sources)

    async def run(self, lookup: Lookup, args: Mapping[str, str]) -> Answer:
        """Ask, with its time-out and retries."""
        began = time.perf_counter()
        source = self._sources.get(lookup.source)
        if source is None:
            log.error("look-up failed", lookup=lookup.name, problem=f"config.toml has no [sources] {lookup.source}")
            return Answer("failed")
        rows: list[dict[str, Any]] | None = None
        for attempt in range(1, lookup.retries + 2):
            try:
                async with asyncio.timeout(lookup.timeout_s):
                    rows = await source.ask(lookup, args)
                break
            except TimeoutError:
                problem, again = f"no answer within {lookup.timeout_s:g} s", not lookup.writes
            except SourceFailed as failure:
                problem, again = str(failure), failure.again
            log.warning("look-up failed", lookup=lookup.name, source=lookup.source, attempt=attempt, problem=problem)
            if not again:
                break
            await asyncio.sleep(RETRY_AFTER_S)
        took_ms = round((time.perf_counter() - began) * 1000, 1)
        if rows is None:
            return Answer("failed", (), took_ms)
        kept = tuple({key: plain(row.get(key)) for key in lookup.gives} for row in rows)
        return Answer("found" if kept else "empty", kept, took_ms)

    async def close(self) -> None:
        """Close every source."""
        for source in self._sources.values():
            await source.close()


def plain(value: Any) -> str:
    """A value as dialogues keep it: text; times in ISO 8601, whole numbers without a point, truth as "1" or nothing."""
    match value:
        case None | False:
            return ""
        case True:
            return "1"
        case datetime() | date():
            return value.isoformat()
        case float() | Decimal() if value == int(value):
            return str(int(value))
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)
