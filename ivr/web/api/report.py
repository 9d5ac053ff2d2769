"""The report as programs get it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ivr.core.language import Language
from ivr.web.api.endpoint import Model
from ivr.web.api.field_types import PageText, whole

Titles = PageText
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class ReportQuery(Model):
    """Of how many days."""

    days: Annotated[int, BeforeValidator(whole), Field(ge=1, le=366)] = 30


class ServiceFigures(Model):
    """Waits for a person: from the hand-over, or from being passed on, to an agent on the line."""

    offered: Count
    answered: Count
    abandoned: Count
    level: Share | None
    """The service level: answered within ``within_s``, of all but those given up within it."""
    mean_s: float
    """Mean wait of those who were answered."""
    longest_s: float


class AllService(ServiceFigures):
    """All waits together."""

    within_s: float


class QueueService(ServiceFigures):
    """Waits in one queue."""

    name: str
    title: Titles


class HourService(ServiceFigures):
    """Waits that began in one hour of the day, in the time of the house."""

    hour: int


class FirstContact(Model):
    """Matters that the first agent settled, for good as far as seven days show."""

    calls: Count
    share: Share | None


class AgentFigures(Model):
    """What one agent did."""

    agent: str
    name: str
    calls: Count
    talk_s: float
    """Mean."""
    solved: Share | None
    """Of the calls whose outcome they gave."""
    passed_on: Count


class Detour(Model):
    """Calls taken for one intent that reached an agent and had to go on."""

    intent: str | None
    title: Titles
    agent: str
    agent_name: str
    queue: str | None
    to: str
    to_title: Titles
    calls: Count
    share: Share
    reasons: list[tuple[str, int]]


class Phrase(Model):
    """Words of misrouted callers, as a new phrase of the intent that leads where they had to go."""

    phrase: str
    language: Language
    queue: str
    intent: str | None
    title: Titles
    taken_for: str | None
    calls: Count


class Learnt(Model):
    """How well an agent settles one intent."""

    agent: str
    intent: str
    p: Share
    lead: float
    calls: Count
    sentence: Titles


class Shadow(Model):
    """Shadow mode: whom routing would have chosen beside who took the call."""

    calls: Count
    same: Count
    same_passed_on: Count
    other_passed_on: Count


class Report(Model):
    """What the calls of some days say."""

    days: int
    calls: Count
    by_machine: Count
    containment: Share | None
    service: AllService
    queues: list[QueueService]
    hours: list[HourService]
    calls_with_agents: Count
    passed_on: Count
    first_contact: FirstContact
    agents: list[AgentFigures]
    detours: list[Detour]
    phrases: list[Phrase]
    learnt: list[Learnt]
    shadow: Shadow
    rings: Count
    cards_complete: Count
    cards_missing: dict[str, int]


def report_of(found: dict[str, Any]) -> Report:
    """The same, checked."""
    return Report.model_validate_json(json.dumps(found))
