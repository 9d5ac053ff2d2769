"""Where calls can go: told to desks that have a call, not more than twice a second, and nothing of colleagues' calls.

How many wait: told to everybody, and worked out once for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from ivr.calls.desk import transfer_targets
from ivr.calls.desk.transfer_targets import PACE_S, QUEUES_PACE_S
from ivr.wire.asterisk import ami
from tests.calls.exchange import ANA, BEN, house, rings, told
from tests.core.little_house import agent


async def test_colleagues_and_queues_are_told_to_desks_with_a_call_only() -> None:
    async with house() as h:
        h.in_queue()
        with h.desks.open(ANA.id) as ana, h.desks.open(BEN.id) as ben:
            h.happens(rings(h, ANA, "orders"))
            for paused in (True, False, True):
                h.board.on_event(ami.MemberState(BEN.interface, BEN.queues[0], paused, None, 1), None)
            await asyncio.sleep(PACE_S + 0.2)
            news = told(ana, "places")
            assert len(news) == 1, "the last state, once"
            transfer_targets = news[0]["places"]
            assert {one["id"]: one["state"] for one in transfer_targets["agents"]} == {
                "ana": "ringing",
                "ben": "paused",
            }
            assert all(
                set(one) == {"id", "name", "state", "queues", "region", "languages"}
                for one in transfer_targets["agents"]
            )
            assert not told(ben, "places"), "nothing to pass on there"


async def test_hello_has_places_and_reasons() -> None:
    async with house(outside=("+49",)) as h:
        hello = h.desk.snapshot(ANA.id)
        assert hello["places"]["outside"] is True
        assert [one["name"] for one in hello["places"]["queues"]] and hello["intents"]
        assert all(one["title"]["en"] and one["queue"]["zh"] for one in hello["intents"])


SOON = QUEUES_PACE_S + 0.05


async def test_however_much_happens_queues_are_told_once_and_the_last_of_it() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana, h.desks.open(BEN.id) as ben:
            await asyncio.sleep(SOON)
            told(ana), told(ben)
            h.in_queue()
            for paused in (True, False, True):
                h.happens(ami.MemberState(ANA.interface, "orders", paused, None, 1))
            h.happens(ami.QueueLeft(h.call, "orders"), ami.QueueJoined(h.call, "front", 1))
            assert not told(ana, "queues"), "nothing of it comes before a card does"
            await asyncio.sleep(SOON)
            for window, name in ((ana, "orders"), (ben, "billing")):
                [news] = told(window, "queues")
                waiting = {queue["name"]: (queue["waiting"], queue["agents_available"]) for queue in news["queues"]}
                assert waiting == {name: (0, 0 if name == "orders" else 1), "front": (1, 2)}


async def test_queues_are_put_into_words_once_for_all_who_have_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    crew = tuple(agent(f"a{number}", *(("orders", "front") if number % 2 else ("billing",))) for number in range(40))
    made: list[object] = []
    dumps = transfer_targets.dumps
    monkeypatch.setattr(transfer_targets, "dumps", lambda message: made.append(message) or dumps(message))  # type: ignore[func-returns-value]
    async with house(agents=crew) as h:
        with contextlib.ExitStack() as stack:
            windows = [stack.enter_context(h.desks.open(one.id)) for one in crew]
            await asyncio.sleep(SOON)
            made.clear()
            h.in_queue()
            await asyncio.sleep(SOON)
            assert len(made) == 2
            assert all(told(window, "queues") for window in windows[1::2])


async def test_queues_that_are_as_they_were_are_no_news_but_a_wait_and_a_new_page_are() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            h.happens(ami.MemberState(BEN.interface, "billing", True, None, 1))
            await asyncio.sleep(SOON)
            assert told(ana, "queues")

            async def again() -> int:
                h.happens(ami.MemberState(ANA.interface, "orders", True, None, 1))
                h.happens(ami.MemberState(ANA.interface, "orders", False, None, 1))
                await asyncio.sleep(SOON)
                return len(told(ana, "queues"))

            assert await again() == 0
            h.desk.snapshot(ANA.id)
            assert await again() == 1, "a page that was loaded anew may have begun with what was in between"
            live = h.in_queue()
            await asyncio.sleep(SOON)
            assert told(ana, "queues")
            assert live.queued_at
            assert await again() == 1, "the page counts a wait on: the same words later are another wait"
