"""What happened in a contact: one frozen entry for each thing, and what its facts mean.

Facts are plain JSON values, because an entry must be the same after it was read back from the database: everything that is
shown of a contact is made of its entries (see ``ivr.core.contact.story``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ivr.core.caller import AgentId, Caller
from ivr.core.card import Known, Share
from ivr.core.dialogue.messages import HandOver, Trouble
from ivr.core.flow.intent import Evidence, Guess, Understood
from ivr.core.routing import Candidate, Change, Decision, Option

EventKind = Literal[
    "rang", "joined", "looked_up", "said", "heard", "key", "no_input", "understood", "about", "language", "known", "unknown",
    "responded", "decided", "handed_over", "matched", "explained", "queued", "unqueued",
    "asked_source", "proof", "trouble", "problem",
    "agent_ringing", "agent_missed", "agent_answered", "agent_done", "carded", "seen",
    "outside_ringing", "outside_answered", "outside_done",
    "held", "resumed", "passed_on", "pass_failed", "conference", "parked", "note", "settled", "outcome", "wrapped_up",
    "hung_up", "closed", "call_back", "called_back", "consent",
]  # fmt: skip


SHOWN_FROM = 0.005
MOST_STOOD = 50
"""Orders and cases of which an entry keeps how they stood."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, never changed afterwards."""

    at: datetime
    kind: EventKind
    facts: Mapping[str, Any]
    id: str
    """What makes it this one: two reports of the same thing have the same id."""

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it stands in the record."""
        return (self.at, self.id)

    def before(self, other: Entry) -> bool:
        """Which of two reports of the same thing is kept: the earlier one, and of two at the same time always the same."""
        return (self.at, self.kind, _text(self.facts)) < (other.at, other.kind, _text(other.facts))


def _text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)


# -- facts to and from what they mean


def understood_facts(understood: Understood) -> dict[str, Any]:
    """An utterance that was understood: the three likeliest intents, and the evidence for each."""
    best = understood.guesses[:3]
    return {
        "text": understood.text,
        "certainty": understood.certainty,
        "score": round(understood.score, 3),
        "guesses": [[g.intent, round(g.confidence, 3)] for g in best],
        "evidence": [[[e.kind, e.text, round(e.weight, 4), e.title] for e in g.evidence] for g in best],
    }


def understood_of(facts: Mapping[str, Any]) -> Understood:
    """The same, back again."""
    guesses = tuple(
        Guess(intent, confidence, tuple(Evidence(*one) for one in evidence))
        for (intent, confidence), evidence in zip(facts["guesses"], facts["evidence"], strict=True)
    )
    return Understood(facts["text"], guesses, facts["certainty"], facts["score"])


def stood_facts(caller: Caller) -> dict[str, Any]:
    """How a caller's orders and cases stood when they called; what else is in them does not change."""
    return {
        "orders": [[one.id, one.status] for one in caller.orders[:MOST_STOOD]],
        "cases": [[one.id, one.status] for one in caller.cases[:MOST_STOOD]],
    }


def known_facts(known: Known) -> dict[str, Any]:
    """Something that need not be asked again."""
    return {
        "label": known.label["en"], "label_zh": known.label["zh"], "value": known.value, "how": known.how,
        "checked": known.checked,
    }  # fmt: skip


def known_of(facts: Mapping[str, Any]) -> Known:
    """The same, back again."""
    return Known({"en": facts["label"], "zh": facts["label_zh"]}, facts["value"], facts["how"], facts["checked"])


def decision_facts(decision: Decision, hand_over: HandOver) -> dict[str, Any]:
    """Where the call goes and why."""
    runner = decision.runner_up
    return {
        "intent": hand_over.intent,
        "asked_queue": hand_over.queue,
        "cause": hand_over.cause,
        "troubles": [[t.node, t.kind] for t in hand_over.troubles],
        "queue": decision.queue,
        "priority": decision.priority,
        "agent": decision.agent,
        "reasons": reasons_facts(decision.reasons),
        "runner_up": runner.queue if runner else None,
        "runner_up_score": runner.score if runner else None,
        "candidates": candidates_facts(decision.candidates),
        "would_change": changes_facts(decision.would_change),
    }


def reasons_facts(reasons: Iterable[Share]) -> list[list[Any]]:
    """What speaks for a choice, as it is shown: without what would be read as 0.00."""
    return [[r.label["en"], r.value, r.label["zh"]] for r in reasons if abs(r.value) >= SHOWN_FROM]


def candidates_facts(candidates: Iterable[Candidate]) -> list[list[Any]]:
    """Who could have had a call, with what spoke for each."""
    return [
        [c.agent, c.name, c.score, c.state, c.can, reasons_facts(c.reasons)]
        for c in candidates
    ]  # fmt: skip


def changes_facts(changes: Iterable[Change]) -> list[list[str]]:
    """What would have led to another result."""
    return [[change.text["en"], change.text["zh"]] for change in changes]


def decision_of(facts: Mapping[str, Any]) -> Decision:
    """The same, back again."""
    runner = facts["runner_up"]
    return Decision(
        facts["queue"], facts["priority"], AgentId(facts["agent"]) if facts["agent"] else None,
        tuple(Share({"en": en, "zh": zh}, value) for en, value, zh in facts["reasons"]),
        Option(runner, facts["runner_up_score"], ()) if runner else None,
    )  # fmt: skip


def hand_over_of(facts: Mapping[str, Any]) -> HandOver:
    """What the dialogue gave to routing."""
    troubles = tuple(Trouble(node, kind) for node, kind in facts["troubles"])
    return HandOver(facts["intent"], facts["asked_queue"], facts["cause"], troubles)
