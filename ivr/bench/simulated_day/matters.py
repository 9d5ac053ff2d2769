"""The callers of a day, drawn before it begins, so that every side of the comparison has the very same ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import get_args

from ivr.bench.simulated_day.assumptions import BY_HOUR, OPENS_S, TALK_S, Assumptions
from ivr.bench.simulated_day.house import DAY, REGIONS, Member, queue_of
from ivr.core.caller import AgentId, Caller, Case, Customer, PastContact, Tier
from ivr.core.language import Language

TIERS: dict[Tier, float] = dict(zip(get_args(Tier), (0.70, 0.15, 0.12, 0.03), strict=True))
SIGMA = 0.5
"""Of the logarithm of a talk's length."""
PERSON = "person"
"""What is said by those who want a person whatever their matter."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Somebody who will call: why, what they will say, and all that chance decides about them."""

    seed: str
    at_s: float
    """Seconds since midnight."""
    reason: str
    """The true one."""
    says: str
    """The reason in whose words they put it, or PERSON."""
    language: Language
    caller: Caller
    known: str
    """What the records say of their orders: a key of ``hearing.KNOWN``."""
    familiar: AgentId | None
    """The agent who has had this matter before."""
    difficulty: float
    authority: bool
    not_at_once: bool
    talk_s: float

    def dice(self, attempt: int) -> Random:
        """What chance decides in their n-th call, the same whoever serves them."""
        return Random(f"{self.seed}:{attempt}")  # noqa: S311  # dice, and the same ones each time

    def after(self, attempts: list[PastContact]) -> Caller:
        """What the records say of them once they have called before, the newest first."""
        return replace(self.caller, contacts=(*reversed(attempts), *self.caller.contacts))


def matters(world: Assumptions, members: tuple[Member, ...], seed: int) -> list[Matter]:
    """The day's callers in the order in which they call."""
    found = [_matter(world, members, f"{seed}:{number}") for number in range(world.callers)]
    return sorted(found, key=lambda m: (m.at_s, m.seed))


def _matter(world: Assumptions, members: tuple[Member, ...], seed: str) -> Matter:
    dice = Random(seed)  # noqa: S311
    hour = dice.choices(range(len(BY_HOUR)), BY_HOUR)[0]
    at_s = OPENS_S + (hour + dice.random()) * 3600
    mix = world.mix()
    reason = dice.choices(list(mix), list(mix.values()))[0]
    says = _says(world, reason, list(mix), dice)
    language: Language = "zh" if dice.random() < world.chinese else "en"
    before = dice.choice([m for m in members if queue_of(reason) in m.agent.queues] or list(members)).agent.id
    caller, familiar = _caller(world, seed, reason, before, members, at_s, dice)
    orders = _orders(world, reason, dice.random())
    return Matter(
        seed, at_s, reason, says, language, caller, orders if caller.known else "nothing", familiar,
        difficulty=dice.betavariate(*world.difficulty),
        authority=dice.random() < world.authority,
        not_at_once=dice.random() < world.not_at_once,
        talk_s=dice.lognormvariate(math.log(TALK_S[reason]) - SIGMA**2 / 2, SIGMA),
    )  # fmt: skip


def _orders(world: Assumptions, reason: str, chance: float) -> str:
    """What the records say of the caller's orders: a key of ``hearing.KNOWN``."""
    late = world.late_shown if reason == "late_delivery" else world.late_by_chance
    if chance < late:
        return "late order"
    return "order under way" if chance < late + world.under_way else "nothing"


def _says(world: Assumptions, reason: str, reasons: list[str], dice: Random) -> str:
    wants_person, misstates, other = dice.random(), dice.random(), dice.choice(reasons)
    if wants_person < world.zero:
        return PERSON
    return other if misstates < world.misstates else reason


def _caller(
    world: Assumptions, seed: str, reason: str, before: AgentId, members: tuple[Member, ...], at_s: float, dice: Random
) -> tuple[Caller, AgentId | None]:
    """What the records say, and who has had the matter before, whether or not the number is known."""
    known, follows, open_case, solved, hours = (dice.random() for _ in range(5))
    tier = dice.choices(list(TIERS), list(TIERS.values()))[0]
    region, other, unrelated = dice.choice(REGIONS), dice.choice(members).agent.id, dice.random()
    if known >= world.known:
        return Caller(seed, None, "4000", lookup="unknown"), None
    contacts: list[PastContact] = []
    cases: tuple[Case, ...] = ()
    now = DAY + timedelta(seconds=at_s)
    if follows < world.follow_up:
        contacts.append(contact(now - timedelta(hours=2 + hours * 70), reason, before, solved < 0.5))
        if open_case < 0.7:
            cases = (Case(f"K-{seed}", reason, "open", contacts[0].at, reason, queue_of(reason)),)
    if unrelated < world.solved_before:
        contacts.append(contact(now - timedelta(days=4 + 80 * hours), None, other, True))
    customer = Customer(seed, seed, None, tier, region)
    caller = Caller(seed, None, "4000", customer, (), cases, tuple(contacts), "found")
    return caller, before if follows < world.follow_up else None


def contact(at: datetime, intent: str | None, agent: AgentId | None, solved: bool | None) -> PastContact:
    """An earlier call, as the records have it."""
    return PastContact(at, "phone", "", intent, agent, agent, solved)
