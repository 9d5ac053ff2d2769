"""The calls that were, for the floor and for reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, and_, exists, func, select

from ivr.adapters.database.contacts.channels import from_newest
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.floor.past_calls import CallFilter, PastCall, ShadowPrediction, Totals
from ivr.calls.paging import Place
from ivr.calls.records import Contact
from ivr.core.caller import AgentId
from ivr.core.contact.entries import Entry
from ivr.core.contact.service_level import Wait
from ivr.wire.phone_numbers import normalise

PIECE = 1000


class DatabaseCalls:
    """Implements ``ivr.calls.floor.past_calls.PastCalls``; ``region`` is the country of numbers without a country code."""

    def __init__(self, store: Store, region: str) -> None:
        self._store = store
        self._region = region

    async def page(self, wanted: CallFilter, limit: int, after: Place | None = None) -> list[PastCall]:
        """The newest calls that fit, or those after a place."""
        c = t.contacts.c
        query = from_newest(self._fitting(wanted), c.began_at, c.id, after).limit(limit)
        async with self._store.begin() as connection:
            return [PastCall(**row) for row in (await connection.execute(query)).mappings()]

    def _fitting(self, wanted: CallFilter) -> Select[Any]:
        c, leg = t.contacts.c, t.contact_legs.c
        mine = and_(leg.contact_id == c.id, leg.answered_at.is_not(None))
        had = select(func.count(leg.agent_id.distinct())).where(mine).scalar_subquery()
        query = (
            select(
                c.id, c.began_at.label("began"), c.ended_at.label("ended"), c.ani, t.customers.c.name.label("customer"),
                c.language, c.intent, c.words, c.queue, t.agents.c.name.label("agent"), had.label("agents"), c.outcome, c.solved,
            )
            .join(t.customers, t.customers.c.id == c.customer_id, isouter=True)
            .join(t.agents, t.agents.c.id == c.agent_id, isouter=True)
            .where(c.channel == "phone")
        )  # fmt: skip
        if wanted.since is not None:
            query = query.where(c.began_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(c.began_at < wanted.until)
        for column, value in ((c.queue, wanted.queue), (c.intent, wanted.intent), (c.outcome, wanted.outcome)):
            if value is not None:
                query = query.where(column == value)
        if wanted.number is not None:
            query = query.where(c.ani.in_({wanted.number, normalise(wanted.number, self._region) or wanted.number}))
        if wanted.agent is not None:
            query = query.where(exists().where(mine, leg.agent_id == wanted.agent))
        if wanted.passed_on is not None:
            passed = exists().where(leg.contact_id == c.id, leg.passed_kind.is_not(None))
            query = query.where(passed if wanted.passed_on else ~passed)
        return query

    async def one(self, call: str) -> Contact | None:
        """A call with everything that happened in it."""
        c, e = t.contacts.c, t.contact_events.c
        entries = select(e.at, e.kind, e.facts, e.entry).where(e.contact_id == call)
        async with self._store.begin() as connection:
            query = select(t.contacts).where(c.id == call, c.channel == "phone")
            row = (await connection.execute(query)).mappings().first()
            if row is None:
                return None
            found = (await connection.execute(entries)).mappings()
            return Contact(dict(row), tuple(Entry(r["at"], r["kind"], r["facts"], r["entry"]) for r in found))

    async def waits(self, since: datetime) -> list[Wait]:
        """All waits of calls that began after that time."""
        w = t.contact_waits.c
        query = select(w.queue, w.began_at, w.seconds, w.answered).where(w.began_at >= since)
        found: list[Wait] = []
        async with self._store.begin() as connection:
            # in pieces: a quarter of a year of a busy house must not hold up anybody's call
            async for some in (await connection.stream(query)).partitions(PIECE):
                found += [Wait(*row) for row in some]
        return found

    async def totals(self, since: datetime) -> Totals:
        """What became of the calls that began after that time."""
        c, leg = t.contacts.c, t.contact_legs.c
        answered = exists().where(leg.contact_id == c.id, leg.answered_at.is_not(None))
        of_time = select(func.count()).where(c.channel == "phone", c.began_at >= since, c.ended_at.is_not(None))
        async with self._store.begin() as connection:
            calls = (await connection.execute(of_time)).scalar_one()
            settled = (await connection.execute(of_time.where(c.solved.is_(True), ~answered))).scalar_one()
        return Totals(calls, settled)

    async def predictions(self, since: datetime) -> Sequence[ShadowPrediction]:
        """The calls of the shadow mode that an agent took: the last prediction before they did, and what became of it."""
        e, leg = t.contact_events.c, t.contact_legs.c
        predictions = select(e.contact_id, e.at, e.facts).where(e.kind.in_(("handed_over", "matched")), e.at >= since)
        taken = (
            select(leg.contact_id, leg.answered_at, leg.agent_id, leg.passed_kind, leg.outcome)
            .where(leg.answered_at >= since)
            .order_by(leg.answered_at)
        )
        async with self._store.begin() as connection:
            said = [
                (row["contact_id"], row["at"], row["facts"]["agent"])
                for row in (await connection.execute(predictions)).mappings()
                if row["facts"].get("shadow") and row["facts"].get("agent")
            ]
            legs = [dict(row) for row in (await connection.execute(taken)).mappings()] if said else []
        first = {row["contact_id"]: row for row in reversed(legs)}
        last: dict[str, str] = {}
        for contact, at, agent in sorted(said, key=itemgetter(1)):
            if contact in first and at <= first[contact]["answered_at"]:
                last[contact] = agent
        return [_predictions(agent, first[contact]) for contact, agent in last.items()]


def _predictions(predicted: str, leg: dict[str, Any]) -> ShadowPrediction:
    solved = None if leg["outcome"] is None else leg["outcome"] == "solved"
    return ShadowPrediction(AgentId(predicted), AgentId(leg["agent_id"]), leg["passed_kind"] is not None, solved)
