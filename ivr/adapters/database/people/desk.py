"""What agents' own desks keep and read: their day, and their opening lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.desk.ports import Worked
from ivr.core.caller import AgentId
from ivr.core.language import Language

_ENTRIES = ("note", "outcome", "passed_on", "pass_failed")
_BY_THEMSELVES = frozenset({"blind", "wrong_place", "phone"})
"""Ways of passing a call on that need nobody's answer."""


class DatabaseDesk:
    """Implements ``DayBook`` and ``Openings``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def openings(self) -> dict[AgentId, dict[tuple[str, Language], str]]:
        found: dict[AgentId, dict[tuple[str, Language], str]] = defaultdict(dict)
        async with self._store.begin() as connection:
            for row in (await connection.execute(select(t.agent_openings))).mappings():
                found[AgentId(row["agent_id"])][row["intent"], row["language"]] = row["text"]
        return dict(found)

    async def set_opening(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        """Keep a line of an agent's own; an empty one is the dialogue's again."""
        c, key = t.agent_openings.c, {"agent_id": agent, "intent": intent, "language": language}
        mine = (c.agent_id == agent) & (c.intent == intent) & (c.language == language)
        async with self._store.begin() as connection:
            await connection.execute(delete(t.agent_openings).where(mine))
            if text:
                await connection.execute(insert(t.agent_openings).values(**key, text=text))

    async def day(self, agent: AgentId, since: datetime) -> list[Worked]:
        """The agent's own answered calls since that time, the last first."""
        async with self._store.begin() as connection:
            contacts = await _contacts(connection, agent, since)
            legs = await _of(connection, t.contact_legs, list(contacts))
            entries = await _of(connection, t.contact_events, list(contacts))
        worked = [_worked(row, agent, legs[call], entries[call]) for call, row in contacts.items()]
        return sorted(worked, key=lambda one: one.at, reverse=True)


async def _contacts(connection: AsyncConnection, agent: AgentId, since: datetime) -> dict[str, dict[str, Any]]:
    c, leg = t.contacts.c, t.contact_legs.c
    query = (
        select(c.id, c.ani, c.intent, c.words, t.customers.c.name)
        .distinct()
        .join(t.contact_legs, leg.contact_id == c.id)
        .outerjoin(t.customers, t.customers.c.id == c.customer_id)
        .where((leg.agent_id == agent) & (leg.rang_at >= since) & leg.answered_at.is_not(None))
    )
    return {row["id"]: dict(row) for row in (await connection.execute(query)).mappings()}


async def _of(connection: AsyncConnection, table: Any, calls: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    query = select(table).where(table.c.contact_id.in_(calls))
    query = query.where(table.c.kind.in_(_ENTRIES)).order_by(table.c.at, table.c.entry) if "kind" in table.c else query
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in (await connection.execute(query)).mappings():
        found[row["contact_id"]].append(dict(row))
    return found


def _worked(row: dict[str, Any], agent: AgentId, legs: list[dict[str, Any]], entries: list[dict[str, Any]]) -> Worked:
    mine = [leg for leg in legs if leg["agent_id"] == agent and leg["answered_at"]]
    now = datetime.now(UTC)
    outcomes = [e["facts"]["outcome"] for e in entries if e["kind"] == "outcome" and e["facts"]["agent"] == agent]
    return Worked(
        call=row["id"],
        at=min(leg["answered_at"] for leg in mine),
        talk_s=round(sum(((leg["ended_at"] or now) - leg["answered_at"]).total_seconds() for leg in mine), 1),
        over=all(leg["ended_at"] for leg in mine),
        name=row["name"], number=row["ani"], intent=row["intent"], words=row["words"],
        notes=tuple(e["facts"]["text"] for e in entries if e["kind"] == "note" and e["facts"]["agent"] == agent),
        outcome=outcomes[-1] if outcomes else None,
        passed_to=tuple(_passed(agent, legs, mine, entries)),
    )  # fmt: skip


def _passed(
    agent: AgentId, legs: list[dict[str, Any]], mine: list[dict[str, Any]], entries: list[dict[str, Any]]
) -> list[tuple[str, str]]:
    """Where the agent gave the call to; a colleague who was only asked did not get it."""
    failed = {e["facts"]["of"] for e in entries if e["kind"] == "pass_failed"}
    left = max((leg["ended_at"] for leg in mine if leg["ended_at"]), default=None)
    found = []
    for entry in entries:
        facts = entry["facts"]
        if entry["kind"] != "passed_on" or facts.get("by") != agent or entry["entry"] in failed or left is None:
            continue
        went_out = any((leg["passed_way"], leg["passed_kind"]) == ("consult", facts["to_kind"]) for leg in mine)
        got = (facts["to_kind"] == "outside" and went_out) or any(
            leg["agent_id"] != agent and leg["rang_at"] >= entry["at"] and leg["answered_at"]
            and (leg["ended_at"] is None or leg["ended_at"] > left)
            for leg in legs
        )  # fmt: skip
        if facts["way"] in _BY_THEMSELVES or (facts["way"] == "consult" and got):
            found.append((facts["to_kind"], facts["to"]))
    return found
