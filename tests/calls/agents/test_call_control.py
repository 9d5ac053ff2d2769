"""What agents ask for, as it goes to Asterisk: where each channel is sent, and what is refused."""

from __future__ import annotations

import pytest

from ivr.calls.live import LiveCall
from ivr.calls.ports import Refused, Target
from ivr.core.caller import AgentId
from ivr.wire.asterisk import ami
from tests.calls.exchange import ANA, BEN, CHANNEL, House, answered, gone, house
from tests.calls.fakes import Telephony

PHONE = f"{ANA.interface}-0000002a"


def sent(h: House) -> list[tuple[str, ...]]:
    """What Asterisk was asked for, apart from joining queues."""
    return [one for one in h.telephony.asked if one[0] != "join"]


async def consulting(h: House) -> LiveCall:
    live = await answered(h)
    await h.desk.transfer(ANA.id, h.call, Target("agent", "ben"), True, "late again", "where is it")
    h.happens(ami.Ringing(h.call, BEN.id, BEN.interface, "PJSIP/ben-1", None, ANA.interface, PHONE))
    h.telephony.asked.clear()
    return live


async def test_hold_and_back() -> None:
    async with house() as h:
        live = await answered(h)
        await h.desk.act(ANA.id, h.call, "hold")
        await h.desk.act(ANA.id, h.call, "hold")
        assert sent(h) == [
            (CHANNEL, "IVR_ROUTE", "queue,orders,10,,15,300"),
            (PHONE, "__IVR_CALLER", CHANNEL),
            ("redirect", CHANNEL, "ivr-held,s", PHONE, "ivr-holding,s"),
        ]
        assert ANA.id in live.ledger.legs.held
        await h.desk.act(ANA.id, h.call, "resume")
        assert sent(h)[-1] == ("redirect", PHONE, "ivr-back,s")


@pytest.mark.parametrize(
    ("to", "route"),
    [
        (Target("queue", "billing"), "queue,billing,10,,15,300"),
        (Target("agent", "ben"), "queue,billing,10,PJSIP/ben,15,300"),
        (Target("outside", "+4930901820"), "outside,orders,10,+4930901820,15,300"),
    ],
)
async def test_passing_on_says_where_and_moves_both_channels_at_once(to: Target, route: str) -> None:
    async with house(outside=("+49",)) as h:
        live = await answered(h)
        await h.desk.transfer(ANA.id, h.call, to, False, " late again ", "", "no_authority")
        assert sent(h) == [(CHANNEL, "IVR_ROUTE", route), ("redirect", CHANNEL, "ivr-in,onward", PHONE, "ivr-done,s")]
        (passed,) = live.ledger.legs.passed
        assert (passed.by, passed.kind, passed.to, passed.brief) == (ANA.id, to.kind, to.name, "late again")
        assert passed.why == "no_authority"
        h.happens(gone(h, ANA))
        assert ANA.id not in live.offers, "who has passed it on has nothing to write up"


async def test_colleague_of_the_same_queue_is_rung_before_that_queue() -> None:
    async with house() as h:
        await answered(h)
        h.roster.statuses[BEN.id].agent = ANA
        await h.desk.transfer(ANA.id, h.call, Target("agent", "ben"), False, "", "")
        assert sent(h)[0][2] == "queue,orders,10,PJSIP/ana,15,300"


async def test_consulting_an_agent_and_a_queue() -> None:
    async with house() as h:
        live = await answered(h)
        await h.desk.transfer(ANA.id, h.call, Target("queue", "billing"), True, "late again", "")
        assert sent(h)[1:] == [
            (PHONE, "__IVR_CALLER", CHANNEL), (PHONE, "__IVR_TARGET", "billing"), (PHONE, "__IVR_TARGET_S", "30"),
            ("redirect", CHANNEL, "ivr-held,s", PHONE, "ivr-consult,queue"),
        ]  # fmt: skip
        assert ANA.id in live.ledger.legs.held
        # from a hold only the agent's phone moves
        await h.desk.transfer(ANA.id, h.call, Target("agent", "ben"), True, "", "")
        assert sent(h)[-1] == ("redirect", PHONE, "ivr-consult,agent")


