"""A dead CRM and a page that has stopped reading, at the same call: nobody else notices."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ivr.bench.crowd import crm, unread
from ivr.calls.desk.windows import BACKLOG
from ivr.core.caller import AgentId
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from tests.conftest import RealParts
from tests.e2e.conftest import PASSWORD, a_house, until

CHEN = AgentId("chen")


async def test_call_with_a_dead_crm_while_a_page_does_not_read(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts
) -> None:
    async with crm(None) as (port, asked):
        directory = {"kind": "http", "url": f"http://127.0.0.1:{port}/customers?phone={{number}}"}
        async with (
            a_house(asterisk, lab, tmp_path, real_parts, changes={"directory": directory}) as house,
            house.desk("ana") as ana,
        ):
            desks = house.server.desks
            stuck = await unread(f"http://127.0.0.1:{house.server.web_port}", CHEN, PASSWORD)
            await until(lambda: desks.windows(CHEN), 5, "the page that does not read was not opened")
            for _ in range(BACKLOG // 2):  # more than the buffers in between can hold, less than what ends a window
                desks.tell(CHEN, f'{{"type":"pad","pad":"{"x" * 400_000}"}}')
            house.say("key:1")
            await house.happened("looked_up")
            call = house.call
            assert len(asked) == 1 and "customers?phone=%2B8613800138000" in asked[0]
            assert call.ledger.caller.known, "as we knew her last"
            assert desks.windows(CHEN), "it does not read, and is there all the time"
            await house.happened("agent_ringing", 45)
            await until(lambda: str(call.id) in ana.cards, 2, "no card")
            assert ana.cards[str(call.id)].card["who"]["name"] == "Lin Mei 林美"
            await until(lambda: call.seen_ms, 2, "the card was not acknowledged")
            await until(lambda: not desks.windows(CHEN), 30, "the page that does not read was not cut off")
            assert desks.windows(AgentId("ana")), "nobody else was"
            stuck.close()
            await asyncio.to_thread(lab.act, "Hangup", Channel="/^.*$/")
