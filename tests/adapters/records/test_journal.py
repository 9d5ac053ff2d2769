"""The journal: what was appended is there, whatever happens to the process, the file and the disk."""

from __future__ import annotations

import errno
import os
import random
import re
import resource
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest
from structlog.testing import capture_logs

from ivr.adapters.records import Journal, JournalFull, JournalHeld, JournalUnusable, take_out
from ivr.adapters.records.frames import CONTACT, HEAD, MAGIC, frames
from ivr.adapters.records.journal import KEPT_S, LONGEST
from ivr.adapters.records.ring import SEGMENT
from ivr.calls.records import Contact
from ivr.core.caller import CallId
from ivr.core.contact.entries import Entry
from ivr.core.contact.ledger import Ledger
from tests.core.little_house import STRANGER

AT = datetime(2026, 11, 20, 9, 30, 0, 123456, tzinfo=UTC)
SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def contact(name: str, *entries: str, state: str = "", much: int = 0) -> Contact:
    noise = random.Random(name).randbytes(much // 2).hex()
    record = {"id": str(uuid5(SPACE, name)), "ani": "+4930901820", "began_at": AT, "ended_at": None, "note": state + noise,
              "legs": [{"leg": 1, "rang_at": AT}], "waits": []}  # fmt: skip
    return Contact(
        record, tuple(Entry(AT + timedelta(seconds=n), "note", {"$at": one}, one) for n, one in enumerate(entries))
    )


def opened(folder: Path, size: int = 4, clock: Clock | None = None) -> Journal:
    return Journal(folder / "journal", size << 20, clock or Clock())


def told(chunks: Iterator[list[Contact]]) -> dict[str, tuple[str, list[str]]]:
    """By id: the last note, and the entries."""
    return {one.record["id"]: (one.record["note"], [e.id for e in one.entries]) for some in chunks for one in some}


def named(**wanted: tuple[str, list[str]]) -> dict[str, tuple[str, list[str]]]:
    return {str(uuid5(SPACE, name)): value for name, value in wanted.items()}


def test_contact_comes_back_as_it_was(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    strange = contact("a", "一", "\ud800", "\x00")
    journal.append([strange])
    journal.close()
    assert list(opened(tmp_path).not_committed()) == [[strange]]


def test_several_writings_of_a_contact_are_one(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append([contact("a", "1", state="first"), contact("b", "1")])
    journal.append([contact("a", "2", state="last")])
    assert told(journal.not_committed()) == named(a=("last", ["1", "2"]), b=("", ["1"]))
    assert journal.waiting() == set(named(a=("", []), b=("", [])))


def test_what_is_committed_is_not_read_but_kept_for_ten_minutes(tmp_path: Path) -> None:
    clock = Clock()
    journal = opened(tmp_path, clock=clock)
    for name in "abc":
        journal.mark(journal.append([contact(name, name)]), "server 1")
        clock.now += KEPT_S * 0.6
    journal.append([contact("d", "d")])
    for made in (journal, None):
        if made is None:
            journal.close()
            made = opened(tmp_path, clock=clock)
        assert made.server == "server 1" and made.behind
        assert told(made.not_committed()) == named(d=("", ["d"]))
        assert set(told(made.kept())) == set(named(b=("", []), c=("", []), d=("", []))), (
            "a is older than ten minutes before c"
        )


def test_ring_goes_round_and_never_over_what_waits(tmp_path: Path) -> None:
    clock, journal = Clock(), opened(tmp_path, size=3)
    journal.close()
    journal = opened(tmp_path, size=3, clock=clock)
    for n in range(200):
        clock.now += 60
        journal.mark(journal.append([contact(f"old{n}", much=100_000)]), "x")
    waits = []
    with pytest.raises(JournalFull):
        for n in range(200):
            journal.append([contact(f"new{n}", much=100_000)])
            waits.append(f"new{n}")
    assert 10 < len(waits) < 50 and 0.5 < journal.used() <= 1.0
    expected = {str(uuid5(SPACE, name)) for name in waits}
    assert set(told(journal.not_committed())) >= expected
    journal.close()
    again = opened(tmp_path, size=3, clock=clock)
    assert set(told(again.not_committed())) >= expected, "also for the next start"
    # and once the database has it there is room
    again.mark(again.last, "x")
    again.append([contact("after", much=100_000)])
    assert set(told(again.not_committed())) == {str(uuid5(SPACE, "after"))}
    assert (tmp_path / "journal").stat().st_size == 3 * SEGMENT


def test_contact_that_is_too_long_is_refused_and_costs_nobody_else(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append([contact("a")])
    with pytest.raises(ValueError, match="is the most that is kept"):
        journal.append([contact("b"), contact("c", much=LONGEST * 3)])
    assert set(told(journal.not_committed())) == set(named(a=("", [])))


@pytest.mark.parametrize("cut", ["head", "body", "last byte"])
def test_torn_frame_at_the_end_costs_only_itself(tmp_path: Path, cut: str) -> None:
    journal = opened(tmp_path)
    journal.append([contact("a", "1")])
    journal.append([contact("b", "1")])
    last = journal._known[-1]
    journal.close()
    place = {"head": last.place + 9, "body": last.place + HEAD + 3, "last byte": last.end - 1}[cut]
    with (tmp_path / "journal").open("r+b") as file:
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 0xFF]))
    again = opened(tmp_path)
    assert set(told(again.not_committed())) == set(named(a=("", [])))
    again.append([contact("c")])
    again.close()
    assert set(told(opened(tmp_path).not_committed())) == set(named(a=("", []), c=("", [])))


def test_second_server_is_refused(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    with pytest.raises(JournalHeld, match=r"another server of this house has it.*folder of its own in \[records\]"):
        opened(tmp_path)
    journal.close()
    opened(tmp_path).close()


@pytest.mark.parametrize(("before", "after"), [(3, 8), (8, 3)])
def test_other_length_takes_what_waits_along(tmp_path: Path, before: int, after: int) -> None:
    journal = opened(tmp_path, before)
    journal.mark(journal.append([contact("a", "1")]), "one")
    journal.append([contact("b", "1")])
    journal.close()
    again = opened(tmp_path, after)
    assert (tmp_path / "journal").stat().st_size == after << 20
    assert (told(again.not_committed()), again.server) == (named(b=("", ["1"])), "one")
    assert set(told(again.kept())) == set(named(a=("", []), b=("", [])))
    again.append([contact("c", "1")])
    again.close()
    assert set(told(opened(tmp_path, after).not_committed())) == set(named(b=("", []), c=("", [])))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["journal"]


def test_shorter_than_what_waits_is_refused_and_loses_nothing(tmp_path: Path) -> None:
    journal = opened(tmp_path, 16)
    for n in range(80):
        journal.append([contact(f"c{n}", much=150_000)])
    journal.close()
    with pytest.raises(JournalUnusable, match=r"journal_mb has to be at least \d+ until they are written"):
        opened(tmp_path, 4)
    assert len(told(opened(tmp_path, 16).not_committed())) == 80


def test_taken_out_leaves_no_byte_behind(tmp_path: Path) -> None:
    clock, journal = Clock(), opened(tmp_path, size=3)
    for n in range(60):
        clock.now += 60
        journal.mark(journal.append([contact(f"x{n}", much=60_000)]), "one")
    gone = [contact("gone", "their words"), contact("gone", "more of their words")]
    before = journal.append([contact("stays", "1")])
    for one in gone:
        journal.append([one])
    name = UUID(gone[0].record["id"])
    assert take_out(tmp_path / "journal", {name}) == 2
    assert name.bytes not in (tmp_path / "journal").read_bytes()
    assert set(told(journal.not_committed())) == set(named(stays=("", []))), "also for the server that has it open"
    journal.append([contact("later", "1")])
    journal.close()
    again = opened(tmp_path, 3)
    assert set(told(again.not_committed())) == set(named(stays=("", []), later=("", [])))
    assert again.last == before + 3


def test_entry_that_is_told_again_without_a_piece_of_a_card_leaves_no_byte_behind(tmp_path: Path) -> None:
    """Half a number in one note is written before anybody can know; the other half makes both of them dots."""
    name = str(uuid4())
    ledger = Ledger(CallId(UUID(name)), STRANGER, AT, "en")
    journal = opened(tmp_path)
    for text in ("order 815 is late", "one half 41110000", "and 00000008"):
        ledger.add(AT, "note", agent="ana", text=text)
        journal.append([Contact({"id": name, "note": ledger.legs.notes[-1].text}, ledger.take_unwritten())])
    ((one,),) = list(journal.not_committed())
    assert [entry.facts["text"] for entry in one.entries] == ["order 815 is late", "one half ••••", "and ••••"]
    journal.close()
    data = (tmp_path / "journal").read_bytes()
    bodies = [data[one.place + HEAD : one.end] for one in frames(data[:SEGMENT], 0) if one.kind == CONTACT]
    assert bodies and not [body for body in bodies if b"4111" in zlib.decompress(body)]


def test_place_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnusable, match=r"journal .*file/journal"):
        Journal(tmp_path / "file" / "journal", 4 << 20)


def test_full_disk_at_the_start_is_said_and_later_does_not_matter(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, limits[1]))
    try:
        journal.append([contact("a", "1")])
        (tmp_path / "other").mkdir()
        with pytest.raises(JournalUnusable, match=r"journal .*other/journal"):
            Journal(tmp_path / "other" / "journal", 8 << 20)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert set(told(journal.not_committed())) == set(named(a=("", [])))