async def test_consultation_is_taken_back_completed_or_opened_to_all() -> None:
    async with house() as h:
        await consulting(h)
        with pytest.raises(Refused, match="asking a colleague already"):
            await h.desk.transfer(ANA.id, h.call, Target("queue", "front"), False, "", "")
        with pytest.raises(Refused, match="no colleague on the line"):
            await h.desk.act(ANA.id, h.call, "conference")
        await h.desk.act(ANA.id, h.call, "resume")
        assert sent(h) == [("hang up", "PJSIP/ben-1")], "the dialplan brings agent and caller together"
        h.happens(ami.Answered(h.call, BEN.id, BEN.interface, "PJSIP/ben-1"))
        await h.desk.act(ANA.id, h.call, "conference")
        assert sent(h)[-2:] == [
            ("redirect", PHONE, "ivr-conference,agent", "PJSIP/ben-1", "ivr-conference,agent"),
            ("redirect", CHANNEL, "ivr-conference,caller"),
        ]
        await h.desk.act(ANA.id, h.call, "complete")
        assert sent(h)[-1] == ("hang up", PHONE)


OUTSIDE = "Local/+4930901820@ivr-outside"
LINE = f"{OUTSIDE}-0000002b;1"


async def test_number_outside_is_asked_like_a_colleague() -> None:
    async with house(outside=("+49",)) as h:
        live = await answered(h)
        await h.desk.transfer(ANA.id, h.call, Target("outside", "+4930901820"), True, "late again", "")
        assert sent(h)[0][2] == "outside,orders,10,+4930901820,15,300"
        assert sent(h)[2] == (PHONE, "__IVR_TARGET", "+4930901820")
        assert sent(h)[-1] == ("redirect", CHANNEL, "ivr-held,s", PHONE, "ivr-consult,outside")
        h.happens(ami.Ringing(h.call, "out", OUTSIDE, LINE, None, ANA.interface, PHONE))
        # what the dialplan then dials on that line is the same call, and nobody else
        h.happens(ami.Ringing(h.call, "gateway", "PJSIP/trunk", "PJSIP/trunk-00000001", None, OUTSIDE, LINE))
        view = live.ledger.legs.view(ANA.id)
        assert view and view.consulting == "+4930901820" and len(live.ledger.legs.outside) == 1
        with pytest.raises(Refused, match="asking a colleague already"):
            await h.desk.transfer(ANA.id, h.call, Target("queue", "front"), False, "", "")
        with pytest.raises(Refused, match="no colleague on the line"):
            await h.desk.act(ANA.id, h.call, "conference")
        h.happens(ami.Answered(h.call, "out", OUTSIDE, LINE))
        await h.desk.act(ANA.id, h.call, "conference")
        assert sent(h)[-2] == ("redirect", PHONE, "ivr-conference,agent", LINE, "ivr-conference,agent")
        assert live.ledger.legs.conference
        h.happens(ami.Gone(h.call, LINE, "out", 16))
        assert live.ledger.legs.conference is None and live.ledger.legs.asked_by(ANA.id) is None


@pytest.mark.parametrize("over", [ami.RingEnded, ami.Gone])
async def test_number_outside_that_does_not_answer_is_asked_no_more(over: type) -> None:
    async with house(outside=("+49",)) as h:
        live = await answered(h)
        await h.desk.transfer(ANA.id, h.call, Target("outside", "+4930901820"), True, "", "")
        h.happens(ami.Ringing(h.call, "out", OUTSIDE, LINE, None, ANA.interface, PHONE))
        await h.desk.act(ANA.id, h.call, "resume")
        assert sent(h)[-1] == ("hang up", LINE)
        for _ in range(2):
            h.happens(
                ami.Gone(h.call, LINE, "out", 16)
                if over is ami.Gone
                else ami.RingEnded(h.call, "out", OUTSIDE, "no_answer")
            )
        assert live.ledger.legs.asked_by(ANA.id) is None and h.kinds(live).count("outside_done") == 1
        h.happens(gone(h, ANA))
        assert live.ledger.legs.passed_by(live.ledger.legs.legs[ANA.id]) is None, "only asked"


