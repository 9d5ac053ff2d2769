"""A real Asterisk for the whole run, a server for each test, callers and witnesses."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.database import Store
from ivr.calls.live import LiveCall
from ivr.config.load import Config, parse
from ivr.core.contact.ledger import Entry
from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.desk_client import DeskClient
from ivr.lab.shop import shop
from ivr.provision.debian import ASTERISK
from ivr.server.app import Server, running
from tests.conftest import CACHE, PATIENCE_S, ROOT, RealParts
from tests.thrift import sqlite

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def asterisk(tmp_path_factory: pytest.TempPathFactory, real_parts: RealParts) -> Iterator[PrivateAsterisk]:
    """One private Asterisk; tests share it, each with a server of its own on the same ports."""
    real_parts.get(ASTERISK)
    made = PrivateAsterisk.prepare(
        tmp_path_factory.mktemp("asterisk"), ROOT / "dialplans/asterisk", CACHE, ("1001", "1002", "1003", "2001")
    )
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def lab(asterisk: PrivateAsterisk, real_parts: RealParts) -> Iterator[Lab]:
    """Places calls, and is the independent witness of what Asterisk saw."""
    with Lab(asterisk.ports.ami, asterisk.lab_secret) as made:
        real_parts.used("asterisk-ami", "as witness and to place calls")
        for phone in ("1001", "1002", "1003"):
            made.phone(phone, "1", "1")
        yield made
        hang_up_everything(made)


def hang_up_everything(lab: Lab) -> None:
    """Leave no channel behind, so that one test's callers are not another's."""
    if channels(lab):
        lab.act("Hangup", Channel="/^.*$/")
    wait_for(lambda: channels(lab) == 0, 10, "channels were left behind")
    for agent in shop.AGENTS:
        for queue in agent.queues:
            with contextlib.suppress(NotDone):  # not a member is what is wanted
                lab.act("QueueRemove", Queue=queue, Interface=agent.interface)
        with contextlib.suppress(NotDone):  # nor one of an earlier run
            lab.act("DBDel", Family="ivr_member", Key=agent.id)


def channels(lab: Lab) -> int:
    """How many channels Asterisk has at this moment, by the witness."""
    return len(lab.listing("CoreShowChannels", "CoreShowChannel", within_s=PATIENCE_S))


def wait_for(true: Callable[[], object], timeout_s: float, otherwise: str) -> None:
    """Wait for a fact, in a thread that may block; longer than ``timeout_s`` where the machine is busy."""
    deadline = time.monotonic() + max(timeout_s, PATIENCE_S)
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


async def until(true: Callable[[], object], timeout_s: float, otherwise: str | Callable[[], str]) -> None:
    """Wait for a fact, on the loop; longer than ``timeout_s`` where the machine is busy."""
    deadline = time.monotonic() + max(timeout_s, PATIENCE_S)
    while not true():
        assert time.monotonic() < deadline, otherwise if isinstance(otherwise, str) else otherwise()
        await asyncio.sleep(0.02)


def settings(asterisk: PrivateAsterisk, folder: Path, changes: dict[str, dict[str, Any]] | None = None) -> Config:
    """The project's own defaults on the lab's ports, with the bundled speech model whatever else is installed."""
    raw: dict[str, Any] = {
        "asterisk": {"port": asterisk.ports.ami},
        "media": {"port": asterisk.ports.media},
        "web": {"port": 0, "key_file": str(folder / "web.key")},
        "database": {"url": f"sqlite:///{folder / 'ivr.db'}"},
        "records": {"folder": str(folder / "records"), "journal_mb": 4},
        "sources": {"shop": f"sqlite:///{folder / 'shop.db'}"},
        "speech_out": {"rate_wpm": 290},  # prompts that are soon over make tests that are soon over
        "speech_in": {"model_en": str(ROOT / "audio/models/bundled-en"), "model_zh": "off"},
        "dialogue": {"lookup_wait_ms": 5_000},  # on a busy machine, too, whoever is known is greeted by name
    }
    for table, values in (changes or {}).items():
        raw[table] = raw.get(table, {}) | values
    return parse(raw, "the tests' settings", {})


@dataclass(slots=True)
class House:
    """A running server, seen from the tests."""

    asterisk: PrivateAsterisk
    server: Server
    lab: Lab
    entries: list[tuple[LiveCall, Entry]] = field(default_factory=list)
    _forgotten: set[object] = field(default_factory=set)

    def note(self, live: LiveCall, entry: Entry) -> None:
        """Remember what happens, but not what still happens to calls that are forgotten."""
        if live.id not in self._forgotten:
            self.entries.append((live, entry))

    def forget(self) -> None:
        """From here on only new calls count."""
        self._forgotten |= {live.id for live, _ in self.entries}
        self.entries.clear()

    def kinds(self, kind: str) -> list[Entry]:
        """Every event of that kind so far, of all calls."""
        return [entry for _, entry in self.entries if entry.kind == kind]

    async def happened(self, kind: str, timeout_s: float = 30, count: int = 1) -> Entry:
        """Wait for the n-th event of a kind."""
        deadline = time.monotonic() + max(timeout_s, PATIENCE_S)
        while len(self.kinds(kind)) < count:
            assert time.monotonic() < deadline, f"no {kind!r} within {timeout_s} s: {self.story()}"
            await asyncio.sleep(0.02)
        return self.kinds(kind)[count - 1]

    def story(self) -> str:
        """What has happened, a line an entry, for who asks why a test failed."""
        return "\n".join(f"{entry.at:%H:%M:%S.%f} {entry.kind} {entry.facts}" for _, entry in self.entries)

    @property
    def call(self) -> LiveCall:
        """The one call of the test."""
        return self.entries[0][0]

    def say(self, *steps: str, number: str = shop.LIN_MEI, name: str = "Lin Mei", stay_s: int = 60) -> None:
        """A caller who answers each prompt in turn, then stays on the line."""
        script: list[str] = []
        for step in steps:
            script += ["hush:600", step if ":" in step else f"play:{ROOT / 'audio/calls' / step}"]
        self.lab.call(shop.DNIS, number, name, [*script, f"wait:{stay_s}"])

    @asynccontextmanager
    async def desk(self, login: str) -> AsyncIterator[DeskClient]:
        """An agent at their desk, available."""
        address = f"http://127.0.0.1:{self.server.web_port}"
        async with DeskClient.signed_in(address, login, PASSWORD) as client:
            states = self.server.roster.states
            await until(lambda: states()[login] == "available", 10, f"{login} did not become available")  # type: ignore[index]
            yield client


@pytest.fixture
async def house(asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts) -> AsyncIterator[House]:
    """A server with the sample shop, connected to the real Asterisk."""
    async with a_house(asterisk, lab, tmp_path, real_parts) as made:
        yield made


@asynccontextmanager
async def a_house(
    asterisk: PrivateAsterisk,
    lab: Lab,
    folder: Path,
    real_parts: RealParts,
    changes: dict[str, dict[str, Any]] | None = None,
) -> AsyncIterator[House]:
    """A server with the sample shop; ``changes`` are settings by table."""
    config = settings(asterisk, folder, changes)
    await fill(config)
    async with running(config, asterisk.secret, ROOT) as server:
        for part in ("AudioSocket", "Vosk decoder", "pyttsx3", "SQLite"):
            real_parts.used(part, "in calls through Asterisk")
        await until(lambda: server.link.connected, 10, "the server did not reach Asterisk")
        made = House(asterisk, server, lab)
        server.calls.subscribe(made.note)
        yield made


async def fill(config: Config) -> None:
    """A fresh database with the sample shop in it."""
    store = Store(sqlite(Path(config.database.url.removeprefix("sqlite:///"))))
    try:
        books = Path(config.sources["shop"].removeprefix("sqlite:///"))
        await shop.open_shop(store, {agent.id: PASSWORD for agent in shop.AGENTS}, books=books)
    finally:
        await store.close()
