"""Cards as the browser gets them."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from ivr.core.caller import AgentId, Caller, Case, Order, PastContact
from ivr.core.card import Brief, Card, Known, Line, OpeningLines, Patience, Settle, Share, Station, Why
from ivr.core.contact.card_of import Names, brief_of, journey_of, patience_of, why_of
from ivr.core.contact.ledger import Ledger
from ivr.core.contact.legs import DeskView
from ivr.core.flow.flow import Flow
from ivr.core.language import Text
from ivr.core.texts import same
from ivr.wire.phone_numbers import readable


def dumps(message: dict[str, Any]) -> str:
    """JSON as it goes over the wire: compact, and as readable in a log as it is in Chinese."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def stamp(at: datetime | None) -> str | None:
    """A time with its zone, to the millisecond."""
    return at.isoformat(timespec="milliseconds") if at else None


def card_json(card: Card, flow: Flow, me: AgentId, view: DeskView) -> dict[str, Any]:
    """The card as plain JSON values."""
    return {
        "call": str(card.call),
        "state": card.state,
        "since": stamp(card.since),
        "rang_at": stamp(view.rang_at),
        "connected_at": stamp(view.connected_at),
        "ended_at": stamp(view.ended_at),
        "held": card.held,
        "dialling": card.dialling,
        "consulting": card.consulting,
        "asked_by": card.asked_by,
        "conference": card.conference,
        "brief": _brief(card.brief) if card.brief else None,
        "journey": [_station(station, me) for station in card.journey],
        "settle": _settle(card.settle, flow),
        "missing": list(card.missing),
        "language": card.language,
        "who": who_json(card.caller),
        "why": _why(card.why),
        "patience": _patience(card.patience),
        "known": [_known(known) for known in card.known],
        "transcript": [_line(line) for line in card.transcript],
        **_past(card.caller, flow, me),
        "queue": {"name": card.queue, "title": card.queue_title},
        "waited_s": card.waited_s,
        "reasons": [_share(share) for share in card.reasons],
        "opening": card.opening,
        "opening_lines": _lines(card.opening_lines) if card.opening_lines else None,
        "pop": {"url": card.pop.url, "at_once": card.pop.at_once} if card.pop else None,
    }


def _lines(lines: OpeningLines) -> dict[str, Any]:
    return {"text": lines.text, "own": lines.own, "fields": list(lines.fields)}


def story_json(ledger: Ledger, flow: Flow, names: Names) -> dict[str, Any]:
    """A contact as nobody's card: for whoever looks on, while it goes on or long after."""
    passed = ledger.legs.passed[-1] if ledger.legs.passed else None
    brief = brief_of(ledger, flow, _NOBODY, names) if passed else None
    decided = ledger.decision
    queue = flow.queues.get(ledger.story.queue or (decided.queue if decided else ""))
    return {
        "call": str(ledger.call),
        "since": stamp(ledger.began),
        "language": ledger.language,
        "who": who_json(ledger.caller),
        "why": _why(why_of(ledger, flow)),
        "patience": _patience(patience_of(ledger, flow)),
        "known": [_known(known) for known in ledger.known],
        "transcript": [_line(line) for line in ledger.lines],
        "brief": _brief(brief) if brief else None,
        "journey": [_station(station, _NOBODY) for station in journey_of(ledger, flow, names)],
        "notes": [
            {"at": stamp(note.at), "by": names.get(note.by, note.by), "text": note.text} for note in ledger.legs.notes
        ],
        "queue": {"name": queue.name, "title": queue.title} if queue else None,
        "reasons": [_share(share) for share in decided.reasons] if decided else [],
        **_past(ledger.caller, flow, _NOBODY),
    }


_NOBODY = AgentId("")


def _past(caller: Caller, flow: Flow, me: AgentId) -> dict[str, Any]:
    return {
        "timeline": [_contact(contact, me) for contact in caller.contacts],
        "signals": [
            {"kind": one.kind, "at": stamp(one.at), "text": one.text, "product": one.product, "order": one.order}
            for one in caller.signals
        ],
        "orders": [_order(order) for order in caller.orders],
        "cases": [_case(case, flow) for case in caller.cases],
    }


