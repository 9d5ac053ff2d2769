"""A house of its own for each replayed call: who calls, what their records say, what the sources hold.

It is made once from the corpus and copied for each call, so that what one call writes no other call reads, and the real
databases are neither asked nor changed.
"""

from __future__ import annotations

import asyncio
import csv
import io
import os
import re
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ivr.adapters.customers.lookups import SourceLookups
from ivr.adapters.database import (
    DatabaseAccounts,
    DatabaseDirectory,
    DatabaseIdentity,
    ImportFailed,
    Store,
    import_file,
)
from ivr.calls.caller.ports import Answer, Identity, Lookups
from ivr.calls.people.audit import Actor
from ivr.calls.ports import Directory, Late, nobody_waits
from ivr.core.caller import Agent, AgentId, Caller, Preferences
from ivr.core.flow.flow import Lookup
from ivr.core.flow.nodes import ProofMethod
from ivr.core.language import Language
from ivr.core.told import why
from ivr.corpus.format import Call, Corpus, CorpusError, Facts
from ivr.replay.engine.audio_clock import outside
from ivr.wire.written.encodings import NotText, decoded

BOOKS = "house.db"
SCRIPT_S = 20.0
"""What a script that makes a source may take."""
_DATE = re.compile(r"(?<!\d)20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
_NO_AGENT_SIGNS_IN = "!"
"""No password has this as its hash."""


def agents_of(corpus: Corpus) -> tuple[Agent, ...]:
    """The agents who are at work."""
    return tuple(
        Agent(AgentId(one.id), one.name or one.id, f"replay/{one.id}", one.languages, dict(one.skills), one.region, one.queues)
        for one in corpus.house.agents
    )  # fmt: skip


async def prepare(
    corpus: Corpus, folder: Path, country: str, days: int = 0, agents: Sequence[tuple[Agent, str]] | None = None
) -> None:
    """Make the databases of a corpus in ``folder``. Raises CorpusError for files that cannot be used.

    ``days`` moves every date in its files, for a house that is to be as it was, today; ``agents`` are those at work with the
    hashes of their passwords (None: the corpus', who cannot sign in).
    """
    problems: list[str] = []
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    await asyncio.to_thread(folder.mkdir, parents=True)
    async with Store.opened(f"sqlite:///{folder / BOOKS}") as store:
        for agent, password in agents or [(agent, _NO_AGENT_SIGNS_IN) for agent in agents_of(corpus)]:
            await DatabaseAccounts(store).save(agent, agent.id, password)
        for kind, path in corpus.books.items():
            try:
                text = moved(decoded(await asyncio.to_thread(path.read_bytes)), days)
                await import_file(store, kind, str(path), text, country)  # type: ignore[arg-type]  # the keys are the kinds
            except NotText as error:
                problems.append(f"{path}:{error.line}: {error}")
            except (ImportFailed, OSError) as error:
                problems += error.problems if isinstance(error, ImportFailed) else [f"{path}: {why(error)}"]
        if not problems:
            for customer, pin in corpus.house.pins.items():
                if not await DatabaseIdentity(store).set_pin(customer, pin, Actor("console:replay")):
                    problems.append(f"{corpus.folder / 'corpus.toml'}: pins: there is no customer {customer}")
    for name, script in corpus.sources.items():
        try:
            await asyncio.to_thread(_make_source, script, folder / f"{name}.db", days)
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            # what is wrong with SQL, only the database can say
            problems.append(
                f"{script}: {f'the database says: {error}' if isinstance(error, sqlite3.Error) else why(error)}"
            )
    if problems:
        raise CorpusError(problems)


def moved(text: str, days: int) -> str:
    """The text with every date in it (2026-11-18, also before a time) so many days later."""
    if not days:
        return text
    return _DATE.sub(lambda found: (date.fromisoformat(found.group()) + timedelta(days=days)).isoformat(), text)


def _only_this_file(action: int, first: str | None, *_: str | None) -> int:
    refused = action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH) or first == "load_extension"
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


