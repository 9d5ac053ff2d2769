"""The simulated house: the sample shop's dialogue files, and a team for each of its queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from scipy.special import betainc

from ivr.bench.simulated_day.assumptions import MIX, Assumptions
from ivr.core.caller import Agent, AgentId
from ivr.core.flow.flow import Flow, Queue
from ivr.core.language import Language
from ivr.core.routing.learning import Example
from ivr.server.speech.publishing import read_flow

DAY = datetime(2026, 11, 18, tzinfo=UTC)
"""Midnight before the day; seconds of the simulation are counted from here."""
SECOND = "-second"
"""The second level of a queue: who has authority in it. All sides have it, and agents of all sides pass calls on to it."""
AUTHORITY = 8
NEXT = {"orders": "returns", "returns": "orders", "billing": "orders", "repairs": "sales", "sales": "repairs"}
"""The second matter that some of a team know."""
FRONT_DESK = 3
"""The front desk knows a little of everything."""
REGIONS = ("Berlin", "Hamburg", "Munich", "Cologne")


@cache
def flow() -> Flow:
    """The sample shop's flow, with a second level for each queue that needs a skill."""
    shop = read_flow(Path(__file__).parents[3] / "dialplans")
    second = {
        q.name + SECOND: Queue(q.name + SECOND, {lang: f"{t} 2" for lang, t in q.title.items()})
        for q in shop.queues.values()
        if q.skill
    }
    return replace(shop, queues={**shop.queues, **second})


def queue_of(reason: str) -> str:
    """The queue whose agents settle a matter."""
    return flow().intents[reason].queue or flow().fallback_queue


@dataclass(frozen=True, slots=True)
class Member:
    """One agent, and what they can truly do."""

    agent: Agent
    home: str
    """Their team's queue; the only one that a shop with one queue each gives them."""
    ability: Mapping[str, float]
    """Reason → the difficulty up to which they settle it; a reason that is not in it is not theirs."""

    def has_authority(self, reason: str) -> bool:
        """Whether they may decide what others must pass on."""
        skill = flow().intents[reason].skill
        return skill is None or self.agent.skills.get(skill, 0) >= AUTHORITY

    def settles(self, reason: str, difficulty: float, authority: bool, bonus: float = 0.0) -> bool:
        """Whether they can settle such a matter."""
        able = reason in self.ability and difficulty <= self.ability[reason] + bonus
        return able and (not authority or self.has_authority(reason))


def staff(world: Assumptions, seed: int) -> tuple[Member, ...]:
    """The agents of one day; proficiencies are the same every day, true abilities are drawn."""
    dice = Random(f"{seed}:staff")  # noqa: S311  # dice, and the same ones each time
    found = []
    for home, size in world.teams.items():
        for place in range(size):
            agent = _agent(world, home, place, dice)
            found.append(Member(agent, home, _ability(world, agent, dice)))
    return tuple(found)


def _agent(world: Assumptions, home: str, place: int, dice: Random) -> Agent:
    queues, skill = flow().queues, flow().queues[home].skill
    skills: dict[str, int] = {}
    if skill is None:
        skills = {q.skill: FRONT_DESK for q in queues.values() if q.skill}
    else:
        skills[skill] = world.skilled[place % len(world.skilled)]
        other = queues[NEXT[home]].skill if home in NEXT else None
        if other and world.second_skill and place % 2:
            skills[other] = 5
    member = [home] if skill is None else [q.name for q in queues.values() if q.skill in skills]
    member += [q.name + SECOND for q in queues.values() if q.skill and skills.get(q.skill, 0) >= AUTHORITY]
    languages: tuple[Language, ...] = ("en", "zh") if place == 0 or dice.random() < world.bilingual else ("en",)
    name = f"{home}-{place}"
    region = REGIONS[dice.randrange(len(REGIONS))]
    return Agent(AgentId(name), name, f"PJSIP/{name}", languages, skills, region, tuple(member))


def _ability(world: Assumptions, agent: Agent, dice: Random) -> dict[str, float]:
    found = {}
    for reason in MIX:
        skill, strays = flow().intents[reason].skill, dice.gauss(0, world.ability_spread)
        if skill is None:
            found[reason] = 1.0
        elif skill in agent.skills:
            found[reason] = min(max(agent.skills[skill] / 10 + strays, 0.05), 1.0)
    return found


def history(world: Assumptions, members: tuple[Member, ...], seed: int) -> list[Example]:
    """Outcomes of the days before, drawn from what each agent can truly do: what there is to learn from."""
    dice = Random(f"{seed}:history")  # noqa: S311
    days = [DAY - timedelta(days=7 + n) for n in range(world.history_days)]
    found = []
    for reason, share in world.mix().items():
        having = [m for m in members if queue_of(reason) in m.agent.queues]
        each = round(world.history_days * world.callers * share / len(having)) if having else 0
        for member in having:
            p = float(betainc(*world.difficulty, member.ability[reason])) * (1 - world.not_at_once)
            p *= 1 if member.has_authority(reason) else 1 - world.authority
            found += [Example(member.agent.id, reason, days[n % len(days)], dice.random() < p) for n in range(each)]
    return found
