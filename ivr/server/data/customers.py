"""``[directory]`` and ``[desk] pop_url`` of config.toml to parts: who knows the customers, and where else they stand."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

from ivr.adapters.customers.crm import HttpCustomers
from ivr.adapters.customers.csv_file import CustomerFile, read_text
from ivr.adapters.database import DatabaseDirectory, ImportFailed, Store
from ivr.adapters.database.customers.keeping import DatabaseKeeping
from ivr.calls.integrations.customer_directory import (
    DirectoryFigures,
    NotAnswered,
    OutsideDirectory,
    Patience,
    Unusable,
)
from ivr.calls.ports import Directory
from ivr.config.load import Config
from ivr.core.breaker import Breaker
from ivr.core.caller import AgentId
from ivr.core.card import Card, Pop
from ivr.server.parts import Examination, Finding, Parts
from ivr.wire.customers.csv_rows import Form, read_rows
from ivr.wire.customers.pop_url import pop_url
from ivr.wire.customers.record import Mapped
from ivr.wire.customers.rows import CustomerRow

OF_THE_WAIT = 2 / 3
"""The share of a greeting's wait that another system has; the rest is for reading our own copy."""
NOBODY = "+10000000000"
"""A number that cannot be anybody's."""
PROBE_S = 3.0


def open_directory(
    config: Config,
    store: Store,
    spawn: Callable[[Coroutine[Any, Any, None]], object],
    parts: Parts,
    environment: Mapping[str, str] = os.environ,
) -> tuple[Directory, Callable[[], DirectoryFigures | None]]:
    """The directory that calls ask, and how it stands."""
    wanted, region = config.directory, config.database.country
    own = DatabaseDirectory(store, region)
    match wanted.kind:
        case "database":
            return own, lambda: None
        case "csv":
            file = CustomerFile(store, Path(wanted.file), wanted.encoding, _form(config), region)
            spawn(file.watch())
            return own, lambda: DirectoryFigures(None, {"taken_in": file.imported, "refused": file.refused})
    customers = parts.closes(_customers(config, environment))
    wait_s = config.dialogue.lookup_wait_ms / 1000 * OF_THE_WAIT
    patience = Patience(wait_s, wanted.timeout_ms / 1000, wanted.cache_s, wanted.cache_numbers)
    breaker = Breaker(wanted.failures, wanted.pause_s)
    outside = OutsideDirectory(own, customers, DatabaseKeeping(store), breaker, patience, region, spawn)
    parts.forgets(outside.forget)
    return outside, lambda: outside.figures


def _customers(config: Config, environment: Mapping[str, str]) -> HttpCustomers:
    wanted = config.directory
    fields, orders, cases = _names(wanted.fields), _names(wanted.order_fields), _names(wanted.case_fields)
    mapped = Mapped(wanted.record, fields, orders, cases, wanted.words)
    return HttpCustomers(wanted.url, environment.get("IVR_DIRECTORY_TOKEN"), mapped)


def _form(config: Config) -> Form:
    wanted = config.directory
    return Form(_names(wanted.fields), wanted.words, wanted.delimiter)


def _names(fields: Mapping[Any, str]) -> dict[str, str]:
    """The settings know which names there are; the parts take any."""
    return dict(fields)


def pop_of(config: Config) -> Callable[[Card, AgentId], Pop | None]:
    """Where the customer of a card stands in another system's pages."""
    template, at_once, region = config.desk.pop_url, config.desk.pop_open, config.database.country

    def pop(card: Card, agent: AgentId) -> Pop | None:
        url = pop_url(template, card, agent, region) if template else None
        return Pop(url, at_once) if url else None

    return pop


def examine(what: Examination, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Whether the directory can be used; nothing where our own database is all there is."""
    match what.config.directory.kind:
        case "database":
            return
        case "csv":
            yield _examine_file(what.config)
            return
    problem = asyncio.run(_probe(what.config, environment))
    yield (True, "directory: the CRM answers") if problem is None else (False, f"directory: the CRM {problem}")


def _examine_file(config: Config) -> tuple[bool, str]:
    path = Path(config.directory.file)
    try:
        text = read_text(path, config.directory.encoding)
        rows = read_rows(CustomerRow, str(path), text, config.database.country, _form(config))
    except ImportFailed as failed:
        return False, f"directory: {'; '.join(failed.problems)}"
    return (True, f"directory: {path}: {len(rows)} customers") if rows else (False, f"directory: {path}: no customers")


async def _probe(config: Config, environment: Mapping[str, str]) -> str | None:
    """What keeps the CRM from answering; nobody having the number is an answer."""
    customers = _customers(config, environment)
    try:
        async with asyncio.timeout(PROBE_S):
            await customers.ask(NOBODY)
    except TimeoutError:
        return f"has not answered within {PROBE_S:.0f} s"
    except NotAnswered as problem:
        return f"has not answered: {problem}"
    except Unusable as problem:
        return f"answers for a number that nobody can have: {problem}"
    finally:
        await customers.close()
    return None
