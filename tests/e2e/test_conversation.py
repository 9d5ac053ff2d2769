"""Whole conversations through the real Asterisk and the real Vosk decoder: self-service, commands, proofs, noise, editions."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.lab import shop
from ivr.lab.asterisk import PrivateAsterisk
from ivr.lab.callers import Lab
from tests.conftest import ROOT, RealParts
from tests.e2e.conftest import House, a_house, until, wait_for
from tests.e2e.test_failures import ServerProcess

END_S = 90


def prompts(house: House) -> list[str]:
    """What the machine has said, by name."""
    return [entry.facts["prompt"] for entry in house.kinds("said")]


def sentences(house: House) -> list[str]:
    return [entry.facts["text"] for entry in house.kinds("said")]


def books(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What stands in the shop's own books."""
    with closing(sqlite3.connect(folder / "shop.db")) as connection:
        return connection.execute(query).fetchall()


async def settled(house: House) -> dict[str, object]:
    """Wait for the end of a call that no agent took part in; the record."""
    await house.happened("closed", END_S)
    assert not house.kinds("queued") and not house.kinds("agent_ringing"), "nobody's phone has rung"
    await house.server.recorder.drain(5)
    read = await house.server.records.read(str(house.call.id))
    assert read is not None
    row, _ = read
    assert row["solved"] is True
    return row


async def test_where_is_my_order_without_an_agent(house: House) -> None:
    """An announcement for her region first; she says what she wants instead of answering it."""
    house.say("where-order", "order-4802", "thats-all", number=shop.ANNA_SCHMIDT, name="Anna")
    row = await settled(house)
    assert row["intent"] == "late_delivery"
    said = prompts(house)
    assert said[:3] == ["welcome_back", "area_fault_en", "area_is_why"]
    assert said[3:] == ["order_number", "order_shipped", "anything_else", "goodbye"]
    status = next(text for text in sentences(house) if "Diver" in text)
    assert status.startswith("Your Harbour Diver watch is on its way and should be with you ") and "2026-" not in status
    assert [e.facts["outcome"] for e in house.kinds("asked_source")] == ["found", "found"]


async def test_appointment_by_voice(house: House, tmp_path: Path) -> None:
    """The time is one of those that are free on that day; it is booked once, after a yes."""
    house.say("appointment", "tomorrow", "at-eleven", "yes", "thats-all", number=shop.UNKNOWN, name="")
    row = await settled(house)
    assert row["intent"] == "appointment"
    taken = books(tmp_path, "select day, at, customer from visits where customer is not null")
    assert [(at, customer) for _, at, customer in taken] == [("11:00", shop.UNKNOWN)]
    known = {k.label["en"]: (k.value, k.how) for k in house.call.ledger.known}
    assert known["Appointment booked"] == ("", "done")
    assert known["Day of the appointment"] == (taken[0][0], "spoken")
    assert any("tomorrow" in text and "eleven" in text for text in sentences(house)), sentences(house)


async def test_moving_house_the_post_code_decides_the_region(house: House, tmp_path: Path) -> None:
    house.say("moving", "post-code", "yes", "tomorrow", "yes", "thats-all", number=shop.UNKNOWN, name="")
    await settled(house)
    moves = books(tmp_path, "select post_code, region from moves")
    assert moves == [("10115", "Berlin")]


async def test_wrong_region_is_corrected_without_starting_over(house: House, tmp_path: Path) -> None:
    """By keys from here on: no to Berlin, the second of the list."""
    house.say("moving", "post-code", "no", "key:2", "tomorrow", "yes", "thats-all", number=shop.UNKNOWN, name="")
    await settled(house)
    assert books(tmp_path, "select post_code, region from moves") == [("10115", "Hamburg")]
    assert prompts(house).count("move_code") == 1, "what was answered is not asked again"


def files_with(folder: Path, secret: bytes) -> list[str]:
    """The files of a database that hold some bytes."""
    return [path.name for path in folder.glob("ivr.db*") if secret in path.read_bytes()]


async def test_balance_behind_a_pin(house: House) -> None:
    house.say("balance", "key:4071#", "thats-all")
    await settled(house)
    assert any("189 euros" in text for text in sentences(house))
    assert [e.facts["outcome"] for e in house.kinds("proof")] == ["asked", "right"]


