"""Builds what supervisors see and do: the floor, the calls that were, the report."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from ivr.adapters.database import DatabaseCalls, Store
from ivr.calls.agents.call_control import CallControl
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.desk.desk import AgentDesk
from ivr.calls.floor.floor import Floor
from ivr.calls.floor.supervision import Supervision
from ivr.calls.floor.supervisor import SupervisorActions
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Directory, Telephony
from ivr.config.load import Config
from ivr.core.flow.flow import Flow
from ivr.server.pages.report import reader


def supervision(
    config: Config,
    store: Store,
    calls: LiveCalls,
    roster: AgentRoster,
    desk: AgentDesk,
    telephony: Telephony,
    call_control: CallControl,
    directory: Directory,
    flow: Callable[[], Flow],
    troubles: Callable[[], tuple[str, ...]],
) -> Supervision:
    """Everything behind ``/floor``; ``floor.run()`` is for the server to start."""
    past = DatabaseCalls(store, config.database.country)
    floor = Floor(
        calls, roster, flow, past, directory, ZoneInfo(config.dialogue.zone), config.routing.service_level_s,
        troubles,
    )  # fmt: skip
    supervisor = SupervisorActions(calls, roster, telephony, call_control, desk.set_state)
    return Supervision(floor, supervisor, past, reader(store, config, flow))
