"""The whole house: a private Asterisk, a database, a CRM, the server under its watchdog, desks that come back by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import aiohttp
import tomli_w
from argon2 import PasswordHasher

from ivr.adapters.database import DatabaseAccounts, Store
from ivr.bench.chaos.desks import Desk
from ivr.bench.chaos.disk import Disk
from ivr.bench.chaos.server import LogReader, ServerProcess
from ivr.bench.chaos.wall_clock import WallClock
from ivr.bench.chaos.wires import Customers, Relay
from ivr.bench.chaos.witness import Phones
from ivr.core.caller import Agent, AgentId
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.ports import free_port
from ivr.lab.postgres import PrivatePostgres
from ivr.lab.shop import shop
from ivr.provision.debian import POSTGRESQL, get
from ivr.provision.places import CACHE, INSTALLED

Database = Literal["postgresql", "sqlite"]
LOOK_S = 0.1
HEALTH_S = 2.0
QUEUES = ("orders", "returns", "billing", "repairs", "sales", "ivr-fallback")
RINGS_S = "1.2"
TALKS_S = ("2.5", "2.5", "20")
"""In turn: some still talk when a server that died is back."""


def agents_of(count: int) -> list[Agent]:
    """Agents who take every call."""
    return [
        Agent(AgentId(f"chaos{n}"), f"Agent {n}", f"Local/{1100 + n}@ivr-lab-phones/n", ("en", "zh"), {}, None, QUEUES)
        for n in range(count)
    ]


@dataclass(slots=True)
class House:
    """Everything, and what can be done to it."""

    folder: Path
    disk: Disk
    asterisk: PrivateAsterisk
    phones: Phones
    ami: Relay
    sound: Relay
    customers: Customers
    postgres: PrivatePostgres | None
    server: ServerProcess
    log: LogReader
    web: str
    url: str
    raw: dict[str, Any]
    clock: WallClock
    desks: list[Desk] = field(default_factory=list)
    http: aiohttp.ClientSession | None = None
    ends_s: list[float] = field(default_factory=list)
    """How long each end took that was asked for."""

    async def health(self) -> str:
        """What ``/health`` says; what is wrong where it says nothing."""
        assert self.http
        try:
            async with asyncio.timeout(HEALTH_S), self.http.get(f"{self.web}/health") as answer:
                return str((await answer.json())["status"])
        except (OSError, TimeoutError, aiohttp.ClientError, ValueError) as error:
            return type(error).__name__

    async def well(self) -> bool:
        """Everything is there, for callers and at every desk."""
        return await self.health() == "ok" and all(desk.open for desk in self.desks)

    async def until_well(self, within_s: float) -> None:
        """Wait for it; raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not await self.well():  # noqa: ASYNC110  # a server that is away announces nothing
                await asyncio.sleep(LOOK_S)

    def keep_logs(self, folder: Path) -> None:
        """Copies of what the server and Asterisk have said."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.log.file, folder / "server.log")
        (folder / "asterisk.log").write_text(self.asterisk.log())

    def config(self, name: str, **changes: dict[str, Any]) -> Path:
        """Write a config.toml, with tables changed."""
        path = self.folder / name
        raw = {table: {**self.raw.get(table, {}), **changes.get(table, {})} for table in {**self.raw, **changes}}
        path.write_text(tomli_w.dumps(raw))
        return path


@contextlib.contextmanager
def _postgres(kind: Database, disk: Disk) -> Iterator[tuple[PrivatePostgres | None, str]]:
    """The database, and its address; the server is a user without privileges, as it should be."""
    if kind == "sqlite":
        yield None, f"sqlite:///{disk.folder / 'ivr.db'}"
        return
    folder = disk.folder / "postgresql"
    folder.mkdir()
    made = PrivatePostgres(get(POSTGRESQL, CACHE), folder, free_port())
    made.prepare()
    made.start()
    try:
        made.run("CREATE ROLE house LOGIN")
        made.run("CREATE DATABASE house OWNER house")
        yield made, f"postgresql://house@127.0.0.1:{made.port}/house"
    finally:
        made.kill()


def _audio(folder: Path) -> Path:
    """A folder for sentences: those that have been rendered before are there, and new ones are nobody else's."""
    made, cache = folder / "audio", INSTALLED / "audio/cache"
    made.mkdir()
    if cache.is_dir():
        shutil.copytree(cache, made / "cache", copy_function=os.symlink)
    return made


