"""What finished calls teach: who settles which matters more often than others do, and how sure that is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal, get_args

from ivr.core.caller import AgentId
from ivr.core.language import Language, Text
from ivr.core.texts import text

DRAWN = 12.0
"""Calls' worth of belief that an agent is like everybody, and a matter like every matter: the *k* of the formula."""
FRESH = timedelta(days=90)
"""Until then an outcome counts in full; …"""
HALVED_EVERY = timedelta(days=30)
"""… after that it counts half as much for each of these."""
FORGOTTEN = 0.01
"""An outcome that would count less is left out."""
Quantile = Callable[[float, float, float], float]
"""Of the Beta distribution: probability, a, b → share (``adapters.statistics``)."""
REPEAT_WITHIN = timedelta(days=7)
"""Whoever calls again about the same matter within this was not helped."""
INTERVAL = 0.8
"""The probability that the true share lies in the interval that is shown."""

TransferReason = Literal["other_matter", "no_authority", "no_skill", "language", "asked_for", "other"]
"""Why a call was passed on. Three say nothing of the agent: another matter, another language, somebody was asked for."""
TRANSFER_REASONS: tuple[TransferReason, ...] = get_args(TransferReason)
_NOT_THE_AGENT = frozenset[TransferReason | None]({"other_matter", "language", "asked_for"})


@dataclass(frozen=True, slots=True)
class Passage:
    """One call with one agent: what was said it was about, and what became of it there."""

    contact: str
    intent: str | None
    """What the machine took it for."""
    words: str | None
    language: Language
    agent: AgentId
    queue: str | None
    began: datetime
    ended: datetime
    to_queue: str | None = None
    """Where the agent passed it on to; None: nowhere, or to an agent."""
    to_agent: AgentId | None = None
    reason: TransferReason | None = None
    """Why it was passed on; None: it was not, or nobody said."""
    solved: bool | None = None
    """As the agent said; None: nobody has."""
    customer: str | None = None

    @property
    def transferred(self) -> bool:
        """Whether the agent passed it on."""
        return self.to_queue is not None or self.to_agent is not None


@dataclass(frozen=True, slots=True)
class Example:
    """One outcome: an agent had a call of this intent and settled it, or did not."""

    agent: AgentId
    intent: str
    at: datetime
    settled: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """How likely an agent settles calls of one intent, beside how likely they are settled at all.

    ``p = (s + k·m) / (n + k)``: the mean of a Beta distribution that begins at the intent's own mean.
    """

    settled: float
    """*s*: outcomes, each counted by its age."""
    calls: float
    """*n*, counted in the same way."""
    mean: float
    """*m*: of the intent over all agents, itself drawn to the mean over all intents."""
    seen: int = 0
    """How many outcomes that were, whatever their age."""
    others_settled: float = 0.0
    others_calls: float = 0.0
    """The same intent with all other agents."""

    @property
    def lead(self) -> float:
        """``p − m``; of a new agent exactly 0."""
        return (self.settled - self.calls * self.mean) / (self.calls + DRAWN)

    @property
    def p(self) -> float:
        """The probability that this agent settles such a call."""
        return self.mean + self.lead

    def interval(self, quantile: Quantile, within: float = INTERVAL) -> tuple[float, float]:
        """Between which shares the true one lies with probability ``within``; ``quantile`` is that of the Beta distribution."""
        # a mean of 0 or 1 would leave no doubt at all, which no number of calls can
        mean = min(max(self.mean, 0.001), 0.999)
        a = self.settled + DRAWN * mean
        b = self.calls - self.settled + DRAWN * (1 - mean)
        return quantile((1 - within) / 2, a, b), quantile((1 + within) / 2, a, b)

    def compared(self, name: str, title: Text) -> Text:
        """In words: "Ana settles 8 of 10 calls about “Late delivery”, others 6 of 10"."""
        if not self.calls:
            return text("routing.learnt.nothing", name=name, title=title)
        mine = _of_ten(self.settled, self.calls)
        if not self.others_calls:
            return text("routing.learnt.alone", name=name, mine=mine, title=title)
        theirs = _of_ten(self.others_settled, self.others_calls)
        return text("routing.learnt.compared", name=name, mine=mine, title=title, theirs=theirs)

    def sentence(self, name: str, title: Text, quantile: Quantile, weight: float = 1.0) -> Text:
        """All of it, with what it adds to a score: "… others 6 of 10: +0.07 (24 calls, 0.68 to 0.85)"."""
        low, high = self.interval(quantile)
        said, adds = self.compared(name, title), f"{weight * self.lead:+.2f}"
        return text("routing.learnt.adds", said=said, adds=adds, seen=self.seen, low=low, high=high)