def test_after_the_end_nothing_is_written_into_whatever_has_the_descriptor(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.close()
    other = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT)
    with pytest.raises(OSError) as raised:
        journal.append([contact("a")])
    assert raised.value.errno == errno.EBADF and os.fstat(other).st_size == 0
    os.close(other)


WRITER = """
import sys
from pathlib import Path
from tests.adapters.records.test_journal import contact
from ivr.adapters.records import Journal
journal = Journal(Path(sys.argv[1]), 4 << 20)
for n in range(100_000):
    journal.append([contact(f"k{n}", str(n))])
    if n % 7 == 0:
        journal.mark(journal.last - 3, "one")
    print(n, flush=True)
"""


def test_killed_at_any_moment_everything_that_was_appended_is_there(tmp_path: Path) -> None:
    chance, file = random.Random(5), tmp_path / "journal"
    for _ in range(8):
        file.unlink(missing_ok=True)
        with subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            said = [writer.stdout.readline() for _ in range(chance.randrange(1, 400))]
            writer.kill()
            said += writer.stdout.readlines()
        last = int([one for one in said if one.endswith("\n")][-1])
        journal = Journal(file, 4 << 20)
        assert journal.last >= last + 1
        found = told(journal.kept())
        missing = [n for n in range(last + 1) if str(uuid5(SPACE, f"k{n}")) not in found]
        assert not missing
        journal.close()


