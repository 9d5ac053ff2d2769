"""The connection to the database, and its migrations."""

from __future__ import annotations

import asyncio
import os
import stat
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from shutil import disk_usage
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from asyncpg import PostgresError
from sqlalchemy import Table, event, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ivr.adapters.database.faults import AWAY, is_of_the_moment
from ivr.adapters.database.schema import tables
from ivr.adapters.own_files import owner_alone
from ivr.core.told import Told, why

MIGRATIONS = Path(__file__).parent / "migrations"
AT_ONCE = 200
"""Rows at a time: more would hold the loop up, and SQLite takes some 32,000 values in one statement."""

_STARTED = text("SELECT pg_postmaster_start_time()")
_CONNECT_S = 5.0


class StoreUnusable(Told):
    """The database cannot be used as it is configured; the message says why, without the password."""


class Store:
    """One database, SQLite ("sqlite:///var/ivr.db") or PostgreSQL ("postgresql://user@host/name")."""

    def __init__(self, url: str, card_safe: bool = True) -> None:
        """``card_safe``: numbers of cards are masked in every text that is written ([privacy])."""
        self.engine: AsyncEngine = _engine(url)
        # the columns are told by the dialect, which each engine has for itself
        self.engine.sync_engine.dialect.card_safe = card_safe  # type: ignore[attr-defined]
        shown = self.engine.url.set(drivername=self.engine.url.get_backend_name())
        self.shown = shown.render_as_string(hide_password=True)
        self._opened = ""
        """Which file SQLite had open when something was first written."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction; a database that cannot do it now is a ConnectionError, whatever the driver calls it.

        So is a file of SQLite that was taken away, or another that was put in its place, since this store first used it.
        """
        try:
            async with self.engine.begin() as connection:
                yield connection
                if connection.dialect.name != "postgresql":
                    self._file()  # what is written into a file that was taken away is lost: nobody is told that it was kept
        except DBAPIError as error:
            if is_of_the_moment(error):
                raise ConnectionError(
                    ": ".join(filter(None, (self.shown, str(error.orig), self._why(error))))
                ) from error
            raise
        except AWAY as error:
            if isinstance(error, ConnectionError):
                raise
            raise ConnectionError(f"{self.shown}: {error}") from error

    async def server(self, connection: AsyncConnection) -> str:
        """Which database this is: another after a failover, where another file was put, and after a restart of PostgreSQL.

        Raises ConnectionError where the file was taken away: what is written into it is in no folder any more.
        """
        if connection.dialect.name != "postgresql":
            return self._file()
        return str((await connection.execute(_STARTED)).scalar())

    def _file(self) -> str:
        """Which file SQLite has open; "" for a database in memory."""
        name = self.engine.url.database
        if not name or name == ":memory:":
            return ""
        try:
            now = Path(name).stat()
        except OSError as error:
            raise ConnectionError(f"{self.shown}: its file is gone: stop the server and put back a copy") from error
        which = f"{now.st_dev}:{now.st_ino}"
        self._opened = self._opened or which
        if which != self._opened:
            raise ConnectionError(f"{self.shown}: another file was put in its place: start the server again")
        return which

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str, card_safe: bool = True) -> AsyncIterator[Store]:
        """A database with the newest schema, for as long as the block runs; raises StoreUnusable."""
        store = cls(url, card_safe)
        try:
            await store.migrate()
            yield store
        finally:
            await store.close()

    async def migrate(self) -> None:
        """Bring the schema to the newest version; raises StoreUnusable when the database cannot be reached."""
        try:
            async with self.engine.connect() as connection:
                await connection.run_sync(_upgrade)
        except CommandError as error:  # what Alembic says of a schema that it does not know
            raise StoreUnusable(
                f"database {self.shown}: a newer version of this server has written it: install that one again, or put back the"
                " copy of the database from before"
            ) from error
        except PendingRollbackError as error:
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError from error  # Alembic tidies up on a connection that is broken by then
            raise
        except (OSError, DBAPIError, PostgresError) as error:
            raise self._unusable(error) from error

    async def try_writing(self) -> None:
        """Write, and take it back. Raises StoreUnusable where nothing can be written."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(tables.house.update().values(id=tables.house.c.id))
                await connection.rollback()
        except (OSError, DBAPIError, PostgresError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: BaseException) -> StoreUnusable:
        return StoreUnusable(f"database {self.shown}: {self._why(error) or f'it cannot be used ({_theirs(error)})'}")

    def _why(self, error: BaseException) -> str:
        """What is wrong and what to do, in our words; "" where we have none for it."""
        theirs, name = _theirs(error), self.engine.url.database
        if "disk I/O error" in theirs and self.engine.dialect.name == "sqlite" and name:
            with suppress(OSError):  # on a full disk it cannot even make the -wal beside it
                if disk_usage(Path(name).parent).free < _ROOM:
                    return _FULL
        return next((ours for part, ours in _WHY if part in theirs), "")

    async def house(self) -> str:
        """The id of the house whose database this is. Raises ConnectionError while it is away."""
        async with self.begin() as connection:
            return str((await connection.execute(select(tables.house.c.id))).scalar())

    async def close(self) -> None:
        """Give back all connections."""
        await self.engine.dispose()


_FULL = "no space is left on its disk: make room there, and try again"
_ROOM = 64 * 1024
"""Bytes without which SQLite cannot open a database to be written to."""
_WHY = (
    ("disk is full", _FULL),
    ("disk I/O error", "its disk does not read or write as it should: the system's log says more"),
    ("unable to open database file", "its folder is not there, or this user may not write to it"),
    ("malformed", "its file is damaged: put back a copy; SQLite's own `.recover` saves what can still be read"),
    ("not a database", "that file is no SQLite database: name another, or one that is not there yet"),
    ("locked", "another program holds it: end that, and try again"),
    ("readonly", "this user may not write to it, or to the -wal and -shm beside it"),
    ("Connect call failed", "nobody answers there: is PostgreSQL running, and is the address right?"),
    ("Connection refused", "nobody answers there: is PostgreSQL running, and is the address right?"),
    ("not known", "there is no such host"),
    ("password authentication failed", "it refuses the user or the password"),
    ("does not exist", "there is no such database or user: create it first"),
)
"""What drivers say, and what we say."""


def _theirs(error: BaseException) -> str:
    return str(getattr(error, "orig", error))


def insert_into(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that can say what happens where the key is there already: each database has its own."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table)


@cache
def _upsert(
    dialect: str, table: Table, columns: tuple[str, ...], keys: tuple[str, ...], mine: str
) -> postgresql.Insert | sqlite.Insert:
    """Made once for each kind of row: building it took a tenth of the loop's time while calls were written."""
    statement = insert_into(dialect, table)
    changed = {column: statement.excluded[column] for column in columns if column not in keys}
    same = table.c[mine] == statement.excluded[mine] if mine else None
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed, where=same)


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], keys: tuple[str, ...], mine: str = ""
) -> None:
    """Insert, or replace what is there under the same key; all rows have the same columns.

    With ``mine`` only what has the same value in that column is replaced: nobody's row becomes somebody else's.
    """
    if not rows:
        return
    statement = _upsert(connection.dialect.name, table, tuple(rows[0]), keys, mine)
    for begin in range(0, len(rows), AT_ONCE):
        await connection.execute(statement, list(rows[begin : begin + AT_ONCE]))


