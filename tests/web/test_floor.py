"""The floor as supervisors' pages are told it, and what they may do there."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ivr.calls.floor.floor import Watcher
from ivr.calls.floor.supervisor import SupervisorActions
from ivr.calls.people.accounts import Account
from ivr.calls.ports import Refused, Target
from ivr.core.caller import AgentId, CallId
from ivr.wire.asterisk import ami
from tests.calls.exchange import CHANNEL, House, gone, rings, told
from tests.conftest import PATIENCE_S
from tests.web.floor_house import BEN, WEI, floor_house

SUE = Account("sue", "", role="supervisor", name="Sue Park")
BOSS = Account("ben", "", BEN, role="supervisor", name="Ben Okafor")


def supervisor(h: House) -> SupervisorActions:
    return SupervisorActions(h.board.calls, h.roster, h.telephony, h.call_control, h.desk.set_state)


async def told_of(watcher: Watcher, kind: str) -> list[dict[str, Any]]:
    """What comes of one kind of row; the floor tells a few times a second."""
    message: dict[str, Any] = {}
    async with asyncio.timeout(PATIENCE_S):
        while message.get("type") != "rows" or message.get("kind") != kind:
            text = await watcher.window.next()
            assert text
            message = json.loads(text)
    return list(message["changed"])


async def test_page_begins_with_everything_and_is_told_only_what_changes(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        h = f.calls
        await h.in_queue().looked_up.wait()
        with f.floor.open("sue") as (watcher, state):
            assert [(q["id"], q["waiting"], q["free"], q["here"]) for q in state["queues"]] == [
                ("orders", 1, 1, 1), ("billing", 0, 1, 1), ("front", 0, 2, 2),
            ]  # fmt: skip
            assert {(a["id"], a["state"]) for a in state["agents"]} == {("wei", "available"), ("ben", "available")}
            (call,) = state["calls"]
            assert (call["place"], call["who"]["name"], call["queue"]["name"]) == ("queue", "Lin Mei", "orders")
            h.happens(rings(h, WEI, "orders"))
            (call,) = await told_of(watcher, "calls")
            assert (call["place"], call["agents"]) == ("ringing", [{"id": "wei", "name": "Chen Wei"}])
            h.happens(ami.Answered(h.call, WEI.id, WEI.interface))
            (call,) = await told_of(watcher, "calls")
            assert call["place"] == "agent"
            # nothing has happened: nothing is told
            f.floor._tell()
            told(watcher.window)
            f.floor._tell()
            assert told(watcher.window) == []


async def test_open_call_is_told_as_it_goes_on_and_only_to_the_page_that_has_it_open(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        live = f.calls.rings()
        with f.floor.open("sue") as (watcher, _), f.floor.open("root") as (other, _):
            f.floor.watch(watcher, live.id)
            live.ledger.add(datetime.now(UTC), "heard", text="where is my order", language="en")
            f.floor._tell()
            stories = told(watcher.window, "story")
            assert stories[-1]["story"]["transcript"][-1]["text"] == "where is my order"
            assert stories[-1]["story"]["place"] == "machine"
            assert told(other.window, "story") == []
            f.floor.watch(watcher, None)
            live.ledger.add(datetime.now(UTC), "heard", text="hello?", language="en")
            f.floor._tell()
            assert told(watcher.window, "story") == []


async def test_nothing_is_worked_out_while_nobody_looks(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        with f.floor.open("sue"):
            assert f.floor.watchers == 1
        assert f.floor.watchers == 0
        before = f.floor._told
        f.calls.in_queue()
        await asyncio.sleep(0.6)  # two of its rounds
        assert f.floor._told is before


async def test_page_that_does_not_read_is_ended_and_costs_the_others_nothing(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        with f.floor.open("stuck") as (stuck, _), f.floor.open("sue") as (watcher, _):
            for number in range(80):
                f.calls.rings(CallId(uuid4()), channel=f"SIP/{number}")
                f.floor._tell()
                assert len(told(watcher.window)) == 1
            assert stuck.window.overflowed
            assert await stuck.window.next() is None


async def test_call_of_the_record_is_told_as_it_ended(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        h = f.calls
        live = h.in_queue()
        live.ledger.add(datetime.now(UTC), "heard", text="where is my order", language="en")
        h.happens(rings(h, WEI, "orders"), ami.Answered(h.call, WEI.id, WEI.interface), gone(h, WEI))
        h.calls.wrap_up(live, WEI.id, "solved", "sent again")
        h.hangs_up()
        await f.write_down()
        assert live.id not in h.board.calls
        story = await f.floor.story(live.id)
        assert story is not None
        assert (story["place"], story["outcome"]) == ("over", "solved")
        assert [line["text"] for line in story["transcript"]] == ["where is my order"]
        assert [note["text"] for note in story["notes"]] == ["sent again"]
        assert [(one["name"], one["answered"]) for one in story["journey"]] == [("Chen Wei", True)]
        assert await f.floor.story(CallId(uuid4())) is None


# -- acts


async def test_listening_rings_the_supervisor_and_is_put_onto_the_agent_s_side(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        h = f.calls
        h.in_queue()
        with pytest.raises(Refused, match="No agent"):
            await supervisor(h).listen(BOSS, h.call, "whisper")
        await supervisor(h).listen(BOSS, h.call, "listen")
        assert h.telephony.asked[-1] == ("originate", BEN.interface, "ivr-listen,listen", f"IVR_LISTENED={CHANNEL}")
        h.happens(rings(h, WEI, "orders"), ami.Answered(h.call, WEI.id, WEI.interface))
        await supervisor(h).listen(BOSS, h.call, "whisper")
        channel = f"{WEI.interface}-0000002a"
        assert h.telephony.asked[-1] == ("originate", BEN.interface, "ivr-listen,whisper", f"IVR_LISTENED={channel}")


async def test_listening_is_refused_without_a_phone_on_a_call_and_when_it_is_over(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        h = f.calls
        with pytest.raises(Refused, match="over"):
            await supervisor(h).listen(BOSS, h.call, "listen")
        h.in_queue("billing")
        with pytest.raises(Refused, match="no phone"):
            await supervisor(h).listen(SUE, h.call, "listen")
        h.happens(rings(h, BEN, "billing"), ami.Answered(h.call, BEN.id, BEN.interface))
        with pytest.raises(Refused, match="yourself"):
            await supervisor(h).listen(BOSS, h.call, "listen")
        assert not any(asked[0] == "originate" for asked in h.telephony.asked)


async def test_call_that_waits_is_moved_and_says_by_whom(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        h = f.calls
        live = h.in_queue()
        with pytest.raises(Refused, match="does not wait"):
            await supervisor(h).move(SUE, h.call, Target("queue", "billing"))  # the dialogue has not let it go
        live.ledger.add(datetime.now(UTC), "decided", **DECIDED)
        with pytest.raises(Refused, match="There is no"):
            await supervisor(h).move(SUE, h.call, Target("queue", "nowhere"))
        await supervisor(h).move(SUE, h.call, Target("agent", "ben"))
        assert h.telephony.asked[-1] == ("redirect", CHANNEL, "ivr-in,onward")
        assert BEN.interface in h.telephony.variable("IVR_ROUTE")[-1]
        h.happens(rings(h, BEN, None))
        story = await f.floor.story(h.call)
        assert story and story["brief"]["way"] == "moved" and story["brief"]["text"] == "Sue Park"
        h.happens(ami.Answered(h.call, BEN.id, BEN.interface))
        with pytest.raises(Refused, match="does not wait"):
            await supervisor(h).move(SUE, h.call, Target("queue", "billing"))


async def test_move_that_asterisk_refuses_leaves_no_trace_on_the_card(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        h = f.calls
        live = h.in_queue()
        live.ledger.add(datetime.now(UTC), "decided", **DECIDED)
        h.telephony._refuses["redirect"] = 1
        with pytest.raises(Refused, match="No such channel"):
            await supervisor(h).move(SUE, h.call, Target("queue", "billing"))
        assert live.ledger.legs.passed == []


async def test_agents_are_paused_and_taken_back(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        h = f.calls
        await supervisor(h).set_state(AgentId("ben"), "paused", "break")
        assert h.telephony.asked[-1] == ("pause", max(BEN.queues), BEN.interface, "True", "break")
        with pytest.raises(Refused, match="no reason for a pause"):
            await supervisor(h).set_state(AgentId("ben"), "paused", "whim")
        with pytest.raises(Refused, match="no agent"):
            await supervisor(h).set_state(AgentId("nobody"), "paused", "break")


DECIDED: dict[str, Any] = {
    "intent": "late", "asked_queue": None, "cause": "understood", "troubles": [], "queue": "orders", "priority": 0,
    "agent": None, "reasons": [], "runner_up": None, "runner_up_score": None, "candidates": [], "would_change": [],
}  # fmt: skip