def _make_source(script: Path, path: Path, days: int) -> None:
    deadline = time.monotonic() + SCRIPT_S
    with closing(sqlite3.connect(path)) as books:
        # a corpus may come from anywhere: its script makes this one file, and comes to an end
        books.set_authorizer(_only_this_file)
        books.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
        books.executescript(moved(script.read_text(encoding="utf-8"), days))
        books.commit()


@dataclass(frozen=True, slots=True)
class OwnHouse:
    """What one call stands on; everything in it works outside of audio time."""

    directory: Directory
    lookups: Lookups
    identity: Identity


@asynccontextmanager
async def house_of(
    call: Call, template: Path, folder: Path, country: str, ask: Mapping[str, str] = {}
) -> AsyncIterator[OwnHouse]:
    """The house of one call, for as long as the block runs. Raises CorpusError for facts that cannot be used.

    ``ask`` are real sources, which are asked where the corpus has none of that name, and never changed.
    """
    urls = await asyncio.to_thread(_copy, template, folder)
    store = Store(f"sqlite:///{folder / BOOKS}")
    real = {name: url for name, url in ask.items() if name not in urls}
    lookups = SourceLookups.open(store, {**urls, **real}, os.environ if real else {})
    try:
        await _own_facts(store, call, country)
        yield OwnHouse(
            _Directory(DatabaseDirectory(store, country)),
            _Lookups(lookups, frozenset(real)),
            _Identity(DatabaseIdentity(store)),
        )
    finally:
        await lookups.close()
        await store.close()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _copy(template: Path, folder: Path) -> dict[str, str]:
    """Copy the databases; the addresses of the sources by name."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    return {path.stem: f"sqlite:///{path}" for path in sorted(folder.glob("*.db")) if path.name != BOOKS}


async def _own_facts(store: Store, call: Call, country: str) -> None:
    """What the call's own file says of who calls, by the way that `ivr import` goes."""
    try:
        for kind, rows in _rows(call.facts).items():
            if rows:
                await import_file(store, kind, f"{call.name}.toml [{kind}]", _csv(rows), country)  # type: ignore[arg-type]
    except ImportFailed as error:
        raise CorpusError(error.problems) from error


def _rows(facts: Facts) -> dict[str, list[dict[str, Any]]]:
    customer = [facts.customer.model_dump(mode="json")] if facts.customer else []
    for one in customer:
        one["numbers"] = one["numbers"] or facts.number or ""
    return {
        "customers": customer,
        **{
            kind: [row.model_dump(mode="json") for row in getattr(facts, kind)]
            for kind in ("orders", "cases", "contacts")
        },
    }


def _csv(rows: list[dict[str, Any]]) -> str:
    made = io.StringIO()
    writer = csv.DictWriter(made, list(rows[0]))
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return made.getvalue()


def _cell(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


# -- the ports of the house, outside of audio time


@dataclass(frozen=True, slots=True)
class _Directory:
    inner: Directory

    async def find(self, ani: str, late: Late = nobody_waits) -> Caller | None:
        return await outside(self.inner.find(ani, late))


@dataclass(frozen=True, slots=True)
class _Lookups:
    inner: Lookups
    real: frozenset[str]

    async def run(self, lookup: Lookup, args: Mapping[str, str]) -> Answer:
        if lookup.source in self.real and lookup.writes:
            # what would change the real thing is not done, and counts as done
            return Answer("found", ({},))
        return await outside(self.inner.run(lookup, args))


@dataclass(frozen=True, slots=True)
class _Identity:
    inner: Identity

    async def begin(self, customer: str, method: ProofMethod, language: Language) -> Any:
        return await outside(self.inner.begin(customer, method, language))

    async def check(self, customer: str, method: ProofMethod, answer: str) -> Any:
        return await outside(self.inner.check(customer, method, answer))


class NoMemory:
    """Nothing of a replayed call is remembered."""

    async def remember(self, customer: str, preferences: Preferences) -> None:
        """Forget it at once."""

    async def forget(self, customer: str) -> None:
        """There is nothing."""
