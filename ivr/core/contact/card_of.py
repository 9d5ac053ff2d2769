"""The card of a contact for one agent, from what is known at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ivr.core.caller import Agent, AgentId
from ivr.core.card import Brief, Card, Certainty, Patience, Share, Station, Why
from ivr.core.contact.agent_opening import OwnLines, lines_of, opening
from ivr.core.contact.ledger import Ledger
from ivr.core.contact.legs import DeskView, Leg, Passed
from ivr.core.dialogue.messages import Trouble
from ivr.core.flow.flow import Flow
from ivr.core.flow.intent import Evidence
from ivr.core.flow.nodes import CollectNode, DecideNode, ProveNode
from ivr.core.language import Text
from ivr.core.texts import family, same, text

Names = Mapping[AgentId, str]
"""What agents are called."""


def card_of(
    ledger: Ledger, flow: Flow, view: DeskView, agent: Agent, names: Names, own: OwnLines | None = None
) -> Card:
    """The card of this contact for one agent; ``own`` are the lines that they like to open with."""
    story = ledger.story
    where = view.queue or story.queue or (story.decision.queue if story.decision else flow.fallback_queue)
    known_queue = flow.queues.get(where)
    waited = (view.rang_at - story.left_dialogue).total_seconds() if story.left_dialogue else 0.0
    brief = brief_of(ledger, flow, agent.id, names)
    return Card(
        call=ledger.call,
        state=view.state,
        since=ledger.began,
        caller=ledger.caller,
        language=ledger.language,
        why=why_of(ledger, flow),
        known=ledger.known,
        transcript=tuple(ledger.lines),
        queue=where,
        queue_title=known_queue.title if known_queue else same(where),
        waited_s=round(max(waited, 0.0), 1),
        reasons=_why_you(ledger, agent.id),
        opening=opening(flow, ledger, agent, own or {}),
        opening_lines=lines_of(flow, ledger, own or {}),
        patience=patience_of(ledger, flow),
        brief=brief,
        journey=journey_of(ledger, flow, names),
        held=view.held,
        dialling=_dialling(ledger),
        consulting=names.get(AgentId(view.consulting), view.consulting) if view.consulting else None,
        asked_by=names.get(view.by, view.by) if view.by else None,
        conference=ledger.legs.conference is not None,
        missing=missing(ledger, agent.id, brief),
    )


def _dialling(ledger: Ledger) -> bool:
    """Whether it is us who call, and the customer's phone still rings."""
    return ledger.story.call_back is not None and ledger.story.call_back.status is None


def _why_you(ledger: Ledger, agent: AgentId) -> tuple[Share, ...]:
    """Why the call came to this agent: chosen for them while it waited, else by the decision at the hand-over."""
    story = ledger.story
    if story.matched and story.matched[0] == agent:
        return story.matched[1]
    return story.decision.reasons if story.decision else (_NO_DECISION,)


def missing(ledger: Ledger, agent: AgentId, brief: Brief | None) -> tuple[str, ...]:
    """What a complete card would have and this one has not: the caller, the reason, what the one before said."""
    lacks = []
    if ledger.caller.lookup == "pending":
        lacks.append("caller")
    if ledger.hand_over is None and ledger.words is None and ledger.story.intent is None:
        lacks.append("reason")
    before = [one for one in ledger.legs.had_it if one != agent]
    if before and brief is None and not any(note.by in before for note in ledger.legs.notes):
        lacks.append("brief")
    return tuple(lacks)


# -- why


def why_of(ledger: Ledger, flow: Flow) -> Why:
    """The reason for the call."""
    hand_over, understood = ledger.hand_over, ledger.understood
    intent = flow.intents.get(ledger.intent or "")
    title = intent.title if intent else _WITHOUT_REASON.get(hand_over.cause if hand_over else "", _NOT_KNOWN)
    if hand_over and hand_over.cause == "emergency":
        title = _WITHOUT_REASON["emergency"]  # before whatever else it is about
    guesses = understood.guesses if understood else ()
    others = [g for g in guesses if g.intent in flow.intents and (not intent or g.intent != intent.name)]
    runner_up = flow.intents[others[0].intent].title if others and others[0].confidence >= RUNNER_UP_AT else None
    return Why(
        intent=intent.name if intent else None,
        title=title,
        confidence=round(ledger.confidence, 2),
        certainty=_certainty(ledger, intent is not None),
        words=ledger.sentence,
        words_at=_words_at(ledger),
        heard_language=ledger.language,
        shares=_shares(ledger),
        runner_up=runner_up,
    )


def _words_at(ledger: Ledger) -> datetime | None:
    """When the words were said, if that was in an earlier call."""
    if ledger.story.call_back:
        return ledger.story.call_back.said_at
    return ledger.repeats.at if ledger.repeats and not ledger.words else None


def _certainty(ledger: Ledger, has_intent: bool) -> Certainty:
    if ledger.hand_over and ledger.hand_over.cause == "emergency" and not ledger.story.corrected:
        return "danger"  # a doubt counts as one, and nobody asks how sure the machine was
    if not has_intent:
        return "unknown"
    if ledger.story.corrected:
        return "agent"
    if ledger.hand_over is None:
        return "unsure"
    match ledger.hand_over.cause:
        case "confirmed":
            return "confirmed"
        case "key":
            return "chosen_by_key"
        case "understood":
            return "sure"
        case "repeat_call" | "call_back":
            return "earlier"
        case _:
            return "unsure"


