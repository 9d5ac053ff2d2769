"""What finished calls say of the dialogue, of routing, of the service and of the cards: read once, for terminal, page and API."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ivr.adapters.database import DatabaseAccounts, DatabaseCalls, DatabaseOutcomes, Store
from ivr.adapters.database.contacts.outcomes import Cards
from ivr.adapters.statistics import beta_quantile
from ivr.calls.agents.learning import SINCE
from ivr.calls.floor.past_calls import ShadowPrediction, Totals
from ivr.config.load import Config
from ivr.core.caller import Agent, AgentId
from ivr.core.contact.service_level import Service, Wait, service
from ivr.core.flow.flow import Flow
from ivr.core.language import Text
from ivr.core.routing.learning import Passage, label, learn
from ivr.core.routing.misroutes import Report, report
from ivr.core.texts import same, text


@dataclass(frozen=True, slots=True)
class Found:
    """What the record has of some days."""

    days: int
    passages: Sequence[Passage]
    all_passages: Sequence[Passage]
    """Of all the time that routing learns from."""
    agents: Sequence[Agent]
    cards: Cards
    waits: Sequence[Wait]
    totals: Totals
    predictions: Sequence[ShadowPrediction]
    flow: Flow
    now: datetime
    zone: ZoneInfo
    within_s: float
    """The time of the service level."""

    @property
    def names(self) -> dict[str, str]:
        """What agents are called."""
        return {agent.id: agent.name for agent in self.agents}

    def made(self) -> Report:
        return report(self.passages, self.flow.intents)

    def title(self, name: str | None) -> Text:
        """An intent, a queue or an agent in words."""
        if name is None:
            return text("routing.reason_not_known")
        place = self.flow.intents.get(name) or self.flow.queues.get(name)
        said = self.names.get(name, name)
        return place.title if place else same(said)


async def read(store: Store, config: Config, flow: Flow, days: int) -> Found:
    """Read everything that a report is made of. Raises OSError while the database is away."""
    now = datetime.now(UTC)
    since = now - timedelta(days=days)
    outcomes, calls = DatabaseOutcomes(store), DatabaseCalls(store, config.database.country)
    return Found(
        days,
        await outcomes.passages(since),
        await outcomes.passages(now - SINCE),
        await DatabaseAccounts(store).agents(),
        await outcomes.cards(since),
        await calls.waits(since),
        await calls.totals(since),
        await calls.predictions(since),
        flow,
        now,
        ZoneInfo(config.dialogue.zone),
        config.routing.service_level_s,
    )


def reader(store: Store, config: Config, flow: Callable[[], Flow]) -> Callable[[int], Any]:
    """What the page and the API ask: the report of the last days, ready for JSON."""

    async def ask(days: int) -> dict[str, Any]:
        # beside the loop: of a quarter of a year it takes seconds, in which no call may stand still
        return await asyncio.to_thread(as_object, await read(store, config, flow(), days))

    return ask


def as_object(found: Found) -> dict[str, Any]:
    """Everything, for programs."""
    made, totals = found.made(), found.totals
    first = label(found.passages, found.now)
    return {
        "days": found.days,
        "calls": totals.calls,
        "by_machine": totals.by_machine,
        "containment": _share(totals.by_machine, totals.calls),
        "service": {**_service(service(found.waits, found.within_s)), "within_s": found.within_s},
        "queues": _queues(found),
        "hours": _hours(found),
        "calls_with_agents": made.passages,
        "passed_on": made.transferred,
        "first_contact": {"calls": len(first), "share": _share(sum(one.settled for one in first), len(first))},
        "agents": _agents(found),
        "detours": [
            {**asdict(row), "title": found.title(row.intent), "agent_name": found.names.get(row.agent, row.agent),
             "to_title": found.title(row.to)}
            for row in made.detours
        ],
        "phrases": [{**asdict(row), "title": found.title(row.intent or row.queue)} for row in made.proposals],
        "learnt": [
            {"agent": agent, "intent": intent, "p": round(one.p, 3), "lead": round(one.lead, 3), "calls": one.seen,
             "sentence": one.sentence(found.names.get(agent, agent), found.title(intent), beta_quantile)}
            for (agent, intent), one in sorted(learn(label(found.all_passages, found.now), found.now).items())
        ],
        "shadow": shadow(found.predictions),
        "rings": found.cards.rings,
        "cards_complete": found.cards.complete,
        "cards_missing": dict(found.cards.missing),
    }  # fmt: skip


def shadow(predictions: Sequence[ShadowPrediction]) -> dict[str, Any]:
    """How often routing would have chosen the agent who took the call, and how either went there."""
    same = [one for one in predictions if one.predicted == one.took]
    other = [one for one in predictions if one.predicted != one.took]
    return {
        "calls": len(predictions), "same": len(same),
        "same_passed_on": sum(one.passed_on for one in same), "other_passed_on": sum(one.passed_on for one in other),
    }  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _service(come_to: Service) -> dict[str, Any]:
    level = come_to.level
    return {
        "offered": come_to.offered, "answered": come_to.answered, "abandoned": come_to.abandoned,
        "level": round(level, 4) if level is not None else None, "mean_s": come_to.mean_s, "longest_s": come_to.longest_s,
    }  # fmt: skip


def _queues(found: Found) -> list[dict[str, Any]]:
    by_queue: defaultdict[str, list[Wait]] = defaultdict(list)
    for one in found.waits:
        by_queue[one.queue].append(one)
    names = [*found.flow.queues, *sorted(set(by_queue) - set(found.flow.queues))]
    rows = [(name, by_queue[name]) for name in names]
    return [
        {"name": name, "title": found.title(name), **_service(service(some, found.within_s))}
        for name, some in rows if some
    ]  # fmt: skip


def _hours(found: Found) -> list[dict[str, Any]]:
    """The hours of the day in which somebody waited, in the time of the house."""
    by_hour: dict[int, list[Wait]] = {}
    for one in found.waits:
        by_hour.setdefault(one.began.astimezone(found.zone).hour, []).append(one)
    return [{"hour": hour, **_service(service(some, found.within_s))} for hour, some in sorted(by_hour.items())]


def _agents(found: Found) -> list[dict[str, Any]]:
    by_agent: defaultdict[AgentId, list[Passage]] = defaultdict(list)
    for passage in found.passages:
        by_agent[passage.agent].append(passage)
    return [
        {"agent": agent, "name": found.names.get(agent, agent), **_of(mine)}
        for agent, mine in sorted(by_agent.items(), key=lambda one: -len(one[1]))
    ]


def _of(mine: Iterable[Passage]) -> dict[str, Any]:
    mine = list(mine)
    talked = sum((p.ended - p.began).total_seconds() for p in mine)
    said = [p.solved for p in mine if p.solved is not None]
    return {
        "calls": len(mine), "talk_s": round(talked / len(mine), 1), "solved": _share(sum(said), len(said)),
        "passed_on": sum(p.transferred for p in mine),
    }  # fmt: skip
