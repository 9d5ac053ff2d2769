"""Where calls can go: told to desks that have a call, not more than twice a second, and nothing of colleagues' calls."""

from __future__ import annotations

import asyncio

from ivr.calls.places import PACE_S
from ivr.wire import ami
from tests.calls.exchange import ANA, BEN, house, rings, told


async def test_colleagues_and_queues_are_told_to_desks_with_a_call_only() -> None:
    async with house() as h:
        h.in_queue()
        with h.desks.open(ANA.id) as ana, h.desks.open(BEN.id) as ben:
            h.happens(rings(h, ANA, "orders"))
            for paused in (True, False, True):
                h.board.on_event(ami.MemberState(BEN.interface, "orders", paused, None, 1), None)
            await asyncio.sleep(PACE_S + 0.2)
            news = told(ana, "places")
            assert len(news) == 1, "the last state, once"
            places = news[0]["places"]
            assert {one["id"]: one["state"] for one in places["agents"]} == {"ana": "ringing", "ben": "paused"}
            assert all(set(one) == {"id", "name", "state", "queues", "region", "languages"} for one in places["agents"])
            assert not told(ben, "places"), "nothing to pass on there"


async def test_hello_has_places_and_reasons() -> None:
    async with house(outside=("+49",)) as h:
        hello = h.desk.snapshot(ANA.id)
        assert hello["places"]["outside"] is True
        assert [one["name"] for one in hello["places"]["queues"]] and hello["intents"]
        assert all(one["title"]["en"] and one["queue"]["zh"] for one in hello["intents"])
