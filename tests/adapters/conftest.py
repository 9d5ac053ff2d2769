"""A database of each kind: SQLite in a file, and a real PostgreSQL for the whole run."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from ivr.adapters.database import Store
from ivr.lab.ports import free_port
from ivr.lab.postgres import PrivatePostgres
from ivr.provision.debian import POSTGRESQL
from tests.conftest import RealParts
from tests.thrift import apart, migrate, sqlite

_names = count(1)


@dataclass
class Postgres(PrivatePostgres):
    """The private PostgreSQL with as many databases as tests want."""

    _template: str | None = None

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

    def copy_data(self, name: str) -> None:
        """Copy everything that it has, while it is stopped."""
        shutil.copytree(self.folder / "data", self.folder / name, symlinks=True)
        if user := self._run_as():
            subprocess.run(["chown", "-R", user, str(self.folder / name)], check=True)

    def take_data(self, name: str) -> None:
        """Have that instead, from the next start on."""
        shutil.rmtree(self.folder / "data")
        (self.folder / name).rename(self.folder / "data")


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
