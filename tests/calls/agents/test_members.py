"""Ours is where a desk made an agent a member: what else their phone stands in is the operator's, to read and to pause."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from ivr.calls.agents.members import MEMBERS, PAUSED, QueueMembers
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.ports import Refused
from ivr.wire.asterisk.ami import MemberGone, MemberState
from tests.calls.fakes import Telephony
from tests.core.little_house import agent

ANA, BEN = agent("ana", "orders", "returns"), agent("ben", "orders")


def house(telephony: Telephony | None = None) -> tuple[QueueMembers, Telephony]:
    telephony = telephony or Telephony()
    return QueueMembers(telephony, AgentRoster((ANA, BEN))), telephony  # type: ignore[arg-type]


def stands_in(members: QueueMembers, *queues: str, paused: bool = False, reason: str | None = None) -> None:
    for queue in queues:
        members.roster.update(MemberState(ANA.interface, queue, paused, reason, 1))


async def joined(telephony: Telephony | None = None) -> tuple[QueueMembers, Telephony]:
    members, telephony = house(telephony)
    await members.join_queues(ANA)
    stands_in(members, "orders", "returns", "their own support")
    telephony.asked.clear()
    return members, telephony


def test_member_of_the_operator_s_own_queue_is_not_signed_in() -> None:
    members, _ = house()
    stands_in(members, "their own support", "orders")
    assert members.roster.states()[ANA.id] == "offline"


async def test_who_was_a_member_before_their_desk_opened_is_there_at_once() -> None:
    members, _ = house()
    stands_in(members, "orders")
    await members.join_queues(ANA)
    assert members.roster.states()[ANA.id] == "available"
    members.roster.update(MemberGone(ANA.interface, "orders"))
    assert members.roster.states()[ANA.id] == "offline"


async def test_pause_in_the_operator_s_own_queue_is_none_of_ours() -> None:
    members, _ = await joined()
    stands_in(members, "their own support", paused=True, reason="theirs")
    assert members.roster.states()[ANA.id] == "available"


async def test_pauses_are_asked_for_in_our_queues_only_and_written_down_first() -> None:
    members, telephony = await joined()
    status = members.roster.statuses[ANA.id]
    await members.keep(status, "call")
    assert {one[0] for one in telephony.asked[:2]} == {"remember"}
    assert {one[1:] for one in telephony.asked[:2]} == {
        (PAUSED, "ana:orders", "orders,PJSIP/ana"), (PAUSED, "ana:returns", "returns,PJSIP/ana"),
    }  # fmt: skip
    assert [one[1] for one in telephony.asked[2:]] == ["orders", "returns"]
    telephony.asked.clear()
    await members.let_go(status)
    assert [one[:2] for one in telephony.asked[:2]] == [("pause", "orders"), ("pause", "returns")]
    assert {one[2] for one in telephony.asked[2:]} == {"ana:orders", "ana:returns"}
    assert not members.keeps(status)


async def test_own_pause_goes_to_our_queues_only() -> None:
    members, telephony = await joined()
    await members.pause(ANA, True, "lunch")
    assert [one[1] for one in telephony.asked] == ["orders", "returns"]


async def test_who_has_left_a_queue_is_not_un_paused_there_but_forgotten() -> None:
    members, telephony = await joined()
    status = members.roster.statuses[ANA.id]
    await members.keep(status, "wrap_up")
    members.roster.update(MemberGone(ANA.interface, "returns"))
    telephony.asked.clear()
    await members.let_go(status)
    assert [one[1] for one in telephony.asked if one[0] == "pause"] == ["orders"]
    assert {one[2] for one in telephony.asked if one[0] == "forget"} == {"ana:orders", "ana:returns"}


async def test_next_run_knows_whom_the_last_one_made_a_member() -> None:
    members, telephony = await joined()
    await members.join_queues(ANA)
    later = QueueMembers(telephony, AgentRoster((ANA, BEN)))  # type: ignore[arg-type]
    stands_in(later, "orders", "returns")
    assert await later.recall() == [ANA.id]
    assert later.roster.states() == {ANA.id: "available", BEN.id: "offline"}
    await later.leave_queues(ANA)
    assert later.roster.states()[ANA.id] == "offline"
    assert await telephony.recall(MEMBERS, ANA.id) is None


async def test_clean_stop_leaves_nobody_paused_for_us() -> None:
    members, telephony = await joined()
    await members.keep(members.roster.statuses[ANA.id], "wrap_up")
    telephony.asked.clear()
    await members.close()
    assert [one[1:] for one in telephony.asked if one[0] == "pause"] == [
        ("orders", "PJSIP/ana", "False", "None"), ("returns", "PJSIP/ana", "False", "None"),
    ]  # fmt: skip
    await members.close()


@pytest.mark.parametrize("at", ["remember", "pause"])
async def test_pause_that_is_under_way_at_a_clean_stop_is_none(at: str) -> None:
    """The call that ends with the server puts its agent into wrap-up: nobody would take that pause back."""

    class Slow(Telephony):
        under_way, go_on = asyncio.Event(), asyncio.Event()

        async def _wait(self, what: str) -> None:
            if what == at and not self.go_on.is_set():
                self.under_way.set()
                await self.go_on.wait()

        async def remember(self, family: str, key: str, value: str) -> None:
            await super().remember(family, key, value)
            await self._wait("remember")

        async def pause(self, queue: str, interface: str, paused: bool, reason: str | None) -> None:
            await super().pause(queue, interface, paused, reason)
            if paused:
                await self._wait("pause")

    members, telephony = house(Slow())
    stands_in(members, "orders", "returns")
    members.roster.ours(ANA.id, ("orders", "returns"))
    under_way = asyncio.ensure_future(members.keep(members.roster.statuses[ANA.id], "wrap_up"))
    await Slow.under_way.wait()
    await members.close()
    Slow.go_on.set()
    await under_way
    paused = {one[1]: one[3] for one in telephony.asked if one[0] == "pause"}
    assert "True" not in paused.values()
    assert {one[1] for one in telephony.asked if one[0] == "pause" and one[3] == "True"} <= {"orders"}
    assert [await telephony.recall(PAUSED, f"ana:{queue}") for queue in ("orders", "returns")] == [None, None]


async def test_stop_without_asterisk_says_who_stays_paused() -> None:
    class Away(Telephony):
        async def pause(self, queue: str, interface: str, paused: bool, reason: str | None) -> None:
            if not paused:
                raise Refused({"en": "Asterisk is away", "zh": "离线"})
            await super().pause(queue, interface, paused, reason)

    members, _ = await joined(Away())
    await members.keep(members.roster.statuses[ANA.id], "wrap_up")
    with capture_logs() as logs:
        await members.close()
    assert [(one["event"], one["agent"]) for one in logs] == [("agent stays paused", "ana")]
    with pytest.raises(Refused):
        await members.let_go(members.roster.statuses[ANA.id])


async def test_member_whom_somebody_else_has_made_stays_theirs() -> None:
    members, telephony = house()
    telephony.there = {"returns"}
    stands_in(members, "orders", "returns")
    await members.join_queues(ANA)
    assert members.roster.statuses[ANA.id].queues == {"orders"}
    assert await telephony.recall(MEMBERS, ANA.id) == "orders"
    telephony.there = {"orders", "returns"}  # their page is opened again
    await members.join_queues(ANA)
    assert members.roster.statuses[ANA.id].queues == {"orders"}, "what we made is ours still"


async def test_pause_of_somebody_else_in_one_queue_neither_hinders_ours_nor_ends_with_it() -> None:
    members, telephony = await joined()
    status = members.roster.statuses[ANA.id]
    stands_in(members, "returns", paused=True, reason="stock-taking")
    assert not members.own_pause(status)
    await members.keep(status, "call")
    assert [one[1] for one in telephony.asked if one[0] == "pause"] == ["orders"]
    stands_in(members, "orders", paused=True, reason="call")
    telephony.asked.clear()
    await members.let_go(status)
    assert [one[1] for one in telephony.asked if one[0] == "pause"] == ["orders"]
    stands_in(members, "orders", paused=True, reason="lunch")
    assert members.own_pause(status)


@pytest.mark.parametrize("first", ["orders", "returns"])
async def test_reason_that_is_shown_is_what_somebody_has_said_and_not_ours(first: str) -> None:
    members, _ = await joined()
    status = members.roster.statuses[ANA.id]
    for queue in (first, *({"orders", "returns"} - {first})):
        stands_in(members, queue, paused=True, reason="lunch" if queue == "returns" else "call")
    assert status.reason == "lunch"
    stands_in(members, "returns")
    assert status.reason == "call"
    stands_in(members, "orders", paused=True)
    assert status.paused and status.reason is None


async def test_who_is_in_all_of_their_queues_with_nothing_written_down_was_left_there_by_an_earlier_version() -> None:
    members, telephony = house()
    telephony.there = {"orders", "returns"}
    stands_in(members, "orders", "returns")
    await members.join_queues(ANA)
    assert members.roster.states()[ANA.id] == "available"
    assert await telephony.recall(MEMBERS, ANA.id) == "orders,returns"


async def test_phone_that_asterisk_does_not_know_is_said_once() -> None:
    members, _ = await joined()
    with capture_logs() as logs:
        for _ in range(2):
            members.roster.update(MemberState(ANA.interface, "orders", False, None, 4))
    assert [(one["event"][:34], one["phone"]) for one in logs] == [("phone that Asterisk does not know:", "PJSIP/ana")]
    assert members.roster.states()[ANA.id] == "offline"
