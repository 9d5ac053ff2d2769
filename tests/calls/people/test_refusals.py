"""Refusals of one person are written at a bounded rate, and the trail still says who, how often, of what and when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from ivr.calls.people import refusals
from ivr.calls.people.audit import Actor, Entry
from ivr.calls.people.refusals import MINUTE_S, MORE, WRITTEN, CountedRefusals
from tests.web.web_fakes import Clock, MemoryAudit

WEI, ANA = Actor("wei", "agent", "192.0.2.1"), Actor("ana", "agent", "192.0.2.1")
BEGAN = datetime(2026, 11, 22, 6, 20, tzinfo=UTC)


@dataclass
class Trail:
    """What is written, and what is asked to be."""

    kept: MemoryAudit
    clock: Clock
    counted: CountedRefusals
    asked: int = 0

    async def refuse(self, by: Actor, times: int, what: str = "refused: contact.read") -> None:
        for _ in range(times):
            await self.counted.write(Entry(by, what, "c1", {"why": "no"}, BEGAN + timedelta(seconds=self.asked)))
            self.asked += 1

    async def pass_a_minute(self) -> None:
        self.clock.now += MINUTE_S
        await self.counted.settle()

    def of(self, by: Actor) -> list[Entry]:
        return [entry for entry in self.kept.entries if entry.by == by]


@pytest.fixture
async def trail() -> AsyncIterator[Trail]:
    kept, clock = MemoryAudit(), Clock()
    yield Trail(kept, clock, CountedRefusals(kept, clock))


async def test_three_hundred_are_twenty_lines_and_two_that_count_them(trail: Trail) -> None:
    await trail.refuse(WEI, 280)
    await trail.refuse(WEI, 20, "failed: call.moved")
    assert [entry.what for entry in trail.of(WEI)] == ["refused: contact.read"] * WRITTEN + [MORE]
    await trail.pass_a_minute()
    *_, first, last = trail.of(WEI)
    assert first.detail == {"lines": WRITTEN}
    assert last.what == MORE and last.detail == {
        "times": 280,
        "acts": {"refused: contact.read": 260, "failed: call.moved": 20},
        "first": "2026-11-22T06:20:20+00:00",
        "last": "2026-11-22T06:24:59+00:00",
    }


async def test_who_goes_on_has_one_line_a_minute_and_who_stops_begins_anew(trail: Trail) -> None:
    await trail.refuse(WEI, 100)
    for _ in range(5):
        await trail.pass_a_minute()
        await trail.refuse(WEI, 100)
    await trail.pass_a_minute()
    assert len(trail.of(WEI)) == WRITTEN + 1 + 6
    assert sum(entry.detail.get("times", 0) for entry in trail.of(WEI)) + WRITTEN == 600, "each is in it"
    await trail.pass_a_minute()
    await trail.refuse(WEI, 1)
    assert trail.kept.entries[-1].detail == {"why": "no"}


async def test_others_and_what_is_done_have_their_lines(trail: Trail) -> None:
    await trail.refuse(WEI, 100)
    await trail.refuse(ANA, 3)
    await trail.refuse(WEI, 50, "contact.read")
    assert len(trail.of(ANA)) == 3
    assert [entry.what for entry in trail.of(WEI)].count("contact.read") == 50
    await trail.pass_a_minute()
    assert len(trail.of(ANA)) == 3, "what was not counted needs no line"


async def test_strangers_are_counted_by_their_address(trail: Trail) -> None:
    for last in (1, 2):
        await trail.refuse(Actor("", None, f"192.0.2.{last}"), WRITTEN, "refused: sign_in")
    assert len(trail.kept.entries) == 2 * WRITTEN


async def test_the_end_of_the_server_writes_what_is_counted(trail: Trail) -> None:
    await trail.refuse(WEI, WRITTEN + 5)
    await trail.counted.close()
    assert trail.of(WEI)[-1].detail["times"] == 5


async def test_what_cannot_be_written_now_is_counted_on(trail: Trail) -> None:
    await trail.refuse(WEI, WRITTEN + 5)
    trail.kept.broken = True
    await trail.pass_a_minute()
    trail.kept.broken = False
    await trail.refuse(WEI, 2)
    await trail.pass_a_minute()
    assert trail.of(WEI)[-1].detail["times"] == 7


async def test_more_strangers_than_are_watched_are_counted_together(
    trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "WATCHED", 3)
    for last in range(3 + WRITTEN + 5):
        await trail.refuse(Actor("", None, f"192.0.2.{last}"), 1, "refused: sign_in")
    await trail.pass_a_minute()
    assert len(trail.kept.entries) == 3 + WRITTEN + 2
    assert trail.kept.entries[-1].detail["times"] == 5
