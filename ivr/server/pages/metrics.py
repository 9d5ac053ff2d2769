"""The figures of one moment, gathered from all parts for whoever watches the house."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from ivr.calls.agents.queue_states import queue_states
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.caller.capacity import SpeechFigures
from ivr.calls.caller.recording import RecordingFigures
from ivr.calls.desk.screen_pop import ScreenPop
from ivr.calls.floor.rows import PLACES, place_of
from ivr.calls.integrations.customer_directory import DirectoryFigures
from ivr.calls.integrations.webhook_delivery import WebhookDelivery
from ivr.calls.live_calls import LiveCalls
from ivr.calls.recorder import Recorder
from ivr.core.caller import AgentState
from ivr.core.flow.flow import Flow
from ivr.web.metrics import Figures, Hook

STATES: tuple[AgentState, ...] = ("available", "ringing", "busy", "paused", "offline")


def figures(
    calls: LiveCalls,
    flow: Flow,
    roster: AgentRoster,
    pop: ScreenPop,
    recorder: Recorder,
    connected: bool,
    deliveries: WebhookDelivery,
    directory: DirectoryFigures | None = None,
    recordings: RecordingFigures | None = None,
    speech: SpeechFigures | None = None,
) -> Figures:
    """How everything stands."""
    at = Counter(place_of(live)[0] for live in calls.values())
    agents = Counter(roster.states().values())
    return Figures(
        asterisk_connected=connected,
        calls={place: at[place] for place in PLACES},
        agents={state: agents[state] for state in STATES},
        waiting={
            name: (q.waiting, q.longest_s, q.free) for name, q in queue_states(flow.queues, calls, roster).items()
        },
        rings=pop.rings,
        cards_complete=pop.complete,
        cards_missing=dict(pop.missed_out),
        records=recorder.backlog(),
        directory=directory,
        recordings=recordings,
        speech=speech,
        webhooks=_hooks(deliveries),
    )


def _hooks(deliveries: WebhookDelivery) -> dict[str, Hook]:
    """Every webhook by its id."""
    now, sent = datetime.now(UTC), deliveries.sent
    return {
        name: Hook(
            sent.delivered[name], sent.failed[name], far.left_out, far.waiting,
            max(0.0, (now - far.oldest_at).total_seconds()) if far.oldest_at else 0.0,
        )
        for name, far in deliveries.backlog.items()
    }  # fmt: skip
