"""All calls together: Asterisk's events and lines come in, cards and routes go out. Telephony, lines, records pretended."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from ivr.calls.desk.desk import DESK_GRACE_S
from ivr.calls.desk.transfer_targets import QUEUES_PACE_S
from ivr.calls.live_calls import REMEMBERED
from ivr.calls.ports import Late, Refused, nobody_waits
from ivr.calls.switchboard import UNMATCHED_LINE_S
from ivr.core.caller import AgentId, Caller, CallId
from ivr.core.card import Card, Pop
from ivr.wire.asterisk import ami
from tests.calls.exchange import ANA, BEN, CHANNEL, GREETING, NUMBER, answered, cards, gone, house, rings, told
from tests.calls.fakes import (
    SENTENCE_S,
    Directory,
    FakeLine,
    Telephony,
)
from tests.core.little_house import FLOW, lin, phoned

# -- ring and line come together


@pytest.mark.parametrize("first", ["ring", "line"])
async def test_whichever_comes_second_starts_the_conversation(first: str) -> None:
    async with house() as h:
        if first == "ring":
            live, line = h.rings(), h.connects()
        else:
            line = h.connects()
            await asyncio.sleep(UNMATCHED_LINE_S - 0.1)
            live = h.rings()
        await h.until(lambda: line.said == ["welcome_back"])
        assert live.line is line and line.owner is live.session
        await asyncio.sleep(UNMATCHED_LINE_S * 2)
        assert not line.closed
        assert h.kinds(live)[:1] == ["rang"] and {"joined", "looked_up"} <= set(h.kinds(live))


async def test_line_of_an_unknown_call_is_let_go() -> None:
    async with house() as h:
        line = h.connects()
        with capture_logs() as logs:
            await asyncio.sleep(UNMATCHED_LINE_S + 0.1)
        assert line.closed
        assert [(entry["event"], entry["problem"]) for entry in logs] == [
            ("audiosocket refused", "no such call is known")
        ]
        assert h.board.calls == {}


async def test_line_that_is_lost_before_its_ring_is_forgotten() -> None:
    async with house() as h:
        line = h.connects()
        h.board.line_lost(h.call, line)
        live = h.rings()
        await asyncio.sleep(UNMATCHED_LINE_S * 2)
        assert live.line is None and not line.closed


async def test_caller_who_comes_to_a_queue_unheard_is_told_until_the_next_one_is_heard() -> None:
    async with house() as h:
        live = h.rings()
        assert h.board.unheard.problem(h.board.calls.now(), UTC) is None, "its sound may come yet"
        with capture_logs() as logs:
            h.happens(ami.QueueJoined(live.id, "ivr-fallback", 1))
        assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["caller not heard"]
        at = h.board.calls.now()
        told = h.board.unheard.problem(at, UTC)
        assert (
            told
            and told.startswith(f"1 caller came to a queue unheard, the last at {at:%H:%M}")
            and "IVR_ADDRESS" in told
        )
        assert h.board.unheard.problem(at + timedelta(minutes=11), UTC) is None, "nobody has called since"
        other = CallId(uuid4())
        h.rings(other, channel="Local/2")
        h.board.line_arrived(other, FakeLine())
        assert h.board.unheard.problem(at, UTC) is None


async def test_queues_of_calls_that_were_heard_or_are_ours_say_nothing_of_sound() -> None:
    async with house() as h:
        live = h.rings()
        h.connects()
        h.happens(ami.QueueJoined(live.id, "orders", 1))
        h.happens(ami.QueueJoined(live.id, "billing", 1))
        assert h.board.unheard.problem(h.board.calls.now(), UTC) is None


async def test_second_line_of_the_same_call_is_refused() -> None:
    async with house() as h:
        h.connects()
        assert h.board.line_arrived(h.call, FakeLine()) == "this UUID was used already"
        h.rings()
        assert h.board.line_arrived(h.call, FakeLine()) == "this UUID was used already"


async def test_uuid_of_a_call_that_is_over_is_refused() -> None:
    async with house() as h:
        h.rings()
        h.hangs_up()
        assert h.board.calls == {}
        assert h.board.line_arrived(h.call, FakeLine()) == "this UUID was used already"
        with capture_logs() as logs:
            h.happens(ami.Rang(h.call, CHANNEL, NUMBER, None, "4000"))
        assert [entry["event"] for entry in logs] == ["ring with a UUID that was used already"]
        assert h.board.calls == {}


async def test_second_ring_of_a_live_call_changes_nothing() -> None:
    async with house() as h:
        live = h.rings()
        h.happens(ami.Rang(h.call, "PJSIP/other-00000002", "+491", None, "1"))
        assert h.board.calls == {h.call: live} and live.channel == CHANNEL


async def test_memory_of_calls_that_are_over_is_bounded() -> None:
    async with house() as h:
        for number in range(REMEMBERED + 50):
            call = CallId(UUID(int=number))
            h.rings(call, ani=None)
            h.happens(ami.Gone(call, CHANNEL, "1.1", 16))
        assert h.board.line_arrived(CallId(UUID(int=REMEMBERED + 49)), FakeLine()) is not None
        assert h.board.line_arrived(CallId(UUID(int=0)), FakeLine()) is None
        await h.recorder.drain(1000)


# -- who calls

LOOKUPS = {
    "known": (Directory({NUMBER: lin()}), NUMBER, "welcome_back", "found"),
    "unknown": (Directory({}), NUMBER, "welcome", "unknown"),
    "withheld": (Directory({NUMBER: lin()}), None, "welcome", "unknown"),
    "in time": (Directory({NUMBER: lin()}, after_s=0.25), NUMBER, "welcome_back", "found"),
    "too late for the greeting": (Directory({NUMBER: lin()}, after_s=0.5), NUMBER, "welcome", "found"),
    "never": (Directory({NUMBER: lin()}, after_s=3600), NUMBER, "welcome", "failed"),
    "broken": (Directory({}, broken=RuntimeError("no table")), NUMBER, "welcome", "failed"),
    "away": (Directory({}, broken=ConnectionError("away")), NUMBER, "welcome", "failed"),
}


@pytest.mark.parametrize(("directory", "ani", "greeting", "lookup"), LOOKUPS.values(), ids=LOOKUPS.keys())
async def test_look_up(directory: Directory, ani: str | None, greeting: str, lookup: str) -> None:
    async with house(directory=directory) as h:
        live, line = h.rings(ani=ani), h.connects()
        await h.until(lambda: line.said)
        assert line.said == [greeting]
        await h.until(lambda: "looked_up" in h.kinds(live))
        caller = live.ledger.caller
        assert caller.lookup == lookup
        assert (caller.ani, caller.shown_name, caller.dnis) == (ani, "LIN MEI", "4000"), "Asterisk's own words stay"


async def test_greeting_does_not_wait_longer_than_the_look_up() -> None:
    async with house() as h:
        h.rings()
        line = h.connects()
        await h.until(lambda: line.said, within_s=0.1)


async def test_card_shows_who_calls_even_when_the_look_up_was_late() -> None:
    async with house(directory=Directory({NUMBER: lin()}, after_s=2)) as h:
        with h.desks.open(ANA.id) as window:
            h.in_queue()
            await asyncio.sleep(2.1)
            h.happens(rings(h, ANA, "orders"))
            (card,) = told(window, "card")
            assert card["card"]["who"]["name"] == "Lin Mei"


class Silent(Directory):
    """A CRM that has not answered in time, and then says no more than this."""

    def __init__(self, says: Literal["unknown", "failed"]) -> None:
        super().__init__({})
        self._says = says
        self.late: Late = nobody_waits

    async def find(self, ani: str, late: Late = nobody_waits) -> Caller | None:
        self.late = late
        return Caller(ani, None, "", lookup="pending")

    async def answers(self) -> None:
        await self.late(Caller(NUMBER, None, "", lookup=self._says))


@pytest.mark.parametrize("says", ["unknown", "failed"])
async def test_card_names_the_caller_as_missing_until_it_is_known_that_nobody_knows(
    says: Literal["unknown", "failed"],
) -> None:
    directory = Silent(says)
    async with house(directory=directory) as h:
        with h.desks.open(ANA.id) as window:
            live = h.in_queue()
            await h.until(lambda: "looked_up" in h.kinds(live))
            h.happens(rings(h, ANA, "orders"))
            (card,) = told(window, "card")
            assert "caller" in card["card"]["missing"] and card["card"]["who"]["lookup"] == "pending"
            await directory.answers()
            (card,) = told(window, "card")
            assert "caller" not in card["card"]["missing"] and card["card"]["who"]["lookup"] == says


async def test_card_says_where_the_customer_stands_elsewhere() -> None:
    def pop(card: Card, agent: AgentId) -> Pop:
        return Pop(f"https://crm.example.com/{card.caller.ani}/{agent}", True)

    async with house(pop=pop) as h:
        with h.desks.open(ANA.id) as window:
            h.in_queue()
            await asyncio.sleep(0.1)
            h.happens(rings(h, ANA, "orders"))
            (card,) = told(window, "card")
            assert card["card"]["pop"] == {"url": f"https://crm.example.com/{NUMBER}/ana", "at_once": True}


# -- the machine's part


async def test_call_is_routed_and_then_its_line_is_closed() -> None:
    async with house("late") as h:
        live, line = h.rings(), h.connects()
        await h.until(lambda: line.heard == GREETING)
        await line.caller_says()
        await h.until(lambda: line.closed)
        assert line.heard == [*GREETING, "through"]
        assert h.telephony.variable("IVR_ROUTE") == ["queue,orders,5,,15,300"]
        assert h.telephony.variable("TIMEOUT(absolute)") == ["300"]
        assert live.ledger.decision and live.ledger.decision.queue == "orders"
        kinds = h.kinds(live)
        assert kinds.index("decided") < kinds.index("handed_over")
        assert live.line is None and not live.guarded
        record, events = await h.written()
        assert (record["intent"], record["queue"], record["customer_id"], record["ended_at"]) == (
            "late",
            "orders",
            "C1",
            None,
        )
        assert events == kinds


async def test_agent_who_solved_it_last_time_is_rung_first() -> None:
    caller = lin(contacts=(replace(phoned(100, solved=True, agent="ana"), at=datetime.now(UTC)),))
    async with house("late", directory=Directory({NUMBER: caller})) as h:
        h.rings()
        line = h.connects()
        await h.until(lambda: line.heard == GREETING)
        await line.caller_says()
        await h.until(lambda: line.closed)
        assert h.telephony.variable("IVR_ROUTE") == ["queue,orders,5,PJSIP/ana,15,300"]


async def test_matter_that_is_settled_is_hung_up() -> None:
    async with house("hours") as h:
        live, line = h.rings(), h.connects()
        await h.until(lambda: line.heard == GREETING)
        await line.caller_says()
        await h.until(lambda: line.closed)
        assert h.telephony.variable("IVR_ROUTE") == ["hangup,,0,,0,0"]
        h.hangs_up()
        record, _ = await h.written()
        assert record["solved"] is True and live.closed


async def test_route_that_is_refused_is_noted_and_the_dialplan_s_fallback_takes_over() -> None:
    async with house("late", telephony=Telephony({"IVR_ROUTE": 1})) as h:
        live, line = h.rings(), h.connects()
        await h.until(lambda: line.heard == GREETING)
        await line.caller_says()
        with capture_logs() as logs:
            await h.until(lambda: line.closed)
        problems = [entry.facts["what"] for entry in live.ledger.entries if entry.kind == "problem"]
        assert problems == ["route not set: No such channel"]
        assert "route not set, caller goes to the fallback queue" in [entry["event"] for entry in logs]


async def test_phone_with_an_odd_name_is_not_rung_first_but_costs_no_caller_the_queue() -> None:
    odd = replace(ANA, interface="PJSIP/ana smith", skills={"delivery": 10}, region="Berlin")
    async with house("late", agents=(odd,)) as h:
        h.rings()
        line = h.connects()
        await h.until(lambda: line.heard == GREETING)
        await line.caller_says()
        await h.until(lambda: line.closed)
        assert h.telephony.variable("IVR_ROUTE") == ["queue,orders,5,,15,300"]


async def test_guard_is_lifted_as_soon_as_asterisk_lets_us() -> None:
    async with house(telephony=Telephony({"TIMEOUT(absolute)": 3})) as h:
        live = h.rings()
        h.connects()
        await h.until(lambda: not live.guarded)
        assert h.telephony.variable("TIMEOUT(absolute)") == ["300"]


async def test_guard_that_cannot_be_lifted_is_said() -> None:
    async with house(telephony=Telephony({"TIMEOUT(absolute)": 10_000})) as h:
        live = h.rings()
        h.connects()
        with capture_logs() as logs:
            await asyncio.sleep(10)
        assert live.guarded
        assert "the dialplan's guard could not be lifted" in [entry["event"] for entry in logs]


async def test_caller_who_hangs_up_on_the_machine() -> None:
    async with house() as h:
        live, line = h.rings(), h.connects()
        await h.until(lambda: line.talking)
        h.hangs_up()
        assert h.call in h.board.calls, "its line is still there"
        assert line.owner
        line.owner.on_line_gone()
        await h.until(lambda: h.call not in h.board.calls)
        assert h.telephony.variable("IVR_ROUTE") == []
        record, events = await h.written()
        assert record["ended_at"] is not None and events == h.kinds(live)
        assert events[-2:] == ["hung_up", "closed"]


async def test_keys_from_ami_reach_the_conversation() -> None:
    async with house() as h:
        live, line = h.rings(), h.connects()
        await h.until(lambda: line.talking)
        h.happens(ami.Pressed(h.call, "PJSIP/somebody-else-00000009", "5"), ami.Pressed(h.call, CHANNEL, "0"))
        await h.until(lambda: line.closed)
        assert [line.text for line in live.ledger.lines if line.by == "keys"] == ["0"]
        assert h.telephony.variable("IVR_ROUTE")[0].startswith("queue,front,")


async def test_conversation_that_breaks_leaves_the_caller_to_the_dialplan() -> None:
    nodes = {**FLOW.nodes}
    del nodes["reason"]
    async with house(flow=replace(FLOW, nodes=nodes)) as h:
        live = h.rings()
        with capture_logs():
            line = h.connects()
            await h.until(lambda: line.closed)
        assert h.telephony.variable("IVR_ROUTE") == []
        assert live.id in h.board.calls, "the call goes on in the fallback queue"


# -- the agents' part


async def test_card_comes_with_the_ring_and_goes_when_nobody_answers() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana, h.desks.open(BEN.id) as ben:
            live = h.in_queue()
            rang = datetime.now(UTC) - timedelta(milliseconds=3)
            h.happens(rings(h, ANA, "orders"), stamp=rang.timestamp())
            (card,) = told(ana, "card")
            assert card["card"]["state"] == "ringing" and card["card"]["queue"]["name"] == "orders"
            assert card["card"]["rang_at"] == rang.isoformat(timespec="milliseconds"), "by Asterisk's own clock"
            assert h.roster.states()[ANA.id] == "ringing"
            # the second of the two events that one ring makes
            h.happens(rings(h, ANA, None))
            assert cards(ana) == [] and cards(ben) == []
            h.happens(ami.RingEnded(h.call, ANA.id, ANA.interface, "no_answer"))
            assert cards(ana) == ["gone: no_answer"]
            assert h.roster.states()[ANA.id] == "available"
            h.happens(rings(h, BEN, "front"))
            assert cards(ben) == ["ringing"]
            assert [k for k in h.kinds(live) if k.startswith("agent")] == [
                "agent_ringing",
                "agent_missed",
                "agent_ringing",
            ]


async def test_answer_takes_the_card_from_everybody_else() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana, h.desks.open(BEN.id) as ben:
            live = h.in_queue()
            h.happens(rings(h, ANA, "orders"), rings(h, BEN, "orders"))
            h.happens(ami.Answered(h.call, BEN.id, BEN.interface), ami.Answered(h.call, BEN.id, BEN.interface))
            assert cards(ana) == ["ringing", "gone: elsewhere"]
            shown = cards(ben)
            assert (shown[0], shown[-1]) == ("ringing", "connected")
            assert live.answered_by == BEN.id and list(live.offers) == [BEN.id]
            # what comes late is no news
            h.happens(
                ami.RingEnded(h.call, ANA.id, ANA.interface, "no_answer"),
                ami.RingEnded(h.call, BEN.id, BEN.interface, "hung_up"),
            )
            assert cards(ana) == cards(ben) == []


async def test_answer_without_a_ring_that_we_saw_shows_the_card_then() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            h.in_queue()
            h.happens(ami.Answered(h.call, ANA.id, ANA.interface))
            assert cards(ana) == ["connected"]


async def test_caller_who_gives_up_takes_the_card_away_and_ends_the_call() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            h.in_queue()
            h.happens(rings(h, ANA, "orders"))
            h.hangs_up()
            assert cards(ana) == ["ringing", "gone: hung_up"]
            assert h.board.calls == {}
            record, events = await h.written()
            assert (record["agent_id"], record["outcome"], record["solved"]) == (None, None, None)
            assert events[-1] == "closed"


async def test_wrap_up_ends_with_the_agent_s_outcome() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            live = await answered(h)
            h.happens(gone(h, ANA))
            h.hangs_up()
            assert cards(ana) == ["ringing", "connected", "wrap_up"]
            assert not live.closed
            await h.desk.close_contact(ANA.id, h.call, "solved", "  new date agreed ")
            assert cards(ana) == ["gone: closed"]
            assert live.closed and h.board.calls == {}
            record, events = await h.written()
            assert (record["agent_id"], record["outcome"], record["solved"], record["note"]) == (
                "ana", "solved", True, "new date agreed",
            )  # fmt: skip
            assert record["summary"] == "new date agreed" and record["ended_at"]
            assert events[-3:] == ["outcome", "note", "closed"]
            assert (h.roster.statuses[ANA.id].figures.calls, h.roster.statuses[ANA.id].figures.solved) == (1, 1)


async def test_outcome_that_was_said_during_the_call_needs_no_wrap_up() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            live = await answered(h)
            await h.desk.close_contact(ANA.id, h.call, "follow_up", "")
            assert not live.closed and cards(ana) == ["ringing", "connected"]
            h.hangs_up()
            h.happens(gone(h, ANA))
            assert "gone: closed" in cards(ana)
            assert live.closed
            assert (await h.written())[0]["solved"] is False


async def test_wrap_up_ends_by_itself() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            live = await answered(h)
            h.hangs_up()
            h.happens(gone(h, ANA))
            assert cards(ana)[-1] == "wrap_up"
            await asyncio.sleep(119)
            assert not live.closed
            await asyncio.sleep(2)
            assert live.closed and cards(ana)[-1] == "gone: closed"
            assert (await h.written())[0]["outcome"] is None


async def test_end_of_the_agent_s_channel_ends_the_conversation() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            live = await answered(h)
            h.happens(gone(h, ANA))
            assert cards(ana)[-1] == "wrap_up" and not live.caller_gone


async def test_agent_cannot_close_what_is_not_theirs() -> None:
    async with house() as h:
        live = h.in_queue()
        h.happens(rings(h, ANA, "orders"))
        with pytest.raises(Refused, match="not at your desk"):
            await h.desk.close_contact(BEN.id, h.call, "solved", "")
        with pytest.raises(Refused, match="Answer the call"):
            await h.desk.close_contact(ANA.id, h.call, "solved", "")
        with pytest.raises(Refused, match="not at your desk"):
            await h.desk.close_contact(ANA.id, CallId(uuid4()), "solved", "")
        assert live.outcome is None


async def test_phone_that_is_nobody_s_is_ignored() -> None:
    async with house() as h:
        live = h.in_queue()
        h.happens(
            ami.Ringing(h.call, "9", "PJSIP/fax", "PJSIP/fax-00000001", None, "PJSIP/trunk"),
            ami.Answered(h.call, "9", "PJSIP/fax"), ami.Bridged(h.call, "b", "PJSIP/fax-00000001", "9", True),
            ami.HeldByPhone(h.call, "PJSIP/fax-00000001", True), ami.RingEnded(h.call, "9", "PJSIP/fax", "no_answer"),
            ami.Gone(h.call, "PJSIP/fax-00000001", "9", 16),
        )  # fmt: skip
        assert live.offers == {} and live.answered_by is None


async def test_events_of_unknown_calls_are_ignored() -> None:
    async with house() as h:
        h.happens(
            ami.Pressed(h.call, CHANNEL, "1"), ami.QueueJoined(h.call, "orders", 1),
            rings(h, ANA, "orders"),
            ami.Gone(h.call, CHANNEL, "1.1", 16),
        )  # fmt: skip
        assert h.board.calls == {}


async def test_time_from_ring_to_drawn_card_is_noted_once() -> None:
    async with house() as h:
        live = h.in_queue()
        h.happens(rings(h, ANA, "orders"))
        h.desk.seen(BEN.id, h.call)
        h.desk.seen(ANA.id, h.call)
        first = live.offers[ANA.id].seen_ms
        h.desk.seen(ANA.id, h.call)
        assert first is not None and 0 <= first < 5000 and live.seen_ms == {ANA.id: first}


# -- desks and queues


async def test_desk_that_opens_joins_the_queues_and_one_that_stays_closed_leaves() -> None:
    async with house() as h:
        with h.desks.open(ANA.id):
            await asyncio.sleep(0.1)
            joined = [("remember", "ivr_member", "ana", "orders,front"), ("join", "ana")]
            assert h.telephony.asked == joined
        await asyncio.sleep(DESK_GRACE_S - 1)
        assert h.telephony.asked == joined
        await asyncio.sleep(2)
        assert h.telephony.asked == [*joined, ("leave", "ana"), ("forget", "ivr_member", "ana")]


async def test_reload_of_a_page_is_no_absence() -> None:
    async with house() as h:
        with h.desks.open(ANA.id):
            pass
        await asyncio.sleep(DESK_GRACE_S - 5)
        with h.desks.open(ANA.id):
            await asyncio.sleep(DESK_GRACE_S * 2)
            assert ("leave", "ana") not in h.telephony.asked


async def test_everybody_sees_how_many_wait() -> None:
    async with house() as h:
        with h.desks.open(ANA.id) as ana:
            h.in_queue()
            await asyncio.sleep(QUEUES_PACE_S + 0.05)
            assert [q["waiting"] for q in told(ana, "queues")[-1]["queues"]] == [1, 0]
            h.happens(ami.MemberState(ANA.interface, "orders", True, "lunch", 1))
            assert [(m["state"], m["reason"]) for m in told(ana, "state")] == [("paused", "lunch")]
            h.happens(ami.QueueLeft(h.call, "orders"))
            await asyncio.sleep(QUEUES_PACE_S + 0.05)
            assert [q["waiting"] for q in told(ana, "queues")[-1]["queues"]] == [0, 0]


async def test_pause_goes_to_asterisk_and_only_with_a_known_reason() -> None:
    async with house() as h:
        await h.desk.set_state(ANA.id, "paused", "lunch")
        await h.desk.set_state(ANA.id, "available", None)
        assert h.telephony.asked == [
            ("pause", queue, "PJSIP/ana", paused, reason)
            for paused, reason in (("True", "lunch"), ("False", "None")) for queue in ("front", "orders")
        ]  # fmt: skip
        with pytest.raises(Refused, match="no reason for a pause"):
            await h.desk.set_state(ANA.id, "paused", "fishing\r\nAction: Originate")


async def test_who_becomes_available_with_a_phone_that_cannot_be_reached_is_told() -> None:
    async with house() as h:
        for queue in ANA.queues:
            h.happens(ami.MemberState(ANA.interface, queue, False, None, 5))
        assert h.roster.statuses[ANA.id].json()["state"] == "offline"
        assert h.roster.statuses[ANA.id].json()["reason"] == "phone"
        with pytest.raises(Refused, match="PJSIP/ana is not registered"):
            await h.desk.set_state(ANA.id, "available", None)
        assert h.telephony.asked, "she is unpaused all the same: calls come once her phone does"


async def test_snapshot_is_the_whole_present_state() -> None:
    async with house() as h:
        h.in_queue()
        h.happens(rings(h, ANA, "orders"))
        snapshot = json.loads(json.dumps(h.desk.snapshot(ANA.id)))
        assert snapshot["agent"]["id"] == "ana" and snapshot["state"]["state"] == "ringing"
        assert [card["call"] for card in snapshot["cards"]] == [str(h.call)]
        assert snapshot["asterisk"] == "connected" and snapshot["today"] == {
            "calls": 0,
            "solved": 0,
            "talk_s": 0,
            "transfers": 0,
        }
        assert [q["name"] for q in snapshot["queues"]] == ["orders", "front"]
        assert h.desk.snapshot(BEN.id)["cards"] == []


# -- after Asterisk was away


async def test_asterisk_that_is_away_is_said_and_costs_no_desk() -> None:
    async with house() as h:
        h.telephony.connected = False
        with h.desks.open(ANA.id) as ana, capture_logs() as logs:
            await asyncio.sleep(0.1)
            assert [entry["event"] for entry in logs] == ["agent not in the queues"]
            h.desk.asterisk("lost")
            assert told(ana, "asterisk") == [{"type": "asterisk", "state": "lost"}]
            assert h.desk.snapshot(ANA.id)["asterisk"] == "lost"


# -- the line in the log


async def test_every_call_leaves_one_line_without_anything_private() -> None:
    async with house("late") as h:
        with capture_logs() as logs:
            h.rings()
            line = h.connects()
            await h.until(lambda: line.heard == GREETING)
            await line.caller_says()
            await h.until(lambda: line.closed)
            h.happens(ami.QueueJoined(h.call, "orders", 1))
            h.hangs_up()
        (entry,) = [entry for entry in logs if entry["event"] == "call"]
        assert (entry["call"], entry["customer"], entry["intent"], entry["queue"]) == (
            str(h.call),
            "C1",
            "late",
            "orders",
        )
        assert entry["response_ms"] == [pytest.approx(200, abs=SENTENCE_S)]
        text = repr(logs)
        for private in (NUMBER, "Lin", "LIN MEI"):
            assert private not in text
