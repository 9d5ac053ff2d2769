"""One live call as the switchboard sees it, from the ring to the wrap-up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.calls.caller.edition import Edition
from ivr.calls.caller.ports import Line
from ivr.calls.caller.response_times import Turn
from ivr.calls.caller.session import CallSession
from ivr.core.caller import AgentId, CallId
from ivr.core.contact.ledger import Ledger
from ivr.core.contact.legs import DeskView, Leg
from ivr.core.contact.service_level import Wait, waits
from ivr.core.flow.flow import Flow

SUMMARY_CHARS = 200


@dataclass(slots=True)
class Offer:
    """This call at one agent's desk: what it shows, and what was measured there."""

    view: DeskView
    told_at: float
    """Loop time at which the desk was told."""
    shown: str = ""
    """The card as it was sent last."""
    seen_ms: float | None = None
    """Ring to drawn card, in ms; None until the browser has said so."""
    pop_before_answer_ms: float | None = None

    @property
    def state(self) -> str:
        """Where the call stands with this agent."""
        return self.view.state


@dataclass(slots=True)
class LiveCall:
    """Everything about one call that is still of interest."""

    id: CallId
    channel: str
    ledger: Ledger
    edition: Edition
    """The dialogue that this call began with, and ends with."""
    looked_up: asyncio.Event = field(default_factory=asyncio.Event)
    line: Line | None = None
    session: CallSession | None = None
    line_used: bool = False
    guarded: bool = True
    """Whether the dialplan's guard may still take the call back."""
    offers: dict[AgentId, Offer] = field(default_factory=dict)
    """The desks where this call rings, is answered, or is being wrapped up."""
    settled: bool = False
    """The machine has settled it without an agent."""
    turns: list[Turn] = field(default_factory=list)
    seen_ms: dict[AgentId, float] = field(default_factory=dict)
    pop_before_answer_ms: float | None = None
    call_backs: list[dict[str, Any]] = field(default_factory=list)
    """Promises to ring that the database could not take, as it keeps them: they go the way of the contact."""

    @property
    def flow(self) -> Flow:
        """The dialogue of this call."""
        return self.edition.flow

    @property
    def closed(self) -> bool:
        """Whether nothing can come any more."""
        return self.ledger.story.closed

    @property
    def caller_gone(self) -> bool:
        """Whether the caller has hung up."""
        return self.ledger.story.gone_at is not None

    @property
    def answered_by(self) -> AgentId | None:
        """The agent who has had the call last."""
        had = self.ledger.legs.had_it
        return had[-1] if had else None

    @property
    def queue(self) -> str | None:
        """The queue that it came to last."""
        return self.ledger.story.queue

    @property
    def place(self) -> str:
        """The queue that it belongs to: where it stood last, else where it was sent, else the one for everything."""
        decided = self.ledger.decision
        return self.queue or (decided.queue if decided else self.flow.fallback_queue)

    @property
    def queued_at(self) -> datetime | None:
        """Since when it waits in a queue."""
        return self.ledger.story.queued_at

    @property
    def outcome(self) -> str | None:
        """What the agent said of how it ended."""
        return self.ledger.story.outcome

    @property
    def note(self) -> str:
        """What agents have written down, the last one first."""
        return "\n".join(note.text for note in reversed(self.ledger.legs.notes))

    def record(self, now: datetime) -> dict[str, Any]:
        """The contact as the database keeps it, with its legs."""
        ledger = self.ledger
        customer = ledger.caller.customer
        return {
            "id": str(self.id),
            "channel": "phone",
            "customer_id": customer.id if customer else None,
            "ani": ledger.caller.ani,
            "dnis": ledger.caller.dnis,
            "shown_name": ledger.caller.shown_name or None,
            "line": self.channel,
            "language": ledger.language,
            "began_at": ledger.began,
            "ended_at": now if self.closed else None,
            "intent": ledger.intent,
            "confidence": ledger.confidence,
            "words": ledger.words,
            "summary": self.summary(),
            "queue": self.queue or (ledger.decision.queue if ledger.decision else None),
            "agent_id": self.answered_by,
            "outcome": self.outcome,
            "solved": self.solved,
            "note": self.note,
            "flow_version": self.flow.version,
            "legs": [_leg(ledger, leg) for leg in ledger.legs.legs.values()],
            "waits": [_wait(number, wait) for number, wait in enumerate(waits(ledger.entries))],
            "call_backs": list(self.call_backs),
        }

    @property
    def solved(self) -> bool | None:
        """Whether the matter is settled; None when nobody has said."""
        if self.session and self.session.call_back:
            return None if self.outcome is None else self.outcome == "solved"
        if self.settled or (self.session and self._settled_by_the_machine(self.session)):
            return True
        return None if self.outcome is None else self.outcome == "solved"

    def _settled_by_the_machine(self, session: CallSession) -> bool:
        # whether or not the caller waited for the goodbye
        return session.hung_up or bool(self.ledger.hand_over is None and session.place.settled)

    def summary(self) -> str:
        """One line for the history."""
        notes = self.ledger.legs.notes
        if notes:
            return notes[-1].text[:SUMMARY_CHARS]
        if self.ledger.words:
            return f"“{self.ledger.words[: SUMMARY_CHARS - 20]}”"
        intent = self.flow.intents.get(self.ledger.intent or "")
        return intent.title["en"] if intent else "Called, said nothing"


def _wait(number: int, wait: Wait) -> dict[str, Any]:
    """One wait as the database keeps it."""
    return {
        "number": number, "queue": wait.queue, "began_at": wait.began, "seconds": round(wait.seconds, 2),
        "answered": wait.answered,
    }  # fmt: skip


def _leg(ledger: Ledger, leg: Leg) -> dict[str, Any]:
    """One leg as the database keeps it: what it was taken for when it rang, and what became of it there."""
    passed = ledger.legs.passed_by(leg)
    return {
        "leg": leg.id, "agent_id": leg.agent, "queue": leg.queue or ledger.story.queue, "way": leg.way, "rang_at": leg.rang_at,
        "answered_at": leg.answered_at, "ended_at": leg.ended_at, "why": leg.why, "intent": ledger.taken_for(leg.rang_at),
        "passed_way": passed.way if passed else None, "passed_kind": passed.kind if passed else None,
        "passed_to": passed.to if passed else None, "really": (passed.reason or None) if passed else None,
        "passed_why": passed.why if passed else None, "outcome": ledger.legs.outcomes.get(leg.agent),
    }  # fmt: skip


def canonical(live: LiveCall) -> dict[str, Any]:
    """The one line that a call leaves in the log; the caller's number and words are in the record, not here."""
    ledger = live.ledger
    customer = ledger.caller.customer
    carded = [entry for entry in ledger.entries if entry.kind == "carded"]
    return {
        "call": str(live.id),
        "dnis": ledger.caller.dnis,
        "customer": customer.id if customer else None,
        "language": ledger.language,
        "intent": ledger.intent,
        "cause": ledger.hand_over.cause if ledger.hand_over else None,
        "confidence": round(ledger.confidence, 2),
        "queue": live.queue or (ledger.decision.queue if ledger.decision else None),
        "agent": live.answered_by,
        "agents": len(ledger.legs.had_it),
        "outcome": live.outcome,
        "total_s": round((ledger.entries[-1].at - ledger.began).total_seconds(), 1),
        "response_ms": [turn.first_audio for turn in live.turns],
        "pop_ms": live.seen_ms.get(live.answered_by) if live.answered_by else None,
        "cards": len(carded),
        "cards_complete": sum(not entry.facts["missing"] for entry in carded),
        "flow": live.flow.version,
    }
