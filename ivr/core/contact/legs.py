"""Who had the call: its legs towards agents, what each did with it, and what stands on whose desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ivr.core.caller import AgentId
from ivr.core.card import CardState
from ivr.core.routing.learning import TransferReason

LegWay = Literal["queue", "direct", "consult", "found"]
"""By app_queue, dialled for them, asked by a colleague, or found connected (picked up, taken from parking)."""
PassWay = Literal["blind", "consult", "wrong_place", "phone", "pick_up", "agent_gone", "moved", "call_back"]
"""``moved``: by a supervisor, while it waited; ``call_back``: it is us who call."""
PlaceKind = Literal["agent", "queue", "region", "outside", "unknown"]


@dataclass(slots=True)
class Leg:
    """One channel towards one agent; ``id`` is Asterisk's unique id of it."""

    id: str
    agent: AgentId
    rang_at: datetime
    way: LegWay = "queue"
    queue: str | None = None
    by: AgentId | None = None
    """The colleague who asks them."""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    why: str | None = None
    """Why it ended."""
    channel: str = ""
    """Asterisk's name of it."""

    @property
    def talking(self) -> bool:
        """Whether the agent is on the line."""
        return self.answered_at is not None and self.ended_at is None

    @property
    def ringing(self) -> bool:
        """Whether it still rings."""
        return self.answered_at is None and self.ended_at is None


@dataclass(slots=True)
class Outside:
    """Somebody outside the house whom an agent asks, or to whom the caller was sent; they have no desk, and no card."""

    id: str
    by: AgentId
    """The agent who asks; empty where the caller was sent there."""
    number: str
    rang_at: datetime
    channel: str = ""
    """Asterisk's name of the line towards them."""
    answered_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def talking(self) -> bool:
        """Whether they are on the line."""
        return self.answered_at is not None and self.ended_at is None


@dataclass(frozen=True, slots=True)
class Passed:
    """One agent gave the call to somebody else."""

    id: str
    at: datetime
    by: AgentId | None
    way: PassWay
    kind: PlaceKind
    to: str
    brief: str = ""
    """One line for whoever gets it."""
    words: str = ""
    """The sentence of the caller that led to it."""
    reason: str = ""
    """The intent that it really was, when it was in the wrong place."""
    why: TransferReason | None = None
    """Why, as the agent has said; None: nobody has."""


@dataclass(frozen=True, slots=True)
class Note:
    """What an agent wrote down."""

    at: datetime
    by: AgentId
    text: str


@dataclass(frozen=True, slots=True)
class DeskView:
    """The call as it stands on one agent's desk."""

    agent: AgentId
    state: CardState
    leg: str
    rang_at: datetime
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    queue: str | None = None
    by: AgentId | None = None
    held: bool = False
    consulting: str | None = None
    """Whom this agent asks while the caller waits."""


