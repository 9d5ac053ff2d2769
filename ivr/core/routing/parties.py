"""The two sides of a decision: the calls that wait, and the agents as they are at this moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ivr.core.caller import Agent, AgentId, AgentState, Caller, CallId
from ivr.core.dialogue.messages import Cause
from ivr.core.flow.flow import Flow
from ivr.core.language import Language, Text
from ivr.core.routing.policy import Learnt, Policy
from ivr.core.texts import same


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that speaks for one call before others: "the delivery has failed"."""

    text: Text
    points: float
    """Of priority."""


def signals_of(caller: Caller, policy: Policy) -> tuple[Signal, ...]:
    """What other systems have told of a caller, as it speaks for their call: one signal, the newest of each kind."""
    newest = {one.kind: one for one in reversed(caller.signals)}
    return tuple(Signal(same(one.text), policy.priority_signal) for one in newest.values())


@dataclass(frozen=True, slots=True)
class Waiting:
    """One call for which a person is to be found."""

    call: CallId
    caller: Caller
    language: Language
    since: datetime
    """When it began to wait in this queue."""
    entered: datetime
    """When it entered the house."""
    queue: str | None = None
    """The queue that it stands in; before it stands in one, the queue that the dialogue insists on."""
    intent: str | None = None
    confidence: float = 0.0
    """How sure the machine is of the intent, 0 to 1."""
    cause: Cause = "understood"
    had_by: frozenset[AgentId] = frozenset()
    """Agents who had it already or passed it on; none of them gets it back."""
    meant_for: AgentId | None = None
    """The agent whom a transfer or a call back names."""
    signals: tuple[Signal, ...] = ()

    def waited_s(self, now: datetime) -> float:
        """Seconds that it has waited in this queue."""
        return max((now - self.since).total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class Presence:
    """One agent at this moment: free, or what keeps them."""

    agent: Agent
    since: datetime
    """When this state began: of a free agent, since when they have been idle."""
    state: AgentState = "available"

    @property
    def signed_in(self) -> bool:
        """Whether they will take calls again, now or later."""
        return self.state != "offline"


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a decision is made from: who waits, who is there, and by what rules."""

    waiting: tuple[Waiting, ...]
    present: tuple[Presence, ...]
    """All agents, those who are not free too: they tell what would have changed the result."""
    flow: Flow
    now: datetime
    policy: Policy = field(default_factory=Policy)
    learnt: Learnt = field(default_factory=dict)
    apart: frozenset[tuple[CallId, AgentId]] = frozenset()
    """Pairs that must not be, whatever speaks for them: this phone has just rung in vain for this call."""

    def call(self, call: CallId) -> Waiting:
        """One of the waiting calls. Raises KeyError."""
        found = next((one for one in self.waiting if one.call == call), None)
        if found is None:
            raise KeyError(call)
        return found
