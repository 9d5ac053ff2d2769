"""What the agents' own desks need of the database: their day, and their opening lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.core.caller import AgentId, Language


@dataclass(frozen=True, slots=True)
class Worked:
    """One call that an agent has had."""

    call: str
    at: datetime
    """When they answered it first."""
    talk_s: float
    over: bool
    """Whether they have left it."""
    name: str | None
    number: str | None
    intent: str | None
    words: str | None
    notes: tuple[str, ...] = ()
    """What they noted themselves."""
    outcome: str | None = None
    """Theirs, not a colleague's."""
    passed_to: tuple[tuple[str, str], ...] = ()
    """Where they passed it on, kind and name."""


class DayBook(Protocol):
    """What an agent has done."""

    async def day(self, agent: AgentId, since: datetime) -> list[Worked]:
        """The agent's own answered calls since that time, the last first. Raises OSError while the database is away."""


class Openings(Protocol):
    """How agents open."""

    async def openings(self) -> dict[AgentId, dict[tuple[str, Language], str]]:
        """Everybody's own lines."""

    async def set_opening(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        """Keep a line of an agent's own; an empty one is the dialogue's again. Raises OSError while the database is away."""
