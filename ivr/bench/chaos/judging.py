"""What was witnessed beside what the database and the desks have: who was served, what is lost, which cards were complete."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ivr.adapters.database import Store
from ivr.adapters.database.schema.tables import contact_events, contacts
from ivr.bench.chaos.callers import Callers
from ivr.bench.chaos.desks import Desk
from ivr.bench.chaos.wires import customer_of
from ivr.bench.chaos.witness import Call, PhoneRing, Windows, touches, within

AT_THE_RING_S = 1.0
"""A card counts as there at the ring until the phone is answered, or so long after the ring began."""
SETTLES_S = 60.0
COMES_BACK_S = 3.0
"""After a restart: until the cards of those who talk are on their desks again."""


@dataclass(slots=True)
class Kept:
    """What the database has of one contact."""

    ended: bool
    kinds: Counter[str] = field(default_factory=Counter)
    """An entry's kind, with the agent where there is one: "agent_ringing chaos3"."""
    first: dict[str, datetime] = field(default_factory=dict)
    """When each kind was there first."""

    @property
    def greeted_ms(self) -> float | None:
        """From the ring to the first sentence."""
        if not {"rang", "said"} <= self.first.keys():
            return None
        return (self.first["said"] - self.first["rang"]).total_seconds() * 1000


async def kept(url: str) -> dict[str, Kept]:
    """All contacts with their entries."""
    found: dict[str, Kept] = {}
    store = Store(url)
    try:
        async with store.begin() as connection:
            for row in await connection.execute(select(contacts.c.id, contacts.c.ended_at)):
                found[row.id] = Kept(row.ended_at is not None)
            for row in await connection.execute(select(contact_events).order_by(contact_events.c.at)):
                found[row.contact_id].first.setdefault(row.kind, row.at)
                found[row.contact_id].kinds[f"{row.kind} {row.facts.get('agent', '')}".strip()] += 1
    finally:
        await store.close()
    return found


async def settled(url: str, calls: set[str]) -> dict[str, Kept]:
    """What the database has, once all is written: contacts end when the last agent has written up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLES_S):
            while not all(there.ended for call, there in (await kept(url)).items() if call in calls):  # noqa: ASYNC110
                await asyncio.sleep(1)
    return await kept(url)


@dataclass(slots=True)
class Judged:
    """The figures of a run, and a sentence for everything that should not be."""

    calls: int = 0
    reached: int = 0
    own_end: int = 0
    not_served: list[str] = field(default_factory=list)
    unseen: int = 0
    """Came and went while no server was there: nobody could have known of them."""
    lost: list[str] = field(default_factory=list)
    rings: int = 0
    complete: int = 0
    naming: int = 0
    incomplete: list[str] = field(default_factory=list)
    rings_without_server: int = 0
    came_back: int = 0
    did_not: list[str] = field(default_factory=list)
    cards_s: list[float] = field(default_factory=list)


class Judge:
    """Looks at every call that was witnessed."""

    def __init__(
        self,
        windows: Windows,
        desks: list[Desk],
        callers: Callers,
        there: dict[str, Kept],
        acts: Sequence[tuple[float, float, str]] = (),
    ) -> None:
        """``acts`` are named beside whatever went wrong while they lasted."""
        self._acts = acts
        self._windows = windows
        self._desks = {desk.phone: desk for desk in desks}
        self._callers = callers
        self._there = there
        self.found = Judged()

    def judge(self, calls: list[Call]) -> Judged:
        """All of it."""
        for call in calls:
            if call.number in self._callers.wishes:
                self._served(call)
                self._recorded(call)
                for ring in call.rings:
                    self._carded(call, ring)
        return self.found

    def _served(self, call: Call) -> None:
        found = self.found
        found.calls += 1
        if call.reached:
            found.reached += 1
        elif call.hung_up_first and not self._callers.wishes[call.number].person:
            found.own_end += 1
        else:
            how = "waited in vain" if call.hung_up_first else "was hung up"
            found.not_served.append(f"{self._named(call)} {how}")

    def _recorded(self, call: Call) -> None:
        contact = self._there.get(call.call)
        assert call.ended
        if contact is None and within(call.rang, call.ended, self._windows):
            self.found.unseen += 1
            return
        missing = self._missing(call, contact) if contact else ["the whole contact"]
        if missing:
            self.found.lost.append(f"{self._named(call)}: {', '.join(missing)}")

    def _missing(self, call: Call, contact: Kept) -> list[str]:
        """What was witnessed while a server was there, and is not in the record."""
        wanted = Counter({"rang": 1, "hung_up": 1})
        for ring in call.rings:
            agent, ended = self._desks[ring.phone].login, ring.ended or ring.began
            if not touches(ring.began, ring.answered or ended, self._windows):
                wanted[f"agent_ringing {agent}"] += 1
            if ring.answered and not touches(ring.answered, ring.answered, self._windows):
                wanted[f"agent_answered {agent}"] += 1
        missing = [
            f"{kind} ({contact.kinds[kind]} of {count})"
            for kind, count in wanted.items()
            if contact.kinds[kind] < count
        ]
        return missing + ([] if contact.ended else ["its end"])

    def _carded(self, call: Call, ring: PhoneRing) -> None:
        found, ended = self.found, ring.ended or ring.began
        shown = self._desks[ring.phone].cards.get(call.call, [])
        window = next(
            ((first, last) for first, last in self._windows if touches(ring.began, ring.began, [(first, last)])), None
        )
        if window is not None:
            found.rings_without_server += 1
            if (
                ring.answered
                and ended > window[1] + COMES_BACK_S
                and not touches(window[1] + 0.01, ended, self._windows)
            ):
                came = any(window[0] <= at <= window[1] + COMES_BACK_S for at, _ in shown)
                found.came_back += came
                if not came:
                    found.did_not.append(f"{self._named(call)}: no card of {ring.phone} after the restart")
            return
        found.rings += 1
        until = max(ring.answered or ended, ring.began + AT_THE_RING_S)
        card = next(((at, card) for at, card in shown if ring.began - AT_THE_RING_S <= at <= until), None)
        if card is None:
            if touches(ring.began, until, self._windows):
                found.rings -= 1
                found.rings_without_server += 1
                return
            found.incomplete.append(f"{self._named(call)}: no card of {ring.phone}")
            return
        found.cards_s.append(card[0] - ring.began)
        self._complete(call, card[1])

    def _complete(self, call: Call, card: dict[str, Any]) -> None:
        """A card has the caller and the reason, or says that it has not."""
        who, missing = card["who"], card["missing"]
        unknown = who["lookup"] in ("failed", "pending") or "caller" in missing
        knows = who["name"] == customer_of(call.number)["name"]
        why = card["why"]
        reason = why["intent"] or why["words"]
        told = "reason" in missing or (why["certainty"] == "unknown" and why["title"])
        if not (knows or unknown) or not (reason or told):
            lookup, name = who["lookup"], who["name"]
            self.found.incomplete.append(
                f"{self._named(call)}: says {lookup!r}, {name!r}, {why['intent']!r}, {missing}"
            )
        elif missing or not knows or not reason:
            self.found.naming += 1
        else:
            self.found.complete += 1

    def _named(self, call: Call) -> str:
        ended = call.ended or call.rang
        acts = [name for began, until, name in self._acts if began <= ended and until >= call.rang]
        return f"{call.call} ({call.rang:.1f} to {ended:.1f}{''.join(f', {name}' for name in acts)})"
