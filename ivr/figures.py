"""The figures of one moment, gathered from all parts for whoever watches the house."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from ivr.calls.agents import AgentRoster
from ivr.calls.couriers import Couriers
from ivr.calls.floor_rows import PLACES, place_of
from ivr.calls.outside import DirectoryFigures
from ivr.calls.recorder import Recorder
from ivr.calls.recording import RecordingFigures
from ivr.calls.room import SpeechFigures
from ivr.calls.switchboard import Switchboard
from ivr.core.caller import AgentState
from ivr.web.metrics import Figures, Hook

STATES: tuple[AgentState, ...] = ("available", "ringing", "busy", "paused", "offline")


def figures(
    switchboard: Switchboard,
    roster: AgentRoster,
    recorder: Recorder,
    connected: bool,
    couriers: Couriers,
    directory: DirectoryFigures | None = None,
    recordings: RecordingFigures | None = None,
    speech: SpeechFigures | None = None,
) -> Figures:
    """How everything stands."""
    pop = switchboard.screen_pop
    calls = Counter(dict.fromkeys(PLACES, 0)) + Counter(place_of(live)[0] for live in switchboard.calls.values())
    agents = Counter(roster.states().values())
    return Figures(
        asterisk_connected=connected,
        calls={place: calls[place] for place in PLACES},
        agents={state: agents[state] for state in STATES},
        waiting={name: (q.waiting, q.longest_s, q.free) for name, q in switchboard.queue_states().items()},
        rings=pop.rings,
        cards_complete=pop.complete,
        cards_missing=dict(pop.missed_out),
        unwritten=recorder.waiting,
        lost=recorder.dropped,
        directory=directory,
        recordings=recordings,
        speech=speech,
        webhooks=_hooks(couriers),
    )


def _hooks(couriers: Couriers) -> dict[str, Hook]:
    """Every webhook by its id."""
    now, sent = datetime.now(UTC), couriers.sent
    return {
        name: Hook(
            sent.delivered[name], sent.failed[name], far.left_out, far.waiting,
            max(0.0, (now - far.oldest_at).total_seconds()) if far.oldest_at else 0.0,
        )
        for name, far in couriers.backlog.items()
    }  # fmt: skip
