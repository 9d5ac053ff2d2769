"""Settling a matter at once: which ways there are, what the agent may decide, and what the caller said to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Protocol

import structlog

from ivr.calls.clock import Clock, midnight, utc_now
from ivr.calls.live import LiveCall
from ivr.calls.ports import Refused
from ivr.core import offers as core
from ivr.core.caller import AgentId, CallId, Order
from ivr.core.card import Settle
from ivr.core.contact.entries import Entry
from ivr.core.language import Text
from ivr.core.offers import Answers, Authority, Matter, ProductNote, Way
from ivr.core.texts import text

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What every agent may decide alone ([offers] in config.toml), in the house's currency."""

    per_call: Decimal = Decimal(20)
    per_day: Decimal = Decimal(200)
    per_customer: Decimal = Decimal(50)
    """Within thirty days, by whomever."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a caller has said to one way."""

    contact: str
    agent: AgentId
    customer: str | None
    order: str | None
    product: str | None
    intent: str
    offers: tuple[tuple[str, Decimal], ...]
    """What it is made of, with what each costs."""
    accepted: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was booked."""

    cost: Decimal
    left_today: Decimal


class NotAllowed(Exception):
    """More than the agent may decide alone."""

    def __init__(self, left: Authority, asked: Decimal, had: Decimal) -> None:
        super().__init__(f"{asked} is more than {left.most} (and {had} in this call already)")
        self.left, self.asked, self.had = left, asked, had


class Settlements(Protocol):
    """Where offers and what became of them are kept."""

    async def authorities(
        self, agents: Collection[AgentId], customer: str | None, today: datetime, now: datetime
    ) -> Mapping[AgentId, Authority]:
        """What each of these agents may still decide alone."""

    async def answers(self, intent: str, now: datetime) -> Mapping[str, Answers]:
        """How callers with this matter have answered each offer."""

    async def given(self, customer: str, now: datetime) -> Mapping[str, datetime]:
        """What this customer has accepted before, with when that was last."""

    async def book(self, what: Spoken, today: datetime, now: datetime) -> Accepted:
        """Write down what the caller said; raises NotAllowed."""

    async def product(self, product: str, now: datetime) -> ProductNote:
        """What callers who have this product call about, and what they have accepted."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was read for one call before any phone rang, so that the card needs no query."""

    order: Order | None = None
    answers: Mapping[str, Answers] = field(default_factory=dict)
    given: Mapping[str, datetime] = field(default_factory=dict)
    authority: Mapping[AgentId, Authority] = field(default_factory=dict)
    product: ProductNote | None = None
    ways: dict[AgentId, tuple[Way, ...]] = field(default_factory=dict)
    """As they were first shown: what is read while somebody talks must not move."""