async def test_number_outside_has_the_call_once_the_agent_has_left() -> None:
    async with house(outside=("+49",)) as h:
        live = await answered(h)
        await h.desk.transfer(ANA.id, h.call, Target("outside", "+4930901820"), True, "", "")
        h.happens(ami.Ringing(h.call, "out", OUTSIDE, LINE, None, ANA.interface, PHONE))
        h.happens(ami.Answered(h.call, "out", OUTSIDE, LINE), gone(h, ANA))
        passed = live.ledger.legs.passed_by(live.ledger.legs.legs[ANA.id])
        assert passed and (passed.kind, passed.to) == ("outside", "+4930901820")


async def test_nobody_to_complete_with() -> None:
    async with house() as h:
        await answered(h)
        with pytest.raises(Refused, match="no colleague on the line"):
            await h.desk.act(ANA.id, h.call, "complete")


async def test_hanging_up_takes_a_held_caller_along() -> None:
    async with house() as h:
        await answered(h)
        await h.desk.act(ANA.id, h.call, "hang_up")
        assert sent(h) == [("hang up", PHONE)]
        await h.desk.act(ANA.id, h.call, "hold")
        await h.desk.act(ANA.id, h.call, "hang_up")
        assert sent(h)[-2:] == [("hang up", CHANNEL), ("hang up", PHONE)]


async def test_picking_up_what_waits() -> None:
    async with house() as h:
        live = h.in_queue("billing")
        with pytest.raises(Refused, match="does not wait in one of your queues"):
            await h.desk.act(ANA.id, h.call, "pick_up")
        await h.desk.act(BEN.id, h.call, "pick_up")
        assert sent(h) == [
            (CHANNEL, "IVR_ROUTE", "queue,billing,10,PJSIP/ben,15,300"), ("redirect", CHANNEL, "ivr-in,onward"),
        ]  # fmt: skip
        assert live.ledger.legs.passed[0].way == "pick_up"


async def test_wrong_place_goes_to_where_it_is_solved() -> None:
    async with house() as h:
        live = await answered(h)
        with pytest.raises(Refused, match="no reason “fishing”"):
            await h.desk.wrong_place(ANA.id, h.call, "fishing", "")
        await h.desk.wrong_place(ANA.id, h.call, "invoice", "wants the bill")
        assert sent(h)[0] == (CHANNEL, "IVR_ROUTE", "queue,billing,10,,15,300")
        assert live.ledger.intent == "invoice" and live.ledger.confidence == 1.0


async def test_what_asterisk_refuses_did_not_happen() -> None:
    async with house(telephony=Telephony({"redirect": 1})) as h:
        live = await answered(h)
        with pytest.raises(Refused, match="No such channel"):
            await h.desk.wrong_place(ANA.id, h.call, "invoice", "wants the bill")
        assert live.ledger.legs.passed == [] and live.ledger.intent is None
        assert live.offers[ANA.id].state == "connected"


REFUSED = {
    "oneself": (Target("agent", "ana"), "That is you"),
    "nobody": (Target("agent", "zoe"), "There is no “zoe”"),
    "no queue": (Target("queue", "fishing"), "There is no “fishing”"),
    "an empty region": (Target("region", "Bremen"), "Nobody in Bremen is free"),
    "a country that is not allowed": (Target("outside", "+8613800138000"), "may not be sent to"),
    "no number": (Target("outside", "+49;rm"), "may not be sent to"),
    "two numbers": (Target("outside", "+49&+44"), "may not be sent to"),
}


@pytest.mark.parametrize(("to", "says"), REFUSED.values(), ids=REFUSED.keys())
async def test_refused_before_anything_moves(to: Target, says: str) -> None:
    async with house(outside=("+49",)) as h:
        await answered(h)
        with pytest.raises(Refused, match=says):
            await h.desk.transfer(ANA.id, h.call, to, False, "", "")
        assert sent(h) == []


async def test_outside_is_nowhere_unless_it_is_set() -> None:
    async with house() as h:
        await answered(h)
        with pytest.raises(Refused, match="may not be sent to"):
            await h.desk.transfer(ANA.id, h.call, Target("outside", "+4930901820"), False, "", "")


async def test_only_who_talks_may_move_a_call_and_only_while_the_caller_is_there() -> None:
    async with house() as h:
        await answered(h)
        for who in (BEN.id, AgentId("zoe")):
            with pytest.raises(Refused, match="not talking on that call"):
                await h.desk.act(who, h.call, "hold")
        h.hangs_up()
        with pytest.raises(Refused, match="caller has hung up"):
            await h.desk.act(ANA.id, h.call, "hold")
