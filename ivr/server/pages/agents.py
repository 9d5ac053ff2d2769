"""Builds the agents' side of a call: desks, offers, who gets what."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from ivr.adapters.assignment import solve
from ivr.adapters.database import DatabaseDesk, DatabaseSettlements, Store
from ivr.calls.agents.call_control import CallControl, CallControlSettings
from ivr.calls.agents.dispatch import Dispatch
from ivr.calls.agents.learning import OutcomeLearner
from ivr.calls.agents.members import QueueMembers
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.agents.settling import Limits, Settling
from ivr.calls.desk.desk import AgentDesk
from ivr.calls.desk.own_openings import OwnOpenings
from ivr.calls.desk.windows import Desks
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Telephony
from ivr.config.load import Config
from ivr.core.flow.flow import Flow
from ivr.core.routing import Policy
from ivr.server.data.customers import pop_of
from ivr.server.process.tasks import Tasks
from ivr.server.telephony.softphones import VENDOR, softphones


def call_control_of(config: Config, calls: LiveCalls, roster: AgentRoster, telephony: Telephony) -> CallControl:
    """What agents do with a call."""
    settings = CallControlSettings(tuple(config.desk.outside), config.routing.agent_ring_s)
    return CallControl(calls, roster, telephony, settings)


def offers_of(config: Config, store: Store, calls: LiveCalls, roster: AgentRoster, tasks: Tasks) -> Settling:
    """What agents may offer to settle a matter."""
    each = Limits(config.offers.per_call, config.offers.per_day, config.offers.per_customer)
    kept, zone = DatabaseSettlements(store, each), ZoneInfo(config.dialogue.zone)
    return Settling(kept, lambda: list(roster.statuses), tasks.spawn, calls.look_again, zone, calls.now)


async def desk_of(
    config: Config,
    store: Store,
    desks: Desks,
    roster: AgentRoster,
    calls: LiveCalls,
    flow: Callable[[], Flow],
    members: QueueMembers,
    call_control: CallControl,
    offers: Settling,
    tasks: Tasks,
) -> tuple[AgentDesk, tuple[str, ...]]:
    """What stands behind the agents' pages, and notes about what is missing there."""
    kept = DatabaseDesk(store)
    openings = OwnOpenings(flow, kept)
    await openings.load()
    softphone, missing = softphones(config.softphone, VENDOR)
    desk = AgentDesk(
        desks, roster, calls, flow, members, call_control, tasks.spawn,
        offers=offers, openings=openings, book=kept, zone=ZoneInfo(config.dialogue.zone), softphone=softphone, pop=pop_of(config),
    )  # fmt: skip
    return desk, missing


def dispatch_of(
    config: Config,
    calls: LiveCalls,
    members: QueueMembers,
    flow: Callable[[], Flow],
    policy: Policy,
    learner: OutcomeLearner,
    tasks: Tasks,
) -> Dispatch:
    """What agents get next."""
    return Dispatch(
        calls, members.roster, members, members.telephony, flow, solve, tasks.spawn, policy,
        lambda: learner.learnt, ring_s=config.routing.agent_ring_s, shadow=config.routing.mode == "shadow",
    )  # fmt: skip
