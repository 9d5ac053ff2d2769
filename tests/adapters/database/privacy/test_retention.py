"""What is too old is taken out, in small pieces, and nothing of a call that goes on; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from ivr.adapters.database import DatabaseAudit, Store
from ivr.adapters.database.people.audit import append
from ivr.adapters.database.privacy.retention import AT_ONCE, LINES_AT_ONCE, DatabaseRetention, Days, Swept
from ivr.adapters.database.schema import tables as t
from ivr.calls.people.audit import Actor, AuditFilter, Entry
from ivr.server.data.retention import until_night

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
DAYS = Days(words=10, notes=20, contacts=30, events=40, signals=5, call_backs=5, audit=3653)


def contact(name: str, days: float, **more: Any) -> dict[str, Any]:
    began = NOW - timedelta(days=days)
    row = {"id": name, "channel": "phone", "customer_id": "C1", "ani": "+4930901820", "began_at": began, "ended_at": began,
           "words": "where is it", "summary": "late", "note": "called", "line": "x", "queue": "orders"}  # fmt: skip
    return row | more


async def fill(store: Store, rows: list[dict[str, Any]]) -> None:
    async with store.begin() as connection:
        await connection.execute(insert(t.customers).values(id="C1", name="Lin"))
        await connection.execute(insert(t.contacts), rows)
        events = [
            {"contact_id": row["id"], "at": row["began_at"], "kind": "heard", "entry": "1",
             "facts": {"text": "it is Lin", "node": "n"}}
            for row in rows
        ]  # fmt: skip
        await connection.execute(insert(t.contact_events), events)


async def rows(store: Store) -> dict[str, dict[str, Any]]:
    c, e = t.contacts, t.contact_events.c
    async with store.begin() as connection:
        found = {row["id"]: dict(row) for row in (await connection.execute(select(c))).mappings()}
        for contact_id, facts in await connection.execute(select(e.contact_id, e.facts)):
            found[contact_id]["facts"] = facts
    return found


@pytest.mark.parametrize(
    ("days", "words", "note", "customer", "facts"),
    [
        (9, "where is it", "called", "C1", {"text": "it is Lin", "node": "n"}),
        (11, None, "called", "C1", {"text": "", "node": "n"}),
        (21, None, None, "C1", {"text": "", "node": "n"}),
        (31, None, None, None, {"text": "", "node": "n"}),
        (41, None, None, None, None),
    ],
)
async def test_each_kind_has_its_time(
    days: int, words: str | None, note: str | None, customer: str | None, facts: Any, store: Store
) -> None:
    await fill(store, [contact("a", days)])
    await DatabaseRetention(store, DAYS).sweep(NOW)
    row = (await rows(store))["a"]
    assert (row["words"], row["note"], row["customer_id"], row.get("facts")) == (words, note, customer, facts)
    assert row["ani"] == ("+4930901820" if customer else None) and row["queue"] == "orders", "what is counted stays"
    assert await DatabaseRetention(store, DAYS).sweep(NOW) == Swept(), "nothing is looked at twice"


async def test_nothing_of_a_call_that_goes_on(store: Store) -> None:
    await fill(
        store, [contact("live", 50, ended_at=None), contact("chat", 50, ended_at=None, line=None, channel="chat")]
    )
    before = (await rows(store))["live"]
    assert (await DatabaseRetention(store, DAYS).sweep(NOW)).contacts == 1
    after = await rows(store)
    assert after["live"] == before and after["chat"]["customer_id"] is None


async def test_many_are_taken_out_in_pieces(store: Store) -> None:
    await fill(store, [contact(f"n{n}", 50) for n in range(2 * AT_ONCE + 7)])
    swept = await DatabaseRetention(store, DAYS).sweep(NOW)
    assert (swept.words, swept.notes, swept.contacts, swept.events) == (207, 207, 207, 207)


async def test_signals_and_call_backs_that_are_over(store: Store) -> None:
    await fill(store, [contact("a", 1)])
    s = {"kind": "k", "customer_id": "C1", "at": NOW, "text": "x", "received_at": NOW}
    b = {"number": "+4930901820", "why": "asked", "due_at": NOW, "created_at": NOW, "created_by": "x", "language": "en",
         "text": "", "attempts": 0}  # fmt: skip
    async with store.begin() as connection:
        for name, days in (("old", 6), ("new", 4)):
            over = NOW - timedelta(days)
            await connection.execute(insert(t.signals).values(id=name, external_id=name, expires_at=over, **s))
            await connection.execute(
                insert(t.call_backs).values(id=name, source=name, state="done", ended_at=over, **b)
            )
        await connection.execute(insert(t.call_backs).values(id="waits", source="waits", state="waiting", **b))
    swept = await DatabaseRetention(store, DAYS).sweep(NOW)
    assert (swept.signals, swept.call_backs) == (1, 1)
    async with store.begin() as connection:
        assert set((await connection.execute(select(t.call_backs.c.id))).scalars()) == {"new", "waits"}


@pytest.mark.parametrize(
    ("now", "hours"),
    [("2026-11-20T02:00", 1), ("2026-11-20T03:00", 24), ("2026-11-20T23:00", 4), ("2026-03-28T23:00", 3),
     ("2026-10-24T23:00", 5)],
)  # fmt: skip
def test_next_night_also_where_the_clock_is_changed(now: str, hours: int) -> None:
    assert until_night(datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("Europe/Berlin"))) == hours * 3600


# -- the audit trail

BY = Actor("console:test")


async def write_lines(store: Store, *days: float) -> None:
    rows = [{"at": NOW - timedelta(days=one), "who": "ana", "what": "sign_in", "detail": {}} for one in days]
    async with store.begin() as connection:
        await connection.execute(insert(t.audit), rows)


async def trail(store: Store) -> list[Entry]:
    return await DatabaseAudit(store).page(AuditFilter(), 100)


async def test_lines_of_the_trail_go_in_their_time_and_leave_one(store: Store) -> None:
    await write_lines(store, 3652, 3654, 4000, 1)
    assert await DatabaseRetention(store, DAYS).sweep(NOW, BY) == Swept(audit_lines=2)
    expired, *left = await trail(store)
    assert (expired.what, expired.by, expired.detail) == ("audit.expired", BY, {"lines": 2})
    assert expired.target == "2016-11-19 03:00:00.000000"
    assert [(NOW - one.at).days for one in left] == [1, 3652]
    assert await DatabaseRetention(store, DAYS).sweep(NOW, BY) == Swept() and len(await trail(store)) == 3


async def test_many_lines_go_in_pieces_with_a_line_each(store: Store) -> None:
    await write_lines(store, *[4000] * (LINES_AT_ONCE + 1))
    assert (await DatabaseRetention(store, DAYS).sweep(NOW, BY)).audit_lines == LINES_AT_ONCE + 1
    assert [one.detail["lines"] for one in await trail(store)] == [1, LINES_AT_ONCE]


@pytest.mark.parametrize(
    ("said", "in_its_transaction"),
    [
        (None, True),
        (Entry(BY, "sign_in"), True),
        (Entry(BY, "audit.expired", "2016-11-19 03:00:00.000000"), False),
        (Entry(BY, "audit.expired", "2016-01-01 00:00:00.000000"), True),
        (Entry(BY, "audit.expired", "2016-11-19 03:00:00.000000"), True),
        (Entry(BY, "audit.expired", "2999-01-01 00:00:00.000000"), True),
    ],
    ids=["no line", "another line", "a line of before", "an older time", "all lines", "less than a year"],
)
async def test_nothing_else_deletes_a_line(store: Store, said: Entry | None, in_its_transaction: bool) -> None:
    """2016-11-18 is old enough; the line of yesterday is not, whatever is said."""
    await write_lines(store, 3654, 1)
    if said and not in_its_transaction:
        await DatabaseAudit(store).write(said)
        await DatabaseAudit(store).write(Entry(BY, "sign_out"))
    old, young = t.audit.c.at < NOW - timedelta(3653), t.audit.c.at < NOW
    allowed = said and in_its_transaction and said.what == "audit.expired" and (said.target or "") > "2016-06"
    for which in (young, old):
        if which is old and allowed:
            continue
        with pytest.raises(DBAPIError, match="append-only"):
            async with store.begin() as connection:
                if said and in_its_transaction:
                    await append(connection, said)
                await connection.execute(delete(t.audit).where(which))
    assert len([one for one in await trail(store) if one.by.who == "ana"]) == 2
