"""The four sides of the comparison: who gets whom in each, and what each knows. Ours are made of ``core/routing`` itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Protocol

from ivr.adapters.assignment import solve
from ivr.bench.simulated_day import front
from ivr.bench.simulated_day.assumptions import Assumptions
from ivr.bench.simulated_day.front import Led
from ivr.bench.simulated_day.house import DAY, SECOND, Member, flow, history
from ivr.bench.simulated_day.matters import Matter
from ivr.core.caller import AgentId, CallId
from ivr.core.routing import Learnt, Policy, Situation, Waiting, match, options
from ivr.core.routing.learning import learn

SKILLS_ONLY = Policy(
    learn="off", region_weight=0, last_solver_weight=0, open_case_weight=0,
    priority_silver=0, priority_gold=0, priority_vip=0, priority_repeat=0, priority_passed_on=0,
)  # fmt: skip
"""Skills and languages, and whoever has waited or been idle longest."""
WITHOUT_HISTORY = Policy(learn="off", last_solver_weight=0, open_case_weight=0, priority_repeat=0)
"""All that is known of the caller but not what happened before."""


MENU, SKILLS, NO_HISTORY, OURS = "keypad menu", "skills only", "ours, no history", "ours"
NAMES = (MENU, SKILLS, NO_HISTORY, OURS)


class Side(Protocol):
    """One way to run the house."""

    @property
    def name(self) -> str:
        """One of NAMES."""

    def queues(self, member: Member) -> tuple[str, ...]:
        """The queues that an agent belongs to."""

    def lead(self, matter: Matter, dice: Random) -> Led:
        """What comes before the queue."""

    def enter(self, call: Waiting, led: Led, situation: Situation) -> Waiting:
        """Let a call stand in a queue for the first time."""

    def choose(self, situation: Situation) -> Iterable[tuple[CallId, AgentId]]:
        """Who gets whom now."""

    def looks_again_s(self, call: Waiting) -> tuple[float, ...]:
        """After how many seconds of waiting somebody else may take the call, so that the choice must be made again."""


@dataclass(frozen=True, slots=True)
class Menu:
    """A keypad menu, and one queue for each team: first come, first served, by whoever has been idle longest."""

    world: Assumptions
    name: str = MENU

    def queues(self, member: Member) -> tuple[str, ...]:
        """The team's own, and its second level."""
        if self.world.pooled_menu:
            return member.agent.queues
        return tuple(q for q in member.agent.queues if q in (member.home, member.home + SECOND))

    def lead(self, matter: Matter, dice: Random) -> Led:
        return front.by_keys(matter, self.world, dice)

    def enter(self, call: Waiting, led: Led, situation: Situation) -> Waiting:
        """Where the key leads."""
        return replace(call, queue=led.queue)

    def choose(self, situation: Situation) -> Iterable[tuple[CallId, AgentId]]:
        """As app_queue does with ``strategy = leastrecent``, but never an agent who does not speak the caller's language."""
        free = sorted((p for p in situation.present if p.state == "available"), key=lambda p: (p.since, p.agent.id))
        for call in sorted(situation.waiting, key=lambda c: (c.since, c.entered, str(c.call))):
            for presence in free:
                if call.queue in presence.agent.queues and call.language in presence.agent.languages:
                    free.remove(presence)
                    yield call.call, presence.agent.id
                    break

    def looks_again_s(self, call: Waiting) -> tuple[float, ...]:
        """Never: the queue's own agents are all there are."""
        return ()


@dataclass(frozen=True, slots=True)
class Ours:
    """Our machine in front, ``place`` at the hand-over, ``match`` whenever somebody waits and somebody is free."""

    world: Assumptions
    name: str
    policy: Policy
    history: bool = False
    """Whether what happened before counts: as a prior of what is heard, and for who gets whom."""
    learnt: Learnt = field(default_factory=dict)

    def queues(self, member: Member) -> tuple[str, ...]:
        """Everything that they know something of."""
        return member.agent.queues

    def lead(self, matter: Matter, dice: Random) -> Led:
        return front.by_voice(matter, self.world, dice, self.history)

    def enter(self, call: Waiting, led: Led, situation: Situation) -> Waiting:
        """Where ``place`` says: the best of its options. Who is rung is chosen by ``match``, here as afterwards."""
        asked = replace(call, intent=led.intent, confidence=led.confidence, cause=led.cause)
        there = replace(situation, policy=self.policy, learnt=self.learnt)
        return replace(asked, queue=options(there, asked)[0].queue)

    def choose(self, situation: Situation) -> Iterable[tuple[CallId, AgentId]]:
        there = replace(situation, policy=self.policy, learnt=self.learnt)
        return [(pair.call, pair.agent) for pair in match(there, solve).pairs]

    def looks_again_s(self, call: Waiting) -> tuple[float, ...]:
        """When the queue overflows, and when the language is no must any more."""
        queue = flow().queues.get(call.queue or "")
        overflow = (float(queue.overflow_s),) if queue and queue.overflow else ()
        return (*overflow, self.policy.language_patience_s)


def side(name: str, world: Assumptions, members: tuple[Member, ...], seed: int) -> Side:
    """One of NAMES, for one day; raises KeyError for another."""
    made: dict[str, Callable[[], Side]] = {
        MENU: lambda: Menu(world),
        SKILLS: lambda: Ours(world, SKILLS, SKILLS_ONLY),
        NO_HISTORY: lambda: Ours(world, NO_HISTORY, WITHOUT_HISTORY),
        OURS: lambda: Ours(world, OURS, Policy(), history=True, learnt=learn(history(world, members, seed), DAY)),
    }
    return made[name]()
