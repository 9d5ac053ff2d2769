"""An agent's day and opening lines, on SQLite and on a real PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from ivr.adapters.database import DatabaseAccounts, DatabaseDesk, Store
from ivr.adapters.database.schema import tables as t
from ivr.core.caller import Agent, AgentId

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ANA, BEN = AgentId("ana"), AgentId("ben")


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


async def fill(store: Store) -> None:
    """Three calls of today: passed on, only asked about, somebody else's; and one of yesterday."""
    for name in (ANA, BEN):
        await DatabaseAccounts(store).save(Agent(name, name.title(), f"PJSIP/{name}", ("en",)), name, "x")
    rows: list[tuple[Any, list[dict[str, Any]]]] = [
        (t.customers, [{"id": "C1", "name": "Lin Mei"}]),
        (
            t.contacts,
            [
                {"id": call, "channel": "phone", "began_at": at(minute), "summary": "", "ani": "+4930901820", "words": words,
                 "customer_id": "C1" if call == "given" else None, "intent": "late"}
                for call, minute, words in (
                    ("given", 0, "where is it"), ("asked", 20, None), ("bens", 40, None), ("old", -1440, None)
                )
            ],
        ),
        (
            t.contact_legs,
            [
                {"contact_id": call, "leg": leg, "agent_id": agent, "way": "queue", "rang_at": at(rang),
                 "answered_at": at(rang + 1), "ended_at": at(ended)}
                for call, leg, agent, rang, ended in (
                    ("given", "1", ANA, 0, 5), ("given", "2", BEN, 6, 9), ("asked", "3", ANA, 20, 30),
                    ("asked", "4", BEN, 22, 24),
                    ("bens", "5", BEN, 40, 45), ("old", "6", ANA, -1440, -1430),
                )
            ],
        ),
        (
            t.contact_events,
            [
                {"contact_id": call, "entry": entry, "at": at(minute), "kind": kind, "facts": facts}
                for call, entry, minute, kind, facts in (
                    ("given", "a", 2, "note", {"agent": ANA, "text": "Promised a call"}),
                    ("given", "b", 4, "passed_on", {"by": ANA, "way": "blind", "to_kind": "queue", "to": "billing"}),
                    ("given", "c", 8, "note", {"agent": BEN, "text": "not hers"}),
                    ("given", "d", 9, "outcome", {"agent": BEN, "outcome": "follow_up"}),
                    ("asked", "e", 21, "passed_on", {"by": ANA, "way": "consult", "to_kind": "agent", "to": BEN}),
                    ("asked", "f", 22, "passed_on", {"by": ANA, "way": "blind", "to_kind": "agent", "to": BEN}),
                    ("asked", "g", 22, "pass_failed", {"of": "f"}),
                    ("asked", "h", 31, "outcome", {"agent": ANA, "outcome": "solved"}),
                )
            ],
        ),
    ]  # fmt: skip
    async with store.begin() as connection:
        for table, values in rows:
            await connection.execute(insert(table), values)


async def test_day_is_the_agent_s_own(store: Store) -> None:
    await fill(store)
    asked, given = await DatabaseDesk(store).day(ANA, at(-60))
    assert (given.call, given.name, given.words, given.notes) == (
        "given",
        "Lin Mei",
        "where is it",
        ("Promised a call",),
    )
    assert given.outcome is None, "that was Ben's"
    assert given.passed_to == (("queue", "billing"),)
    assert (given.at, given.talk_s, given.over) == (at(1), 240.0, True)
    assert (asked.call, asked.outcome, asked.passed_to) == ("asked", "solved", ()), (
        "asked only, and a transfer that failed"
    )
    assert [one.call for one in await DatabaseDesk(store).day(BEN, at(-60))] == ["bens", "asked", "given"]


@pytest.mark.parametrize(("way", "passed_to"), [("consult", (("outside", "+49309"),)), (None, ())])
async def test_number_outside_got_the_call_or_was_only_asked(
    store: Store, way: str | None, passed_to: tuple[tuple[str, str], ...]
) -> None:
    await fill(store)
    leg = {"contact_id": "bens", "leg": "7", "agent_id": ANA, "way": "queue", "passed_way": way, "passed_to": "+49309"}
    leg |= {"rang_at": at(50), "answered_at": at(51), "ended_at": at(55), "passed_kind": "outside" if way else None}
    facts = {"by": ANA, "way": "consult", "to_kind": "outside", "to": "+49309"}
    entry = {"contact_id": "bens", "entry": "i", "at": at(52), "kind": "passed_on", "facts": facts}
    async with store.begin() as connection:
        await connection.execute(insert(t.contact_legs), [leg])
        await connection.execute(insert(t.contact_events), [entry])
    first = (await DatabaseDesk(store).day(ANA, at(-60)))[0]
    assert (first.call, first.passed_to) == ("bens", passed_to)


async def test_day_without_calls_is_empty(store: Store) -> None:
    assert await DatabaseDesk(store).day(ANA, NOW) == []


async def test_opening_is_kept_replaced_and_taken_back(store: Store) -> None:
    await fill(store)
    desk = DatabaseDesk(store)
    await desk.set_opening(ANA, "late", "en", "Hello {salutation}, {agent} here.")
    await desk.set_opening(ANA, "late", "en", "Hi {salutation}!")
    await desk.set_opening(ANA, "", "zh", "您好！")
    await desk.set_opening(BEN, "late", "en", "Ben here.")
    assert await desk.openings() == {
        ANA: {("late", "en"): "Hi {salutation}!", ("", "zh"): "您好！"},
        BEN: {("late", "en"): "Ben here."},
    }
    await desk.set_opening(ANA, "late", "en", "")
    assert ("late", "en") not in (await desk.openings())[ANA]
