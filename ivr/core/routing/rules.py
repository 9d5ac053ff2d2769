"""The hard rules: which agents may have a call at all, and when a rule that forbids it falls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.core.caller import Agent, AgentState
from ivr.core.flow.flow import Flow
from ivr.core.language import Text
from ivr.core.routing.parties import Situation, Waiting
from ivr.core.texts import family, text


@dataclass(frozen=True, slots=True)
class Barrier:
    """Why a pair must not be."""

    text: Text
    until: datetime | None = None
    """When the rule falls by itself; None: not by waiting."""


@dataclass(frozen=True, slots=True)
class Access:
    """Which agents may have one call, as far as it is the same for all of them."""

    call: Waiting
    now: datetime
    queues: frozenset[str]
    """The queues whose agents may have it."""
    helpers: frozenset[str]
    """Those whose agents help out from ``overflows`` on, if they have the skill that the matter takes."""
    overflows: datetime
    skill: str | None
    kept_for: Agent | None
    """The agent whom it is kept for, until ``kept_until``."""
    kept_until: datetime
    again: bool = False
    """Nobody else could ever take it, so those who had it may have it again."""
    speak: datetime | None = None
    """Until when the caller's language is a must; None: it is none, because nobody who could take the call speaks it."""

    def barrier(self, agent: Agent) -> Barrier | None:
        """The rule that forbids this agent the call now; whether they are free is another question."""
        if agent.id == self.call.meant_for:
            return None  # whoever named them has weighed everything else
        if self.kept_for and self.now < self.kept_until:
            return Barrier(_kept_for(self.kept_for.name), self.kept_until)
        if not self.reaches(agent):
            return Barrier(_OTHER_QUEUE)
        if self.now < self.overflows and self.queues.isdisjoint(agent.queues):
            return Barrier(_HELPS_LATER, self.overflows)
        if agent.id in self.call.had_by and not self.again:
            return Barrier(_HAD_IT)
        if self.speak and self.now < self.speak and self.call.language not in agent.languages:
            return Barrier(_SPEAKS_NOT, self.speak)
        return None

    def reaches(self, agent: Agent) -> bool:
        """Whether the call could ever come to this agent, by its queue."""
        if not self.queues.isdisjoint(agent.queues):
            return True
        return not self.helpers.isdisjoint(agent.queues) and (self.skill is None or self.skill in agent.skills)

    def may_change_with(self, agent: Agent) -> bool:
        """Whether the rules could be others if this agent signed in as well."""
        return agent.id == self.call.meant_for or (self.reaches(agent) and (self.again or self.speak is None))


def access(situation: Situation, call: Waiting, queue: str | None = None) -> Access:
    """Work out who may have a call that stands in ``queue``; without one, in its own, or else in the fallback queue."""
    flow, now, policy = situation.flow, situation.now, situation.policy
    name = queue or call.queue or flow.fallback_queue
    known, intent = flow.queues.get(name), flow.intents.get(call.intent or "")
    signed_in = [p.agent for p in situation.present if p.signed_in]
    reach = Access(
        call, now,
        queues=frozenset(_open_or_instead(flow, name, now)),
        helpers=frozenset(q for q in known.overflow if is_open(flow, q, now)) if known else frozenset(),
        overflows=call.since + timedelta(seconds=known.overflow_s if known else 0),
        skill=intent.skill if intent else None,
        kept_for=next((a for a in signed_in if a.id == call.meant_for), None),
        kept_until=call.since + timedelta(seconds=policy.meant_for_patience_s),
    )  # fmt: skip
    ever = [a for a in signed_in if reach.reaches(a)]
    again = all(a.id in call.had_by for a in ever)
    speakers = any(call.language in a.languages and (again or a.id not in call.had_by) for a in ever)
    until = call.since + timedelta(seconds=policy.language_patience_s)
    return replace(reach, again=again, speak=until if speakers else None)


def is_open(flow: Flow, queue: str, now: datetime) -> bool:
    """Whether somebody is there for a queue, by its opening hours."""
    known = flow.queues.get(queue)
    hours = flow.hours.get(known.hours) if known and known.hours else None
    return hours is None or hours.is_open(now)


def open_queue(flow: Flow, queue: str, now: datetime) -> str:
    """The queue itself while it is open, else the one that takes its calls meanwhile."""
    return list(_open_or_instead(flow, queue, now))[-1]


def _open_or_instead(flow: Flow, queue: str, now: datetime) -> Iterator[str]:
    """A queue and, while it is closed, those that take its calls; who is still there at the end of the day may help too."""
    seen = set[str]()
    while queue not in seen:
        yield queue
        seen.add(queue)
        if is_open(flow, queue, now):
            return
        queue = flow.queues[queue].closed or flow.fallback_queue


def keeps(state: AgentState) -> Text:
    """What keeps an agent who is not free."""
    return _STATES[state]


_OTHER_QUEUE = text("routing.barrier.other_queue")
_HELPS_LATER = text("routing.barrier.helps_later")
_HAD_IT = text("routing.barrier.had_it")
_SPEAKS_NOT = text("routing.barrier.speaks_not")
_STATES = family("routing.state")


def _kept_for(name: str) -> Text:
    return text("routing.barrier.kept_for", name=name)
