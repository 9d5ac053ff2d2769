"""Who stands in Asterisk's queues because of us, and is paused there by us.

A phone may stand in queues of the operator's own, and there it is theirs: neither read nor paused. Ours is where an agent's desk
made them a member. What we made and what we paused is written down in Asterisk's own database, so that the next run knows it,
and the dialplan when there is no next run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import structlog

from ivr.calls.agents.roster import OURS, AgentRoster, AgentStatus
from ivr.calls.ports import Refused, Telephony
from ivr.core.caller import Agent, AgentId

log = structlog.get_logger(__name__)
MEMBERS = "ivr_member"
"""The family in Asterisk's database: agent → the queues in which we made them a member, parted by commas."""
PAUSED = "ivr_paused"
"""The family in Asterisk's database: agent:queue → "queue,interface", as UnpauseQueueMember takes them."""


@dataclass(slots=True)
class QueueMembers:
    """Joins, leaves and pauses, in our queues only. Everything here raises ``Refused`` when Asterisk does."""

    telephony: Telephony
    roster: AgentRoster
    _paused: dict[AgentId, set[str]] = field(default_factory=dict)
    """The queues in which an agent is paused for us; Asterisk's own news of it may come later."""
    _closed: bool = False

    # -- who is in which queue

    async def join_queues(self, agent: Agent) -> None:
        """Make the agent a member of each of their queues; where somebody else had done so before, that stays theirs."""
        before = await self._written(agent.id)
        await self.telephony.remember(MEMBERS, agent.id, ",".join(agent.queues))
        self.roster.ours(agent.id, agent.queues)  # before it is done: Asterisk's news of it comes at once
        added = await self.telephony.join_queues(agent)
        ours = [queue for queue in agent.queues if queue in added or queue in before]
        if not ours:
            return  # in all of them already, and nothing written down: 0.1.0 did so, or Asterisk's database was emptied
        if len(ours) < len(agent.queues):
            self.roster.ours(agent.id, ours)
            await self.telephony.remember(MEMBERS, agent.id, ",".join(ours))

    async def leave_queues(self, agent: Agent) -> None:
        """Take the agent out of the queues in which they are because of us."""
        status = self.roster.statuses.get(agent.id)
        ours = set(status.ours) if status else set()
        await self.telephony.leave_queues(replace(agent, queues=tuple(ours | await self._written(agent.id))))
        self.roster.ours(agent.id, ())
        await self.telephony.forget(MEMBERS, agent.id)

    async def recall(self) -> list[AgentId]:
        """After a start: whom an earlier run made a member; who they are."""
        agents = self.roster.agents()
        written = await asyncio.gather(*(self._written(agent.id) for agent in agents))
        back = [(agent.id, queues) for agent, queues in zip(agents, written, strict=True) if queues]
        for agent, queues in back:
            self.roster.ours(agent, queues)
        return [agent for agent, _ in back]

    async def _written(self, agent: AgentId) -> set[str]:
        """The queues in which we have made this agent a member, as it is written down."""
        return set((await self.telephony.recall(MEMBERS, agent) or "").split(",")) - {""}

    # -- who is paused

    async def pause(self, agent: Agent, paused: bool, reason: str | None) -> None:
        """The agent's own pause, or its end."""
        await self._pause(agent, self.roster.statuses[agent.id].queues or agent.queues, paused, reason)

    async def keep(self, status: AgentStatus, why: str) -> None:
        """Pause an agent for us."""
        agent, queues = status.agent, {name for name in status.queues if not _theirs(status, name)}
        # first what takes it back: a pause that nobody knows of would outlive this server
        for queue in queues:
            await self.telephony.remember(PAUSED, f"{agent.id}:{queue}", f"{queue},{agent.interface}")
        self._paused.setdefault(agent.id, set()).update(queues)
        for queue in sorted(queues):
            if self._closed:  # it ended while this was under way, and nobody would take the pause back
                return await self.let_go(status)
            await self.telephony.pause(queue, agent.interface, True, why)

    @staticmethod
    def own_pause(status: AgentStatus) -> bool:
        """Whether they are paused everywhere, and not by us."""
        return bool(status.queues) and all(_theirs(status, name) for name in status.queues)

    def keeps(self, status: AgentStatus) -> bool:
        """Whether we have paused an agent anywhere, now or in an earlier run; elsewhere they may have a pause of their own."""
        return status.kept or status.agent.id in self._paused

    async def let_go(self, status: AgentStatus) -> None:
        """End our pause of an agent."""
        agent = status.agent
        queues = self._paused.get(agent.id, set()) | status.queues
        await self._pause(agent, {name for name in queues & status.queues if not _theirs(status, name)}, False, None)
        for queue in queues:
            await self.telephony.forget(PAUSED, f"{agent.id}:{queue}")
        self.no_longer(agent.id)

    def no_longer(self, agent: AgentId) -> None:
        """Our pause is over: the agent has made it their own."""
        self._paused.pop(agent, None)

    async def _pause(self, agent: Agent, queues: Iterable[str], paused: bool, reason: str | None) -> None:
        for queue in sorted(queues):
            await self.telephony.pause(queue, agent.interface, paused, reason)

    async def close(self) -> None:
        """At a clean stop nobody stays paused for us, nor is paused any more."""
        self._closed = True
        for agent in list(self._paused):
            status = self.roster.statuses.get(agent)
            try:
                if status:
                    await self.let_go(status)
            except Refused as refused:
                # written down: the dialplan takes it back for the next caller, or the next run does
                log.warning("agent stays paused", agent=agent, problem=str(refused))


def _theirs(status: AgentStatus, queue: str) -> bool:
    """Whether somebody else has paused an agent there: it is not ours to make another pause of it, nor to end it."""
    member = status.members.get(queue)
    return member is not None and member.paused and member.reason not in OURS
