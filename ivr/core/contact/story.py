"""What a contact has come to: a fold of its entries in the order of their times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from ivr.core.caller import AgentId
from ivr.core.card import Known, Line, Share
from ivr.core.contact import entries
from ivr.core.contact.entries import Entry, EventKind
from ivr.core.contact.legs import Legs, Note, Passed
from ivr.core.dialogue.messages import HandOver
from ivr.core.flow.intent import Understood
from ivr.core.language import Language
from ivr.core.masking import MASK
from ivr.core.routing import Decision


@dataclass(frozen=True, slots=True)
class CallingBack:
    """Us who call: somebody who has asked for it, whom an agent has promised it, or whom a signal is about."""

    id: str
    why: str
    said_at: datetime | None
    """When the words were said that it is about."""
    status: str | None = None
    """How dialling them has ended, in Asterisk's words (DIALSTATUS); None: it has not."""


@dataclass(slots=True)
class Story:
    """Everything that is derived; made anew from the entries whenever one comes late."""

    language: Language
    legs: Legs = field(default_factory=Legs)
    lines: list[Line] = field(default_factory=list)
    known: tuple[Known, ...] = ()
    understood: Understood | None = None
    words: str | None = None
    """The sentence the decision came from, in the caller's own words; else the first one."""
    intent: str | None = None
    """What the call is about as far as the dialogue knows, also where the machine settles it by itself."""
    corrected: str | None = None
    """What it really is about, as an agent has said who got it wrongly."""
    hand_over: HandOver | None = None
    decision: Decision | None = None
    matched: tuple[AgentId, tuple[Share, ...]] | None = None
    """Whom routing has chosen while it waited, and why."""
    left_dialogue: datetime | None = None
    queue: str | None = None
    """The queue that it came to last."""
    queued_at: datetime | None = None
    """Since when it waits there; None: it does not wait."""
    settled: tuple[tuple[str, bool], ...] = ()
    """Offers that were put to the caller, and whether they accepted: the last answer to each."""
    outcome: str | None = None
    closed: bool = False
    gone_at: datetime | None = None
    """When the caller hung up."""
    consent: bool | None = None
    """Whether the caller has agreed to be recorded; None: they were not asked."""
    call_back: CallingBack | None = None
    """What we call about, where it is us who call."""

    def take(self, entry: Entry) -> None:
        """One more entry, not earlier than all before."""
        take = _TAKES.get(entry.kind)
        if take:
            take(self, entry)


def _said(story: Story, entry: Entry) -> None:
    story.lines.append(Line(entry.at, "machine", entry.facts["text"], entry.facts["language"]))


def _heard(story: Story, entry: Entry) -> None:
    text = entry.facts["text"]
    if not text:
        return
    story.lines.append(Line(entry.at, "caller", text, entry.facts["language"]))
    if story.words is None and text != MASK:
        story.words = text


def _key(story: Story, entry: Entry) -> None:
    story.lines.append(Line(entry.at, "caller", entry.facts["digit"], entry.facts["language"], "keys"))


def _understood(story: Story, entry: Entry) -> None:
    story.understood = entries.understood_of(entry.facts)
    story.words = story.understood.text


def _about(story: Story, entry: Entry) -> None:
    story.intent = entry.facts["intent"]


def _language(story: Story, entry: Entry) -> None:
    story.language = entry.facts["language"]


def _known(story: Story, entry: Entry) -> None:
    fact = entries.known_of(entry.facts)
    story.known = (*(one for one in story.known if one.label != fact.label), fact)


def _unknown(story: Story, entry: Entry) -> None:
    story.known = tuple(one for one in story.known if one.label["en"] != entry.facts["label"])


def _decided(story: Story, entry: Entry) -> None:
    story.decision = entries.decision_of(entry.facts)
    story.hand_over = entries.hand_over_of(entry.facts)


def _matched(story: Story, entry: Entry) -> None:
    reasons = tuple(Share({"en": en, "zh": zh}, value) for en, value, zh in entry.facts["reasons"])
    if not entry.facts["shadow"]:
        story.matched = (AgentId(entry.facts["agent"]), reasons)


def _handed_over(story: Story, entry: Entry) -> None:
    story.left_dialogue = entry.at


def _queued(story: Story, entry: Entry) -> None:
    story.queue, story.queued_at = entry.facts["queue"], entry.at
    story.left_dialogue = story.left_dialogue or entry.at


