"""Builds what supervisors see and do: the floor, the calls that were, the report."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ivr.adapters.asterisk import AsteriskLink
from ivr.adapters.database import DatabaseCalls, Store
from ivr.calls.deskwork import Deskwork
from ivr.calls.floor import Floor
from ivr.calls.moves import Moves
from ivr.calls.oversight import Oversight
from ivr.calls.ports import Directory
from ivr.calls.supervision import Supervision
from ivr.calls.switchboard import Switchboard
from ivr.config import Config
from ivr.editions import Press
from ivr.reporting import reader


def supervision(
    config: Config,
    store: Store,
    switchboard: Switchboard,
    deskwork: Deskwork,
    link: AsteriskLink,
    moves: Moves,
    directory: Directory,
    press: Press,
) -> Supervision:
    """Everything behind ``/floor``; ``floor.run()`` is for the server to start."""
    past = DatabaseCalls(store, config.database.country)
    roster = switchboard.roster
    floor = Floor(
        switchboard, roster, lambda: press.current.flow, past, directory, ZoneInfo(config.dialogue.zone),
        config.routing.service_level_s, lambda: link.connected,
    )  # fmt: skip
    oversight = Oversight(switchboard.calls, roster, link, moves, deskwork.set_state)
    return Supervision(floor, oversight, past, reader(store, config, lambda: press.current.flow))
