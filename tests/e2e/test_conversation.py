"""Whole conversations through the real Asterisk and the real Vosk decoder: self-service, commands, proofs, noise, editions.

Most of them are held at the same time, as in a house with many lines; the tests then look at what each came to.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.calls.live import LiveCall
from ivr.core.contact.ledger import Entry
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.shop import shop
from tests.conftest import ROOT, RealParts
from tests.e2e.conftest import House, a_house, until, wait_for
from tests.e2e.test_failures import ServerProcess

END_S = 100
CALLS = ROOT / "audio/calls"


@dataclass
class Script:
    """One caller: the number, the steps (a recording's name, or a step of the lab), and how it must end."""

    number: str
    steps: tuple[str, ...]
    ends: str = "closed"
    """The event after which the call is told: closed (without an agent), decided, handed_over or hung_up."""
    plain: bool = False
    """The steps are the lab's own, without a pause for the machine before each."""

    def lines(self) -> list[str]:
        """The lab's script."""
        steps = [step if ":" in step else f"play:{CALLS / step}" for step in self.steps]
        lines = steps if self.plain else [line for step in steps for line in ("hush:600", step)]
        return [*lines, "wait:30"] if self.ends != "hung_up" else lines


def stranger(number: int) -> str:
    """Somebody nobody knows; everybody has their own number, so that calls can be told apart."""
    return f"+49151000001{number:02d}"


DAY = 20
"""The day, of those that can be booked, that the caller with the keys takes."""
SCRIPTS = {
    "order": Script(shop.ANNA_SCHMIDT, ("where-order", "no", "thats-all")),
    "appointment": Script(stranger(1), ("appointment", "key:FIRST#", "at-eleven", "yes", "thats-all")),
    "moving": Script(stranger(2), ("moving", "post-code", "yes", "tomorrow", "yes", "thats-all")),
    "moving, corrected": Script(stranger(3), ("moving", "post-code", "no", "key:2", "tomorrow", "yes", "thats-all")),
    "commands": Script(stranger(4), ("say-that-again", "where-order", "go-back", "slower", "charged-twice"), "decided"),
    "half a number": Script(
        stranger(5),
        ("hush:600", "where-order", "hush:600", "half-order", "wait:1.5", "key:11"),
        "decided",
        True,
    ),
    # longer than a prompt is ever held (HELD_S): else a busy machine's caller takes the held greeting for the end of it
    "a cough": Script(stranger(6), ("wait:1.2", "cough", "hush:2200", "charged-twice"), "decided", True),
    "a pause": Script(
        stranger(7),
        ("hush:600", "where-order", "hush:600", "half-order", "wait:1.2", "one-one"),
        "decided",
        True,
    ),
    "a correction": Script(stranger(8), ("where-order", "return-item", "order-4711"), "decided"),
    "a person": Script(stranger(9), ("appointment", "person-please"), "decided"),
    "balance": Script(shop.LIN_MEI, ("balance", "key:4071#", "thats-all")),
    "by keys in Chinese": Script(shop.WANG_FANG, ("key:7", "key:DAY#", "key:2", "key:1", "hush:600"), "hung_up"),
}


@dataclass
class Told:
    """What one conversation came to."""

    call: LiveCall
    entries: list[Entry] = field(default_factory=list)
    row: dict[str, Any] | None = None

    def kinds(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    @property
    def prompts(self) -> list[str]:
        return [entry.facts["prompt"] for entry in self.kinds("said")]

    @property
    def sentences(self) -> str:
        return " ".join(entry.facts["text"] for entry in self.kinds("said"))

    @property
    def known(self) -> dict[str, tuple[str, str]]:
        return {k.label["en"]: (k.value, k.how) for k in self.call.ledger.known}

    def settled(self) -> dict[str, Any]:
        """The record of a call that no agent took part in."""
        assert not self.kinds("queued") and not self.kinds("agent_ringing"), "nobody's phone has rung"
        assert self.row is not None and self.row["solved"] is True
        return self.row


@dataclass
class Morning:
    """All conversations, and the shop's books after them."""

    told: dict[str, Told]
    folder: Path
    booked_day: str

    def books(self, query: str) -> list[tuple[object, ...]]:
        """What stands in the shop's own books."""
        return books(self.folder, query)


def books(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What stands in the shop's own books."""
    with closing(sqlite3.connect(folder / "shop.db")) as connection:
        return connection.execute(query).fetchall()


def own_dialogues(folder: Path) -> dict[str, dict[str, object]]:
    """The settings of a house that has the sample shop's dialogues in a folder of its own."""
    shutil.copytree(ROOT / "dialplans", folder / "dialplans")
    return {"dialogue": {"folder": str(folder / "dialplans")}}


@pytest.fixture(scope="module")
def morning(asterisk: PrivateAsterisk, tmp_path_factory: pytest.TempPathFactory, real_parts: RealParts) -> Morning:
    """Every conversation of ``SCRIPTS``, all at the same time."""
    folder = tmp_path_factory.mktemp("morning")
    changes = own_dialogues(folder)
    service = folder / "dialplans/self_service.toml"
    quick = service.read_text(encoding="utf-8")
    # a source that takes its time costs an announcement, which is right; a machine that does is not what is tested here
    service.write_text(quick.replace("timeout_s = 0.5", "timeout_s = 20"), encoding="utf-8")

    async def hold(lab: Lab) -> Morning:
        async with a_house(asterisk, lab, folder, real_parts, changes) as house:
            day = str(books(folder, f"select distinct day from visits order by day limit 1 offset {DAY}")[0][0])
            keys = day[8:10] + day[5:7]
            whole = str(
                books(folder, "select day from visits group by day having count(*) = 4 order by day limit 1")[0][0]
            )
            first = whole[8:10] + whole[5:7]
            for script in SCRIPTS.values():
                lines = [line.replace("DAY", keys).replace("FIRST", first) for line in script.lines()]
                await asyncio.to_thread(lab.call, shop.DNIS, script.number, "", lines)
            told: dict[str, Told] = {}
            for name, script in SCRIPTS.items():
                told[name] = await _end(house, name, script)
            await house.server.recorder.drain(5)
            for one in told.values():
                read = await house.server.records.read(str(one.call.id))
                one.row = read[0] if read else None
            await asyncio.to_thread(lab.act, "Hangup", Channel="/^.*$/")
            return Morning(told, folder, day)

    with Lab(asterisk.ports.ami, asterisk.lab_secret) as lab:
        return asyncio.run(hold(lab))


async def _end(house: House, name: str, script: Script) -> Told:
    def entries() -> list[tuple[LiveCall, Entry]]:
        return [(live, entry) for live, entry in house.entries if live.ledger.caller.ani == script.number]

    ended = lambda: any(entry.kind == script.ends for _, entry in entries())  # noqa: E731
    story = lambda: [(e.kind, e.facts.get("text")) for _, e in entries()]  # noqa: E731
    try:
        await until(ended, END_S, "")
    except AssertionError:
        raise AssertionError(f"{name!r} did not come to {script.ends}: {story()}") from None
    found = entries()
    return Told(found[0][0], [entry for _, entry in found])


# -- settled without an agent


def test_where_is_my_order(morning: Morning) -> None:
    """An announcement for those who live there and ask for a delivery; it is not why she calls, and she has one order only."""
    told = morning.told["order"]
    assert told.settled()["intent"] == "late_delivery"
    assert told.prompts == [
        "welcome_back", "how_help", "area_fault_en", "area_is_why", "order_shipped", "anything_else", "goodbye",
    ]  # fmt: skip
    assert "Your Harbour Diver watch is on its way and should be with you " in told.sentences
    assert "2026-" not in told.sentences, "a date is said as people say it"
    assert [e.facts["outcome"] for e in told.kinds("asked_source")] == ["found", "found"]


def test_appointment_by_voice(morning: Morning) -> None:
    """The time is one of those that are free on that day; it is booked once, after a yes."""
    told = morning.told["appointment"]
    assert told.settled()["intent"] == "appointment"
    taken = morning.books(f"select day, at from visits where customer = '{stranger(1)}'")
    assert [at for _, at in taken] == ["11:00"]
    assert told.known["Appointment booked"] == ("", "done")
    assert told.known["Day of the appointment"] == (taken[0][0], "keys")
    assert "eleven" in told.sentences


def test_moving_house_the_post_code_decides_the_region(morning: Morning) -> None:
    told = morning.told["moving"]
    told.settled()
    assert morning.books(f"select post_code, region from moves where ani = '{stranger(2)}'") == [("10115", "Berlin")]


def test_wrong_region_is_corrected_without_starting_over(morning: Morning) -> None:
    told = morning.told["moving, corrected"]
    told.settled()
    assert morning.books(f"select post_code, region from moves where ani = '{stranger(3)}'") == [("10115", "Hamburg")]
    assert told.prompts.count("move_code") == 1, "what was answered is not asked again"


def test_balance_behind_a_pin(morning: Morning) -> None:
    told = morning.told["balance"]
    told.settled()
    assert "189 euros" in told.sentences
    assert [e.facts["outcome"] for e in told.kinds("proof")] == ["asked", "right"]
    assert not told.kinds("key"), "not even how many keys there were"
    assert told.prompts[:2] == ["welcome_back", "is_it_the_late_order"], "history makes that likely"


def test_keypad_only_caller_books_in_chinese(morning: Morning) -> None:
    """Menu, date, time and yes by keys, every word of it in Mandarin, and the end of it by hanging up."""
    told = morning.told["by keys in Chinese"]
    assert morning.books(f"select day, at from visits where customer = '{shop.WANG_FANG}'") == [
        (morning.booked_day, "11:00")
    ]
    assert all(line.language == "zh" for line in told.call.ledger.lines)
    assert "十一点" in told.sentences
    assert told.settled()["intent"] == "appointment", "whoever hangs up after it is booked has what they wanted"


# -- heard properly


def test_commands_by_voice_at_any_point(morning: Morning) -> None:
    """Repeat at the open question, back out of a number, slower; then the matter itself."""
    told = morning.told["commands"]
    assert told.prompts == [
        "welcome", "how_help", "welcome", "how_help", "order_number", "how_help", "std_slower", "how_help", "putting_through",
    ]  # fmt: skip
    assert told.call.ledger.hand_over is not None
    assert (told.call.ledger.hand_over.intent, told.call.ledger.hand_over.troubles) == ("invoice", ())


def test_half_a_number_said_and_half_pressed(morning: Morning) -> None:
    """What is doubtful in the first half is settled by the length of the whole."""
    assert morning.told["half a number"].known["Order"] == ("4711", "spoken")


def test_a_pause_inside_a_number(morning: Morning) -> None:
    """Longer than the silence that ends an utterance: the two halves are one number all the same, and nothing is asked."""
    told = morning.told["a pause"]
    assert told.known["Order"] == ("4711", "spoken")
    assert told.prompts.count("order_number") == 1 and not told.kinds("trouble")


def test_cough_does_not_end_a_prompt(morning: Morning) -> None:
    """The greeting is held and goes on; what comes after it is understood."""
    told = morning.told["a cough"]
    assert told.call.ledger.hand_over is not None and told.call.ledger.hand_over.intent == "invoice"
    # on a machine that stands still the cough may be heard as a word, which is asked about once
    assert len(told.kinds("trouble")) <= 1
    assert [entry.facts["text"] for entry in told.kinds("heard")][-1] == "i was charged twice"


def test_the_caller_leads(morning: Morning) -> None:
    """Asked for the number of a late order, she says that she wants to return something."""
    told = morning.told["a correction"]
    assert told.call.ledger.hand_over is not None and told.call.ledger.hand_over.intent == "return_item"
    assert told.known["Order to return"] == ("4711", "spoken")


def test_a_person_in_the_middle_of_something(morning: Morning) -> None:
    told = morning.told["a person"]
    hand_over = told.call.ledger.hand_over
    assert hand_over is not None and (hand_over.intent, hand_over.cause) == ("appointment", "person")


# -- one by one


def prompts(house: House) -> list[str]:
    """What the machine has said, by name."""
    return [entry.facts["prompt"] for entry in house.kinds("said")]


def sentences(house: House) -> list[str]:
    return [entry.facts["text"] for entry in house.kinds("said")]


COUNTED = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # what a call is known by
    rb"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+"  # when
    rb'|"(?:web|media|port)": \d+|\d+\.\d+(?:e-?\d+)?'
)
"""Numbers that may hold any four digits by chance."""


def holds(data: bytes, secret: bytes) -> bool:
    return secret in COUNTED.sub(b" ", data)


def files_with(folder: Path, secret: bytes) -> list[str]:
    """The files of a database that hold some bytes."""
    return [path.name for path in folder.glob("ivr.db*") if holds(path.read_bytes(), secret)]


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
    assert '"level": "debug"' in log, "the log does hold what may be read"
    assert not holds(log.encode(), b"4071")
    assert files_with(tmp_path, b"what is my balance") and not files_with(tmp_path, b"4071")


async def test_wrong_proofs_are_counted_and_lock(house: House) -> None:
    """Two wrong PINs, then the wrong order: the third wrong answer locks, and the way out is a person."""
    house.say("balance", "key:1397#", "key:8642#", "order-4802")
    await house.happened("handed_over", END_S)
    proofs = [(e.facts["method"], e.facts["outcome"]) for e in house.kinds("proof")]
    assert proofs == [
        ("pin", "asked"), ("pin", "wrong"), ("pin", "wrong"), ("last_order", "asked"), ("last_order", "locked"),
    ]  # fmt: skip
    assert "balance_not" in prompts(house)
    assert house.call.ledger.hand_over is not None and house.call.ledger.hand_over.intent == "balance"


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
    async with a_house(asterisk, lab, tmp_path, real_parts, own_dialogues(tmp_path)) as made:
        yield made


async def test_dialogues_are_published_while_calls_run(house_with_its_own_dialogues: House, tmp_path: Path) -> None:
    """A call ends on what it began with, the next begins with the new one; a bad file is refused and the old one stays."""
    house = house_with_its_own_dialogues
    press, path = house.server.publisher, tmp_path / "dialplans/shop.toml"
    before = press.current.flow.version
    house.say("wait:12", "charged-twice", number=shop.UNKNOWN, name="")
    await house.happened("said", 20)
    right = path.read_text(encoding="utf-8")
    path.write_text(
        right.replace('"Harbour Watches.", "Harbour Watches, hello."', '"Good day, Harbour Watches."'), encoding="utf-8"
    )
    await until(lambda: press.current.flow.version != before, 20, f"not published: {press.refused}")
    second = press.current.flow.version
    path.write_text(right.replace('next = "reason"', 'next = "nowhere"'), encoding="utf-8")
    await until(lambda: press.refused, 20, "a bad file was taken")
    assert "shop.toml:" in press.refused[0] and "there is no node 'nowhere'" in press.refused[0]
    assert press.current.flow.version == second
    await house.happened("decided", END_S)
    assert house.call.flow.version == before and sentences(house)[0] == "Harbour Watches."
    await asyncio.to_thread(house.lab.act, "Hangup", Channel="/^.*$/")
    await house.happened("hung_up", 10)
    house.forget()
    house.say("wait:1", number=shop.UNKNOWN, name="", stay_s=0)
    await house.happened("said", 20)
    assert house.call.flow.version == second and sentences(house)[0] == "Good day, Harbour Watches."
    assert datetime.now(UTC) > house.call.ledger.began
