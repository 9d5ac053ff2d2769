"""What agents get next: chosen over all that wait, done in Asterisk, and app_queue beneath it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from ivr.adapters.assignment import solve
from ivr.calls.agents.dispatch import SETTLED_S, Dispatch
from ivr.calls.agents.members import QueueMembers
from ivr.calls.agents.queue_states import queue_states
from ivr.calls.live import LiveCall
from ivr.core.caller import CallId
from ivr.core.routing import Policy
from ivr.wire.asterisk import ami
from tests.calls.exchange import ANA, BEN, CHANNEL, FLOW, House, answered, gone, house, rings
from tests.calls.fakes import Telephony


def without_queue(asked: tuple[str, ...]) -> tuple[str, ...]:
    match asked:
        case ("pause", _, *rest):
            return ("pause", *rest)
        case ("remember" | "forget" as what, family, key, *value):
            return (what, family, key.partition(":")[0], *[one.rpartition(",")[2] for one in value])
        case _:
            return asked


@dataclass
class Floor:
    """A house whose next calls are chosen."""

    h: House
    dispatch: Dispatch

    def done(self) -> list[tuple[str, ...]]:
        """What Asterisk was asked for since the last look, once for all queues; and as it would, it tells of pauses."""
        asked = [one for one in self.h.telephony.asked if one[0] != "join"]
        self.h.telephony.asked.clear()
        for _, queue, interface, paused, reason in (one for one in asked if one[0] == "pause"):
            why = None if reason == "None" else reason
            self.h.happens(ami.MemberState(interface, queue, paused == "True", why, 1))
        return list(dict.fromkeys(without_queue(one) for one in asked))

    async def asked(self) -> list[tuple[str, ...]]:
        await asyncio.sleep(0.1)
        return self.done()

    def waits(self, queue: str, ani: str | None = None) -> LiveCall:
        """One more caller in a queue."""
        call = CallId(uuid4())
        channel = f"PJSIP/trunk-{call}"
        live = self.h.rings(call, ani, channel)
        self.h.happens(ami.QueueJoined(call, queue, 1, channel))
        return live


@asynccontextmanager
async def floor(shadow: bool = False, policy: Policy | None = None, **more: Any) -> AsyncIterator[Floor]:
    async with house(**more) as h:
        dispatch = Dispatch(
            h.board.calls, h.roster, QueueMembers(h.telephony, h.roster), h.telephony,
            lambda: more.get("flow", FLOW), solve, h.nursery.spawn,
            policy or Policy(), shadow=shadow,
        )  # fmt: skip
        h.calls.subscribe(dispatch.noted)
        yield Floor(h, dispatch)


def redirected(asked: list[tuple[str, ...]]) -> list[tuple[str, str]]:
    """Which caller was sent to whose phone."""
    routes = {one[0]: one[2] for one in asked if one[1] == "IVR_ROUTE"}
    return [(one[1], routes[one[1]].split(",")[3]) for one in asked if one[0] == "redirect"]


async def test_caller_who_hangs_up_while_another_is_rung_costs_nobody_anything() -> None:
    async with floor() as f:
        first, second = f.waits("orders"), f.waits("billing")
        matching = f.dispatch._match(ANA.id)
        assert matching and len(matching.pairs) == 2
        rung, gone_first = f.h.telephony.redirect, matching.pairs[1].call
        leaves = f.h.board.calls[gone_first]

        async def redirect(channel: str, where: str, extra: str | None = None, extra_where: str = "") -> None:
            f.h.happens(ami.Gone(leaves.id, leaves.channel, "1", 16))
            await rung(channel, where, extra, extra_where)

        f.h.telephony.redirect = redirect  # type: ignore[method-assign]
        await f.dispatch._send(matching)
        moved = [asked[1] for asked in f.h.telephony.asked if asked[0] == "redirect"]
        assert moved == [next(c.channel for c in (first, second) if c.id != gone_first)]


async def test_agent_is_kept_free_of_rings_while_talking_and_writing_up_and_let_go_with_the_outcome() -> None:
    async with floor() as f:
        await answered(f.h)
        assert await f.asked() == [
            ("remember", "ivr_paused", "ana", "PJSIP/ana"), ("pause", "PJSIP/ana", "True", "call"),
        ]  # fmt: skip
        f.h.happens(gone(f.h, ANA))
        assert (await f.asked())[1] == ("pause", "PJSIP/ana", "True", "wrap_up")
        await f.h.desk.close_contact(ANA.id, f.h.call, "solved", "")
        assert await f.asked() == [("pause", "PJSIP/ana", "False", "None"), ("forget", "ivr_paused", "ana")]


async def test_outcome_given_in_the_call_lets_go_when_it_ends() -> None:
    async with floor() as f:
        await answered(f.h)
        await f.asked()
        await f.h.desk.close_contact(ANA.id, f.h.call, "solved", "")
        assert await f.asked() == [], "they still talk"
        f.h.happens(gone(f.h, ANA))
        assert (await f.asked())[0] == ("pause", "PJSIP/ana", "False", "None")


class Slow(Telephony):
    """Takes its time to write something down."""

    async def remember(self, family: str, key: str, value: str) -> None:
        await asyncio.sleep(0.05)
        await super().remember(family, key, value)


async def test_agent_whose_wrap_up_is_over_at_once_is_not_left_paused() -> None:
    async with floor(telephony=Slow()) as f:
        await answered(f.h)
        f.h.happens(gone(f.h, ANA))
        await f.h.desk.close_contact(ANA.id, f.h.call, "solved", "")
        await asyncio.sleep(1)
        asked = f.done()
        pauses = [one for one in asked if one[0] == "pause"]
        assert [one[3] for one in pauses] == ["call", "wrap_up", "None"], "let go last"
        assert asked[-1] == ("forget", "ivr_paused", "ana")


async def test_agent_s_own_pause_stays() -> None:
    async with floor() as f:
        await answered(f.h)
        await f.asked()
        await f.h.desk.set_state(ANA.id, "paused", "lunch")
        await f.asked()
        f.h.happens(gone(f.h, ANA))
        await f.h.desk.close_contact(ANA.id, f.h.call, "solved", "")
        f.waits("orders")
        assert await f.asked() == []


async def test_best_of_all_that_wait_is_sent_to_who_is_free_again() -> None:
    async with floor() as f:
        await answered(f.h)
        f.h.happens(gone(f.h, ANA))
        await f.asked()
        stranger, regular = f.waits("orders", "+491"), f.waits("orders", "+8613800138000")
        f.waits("billing")
        await asyncio.sleep(1)
        f.done()
        await f.h.desk.close_contact(ANA.id, f.h.call, "solved", "")
        asked = await f.asked()
        assert (regular.channel, "PJSIP/ana") in redirected(asked), "gold, and waits as long"
        assert asked[-2] == ("pause", "PJSIP/ana", "False", "None"), "the phone rings first"
        kinds = [entry.kind for entry in regular.ledger.entries]
        assert kinds[-2:] == ["matched", "explained"]
        assert regular.ledger.story.matched is not None and regular.ledger.story.matched[0] == ANA.id
        assert "matched" not in [entry.kind for entry in stranger.ledger.entries]
        explained = regular.ledger.entries[-1].facts
        assert explained["agent"] == "ana" and explained["candidates"][0][0] == "ana"


async def test_who_is_sent_to_a_phone_goes_back_before_those_who_came_later() -> None:
    async with floor() as f:
        await answered(f.h)
        f.h.happens(gone(f.h, ANA))
        live = f.waits("orders", "+491")
        await asyncio.sleep(1)
        joined = live.ledger.entries[-1]
        live.ledger.story.queued_at = joined.at.replace(year=joined.at.year - 1)
        f.done()
        await f.h.desk.close_contact(ANA.id, f.h.call, "solved", "")
        asked = await f.asked()
        (route,) = [one[2] for one in asked if one[1] == "IVR_ROUTE"]
        assert int(route.split(",")[2]) > 1_000_000


async def test_time_alone_brings_help_from_another_queue() -> None:
    queues = {**FLOW.queues, "billing": replace(FLOW.queues["billing"], overflow=("orders",), overflow_s=60)}
    async with floor(flow=replace(FLOW, queues=queues), agents=(ANA,)) as f:
        task = asyncio.ensure_future(f.dispatch.run())
        live = f.waits("billing", "+491")
        await asyncio.sleep(SETTLED_S + 2)
        assert redirected(f.done()) == [], "not yet"
        entry = live.ledger.entries[-1]
        live.ledger.story.queued_at = entry.at.replace(year=entry.at.year - 1)
        await asyncio.sleep(2)
        assert redirected(f.done()) == [(live.channel, "PJSIP/ana")]
        task.cancel()


async def test_call_that_rings_somewhere_or_has_just_come_is_app_queue_s() -> None:
    async with floor() as f:
        live = f.h.in_queue()
        await f.dispatch._send(f.dispatch._match(None))
        f.h.happens(rings(f.h, ANA))
        live.ledger.story.queued_at = live.ledger.entries[0].at.replace(year=2020)
        await f.dispatch._send(f.dispatch._match(None))
        assert redirected(await f.asked()) == []


async def test_phone_that_rang_in_vain_is_left_alone_for_a_while() -> None:
    async with floor(agents=(ANA,)) as f:
        live = f.h.in_queue()
        f.h.happens(rings(f.h, ANA), ami.RingEnded(f.h.call, ANA.id, ANA.interface, "no_answer"))
        live.ledger.story.queued_at = live.ledger.entries[0].at.replace(year=2020)
        await f.dispatch._send(f.dispatch._match(None))
        assert redirected(await f.asked()) == []
        [leg] = live.ledger.legs.legs.values()
        leg.ended_at -= timedelta(seconds=58)
        assert (ring := f.dispatch._match(None)) and not ring.pairs, "not within the minute"
        leg.ended_at -= timedelta(seconds=3)
        assert (ring := f.dispatch._match(None)) and ring.pairs, "after the minute it may ring again"


async def test_in_the_shadow_nothing_is_done_and_everything_written_down() -> None:
    async with floor(shadow=True) as f:
        await answered(f.h)
        f.h.happens(gone(f.h, ANA))
        live = f.waits("orders", "+491")
        live.ledger.story.queued_at = live.ledger.entries[0].at.replace(year=2020)
        await f.dispatch._send(f.dispatch._match(None))
        assert await f.asked() == []
        matched = next(entry for entry in live.ledger.entries if entry.kind == "matched")
        assert matched.facts["shadow"] is True and live.ledger.story.matched is None


async def test_asterisk_that_refuses_leaves_the_call_where_it_is() -> None:
    async with floor(telephony=Telephony({"redirect": 1})) as f:
        await answered(f.h)
        f.h.happens(gone(f.h, ANA))
        await f.asked()
        live = f.waits("orders", "+491")
        await f.h.desk.close_contact(ANA.id, f.h.call, "solved", "")
        asked = await f.asked()
        assert redirected(asked) == [] and ("pause", "PJSIP/ana", "False", "None") in asked
        assert live.queued_at is not None


async def test_restart_lets_go_who_has_nothing_in_hand() -> None:
    async with floor() as f:
        for who, why in ((ANA, "wrap_up"), (BEN, "lunch")):
            for queue in who.queues:
                f.h.happens(ami.MemberState(who.interface, queue, True, why, 1))
        await f.dispatch.take_back()
        assert f.done() == [("pause", "PJSIP/ana", "False", "None"), ("forget", "ivr_paused", "ana")]


@pytest.mark.parametrize("first", ["lunch", "wrap_up"])
async def test_pause_of_ours_beside_one_of_their_own_is_ended_and_theirs_stays(first: str) -> None:
    async with floor() as f:
        one, other = ANA.queues[:2]
        then = {"lunch": "wrap_up", "wrap_up": "lunch"}[first]
        f.h.happens(
            ami.MemberState(ANA.interface, one, True, first, 1), ami.MemberState(ANA.interface, other, True, then, 1)
        )
        await f.dispatch.take_back()
        ours = one if first == "wrap_up" else other
        assert [asked[:2] for asked in f.h.telephony.asked if asked[0] == "pause"] == [("pause", ours)]


async def test_restart_keeps_who_still_writes_up() -> None:
    async with floor() as f:
        await answered(f.h)
        f.h.happens(gone(f.h, ANA), ami.Gone(f.h.call, CHANNEL, "c", 16))
        await f.asked()
        f.h.happens(ami.MemberState(ANA.interface, "orders", True, "wrap_up", 1))
        await f.dispatch.take_back()
        assert f.done() == []


PAUSES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "in none": ({}, ("orders", "front")),
    "in the one that it waits in": ({"orders": "lunch"}, ("front",)),
    "in another": ({"front": "theirs"}, ("orders",)),
    "in all": ({"orders": "lunch", "front": "lunch"}, ()),
    "by us, and in one by somebody else": ({"orders": "call", "front": "theirs"}, ("orders",)),
}


@pytest.mark.parametrize(("pauses", "rung"), PAUSES.values(), ids=PAUSES.keys())
@pytest.mark.parametrize("queue", ["orders", "front"])
async def test_pause_in_one_queue_is_one_in_that_queue(
    pauses: dict[str, str], rung: tuple[str, ...], queue: str
) -> None:
    async with floor(agents=(ANA,)) as f:
        for name, reason in pauses.items():
            f.h.happens(ami.MemberState(ANA.interface, name, True, reason, 1))
        live = f.waits(queue)
        live.ledger.story.queued_at = live.ledger.entries[0].at.replace(year=2020)
        # whom an outcome has just set free is let go of our pauses, not of others'
        by_us = "call" in pauses.values()
        freed = ANA.id if by_us else None
        matching = f.dispatch._match(freed)
        found = [pair.agent for pair in matching.pairs] if matching else []
        assert found == ([ANA.id] if queue in rung else [])
        free = queue_states(("orders", "front"), f.h.calls, f.h.roster)
        expected = () if by_us else rung
        assert [name for name, state in free.items() if state.free] == list(expected)
