"""Offers and what became of them, in both databases: limits hold, also for two windows at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.event import listen

from ivr.adapters.database import DatabaseRecords, DatabaseSettlements, Store
from ivr.adapters.database.schema import tables as t
from ivr.calls.agents.settling import Limits, NotAllowed, Spoken
from ivr.core.caller import AgentId
from ivr.core.offers import Answers, Authority
from ivr.lab.shop import shop
from tests.adapters.database.test_database import RECORD, contact

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
TODAY = NOW.replace(hour=0)
ANA = AgentId("ana")
LIMITS = Limits(Decimal(20), Decimal(50), Decimal(30))


@pytest.fixture
async def kept(store: Store) -> DatabaseSettlements:
    await shop.open_shop(store, {agent.id: "correct horse" for agent in shop.AGENTS})
    for number in range(9):
        row = {**RECORD, "id": f"c{number}", "customer_id": "C1001", "intent": "late_delivery", "began_at": NOW}
        await DatabaseRecords(store).write(contact(row))
    return DatabaseSettlements(store, LIMITS)


def said(number: int, *offers: tuple[str, str], yes: bool = True, **more: Any) -> Spoken:
    made: dict[str, Any] = {
        "contact": f"c{number}", "agent": ANA, "customer": "C1001", "order": "4711", "product": "Harbour Classic watch",
        "intent": "late_delivery", "offers": tuple((name, Decimal(cost)) for name, cost in offers), "accepted": yes,
    }  # fmt: skip
    return Spoken(**made | more)


async def alone(
    kept: DatabaseSettlements, agent: AgentId, customer: str | None, today: datetime, now: datetime
) -> Authority:
    """What one agent may still decide."""
    return (await kept.authorities([agent], customer, today, now))[agent]


async def test_what_is_spent_is_left_no_more(kept: DatabaseSettlements) -> None:
    booked = await kept.book(said(1, ("new_date", "6.90"), ("late_refund", "9.45")), TODAY, NOW)
    assert (booked.cost, booked.left_today) == (Decimal("16.35"), Decimal("33.65"))
    left = await alone(kept, ANA, "C1001", TODAY, NOW)
    assert (left.per_call, left.today, left.customer, left.most) == (
        Decimal(20), Decimal("33.65"), Decimal("13.65"), Decimal("13.65"),
    )  # fmt: skip
    tomorrow = NOW + timedelta(days=1)
    assert (await alone(kept, ANA, "C1003", tomorrow.replace(hour=0), tomorrow)).today == 50
    assert (await alone(kept, ANA, "C1001", TODAY, NOW + timedelta(days=31))).customer == 30


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        ([], ("big", "20.01")),  # more than a call
        ([said(1, ("a", "12"))], ("b", "9")),  # in the same call
        ([said(2, ("a", "16")), said(3, ("a", "9"))], ("b", "6")),  # to this customer
    ],
)
async def test_more_than_may_be_decided_books_nothing(
    kept: DatabaseSettlements, before: list[Spoken], asked: tuple[str, str]
) -> None:
    for one in before:
        await kept.book(one, TODAY, NOW)
    was = await alone(kept, ANA, "C1001", TODAY, NOW)
    with pytest.raises(NotAllowed):
        await kept.book(said(1, asked), TODAY, NOW)
    assert await alone(kept, ANA, "C1001", TODAY, NOW) == was


async def test_the_day_s_money_is_spent_once_however_many_windows_spend_it(kept: DatabaseSettlements) -> None:
    asked = [said(n, ("gift", "15"), customer=None) for n in range(6)]
    results = await asyncio.gather(*(kept.book(one, TODAY, NOW) for one in asked), return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in results) == 3
    assert (await alone(kept, ANA, None, TODAY, NOW)).today == 5


async def test_a_no_costs_nothing_and_counts(kept: DatabaseSettlements) -> None:
    for number, yes in enumerate((True, True, False, False, False)):
        await kept.book(said(number, ("new_date", "1")), TODAY, NOW) if yes else await kept.book(
            said(number, ("new_date", "99"), yes=False), TODAY, NOW
        )
    assert await kept.answers("late_delivery", NOW) == {"new_date": Answers(2, 3)}
    assert await kept.answers("repair", NOW) == {}
    assert await kept.answers("late_delivery", NOW + timedelta(days=400)) == {}


async def test_another_answer_in_the_same_call_takes_the_place_of_the_first(kept: DatabaseSettlements) -> None:
    await kept.book(said(1, ("new_date", "6.90"), yes=False), TODAY, NOW)
    await kept.book(said(1, ("new_date", "6.90")), TODAY, NOW)
    assert await kept.answers("late_delivery", NOW) == {"new_date": Answers(1, 0)}
    assert list(await kept.given("C1001", NOW)) == ["new_date"] and await kept.given("C1003", NOW) == {}


async def test_somebody_may_decide_more_than_others(kept: DatabaseSettlements, store: Store) -> None:
    async with store.begin() as connection:
        await connection.execute(insert(t.authority).values(agent_id="ana", per_call_cents=9_000, per_day_cents=10_000))
    assert (await alone(kept, ANA, None, TODAY, NOW)).per_call == 90
    assert (await alone(kept, AgentId("ben"), None, TODAY, NOW)).per_call == 20


async def test_a_product_in_small(kept: DatabaseSettlements) -> None:
    await kept.book(said(1, ("new_date", "6.90")), TODAY, NOW)
    await kept.book(said(2, ("new_date", "6.90"), yes=False), TODAY, NOW)
    note = await kept.product("Harbour Classic watch", NOW + timedelta(hours=1))
    assert note.complaints[0][0] == "late_delivery" and note.complaints[0][1] >= 9
    assert note.answers == (("new_date", 1, 2),)
    assert (await kept.product("no such thing", NOW)).contacts == 0


async def test_all_who_may_get_a_call_are_asked_about_at_once(kept: DatabaseSettlements, store: Store) -> None:
    async with store.begin() as connection:
        await connection.execute(insert(t.authority).values(agent_id="ben", per_call_cents=9_000, per_day_cents=10_000))
    await kept.book(said(1, ("new_date", "6.90")), TODAY, NOW)
    await kept.book(said(2, ("gift", "15"), customer=None, agent=AgentId("ben")), TODAY, NOW)
    crew = [ANA, AgentId("ben"), *(AgentId(f"new{number}") for number in range(200))]
    asked: list[str] = []
    listen(store.engine.sync_engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    left = await kept.authorities(crew, "C1001", TODAY, NOW)
    assert sum(text.startswith("SELECT") for text in asked) == 3, "however many they are"
    assert {one: (left[one].per_call, left[one].today, left[one].customer) for one in crew[:3]} == {
        "ana": (20, Decimal("43.10"), Decimal("23.10")), "ben": (90, 85, Decimal("23.10")),
        "new0": (20, 50, Decimal("23.10")),
    }  # fmt: skip
    assert list(left) == crew and await kept.authorities([], None, TODAY, NOW) == {}
