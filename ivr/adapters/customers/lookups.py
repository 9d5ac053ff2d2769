"""Sources that dialogues ask: databases by SQL, web services by HTTP. Time-outs, retries; nothing here raises into a call."""

from __future__ import annotations

import asyncio
import json
import math
import os
import sqlite3
import time
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import aiohttp
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from ivr.adapters.database.store import Store
from ivr.calls.caller.ports import Answer
from ivr.core.flow.flow import Lookup

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
            raise SourceFailed(_without_values(error, values), again=not lookup.writes) from None

    async def close(self) -> None:
        """Give back the connections; the house's own database is closed by its owner."""


def _without_values(error: Exception, values: Mapping[str, str]) -> str:
    """What a database says is wrong, whatever the driver calls it; the statement is the operator's, values are not shown.

    SQLSTATE classes 42 and 3F are about the statement and 08 and 57 about the server; the others quote what was given.
    """
    cause = getattr(error, "orig", None)
    if cause is None:
        return type(error).__name__
    code = str(getattr(cause, "sqlstate", None) or "")
    said = str(cause)
    about_values = not isinstance(cause, sqlite3.Error) and not code.startswith(("42", "3F", "08", "57"))
    if about_values or any(value and value in said for value in values.values()):
        return f"{type(cause.__cause__ or cause).__name__} {code}".strip()
    return said


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
        return _rows(await self.fetch(lookup, args))

    async def fetch(self, lookup: Lookup, args: Mapping[str, str]) -> Any:
        """One request; its answer as it came, None where there is nothing."""
        assert lookup.path
        used = {name for name in args if "{" + name + "}" in lookup.path}
        path = lookup.path
        for name in used:
            if args[name].strip(".") == "":
                # nothing, or "..", would make it the address of something else: all orders in place of one
                raise SourceFailed(f"{name} cannot be a part of a path", again=False)
            path = path.replace("{" + name + "}", quote(args[name], safe=""))
        rest = {name.replace(".", "_"): value for name, value in args.items() if name not in used}
        body: dict[str, Any] = {"params": rest} if lookup.method == "GET" else {"json": rest}
        if self._session is None:
            # what one caller's answer sets as cookie must not go with the next one's
            self._session = aiohttp.ClientSession(headers=self._headers, cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._session.request(
                lookup.method, self._base + path, allow_redirects=False, **body
            ) as response:
                if response.status in _EMPTY:
                    return None
                if not 200 <= response.status < 300:
                    raise SourceFailed(f"HTTP {response.status}", again=response.status >= 500 and not lookup.writes)
                raw = b""
                async for chunk in response.content.iter_any():
                    raw += chunk
                    if len(raw) > MOST_BYTES:
                        break
        except aiohttp.ClientConnectorError as error:
            raise SourceFailed(f"cannot be reached: {error.os_error.strerror}", again=True) from None
        except aiohttp.ClientError as error:
            raise SourceFailed(type(error).__name__, again=not lookup.writes) from None
        return _json(raw)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _json(raw: bytes) -> Any:
    if len(raw) > MOST_BYTES:
        raise SourceFailed(f"answers with more than {MOST_BYTES} bytes", again=False)
    try:
        return json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise SourceFailed("does not answer with JSON", again=False) from None


def _rows(value: Any) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else [value] if value is not None else []
    if not all(isinstance(row, dict) for row in rows):
        raise SourceFailed("answers with something else than objects", again=False)
    return rows[:MOST_ROWS]


Source = DatabaseSource | HttpSource


def open_source(name: str, url: str, environment: Mapping[str, str]) -> Source:
    """One source of config.toml; a database's URL or a token may come from the environment."""
    if url.startswith(("http://", "https://")):
        return HttpSource(url, environment.get(f"IVR_SOURCE_{name.upper()}_TOKEN"))
    return OwnedDatabaseSource(environment.get(f"IVR_SOURCE_{name.upper()}_URL") or url)


class SourceLookups:
    """All sources by name; implements ``ivr.calls.caller.ports.Lookups``."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = dict(sources)

    @classmethod
    def open(cls, house: Store, urls: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> SourceLookups:
        """The sources of config.toml, and the house's own database. Raises StoreUnusable for an address of no known kind."""
        sources: dict[str, Source] = {"house": DatabaseSource(house.engine)}
        sources |= {name: open_source(name, url, environment) for name, url in urls.items()}
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
        for attempt in range(1, lookup.retries + 2):
            try:
                async with asyncio.timeout(lookup.timeout_s):
                    rows = await source.ask(lookup, args)
                kept = tuple({key: plain(row.get(key)) for key in lookup.gives} for row in rows)
                return Answer("found" if kept else "empty", kept, _ms_since(began))
            except TimeoutError:
                problem, again = f"no answer within {lookup.timeout_s:g} s", not lookup.writes
            except SourceFailed as failure:
                problem, again = str(failure), failure.again
            except Exception as error:
                # whatever else a hostile answer or value can do: it costs this look-up, and is named without its value
                problem, again = type(error).__name__, False
            log.warning("look-up failed", lookup=lookup.name, source=lookup.source, attempt=attempt, problem=problem)
            if not again:
                break
            await asyncio.sleep(RETRY_AFTER_S)
        return Answer("failed", (), _ms_since(began))

    async def close(self) -> None:
        for source in self._sources.values():
            await source.close()


def _ms_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


def plain(value: Any) -> str:
    """A value as dialogues keep it: text; times in ISO 8601, whole numbers without a point, truth as "1" or nothing."""
    match value:
        case None | False:
            return ""
        case True:
            return "1"
        case datetime() | date():
            return value.isoformat()
        case float() | Decimal() if not math.isfinite(value):
            return ""  # no number
        case float() | Decimal() if value == int(value):
            return str(int(value))
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)
