"""On somebody's Asterisk: the same phones stand in queues of their own, and nothing of ours touches them there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.lab.asterisk.private import PrivateAsterisk
from tests.conftest import PATIENCE_S, RealParts
from tests.e2e.conftest import House, a_house, until, wait_for

THEIRS, OURS = "their-support", ("orders", "returns")
PHONE = "Local/1001@ivr-lab-phones/n"
"""Ana's."""


def member(lab: Lab, queue: str) -> tuple[str, str]:
    """Whether Ana's phone is paused in a queue, and why; by the witness. ("", ""): not a member."""
    listed = lab.listing("QueueStatus", "QueueMember", within_s=PATIENCE_S, Queue=queue, Member=PHONE)
    found = [one for one in listed if one["Queue"] == queue]
    return (found[-1]["Paused"], found[-1].get("PausedReason", "")) if found else ("", "")


@pytest.fixture
def theirs(lab: Lab) -> Iterator[None]:
    """Ana's phone is a member of somebody else's queue, and paused there for their own reason."""
    lab.act("QueueAdd", Queue=THEIRS, Interface=PHONE, Paused="true", Reason="theirs")
    lab.act("QueuePause", Queue=THEIRS, Interface=PHONE, Paused="true", Reason="theirs")
    yield
    lab.act("QueueRemove", Queue=THEIRS, Interface=PHONE)


async def test_member_of_their_queue_is_not_signed_in_and_whoever_put_her_into_ours_did_not_either(
    house: House, theirs: None
) -> None:
    house.lab.act("QueueAdd", Queue="orders", Interface=PHONE)
    house.say("key:1")
    await house.happened("queued")
    assert house.server.roster.states()["ana"] == "offline"
    async with house.desk("ana"):
        assert house.server.roster.states()["ana"] == "available", "from the moment that her desk opens"


async def test_what_is_not_written_down_in_asterisk_is_forgotten_without_a_complaint(house: House) -> None:
    await house.server.link.remember("ivr_paused", "ana:gone", "1")
    for _ in range(2):
        await house.server.link.forget("ivr_paused", "ana:gone")
    assert await house.server.link.recall("ivr_paused", "ana:gone") is None


async def test_pauses_and_their_end_stay_in_our_queues(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts, theirs: None
) -> None:
    lab.phone("1001", "1", "2")
    async with a_house(asterisk, lab, tmp_path, real_parts) as house, house.desk("ana"):
        house.say("key:1")
        await house.happened("agent_done", 60)
        status = house.server.roster.statuses["ana"]  # type: ignore[index]
        await until(lambda: status.reason == "wrap_up", 5, "she is not kept free for her wrap-up")
        ours = sorted(status.queues)
        assert ours and THEIRS not in ours
        for queue in ours:
            await until(lambda queue=queue: member(lab, queue) == ("1", "wrap_up"), 5, f"not paused in {queue}")  # type: ignore[misc]
            assert lab.act("DBGet", Family="ivr_paused", Key=f"ana:{queue}")
        assert member(lab, THEIRS) == ("1", "theirs")
    # a clean stop: the server has not forgotten her in the pause, and their pause is theirs
    assert [member(lab, queue)[0] for queue in ours] == ["0"] * len(ours)
    assert member(lab, THEIRS) == ("1", "theirs")
    for queue in ours:
        with pytest.raises(NotDone, match=r"(?i)not found"):
            lab.act("DBGet", Family="ivr_paused", Key=f"ana:{queue}")


def test_dialplan_takes_back_our_pause_and_not_theirs(lab: Lab, theirs: None) -> None:
    """The server is not running: the first caller whom nobody answers frees the agent, in our queue."""
    lab.act("QueueAdd", Queue="orders", Interface=PHONE)
    lab.act("QueuePause", Queue="orders", Interface=PHONE, Paused="true", Reason="wrap_up")
    lab.act("DBPut", Family="ivr_paused", Key="ana:orders", Val=f"orders,{PHONE}")
    lab.call("4000", "+491", "Somebody", ["wait:2"])
    wait_for(lambda: member(lab, "orders") == ("0", ""), 20, "she stays paused")
    assert member(lab, THEIRS) == ("1", "theirs")
