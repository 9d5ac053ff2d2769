"""A whole call through a real Asterisk, as another system is told of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aiohttp import web

from ivr.calls.people.audit import Actor
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.server.pages.metrics import figures
from ivr.wire.webhooks.events import EVENTS
from tests.conftest import RealParts
from tests.e2e.conftest import a_house, until


async def test_another_system_is_told_of_a_call_from_its_ring_to_its_end(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts
) -> None:
    told: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        told.append(json.loads(await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    changes = {"webhooks": {"allow_private": True, "key_file": str(tmp_path / "webhooks.key")}}
    async with a_house(asterisk, lab, tmp_path, real_parts, changes) as house, house.desk("ana"):
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        await house.server.webhooks.admin.make(url, EVENTS, False, True, Actor("console:test"))
        house.say("late-watch", stay_s=15)
        await house.happened("hung_up")
        await until(lambda: any(one["type"] == "call.ended" for one in told), 10, "nobody was told of the end")
        server = house.server
        await server.webhooks.deliveries.keep_in_step()
        now = figures(
            server.calls,
            server.publisher.current.flow,
            server.roster,
            server.screen_pop,
            server.recorder,
            True,
            server.webhooks.deliveries,
        )
        (counted,) = now.webhooks.values()
        assert counted.sent > 4 and (counted.failed, counted.left_out) == (0, 0)
    await runner.cleanup()
    types = [one["type"] for one in told]
    wanted = ["call.started", "call.decided", "call.ringing", "call.answered", "call.ended"]
    assert [one for one in dict.fromkeys(types) if one in wanted] == wanted
    data = {one["type"]: one["data"] for one in told}
    assert data["call.decided"]["intent"] == "late_delivery" and data["call.decided"]["customer_id"] == "C1001"
    assert data["call.answered"]["agent_id"] == "ana"
    assert len({one["data"]["contact_id"] for one in told}) == 1
    assert "watch" not in json.dumps(told), "nobody asked for the caller's words"