def _why(why: Why) -> dict[str, Any]:
    return {
        "intent": why.intent,
        "title": why.title,
        "confidence": why.confidence,
        "certainty": why.certainty,
        "words": why.words,
        "words_at": stamp(why.words_at),
        "heard_language": why.heard_language,
        "shares": [_share(share) for share in why.shares],
        "runner_up": why.runner_up,
    }


def _patience(patience: Patience) -> dict[str, Any]:
    return {"spent": patience.spent, "of": patience.of, "troubles": list(patience.troubles)}


def who_json(caller: Caller) -> dict[str, Any]:
    """Who calls."""
    customer = caller.customer
    return {
        "known": caller.known,
        "lookup": caller.lookup,
        "customer_id": customer.id if customer else None,
        "name": customer.name if customer else None,
        "salutation": {"en": customer.salutation or customer.name, "zh": customer.salutation_zh or customer.name}
        if customer
        else None,
        "shown_name": caller.shown_name,
        "number": readable(caller.ani) if caller.ani else None,
        "language": customer.language if customer else None,
        "tier": customer.tier if customer else None,
        "region": customer.region if customer else None,
        "note": customer.note if customer else None,
    }


def _brief(brief: Brief) -> dict[str, Any]:
    return {
        "at": stamp(brief.at), "by": brief.by, "way": brief.way, "text": brief.text, "words": brief.words,
        "reason": brief.reason, "to": brief.to, "why": brief.why,
    }  # fmt: skip


def _settle(settle: Settle, flow: Flow) -> dict[str, Any]:
    def title(name: str) -> Text:
        known = flow.offers.get(name) or flow.intents.get(name)
        return known.title if known else same(name)

    note = settle.product
    return {
        "ways": [
            {
                "offers": [{"name": one.name, "title": one.title, "say": one.say} for one in way.offers],
                "cost": f"{way.cost:.2f}", "chance": way.chance, "accepted": way.accepted, "asked": way.asked,
                "allowed": way.allowed,
            }
            for way in settle.ways
        ],
        "most": f"{settle.authority.most:.2f}",
        "left_today": f"{max(settle.authority.today, Decimal(0)):.2f}",
        "done": [{"name": name, "title": title(name), "accepted": accepted} for name, accepted in settle.done],
        "product": {
            "name": note.product, "contacts": note.contacts,
            "complaints": [{"title": title(intent), "count": count} for intent, count in note.complaints],
            "answers": [{"title": title(offer), "accepted": yes, "asked": asked} for offer, yes, asked in note.answers],
        } if note else None,
    }  # fmt: skip


def _station(station: Station, me: AgentId) -> dict[str, Any]:
    return {
        "name": station.name, "mine": station.agent == me, "answered": station.answered, "way": station.way,
        "queue_title": station.queue_title, "began": stamp(station.began), "ended": stamp(station.ended),
        "notes": list(station.notes), "passed_to": station.passed_to, "brief": station.brief,
    }  # fmt: skip


def _share(share: Share) -> dict[str, Any]:
    return {"label": share.label, "value": share.value}


def _known(known: Known) -> dict[str, Any]:
    return {"label": known.label, "value": known.value, "how": known.how, "checked": known.checked}


def _line(line: Line) -> dict[str, Any]:
    return {
        "at": stamp(line.at), "speaker": line.speaker, "text": line.text, "language": line.language, "by": line.by,
    }  # fmt: skip


def _contact(contact: PastContact, me: AgentId) -> dict[str, Any]:
    return {
        "at": stamp(contact.at),
        "channel": contact.channel,
        "summary": contact.summary,
        "intent": contact.intent,
        "agent_name": contact.agent_name,
        "mine": contact.agent == me,
        "solved": contact.solved,
        "words": contact.words,
        "note": contact.note,
        "outcome": contact.outcome,
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "product": order.product,
        "status": order.status,
        "ordered_at": stamp(order.ordered_at),
        "due_at": stamp(order.due_at),
        "amount": order.amount,
    }


def _case(case: Case, flow: Flow) -> dict[str, Any]:
    queue = flow.queues.get(case.queue or "")
    return {
        "id": case.id,
        "subject": case.subject,
        "status": case.status,
        "opened_at": stamp(case.opened_at),
        "queue_title": queue.title if queue else None,
    }
