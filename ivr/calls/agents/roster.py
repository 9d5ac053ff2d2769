"""The agents as Asterisk sees them: members of queues, paused or not, free or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import structlog

from ivr.calls.clock import Clock, utc_now
from ivr.calls.live import LiveCall
from ivr.core.caller import Agent, AgentId, AgentState, CallId
from ivr.core.contact.entries import Entry, EventKind
from ivr.core.routing import Presence
from ivr.wire.asterisk.ami import MemberGone, MemberState
from ivr.wire.asterisk.interfaces import plain
from ivr.wire.card_json import stamp

log = structlog.get_logger(__name__)
_FREE, _RINGING = 1, 6
INVALID = 4
_UNREACHABLE = frozenset({INVALID, 5})
Keeps = Literal["call", "wrap_up"]
OURS: tuple[Keeps, ...] = ("call", "wrap_up")
"""Reasons of pauses that are ours; every other is the agent's own, or the operator's."""
RINGS: frozenset[EventKind] = frozenset({
    "agent_ringing", "agent_missed", "agent_answered", "agent_done", "hung_up", "closed",
})  # fmt: skip
"""What can change whose phone rings."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What an agent's day has come to so far."""

    calls: int = 0
    solved: int = 0
    talk_s: float = 0.0
    transfers: int = 0


@dataclass(slots=True)
class AgentStatus:
    """One agent at this moment."""

    agent: Agent
    ours: frozenset[str] = frozenset()
    """The queues in which their desk has made them a member."""
    members: dict[str, MemberState] = field(default_factory=dict)
    """What app_queue says of them, by the queues that they may be in because of us."""
    device: int = _FREE
    ringing: bool = False
    """Whether a call rings at their desk: some phones (Local channels) only say that they are in use."""
    since: datetime = field(default_factory=utc_now)
    figures: Figures = Figures()

    @property
    def queues(self) -> set[str]:
        """The queues in which Asterisk has them because of us; what else their phone is a member of is the operator's."""
        return {name for name in self.members if name in self.ours}

    @property
    def paused(self) -> bool:
        """Whether app_queue leaves them alone in one of those."""
        return bool(self._pauses)

    @property
    def reason(self) -> str | None:
        """Why, if they are: before our own reasons what people have said, as it lasts longer."""
        reasons = [one.reason for one in self._pauses.values()]
        return min(reasons, key=lambda reason: (reason in OURS, reason or ""), default=None)

    @property
    def kept(self) -> bool:
        """Whether it is us who have paused them somewhere."""
        return any(one.reason in OURS for one in self._pauses.values())

    @property
    def _pauses(self) -> dict[str, MemberState]:
        return {name: one for name, one in self.members.items() if one.paused and name in self.ours}

    @property
    def taking(self) -> set[str]:
        """The queues of which they take calls: a pause in one of them is one in that queue."""
        return self.queues - set(self._pauses)

    def presence(self, freed: bool = False) -> Presence:
        """The agent as routing sees them; ``freed``: they are free, and our own pauses of them are as good as over."""
        pauses = {name for name, one in self._pauses.items() if not (freed and one.reason in OURS)}
        if not pauses or pauses >= self.queues:
            return Presence(self.agent, self.since, "available" if freed else self.state)
        left = replace(self.agent, queues=tuple(name for name in self.agent.queues if name not in pauses))
        return Presence(left, self.since, "available" if freed or self.state == "paused" else self.state)

    @property
    def unreachable(self) -> bool:
        """Whether they sit in their queues, and Asterisk cannot ring their phone: it is not registered, or unknown."""
        return bool(self.queues) and self.device in _UNREACHABLE

    @property
    def state(self) -> AgentState:
        """The state in one word."""
        if not self.queues or self.unreachable:
            return "offline"
        if self.ringing or self.device == _RINGING:
            return "ringing"
        if self.device != _FREE:
            return "busy"
        return "paused" if self.paused else "available"

    def json(self) -> dict[str, Any]:
        """The state as desks get it."""
        reason = "phone" if self.unreachable else self.reason if self.paused else None
        return {"state": self.state, "reason": reason, "since": stamp(self.since)}


Told = Callable[[AgentStatus], None]


