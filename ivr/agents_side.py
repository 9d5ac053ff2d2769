"""Builds the agents' side of a call: desks, offers, who gets what."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine
from typing import Any
from zoneinfo import ZoneInfo

from ivr.adapters.assignment import solve
from ivr.adapters.asterisk import AsteriskLink
from ivr.adapters.database import DatabaseDesk, DatabaseSettlements, Store
from ivr.calls.agents import AgentRoster
from ivr.calls.desk import Desks
from ivr.calls.deskwork import Deskwork
from ivr.calls.dispatch import Dispatch
from ivr.calls.settling import Limits, Settling
from ivr.calls.switchboard import Switchboard
from ivr.calls.teacher import Teacher
from ivr.config import Config
from ivr.core.routing import Policy
from ivr.directories import pop_of
from ivr.editions import Press
from ivr.softphones import VENDOR, softphones


async def desks_of(
    config: Config,
    store: Store,
    desks: Desks,
    roster: AgentRoster,
    press: Press,
    spawn: Callable[[Coroutine[Any, Any, None]], object],
    zone: ZoneInfo,
    stack: contextlib.AsyncExitStack,
) -> tuple[Deskwork, tuple[str, ...]]:
    """What stands behind the agents' pages, and notes about what is missing there."""
    kept = DatabaseDesk(store)
    deskwork = Deskwork(
        desks, roster, lambda: press.current.flow, spawn, book=kept, openings=kept, zone=zone
    )  # fmt: skip
    stack.callback(deskwork.day.stop)
    deskwork.pop = pop_of(config)
    await deskwork.openings.load()
    deskwork.softphone, missing = softphones(config.softphone, VENDOR)
    return deskwork, missing


def add_offers(
    config: Config,
    store: Store,
    switchboard: Switchboard,
    roster: AgentRoster,
    deskwork: Deskwork,
    spawn: Callable[[Coroutine[Any, Any, None]], object],
    zone: ZoneInfo,
) -> None:
    """What agents may offer to settle a matter."""
    each = Limits(config.offers.per_call, config.offers.per_day, config.offers.per_customer)
    kept = DatabaseSettlements(store, each)
    settling = Settling(kept, lambda: list(roster.statuses), spawn, zone)
    settling.ready = switchboard.screen_pop.sync
    switchboard.listeners.append(settling.noted)
    deskwork.settling = settling


def dispatch_of(
    config: Config,
    switchboard: Switchboard,
    roster: AgentRoster,
    link: AsteriskLink,
    press: Press,
    policy: Policy,
    teacher: Teacher,
    spawn: Callable[[Coroutine[Any, Any, None]], object],
) -> Dispatch:
    """What agents get next."""
    dispatch = Dispatch(
        switchboard.calls, roster, link, lambda: press.current.flow, solve, spawn, policy,
        lambda: teacher.learnt, ring_s=config.routing.agent_ring_s, shadow=config.routing.mode == "shadow",
    )  # fmt: skip
    switchboard.listeners.append(dispatch.noted)
    return dispatch