def _settings(asterisk: PrivateAsterisk, folder: Path, url: str, ports: dict[str, int]) -> dict[str, Any]:
    return {
        "asterisk": {"port": ports["ami"]},
        "media": {"port": ports["sound"]},
        "web": {"port": ports["web"], "key_file": str(folder / "web.key")},
        "database": {"url": url},
        "records": {"folder": str(folder / "records"), "journal_mb": 16},
        "directory": {"kind": "http", "url": f"http://127.0.0.1:{ports['crm']}/customers?phone={{number}}"},
        "sources": {"shop": f"sqlite:///{folder / 'shop.db'}"},
        "dialogue": {"folder": str(INSTALLED / "dialplans")},
        "speech_in": {"model_en": str(INSTALLED / "audio/models/bundled-en"), "model_zh": "off"},
        "speech_out": {"folder": str(_audio(folder.parent)), "rate_wpm": 290},
        "routing": {"wrap_up_s": 1},
        "webhooks": {"key_file": str(folder / "webhooks.key")},
        "recording": {"folder": str(folder / "recordings"), "corpus": str(folder / "corpus")},
        "log": {"format": "json", "level": "debug"},
    }


async def _fill(url: str, folder: Path, agents: list[Agent], password: str) -> None:
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)
    async with Store.opened(url) as store:
        await shop.open_shop(store, {agent.id: password for agent in shop.AGENTS}, books=folder / "shop.db")
        for agent in agents:
            await DatabaseAccounts(store).save(agent, agent.id, hashed)


def _folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="ivr-chaos-"))
    made.chmod(0o711)  # PostgreSQL runs as somebody else
    return made


@contextlib.asynccontextmanager
async def opened(kind: Database, agents: int) -> AsyncIterator[House]:
    """A house with everything but a server that runs; nothing of it is left behind, also where SIGTERM ends us."""
    if this := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    folder = _folder()
    ports = {name: free_port() for name in ("ami", "sound", "web", "crm")}
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        disk = stack.enter_context(Disk.mounted(folder / "disk"))
        postgres, url = stack.enter_context(_postgres(kind, disk))
        asterisk = PrivateAsterisk.prepare(folder / "asterisk", INSTALLED / "dialplans/asterisk", CACHE)
        asterisk.start()
        stack.callback(asterisk.stop)
        phones = stack.enter_context(Phones(asterisk.ports.ami, asterisk.lab_secret))
        for number in range(agents):
            phones.phone(str(1100 + number), RINGS_S, TALKS_S[number % len(TALKS_S)])
        ami = await stack.enter_async_context(Relay(asterisk.ports.ami).listening(ports["ami"]))
        sound = await stack.enter_async_context(Relay(ports["sound"]).listening(asterisk.ports.media))
        customers = await stack.enter_async_context(Customers().listening(ports["crm"]))
        password, log = secrets.token_urlsafe(9), folder / "server.log"
        raw = _settings(asterisk, disk.folder, url, ports)
        await _fill(url, disk.folder, agents_of(agents), password)
        (folder / "config.toml").write_text(tomli_w.dumps(raw))
        clock = WallClock(folder)
        server = ServerProcess(folder / "config.toml", log, asterisk.secret, environment=clock.environment())
        log.touch()
        web = f"http://127.0.0.1:{ports['web']}"
        house = House(
            folder, disk, asterisk, phones, ami, sound, customers, postgres, server, LogReader(log), web, url, raw, clock,
            [Desk(agent.id, str(1100 + n), web, password) for n, agent in enumerate(agents_of(agents))],
        )  # fmt: skip
        house.http = await stack.enter_async_context(aiohttp.ClientSession())
        sitting = [asyncio.create_task(desk.sit()) for desk in house.desks]
        try:
            yield house
        finally:
            for one in sitting:
                one.cancel()
            await asyncio.gather(*sitting, return_exceptions=True)
            if server.running:
                await server.end()
