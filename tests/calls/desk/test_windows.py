"""Desks: what is told to whom, and what becomes of a window that does not read."""

from __future__ import annotations

import asyncio

import pytest

from ivr.calls.desk.windows import BACKLOG, Desks, Window
from ivr.core.caller import AgentId

ANA, BEN = AgentId("ana"), AgentId("ben")


async def read(window: Window) -> list[str | None]:
    """Everything that waits in a window."""
    found = []
    while True:
        try:
            found.append(await asyncio.wait_for(window.next(), 0.01))
        except TimeoutError:
            return found


async def test_every_window_of_an_agent_is_told_and_nobody_else_s() -> None:
    desks = Desks()
    with desks.open(ANA) as first, desks.open(ANA) as second, desks.open(BEN) as other:
        assert desks.tell(ANA, "one") == 2
        assert desks.tell(BEN, "two") == 1
        desks.tell_all("three")
        assert await read(first) == await read(second) == ["one", "three"]
        assert await read(other) == ["two", "three"]


def test_nobody_there() -> None:
    desks = Desks()
    assert desks.tell(ANA, "one") == 0
    desks.tell_all("two")
    assert desks.present() == frozenset()


async def test_window_that_is_closed_is_told_nothing_more() -> None:
    desks = Desks()
    with desks.open(ANA) as window:
        pass
    assert desks.tell(ANA, "one") == 0
    assert await read(window) == []


async def test_full_backlog_is_kept() -> None:
    window = Window(ANA)
    texts = [str(number) for number in range(BACKLOG)]
    for text in texts:
        window.tell(text)
    assert not window.overflowed
    assert await read(window) == texts


async def test_window_that_does_not_read_loses_old_news_and_starts_afresh() -> None:
    desks = Desks()
    with desks.open(ANA) as slow, desks.open(ANA) as quick:
        for number in range(BACKLOG * 3):
            desks.tell(ANA, str(number))
            assert await asyncio.wait_for(quick.next(), 1) == str(number)
        assert slow.overflowed and not quick.overflowed
        assert await read(slow) == [None]
        slow.tell("later")
        assert await read(slow) == []


def test_presence_is_told_for_the_first_window_and_the_last() -> None:
    desks = Desks()
    told: list[tuple[AgentId, bool]] = []
    desks.subscribe(lambda agent, present: told.append((agent, present)))
    with desks.open(ANA):
        with desks.open(ANA), desks.open(BEN):
            assert desks.present() == {ANA, BEN}
            assert told == [(ANA, True), (BEN, True)]
        assert told[2:] == [(BEN, False)]
        assert desks.present() == {ANA}
    assert told[3:] == [(ANA, False)]
    with desks.open(ANA):
        assert told[4:] == [(ANA, True)]


def test_window_is_given_back_when_its_page_fails() -> None:
    desks = Desks()
    with pytest.raises(ConnectionResetError), desks.open(ANA):
        raise ConnectionResetError
    assert desks.present() == frozenset()
