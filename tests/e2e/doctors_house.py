"""A sound house on a real Asterisk, and the ways in which a mistake is put into it, and taken out again.

Asterisk is started once; its files are changed and read again, as an operator does it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from ivr.adapters.database import DatabaseAccounts, Store
from ivr.cli import doctor
from ivr.core.caller import Agent, AgentId
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.ports import free_port
from ivr.server.parts import Examine
from ivr.server.speech import speech_in
from tests.conftest import ROOT
from tests.thrift import sqlite

MODULES = {"manager": "manager", "extensions": "pbx_config.so", "queues": "app_queue.so"}
"""What reads a file of Asterisk's, by how its name begins."""


@dataclass(slots=True)
class Site:
    """Where mistakes are made."""

    asterisk: PrivateAsterisk
    lab: Lab
    root: Path
    raw: dict[str, Any]
    """What is written into config.toml."""
    interfaces: dict[str, str] = field(default_factory=lambda: {"ana": "Local/1001@ivr-lab-phones/n"})

    @classmethod
    def of(cls, asterisk: PrivateAsterisk, lab: Lab, root: Path) -> Site:
        secret = root / "secret"
        secret.write_text(asterisk.secret)
        secret.chmod(0o600)
        raw = {
            "asterisk": {"port": asterisk.ports.ami, "secret_file": "secret"},
            "media": {"port": asterisk.ports.media},
            "web": {"port": free_port()},
            "database": {"url": "sqlite:///ivr.db"},
            "dialogue": {"folder": str(ROOT / "dialplans")},
            "sources": {"shop": "http://127.0.0.1:9"},
        }
        return cls(asterisk, lab, root, raw)

    def examined(self, parts: Sequence[Examine], capture: Callable[[], str]) -> list[str]:
        """What `ivr doctor` prints of these parts that is not right, each with its mark."""
        (self.root / "config.toml").write_text(tomli_w.dumps(self.raw))
        if not (self.root / "ivr.db").exists():
            asyncio.run(self.people())
        doctor.examine(self.root / "config.toml", parts)
        return [line for line in capture().splitlines() if line.startswith(("✗", "·"))]

    async def people(self) -> None:
        """Make its database, with the agents in it."""
        store = Store(sqlite(self.root / "ivr.db"))
        try:
            for login, interface in self.interfaces.items():
                await DatabaseAccounts(store).save(
                    Agent(AgentId(login), login.title(), interface, queues=("orders",)), login, "no password"
                )
        finally:
            await store.close()


Seed = Callable[[Site], AbstractContextManager[None]]


def file(name: str, before: str, after: str) -> Seed:
    """Something else in a file of Asterisk's."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        path = site.asterisk.where / "etc" / name
        text = path.read_text()
        assert before in text, (name, before)
        path.write_text(text.replace(before, after))
        module = MODULES[name.removesuffix(".conf").removesuffix("_ivr")]
        site.lab.act("Reload", Module=module)
        try:
            yield
        finally:
            path.write_text(text)
            site.lab.act("Reload", Module=module)

    return seeded


def without(module: str) -> Seed:
    """A module of Asterisk's that is not loaded."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        site.lab.act("ModuleLoad", Module=f"{module}.so", LoadType="unload")
        try:
            yield
        finally:
            site.lab.act("ModuleLoad", Module=f"{module}.so", LoadType="load")

    return seeded


def variable(name: str, value: str) -> Seed:
    """Another value of a global variable of the dialplan."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        before = site.lab.act("Getvar", Variable=name)["Value"]
        site.lab.act("Setvar", Variable=name, Value=value)
        try:
            yield
        finally:
            site.lab.act("Setvar", Variable=name, Value=before)

    return seeded


def member(agent: str) -> Seed:
    """Somebody whose desk, in another house, has made them a member of queues here."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        site.lab.act("DBPut", Family="ivr_member", Key=agent, Val="orders")
        try:
            yield
        finally:
            site.lab.act("DBDel", Family="ivr_member", Key=agent)

    return seeded


def settings(table: str, **values: Any) -> Seed:
    """Something else in config.toml."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        site.raw[table] = {**site.raw.get(table, {}), **values}
        yield

    return seeded


def phone(interface: str) -> Seed:
    """An agent with this phone."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        site.interfaces["ben"] = interface
        yield

    return seeded


def nobody() -> Seed:
    """No agent at all."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        site.interfaces.clear()
        yield

    return seeded


def newer_database() -> Seed:
    """A database of a version that is not out yet."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        asyncio.run(site.people())
        with contextlib.closing(sqlite3.connect(site.root / "ivr.db")) as database:
            database.execute("update alembic_version set version_num = '9999'")
            database.commit()
        yield

    return seeded


def no_program(variable: str, **tables: Any) -> Seed:
    """A program that is named in the environment and is not there; ``tables`` are settings beside it."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        site.raw |= tables
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(variable, "/nowhere/program")
            yield

    return seeded


def empty_cache() -> Seed:
    """A machine on which nothing has been fetched."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(speech_in, "CACHE", site.root / "cache")
            yield

    return seeded


def written(path: str, text: str, mode: int = 0o600, **tables: Any) -> Seed:
    """A file in the house that is not as it should be; ``tables`` are settings beside it."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        (site.root / path).parent.mkdir(exist_ok=True)
        (site.root / path).write_text(text)
        (site.root / path).chmod(mode)
        for table, values in tables.items():
            site.raw[table] = {**site.raw.get(table, {}), **values}
        yield

    return seeded


def mode(path: str, mode: int) -> Seed:
    """Others may do something with a file of the house."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        (site.root / path).chmod(mode)
        yield

    return seeded


def taken(table: str) -> Seed:
    """Another program on the port of one of our own."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        with socket.create_server(("127.0.0.1", site.raw[table]["port"])):
            yield

    return seeded


def another_program(greeting: bytes) -> Seed:
    """Where Asterisk's manager should be, something else answers; b"": it waits for us to begin, as a TLS port does."""

    @contextmanager
    def seeded(site: Site) -> Iterator[None]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            site.raw["asterisk"]["port"] = listener.getsockname()[1]
            greeter = threading.Thread(target=_greet, args=(listener, greeting))
            greeter.start()
            try:
                yield
            finally:
                greeter.join()

    return seeded


def _greet(listener: socket.socket, greeting: bytes) -> None:
    line, _ = listener.accept()
    with line, contextlib.suppress(ConnectionError):
        line.sendall(greeting)
        line.recv(1)  # until the other side has heard enough
