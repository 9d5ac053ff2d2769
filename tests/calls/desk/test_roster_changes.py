"""People who come, go, and change their phones while the server runs."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from ivr.calls.agents.roster import AgentRoster, Figures
from ivr.calls.desk.roster_changes import RosterStaff
from ivr.calls.desk.windows import Desks
from ivr.calls.ports import Refused
from ivr.core.caller import Agent, AgentId
from ivr.wire.asterisk.ami import MemberState

ANA = Agent(AgentId("ana"), "Ana", "PJSIP/1", queues=("orders",))
BEN = Agent(AgentId("ben"), "Ben", "PJSIP/2", queues=("billing",))


class Queues:
    """Notes who joined and who left; refuses while Asterisk is away."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str, tuple[str, ...]]] = []
        self.away = False

    async def join_queues(self, agent: Agent) -> None:
        await self._note("join", agent)

    async def leave_queues(self, agent: Agent) -> None:
        await self._note("leave", agent)

    async def _note(self, what: str, agent: Agent) -> None:
        if self.away:
            raise Refused({"en": "Asterisk is away.", "zh": "…"})
        self.done.append((what, agent.interface, agent.queues))


@pytest.fixture
def queues() -> Queues:
    return Queues()


@pytest.fixture
def roster() -> AgentRoster:
    return AgentRoster([ANA])


def staff(roster: AgentRoster, queues: Queues, desks: Desks | None = None) -> RosterStaff:
    return RosterStaff(roster, desks or Desks(), queues)  # type: ignore[arg-type]


async def test_somebody_new_is_known_at_once(roster: AgentRoster, queues: Queues) -> None:
    await staff(roster, queues).take(BEN)
    assert roster.by_interface("PJSIP/2") == BEN and roster.statuses[BEN.id].state == "offline"
    assert queues.done == [], "their desk brings them into the queues"


async def test_what_is_known_already_changes_nothing(roster: AgentRoster, queues: Queues) -> None:
    status = roster.statuses[ANA.id]
    await staff(roster, queues).take(replace(ANA))
    assert roster.statuses[ANA.id] is status and queues.done == []


@pytest.mark.parametrize("present", [True, False])
async def test_new_phone_takes_the_place_of_the_old_one(roster: AgentRoster, queues: Queues, present: bool) -> None:
    desks = Desks()
    roster.update(MemberState("orders", "PJSIP/1", 1, False, None))
    roster.count_anew(ANA.id, Figures(calls=7))
    moved = replace(ANA, interface="PJSIP/9", queues=("orders", "returns"))
    with desks.open(ANA.id) if present else nullcontext():
        await staff(roster, queues, desks).take(moved)
    joined = [("join", "PJSIP/9", ("orders", "returns"))] if present else []
    assert queues.done == [("leave", "PJSIP/1", ("orders",)), *joined]
    assert roster.by_interface("PJSIP/1") is None and roster.by_interface("pjsip/9") == moved
    assert roster.statuses[ANA.id].figures.calls == 7, "the day's figures stay"


async def test_name_and_skills_change_without_leaving_a_queue(roster: AgentRoster, queues: Queues) -> None:
    await staff(roster, queues).take(replace(ANA, name="Anna", skills={"returns": 3}))
    assert queues.done == [] and roster.known(ANA.id) == replace(ANA, name="Anna", skills={"returns": 3})


async def test_phone_that_goes_to_somebody_else_is_theirs(roster: AgentRoster, queues: Queues) -> None:
    its = staff(roster, queues)
    await its.leave(ANA)
    ben = replace(BEN, interface="PJSIP/1")
    await its.take(ben)
    assert roster.by_interface("PJSIP/1") == ben
    await its.take(replace(ANA, interface="PJSIP/3"))
    assert roster.by_interface("PJSIP/1") == ben and roster.by_interface("PJSIP/3") is not None


async def test_who_leaves_is_taken_out_of_the_queues_that_asterisk_knows_of(
    roster: AgentRoster, queues: Queues
) -> None:
    await staff(roster, queues).leave(replace(ANA, queues=("something newer",)))
    assert queues.done == [("leave", "PJSIP/1", ("orders",))]


async def test_decision_holds_while_asterisk_is_away(roster: AgentRoster, queues: Queues) -> None:
    queues.away = True
    await staff(roster, queues).take(replace(ANA, interface="PJSIP/9"))
    assert roster.by_interface("PJSIP/9") is not None
