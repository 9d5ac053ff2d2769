"""Offers on the card: prepared before the phone rings, booked when the caller has answered, refused in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.agents.settling import Accepted, NotAllowed, Settling, Spoken, order_of
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Refused
from ivr.core.caller import AgentId, Caller, Order
from ivr.core.card import Known
from ivr.core.contact.entries import decision_facts, known_facts
from ivr.core.dialogue.messages import HandOver
from ivr.core.offers import Answers, Authority, Offer, ProductNote
from ivr.core.routing import Decision
from tests.calls.exchange import ANA, BEN, NUMBER, House, answered, house, told
from tests.calls.fakes import Directory
from tests.core.little_house import FLOW, LATE_WATCH, NOW, STRAP, lin

OFFERS = {
    "date": Offer("date", {"en": "New date", "zh": "改期"}, {"en": "…", "zh": "…"}, ("late",), Decimal(7)),
    "gift": Offer("gift", {"en": "Gift", "zh": "礼品"}, {"en": "…", "zh": "…"}, ("late",), Decimal(15), once_days=90),
    "bill": Offer("bill", {"en": "Bill", "zh": "账单"}, {"en": "…", "zh": "…"}, ("invoice",)),
}


@dataclass
class Kept:
    """Where offers are kept, pretended."""

    away: bool = False
    alone: dict[str, Authority] = field(default_factory=dict)
    had: dict[str, datetime] = field(default_factory=dict)
    booked: list[Spoken] = field(default_factory=list)

    async def authorities(
        self, agents: Collection[AgentId], customer: str | None, today: datetime, now: datetime
    ) -> Mapping[AgentId, Authority]:
        return {agent: self.alone.get(agent, Authority(Decimal(20), Decimal(100), Decimal(50))) for agent in agents}

    async def answers(self, intent: str, now: datetime) -> Mapping[str, Answers]:
        if self.away:
            raise ConnectionError("away")
        return {"date": Answers(9, 1)}

    async def given(self, customer: str, now: datetime) -> Mapping[str, datetime]:
        return self.had

    async def book(self, what: Spoken, today: datetime, now: datetime) -> Accepted:
        if self.away:
            raise ConnectionError("away")
        total = sum((cost for _, cost in what.offers), Decimal(0))
        if what.accepted and total > 20:
            raise NotAllowed(Authority(Decimal(20), Decimal(100), Decimal(50)), total, Decimal(0))
        self.booked.append(what)
        return Accepted(total if what.accepted else Decimal(0), Decimal(100) - total)

    async def product(self, product: str, now: datetime) -> ProductNote:
        return ProductNote(product, 3, (("late", 3),), ())


@asynccontextmanager
async def offering(kept: Kept | None = None, **more: Any) -> AsyncIterator[tuple[House, Kept]]:
    kept = kept or Kept()

    def offers(roster: AgentRoster, calls: LiveCalls, spawn: Callable[..., object]) -> Settling:
        return Settling(kept, lambda: list(roster.statuses), spawn, calls.look_again)

    async with house(flow=replace(FLOW, offers=OFFERS), offers=offers, **more) as h:
        yield h, kept


async def decided(h: House, intent: str = "late") -> None:
    """The machine has handed the call over, and an agent has it."""
    live = h.rings()
    await asyncio.sleep(0.1)
    live.ledger.add(
        live.ledger.entries[-1].at, "decided",
        **decision_facts(Decision("orders", 0, None, (), None), HandOver(intent, None, "understood")),
    )  # fmt: skip
    await asyncio.sleep(0.1)


async def talking(h: House, intent: str = "late") -> None:
    await decided(h, intent)
    await answered(h)


def settle(window: Any) -> dict[str, Any]:
    return dict(told(window, "card")[-1]["card"]["settle"])


async def test_card_has_its_ways_at_the_ring() -> None:
    async with offering() as (h, _):
        with h.desks.open(ANA.id) as ana:
            await talking(h)
            shown = settle(ana)
            assert [[one["name"] for one in way["offers"]] for way in shown["ways"]] == [
                ["date"],
                ["gift"],
                ["date", "gift"],
            ]
            assert [way["allowed"] for way in shown["ways"]] == [True, True, False]
            assert shown["most"] == "20.00" and shown["product"]["name"] == "watch"


async def test_what_was_given_a_short_time_ago_is_not_offered_again() -> None:
    kept = Kept(had={"gift": datetime.now(tz=NOW.tzinfo) - timedelta(days=3)})
    async with offering(kept) as (h, _):
        with h.desks.open(ANA.id) as ana:
            await talking(h)
            assert [[one["name"] for one in way["offers"]] for way in settle(ana)["ways"]] == [["date"]]


async def test_answer_is_booked_and_stands_on_the_card_and_in_the_ledger() -> None:
    async with offering() as (h, kept):
        with h.desks.open(ANA.id) as ana:
            await talking(h)
            told(ana)
            await h.desk.settle(ANA.id, h.call, ("date",), True)
            await h.desk.settle(ANA.id, h.call, ("gift",), False)
            assert [(one.offers, one.accepted, one.order, one.customer) for one in kept.booked] == [
                ((("date", Decimal(7)),), True, "4711", "C1"), ((("gift", Decimal(15)),), False, "4711", "C1"),
            ]  # fmt: skip
            assert [(one["name"], one["accepted"]) for one in settle(ana)["done"]] == [("date", True), ("gift", False)]
            assert h.board.calls[h.call].ledger.story.settled == (("date", True), ("gift", False))


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("date", "gift"), "22.00 is more than you may decide alone: 20.00 is left"),
        (("moon",), "no offer “moon”"),
        (("bill",), "not for this matter"),
        ((), "no offer"),
    ],
)
async def test_what_is_refused_is_refused_in_words(names: tuple[str, ...], says: str) -> None:
    async with offering() as (h, kept):
        await talking(h)
        with pytest.raises(Refused, match=says):
            await h.desk.settle(ANA.id, h.call, names, True)
        assert kept.booked == []


async def test_only_who_has_the_call_may_settle_it() -> None:
    async with offering() as (h, _):
        await talking(h)
        with pytest.raises(Refused, match="not at your desk"):
            await h.desk.settle(BEN.id, h.call, ("date",), True)


async def test_database_that_is_away_costs_the_offers_and_nothing_else() -> None:
    async with offering(Kept(away=True)) as (h, _):
        with h.desks.open(ANA.id) as ana, capture_logs() as logs:
            await talking(h)
            assert settle(ana)["ways"] == []
            assert "no offers for this call" in [entry["event"] for entry in logs]
            with pytest.raises(Refused, match="database is away"):
                await h.desk.settle(ANA.id, h.call, ("date",), True)


async def test_wrong_place_brings_the_offers_of_the_right_one() -> None:
    async with offering() as (h, _):
        with h.desks.open(ANA.id) as ana:
            await talking(h)
            live = h.board.calls[h.call]
            passed = {"by": "ben", "way": "wrong_place", "to_kind": "queue", "to": "orders", "reason": "invoice"}
            live.ledger.add(live.ledger.entries[-1].at, "passed_on", **passed)
            await asyncio.sleep(0.1)
            assert [[one["name"] for one in way["offers"]] for way in settle(ana)["ways"]] == [["bill"]]


ORDERS: dict[str, tuple[tuple[Order, ...], tuple[str, ...], str | None]] = {
    "none": ((), (), None),
    "the only one": ((STRAP,), (), "4630"),
    "the late one": ((STRAP, LATE_WATCH), (), "4711"),
    "the one that was named": ((STRAP, LATE_WATCH), ("4630",), "4630"),
    "two that are late": ((LATE_WATCH, replace(LATE_WATCH, id="4712")), (), None),
    "two that are late, one named": ((LATE_WATCH, replace(LATE_WATCH, id="4712")), ("4712",), "4712"),
}


@pytest.mark.parametrize(("orders", "named", "found"), ORDERS.values(), ids=ORDERS.keys())
async def test_order_that_the_call_is_about(
    orders: tuple[Order, ...], named: tuple[str, ...], found: str | None
) -> None:
    caller: Caller = lin(orders=orders)
    async with house(directory=Directory({NUMBER: caller})) as h:
        live = h.rings()
        await asyncio.sleep(0.1)
        for value in named:
            live.ledger.add(NOW, "known", **known_facts(Known({"en": "Order", "zh": "订单"}, value, "spoken", True)))
        order = order_of(live)
        assert (order.id if order else None) == found


async def test_ways_do_not_move_while_somebody_reads_them_and_what_is_left_counts_for_the_call() -> None:
    async with offering() as (h, _):
        with h.desks.open(ANA.id) as ana:
            await talking(h)
            before = settle(ana)["ways"]
            await h.desk.settle(ANA.id, h.call, ("gift",), True)
            after = settle(ana)
            assert [way["offers"] for way in after["ways"]] == [way["offers"] for way in before]
            assert [way["allowed"] for way in after["ways"]] == [False, False, False] and after["most"] == "5.00"
