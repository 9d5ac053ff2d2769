"""A person is given out and erased: everywhere, provably, and for good; on both databases."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text

from ivr.adapters.database import (
    DatabaseAudit,
    DatabaseCallBacks,
    DatabaseContacts,
    DatabaseOutbox,
    DatabaseRecords,
    DatabaseSignals,
    DatabaseWebhooks,
    Store,
)
from ivr.adapters.database.schema import tables as t
from ivr.adapters.records import Journal
from ivr.adapters.sound.recordings import save
from ivr.adapters.sound.tape import MemoryTape
from ivr.calls.call_backs.ports import Consent
from ivr.calls.integrations.inbound import CustomerRef, NewContact, NewSignal
from ivr.calls.integrations.webhooks import Webhook
from ivr.calls.people.audit import Actor, AuditFilter, Entry, refused
from ivr.calls.records import Contact
from ivr.cli.main import main
from ivr.cli.people.person import user
from ivr.config.load import load
from ivr.core.call_back import CallBack
from ivr.core.contact import entries
from ivr.core.endpointing import FRAME_BYTES
from ivr.corpus.from_record import call_name
from ivr.server.data.personal_data import LIST
from ivr.server.data.records import aside_of
from ivr.server.data.retention import stay_erased
from ivr.wire.webhooks.events import EVENTS
from tests.adapters.conftest import Postgres, dialect, postgres  # noqa: F401  # the fixtures
from tests.conftest import ROOT

NUMBER, OTHER = "+4930555017", "+4930555018"
WRITTEN = "030 555 017"
NAMES = ("Zyxwina", "Quarkbottom", "plum-coloured gramophone", "zyxwina@example.com")
TRACES = (*NAMES, "4930555017", "030555017", "30 555 017", "CUST-ZYX", "ORDER-ZYX", "ext-zyx", "sig-zyx")
NOW = datetime.now(UTC).replace(microsecond=0)
T = TypeVar("T")


@dataclass
class House:
    """A house in which a person is everywhere, and somebody else beside them."""

    folder: Path
    url: str
    postgres: Postgres | None
    calls: list[str]

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def ask(self, *words: str) -> int:
        return main(["person-data", *words, "--config", str(self.config)])

    def bytes_of_everything(self) -> Iterator[tuple[str, bytes]]:
        """Every file of the house, and PostgreSQL as it dumps itself."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                yield path.name, path.read_bytes()
        if self.postgres:
            yield "dump", self.run(lambda store: dump(store))

    def traces(self) -> dict[str, list[str]]:
        found = {}
        for name, data in self.bytes_of_everything():
            for trace in TRACES:
                for coded in (trace.encode(), trace.encode("utf-16-le")):
                    if coded in data:
                        found.setdefault(name, []).append(trace)
        return found

    def run(self, ask: Any) -> Any:
        async def body() -> Any:
            async with Store.opened(self.url) as store:
                return await ask(store)

        return asyncio.run(body())


async def dump(store: Store) -> bytes:
    """Every row of every table that PostgreSQL has, its own catalogues' statistics included."""
    found = []
    async with store.begin() as connection:
        tables = (
            await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        ).scalars()
        for name in list(tables):
            rows = await connection.execute(text(f'SELECT t::text FROM "{name}" AS t'))
            found += [row[0] for row in rows]
    return "\n".join(found).encode()


def phone_call(call: str, number: str, customer: str | None, began: datetime, ended: datetime | None) -> Contact:
    words = f"this is {' '.join(NAMES)} about ORDER-ZYX" if number != OTHER else "somebody else"
    row = {
        "id": call, "channel": "phone", "customer_id": customer, "ani": number, "dnis": "4000", "language": "en",
        "began_at": began, "ended_at": ended, "intent": "late_delivery", "confidence": 0.9, "words": words, "summary": words,
        "queue": "orders", "agent_id": None, "outcome": "solved", "solved": True, "note": words, "flow_version": "1",
        "shown_name": NAMES[0] if number != OTHER else None, "line": "PJSIP/x",
        "legs": [{"leg": "l", "agent_id": "ana", "queue": "orders", "way": "queue", "rang_at": began}],
        "waits": [{"number": 0, "queue": "orders", "began_at": began, "seconds": 4.0, "answered": True}],
    }  # fmt: skip
    facts = [
        ("rang", {"ani": number, "dnis": "4000", "channel": f"PJSIP/{number}"}),
        ("heard", {"text": words, "hypotheses": [[words, 1.0]], "language": "en", "node": "reason"}),
        ("decided", {"intent": "late_delivery", "cause": "confirmed", "queue": "orders", "priority": 1, "agent": None,
                     "reasons": [[words, 0.5, words]]}),
        ("note", {"agent": "ana", "text": words}), ("closed", {}),
    ]  # fmt: skip
    told = tuple(entries.Entry(began, kind, dict(fact), f"{n}") for n, (kind, fact) in enumerate(facts))  # type: ignore[arg-type]
    return Contact(row, told)


