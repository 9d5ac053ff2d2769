"""Where a call can be sent: colleagues, queues, regions, and whether outside; who of them could take it now.

An agent sees names and states of colleagues, nothing of their calls. News of it goes only to desks that have a call, and not more
than twice a second however much happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ivr.calls.agents import AgentRoster
from ivr.calls.desk import Desks
from ivr.calls.live import LiveCall
from ivr.calls.queues import queue_states
from ivr.core.caller import AgentId
from ivr.core.flow import Flow
from ivr.wire.card_json import dumps

PACE_S = 0.5


class Calls(Protocol):
    """The calls that there are."""

    def __call__(self) -> Iterable[LiveCall]:
        """All live calls."""


class Places:
    """Tells desks where calls can go."""

    def __init__(self, desks: Desks, roster: AgentRoster, flow: Callable[[], Flow], calls: Calls) -> None:
        self._desks = desks
        self._roster = roster
        self._flow = flow
        self._calls = calls
        self._told: dict[AgentId, str] = {}
        self._later: asyncio.TimerHandle | None = None
        self.outside = False
        """Whether calls may be sent out of the house at all."""

    def changed(self) -> None:
        """Somebody's state, or a queue, is not what it was."""
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(PACE_S, self._tell)

    def _tell(self) -> None:
        self._later = None
        calls = list(self._calls())
        busy = {agent for live in calls for agent in live.offers}
        text = dumps({"type": "places", "places": self.json(calls)}) if busy else ""
        self._told = {agent: told for agent, told in self._told.items() if agent in busy}
        for agent in busy & self._desks.present():
            if self._told.get(agent) != text:
                self._told[agent] = text
                self._desks.tell(agent, text)

    def json(self, calls: Iterable[LiveCall]) -> dict[str, Any]:
        """All places, in the order in which people look for them."""
        states = list(self._roster.statuses.values())
        flow = self._flow()
        queues = queue_states(flow.queues, calls, self._roster)
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
            "outside": self.outside,
        }  # fmt: skip

    def intents(self) -> list[dict[str, Any]]:
        """What a call can be about, for one that came to the wrong place, and which queue settles that."""
        flow = self._flow()
        return [
            {"name": name, "title": intent.title, "queue": flow.queues[intent.queue or flow.fallback_queue].title}
            for name, intent in flow.intents.items()
        ]

    def queues_of(self, agent: AgentId, calls: Iterable[LiveCall]) -> list[dict[str, Any]]:
        """The agent's own queues, as the top of their page shows them."""
        flow, shown = self._flow(), []
        states = queue_states(self._roster.statuses[agent].agent.queues, calls, self._roster)
        for name, state in states.items():
            title = flow.queues[name].title if name in flow.queues else {"en": name, "zh": name}
            shown.append({
                "name": name, "title": title, "waiting": state.waiting, "longest_wait_s": int(state.longest_s),
                "agents_available": state.free,
            })  # fmt: skip
        return shown