class AgentRoster:
    """All agents, by id and by interface: who they are, their state, and what their day has come to."""

    def __init__(self, agents: Iterable[Agent], now: Clock = utc_now) -> None:
        self._now = now
        self.statuses: dict[AgentId, AgentStatus] = {}
        self.names: dict[AgentId, str] = {}
        self._by_interface: dict[str, AgentId] = {}
        self._rings: dict[CallId, frozenset[AgentId]] = {}
        self._state_told: list[Told] = []
        self._figures_told: list[Told] = []
        for agent in agents:
            self.take(agent)

    def subscribe(self, state: Told, figures: Told) -> None:
        """Tell these when somebody's state or figures are not what they were."""
        self._state_told.append(state)
        self._figures_told.append(figures)

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
            self.statuses[agent.id] = AgentStatus(agent, since=self._now())
        else:
            self.statuses[agent.id].agent = agent
            if self._by_interface.get(plain(before.interface)) == agent.id:
                del self._by_interface[plain(before.interface)]
        self._by_interface[plain(agent.interface)] = agent.id
        self.names[agent.id] = agent.name

    def states(self) -> dict[AgentId, AgentState]:
        return {agent: status.state for agent, status in self.statuses.items()}

    def agents(self) -> list[Agent]:
        return [status.agent for status in self.statuses.values()]

    # -- what happens to them

    def update(self, event: MemberState | MemberGone) -> None:
        """Take in what app_queue says of a member."""
        agent = self.by_interface(event.interface)
        if agent is None:
            return
        status = self.statuses[agent.id]
        if event.queue not in status.ours and event.queue not in agent.queues:
            return  # the operator's own
        with self._changing(status):
            if isinstance(event, MemberGone):
                status.members.pop(event.queue, None)
            else:
                if event.status == INVALID != status.device:
                    log.warning(
                        "phone that Asterisk does not know: nobody can ring it", agent=agent.id, phone=agent.interface
                    )
                status.members[event.queue], status.device = event, event.status

    def ours(self, agent: AgentId, queues: Iterable[str]) -> None:
        """The queues in which this agent is a member because of us, from now on."""
        status = self.statuses.get(agent)
        if status:
            with self._changing(status):
                status.ours = frozenset(queues)

    @contextmanager
    def _changing(self, status: AgentStatus) -> Iterator[None]:
        before = (status.state, status.reason)
        yield
        if (status.state, status.reason) != before:
            status.since = self._now()
            self._tell(self._state_told, status)

    def noted(self, live: LiveCall, entry: Entry) -> None:
        """An entry was made in a call's ledger: a phone rings or does no more, a conversation is over, an outcome is known."""
        if entry.kind in RINGS:
            self.follow(live)
        match entry.kind:
            case "agent_done":
                self._count(AgentId(entry.facts["agent"]), calls=1, talk_s=entry.facts["talk_s"])
            case "outcome":
                agent, solved = AgentId(entry.facts["agent"]), entry.facts["outcome"] == "solved"
                self._count(agent, solved=solved - (_outcome_before(live, entry, agent) == "solved"))
            case _:
                pass

    def follow(self, live: LiveCall) -> None:
        """Whose phones a call rings now."""
        before = self._rings.pop(live.id, frozenset())
        ringing = frozenset(view.agent for view in live.ledger.legs.views().values() if view.state == "ringing")
        if ringing and not live.closed:
            self._rings[live.id] = ringing
        for agent in before ^ ringing:
            status = self.statuses.get(agent)
            rings = any(agent in agents for agents in self._rings.values())
            if status and status.ringing != rings:
                status.ringing = rings
                self._tell(self._state_told, status)

    def _count(self, agent: AgentId, calls: int = 0, solved: int = 0, talk_s: float = 0.0) -> None:
        status = self.statuses.get(agent)
        if status:
            was = status.figures
            made = Figures(was.calls + calls, was.solved + solved, was.talk_s + talk_s, was.transfers)
            self.count_anew(agent, made)

    def count_anew(self, agent: AgentId, figures: Figures) -> None:
        """What somebody's day has come to by the record, which a restart does not forget."""
        status = self.statuses[agent]
        status.figures = figures
        self._tell(self._figures_told, status)

    @staticmethod
    def _tell(told: list[Told], status: AgentStatus) -> None:
        for one in told:
            one(status)

    def forget_members(self) -> None:
        """Nothing is known of the queues any more."""
        for status in self.statuses.values():
            status.members.clear()


def _outcome_before(live: LiveCall, entry: Entry, agent: AgentId) -> str | None:
    earlier = (
        one.facts["outcome"] for one in reversed(live.ledger.entries)
        if one.kind == "outcome" and one.facts["agent"] == agent and one is not entry
    )  # fmt: skip
    return next(earlier, None)