def test_a_pin_is_written_nowhere(asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path) -> None:
    """From the telephone's keys to the last line of a server's debug log and the last byte of its database."""
    steps = ["hush:600", f"play:{ROOT / 'audio/calls/balance'}", "hush:600", "key:4071#"]
    server = ServerProcess(asterisk, tmp_path, "--no-watchdog")
    try:
        lab.call(shop.DNIS, shop.LIN_MEI, "Lin Mei", [*steps, "hush:600"])
        wait_for(lambda: '"event": "call"' in server.log.read_text(), END_S, "the call did not end")
    finally:
        server.stop()
    log = server.log.read_text()
    assert '"event": "hearing"' in log, "the log does hold what may be read"
    assert "4071" not in log
    assert files_with(tmp_path, b"what is my balance") and not files_with(tmp_path, b"4071")


async def test_wrong_proofs_are_counted_and_lock(house: House) -> None:
    """Two wrong PINs, then the wrong order: the third wrong answer locks, and the way out is a person."""
    house.say("balance", "key:1397#", "key:8642#", "order-4802", "wait:20")
    await house.happened("handed_over", END_S)
    proofs = [(e.facts["method"], e.facts["outcome"]) for e in house.kinds("proof")]
    assert proofs == [
        ("pin", "asked"), ("pin", "wrong"), ("pin", "wrong"), ("last_order", "asked"), ("last_order", "locked"),
    ]  # fmt: skip
    assert "balance_not" in prompts(house)
    assert house.call.ledger.hand_over is not None and house.call.ledger.hand_over.intent == "balance"


async def test_keypad_only_caller_books_in_chinese(house: House, tmp_path: Path) -> None:
    """Menu, date, time and yes by keys, every word of it in Mandarin, and the end of it by hanging up."""
    lab = house.lab
    day = next(str(row[0]) for row in books(tmp_path, "select day from visits order by day limit 1 offset 20"))
    keys = day[8:10] + day[5:7]
    script = ["hush:600", "key:7", "hush:600", f"key:{keys}#", "hush:600", "key:2", "hush:600", "key:1", "hush:600"]
    lab.call(shop.DNIS, shop.WANG_FANG, "王芳", script)
    await house.happened("hung_up", END_S)
    assert books(tmp_path, "select day, at, customer from visits where customer is not null") == [
        (day, "11:00", shop.WANG_FANG)
    ]
    assert all(line.language == "zh" for line in house.call.ledger.lines)
    assert "上午十一点" in "".join(sentences(house)) or "11" in "".join(sentences(house))


async def test_commands_by_voice_at_any_point(house: House) -> None:
    """Repeat at the open question, back out of a number, slower; then the matter itself."""
    house.say("say-that-again", "where-order", "go-back", "slower", "charged-twice", number=shop.UNKNOWN, name="")
    await house.happened("decided", END_S)
    print(
        [(e.kind, dict(e.facts)) for _, e in house.entries if e.kind in ("heard", "key", "said", "no_input", "trouble")]
    )
    said = prompts(house)
    assert said == [
        "welcome", "how_help", "welcome", "how_help", "order_number", "how_help", "std_slower", "how_help", "putting_through",
    ]  # fmt: skip
    assert house.call.ledger.hand_over is not None
    assert (house.call.ledger.hand_over.intent, house.call.ledger.hand_over.troubles) == ("invoice", ())


async def test_what_works_for_a_caller_is_used_the_next_time(house: House) -> None:
    house.say("slower", "yes", "wait:1", stay_s=0)
    await house.happened("hung_up", END_S)
    assert "std_remembered" in prompts(house)
    first = house.call.session
    assert first is not None
    house.forget()
    house.say("wait:1", stay_s=0)
    await house.happened("hung_up", END_S)
    session = house.call.session
    assert session is not None and house.call.ledger.caller.preferences.slow
    assert session.place.last and all(speak.slow for speak in session.place.last), "from the first word on"


async def test_cough_and_humming_do_not_end_a_prompt(house: House) -> None:
    """The greeting is held and goes on; what comes after it is understood."""
    calls = ROOT / "audio/calls"
    script = ["wait:1.2", f"play:{calls / 'cough'}", "hush:600", f"play:{calls / 'charged-twice'}", "wait:20"]
    house.lab.call(shop.DNIS, shop.UNKNOWN, "", script)
    await house.happened("decided", END_S)
    assert house.call.ledger.hand_over is not None and house.call.ledger.hand_over.intent == "invoice"
    assert not house.kinds("trouble")
    heard = [entry.facts["text"] for entry in house.kinds("heard")]
    assert heard[-1] == "i was charged twice"


