"""A database of each kind: SQLite in a file, and a real PostgreSQL for the whole run."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from ivr.adapters.database import Store
from ivr.lab.asterisk.private import free_port
from ivr.provision.debian import POSTGRESQL, Found
from tests.conftest import PATIENCE_S, RealParts
from tests.thrift import apart, migrate, sqlite

_names = count(1)


@dataclass
class Postgres:
    """A private PostgreSQL; it refuses root, so as root it runs as a user who may do nothing else."""

    found: Found
    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None
    _template: str | None = None

    def _run_as(self) -> str | None:
        if os.geteuid() != 0:
            return None
        return next(name for name in ("postgres", "nobody") if any(user.pw_name == name for user in pwd.getpwall()))

    def _command(self, program: str) -> list[str]:
        words = self.found.command()
        return [*words[:-1], str(Path(words[-1]).resolve().parent / program)]

    def prepare(self) -> None:
        """Make an empty cluster."""
        user = self._run_as()
        if user:
            os.chown(self.folder, pwd.getpwnam(user).pw_uid, -1)
        words = [*self._command("initdb"), "-D", str(self.folder / "data"), "-U", "ivr", "-A", "trust", "-N", "-E", "UTF8",
                 "--locale=C"]  # fmt: skip
        done = subprocess.run(
            words, cwd=self.folder, env=os.environ | self.found.environment(), user=user, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = (
            "fsync=off",
            "autovacuum=off",  # it would look into each of hundreds of databases again and again
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
        )
        words = [*self._command("postgres"), "-D", str(self.folder / "data")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*words, *(word for option in options for word in ("-c", option))], cwd=self.folder, user=self._run_as(),
                env=os.environ | self.found.environment(), stdout=log, stderr=log,
            )  # fmt: skip
        self.answers()

    def answers(self) -> None:
        """Wait until it does."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.run("SELECT 1")
                return
            except (OSError, asyncpg.PostgresError):
                alive = self._process and self._process.poll() is None
                assert time.monotonic() < deadline and alive, (self.folder / "log").read_text()
                time.sleep(0.05)

    def run(self, sql: str) -> None:
        """Run one command, in a thread: whoever asks may have a loop running."""

        async def ask() -> None:
            connection = await asyncpg.connect(host="127.0.0.1", port=self.port, user="ivr", database="postgres")
            await connection.execute(sql)
            await connection.close()

        apart(lambda: asyncio.run(ask()))

    def empty_database(self) -> str:
        """The address of a new database."""
        return self._database("template1")

    def migrated_database(self) -> str:
        """The address of a new database with the newest schema: a copy of one that the product has migrated."""
        if self._template is None:
            url = self.empty_database()
            apart(lambda: asyncio.run(migrate(url)))
            self._template = url.rpartition("/")[2]
        return self._database(self._template)

    def _database(self, template: str) -> str:
        name = f"ivr_{next(_names)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql://ivr@127.0.0.1:{self.port}/{name}"

    def version(self) -> str:
        """Its own words for what it is."""
        words = [*self._command("postgres"), "--version"]
        return subprocess.run(
            words, env=os.environ | self.found.environment(), capture_output=True, text=True, check=True
        ).stdout.strip()

    def processes(self) -> list[int]:
        """Its processes, the first one first."""
        assert self._process
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self._process.pid)], capture_output=True, text=True, check=True
        )
        return [self._process.pid, *map(int, listed.stdout.split())]

    def copy_data(self, name: str) -> None:
        """Copy everything that it has, while it is stopped."""
        shutil.copytree(self.folder / "data", self.folder / name, symlinks=True)
        if user := self._run_as():
            subprocess.run(["chown", "-R", user, str(self.folder / name)], check=True)

    def take_data(self, name: str) -> None:
        """Have that instead, from the next start on."""
        shutil.rmtree(self.folder / "data")
        (self.folder / name).rename(self.folder / "data")

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # its "fast shutdown"
            self._process.wait(PATIENCE_S)
            self._process = None


@pytest.fixture(scope="session")
def postgres(real_parts: RealParts) -> Iterator[Postgres]:
    """One PostgreSQL for all tests; each has a database of its own in it."""
    found = real_parts.get(POSTGRESQL)
    with tempfile.TemporaryDirectory(prefix="ivr-postgres-") as name:
        made = Postgres(found, Path(name), free_port())
        made.prepare()
        made.start()
        real_parts.used("PostgreSQL", made.version())
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def dialect(request: pytest.FixtureRequest, real_parts: RealParts) -> Postgres | None:
    """None: SQLite."""
    if request.param == "SQLite":
        real_parts.used("SQLite", "in a file")
        return None
    server: Postgres = request.getfixturevalue("postgres")
    return server


@pytest.fixture
def url(dialect: Postgres | None, tmp_path: Path) -> str:
    """The address of an empty database."""
    return f"sqlite:///{tmp_path / 'ivr.db'}" if dialect is None else dialect.empty_database()


@pytest.fixture
async def store(dialect: Postgres | None, tmp_path: Path) -> AsyncIterator[Store]:
    """A database with the newest schema in it."""
    made = Store(sqlite(tmp_path / "ivr.db") if dialect is None else dialect.migrated_database())
    yield made
    await made.close()
