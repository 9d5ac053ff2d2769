"""Two servers on one Asterisk find each other: the second refuses, or takes the place of the first when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.adapters.asterisk.claim import FAMILY, KEY, NotAlone
from ivr.core.told import leaves
from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.server.app import Server, running
from tests.conftest import ROOT
from tests.e2e.conftest import fill, settings, until


@asynccontextmanager
async def server(asterisk: PrivateAsterisk, folder: Path, take_over: bool = False) -> AsyncIterator[Server]:
    config = settings(asterisk, folder, {"media": {"port": 0}})
    await fill(config)
    async with running(config, asterisk.secret, ROOT, take_over) as made:
        yield made


def place(lab: Lab) -> str | None:
    try:
        lab.act("DBGet", Family=FAMILY, Key=KEY)
    except NotDone:
        return None
    return "taken"


async def test_second_server_refuses_and_the_first_goes_on(asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path) -> None:
    async with server(asterisk, tmp_path / "a") as first:
        await until(lambda: first.link.connected, 10, "the first did not connect")
        with pytest.raises(BaseExceptionGroup) as raised:
            async with server(asterisk, tmp_path / "b") as second:
                pytest.fail(f"it said that it was ready, at {second.web_port}")
        (refused,) = [one for one in leaves(raised.value) if isinstance(one, NotAlone)]
        assert "another server works on this Asterisk (on " in str(refused) and "--take-over" in str(refused)
        assert first.link.connected and not first.claim.asked_to_leave.is_set()
    assert await asyncio.to_thread(place, lab) is None, "a place that was left is free"


async def test_told_to_it_takes_the_place(asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path) -> None:
    ended = asyncio.Event()

    async def works() -> None:
        async with server(asterisk, tmp_path / "a") as first:
            await until(lambda: first.link.connected, 10, "the first did not connect")
            there.set()
            await first.claim.asked_to_leave.wait()
        ended.set()

    there = asyncio.Event()
    working = asyncio.create_task(works())
    await there.wait()
    async with server(asterisk, tmp_path / "b", take_over=True) as second:
        await until(lambda: second.link.connected, 20, "the second did not take the place")
        await working
        assert ended.is_set() and not second.claim.asked_to_leave.is_set()
        assert await asyncio.to_thread(place, lab) == "taken"


async def test_place_of_a_server_that_was_killed_is_free(asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path) -> None:
    await asyncio.to_thread(lab.act, "DBPut", Family=FAMILY, Key=KEY, Val="0123456789ab elsewhere 4711")
    async with server(asterisk, tmp_path / "a") as made:
        await until(lambda: made.link.connected, 10, "it waits for one that is gone")
