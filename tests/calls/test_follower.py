"""Calls followed through Asterisk's events, in the orders in which Asterisk was seen to send them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from ivr.calls.floor.rows import place_of
from ivr.calls.live import LiveCall
from ivr.calls.ports import Refused, Target
from ivr.core.caller import Agent, CallId
from ivr.wire.asterisk import ami
from tests.calls.exchange import ANA, BEN, CHANNEL, House, answered, cards, gone, house, rings, told


def channel(who: Agent, number: int = 42) -> str:
    return f"{who.interface}-{number:08x}"


def into(h: House, bridge: str, *who: Agent | str, call: bool = True) -> list[ami.Bridged]:
    """Phones, or the caller, come into a bridge; with ``call`` Asterisk says whose call it is."""
    return [
        ami.Bridged(h.call, bridge, CHANNEL, "caller", True)
        if isinstance(one, str)
        else ami.Bridged(h.call if call else None, bridge, channel(one), one.id, True)
        for one in who
    ]


def consult(h: House) -> ami.Ringing:
    """Ana's phone dials Ben's."""
    return ami.Ringing(h.call, BEN.id, BEN.interface, channel(BEN), None, ANA.interface, channel(ANA))


async def test_a_ring_that_is_reported_twice_and_late_is_one_ring() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            live = await answered(h)
            told(ana)
            h.happens(rings(h, ANA), rings(h, ANA, None), ami.Answered(h.call, ANA.id, ANA.interface))
            assert cards(ana) == [] and h.kinds(live).count("agent_ringing") == 1


async def test_colleague_who_picks_up_has_the_card_though_another_phone_rang() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana, h.desks.open(BEN.id) as ben:
            h.in_queue()
            h.happens(rings(h, ANA), gone(h, ANA), ami.Answered(h.call, "7.1", BEN.interface, channel(BEN)))
            assert cards(ana) == ["ringing", "gone: no_answer"]
            assert cards(ben) == ["connected"]


async def test_held_on_the_phone_and_back() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            await answered(h)
            told(ana)
            h.happens(ami.HeldByPhone(h.call, channel(ANA), True), ami.HeldByPhone(h.call, channel(ANA), True))
            h.happens(ami.HeldByPhone(h.call, channel(ANA), False))
            assert [m["card"]["held"] for m in told(ana, "card")] == [True, False]


async def test_held_ends_when_caller_and_agent_are_in_one_bridge_again() -> None:
    async with house() as h:
        live = await answered(h)
        h.happens(*into(h, "b1", "caller", ANA))
        live.ledger.add(live.ledger.entries[-1].at, "held", agent=ANA.id)
        h.happens(*[ami.Bridged(h.call, "b1", e.channel, e.id, False) for e in into(h, "b1", "caller", ANA)])
        h.happens(*into(h, "b2", ANA, BEN))
        assert ANA.id in live.ledger.legs.held, "she talks with a colleague, not with the caller"
        h.happens(*into(h, "b3", "caller", ANA))
        assert not live.ledger.legs.held


async def test_consultation_on_the_agent_s_own_phone() -> None:
    async with house() as h:
        with h.desks.open(BEN.id) as ben, h.desks.open(ANA.id) as ana:
            live = await answered(h)
            told(ana)
            # a call of the phone's own: Asterisk knows nothing of ours in it
            ring = ami.Ringing(None, "9.2", BEN.interface, channel(BEN), None, ANA.interface, channel(ANA, 7))
            h.happens(ring)
            (card,) = told(ben, "card")
            assert card["card"]["asked_by"] == "Ana" and "brief" not in card["card"]["missing"]
            assert told(ana, "card")[-1]["card"]["consulting"] == "Ben"
            assert h.adopted == [(channel(ANA, 7), h.call), (channel(BEN), h.call)], "from now on Asterisk carries it"
            h.happens(ami.Answered(None, "9.2", BEN.interface, channel(BEN)), ami.Gone(None, channel(BEN), "9.2", 16))
            assert cards(ben) == ["connected", "wrap_up"]
            assert [leg.agent for leg in live.ledger.legs.talking] == [ANA.id]


async def test_phone_of_somebody_without_a_call_who_dials_a_colleague_is_nobody_s_business() -> None:
    async with house() as h:
        with h.desks.open(BEN.id) as ben:
            h.in_queue()
            h.happens(ami.Ringing(None, "9.2", BEN.interface, channel(BEN), None, ANA.interface, channel(ANA)))
            assert cards(ben) == []


async def test_phone_that_takes_a_parked_call_gets_its_card() -> None:
    async with house() as h:
        with h.desks.open(BEN.id) as ben:
            live = await answered(h)
            h.happens(ami.PassedByPhone(h.call, ANA.interface, "700", ANA.id), ami.Parked(h.call, "701"), gone(h, ANA))
            h.happens(*into(h, "b9", "caller"), *into(h, "b9", BEN, call=False))
            assert cards(ben) == ["connected"]
            assert h.adopted == [(channel(BEN), h.call)]
            assert h.kinds(live).count("parked") == 1


async def test_strangers_in_bridges_are_nobody_s_business() -> None:
    async with house() as h:
        live = h.in_queue()
        h.happens(ami.Bridged(None, "b", "PJSIP/fax-00000001", "5", True), *into(h, "b", "caller"))
        h.happens(ami.Bridged(None, "b", f"{ANA.interface}-00000001;2", "6", True))
        assert not live.offers or list(live.ledger.legs.legs) == []


@pytest.mark.parametrize(
    ("events", "why"),
    [
        (lambda h: [ami.RingEnded(h.call, BEN.id, BEN.interface, "no_answer")], "no_answer"),
        (lambda h: [ami.RingEnded(h.call, BEN.id, BEN.interface, "busy")], "busy"),
        (lambda h: [ami.RingEnded(h.call, BEN.id, BEN.interface, "hung_up")], "cancelled"),
        (lambda h: [gone(h, BEN)], "cancelled"),
        (lambda h: [ami.Gone(h.call, CHANNEL, "caller", 16)], "hung_up"),
    ],
)
async def test_why_a_consultation_came_to_nothing(events: Any, why: str) -> None:
    async with house() as h:
        with h.desks.open(BEN.id) as ben:
            live = await answered(h)
            h.happens(consult(h), *events(h))
            assert cards(ben) == ["ringing", f"gone: {why}"]
            assert live.ledger.legs.asked_by(ANA.id) is None


async def test_agent_whose_line_is_lost_in_a_hold_gives_the_call_back() -> None:
    async with house() as h:
        live = await answered(h)
        live.ledger.add(live.ledger.entries[-1].at, "held", agent=ANA.id)
        h.happens(gone(h, ANA))
        (passed,) = live.ledger.legs.passed
        assert (passed.way, passed.kind, passed.to) == ("agent_gone", "queue", "orders")


async def test_conference_is_over_when_one_agent_is_left() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            live = await answered(h)
            h.happens(consult(h), ami.Answered(h.call, BEN.id, BEN.interface))
            live.ledger.add(live.ledger.entries[-1].at, "conference", agent=ANA.id)
            assert told(ana, "card")[-1]["card"]["conference"] is True
            h.happens(gone(h, BEN))
            assert told(ana, "card")[-1]["card"]["conference"] is False


async def test_queue_that_an_agent_asks_is_not_where_the_caller_waits() -> None:
    async with house() as h:
        live: LiveCall = await answered(h)
        h.happens(ami.QueueJoined(h.call, "billing", 1, channel(ANA)))
        assert live.queue == "orders" and live.queued_at is None
        h.happens(ami.QueueJoined(h.call, "billing", 1, CHANNEL))
        assert live.queue == "billing" and live.queued_at is not None
        h.happens(ami.QueueLeft(h.call, "billing", CHANNEL))
        assert live.queued_at is None


async def test_nothing_is_kept_of_calls_that_are_over() -> None:
    async with house() as h:
        await answered(h)
        h.happens(*into(h, "b1", "caller", ANA))
        h.happens(gone(h, ANA), ami.Gone(h.call, CHANNEL, "caller", 16))
        await h.desk.close_contact(ANA.id, h.call, "solved", "")
        follower = h.follower
        assert (h.board.calls, follower._channels, follower._bridges) == ({}, {}, {})


OUTSIDE = "+4930901820"
OUTSIDE_LINE = f"Local/{OUTSIDE}@ivr-outside"


def outside(h: House, by: str = CHANNEL) -> tuple[ami.Ringing, ami.Answered, ami.RingEnded]:
    """The dialplan dials a number outside; they answer, or not."""
    line = f"{OUTSIDE_LINE}-0000000a;1"
    return (
        ami.Ringing(h.call, "8.1", OUTSIDE_LINE, line, None, ami.interface_of(by), by),
        ami.Answered(h.call, "8.1", OUTSIDE_LINE, line),
        ami.RingEnded(h.call, "8.1", OUTSIDE_LINE, "no_answer"),
    )


async def test_caller_who_is_sent_outside_and_answered_there_has_not_given_up() -> None:
    async with house(outside=("+49",)) as h:
        live = await answered(h)
        await h.call_control.transfer(ANA.id, h.call, Target("outside", OUTSIDE), "blind", "", "")
        ringing, picked_up, _ = outside(h)
        h.happens(gone(h, ANA), ringing, picked_up)
        assert place_of(live)[0] == "elsewhere"
        with pytest.raises(Refused):
            await h.call_control.pick_up(BEN.id, h.call)
        h.calls.wrap_up(live, ANA.id, "solved", "")
        h.hangs_up()
        record, kinds = await h.written()
        assert {"outside_ringing", "outside_answered", "closed"} <= set(kinds)
        assert [wait["answered"] for wait in record["waits"]] == [True, True]


async def test_nobody_answers_outside() -> None:
    async with house(outside=("+49",)) as h:
        live = await answered(h)
        await h.call_control.transfer(ANA.id, h.call, Target("outside", OUTSIDE), "blind", "", "")
        ringing, _, ended = outside(h)
        h.happens(gone(h, ANA), ringing, ended)
        h.calls.wrap_up(live, ANA.id, "solved", "")
        h.hangs_up()
        record, _ = await h.written()
        assert [wait["answered"] for wait in record["waits"]] == [True, False]


async def test_line_that_is_dialled_by_somebody_else_is_not_the_caller_s() -> None:
    async with house() as h:
        live = await answered(h)
        h.happens(outside(h, f"{OUTSIDE_LINE}-0000000a;2")[0], outside(h, channel(BEN))[0])
        assert not live.ledger.legs.outside


@pytest.mark.parametrize("line_first", [False, True])
async def test_phone_that_sends_the_caller_to_a_number_of_the_house_goes_on_with_the_contact(line_first: bool) -> None:
    async with house() as h:
        with h.desks.open(BEN.id) as ben:
            live, again = await answered(h), CallId(uuid4())
            live.line_used = True
            h.calls.note(live, ANA.id, "bring the red one")
            h.happens(ami.PassedByPhone(h.call, ANA.interface, "4000", "1.1"), gone(h, ANA))
            h.calls.wrap_up(live, ANA.id, "solved", "")
            line = h.connects(again) if line_first else None
            h.happens(ami.Rang(again, CHANNEL, "+8613800138000", "LIN MEI", "4000"))
            line = line or h.connects(again)
            assert h.calls[again] is live and list(h.calls.values()) == [live]
            assert h.adopted[-1] == (CHANNEL, h.call), "Asterisk carries the first id again"
            await h.until(lambda: live.session and live.line is line)
            h.happens(ami.QueueJoined(again, "billing", 1), rings(h, BEN))
            assert "bring the red one" in str(told(ben, "card")[-1])
            h.happens(ami.Gone(again, CHANNEL, "1.1", 16))
            await h.until(lambda: live.caller_gone and live.line is None)
            h.calls.wrap_up(live, BEN.id, "solved", "")
            assert live.closed and not h.calls and h.calls.over(again) and h.calls.over(h.call)