def learn(examples: Iterable[Example], now: datetime) -> dict[tuple[AgentId, str], Estimate]:
    """Every agent's estimate for every intent they had calls of; the order of the examples does not matter."""
    weights: dict[tuple[AgentId, str], list[tuple[float, bool]]] = defaultdict(list)
    for example in examples:
        weight = _counts(now - example.at)
        if weight >= FORGOTTEN:
            weights[example.agent, example.intent].append((weight, example.settled))
    # fsum is exact, so the order of the examples leaves no trace
    sums = {key: (math.fsum(w for w, s in some if s), math.fsum(w for w, _ in some)) for key, some in weights.items()}
    by_intent = {intent: _total(sums, intent) for intent in {intent for _, intent in sums}}
    means = _means(by_intent)
    return {
        (agent, intent): Estimate(
            settled, calls, means[intent], len(weights[agent, intent]),
            max(by_intent[intent][0] - settled, 0.0), max(by_intent[intent][1] - calls, 0.0),
        )
        for (agent, intent), (settled, calls) in sums.items()
    }  # fmt: skip


def label(passages: Iterable[Passage], now: datetime) -> list[Example]:
    """The outcomes that finished calls give.

    A call counts once seven days have passed: before that a good end is not certain, and to count only the bad ones would
    make everybody's last week a bad one. A transfer that says nothing of the agent gives no example; after "another matter"
    the rest of that contact gives none of what it was first taken for either.
    """
    every = sorted(passages, key=lambda p: (p.contact, p.began, p.agent))
    calls: dict[str, list[Passage]] = defaultdict(list)
    for passage in every:
        if passage.customer is not None:
            calls[passage.customer].append(passage)
    found = []
    for _, contact in groupby(every, key=lambda p: p.contact):
        found += [
            Example(p.agent, p.intent, p.ended, _settled(p, calls.get(p.customer or "", [])))
            for p in _telling(contact)
            if p.intent is not None and p.ended + REPEAT_WITHIN <= now
        ]
    return found


def _telling(contact: Iterable[Passage]) -> Iterator[Passage]:
    """The passages of one contact that say something of their agent."""
    mistaken: set[str | None] = set()
    for passage in contact:
        if passage.transferred and passage.reason in _NOT_THE_AGENT:
            if passage.reason == "other_matter":
                mistaken.add(passage.intent)
        elif passage.intent not in mistaken:
            yield passage


def _settled(passage: Passage, calls: Iterable[Passage]) -> bool:
    """Whether it ended there: not passed on, not called unsolved, and the caller did not come back about it."""
    if passage.transferred or passage.solved is False:
        return False
    return not any(
        other.contact != passage.contact
        and passage.ended < other.began <= passage.ended + REPEAT_WITHIN
        and other.intent in (passage.intent, None)
        for other in calls
    )


def _counts(age: timedelta) -> float:
    """How much an outcome of this age counts, 0 to 1."""
    return 1.0 if age <= FRESH else float(0.5 ** ((age - FRESH) / HALVED_EVERY))


def _total(sums: Mapping[tuple[AgentId, str], tuple[float, float]], intent: str) -> tuple[float, float]:
    mine = [pair for (_, one), pair in sums.items() if one == intent]
    return math.fsum(settled for settled, _ in mine), math.fsum(calls for _, calls in mine)


def _means(by_intent: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Each intent's mean, drawn to the mean over all intents."""
    calls = math.fsum(n for _, n in by_intent.values())
    overall = math.fsum(s for s, _ in by_intent.values()) / calls if calls else 0.0
    return {intent: (s + DRAWN * overall) / (n + DRAWN) for intent, (s, n) in by_intent.items()}


def _of_ten(settled: float, calls: float) -> int:
    return round(10 * settled / calls)
