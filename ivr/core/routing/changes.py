"""What would have changed a decision: each a sentence, and what is needed to try it. None is told that was not tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ivr.core.caller import AgentId, CallId
from ivr.core.card import Text
from ivr.core.flow import Queue
from ivr.core.routing import reasons as say
from ivr.core.routing.parties import Presence
from ivr.core.routing.reasons import Kind, Reason
from ivr.core.routing.rules import keeps
from ivr.core.routing.scoring import Candidate

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
    name, keeping = presence.agent.name, keeps(presence.state)
    text: Text = {
        "en": f"had {name} been free ({name} {keeping['en']}), {name} would have got it",
        "zh": f"若{name}空闲（现{keeping['zh']}），将由{name}接听",
    }
    return Change("free", text, presence.agent.id)


def without(why: Reason, then: Candidate | None, otherwise: Text) -> Change:
    """A reason that has decided it; ``otherwise`` says what follows where nobody gets the call."""
    follows = _gets(then.name) if then else otherwise
    text: Text = {
        "en": f"without ‘{why.label['en']}’ ({why.value:.2f}) {follows['en']}",
        "zh": f"若没有「{why.label['zh']}」（{why.value:.2f}），{follows['zh']}",
    }
    return Change("without", text, then.agent if then else None, reason=why)


def elsewhere(why: Reason, queue: Queue) -> Change:
    """A reason that has decided the queue."""
    text: Text = {
        "en": f"without ‘{why.label['en']}’ ({why.value:.2f}) it would have gone to {queue.title['en']}",
        "zh": f"若没有「{why.label['zh']}」（{why.value:.2f}），将转到{queue.title['zh']}",
    }
    return Change("without", text, queue=queue.name, reason=why)


def other_call(call: CallId, then: Candidate) -> Change:
    """Another call that took the better agent."""
    follows = _gets(then.name)
    text: Text = {
        "en": f"had the call that got {then.name} not been waiting, {follows['en']}",
        "zh": f"若没有另一来电占用{then.name}，{follows['zh']}",
    }
    return Change("other_call", text, then.agent, other=call)


def later(barrier: Text, seconds: float, at: datetime, then: Candidate) -> Change:
    """A rule that falls by waiting."""
    wait = say.clock(seconds)
    text: Text = {
        "en": f"in {wait} ‘{then.name} {barrier['en']}’ no longer holds, and {then.name} gets it",
        "zh": f"再过{wait}，「{then.name}{barrier['zh']}」不再适用，由{then.name}接听",
    }
    return Change("later", text, then.agent, at=at)


WAITS_ON: Text = {"en": "it would have gone on waiting", "zh": "将继续等待"}
QUEUE_CHOOSES: Text = {"en": "the queue would have chosen", "zh": "将由队列分配"}


def _gets(name: str) -> Text:
    return {"en": f"{name} would have got it", "zh": f"将由{name}接听"}
