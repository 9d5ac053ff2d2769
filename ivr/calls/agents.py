"""The agents as Asterisk sees them: members of queues, paused or not, free or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ivr.core.caller import Agent, AgentId, AgentState
from ivr.wire.ami import MemberGone, MemberState
from ivr.wire.card_json import stamp

_FREE, _RINGING = 1, 6
_UNREACHABLE = frozenset({4, 5})


@dataclass(slots=True)
class AgentStatus:
    """One agent at this moment."""

    agent: Agent
    queues: set[str] = field(default_factory=set)
    """The queues in which Asterisk has them."""
    paused: bool = False
    reason: str | None = None
    device: int = _FREE
    ringing: bool = False
    """Whether a call rings at their desk: some phones (Local channels) only say that they are in use."""
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    calls: int = 0
    solved: int = 0
    talk_s: float = 0.0
    transfers: int = 0

    @property
    def state(self) -> AgentState:
        """The state in one word."""
        if not self.queues or self.device in _UNREACHABLE:
            return "offline"
        if self.ringing or self.device == _RINGING:
            return "ringing"
        if self.device != _FREE:
            return "busy"
        return "paused" if self.paused else "available"

    def json(self) -> dict[str, Any]:
        """The state as desks get it."""
        return {"state": self.state, "reason": self.reason if self.paused else None, "since": stamp(self.since)}


class AgentRoster:
    """All agents, by id and by interface."""

    def __init__(self, agents: Iterable[Agent]) -> None:
        agents = list(agents)
        self.statuses = {agent.id: AgentStatus(agent) for agent in agents}
        self.names = {agent.id: agent.name for agent in agents}
        self._by_interface = {plain(agent.interface): agent.id for agent in agents}

    def by_interface(self, interface: str) -> Agent | None:
        """Whose phone this is."""
        agent = self._by_interface.get(plain(interface))
        return self.statuses[agent].agent if agent else None

    def known(self, agent: AgentId) -> Agent | None:
        """Who that is, if anybody."""
        status = self.statuses.get(agent)
        return status.agent if status else None

    def take(self, agent: Agent) -> None:
        """Take in a new agent, or what has changed of one; their state and figures stay."""
        before = self.known(agent.id)
        if before is None:
            self.statuses[agent.id] = AgentStatus(agent)
        else:
            self.statuses[agent.id].agent = agent
            if self._by_interface.get(plain(before.interface)) == agent.id:
                del self._by_interface[plain(before.interface)]
        self._by_interface[plain(agent.interface)] = agent.id

    def states(self) -> dict[AgentId, AgentState]:
        """Everybody's state."""
        return {agent: status.state for agent, status in self.statuses.items()}

    def agents(self) -> list[Agent]:
        """Everybody."""
        return [status.agent for status in self.statuses.values()]

    def update(self, event: MemberState | MemberGone) -> AgentStatus | None:
        """Take in what app_queue says of a member; the agent whose state has changed by it, if any."""
        agent = self.by_interface(event.interface)
        if agent is None:
            return None
        status = self.statuses[agent.id]
        before = (status.state, status.reason)
        if isinstance(event, MemberGone):
            status.queues.discard(event.queue)
        else:
            status.queues.add(event.queue)
            status.paused, status.reason, status.device = event.paused, event.reason, event.status
        if (status.state, status.reason) == before:
            return None
        status.since = datetime.now(UTC)
        return status

    def forget_members(self) -> None:
        """Nothing is known of the queues any more."""
        for status in self.statuses.values():
            status.queues.clear()


def plain(interface: str) -> str:
    """An interface without options: ``Local/1001@phones/n`` and the channels made of it are the same phone."""
    return interface.removesuffix("/n").lower()
