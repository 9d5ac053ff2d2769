"""What stands in each queue at this moment: how many wait, how long, and who could take the next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ivr.calls.agents import AgentRoster
from ivr.calls.live import LiveCall
from ivr.core.flow import QueueState


def queue_states(names: Iterable[str], calls: Iterable[LiveCall], roster: AgentRoster) -> dict[str, QueueState]:
    """The state of each named queue, in the order of the names."""
    now, calls = datetime.now(UTC), list(calls)
    states = list(roster.statuses.values())
    found = {}
    for name in names:
        waits = [(now - c.queued_at).total_seconds() for c in calls if c.queued_at and c.queue == name]
        free = sum(name in s.queues and s.state == "available" for s in states)
        found[name] = QueueState(len(waits), max(waits, default=0.0), free)
    return found
