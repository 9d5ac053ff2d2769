"""What stands in each queue at this moment: how many wait, how long, and who could take the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.live_calls import LiveCalls
from ivr.core.flow.flow import QueueState


def queue_states(names: Iterable[str], calls: LiveCalls, roster: AgentRoster) -> dict[str, QueueState]:
    """The state of each named queue, in the order of the names; one look at each call and agent, however many queues."""
    now = calls.now()
    waits: defaultdict[str, list[float]] = defaultdict(list)
    for call in calls.values():
        if call.queued_at and call.queue:
            waits[call.queue].append((now - call.queued_at).total_seconds())
    free = Counter(
        name for status in roster.statuses.values() if status.state in ("available", "paused") for name in status.taking
    )
    return {name: QueueState(len(waits[name]), max(waits[name], default=0.0), free[name]) for name in names}
