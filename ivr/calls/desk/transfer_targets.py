"""Where a call can be sent: colleagues, queues, regions, and whether outside; who of them could take it now.

An agent sees names and states of colleagues, nothing of their calls. News of it goes only to desks that have a call, and not more
than twice a second however much happens. How many wait in one's own queues is told to every desk, four times a second at most:
every ring and every answer changes that for all who share a queue, and no card waits until hundreds of desks have heard of it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ivr.calls.agents.queue_states import queue_states
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.desk.windows import Desks
from ivr.calls.live_calls import LiveCalls
from ivr.core.caller import AgentId
from ivr.core.flow.flow import Flow, QueueState
from ivr.core.texts import same
from ivr.wire.card_json import dumps

PACE_S = 0.5
QUEUES_PACE_S = 0.25


class TransferTargets:
    """Tells desks where calls can go."""

    def __init__(
        self, desks: Desks, roster: AgentRoster, flow: Callable[[], Flow], calls: LiveCalls, outside: bool = False
    ) -> None:
        """``outside``: calls may be sent out of the house."""
        self._desks = desks
        self._roster = roster
        self._flow = flow
        self._calls = calls
        self._told: dict[AgentId, str] = {}
        self._later: asyncio.TimerHandle | None = None
        self._queues_told: dict[AgentId, str] = {}
        self._queues_later: asyncio.TimerHandle | None = None
        self._outside = outside

    def changed(self) -> None:
        """Somebody's state, or a queue, is not what it was."""
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(PACE_S, self._tell)

    def queues_changed(self) -> None:
        """Who waits, or who could take the next, is not what it was."""
        if self._queues_later is None:
            self._queues_later = asyncio.get_running_loop().call_later(QUEUES_PACE_S, self._tell_queues)
        self.changed()

    def begins(self, agent: AgentId) -> None:
        """A page of theirs begins with the whole state of this moment: what was told before is no measure any more."""
        self._told.pop(agent, None)
        self._queues_told.pop(agent, None)

    def _tell_queues(self) -> None:
        """Work it out once, put it into words once for all who have the same queues, and tell whom it is news for."""
        self._queues_later = None
        present, statuses = self._desks.present(), self._roster.statuses
        groups: defaultdict[tuple[str, ...], list[AgentId]] = defaultdict(list)
        for agent in present:
            groups[statuses[agent].agent.queues].append(agent)
        states = queue_states({name for names in groups for name in names}, self._calls, self._roster)
        before, self._queues_told = self._queues_told, {}
        for names, agents in groups.items():
            text = dumps({"type": "queues", "queues": self._shown(names, states)})
            # a wait counts on in the page: the same words later are another wait
            counts = any(states[name].waiting for name in names)
            for agent in agents:
                self._queues_told[agent] = text
                if counts or before.get(agent) != text:
                    self._desks.tell(agent, text)

    def _tell(self) -> None:
        self._later = None
        busy = {agent for live in self._calls.values() for agent in live.offers}
        text = dumps({"type": "places", "places": self.json()}) if busy else ""
        self._told = {agent: told for agent, told in self._told.items() if agent in busy}
        for agent in busy & self._desks.present():
            if self._told.get(agent) != text:
                self._told[agent] = text
                self._desks.tell(agent, text)

    def json(self) -> dict[str, Any]:
        """All places, in the order in which people look for them."""
        states = list(self._roster.statuses.values())
        flow = self._flow()
        queues = queue_states(flow.queues, self._calls, self._roster)
        people = sorted(states, key=lambda status: status.agent.name.casefold())
        return {
            "agents": [
                {
                    "id": one.agent.id, "name": one.agent.name, "state": one.state, "queues": list(one.agent.queues),
                    "region": one.agent.region, "languages": list(one.agent.languages),
                }
                for one in people
            ],
            "queues": [
                {"name": name, "title": queue.title, "waiting": queues[name].waiting, "free": queues[name].free}
                for name, queue in flow.queues.items()
            ],
            "regions": [
                {
                    "name": region,
                    "free": sum(one.agent.region == region and one.state == "available" for one in states),
                }
                for region in sorted({one.agent.region for one in states if one.agent.region})
            ],
            "outside": self._outside,
        }  # fmt: skip

    def intents(self) -> list[dict[str, Any]]:
        """What a call can be about, for one that came to the wrong place, and which queue settles that."""
        flow = self._flow()
        return [
            {"name": name, "title": intent.title, "queue": flow.queues[flow.queue_of(name)].title}
            for name, intent in flow.intents.items()
        ]

    def queues_of(self, agent: AgentId) -> list[dict[str, Any]]:
        """The agent's own queues, as the top of their page shows them."""
        names = self._roster.statuses[agent].agent.queues
        return self._shown(names, queue_states(names, self._calls, self._roster))

    def _shown(self, names: Iterable[str], states: Mapping[str, QueueState]) -> list[dict[str, Any]]:
        flow, shown = self._flow(), []
        for name in names:
            title = flow.queues[name].title if name in flow.queues else same(name)
            state = states[name]
            shown.append({
                "name": name, "title": title, "waiting": state.waiting, "longest_wait_s": int(state.longest_s),
                "agents_available": state.free,
            })  # fmt: skip
        return shown
