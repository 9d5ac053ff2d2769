"""What finished calls have come to, as learning and reports read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.core.caller import AgentId
from ivr.core.routing.learning import Passage, TransferReason

REASONS: dict[str, TransferReason] = {"wrong_place": "other_matter"}
"""What the way of passing on says of its reason, where nobody has."""


@dataclass(frozen=True, slots=True)
class Cards:
    """How often the card was complete at the ring of a phone."""

    rings: int
    complete: int
    missing: tuple[tuple[str, int], ...]
    """What was missing and how often, the commonest first."""


class DatabaseOutcomes:
    """Reads the calls that agents have had; implements ``ivr.calls.ports.Outcomes``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def passages(self, since: datetime) -> Sequence[Passage]:
        """Every answered leg that rang after that time and is over, in the order in which they rang."""
        c, leg = t.contacts.c, t.contact_legs.c
        columns = (
            leg.contact_id, leg.intent, c.words, c.language, leg.agent_id, leg.queue, leg.answered_at, leg.ended_at,
            leg.passed_kind, leg.passed_to, leg.passed_way, leg.passed_why, leg.outcome, c.customer_id,
        )  # fmt: skip
        query = (
            select(*columns)
            .join(t.contacts, c.id == leg.contact_id)
            .where(leg.rang_at >= since, leg.answered_at.is_not(None), leg.ended_at.is_not(None))
            .order_by(leg.rang_at, leg.leg)
        )
        async with self._store.begin() as connection:
            return [_passage(row) for row in (await connection.execute(query)).mappings()]

    async def cards(self, since: datetime) -> Cards:
        """How often the card was complete when a phone rang."""
        e = t.contact_events.c
        query = select(e.facts).where(e.kind == "carded", e.at >= since)
        missing: Counter[str] = Counter()
        rings = complete = 0
        async with self._store.begin() as connection:
            for facts in (await connection.execute(query)).scalars():
                rings += 1
                complete += not facts["missing"]
                missing.update(facts["missing"])
        return Cards(rings, complete, tuple(missing.most_common()))


def _passage(row: Any) -> Passage:
    to_agent = row["passed_to"] if row["passed_kind"] == "agent" else None
    to_queue = row["passed_to"] if row["passed_kind"] and not to_agent else None
    return Passage(
        contact=row["contact_id"],
        intent=row["intent"],
        words=row["words"],
        language=row["language"] or "en",
        agent=AgentId(row["agent_id"]),
        queue=row["queue"],
        began=row["answered_at"],
        ended=row["ended_at"],
        to_queue=to_queue,
        to_agent=AgentId(to_agent) if to_agent else None,
        reason=(row["passed_why"] or REASONS.get(row["passed_way"])) if row["passed_kind"] else None,
        solved=None if row["outcome"] is None else row["outcome"] == "solved",
        customer=row["customer_id"],
    )