async def test_half_a_number_said_and_half_pressed(house: House) -> None:
    """What is doubtful in the first half is settled by the length of the whole."""
    calls = ROOT / "audio/calls"
    script = [
        "hush:600",
        f"play:{calls / 'where-order'}",
        "hush:600",
        f"play:{calls / 'half-order'}",
        "wait:1.5",
        "key:11",
    ]
    house.lab.call(shop.DNIS, shop.UNKNOWN, "", [*script, "wait:20"])
    await house.happened("decided", END_S)
    print(
        [(e.kind, dict(e.facts)) for _, e in house.entries if e.kind in ("heard", "key", "said", "no_input", "trouble")]
    )
    known = {k.label["en"]: (k.value, k.how) for k in house.call.ledger.known}
    assert known["Order"] == ("4711", "spoken")


async def test_source_that_is_gone_costs_the_caller_nothing_but_the_way_to_a_person(
    house: House, tmp_path: Path
) -> None:
    (tmp_path / "shop.db").rename(tmp_path / "gone.db")
    house.say("appointment", "tomorrow", number=shop.UNKNOWN, name="")
    await house.happened("handed_over", END_S)
    assert [e.facts["outcome"] for e in house.kinds("asked_source")] == ["failed"]
    assert house.call.ledger.hand_over is not None and house.call.ledger.hand_over.intent == "appointment"
    assert {k.label["en"] for k in house.call.ledger.known} == {"Day of the appointment"}, "what was said is not lost"


async def test_an_agent_sees_what_went_wrong_with_the_machine(house: House) -> None:
    async with house.desk("ben") as desk:
        house.say("off-topic", "off-topic", "key:0", number=shop.UNKNOWN, name="")
        await house.happened("agent_ringing", END_S)
        await until(lambda: desk.cards, 2, "no card")
        card = next(iter(desk.cards.values())).card
    assert card["patience"]["spent"] == 2 and card["patience"]["of"] == 3
    assert card["patience"]["troubles"][0]["en"] == "reason for the call: not understood"


@pytest.fixture
async def house_with_its_own_dialogues(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts
) -> AsyncIterator[House]:
    shutil.copytree(ROOT / "dialplans", tmp_path / "dialplans")
    changes = {"dialogue": {"folder": str(tmp_path / "dialplans")}}
    async with a_house(asterisk, lab, tmp_path, real_parts, changes) as made:
        yield made


async def test_dialogues_are_published_while_calls_run(house_with_its_own_dialogues: House, tmp_path: Path) -> None:
    """A call ends on what it began with, the next begins with the new one; a bad file is refused and the old one stays."""
    house = house_with_its_own_dialogues
    press, path = house.server.press, tmp_path / "dialplans/shop.toml"
    before = press.current.flow.version
    house.say("wait:12", "charged-twice", number=shop.UNKNOWN, name="")
    await house.happened("said", 20)
    right = path.read_text(encoding="utf-8")
    path.write_text(right.replace("Hello, this is Harbour Watches.", "Good day, Harbour Watches."), encoding="utf-8")
    await until(lambda: press.current.flow.version != before, 20, f"not published: {press.refused}")
    second = press.current.flow.version
    path.write_text(right.replace('next = "reason"', 'next = "nowhere"'), encoding="utf-8")
    await until(lambda: press.refused, 20, "a bad file was taken")
    assert "shop.toml:" in press.refused[0] and "there is no node 'nowhere'" in press.refused[0]
    assert press.current.flow.version == second
    await house.happened("decided", END_S)
    assert house.call.flow.version == before and sentences(house)[0] == "Hello, this is Harbour Watches."
    await asyncio.to_thread(house.lab.act, "Hangup", Channel="/^.*$/")
    await house.happened("hung_up", 10)
    house.forget()
    house.say("wait:1", number=shop.UNKNOWN, name="", stay_s=0)
    await house.happened("said", 20)
    assert house.call.flow.version == second and sentences(house)[0] == "Good day, Harbour Watches."
    assert datetime.now(UTC) > house.call.ledger.began
