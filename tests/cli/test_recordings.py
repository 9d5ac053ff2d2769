"""On the command line: many calls become tests, somebody's recordings are forgotten, and the doctor looks at the folders."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from ivr.adapters.database import DatabaseAudit, DatabaseRecords, Store
from ivr.adapters.database.schema import tables as t
from ivr.adapters.sound.recordings import save
from ivr.adapters.sound.tape import MemoryTape
from ivr.calls.live import LiveCall
from ivr.calls.people.audit import AuditFilter
from ivr.calls.records import Contact
from ivr.cli.main import main
from ivr.cli.measuring.corpus import run as corpus
from ivr.config.load import load
from ivr.core.caller import Caller, CallId, Customer
from ivr.core.contact.entries import stood_facts
from ivr.core.contact.ledger import Ledger
from ivr.core.endpointing import FRAME_BYTES
from ivr.corpus.format import read_corpus
from ivr.server.parts import Examination
from ivr.server.speech import recordings
from tests.calls.fakes import current
from tests.conftest import ROOT
from tests.core.little_house import FLOW, LATE_WATCH

LIN, TOM = "+8613800138000", "+4915112345678"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
LINS = "my name is caller where is my order"
LIN_MEI = Customer("C1", "Lin Mei", "en", "gold")


def call_of(number: int, ani: str | None, text: str, began: datetime = BEGAN, **more: Any) -> Contact:
    """A finished call in which one thing was said."""
    known = {"customer": LIN_MEI, "orders": (LATE_WATCH,), "lookup": "found"} if ani == LIN else {}
    caller = Caller(ani, None, "4000", **known)  # type: ignore[arg-type]
    ledger = Ledger(CallId(UUID(int=number << 96)), caller, began, "en")
    ledger.add(began, "rang", "rang", ani=ani, dnis="4000", channel="x")
    ledger.add(began, "looked_up", result="found", customer="C1" if known else None, **stood_facts(caller))
    if text:
        ledger.add(
            began, "heard", text=text, language="en", node="reason", asking=None, began_s=0.2, ended_s=0.8, confidence=None,
            decode_ms=0.0, hypotheses=[],
        )  # fmt: skip
    if "consent" in more:
        ledger.add(began, "consent", given=more["consent"])
    if "intent" in more:
        ledger.add(began, "about", intent=more["intent"])
    ledger.add(began + timedelta(seconds=20), "hung_up", "hung_up", cause=16)
    ledger.add(began + timedelta(seconds=20), "closed", "closed")
    live = LiveCall(ledger.call, "x", ledger, current(FLOW).edition)
    return Contact({**live.record(began), "outcome": more.get("outcome")}, tuple(ledger.entries))


CALLS = (
    call_of(1, LIN, "my name is lin mei where is my order", consent=True, intent="late_delivery"),
    call_of(2, TOM, "i was charged twice", consent=False, intent="invoice", outcome="wrong_place"),
    call_of(3, TOM, "", consent=True),
    call_of(4, TOM, "too long ago", BEGAN - timedelta(days=60)),
    call_of(5, None, "who am i"),
)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house with calls, three of them recorded; its config.toml."""
    config = tmp_path / "config.toml"
    config.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/ivr.db"\n[dialogue]\nfolder = "{ROOT}/dialplans"\n'
        '[recording]\nkeep = "consent"\n'
    )

    async def fill() -> None:
        async with Store.opened(f"sqlite:///{tmp_path}/ivr.db") as store:
            async with store.begin() as connection:
                await connection.execute(
                    insert(t.customers).values(id="C1", name="Lin Mei", tier="gold", language="en")
                )
                await connection.execute(insert(t.numbers).values(number=LIN, customer_id="C1"))
                # delivered meanwhile: the test must have it as it was
                await connection.execute(
                    insert(t.orders).values(
                        id="4711",
                        customer_id="C1",
                        product="watch",
                        status="delivered",
                        ordered_at=LATE_WATCH.ordered_at,
                    )
                )
            await DatabaseRecords(store).write(CALLS)

    asyncio.run(fill())
    tape = MemoryTape(60)
    for place in range(50):
        tape.heard(b"\x01\x10" * (FRAME_BYTES // 2), 0.02 * (place + 1))
    for one in CALLS[:3]:
        save(tmp_path / "var/recordings" / f"{one.record['id']}.wav", tape)
    return config


def words(config: Path, **more: Any) -> argparse.Namespace:
    return argparse.Namespace(config=config, **more)


def from_calls(config: Path, folder: Path, **more: Any) -> int:
    asked = {"kind": "from-calls", "folder": folder, "days": 30, "intent": None, "outcome": None, **more}
    return corpus(words(config, **asked))


def trail(config: Path) -> list[tuple[str, str | None]]:
    async def read() -> list[tuple[str, str | None]]:
        async with Store.opened(load(config).database.url) as store:
            return [(one.what, one.target) for one in await DatabaseAudit(store).page(AuditFilter(), 100)]

    return asyncio.run(read())


def test_calls_of_some_days_become_tests(house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "made"
    assert from_calls(house, folder) == 0
    said = capsys.readouterr()
    assert "3 calls made, 1 of them with sound; 1 left out" in said.out
    assert "Nothing was said to the assistant" in said.err
    calls = {call.facts.said[0].text: call for call in read_corpus(folder).calls}
    lin = calls[LINS]
    assert lin.sound is not None and lin.facts.consent is True
    assert lin.facts.intent == "late_delivery" and lin.facts.tags[:3] == (
        "unchecked",
        "from a call",
        "by the command line",
    )
    assert [(order.id, order.status) for order in lin.facts.orders] == [("4711", "late")]
    tom = calls["i was charged twice"]
    assert tom.sound is None and tom.facts.consent is False and tom.facts.customer is None
    assert calls["who am i"].facts.number is None
    assert sorted(what for what, _ in trail(house)) == ["call.made_test"] * 3 + ["refused: call.made_test"]


@pytest.mark.parametrize(("wanted", "texts"), [
    ({"intent": "invoice"}, ["i was charged twice"]), ({"outcome": "wrong_place"}, ["i was charged twice"]),
    ({"days": 90, "intent": None}, ["i was charged twice", LINS, "too long ago", "who am i"]),
])  # fmt: skip
def test_some_calls_only(house: Path, tmp_path: Path, wanted: dict[str, Any], texts: Sequence[str]) -> None:
    from_calls(house, tmp_path / "made", **wanted)
    assert sorted(str(call.facts.said[0].text) for call in read_corpus(tmp_path / "made").calls) == texts


def test_same_caller_has_the_same_other_number(house: Path, tmp_path: Path) -> None:
    from_calls(house, tmp_path / "made", days=90)
    numbers = [call.facts.number for call in read_corpus(tmp_path / "made").calls]
    assert len({number for number in numbers if number and number.startswith("+4915")}) == 1
    assert not {LIN, TOM} & set(numbers)
    key = tmp_path / "var/recordings/pseudonyms.key"
    assert key.stat().st_mode & 0o077 == 0
    key.unlink()
    from_calls(house, tmp_path / "again", days=90)
    assert not set(numbers) & {call.facts.number for call in read_corpus(tmp_path / "again").calls if call.facts.number}


@pytest.mark.parametrize("number", [LIN, "0086 138 0013 8000"])
def test_forgotten_is_everything_of_a_caller_and_nothing_of_others(house: Path, tmp_path: Path, number: str) -> None:
    from_calls(house, tmp_path / "var/corpus")
    assert main(["person-data", number, "--erase", "--only", "recordings", "--config", str(house)]) == 0
    left = {path.stem for path in (tmp_path / "var/recordings").glob("*.wav")}
    assert left == {str(CALLS[1].record["id"]), str(CALLS[2].record["id"])}
    names = {path.stem for path in (tmp_path / "var/corpus").iterdir()}
    assert names == {f"{BEGAN:%Y-%m-%d}-{one.record['id'][:8]}" for one in (CALLS[1], CALLS[4])}
    assert ("recording.forgotten", None) in trail(house)


def test_stranger_s_recordings_are_forgotten_too(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["person-data", TOM, "--erase", "--only", "recordings", "--config", str(house)]
    assert main(asked) == 0
    assert "2 recordings and 0 tests of 3 contacts" in capsys.readouterr().out
    assert main(asked) == 0 and "0 recordings" in capsys.readouterr().out


@pytest.mark.parametrize(("old", "only"), [("--forget", "preferences"), ("--forget-recordings", "recordings")])
def test_old_words_say_the_new_ones(house: Path, capsys: pytest.CaptureFixture[str], old: str, only: str) -> None:
    assert main(["customer", LIN, old, "--config", str(house)]) == 1
    assert f"`ivr person-data {LIN} --erase --only {only}`" in capsys.readouterr().err


@pytest.mark.parametrize(("keep", "wrong"), [("off", False), ("consent", True), ("all", True)])
def test_doctor_says_what_is_kept_and_whether_it_can_be(house: Path, tmp_path: Path, keep: str, wrong: bool) -> None:
    house.write_text(house.read_text().replace('keep = "consent"', f'keep = "{keep}"\nfolder = "elsewhere/sounds"'))
    found = list(recordings.examine(Examination(load(house), tmp_path, None)))
    assert found[0] == (True, found[0][1]) and f'keep = "{keep}"' in found[0][1]
    assert [right for right, text in found if "can be written" in text] == [True, True]
    (tmp_path / "elsewhere").write_text("no folder")
    found = list(recordings.examine(Examination(load(house), tmp_path, None)))
    [(right, text)] = [one for one in found if "elsewhere" in one[1]]
    assert (right is False) == wrong and "is no folder" in text
    assert any("told" in text for _, text in found) == (keep == "all")
