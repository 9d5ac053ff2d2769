"""After a connection was away, or the server: what Asterisk and the database know is what stands on the desks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from ivr.adapters.assignment import solve
from ivr.calls.agents.dispatch import Dispatch
from ivr.calls.agents.members import QueueMembers
from ivr.calls.asterisk_clock import AsteriskClock
from ivr.calls.ports import Refused, Target
from ivr.calls.recovery import Restorer, carry
from ivr.core.caller import Agent, CallId
from ivr.wire.asterisk import ami
from ivr.wire.asterisk.ami_events import Found, FoundChannel
from tests.calls.exchange import ANA, BEN, CHANNEL, FLOW, NUMBER, House, answered, cards, house, rings, told
from tests.calls.fakes import Records, Telephony, current

LINE = "PJSIP/trunk-00000002"


def restorer(h: House) -> Restorer:
    dispatch = Dispatch(
        h.calls, h.roster, QueueMembers(h.telephony, h.roster), h.telephony, lambda: FLOW, solve, h.nursery.spawn
    )
    return Restorer(
        h.calls, h.follower, h.roster, h.desk, h.records, h.lookup, current(FLOW), dispatch, h.telephony, h.board, h.nursery.spawn
    )  # fmt: skip


def caller(call: CallId | None, name: str = CHANNEL) -> FoundChannel:
    return FoundChannel(name, f"id of {name}", ami.interface_of(name), call, True, NUMBER, "LIN MEI", "4000")


def phone(who: Agent, call: CallId, up: bool = True, leg: str = "") -> FoundChannel:
    return FoundChannel(f"{who.interface}-0000002a", leg or who.id, who.interface, call, up)


def found(*channels: FoundChannel, waiting: dict[str, str] | None = None) -> Found:
    members = tuple(ami.MemberState(who.interface, queue, False, None, 1) for who in (ANA, BEN) for queue in who.queues)
    return Found(channels, members, waiting or {})


async def test_what_ended_meanwhile_is_ended_and_members_are_taken_as_they_are() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            gone, stays = h.in_queue(), CallId(uuid4())
            h.rings(stays, channel=LINE)
            h.happens(rings(h, ANA))
            told(ana)
            members = (ami.MemberState(ANA.interface, "orders", True, "lunch", 1),)
            restorer(h).at_once(Found((caller(stays, LINE),), members, {}))
            assert set(h.board.calls) == {stays} and gone.closed
            assert h.roster.states() == {"ana": "paused", "ben": "offline"}
            messages = told(ana)
            assert [m["reason"] for m in messages if m["type"] == "withdraw"] == ["no_answer"]
            assert messages[-1]["type"] == "hello" and messages[-1]["cards"] == []
            await asyncio.sleep(0.1)
            assert h.telephony.asked.count(("join", "ana")) == 2, "who is at their desk is brought back into the queues"


async def test_number_outside_that_answered_or_left_unseen() -> None:
    async with house(outside=("+49",)) as h:
        live = await answered(h)
        await h.desk.transfer(ANA.id, h.call, Target("outside", "+4930901820"), True, "", "")
        interface = "Local/+4930901820@ivr-outside"
        line = FoundChannel(f"{interface}-0000002b;1", "out", interface, h.call, True)
        h.happens(ami.Ringing(h.call, "out", interface, line.name, None, ANA.interface, f"{ANA.interface}-0000002a"))
        put = restorer(h)
        put.put_right(found(caller(h.call), phone(ANA, h.call), line))
        asked = live.ledger.legs.asked_by(ANA.id)
        assert asked and asked.talking
        put.put_right(found(caller(h.call), phone(ANA, h.call)))
        assert live.ledger.legs.asked_by(ANA.id) is None


async def test_phones_that_rang_or_talked_unseen() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana, h.desks.open(BEN.id) as ben:
            live = h.in_queue()
            h.happens(rings(h, ANA))
            told(ana)
            put = restorer(h)
            put.put_right(found(caller(h.call), phone(ANA, h.call, up=False), waiting={CHANNEL: "orders"}))
            assert cards(ana) == [], "it still rings"
            put.put_right(found(caller(h.call), phone(ANA, h.call)))
            assert cards(ana) == ["connected"] and live.queued_at is None
            put.put_right(found(caller(h.call), phone(BEN, h.call, up=False)))
            assert (cards(ana), cards(ben)) == (["wrap_up"], ["ringing"])


async def test_queue_in_which_the_caller_stands_now() -> None:
    async with house() as h:
        live = h.rings()
        put = restorer(h)
        put.put_right(found(caller(h.call), waiting={CHANNEL: "billing"}))
        assert live.queue == "billing" and live.queued_at is not None
        put.put_right(found(caller(h.call), waiting={CHANNEL: "billing"}))
        assert h.kinds(live).count("queued") == 1
        put.put_right(found(caller(h.call)))
        assert live.queued_at is None


async def test_calls_of_an_earlier_run_come_back_with_their_cards() -> None:
    async with house() as before:
        with before.desks.open(ANA.id) as ana:
            live = await answered(before)
            await asyncio.sleep(0.1)
            before.calls.note(live, ANA.id, "called back")
            card = told(ana, "card")[-1]["card"]
            await before.recorder.drain(10)
    async with house(records=before.records) as h:
        with h.desks.open(ANA.id) as ana:
            h.telephony.found = found(caller(live.id), phone(ANA, live.id))
            put = restorer(h)
            put.at_once(h.telephony.found)
            await put.bring_back(h.telephony.found)
            again = told(ana, "card")[-1]["card"]
            assert again == card
            new = h.board.calls[live.id]
            assert new.ledger.entries[: len(live.ledger.entries)] == live.ledger.entries
            h.happens(ami.Gone(live.id, f"{ANA.interface}-0000002a", ANA.id, 16))
            assert cards(ana)[-1] == "wrap_up", "and goes on"


async def test_wrap_up_goes_on_after_a_restart_for_what_was_left_of_it() -> None:
    async with house() as before:
        live = await answered(before)
        before.happens(ami.Gone(live.id, "x", ANA.id, 16), ami.Gone(live.id, CHANNEL, "caller", 16))
        await before.recorder.drain(10)
    async with house(records=before.records) as h:
        with h.desks.open(ANA.id) as ana:
            put = restorer(h)
            put.at_once(found())
            await put.bring_back(found())
            assert cards(ana)[-1] == "wrap_up"
            await asyncio.sleep(121)
            assert h.board.calls == {} and cards(ana)[-1] == "gone: closed"


async def test_calls_that_ended_while_the_server_was_away_are_closed() -> None:
    async with house() as before:
        live = before.in_queue()
        await asyncio.sleep(0.1)
        await before.recorder.drain(10)
    async with house(records=before.records) as h:
        put = restorer(h)
        await put.bring_back(found())
        assert h.board.calls == {}
        record, events = await h.written(live.id)
        assert record["ended_at"] and events[-2:] == ["hung_up", "closed"]


@dataclass
class Broken(Records):
    """A database that is away."""

    def __init__(self) -> None:
        super().__init__(away_for=10**9)


async def test_call_that_nobody_has_written_down_is_what_asterisk_says_of_it() -> None:
    for records in (Records(), Broken()):
        async with house(records=records) as h:
            with h.desks.open(ANA.id) as ana, capture_logs() as logs:
                h.telephony.found = found(caller(h.call), phone(ANA, h.call))
                await restorer(h).bring_back(h.telephony.found)
                card = told(ana, "card")[-1]["card"]
                assert (card["state"], card["who"]["name"], card["missing"]) == ("connected", "Lin Mei", ["reason"])
                assert ("calls of an earlier run not read back" in [one["event"] for one in logs]) == isinstance(
                    records, Broken
                )


async def test_asterisk_that_goes_away_again_while_calls_come_back() -> None:
    class Away(Telephony):
        @asynccontextmanager
        async def looking(self) -> AsyncIterator[Found]:
            raise Refused({"en": "away", "zh": "离线"})
            yield

    async with house(telephony=Away()) as h:
        with h.desks.open(ANA.id) as ana:
            await restorer(h).bring_back(found(caller(h.call), phone(ANA, h.call)))
            assert cards(ana)[-1] == "connected", "what was found first still counts"


async def test_channel_that_cannot_carry_its_call_is_no_fault() -> None:
    telephony = Telephony({"__IVR_CALL": 1})
    call = CallId(uuid4())
    await carry(telephony, LINE, call)
    await carry(telephony, LINE, call)
    assert telephony.asked == [(LINE, "__IVR_CALL", str(call))]


NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("ahead_s", [-3600.0, -2.0, 0.0, 2.0, 3600.0])
def test_asterisk_s_clock_is_brought_to_ours(ahead_s: float) -> None:
    clock = AsteriskClock()
    for late_ms in (3, 1, 40, 200):
        happened = NOW
        heard = NOW + timedelta(milliseconds=late_ms)
        at = clock.at((happened + timedelta(seconds=ahead_s)).timestamp(), heard)
        # the least delay that was ever seen is what cannot be told from a difference of the clocks
        assert abs(at - happened) <= timedelta(milliseconds=3.1), (late_ms, at)
        assert at <= heard
    assert clock.at(None, NOW) == NOW