class Settling:
    """Works out the ways for cards, and books what was said to them."""

    def __init__(
        self,
        settlements: Settlements,
        agents: Callable[[], Sequence[AgentId]],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        ready: Callable[[LiveCall], None],
        zone: tzinfo = UTC,
        now: Clock = utc_now,
    ) -> None:
        """``ready`` is told when there is something new for the cards of a call."""
        self._settlements = settlements
        self._agents = agents
        self._spawn = spawn
        self._ready = ready
        self._zone = zone
        self._now = now
        self._prepared: dict[CallId, Prepared] = {}

    async def prepare(self, live: LiveCall) -> None:
        """Read what the cards of this call will need, once its matter is known; a database that is away costs only that."""
        intent, customer = live.ledger.intent, live.ledger.caller.customer
        if intent is None or not live.flow.offers:
            return
        now, who = self._now(), customer.id if customer else None
        order = order_of(live)
        try:
            self._prepared[live.id] = Prepared(
                order,
                await self._settlements.answers(intent, now),
                await self._settlements.given(who, now) if who else {},
                await self._settlements.authorities(self._agents(), who, self._today(), now),
                await self._settlements.product(order.product, now) if order else None,
            )
        except OSError as problem:
            log.warning("no offers for this call", call=str(live.id), problem=str(problem))
            return
        if live.closed:
            self._prepared.pop(live.id, None)
        else:
            self._ready(live)

    def ways(self, live: LiveCall, agent: AgentId) -> tuple[Way, ...]:
        """The ways for this agent's card; none before they were prepared."""
        ready = self._prepared.get(live.id)
        if ready is None:
            return ()
        if agent in ready.ways:
            return ready.ways[agent]
        now, flow = self._now(), live.flow
        recent = {
            name for name, at in ready.given.items()
            if name in flow.offers and now - at < timedelta(days=flow.offers[name].once_days)
        }  # fmt: skip
        authority = ready.authority.get(agent, Authority())
        matter = Matter(live.ledger.intent, live.ledger.caller, ready.order, authority, ready.answers, recent)
        ready.ways[agent] = core.ways(flow.offers.values(), matter)
        return ready.ways[agent]

    def card(self, live: LiveCall, agent: AgentId) -> Settle:
        """What a card shows of it."""
        ready = self._prepared.get(live.id)
        if ready is None:
            return Settle(done=live.ledger.story.settled)
        authority = ready.authority.get(agent, Authority())
        return Settle(self.ways(live, agent), authority, ready.product, live.ledger.story.settled)

    def noted(self, live: LiveCall, entry: Entry) -> None:
        """An entry was made: what the cards need is read before a phone rings, and again when the matter turns out another."""
        match entry.kind:
            case "decided" | "looked_up":
                self._spawn(self.prepare(live))
            case "passed_on" if entry.facts.get("reason"):
                self._spawn(self.prepare(live))
            case "closed":
                self._prepared.pop(live.id, None)
            case _:
                pass

    async def answer(self, live: LiveCall, agent: AgentId, names: tuple[str, ...], accepted: bool) -> Accepted:
        """The caller has said yes or no to offers; raises Refused where that may not be."""
        flow, order, intent = live.flow, order_of(live), live.ledger.intent
        unknown = [name for name in names if name not in flow.offers]
        if unknown or not names or intent is None:
            raise Refused(_no_offer(unknown[0] if unknown else ""))
        customer = live.ledger.caller.customer
        fit = {
            one.name
            for one in core.suitable(flow.offers.values(), Matter(intent, live.ledger.caller, order, Authority()))
        }
        if not fit.issuperset(names):
            raise Refused(_NOT_FOR_THIS)
        priced = tuple((name, core.price(flow.offers[name], order)) for name in names)
        what = Spoken(
            str(live.id), agent, customer.id if customer else None, order.id if order else None,
            order.product if order else None, intent, priced, accepted,
        )  # fmt: skip
        now = self._now()
        try:
            booked = await self._settlements.book(what, self._today(), now)
        except NotAllowed as problem:
            raise Refused(_too_much(problem)) from problem
        except OSError as problem:
            raise Refused(_AWAY) from problem
        live.ledger.add(
            now, "settled", agent=agent, offers=list(names), accepted=accepted, cost=str(booked.cost),
            order=order.id if order else None,
        )  # fmt: skip
        ready = self._prepared.get(live.id)
        if ready and agent in ready.authority and accepted:
            was = ready.authority[agent]
            left = Authority(was.per_call - booked.cost, was.today - booked.cost, was.customer - booked.cost)
            ways = tuple(replace(way, allowed=way.cost <= left.most) for way in self.ways(live, agent))
            self._prepared[live.id] = replace(
                ready, authority={**ready.authority, agent: left}, ways={**ready.ways, agent: ways}
            )
            self._ready(live)
        return booked

    def _today(self) -> datetime:
        return midnight(self._now(), self._zone)


def order_of(live: LiveCall) -> Order | None:
    """The order that the call is about: the one that was named, else the only one that is late or under way."""
    orders = live.ledger.caller.orders
    named = {known.value for known in live.ledger.known}
    spoken_of = [order for order in orders if order.id in named]
    for some in (
        spoken_of,
        [o for o in orders if o.status == "late"],
        [o for o in orders if o.status in _OPEN],
        list(orders),
    ):
        if len(some) == 1:
            return some[0]
        if some:
            return some[0] if some is spoken_of else None
    return None


_OPEN = ("processing", "shipped")
_NOT_FOR_THIS = text("calls.offers.not_for_this")
_AWAY = text("calls.offers.away")


def _no_offer(name: str) -> Text:
    return text("calls.offers.unknown", name=name)


def _too_much(problem: NotAllowed) -> Text:
    most = max(problem.left.most - problem.had, Decimal(0))
    return text("calls.offers.too_much", asked=problem.asked, most=most)
