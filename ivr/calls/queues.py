"""What stands in each queue at this moment: how many wait, how long, and who could take the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from ivr.calls.agents import AgentRoster
from ivr.calls.live import LiveCall
from ivr.core.flow import QueueState


def queue_states(names: Iterable[str], calls: Iterable[LiveCall], roster: AgentRoster) -> dict[str, QueueState]:
    """The state of each named queue, in the order of the names; one look at each call and agent, however many queues."""
    now = datetime.now(UTC)
    waits: defaultdict[str, list[float]] = defaultdict(list)
    for call in calls:
        if call.queued_at and call.queue:
            waits[call.queue].append((now - call.queued_at).total_seconds())
    free = Counter(name for status in roster.statuses.values() if status.state == "available" for name in status.queues)
    return {name: QueueState(len(waits[name]), max(waits[name], default=0.0), free[name]) for name in names}
