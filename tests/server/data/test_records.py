"""The database must be the one that the house had: an emptied one, another one, a newer one and a damaged one are told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from ivr.adapters.database import DatabaseAudit, Store
from ivr.adapters.database.store import StoreUnusable
from ivr.calls.people.audit import Actor, AuditFilter, Entry
from ivr.config.load import Config, parse
from ivr.server.data.key_files import key_of
from ivr.server.data.records import MARKER, same_house
from tests.thrift import sqlite


@pytest.fixture
def config(tmp_path: Path) -> Config:
    raw = {"database": {"url": f"sqlite:///{tmp_path}/ivr.db"}, "records": {"folder": str(tmp_path / "records")}}
    return parse(raw, "the test's", {})


async def starts(config: Config) -> None:
    async with Store.opened(config.database.url) as store:
        await same_house(config, store)


async def test_file_that_is_taken_away_or_exchanged_under_the_server_is_written_into_no_more(
    config: Config, tmp_path: Path
) -> None:
    async with Store.opened(config.database.url) as store:
        async with store.begin() as connection:
            first = await store.server(connection)
        (tmp_path / "ivr.db").rename(tmp_path / "elsewhere.db")
        with pytest.raises(ConnectionError, match="its file is gone: stop the server and put back a copy"):
            async with store.begin() as connection:
                await store.server(connection)
        (tmp_path / "ivr.db").write_bytes((tmp_path / "elsewhere.db").read_bytes())
        with pytest.raises(ConnectionError, match="another file was put in its place"):
            async with store.begin() as connection:
                await store.server(connection)
    async with Store.opened(config.database.url) as store, store.begin() as connection:
        assert await store.server(connection) not in ("", first), "so that the last ten minutes are written once more"


async def test_writing_is_tried_and_leaves_nothing(config: Config) -> None:
    async with Store.opened(config.database.url) as store:
        before = await store.house()
        await store.try_writing()
        assert await store.house() == before
        async with store.begin() as connection:
            await connection.execute(text("PRAGMA query_only = 1"))
            await connection.commit()
        with pytest.raises(StoreUnusable, match="this user may not write to it"):
            await store.try_writing()


async def test_key_that_others_could_read_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "web.key"
    path.write_text("k" * 40)
    path.chmod(0o644)
    with capture_logs() as logs:
        assert key_of(path, "web", "IVR_NOT_SET", {})() == b"k" * 40
    assert path.stat().st_mode & 0o777 == 0o600 and logs[0]["log_level"] == "warning"


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def removed(file: Path) -> None:
    file.unlink()


def another(file: Path) -> None:
    file.unlink()
    other = sqlite(file.with_name("other.db")).removeprefix("sqlite:///")
    Path(other).rename(file)
    database = sqlite3.connect(file)
    database.execute("UPDATE house SET id = 'another'")
    database.commit()
    database.close()


@pytest.mark.parametrize("change", [emptied, removed, another], ids=lambda one: one.__name__)
async def test_another_database_than_before_is_not_begun_without_a_word(
    config: Config, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    await starts(config)
    await starts(config)
    change(tmp_path / "ivr.db")
    for _ in range(2):  # also when something else has opened it meanwhile, and given it its tables
        with pytest.raises(StoreUnusable, match=r"it is not the one that this house had.*delete .*/records/database"):
            await starts(config)
    (tmp_path / "records" / MARKER).unlink()
    await starts(config)


async def test_restored_copy_is_the_same_house(config: Config, tmp_path: Path) -> None:
    await starts(config)
    copy = (tmp_path / "ivr.db").read_bytes()
    (tmp_path / "ivr.db").unlink()
    (tmp_path / "ivr.db").write_bytes(copy)
    await starts(config)


async def test_folder_that_cannot_be_written_costs_nothing_but_that(config: Config, tmp_path: Path) -> None:
    (tmp_path / "records").write_text("")
    await starts(config)


def newer(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def garbage(file: Path) -> None:
    file.write_bytes(b"no database" * 1000)


def damaged(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + bytes(b ^ 0x5A for b in whole[100:]))


UNUSABLE = [
    (newer, "a newer version of this server has written it: install that one again"),
    (a_folder, "is a folder, and a file is needed"),
    (garbage, "that file is no SQLite database"),
    (damaged, "its file is damaged: put back a copy"),
]


@pytest.mark.parametrize(("change", "said"), UNUSABLE, ids=lambda one: getattr(one, "__name__", ""))
async def test_database_that_cannot_be_used_is_said_in_a_sentence(
    config: Config, tmp_path: Path, change: Callable[[Path], None], said: str
) -> None:
    await starts(config)
    change(tmp_path / "ivr.db")
    with pytest.raises(StoreUnusable) as raised:
        await starts(config)
    assert said in str(raised.value) and "\n" not in str(raised.value)


async def test_nothing_is_said_to_be_kept_that_goes_into_a_file_that_was_taken_away(tmp_path: Path) -> None:
    """Contacts of the API, sign-ins, lines of the trail: all that the server writes, and not only the records of calls."""
    async with Store.opened(sqlite(tmp_path / "ivr.db")) as store:
        await store.house()
        (tmp_path / "ivr.db").rename(tmp_path / "away.db")
        with pytest.raises(ConnectionError, match="its file is gone"):
            await DatabaseAudit(store).write(Entry(Actor("root"), "person.changed"))
        (tmp_path / "away.db").rename(tmp_path / "ivr.db")
        await DatabaseAudit(store).write(Entry(Actor("root"), "person.changed"))
        page = await DatabaseAudit(store).page(AuditFilter(), 10)
        assert [one.what for one in page] == ["person.changed"]
