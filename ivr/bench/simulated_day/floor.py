"""The floor of one day: callers who wait and give up, agents who talk, pass on and wrap up. SimPy keeps the time."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

import simpy

from ivr.bench.simulated_day.assumptions import CLOSES_S, OPENS_S, Assumptions
from ivr.bench.simulated_day.figures import SETTLED, Call, Cause, Day, End
from ivr.bench.simulated_day.house import DAY, SECOND, Member, flow, queue_of, staff
from ivr.bench.simulated_day.matters import Matter, contact, matters
from ivr.bench.simulated_day.sides import Side, side
from ivr.core.caller import AgentId, CallId, PastContact
from ivr.core.routing import Presence, Situation, Waiting

Steps = Generator[simpy.Event, Any, None]
MOST_AGENTS = 6
"""Whoever is the sixth to have a call keeps it."""
MOST_ATTEMPTS = 10
_NAMES = UUID(int=0)


@dataclass(slots=True)
class _Line:
    """One call that waits."""

    waiting: Waiting
    answered: simpy.Event


@dataclass(frozen=True, slots=True)
class _Handled:
    """What became of a call with one agent: how long it took, and how it ended, or else where it went on to and why."""

    seconds: float
    end: End | None = None
    to: str = ""
    why: Cause | None = None


@dataclass(slots=True)
class Floor:
    """Everything that happens in one day on one side."""

    env: simpy.Environment
    world: Assumptions
    side: Side
    members: dict[AgentId, Member]
    present: dict[AgentId, Presence]
    day: Day
    lines: dict[CallId, _Line] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The time of the day."""
        return DAY + timedelta(seconds=self.env.now)

    # -- a caller

    def caller(self, matter: Matter) -> Steps:
        """Somebody who calls, and calls again when they were not helped, as long as the house is open."""
        yield self.env.timeout(matter.at_s)
        contacts: list[PastContact] = []
        for attempt in range(MOST_ATTEMPTS):
            dice = matter.dice(attempt)
            # the front and the floor have dice of their own, so that what one rolls more often moves nothing in the other
            at_front, at_agents = Random(dice.random()), Random(dice.random())  # noqa: S311
            tries_again, pause_s = dice.random() < self.world.again, 1800 + 9000 * dice.random()
            call = Call(attempt, matter.reason)
            self.day.calls.append(call)
            yield from self._call(matter, call, contacts, at_front, at_agents)
            if call.end in (*SETTLED, "later") or not tries_again or self.env.now + pause_s >= CLOSES_S:
                return
            yield self.env.timeout(pause_s)

    def _call(
        self, matter: Matter, call: Call, contacts: list[PastContact], at_front: Random, at_agents: Random
    ) -> Steps:
        entered = self.now
        led = self.side.lead(matter, at_front)
        yield self.env.timeout(led.seconds)
        if led.queue is None:
            call.end = "machine"
            return
        number = CallId(uuid5(_NAMES, f"{matter.seed}:{call.attempt}"))
        arrived = Waiting(number, matter.after(contacts), matter.language, self.now, entered)
        waiting = self.side.enter(arrived, led, self._situation())
        yield from self._agents(matter, call, waiting, {matter.familiar, *(c.agent for c in contacts)}, at_agents)
        agent = call.agents[-1] if call.agents else None
        thought_solved = call.end in ("solved", "unnoticed")
        contacts.append(contact(self.now, led.intent or matter.reason, agent, thought_solved))

    def _agents(self, matter: Matter, call: Call, waiting: Waiting, had: set[AgentId | None], dice: Random) -> Steps:
        """From agent to agent until it is settled, or given up."""
        while call.end is None:
            patience_s = -math.log(1 - dice.random()) * self.world.patience_s
            notices = dice.random() < self.world.notices_failure
            line = _Line(waiting, self.env.event())
            self.lines[waiting.call] = line
            for seconds in self.side.looks_again_s(waiting):
                self.env.process(self._look_again(line, seconds))
            self.dispatch()
            yield line.answered | self.env.timeout(patience_s)
            call.waits.append((self.now - waiting.since).total_seconds())
            if not line.answered.triggered:
                del self.lines[waiting.call]
                call.end = "gave_up"
                return
            agent = AgentId(str(line.answered.value))
            call.agents.append(agent)
            member = self.members[agent]
            handled = self._handled(matter, call, member, agent in had, notices)
            yield self.env.timeout(handled.seconds)
            self.env.process(self._wrap_up(member, handled.seconds))
            call.end = handled.end
            if handled.why:
                call.passed_on.append(handled.why)
            waiting = replace(
                waiting, queue=handled.to, intent=matter.reason, confidence=1.0, since=self.now,
                had_by=waiting.had_by | {agent},
            )  # fmt: skip

    # -- an agent

    def _handled(self, matter: Matter, call: Call, member: Member, familiar: bool, notices: bool) -> _Handled:
        """What one agent makes of a call."""
        world, own, right = self.world, self.side.queues(member), queue_of(matter.reason)
        bonus, last = world.familiar if familiar else 0.0, len(call.agents) >= MOST_AGENTS
        talk_s = matter.talk_s * (1 - bonus) + world.retell_s * (len(call.agents) > 1)
        foreign, misled = matter.language not in member.agent.languages, right not in own
        front: Cause = "front" if matter.says == matter.reason else "caller"
        if (foreign or matter.reason not in member.ability) and not last:
            return _Handled(world.find_out_s, None, right, front if misled else "language")
        if not foreign and member.settles(matter.reason, matter.difficulty, matter.authority, bonus):
            return _Handled(talk_s, "later" if matter.not_at_once else "solved")
        unauthorised = matter.authority and not member.has_authority(matter.reason)
        knows = notices or unauthorised
        above = right if misled else right + SECOND  # another team's agent, who has tried, leaves it to the team
        if knows and not last and above not in own:
            able = unauthorised and matter.difficulty <= member.ability.get(matter.reason, 0.0)
            return _Handled(
                talk_s * world.part_talk, None, above, front if misled else "authority" if able else "skill"
            )
        return _Handled(talk_s, "failed" if knows else "unnoticed")

    def _wrap_up(self, member: Member, talked_s: float) -> Steps:
        yield self.env.timeout(self.world.wrap_s)
        agent = member.agent.id
        self.day.busy_s[agent] += talked_s + self.world.wrap_s
        self.present[agent] = replace(self.present[agent], state="available", since=self.now)
        self.dispatch()

    # -- who gets whom

    def dispatch(self) -> None:
        """Let the side choose, and connect."""
        situation = self._situation()
        if not situation.waiting or all(p.state != "available" for p in situation.present):
            return
        for call, agent in self.side.choose(situation):
            presence = self.present[agent]
            assert presence.state == "available", f"{agent} would talk to two"
            self.present[agent] = replace(presence, state="busy", since=self.now)
            self.lines.pop(call).answered.succeed(agent)

    def _situation(self) -> Situation:
        waiting = tuple(line.waiting for line in self.lines.values())
        return Situation(waiting, tuple(self.present.values()), flow(), self.now)

    def _look_again(self, line: _Line, after_s: float) -> Steps:
        yield self.env.timeout(after_s)
        if self.lines.get(line.waiting.call) is line:
            self.dispatch()


def run(name: str, world: Assumptions, seed: int) -> Day:
    """One day on one side, by its name."""
    members = staff(world, seed)
    return run_side(side(name, world, members, seed), world, members, seed)


def run_side(chosen: Side, world: Assumptions, members: tuple[Member, ...], seed: int) -> Day:
    """One day; the last callers are served after the doors are closed."""
    opens = DAY + timedelta(seconds=OPENS_S)
    present = {m.agent.id: Presence(replace(m.agent, queues=chosen.queues(m)), opens) for m in members}
    day = Day(chosen.name, {m.agent.id: m.home for m in members})
    env = simpy.Environment()
    floor = Floor(env, world, chosen, {m.agent.id: m for m in members}, present, day)
    for matter in matters(world, members, seed):
        env.process(floor.caller(matter))
    env.run()
    return day
