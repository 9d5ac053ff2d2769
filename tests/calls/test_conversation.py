"""The hand-over: decisions by the settings' weights, recorded with what would have changed them, and carried out or not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.clock import utc_now
from ivr.calls.conversation import CallTimes, Conversations
from ivr.calls.deciding import Decisions
from ivr.calls.live import LiveCall
from ivr.core.caller import CallId
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue.place import AsWritten
from ivr.core.routing import Learnt, Policy
from ivr.core.routing.learning import Estimate
from ivr.wire.asterisk import ami
from tests.calls.fakes import FakeLine, Recogniser, Telephony, current, parts, tasks
from tests.core.little_house import FLOW, agent, lin, phoned

ANA, BEN = agent("ana", "orders", delivery=9), agent("ben", "orders", delivery=9)
CALLER = lin(contacts=(replace(phoned(100, solved=True, agent="ana"), at=datetime.now(UTC)),))


async def handed_over(
    policy: Policy | None = None, learnt: Learnt | None = None, shadow: bool = False
) -> tuple[LiveCall, str]:
    """A caller who says "late": their call, and the route that Asterisk was given."""
    async with tasks() as nursery:
        telephony, roster = Telephony(), AgentRoster((ANA, BEN))
        for member in (ANA, BEN):
            roster.ours(member.id, member.queues)
            roster.update(ami.MemberState(member.interface, "orders", False, None, 1))
        decisions = Decisions(roster, telephony, utc_now, policy, lambda: learnt or {}, shadow=shadow)
        conversations = Conversations(
            CallTimes(), parts(Recogniser("late")), decisions, telephony, nursery.spawn, AsWritten()
        )  # fmt: skip
        live = LiveCall(
            CallId(uuid4()), "PJSIP/1", Ledger(CallId(uuid4()), CALLER, datetime.now(UTC), "en"), current(FLOW).edition
        )
        live.looked_up.set()  # what is known of the caller is in the ledger already
        line = FakeLine()
        talk = nursery.spawn(conversations.hold(live, line))
        while len(line.heard) < 2:  # noqa: ASYNC110  # a line that is made of plain facts tells nobody
            await asyncio.sleep(0.05)
        await line.caller_says()
        await talk
        return live, telephony.variable("IVR_ROUTE")[0]


@pytest.mark.parametrize(
    ("policy", "route"),
    [
        (Policy(), "queue,orders,5,PJSIP/ana,15,300"),
        (Policy(last_solver_weight=0), "queue,orders,5,,15,300"),
        (Policy(priority_gold=7), "queue,orders,7,PJSIP/ana,15,300"),
        (Policy(prefer_at=2), "queue,orders,5,,15,300"),
    ],
)
async def test_settings_decide(policy: Policy, route: str) -> None:
    assert (await handed_over(policy))[1] == route


async def test_what_has_been_learnt_decides_too() -> None:
    learnt = {(BEN.id, "late"): Estimate(60, 60, 0.4, 60)}
    assert (await handed_over(learnt=learnt))[1] == "queue,orders,5,PJSIP/ben,15,300"


async def test_decision_is_recorded_with_what_would_have_changed_it() -> None:
    live, _ = await handed_over()
    [facts] = [entry.facts for entry in live.ledger.entries if entry.kind == "decided"]
    assert [one[0] for one in facts["candidates"]] == ["ana", "ben"]
    assert [en for en, _ in facts["would_change"]] == [
        "without ‘asked about “Late delivery”’ (0.80) it would have gone to Front desk",
        "without ‘Ana solved it last time’ (0.40) the queue would have chosen",
    ]  # fmt: skip


async def test_in_the_shadow_decisions_are_recorded_and_the_queue_chooses() -> None:
    live, route = await handed_over(shadow=True)
    assert route == "queue,orders,0,,15,300"
    assert live.ledger.decision and (live.ledger.decision.agent, live.ledger.decision.priority) == ("ana", 5)
