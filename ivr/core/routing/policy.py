"""How heavily each reason weighs and how long each rule is kept: ``config.toml`` [routing], as far as decisions need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ivr.core.caller import AgentId, Tier
from ivr.core.routing.learning import Estimate

Learnt = Mapping[tuple[AgentId, str], Estimate]
"""What has been learnt of an agent and an intent; whoever is not in it stands at exactly 0."""
LearnMode = Literal["on", "shadow", "off"]
POINT = 0.1
"""What one point of priority weighs beside the weights of 0 to 1."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Every weight and every patience of a decision. Weights are addends of a score, priorities are points of a tenth."""

    learn: LearnMode = "on"
    """``shadow``: what has been learnt is shown and not counted."""
    learnt_weight: float = 1.0
    """For each 1.0 of probability by which an agent settles more or fewer of such calls than others."""
    skill_weight: float = 0.2
    """For the highest proficiency, 10; less in proportion."""
    language_weight: float = 0.3
    region_weight: float = 0.1
    last_solver_weight: float = 0.4
    last_solver_days: int = 90
    """How long the agent who solved it last is remembered."""
    open_case_weight: float = 0.35
    """For the team that has an open case of the same matter; a third of it for a case of another matter."""
    meant_for_weight: float = 1.0
    """For the agent whom a transfer or a call back names."""
    idle_every_s: float = 300.0
    """An agent gains a point for each of these that they have been idle."""
    prefer_at: float = 0.3
    """The claim from which one free agent's phone is rung before the queue's others."""
    priority_silver: float = 2.0
    priority_gold: float = 5.0
    priority_vip: float = 10.0
    priority_repeat: float = 8.0
    """For somebody who calls again within 24 hours about something unsolved."""
    priority_passed_on: float = 4.0
    """For each agent who has had the call before."""
    priority_signal: float = 3.0
    """For each kind of news that another system has told of the caller: "the delivery has failed"."""
    priority_every_s: float = 30.0
    """A call gains a point for each of these that it has waited: without bound, so that nobody waits for ever."""
    language_patience_s: float = 300.0
    """How long a caller waits for somebody who speaks their language."""
    meant_for_patience_s: float = 45.0
    """How long a call is kept for the agent whom it is meant for."""

    def tier_points(self, tier: Tier) -> float:
        """What a customer's tier is worth."""
        return {"standard": 0.0, "silver": self.priority_silver, "gold": self.priority_gold, "vip": self.priority_vip}[
            tier
        ]
