"""What other systems are told of a contact: the entries of its ledger as events of a small closed set.

An event has the ids, times, places and results of what happened. What people said or wrote is kept apart (``words``), for
only those get it who ask for it; numbers of payment cards are masked in it whatever ``[privacy]`` says, and what a caller
typed or said as a secret was never in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args
from uuid import UUID, uuid5

from ivr.core.contact.entries import Entry, EventKind
from ivr.core.kept import kept
from ivr.core.language import Language
from ivr.core.masking import masked
from ivr.wire.card_json import dumps

EventType = Literal[
    "call.started", "call.decided", "call.queued", "call.ringing", "call.missed", "call.answered", "call.left",
    "call.passed_on", "call.pass_failed", "call.settled", "call.ended", "contact.outcome", "contact.closed",
    "contact.received", "signal.received", "person.erased",
]  # fmt: skip
EVENTS: tuple[EventType, ...] = get_args(EventType)
"""All that can be asked for, in the order in which a call has them."""
TRIAL = "webhook.test"
"""What is sent when somebody tries out an address; nobody subscribes to it."""
_NAMES = UUID("5a0f1d3e-7c2b-5b0e-9d0c-1f6f2f4f7a11")
_LONGEST = 2_000
"""Characters of one text."""


def in_order(events: Collection[str]) -> tuple[EventType, ...]:
    """The same, each once, in the order of ``EVENTS``; what can be asked for no more is left out."""
    return tuple(one for one in EVENTS if one in events)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event on its way to everybody who asked for it."""

    id: str
    """The same for the same thing, however often it is written or sent."""
    type: EventType
    stream: str
    """What it belongs to: events of one contact are sent in order."""
    at: datetime
    data: Mapping[str, Any]
    words: Mapping[str, Any] = field(default_factory=dict)
    """What people said and wrote, for those who ask for it."""

    def body(self, words: bool) -> str:
        """The body of the request, which is signed and sent as it is, at every attempt the same."""
        data = {**self.data, **self.words} if words else self.data
        return written(self.type, self.at, data)