@pytest.fixture
def house(dialect: Postgres | None, tmp_path: Path) -> House:  # noqa: F811
    url = f"sqlite:///{tmp_path}/ivr.db" if dialect is None else dialect.empty_database()
    config = f'[database]\nurl = "{url}"\n[dialogue]\nfolder = "{ROOT}/dialplans"\n[speech_out]\nfolder = "audio"\n'
    (tmp_path / "config.toml").write_text(config)
    calls = [str(uuid4()) for _ in range(5)]
    made = House(tmp_path, url, dialect, calls)
    made.run(lambda store: fill(store, calls))
    tape = MemoryTape(60)
    tape.heard(b"\x01\x10" * (FRAME_BYTES // 2), 0.02)
    for call in calls[:3]:
        save(tmp_path / "var/recordings" / f"{call}.wav", tape)
    corpus = tmp_path / "var/corpus"
    corpus.mkdir()
    for call in calls[:3]:
        (corpus / f"{call_name(NOW - timedelta(1), call)}.toml").write_text(
            f"said = '{NAMES[2]}'" if call != calls[2] else ""
        )
    (tmp_path / "audio/cache/en").mkdir(parents=True)
    (tmp_path / "audio/cache/en/x.wav").write_bytes(NAMES[0].encode())
    (tmp_path / "audio/cache/prompts/en").mkdir(parents=True)
    (tmp_path / "audio/cache/prompts/en/x.wav").write_bytes(b"Hello.")
    records = tmp_path / "var/records"
    journal = Journal(records / "journal", 4 << 20)
    journal.append([phone_call(one, NUMBER, "CUST-ZYX", NOW - timedelta(1), NOW) for one in (calls[0], calls[3])])
    journal.append([phone_call(calls[2], OTHER, None, NOW - timedelta(1), NOW)])
    journal.close()
    aside_of(records).put(phone_call(calls[4], WRITTEN, None, NOW - timedelta(1), NOW), f"refused: {NAMES[0]}", NOW)
    return made


async def fill(store: Store, calls: list[str]) -> None:
    """One person in every table, in several writings, through the adapters that the server has."""
    by, c = Actor("key:crm"), "CUST-ZYX"
    outbox = DatabaseOutbox(store)
    async with store.begin() as connection:
        for table, rows in (
            (t.customers, [{"id": c, "name": " ".join(NAMES[:2]), "email": NAMES[3], "note": NAMES[2], "salutation": NAMES[1]},
                           {"id": "C2", "name": "Tom", "email": None, "note": None, "salutation": None}]),
            (t.numbers, [{"number": NUMBER, "customer_id": c}, {"number": OTHER, "customer_id": "C2"}]),
            (t.orders, [{"id": "ORDER-ZYX", "customer_id": c, "product": NAMES[2], "status": "late", "ordered_at": NOW}]),
            (t.cases, [{"id": "K", "customer_id": c, "subject": NAMES[2], "status": "open", "opened_at": NOW}]),
            (t.preferences, [{"customer_id": c, "keys": True, "slow": True, "loud": True, "agreed_at": NOW}]),
            (t.proofs, [{"customer_id": c, "pin_hash": "$argon2id$x"}]),
        ):  # fmt: skip
            await connection.execute(insert(table), rows)
    hook = Webhook("w", "https://a.example/", EVENTS, True, True, NOW, "admin", "s", "c")
    await DatabaseWebhooks(store).add(hook, by)
    yesterday = NOW - timedelta(1)
    await DatabaseRecords(store, outbox).write([
        phone_call(calls[0], NUMBER, c, yesterday, NOW), phone_call(calls[1], WRITTEN, None, yesterday, NOW),
        phone_call(calls[2], OTHER, "C2", yesterday, NOW),
    ])  # fmt: skip
    async with store.begin() as connection:
        await connection.execute(insert(t.settlements).values(
            contact_id=calls[0], agent_id="ana", customer_id=c, order_id="ORDER-ZYX", product="watch", intent="late_delivery",
            offer="refund", accepted=True, cost_cents=5, at=NOW,
        ))  # fmt: skip
    chat = NewContact("chat", "ext-zyx", CustomerRef(number=WRITTEN), NOW, NAMES[0], NAMES[2], "en", None)
    await DatabaseContacts(store, "DE", outbox).receive(chat, by)
    signal = NewSignal("failed", "sig-zyx", CustomerRef(id=c), NOW, NAMES[2], NOW + timedelta(1), NAMES[2], "ORDER-ZYX")
    await DatabaseSignals(store, "DE", outbox).receive(signal, by)
    book = DatabaseCallBacks(store, "DE")
    await book.add(CallBack(str(uuid4()), NUMBER, "asked", NOW, NOW, "caller", f"asked:{calls[0]}", c, calls[0], None, None, None,
                            "en", NAMES[2], NOW), by)  # fmt: skip
    await book.set_consent(c, Consent(True, NOW, NAMES[2]), by)
    audit = DatabaseAudit(store)
    await audit.write(Entry(by, "call.read", calls[0]))
    await audit.write(Entry(by, "timeline.read", c, of_customer=True))
    await audit.write(refused(Entry(by, "consent.changed", c, of_customer=True), why="no"))


async def count(store: Store) -> dict[str, int]:
    async with store.begin() as connection:
        tables = (t.contacts, t.contact_legs, t.contact_waits, t.contact_events, t.settlements)
        return {
            one.name: (await connection.execute(select(func.count()).select_from(one))).scalar_one() for one in tables
        }


async def contacts(store: Store) -> list[dict[str, Any]]:
    async with store.begin() as connection:
        return [dict(row) for row in (await connection.execute(select(t.contacts))).mappings()]


async def trail(store: Store) -> list[dict[str, Any]]:
    async with store.begin() as connection:
        return [dict(row) for row in (await connection.execute(select(t.audit).order_by(t.audit.c.id))).mappings()]


def test_person_is_nowhere_any_more_and_what_is_counted_stays(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    before, rows = house.run(count), house.run(trail)
    there = house.traces()
    assert {trace for some in there.values() for trace in some} >= {*NAMES, "CUST-ZYX"}, (
        "the test looks in the right places"
    )
    assert house.ask(WRITTEN, "--erase") == 0
    assert (
        "3 contacts, 2 recordings, 2 tests, 2 entries of the journal, 1 that were put aside" in capsys.readouterr().out
    )
    left = house.traces()
    # until it is delivered, other systems' event names their customer
    ids = [trace for some in left.values() for trace in some]
    assert set(ids) <= {"CUST-ZYX"}, left
    assert house.run(tables_with_traces) == {"webhook_events": {"CUST-ZYX"}}
    assert (house.folder / "audio/cache/prompts/en/x.wav").exists(), "what is said to everybody need not be made anew"
    after = house.run(count)
    assert after == before, "statistics need the rows"
    mine = [one for one in house.run(contacts) if one["dnis"] == "4000" or one["channel"] == "chat"]
    nobody = [one for one in mine if one["customer_id"] is None]
    assert len(nobody) == 3 and all(one["ani"] is one["words"] is one["note"] is None for one in nobody)
    assert {one["intent"] for one in nobody} >= {"late_delivery"}
    (other,) = [one for one in mine if one["customer_id"] == "C2"]
    assert other["words"] == "somebody else" and (house.folder / f"var/recordings/{house.calls[2]}.wav").exists()
    assert house.run(trail)[: len(rows)] == rows, "the trail stays whole"
    assert house.run(trail)[-1]["what"] == "person.erased"
    (event,) = house.run(told)
    assert json.loads(event)["data"]["customer_id"] == "CUST-ZYX" and len(json.loads(event)["data"]["contact_ids"]) == 3


async def tables_with_traces(store: Store) -> dict[str, set[str]]:
    """Which tables have what of the person, in any of their columns."""
    found: dict[str, set[str]] = {}
    async with store.begin() as connection:
        for table in t.metadata.sorted_tables:
            rows = str((await connection.execute(select(table))).all())
            if some := {trace for trace in TRACES if trace in rows}:
                found[table.name] = some
    return found


def test_trail_knows_a_customer_by_an_alias_until_they_are_erased(house: House) -> None:
    async def lines(store: Store) -> dict[str, str | None]:
        page = await DatabaseAudit(store).page(AuditFilter(), 100)
        return {one.what: one.target for one in page if "consent" in one.what or "timeline" in one.what}

    async def of_id(store: Store) -> list[str]:
        return [one.what for one in await DatabaseAudit(store).page(AuditFilter(target="CUST-ZYX"), 100)]

    whats = {"consent.changed", "timeline.read", "refused: consent.changed"}
    kept = {row["target"] for row in house.run(trail) if row["what"] in whats}
    assert len(kept) == 1, "an auditor sees which lines are of one customer"
    assert house.run(lines) == dict.fromkeys(whats, "CUST-ZYX"), "whoever is known here is shown"
    assert set(house.run(of_id)) == whats
    assert "CUST-ZYX" not in str(house.run(trail))
    assert house.ask(NUMBER, "--erase") == 0
    assert house.run(lines) == dict.fromkeys(whats, next(iter(kept)))
    assert house.run(of_id) == []


async def told(store: Store) -> list[str]:
    e = t.webhook_events.c
    async with store.begin() as connection:
        return list((await connection.execute(select(e.body).where(e.type == "person.erased"))).scalars())


def test_export_has_everything_and_is_written_for_its_owner_alone(house: House) -> None:
    file = house.folder / "out.json"
    assert house.ask(NUMBER, "--export", str(file)) == 0
    found = json.loads(file.read_text())
    assert set(found["tables"]) >= {
        "customers", "customer_numbers", "orders", "cases", "customer_preferences", "customer_proofs", "customer_consents",
        "signals", "call_backs", "contacts", "contact_events", "contact_legs", "contact_waits", "settlements", "webhook_events",
    }  # fmt: skip
    assert len(found["tables"]["contacts"]) == 3 and len(found["recordings"]) == len(found["tests"]) == 2
    assert len(found["not_in_the_database"]) == 3 and "argon2" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600 and "somebody else" not in file.read_text()
    assert house.ask(NUMBER, "--export", str(file)) == 1, "nothing is written over"

    async def lines(store: Store) -> list[tuple[str, str | None, Any]]:
        page = await DatabaseAudit(store).page(AuditFilter(), 2)
        assert {one.by for one in page} == {Actor(f"console:{user()}")}
        return [(one.what, one.target, one.detail) for one in page]

    assert house.run(lines) == [
        ("failed: person.exported", "CUST-ZYX", {"contacts": 3, "why": "FileExistsError"}),
        ("person.exported", "CUST-ZYX", {"contacts": 3}),
    ]


def test_unknown_caller_is_nobody_elses_rows(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """What has no customer in its row belongs to other unknown callers, and is neither given out nor erased with this one."""
    mine, other = "+4930555020", "+4930555021"

    async def ask(store: Store) -> None:
        book = DatabaseCallBacks(store, "DE")
        for number in (mine, other):
            one = CallBack(str(uuid4()), number, "asked", NOW, NOW, "caller", f"asked:{number}")
            await book.add(one, Actor("key:crm"))

    async def left(store: Store) -> set[str]:
        async with store.begin() as connection:
            return set((await connection.execute(select(t.call_backs.c.number))).scalars())

    house.run(ask)
    file = house.folder / "out.json"
    assert house.ask(mine, "--export", str(file)) == 0
    assert mine in file.read_text() and other not in file.read_text()
    assert house.ask(mine, "--erase") == 0
    assert house.run(left) == {NUMBER, other}
    capsys.readouterr()
    assert house.ask(mine, "--export", str(house.folder / "none.json")) == 0
    assert "nothing is kept of this person" in capsys.readouterr().out
    assert not (house.folder / "none.json").exists()


@pytest.mark.parametrize("how", ["--again", "at the next start"])
def test_copy_of_the_database_from_before_is_told_again(house: House, how: str) -> None:
    saved = house.run(everything)
    assert house.ask(NUMBER, "--erase") == 0
    later = datetime.now(UTC) + timedelta(seconds=5)
    new = phone_call(str(uuid4()), NUMBER, None, later, later)
    new.record.update(words=None, summary="", note=None, shown_name=None)
    house.run(lambda store: put_back(store, saved))
    house.run(lambda store: DatabaseRecords(store).write([Contact(new.record, ())]))
    assert house.traces()["dump" if house.postgres else "ivr.db"], "they are back"
    if how == "--again":
        assert house.ask("--again") == 0
    else:
        house.run(lambda store: stay_erased(load(house.config), house.folder, store))
    found = {trace for some in house.traces().values() for trace in some}
    assert found <= {"CUST-ZYX", "4930555017"}
    anis = {one["id"]: one["ani"] for one in house.run(contacts) if one["ani"]}
    assert anis == {house.calls[2]: OTHER, new.record["id"]: NUMBER}, "who calls after it is a new caller"
    before = house.run(trail)
    assert house.ask("--again") == 0 and house.run(trail) == before, "once is enough"


def test_list_of_erasures_that_was_lost_is_made_anew_from_the_database(house: House) -> None:
    saved = house.run(everything)
    assert house.ask(NUMBER, "--erase") == 0
    listed = house.folder / "var/records" / LIST
    before = listed.read_text()
    listed.unlink()
    house.run(lambda store: stay_erased(load(house.config), house.folder, store))
    assert listed.read_text() == before
    house.run(lambda store: put_back(store, saved))
    house.run(lambda store: stay_erased(load(house.config), house.folder, store))
    assert {trace for some in house.traces().values() for trace in some} <= {"CUST-ZYX", "4930555017"}


async def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    async with store.begin() as connection:
        tables = [one for one in t.metadata.sorted_tables if one is not t.audit]
        return {one.name: [dict(r) for r in (await connection.execute(select(one))).mappings()] for one in tables}


async def put_back(store: Store, saved: dict[str, list[dict[str, Any]]]) -> None:
    async with store.begin() as connection:
        for table in reversed(t.metadata.sorted_tables):
            if table.name in saved:
                await connection.execute(table.delete())
        for table in t.metadata.sorted_tables:
            if saved.get(table.name):
                await connection.execute(insert(table), saved[table.name])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((OTHER, "--erase"), "2 customers have this number: say which with --customer C2 or --customer CUST-ZYX"),
        ((OTHER, "--customer", "C9", "--erase"), "no customer of that id has"),
        (("gramophone", "--erase"), "is no telephone number"),
        (("--erase",), "name the person by their telephone number"),
        ((NUMBER, "--export", "x.json", "--only", "recordings"), "--only goes with --erase"),
        ((NUMBER, "--again"), "no number is asked for with that"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: tuple[str, ...], said: str, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async def share(store: Store) -> None:
        async with store.begin() as connection:
            await connection.execute(insert(t.numbers).values(number=OTHER, customer_id="CUST-ZYX"))

    house.run(share)
    assert house.ask(*words) == 1
    assert said in capsys.readouterr().err
    assert house.run(told) == []


def test_person_on_the_line_is_not_erased(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    live = phone_call(str(uuid4()), NUMBER, "CUST-ZYX", NOW, None)
    house.run(lambda store: DatabaseRecords(store).write([live]))
    assert house.ask(NUMBER, "--erase") == 1
    assert re.search(
        r"a call of this person goes on \(.*\): nothing was erased, ask again when it is over", capsys.readouterr().err
    )
    assert [one["ani"] for one in house.run(contacts) if one["id"] == live.record["id"]] == [NUMBER]


def test_shared_number_erases_one_customer_and_leaves_the_other(house: House) -> None:
    async def share(store: Store) -> None:
        async with store.begin() as connection:
            await connection.execute(insert(t.numbers).values(number=NUMBER, customer_id="C2"))

    house.run(share)
    assert house.ask(NUMBER, "--customer", "CUST-ZYX", "--erase") == 0
    left = house.run(contacts)
    assert [one["ani"] for one in left if one["id"] == house.calls[1]] == [WRITTEN], (
        "whose call that was nobody can tell"
    )
    assert [one["customer_id"] for one in left if one["id"] == house.calls[2]] == ["C2"]


def test_only_preferences_or_recordings_leave_the_rest(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    async def liked(store: Store) -> int:
        async with store.begin() as connection:
            return (await connection.execute(select(func.count()).select_from(t.preferences))).scalar_one()

    before = house.run(contacts)
    for number, of_them in ((OTHER, 0), (NUMBER, 1), (NUMBER, 0)):
        assert house.ask(number, "--erase", "--only", "preferences") == 0
        assert f"Erased: {of_them} preferences." in capsys.readouterr().out
    assert house.run(liked) == 0 and house.run(trail)[-1]["what"] == "preferences.forgotten"
    assert house.ask(NUMBER, "--erase", "--only", "recordings") == 0
    assert "2 recordings and 2 tests of 5 contacts" in capsys.readouterr().out
    assert house.run(trail)[-1]["what"] == "recording.forgotten" and house.run(contacts) == before


def test_sweep_by_hand(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert house.ask("--sweep") == 0
    assert (
        "Taken out: 0 words, 0 notes, 0 contacts, 0 events, 0 signals, 0 call backs, 0 audit lines."
        in capsys.readouterr().out
    )


def test_file_that_cannot_be_rinsed_is_said_and_is_when_asked_again(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    if house.postgres:
        return  # it has no file of ours
    with closing(sqlite3.connect(house.folder / "ivr.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM contacts").fetchone()
        assert house.ask(NUMBER, "--erase") == 0
        assert "Bytes of it may still be in the database's files (somebody reads it)" in capsys.readouterr().out
        assert house.traces().get("ivr.db")
    assert house.ask("--sweep") == 0
    assert {trace for some in house.traces().values() for trace in some} <= {"CUST-ZYX"}
