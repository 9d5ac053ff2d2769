"""Keeps the roster and Asterisk's queues in step with what is decided about people, while the server runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from ivr.calls.agents.members import QueueMembers
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.desk.windows import Desks
from ivr.calls.ports import Refused
from ivr.core.caller import Agent

log = structlog.get_logger(__name__)


EVERY_S = 10.0
"""How often it is looked who works here: `ivr person` writes into the database beside us."""


class RosterStaff:
    """Implements ``ivr.calls.people.accounts.Staff``."""

    def __init__(self, roster: AgentRoster, desks: Desks, members: QueueMembers) -> None:
        self._roster = roster
        self._desks = desks
        self._members = members

    async def run(self, agents: Callable[[], Awaitable[Sequence[Agent]]]) -> None:
        """Look again and again who works here and what they are called; nobody has to restart the server for it."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                for agent in await agents():
                    await self.take(agent)
            except OSError as error:
                log.warning("agents not read", problem=str(error))

    async def take(self, agent: Agent) -> None:
        """Know them as this from now on; who is at their desk changes queues at once."""
        before = self._roster.known(agent.id)
        if before == agent:
            return
        moved = before is not None and (before.interface, before.queues) != (agent.interface, agent.queues)
        if before is not None and moved:
            await self.leave(before)
        self._roster.take(agent)
        if moved and agent.id in self._desks.present():
            await self._ask("join", agent)

    async def leave(self, agent: Agent) -> None:
        """Take them out of the queues they are known to be in."""
        await self._ask("leave", self._roster.known(agent.id) or agent)

    async def _ask(self, what: str, agent: Agent) -> None:
        try:
            await (self._members.join_queues(agent) if what == "join" else self._members.leave_queues(agent))
        except Refused as refused:
            # What was decided holds all the same; Asterisk learns of it when the agent next comes or goes.
            log.warning("queues not changed", what=what, agent=agent.id, problem=str(refused))
