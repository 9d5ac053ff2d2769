"""What would have changed a decision: each a sentence, and what is needed to try it. None is told that was not tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ivr.core.caller import AgentId, CallId
from ivr.core.flow.flow import Queue
from ivr.core.language import Text
from ivr.core.routing import reasons as say
from ivr.core.routing.parties import Presence
from ivr.core.routing.reasons import Kind, Reason
from ivr.core.routing.rules import keeps
from ivr.core.routing.scoring import Candidate
from ivr.core.texts import text

RULES_TOO: frozenset[Kind] = frozenset({"language", "meant_for"})
"""Reasons that hard rules go by as well: what were without them is another question than what the score were."""
MOST_CANDIDATES = 8
MOST_CHANGES = 6


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would have led to another result; all else as it was."""

    kind: Literal["free", "without", "other_call", "later"]
    """``free``: had an agent been free; ``without``: had one reason not counted; ``other_call``: had another call not been
    waiting; ``later``: once a rule falls by itself."""
    text: Text
    agent: AgentId | None = None
    """Who would have got the call; None: nobody yet, or whom the queue chooses."""
    queue: str | None = None
    """Where the call would have gone, where that is what changes."""
    reason: Reason | None = None
    other: CallId | None = None
    at: datetime | None = None


def had_been_free(presence: Presence) -> Change:
    """An agent who would have had the call."""
    told = text("routing.changes.free", name=presence.agent.name, keeping=keeps(presence.state))
    return Change("free", told, presence.agent.id)


def without(why: Reason, then: Candidate | None, otherwise: Text) -> Change:
    """A reason that has decided it; ``otherwise`` says what follows where nobody gets the call."""
    follows = _gets(then.name) if then else otherwise
    told = text("routing.changes.without", label=why.label, value=why.value, follows=follows)
    return Change("without", told, then.agent if then else None, reason=why)


def elsewhere(why: Reason, queue: Queue) -> Change:
    """A reason that has decided the queue."""
    told = text("routing.changes.elsewhere", label=why.label, value=why.value, queue=queue.title)
    return Change("without", told, queue=queue.name, reason=why)


def other_call(call: CallId, then: Candidate) -> Change:
    """Another call that took the better agent."""
    told = text("routing.changes.other_call", name=then.name, follows=_gets(then.name))
    return Change("other_call", told, then.agent, other=call)


def later(barrier: Text, seconds: float, at: datetime, then: Candidate) -> Change:
    """A rule that falls by waiting."""
    told = text("routing.changes.later", wait=say.clock(seconds), name=then.name, barrier=barrier)
    return Change("later", told, then.agent, at=at)


WAITS_ON = text("routing.changes.waits_on")
QUEUE_CHOOSES = text("routing.changes.queue_chooses")


def _gets(name: str) -> Text:
    return text("routing.changes.gets", name=name)