def _unqueued(story: Story, _entry: Entry) -> None:
    story.queued_at = None


def _answered(story: Story, entry: Entry) -> None:
    story.queued_at = None
    story.legs.answered(entry.at, entry.facts)


def _outside_answered(story: Story, entry: Entry) -> None:
    story.queued_at = None
    story.legs.outside_answered(entry.at, entry.facts)


def _held(story: Story, entry: Entry) -> None:
    story.legs.held[AgentId(entry.facts["agent"])] = entry.at


def _resumed(story: Story, entry: Entry) -> None:
    story.legs.held.pop(AgentId(entry.facts["agent"]), None)


def _conference(story: Story, entry: Entry) -> None:
    story.legs.conference = entry.at
    story.legs.held.clear()


def _passed_on(story: Story, entry: Entry) -> None:
    f = entry.facts
    by = AgentId(f["by"]) if f.get("by") else None
    story.corrected = f.get("reason") or story.corrected
    story.legs.passed.append(
        Passed(
            entry.id,
            entry.at,
            by,
            f["way"],
            f["to_kind"],
            f["to"],
            f.get("brief", ""),
            f.get("words", ""),
            f.get("reason", ""),
            f.get("why"),
        )
    )


def _pass_failed(story: Story, entry: Entry) -> None:
    legs = story.legs
    legs.passed = [one for one in legs.passed if one.id != entry.facts["of"]]
    story.corrected = next((one.reason for one in reversed(legs.passed) if one.reason), None)


def _note(story: Story, entry: Entry) -> None:
    story.legs.notes.append(Note(entry.at, AgentId(entry.facts["agent"]), entry.facts["text"]))


def _settled(story: Story, entry: Entry) -> None:
    names = entry.facts["offers"]
    kept = tuple(one for one in story.settled if one[0] not in names)
    story.settled = (*kept, *((name, entry.facts["accepted"]) for name in names))


def _outcome(story: Story, entry: Entry) -> None:
    story.outcome = entry.facts["outcome"]
    story.legs.outcomes[AgentId(entry.facts["agent"])] = entry.facts["outcome"]
    _wrapped(story, entry)


def _wrapped(story: Story, entry: Entry) -> None:
    story.legs.wrapped[AgentId(entry.facts["agent"])] = entry.at


def _hung_up(story: Story, entry: Entry) -> None:
    story.gone_at = story.gone_at or entry.at
    story.queued_at = None


def _call_back(story: Story, entry: Entry) -> None:
    f = entry.facts
    said_at = datetime.fromisoformat(f["said_at"]) if f.get("said_at") else None
    story.call_back = CallingBack(f["call_back"], f["why"], said_at)
    story.words, story.intent = f.get("words") or None, f.get("intent")


def _called_back(story: Story, entry: Entry) -> None:
    if story.call_back:
        story.call_back = replace(story.call_back, status=entry.facts["status"])


def _consent(story: Story, entry: Entry) -> None:
    story.consent = entry.facts["given"]


def _closed(story: Story, _entry: Entry) -> None:
    story.closed = True


_TAKES: dict[EventKind, Callable[[Story, Entry], None]] = {
    "said": _said,
    "consent": _consent,
    "call_back": _call_back,
    "called_back": _called_back,
    "heard": _heard,
    "key": _key,
    "understood": _understood,
    "about": _about,
    "language": _language,
    "known": _known,
    "unknown": _unknown,
    "decided": _decided,
    "handed_over": _handed_over,
    "matched": _matched,
    "queued": _queued,
    "unqueued": _unqueued,
    "agent_ringing": lambda story, entry: story.legs.rang(entry.at, entry.facts),
    "agent_answered": _answered,
    "agent_missed": lambda story, entry: story.legs.over(entry.at, entry.facts),
    "agent_done": lambda story, entry: story.legs.over(entry.at, entry.facts),
    "outside_ringing": lambda story, entry: story.legs.outside_rang(entry.at, entry.facts),
    "outside_answered": _outside_answered,
    "outside_done": lambda story, entry: story.legs.outside_over(entry.at, entry.facts),
    "held": _held,
    "resumed": _resumed,
    "conference": _conference,
    "passed_on": _passed_on,
    "pass_failed": _pass_failed,
    "note": _note,
    "settled": _settled,
    "outcome": _outcome,
    "wrapped_up": _wrapped,
    "hung_up": _hung_up,
    "closed": _closed,
}
