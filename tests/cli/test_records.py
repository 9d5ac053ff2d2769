"""``ivr records``: what waits and what was put aside is shown, and written again once the database takes it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from ivr.adapters.database import Store
from ivr.adapters.records import AsideFiles, Journal
from ivr.cli.main import main
from tests.cli.test_recordings import TOM, call_of

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
REFUSED, KEPT = call_of(1, TOM, "where is my order"), call_of(2, TOM, "where is it now")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    made = tmp_path / "config.toml"
    made.write_text("")
    return made


def ivr(config: Path, *words: str) -> int:
    return main(["records", "--config", str(config), *words])


def run_sql(folder: Path, *statements: str) -> list[tuple[object, ...]]:
    async def ask() -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = []
        async with Store.opened(f"sqlite:///{folder}/var/ivr.db") as store, store.begin() as connection:
            for statement in statements:
                done = await connection.execute(text(statement))
                found = [tuple(row) for row in done] if done.returns_rows else found
        return found

    return asyncio.run(ask())


def test_house_without_trouble_says_so(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ivr(config) == 0
    assert capsys.readouterr().out.splitlines() == [
        "journal: none yet; the server makes it when it starts",
        "put aside: none",
    ]
    Journal(tmp_path / "var/records/journal", 4 << 20).close()
    assert ivr(config) == 0
    assert capsys.readouterr().out.splitlines()[0] == "journal: everything in it is in the database"


def test_what_waits_is_said_also_while_a_server_has_it(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = Journal(tmp_path / "var/records/journal", 4 << 20)
    journal.append([KEPT])
    assert ivr(config) == 0
    assert capsys.readouterr().out.startswith("journal: 1 contacts wait for the database, the first since 20")
    journal.close()


def test_put_aside_is_listed_shown_and_played_again(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aside, name = AsideFiles(tmp_path / "var/records/aside"), REFUSED.record["id"]
    aside.put(REFUSED, "value too long", AT)
    assert ivr(config) == 0
    assert f"  {name}  " in (said := capsys.readouterr().out) and said.endswith('"value too long"\n')
    assert ivr(config, name) == 0
    assert json.loads(capsys.readouterr().out)["record"]["ani"] == TOM
    # while the reason stands, it stays
    refuse = (
        "CREATE TRIGGER no BEFORE INSERT ON contacts BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ours'); END"
    )
    run_sql(tmp_path, refuse)
    assert ivr(config, "--play") == 1
    assert "still refused" in capsys.readouterr().out and aside.count() == 1
    run_sql(tmp_path, "DROP TRIGGER no")
    assert ivr(config, name, "--play") == 0
    assert capsys.readouterr().out == f"{name}: written\n1 written, 0 refused.\n"
    assert not aside.count() and run_sql(tmp_path, "SELECT id, ani FROM contacts") == [(name, TOM)]
    acts = ["contact.read", "failed: contact.written_again", "contact.written_again"]
    assert run_sql(tmp_path, "SELECT what, target FROM audit ORDER BY id") == [(what, name) for what in acts]


def test_what_the_trail_cannot_take_is_not_shown(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aside, name = AsideFiles(tmp_path / "var/records/aside"), REFUSED.record["id"]
    aside.put(REFUSED, "value too long", AT)
    run_sql(tmp_path, "DROP TABLE audit")
    assert ivr(config, name) == 1
    said = capsys.readouterr()
    assert TOM not in said.out and "audit" in said.err and str(aside.folder) in said.err


@pytest.mark.parametrize("name", ["nobody", "00000000-0000-0000-0000-000000000001", "../../config"])
def test_unknown_contact_is_said(config: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ivr(config, name) == 1
    assert (
        f"{name}: no contact of that id was put aside; `ivr records` lists those that were" in capsys.readouterr().err
    )


def test_foreign_file_is_named(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "var/records/aside"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text("[]")
    assert ivr(config) == 1
    assert "x.json: was not written by this program, or is damaged; move it elsewhere" in capsys.readouterr().err


def test_files_are_for_nobody_else(tmp_path: Path) -> None:
    Journal(tmp_path / "records/journal", 4 << 20).close()
    AsideFiles(tmp_path / "records/aside").put(REFUSED, "x", AT)
    for one in (tmp_path / "records").rglob("*"):
        assert one.stat().st_mode & 0o077 == 0, one