def test_journal_in_which_nothing_can_be_read_is_told(tmp_path: Path) -> None:
    with capture_logs() as logs:
        opened(tmp_path).close()
    assert logs == [], "a new one is empty, and not damaged"
    file = tmp_path / "journal"
    file.write_bytes(random.Random(3).randbytes(file.stat().st_size))
    with capture_logs() as logs:
        opened(tmp_path).close()
    assert [one["event"] for one in logs] == ["nothing in the journal can be read: what waited in it is lost"]


def test_any_damage_is_survived_and_what_is_read_was_written(tmp_path: Path) -> None:
    chance, file = random.Random(7), tmp_path / "journal"
    journal = opened(tmp_path, 3)
    for n in range(60):
        journal.append([contact(f"d{n}", str(n), much=40_000)])
    journal.close()
    whole = file.read_bytes()
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 5, 50])):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.choice([1, 64, 5000])] = chance.randbytes(chance.choice([1, 64, 5000]))
        file.write_bytes(bytes(damaged[: len(whole)]).ljust(len(whole), b"\0"))
        again = opened(tmp_path, 3)
        for some in again.not_committed():
            for one in some:
                (entry,) = one.entries
                assert one == contact(f"d{entry.id}", entry.id, much=40_000)
        again.append([contact("after", "after")])
        assert str(uuid5(SPACE, "after")) in told(again.not_committed())
        again.close()


def test_ids_are_found_for_a_contact_that_nobody_knows(tmp_path: Path) -> None:
    opened(tmp_path).close()
    assert take_out(tmp_path / "journal", {uuid4()}) == 0


def test_journal_that_is_damaged_in_its_middle_is_told_and_the_rest_of_it_read(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    for name in "abc":
        journal.append([contact(name, name, much=2000)])
    journal.close()
    file = tmp_path / "journal"
    places = [found.start() for found in re.finditer(re.escape(MAGIC), file.read_bytes())]
    with file.open("r+b") as damaged:
        damaged.seek(places[1] + 100)
        damaged.write(b"\xff" * 500)
    with capture_logs() as logs:
        journal = opened(tmp_path)
    assert [(one["event"], one["writings"]) for one in logs] == [
        ("a part of the journal cannot be read: what waited in it is lost", 1)
    ]
    assert set(told(journal.not_committed())) == set(named(a=("", []), c=("", [])))
    assert journal.append([contact("d", "d")]) == 4
    journal.close()
