"""One live call as the switchboard sees it, from the ring to the wrap-up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.calls.edition import Edition
from ivr.calls.ports import Line, Outcome
from ivr.calls.session import CallSession
from ivr.calls.turn import Turn
from ivr.core.caller import AgentId, CallId
from ivr.core.card import CardState
from ivr.core.flow import Flow
from ivr.core.ledger import Ledger


@dataclass(slots=True)
class Offer:
    """This call at one agent's desk."""

    agent: AgentId
    state: CardState
    rang_at: datetime
    """By Asterisk's own clock where it stamps its events."""
    queue: str | None
    told_at: float
    """Loop time at which the desk was told."""
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    seen_ms: float | None = None
    """Ring to drawn card, in ms; None until the browser has said so."""
    pop_before_answer_ms: float | None = None


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
    answered_by: AgentId | None = None
    caller_gone: bool = False
    queue: str | None = None
    queued_at: datetime | None = None
    outcome: Outcome | None = None
    note: str = ""
    closed: bool = False
    written: int = 0
    """How many of the ledger's entries are in the database."""
    turns: list[Turn] = field(default_factory=list)
    seen_ms: dict[AgentId, float] = field(default_factory=dict)
    pop_before_answer_ms: float | None = None

    @property
    def flow(self) -> Flow:
        """The dialogue of this call."""
        return self.edition.flow

    def record(self, now: datetime) -> dict[str, Any]:
        """The contact as the database keeps it."""
        ledger = self.ledger
        customer = ledger.caller.customer
        return {
            "id": str(self.id),
            "channel": "phone",
            "customer_id": customer.id if customer else None,
            "ani": ledger.caller.ani,
            "dnis": ledger.caller.dnis,
            "language": ledger.language,
            "began_at": ledger.began,
            "ended_at": now if self.closed else None,
            "intent": ledger.hand_over.intent if ledger.hand_over else ledger.intent,
            "confidence": ledger.confidence,
            "words": ledger.words,
            "summary": self.summary(),
            "queue": self.queue or (ledger.decision.queue if ledger.decision else None),
            "agent_id": self.answered_by,
            "outcome": self.outcome,
            "solved": self.solved,
            "note": self.note,
            "flow_version": self.flow.version,
        }

    @property
    def solved(self) -> bool | None:
        """Whether the matter is settled; None when nobody has said."""
        if self.session and (self.session.hung_up or (self.ledger.hand_over is None and self.session.place.settled)):
            return True  # the machine has settled it, whether or not the caller waited for the goodbye
        return None if self.outcome is None else self.outcome == "solved"

    def summary(self) -> str:
        """One line for the history."""
        if self.note:
            return self.note[:200]
        if self.ledger.words:
            return f"“{self.ledger.words[:180]}”"
        intent = self.flow.intents.get(self.ledger.hand_over.intent or "") if self.ledger.hand_over else None
        return intent.title["en"] if intent else "Called, said nothing"
