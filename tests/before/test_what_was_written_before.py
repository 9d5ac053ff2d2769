"""What 0.1.0 has written is read by every version after it: its settings, its database, the names on the wire."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest

from ivr.adapters.database import DatabaseAccounts, DatabaseRecords, Store
from ivr.calls.people.api_keys import SCOPES
from ivr.calls.records import Contact, ledger_of
from ivr.config.load import _FROM_ENVIRONMENT, Config, load
from ivr.core.caller import CallId
from ivr.core.contact.entries import Entry, EventKind
from ivr.web.api.endpoint import PREFIX
from ivr.wire.webhooks.events import EVENTS
from tests.conftest import ROOT

BEFORE = Path(__file__).parent


def test_settings_mean_what_they_meant() -> None:
    """Every key is taken, and none has another value than the one that is written there."""
    written = tomllib.loads((BEFORE / "0.1.0.toml").read_text(encoding="utf-8"))
    config = load(BEFORE / "0.1.0.toml", {}).model_dump(mode="json")
    for table, keys in written.items():
        for key, value in keys.items():
            now = config[table][key]
            assert _same(now, value) or _same(now, at_home(value)), f"[{table}] {key}: {now!r} is not {value!r}"
    assert set(written) <= set(Config.model_fields)


def at_home(value: Any) -> Any:
    """A path as it is meant: from the folder of config.toml, which 0.1.0 was started in."""
    if str(value).startswith("sqlite:///"):
        return str(value).replace("sqlite:///", f"sqlite:///{BEFORE}/")
    return str(BEFORE / value) if isinstance(value, str) else value


def _same(now: Any, written: Any) -> bool:
    """Amounts are kept exactly, and a list may be written as one text with commas."""
    if isinstance(now, str) and isinstance(written, int | float):
        return float(now) == written
    if isinstance(now, list) and isinstance(written, str):
        return now == [one for one in written.split(",") if one]
    return bool(now == written)


def test_environment_overrules_as_it_did() -> None:
    assert set(_FROM_ENVIRONMENT) >= {"IVR_DATABASE_URL", "IVR_MODEL_EN", "IVR_MODEL_ZH"}


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "ivr.db"
    with closing(sqlite3.connect(path)) as books:
        books.executescript((BEFORE / "0.1.0.sql").read_text(encoding="utf-8"))
    return f"sqlite:///{path}"


async def test_database_is_opened_and_its_call_is_told_as_it_was(database: str) -> None:
    async with Store.opened(database) as store:
        people = await DatabaseAccounts(store).everybody()
        records = DatabaseRecords(store)
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as books:
            [(call,)] = books.execute("select id from contacts where line is not null").fetchall()
        row, entries = await records.read(call)  # type: ignore[misc]
    assert {one.login for one in people} >= {"ana", "ben", "chen", "sue"}
    contact = Contact(row, tuple(Entry(e["at"], e["kind"], e["facts"], e["entry"]) for e in entries))
    ledger = ledger_of(contact, "en")
    assert ledger.intent == "late_delivery" and ledger.words == "my watch was due yesterday and it is not here"
    assert ledger.story.gone_at is not None and ledger.decision is not None and ledger.decision.agent == "ana"
    assert [leg.agent for leg in ledger.legs.legs.values() if leg.answered_at] == ["ana"]
    assert ledger.call == CallId(ledger.call) and {e["kind"] for e in entries} <= set(get_args(EventKind))


def test_names_on_the_wire_are_those_that_others_have_written_down() -> None:
    names = json.loads((BEFORE / "0.1.0.names.json").read_text(encoding="utf-8"))
    assert names["api"] == PREFIX
    assert set(EVENTS) >= set(names["webhook_events"])
    assert set(SCOPES) >= set(names["scopes"])
    assert set(get_args(EventKind)) >= set(names["entry_kinds"])
    text = (ROOT / "ivr/web/metrics.py").read_text(encoding="utf-8")
    assert [one for one in names["metrics"] if f'"{one}"' not in text] == []