def _shares(ledger: Ledger) -> tuple[Share, ...]:
    """The addends of the confidence: the words, by what they are like, the history, and the caller's own yes."""
    hand_over, understood = ledger.hand_over, ledger.understood
    guesses = understood.guesses if understood else ()
    guess = next((g for g in guesses if hand_over and g.intent == hand_over.intent), None)
    if guess is None or hand_over is None or hand_over.cause == "key":
        return ()  # a key was pressed: what was said before was about something else
    history = [e for e in guess.evidence if e.kind == "history" and e.weight > 0]
    said = sorted((e for e in guess.evidence if e.kind != "history" and e.weight > 0), key=lambda e: -e.weight)
    total = min(guess.confidence, ledger.confidence)
    words = max(total - sum(e.weight for e in history), 0.0)
    strongest = said[: 1 if history else SHARES]
    whole = sum(e.weight for e in strongest)
    # brought to scale, so that what is shown adds up to the confidence beside it
    shares = [Share(_evidence(e), round(words * e.weight / whole, 2)) for e in strongest]
    shares += [Share(e.title or _evidence(e), round(e.weight, 2)) for e in history]
    if ledger.confidence - total >= LEAST:
        shares.append(Share(_SAID_YES, round(ledger.confidence - total, 2)))
    return tuple(shares)


def patience_of(ledger: Ledger, flow: Flow) -> Patience:
    """What went wrong between the caller and the machine."""
    troubles = ledger.hand_over.troubles if ledger.hand_over else ()
    return Patience(len(troubles), flow.patience, tuple(_trouble(flow, trouble) for trouble in troubles))


# -- who had it before


def brief_of(ledger: Ledger, flow: Flow, agent: AgentId, names: Names) -> Brief | None:
    """With what words somebody else passed the call on, for the one who has it now."""
    passed = ledger.legs.brief(agent)
    if passed is None:
        return None
    reason = flow.intents.get(passed.reason)
    return Brief(
        at=passed.at,
        by=_name(passed.by, names),
        way=passed.way,
        text=passed.brief,
        words=passed.words or ledger.sentence or "",
        reason=reason.title if reason else None,
        to=place_title(passed, flow, names),
        why=passed.why,
    )


def journey_of(ledger: Ledger, flow: Flow, names: Names) -> tuple[Station, ...]:
    """The people the call was with and the phones that rang for nothing, in order."""
    legs = sorted(ledger.legs.legs.values(), key=lambda leg: (leg.rang_at, leg.id))
    return tuple(_station(ledger, leg, flow, names) for leg in legs if leg.answered_at or leg.ended_at)


def _station(ledger: Ledger, leg: Leg, flow: Flow, names: Names) -> Station:
    queue = flow.queues.get(leg.queue or "")
    began, ended = leg.answered_at or leg.rang_at, leg.ended_at
    later = [one.rang_at for one in ledger.legs.legs.values() if one.agent == leg.agent and one.rang_at > leg.rang_at]
    until = min(later, default=None)

    def mine(by: AgentId | None, at: datetime) -> bool:
        return by == leg.agent and at >= leg.rang_at and (until is None or at < until)

    passed = ledger.legs.passed_by(leg)
    return Station(
        agent=leg.agent,
        name=_name(leg.agent, names),
        answered=leg.answered_at is not None,
        way=leg.way,
        queue_title=queue.title if queue else None,
        began=began,
        ended=ended,
        notes=tuple(note.text for note in ledger.legs.notes if mine(note.by, note.at)),
        passed_to=place_title(passed, flow, names) if passed else None,
        brief=passed.brief if passed else "",
    )


def place_title(passed: Passed, flow: Flow, names: Names) -> Text:
    """Where it was passed to, in words."""
    return place_name(passed.kind, passed.to, flow, names)


def place_name(kind: str, to: str, flow: Flow, names: Names) -> Text:
    """A place that calls go to, in words."""
    if kind == "queue" and to in flow.queues:
        return flow.queues[to].title
    return same(_name(AgentId(to), names) if kind == "agent" else to)


def _name(agent: AgentId | None, names: Names) -> str:
    return names.get(agent, agent) if agent else ""


_NOT_KNOWN = text("card.reason_not_known")
_WITHOUT_REASON = family("card.without_reason")
RUNNER_UP_AT = 0.1
"""A likelier second intent is shown."""
LEAST = 0.01
"""A smaller addend is not shown."""
_SAID_YES = text("card.said_yes")
_FAILURES = family("card.failure")
_REASON = text("card.trouble.reason")
_IDENTITY = text("card.trouble.identity")
_QUESTION = text("card.trouble.question")
SHARES = 2
"""How many pieces of evidence a card can show and still be read in two seconds."""
_NO_DECISION = Share(text("card.no_decision"), 0.0)


def _evidence(evidence: Evidence) -> Text:
    if evidence.kind == "keyword":
        return text("card.keyword", words=evidence.text)
    return text("card.like", words=evidence.text)


def _trouble(flow: Flow, trouble: Trouble) -> Text:
    """One failure in words: "Order: not understood"."""
    node = flow.nodes.get(trouble.node)
    match node:
        case CollectNode(label=label):
            where = label
        case ProveNode():
            where = _IDENTITY
        case DecideNode():
            where = _QUESTION
        case _:
            where = _REASON
    return text("card.trouble.sentence", where=where, what=_FAILURES[trouble.kind])