def written(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    """A body: type, timestamp and data, as Standard Webhooks recommends."""
    told = {"type": kind, "timestamp": _time(at), "data": data}
    return dumps(told)


def event_id(stream: str, what: str) -> str:
    """The id of what happened there."""
    return f"evt_{uuid5(_NAMES, f'{stream}:{what}').hex}"


def of_entry(contact: Mapping[str, Any], entry: Entry) -> Happening | None:
    """What an entry is to other systems, with its contact's columns; None: nothing of theirs."""
    told = _TOLD.get(entry.kind)
    if told is None or (entry.kind == "settled" and not entry.facts["accepted"]):
        return None
    kind, tell = told
    stream = str(contact["id"])
    data, words = tell(contact, entry)
    about = {"contact_id": stream, "channel": contact["channel"], "customer_id": contact["customer_id"]}
    said = {name: text for name, text in words.items() if text}
    return Happening(event_id(stream, entry.id), kind, stream, entry.at, {**about, **data}, said)


def contact_received(row: Mapping[str, Any]) -> Happening:
    """A contact of another channel was brought."""
    data = {
        "contact_id": row["id"], "channel": row["channel"], "customer_id": row["customer_id"],
        "external_id": row["external_id"], "language": row["language"], "intent": row["intent"],
    }  # fmt: skip
    words = {"summary": _clean(row["summary"]), "words": _clean(row["words"] or "")}
    words = {name: text for name, text in words.items() if text}
    return Happening(event_id(row["id"], "received"), "contact.received", row["id"], row["began_at"], data, words)


def signal_received(row: Mapping[str, Any]) -> Happening:
    """Another system has told what may explain a call."""
    data = {
        "signal_id": row["id"], "kind": row["kind"], "external_id": row["external_id"], "customer_id": row["customer_id"],
        "product": row["product"], "order": row["order_id"], "expires_at": _time(row["expires_at"]),
    }  # fmt: skip
    text = {"text": _clean(row["text"])}
    return Happening(event_id(row["id"], "received"), "signal.received", row["id"], row["at"], data, text)


def person_erased(erasure: str, customer: str | None, contacts: Sequence[str], at: datetime) -> Happening:
    """A person's data was erased here, and may be there as well: by their ids, which lead to nobody here any more."""
    data = {"erasure_id": erasure, "customer_id": customer, "contact_ids": list(contacts)}
    return Happening(event_id(erasure, "erased"), "person.erased", erasure, at, data)


# -- what each entry says

_Told = tuple[dict[str, Any], dict[str, str]]
_Tell = Callable[[Mapping[str, Any], Entry], _Told]


def _started(contact: Mapping[str, Any], entry: Entry) -> _Told:
    return {"from": entry.facts["ani"], "to": entry.facts["dnis"]}, {}


def _decided(contact: Mapping[str, Any], entry: Entry) -> _Told:
    f = entry.facts
    data = {
        "intent": f["intent"],
        "cause": f["cause"],
        "queue": f["queue"],
        "priority": f["priority"],
        "agent_id": f["agent"],
    }
    return data, {"words": _said(contact, contact["words"])}


def _queued(contact: Mapping[str, Any], entry: Entry) -> _Told:
    return {"queue": entry.facts["queue"], "position": entry.facts["position"]}, {}


def _ringing(contact: Mapping[str, Any], entry: Entry) -> _Told:
    f = entry.facts
    return {"agent_id": f["agent"], "queue": f.get("queue"), "asked_by": f.get("by")}, {}


def _missed(contact: Mapping[str, Any], entry: Entry) -> _Told:
    return {"agent_id": entry.facts["agent"], "why": entry.facts.get("why")}, {}


def _answered(contact: Mapping[str, Any], entry: Entry) -> _Told:
    return {"agent_id": entry.facts["agent"]}, {}


def _left(contact: Mapping[str, Any], entry: Entry) -> _Told:
    return {"agent_id": entry.facts["agent"], "why": entry.facts.get("why"), "talk_s": entry.facts.get("talk_s")}, {}


def _passed_on(contact: Mapping[str, Any], entry: Entry) -> _Told:
    f = entry.facts
    data = {
        "agent_id": f.get("by"),
        "way": f["way"],
        "to_kind": f["to_kind"],
        "to": f["to"],
        "intent": f.get("reason") or None,
        "why": f.get("why"),
    }
    return data, {"brief": _clean(f.get("brief", "")), "words": _said(contact, f.get("words", ""))}


def _pass_failed(contact: Mapping[str, Any], entry: Entry) -> _Told:
    return {"event": event_id(str(contact["id"]), entry.facts["of"])}, {}


def _settled(contact: Mapping[str, Any], entry: Entry) -> _Told:
    f = entry.facts
    return {"agent_id": f["agent"], "offers": f["offers"], "cost": f.get("cost"), "order": f.get("order")}, {}


def _ended(contact: Mapping[str, Any], entry: Entry) -> _Told:
    return {"after_s": round((entry.at - contact["began_at"]).total_seconds(), 1)}, {}


def _outcome(contact: Mapping[str, Any], entry: Entry) -> _Told:
    f = entry.facts
    return {"agent_id": f["agent"], "outcome": f["outcome"], "follow_up": f.get("follow_up")}, {}


def _closed(contact: Mapping[str, Any], entry: Entry) -> _Told:
    same = ("language", "intent", "queue", "agent_id", "outcome", "solved")
    data = {"began_at": _time(contact["began_at"]), **{name: contact[name] for name in same}}
    return data, {"words": _said(contact, contact["words"]), "note": _clean(contact["note"] or "")}


_TOLD: dict[EventKind, tuple[EventType, _Tell]] = {
    "rang": ("call.started", _started),
    "decided": ("call.decided", _decided),
    "queued": ("call.queued", _queued),
    "agent_ringing": ("call.ringing", _ringing),
    "agent_missed": ("call.missed", _missed),
    "agent_answered": ("call.answered", _answered),
    "agent_done": ("call.left", _left),
    "passed_on": ("call.passed_on", _passed_on),
    "pass_failed": ("call.pass_failed", _pass_failed),
    "settled": ("call.settled", _settled),
    "hung_up": ("call.ended", _ended),
    "outcome": ("contact.outcome", _outcome),
    "closed": ("contact.closed", _closed),
}


def _said(contact: Mapping[str, Any], text: str | None) -> str:
    """A sentence of the caller, as it was heard: every long run of digits in it is hidden."""
    language: Language = "zh" if contact["language"] == "zh" else "en"
    return _clean(masked(text or "", language))


def _clean(text: str) -> str:
    return kept(text)[:_LONGEST]


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