def _private(file: Path) -> None:
    """People's calls are for nobody else on the machine: a new file is its owner's alone, an old one no longer everybody's.

    SQLite gives its other files (-wal, -shm) the same mode. What a group may do stays: somebody has given it that.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(owner_alone(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        status = file.stat()
        if stat.S_ISREG(status.st_mode) and status.st_mode & stat.S_IRWXO and status.st_uid == os.geteuid():
            file.chmod(stat.S_IMODE(status.st_mode) & ~stat.S_IRWXO)


def _engine(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreUnusable(
            "[database] url is no database URL; write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            parsed = parsed.set(drivername="sqlite+aiosqlite")
            if parsed.database and parsed.database != ":memory:":
                try:
                    if Path(parsed.database).is_dir():
                        raise StoreUnusable(f"database {parsed.database}: is a folder, and a file is needed")
                    _private(Path(parsed.database))
                except (FileExistsError, NotADirectoryError) as error:
                    folder = Path(parsed.database).parent
                    raise StoreUnusable(
                        f"database {parsed.database}: {folder} is no folder, and one is needed"
                    ) from error
                except OSError as error:
                    raise StoreUnusable(f"database {parsed.database}: {why(error)}") from error
            engine = create_async_engine(parsed, hide_parameters=True)  # they are what callers and people have typed
            event.listen(engine.sync_engine, "connect", _sqlite_pragmas)
            return engine
        case "postgresql":
            parsed = parsed.set(drivername="postgresql+asyncpg")
            return create_async_engine(
                parsed, pool_pre_ping=True, hide_parameters=True, connect_args={"timeout": _CONNECT_S}
            )
        case other:
            raise StoreUnusable(
                f"[database] url: {other} is not supported; write sqlite:///FILE or postgresql://USER@HOST/NAME"
            )


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # readers beside one writer, references held, and a busy file waited for instead of failing at once
    # … and what is deleted is overwritten
    for pragma in (
        "journal_mode = WAL", "foreign_keys = ON", "busy_timeout = 5000", "synchronous = NORMAL", "secure_delete = ON",
    ):  # fmt: skip
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # SQLite changes a column by making the table anew: with references held, dropping the old one would delete
        # or empty every row that refers to it. The pragma does nothing inside a transaction, so it stands before.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        # Python's driver begins a transaction for rows only: a migration that is broken off would leave tables behind without
        # the version that has them, and no later start could go on from there
        connection.exec_driver_sql("BEGIN")
    try:
        with warnings.catch_warnings():
            # where tables are made anew, those they refer to are read too, and an index over lower(email) cannot be
            warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
            command.upgrade(config, "head")
        connection.commit()
    finally:
        if sqlite:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