@dataclass(slots=True)
class Legs:
    """All legs of a contact, and what was done on them."""

    legs: dict[str, Leg] = field(default_factory=dict)
    outside: dict[str, Outside] = field(default_factory=dict)
    passed: list[Passed] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    held: dict[AgentId, datetime] = field(default_factory=dict)
    conference: datetime | None = None
    """Since when all who are on the line talk with each other."""
    wrapped: dict[AgentId, datetime] = field(default_factory=dict)
    """When an agent was done with it."""
    outcomes: dict[AgentId, str] = field(default_factory=dict)
    """How it ended, as each agent has said."""

    # -- what happened, in the order of time

    def rang(self, at: datetime, facts: Mapping[str, Any]) -> None:
        by = facts.get("by")
        way: LegWay = "consult" if by else "queue" if facts.get("queue") else "direct"
        leg = self._leg(at, facts, way)
        leg.queue, leg.by = facts.get("queue"), AgentId(by) if by else None

    def answered(self, at: datetime, facts: Mapping[str, Any]) -> None:
        """An agent is on the line."""
        leg = self._leg(at, facts, "found")
        leg.answered_at = leg.answered_at or at

    def over(self, at: datetime, facts: Mapping[str, Any]) -> None:
        """A phone rings no more, or an agent has left the line."""
        leg = self._leg(at, facts, "found")
        if leg.ended_at is None:
            leg.ended_at, leg.why = at, facts.get("why")
        self.held.pop(leg.agent, None)
        self._still_together()

    def outside_rang(self, at: datetime, facts: Mapping[str, Any]) -> None:
        """A number outside is dialled."""
        self._outside(at, facts)

    def outside_answered(self, at: datetime, facts: Mapping[str, Any]) -> None:
        """They are on the line."""
        one = self._outside(at, facts)
        one.answered_at = one.answered_at or at

    def outside_over(self, at: datetime, facts: Mapping[str, Any]) -> None:
        """They did not answer, or have left the line."""
        one = self._outside(at, facts)
        one.ended_at = one.ended_at or at
        self._still_together()

    def _outside(self, at: datetime, facts: Mapping[str, Any]) -> Outside:
        made = Outside(facts["leg"], AgentId(facts["by"]), facts["number"], at, facts["channel"])
        return self.outside.setdefault(made.id, made)

    def _still_together(self) -> None:
        """A conference is over when there are not two left beside the caller."""
        outside = sum(one.talking for one in self.outside.values())
        if self.conference and len(self.talking) + outside < 2:
            self.conference = None

    def _leg(self, at: datetime, facts: Mapping[str, Any], way: LegWay) -> Leg:
        found = self.legs.get(facts["leg"])
        if found is None:
            found = self.legs[facts["leg"]] = Leg(facts["leg"], AgentId(facts["agent"]), at, way)
        found.channel = facts.get("channel") or found.channel
        return found

    # -- what follows from it

    def of(self, agent: AgentId) -> Leg | None:
        """The agent's leg that counts: the one they talk on, else one that rings, else their last answered one."""
        mine = [leg for leg in self.legs.values() if leg.agent == agent]
        for fits in (lambda leg: leg.talking, lambda leg: leg.ringing, lambda leg: leg.answered_at is not None):
            found = [leg for leg in mine if fits(leg)]
            if found:
                return max(found, key=lambda leg: leg.rang_at)
        return None

    def view(self, agent: AgentId) -> DeskView | None:
        """What this agent's desk shows of the call; None when it has no place there."""
        leg = self.of(agent)
        if leg is None:
            return None
        state: CardState = "connected" if leg.talking else "ringing" if leg.ringing else "wrap_up"
        if state == "wrap_up":
            done = self.wrapped.get(agent)
            if leg.ended_at is None or (done is not None and done >= leg.rang_at):
                return None
        asked, asks = self.asked_by(agent), self.of(leg.by) if leg.by else None
        # once they have left the line, or all talk together, nobody asks any more
        by = leg.by if asks and asks.talking and not self.conference else None
        return DeskView(
            agent, state, leg.id, leg.rang_at, leg.answered_at, leg.ended_at, leg.queue, by,
            held=agent in self.held and state == "connected" and not self.conference,
            consulting=_called(asked) if asked and state == "connected" and not self.conference else None,
        )  # fmt: skip

    def asked_by(self, agent: AgentId) -> Leg | Outside | None:
        """The leg of the colleague, or the line of somebody outside, whom this agent asks just now."""
        asked: list[Leg | Outside] = [*self.legs.values(), *self.outside.values()]
        return next((one for one in asked if one.by == agent and one.ended_at is None), None)

    def views(self) -> dict[AgentId, DeskView]:
        """What every agent's desk shows of the call."""
        found = {agent: self.view(agent) for agent in {leg.agent for leg in self.legs.values()}}
        return {agent: view for agent, view in found.items() if view}

    @property
    def talking(self) -> tuple[Leg, ...]:
        """The legs on the line."""
        return tuple(leg for leg in self.legs.values() if leg.talking)

    @property
    def with_somebody(self) -> bool:
        """Whether anybody has the caller, in the house or outside."""
        return bool(self.talking) or any(one.talking for one in self.outside.values())

    @property
    def had_it(self) -> tuple[AgentId, ...]:
        """The agents who have talked with the caller, in order."""
        legs = sorted(
            (leg for leg in self.legs.values() if leg.answered_at), key=lambda leg: leg.answered_at or leg.rang_at
        )
        return tuple(dict.fromkeys(leg.agent for leg in legs))

    def passed_by(self, leg: Leg) -> Passed | None:
        """Where this agent has sent the call on from this leg; a consultation that came to nothing is none."""
        later = [one.rang_at for one in self.legs.values() if one.agent == leg.agent and one.rang_at > leg.rang_at]
        until = min(later, default=None)
        mine = [p for p in self.passed if p.by == leg.agent and p.at >= leg.rang_at and (until is None or p.at < until)]
        last = mine[-1] if mine else None
        return last if last and (last.way != "consult" or self._taken_over(leg)) else None

    def _taken_over(self, leg: Leg) -> bool:
        """Whether somebody else had the caller once this leg had ended."""
        ended = leg.ended_at
        others: list[Leg | Outside] = [one for one in self.legs.values() if one.agent != leg.agent]
        others += self.outside.values()
        return ended is not None and any(
            one.answered_at and (one.ended_at is None or one.ended_at > ended) for one in others
        )

    def brief(self, agent: AgentId) -> Passed | None:
        """With what the call came to this agent: what was last said about it by somebody else."""
        return next((one for one in reversed(self.passed) if one.by != agent), None)


def _called(asked: Leg | Outside) -> str:
    """Whom that is, as a desk is told: an agent, or a number."""
    return asked.agent if isinstance(asked, Leg) else asked.number
