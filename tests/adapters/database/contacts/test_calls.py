"""The calls that were, on SQLite and on a real PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from ivr.adapters.database import DatabaseAccounts, DatabaseCalls, Store
from ivr.adapters.database.schema import tables as t
from ivr.calls.floor.past_calls import CallFilter, ShadowPrediction, Totals
from ivr.calls.paging import Place
from ivr.core.caller import Agent, AgentId

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ANA, BEN = AgentId("ana"), AgentId("ben")


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def leg(call: str, agent: str, rang: float, answered: float | None, **more: Any) -> dict[str, Any]:
    return {
        "contact_id": call, "leg": f"{call}-{agent}", "agent_id": agent, "way": "queue", "rang_at": at(rang),
        "answered_at": at(answered) if answered is not None else None, "ended_at": at(rang + 5), "passed_kind": None,
        "outcome": None, **more,
    }  # fmt: skip


def event(call: str, entry: str, minute: float, kind: str, **facts: Any) -> dict[str, Any]:
    return {"contact_id": call, "entry": f"{entry}", "at": at(minute), "kind": kind, "facts": facts}


async def fill(store: Store) -> DatabaseCalls:
    """A call that two agents had, one the machine settled, one that was given up, one of yesterday, and a chat."""
    for name in (ANA, BEN):
        await DatabaseAccounts(store).save(Agent(name, name.title(), f"PJSIP/{name}", ("en",)), name, "x")
    contact = {"channel": "phone", "summary": "", "ended_at": at(60), "ani": "+4930901820", "customer_id": None,
               "queue": None, "intent": None, "agent_id": None, "outcome": None, "solved": None, "words": None}  # fmt: skip
    contacts = [
        {"id": "two", "began_at": at(0), "queue": "repairs", "intent": "repair", "agent_id": BEN, "outcome": "solved",
         "solved": True, "words": "it is broken", "customer_id": "C1"},
        {"id": "machine", "began_at": at(10), "intent": "hours", "solved": True, "ani": "+8613800138000"},
        {"id": "gone", "began_at": at(20), "queue": "orders"},
        {"id": "old", "began_at": at(-1440), "queue": "orders"},
        {"id": "chat", "began_at": at(5), "channel": "chat", "ani": None},
    ]  # fmt: skip
    rows: list[tuple[Any, list[dict[str, Any]]]] = [
        (t.customers, [{"id": "C1", "name": "Lin Mei"}]),
        (t.contacts, [{**contact, **one} for one in contacts]),
        (
            t.contact_legs,
            [
                leg("two", ANA, 1, 2, passed_kind="queue"),
                leg("two", BEN, 8, 9, outcome="solved"),
                leg("gone", ANA, 21, None),
            ],
        ),
        (
            t.contact_events,
            [
                event("two", "a", 1, "handed_over", queue="orders", agent=BEN, shadow=True),
                event("two", "b", 1, "decided", queue="orders"),
                event("two", "c", 1.5, "matched", agent=ANA, shadow=True),
                event("two", "d", 2, "agent_answered", agent=ANA),
                event("two", "e", 7, "passed_on", way="blind", to_kind="queue", to="repairs"),
                event("two", "f", 9, "agent_answered", agent=BEN),
                event("gone", "a", 21, "handed_over", queue="orders", agent=None, shadow=False),
                event("gone", "b", 21, "queued", queue="orders"),
                event("gone", "c", 26, "hung_up"),
                event("old", "a", -1439, "handed_over", queue="orders"),
                event("old", "b", -1430, "hung_up"),
            ],
        ),
        (
            t.contact_waits,
            [
                {
                    "contact_id": call,
                    "number": number,
                    "queue": queue,
                    "began_at": at(began),
                    "seconds": seconds,
                    "answered": answered,
                }
                for call, number, queue, began, seconds, answered in (
                    ("two", 0, "orders", 1, 60.0, True),
                    ("two", 1, "repairs", 7, 120.0, True),
                    ("gone", 0, "orders", 21, 300.0, False),
                    ("old", 0, "orders", -1439, 540.0, False),
                )
            ],
        ),
    ]
    async with store.begin() as connection:
        for table, values in rows:
            await connection.execute(insert(table), values)
    return DatabaseCalls(store, "DE")


async def test_list_is_the_newest_first_page_by_page(store: Store) -> None:
    calls = await fill(store)
    first = await calls.page(CallFilter(), 2)
    assert [one.id for one in first] == ["gone", "machine"]
    rest = await calls.page(CallFilter(), 5, Place(first[-1].began, first[-1].id))
    assert [one.id for one in rest] == ["two", "old"], "a chat is no call"
    two = rest[0]
    assert (two.customer, two.agent, two.agents, two.words, two.solved) == ("Lin Mei", "Ben", 2, "it is broken", True)
    assert (first[0].agents, first[0].agent) == (0, None)


async def test_list_is_narrowed_by_everything_that_is_known_of_calls(store: Store) -> None:
    calls = await fill(store)
    for wanted, found in (
        (CallFilter(agent="ana"), ["two"]),  # though it was Ben's in the end; what only rang at Ana is not hers
        (CallFilter(queue="orders"), ["gone", "old"]),
        (CallFilter(intent="hours"), ["machine"]),
        (CallFilter(outcome="solved"), ["two"]),
        (CallFilter(number="030 901820"), ["gone", "two", "old"]),
        (CallFilter(number="+86 138 0013 8000"), ["machine"]),
        (CallFilter(passed_on=True), ["two"]),
        (CallFilter(passed_on=False, since=at(0)), ["gone", "machine"]),
        (CallFilter(since=at(10), until=at(20)), ["machine"]),
        (CallFilter(agent="nobody"), []),
    ):
        assert [one.id for one in await calls.page(wanted, 9)] == found, wanted


async def test_waits_and_totals_of_a_time(store: Store) -> None:
    calls = await fill(store)
    waits = await calls.waits(at(0))
    assert sorted((one.queue, one.seconds, one.answered) for one in waits) == [
        ("orders", 60.0, True), ("orders", 300.0, False), ("repairs", 120.0, True),
    ]  # fmt: skip
    assert len(await calls.waits(at(-2000))) == 4
    assert await calls.totals(at(0)) == Totals(3, 1)


async def test_one_call_with_all_its_entries(store: Store) -> None:
    calls = await fill(store)
    found = await calls.one("two")
    assert found is not None and found.record["agent_id"] == BEN
    assert sorted(entry.id for entry in found.entries) == list("abcdef")
    assert await calls.one("chat") is None and await calls.one("nothing") is None


async def test_shadow_is_compared_with_who_took_it_first(store: Store) -> None:
    calls = await fill(store)
    assert await calls.predictions(at(0)) == [ShadowPrediction(ANA, ANA, True, None)], (
        "the last prediction before the answer"
    )
    assert await calls.predictions(at(60)) == []
