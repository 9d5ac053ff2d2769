"""The context of one caller's contact: append-only, and the card that is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ivr.core import wording
from ivr.core.caller import Agent, Caller, CallId, Language
from ivr.core.card import Card, CardState, Known, Line, Patience, Share, Text, Why
from ivr.core.flow import Flow
from ivr.core.intent import Evidence, Understood
from ivr.core.messages import FailureKind, HandOver, Trouble
from ivr.core.nodes import CollectNode, DecideNode, ProveNode
from ivr.core.routing import Decision

EventKind = Literal[
    "rang", "joined", "looked_up", "said", "heard", "key", "no_input", "understood", "known", "responded",
    "decided", "handed_over", "queued", "agent_ringing", "agent_missed", "agent_answered", "agent_done",
    "asked_source", "proof", "trouble", "outcome", "hung_up", "problem", "closed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, never changed afterwards."""

    at: datetime
    kind: EventKind
    facts: Mapping[str, Any]


@dataclass(slots=True)
class Ledger:
    """Everything about one contact. Facts are only added; what is derived is derived again when asked for."""

    call: CallId
    caller: Caller
    began: datetime
    language: Language
    watcher: Callable[[Entry], None] = lambda entry: None
    """Told of every entry as it is made; must be quick and must not raise."""
    entries: list[Entry] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    known: tuple[Known, ...] = ()
    understood: Understood | None = None
    words: str | None = None
    """The sentence the decision came from, in the caller's own words."""
    intent: str | None = None
    """What the call is about as far as the dialogue knows, also where the machine settles it by itself."""
    hand_over: HandOver | None = None
    decision: Decision | None = None
    left_dialogue: datetime | None = None

    def add(self, at: datetime, kind: EventKind, **facts: Any) -> Entry:
        """Append one event."""
        entry = Entry(at, kind, facts)
        self.entries.append(entry)
        self.watcher(entry)
        return entry

    @property
    def confidence(self) -> float:
        """How sure we are of the intent: 1 when confirmed or chosen by key, else the classifier's."""
        if self.hand_over is None or self.hand_over.intent is None:
            return 0.0
        if self.hand_over.cause in ("confirmed", "key"):
            return 1.0
        guesses = self.understood.guesses if self.understood else ()
        return next((g.confidence for g in guesses if g.intent == self.hand_over.intent), 0.5)

    def why(self, flow: Flow) -> Why:
        """The reason for the call."""
        intent = flow.intents.get(self.hand_over.intent or "") if self.hand_over else None
        cause = self.hand_over.cause if self.hand_over else None
        title = intent.title if intent else _WITHOUT_REASON.get(cause or "", _NOT_KNOWN)
        others = (
            [g for g in self.understood.guesses if not intent or g.intent != intent.name] if self.understood else []
        )
        runner_up = flow.intents[others[0].intent].title if others and others[0].confidence >= 0.1 else None
        return Why(
            intent=intent.name if intent else None,
            title=title,
            confidence=round(self.confidence, 2),
            certainty=self._certainty(intent is not None),
            words=self.words,
            heard_language=self.language,
            shares=self._shares(),
            runner_up=runner_up,
        )

    def _certainty(self, has_intent: bool) -> Literal["sure", "confirmed", "chosen_by_key", "unsure", "unknown"]:
        if not has_intent or self.hand_over is None:
            return "unknown"
        match self.hand_over.cause:
            case "confirmed":
                return "confirmed"
            case "key":
                return "chosen_by_key"
            case "understood":
                return "sure"
            case _:
                return "unsure"

    def _shares(self) -> tuple[Share, ...]:
        """The addends of the confidence: the words, by what they are like, the history, and the caller's own yes."""
        guesses = self.understood.guesses if self.understood else ()
        guess = next((g for g in guesses if self.hand_over and g.intent == self.hand_over.intent), None)
        if guess is None or self.hand_over is None or self.hand_over.cause == "key":
            return ()  # a key was pressed: what was said before was about something else
        history = [e for e in guess.evidence if e.kind == "history" and e.weight > 0]
        said = sorted((e for e in guess.evidence if e.kind != "history" and e.weight > 0), key=lambda e: -e.weight)
        total = min(guess.confidence, self.confidence)
        words = max(total - sum(e.weight for e in history), 0.0)
        strongest = said[: 1 if history else SHARES]
        whole = sum(e.weight for e in strongest)
        # brought to scale, so that what is shown adds up to the confidence beside it
        shares = [Share(_evidence(e), round(words * e.weight / whole, 2)) for e in strongest]
        shares += [Share(e.title or _evidence(e), round(e.weight, 2)) for e in history]
        if self.confidence - total >= LEAST:
            shares.append(Share(_SAID_YES, round(self.confidence - total, 2)))
        return tuple(shares)

    def patience(self, flow: Flow) -> Patience:
        """What went wrong between the caller and the machine."""
        troubles = self.hand_over.troubles if self.hand_over else ()
        return Patience(len(troubles), flow.patience, tuple(_trouble(flow, trouble) for trouble in troubles))

    def card(self, flow: Flow, state: CardState, agent: Agent, queue: str | None, now: datetime) -> Card:
        """The card of this contact for one agent, from what is known at this moment."""
        where = queue or (self.decision.queue if self.decision else flow.fallback_queue)
        known_queue = flow.queues.get(where)
        waited = (now - self.left_dialogue).total_seconds() if self.left_dialogue else 0.0
        return Card(
            call=self.call,
            state=state,
            since=self.began,
            caller=self.caller,
            language=self.language,
            why=self.why(flow),
            known=self.known,
            transcript=tuple(self.lines),
            queue=where,
            queue_title=known_queue.title if known_queue else {"en": where, "zh": where},
            waited_s=round(max(waited, 0.0), 1),
            reasons=self.decision.reasons if self.decision else (_NO_DECISION,),
            opening=opening(flow, self, agent),
            patience=self.patience(flow),
        )


_NOT_KNOWN: Text = {"en": "Reason not known", "zh": "原因未知"}
_WITHOUT_REASON: dict[str, Text] = {
    "person": {"en": "Asked for a person", "zh": "要求人工服务"},
    "patience": {"en": "The machine did not understand", "zh": "机器未能听懂"},
}
LEAST = 0.01
"""A smaller addend is not shown."""
_SAID_YES: Text = {"en": "said yes to it", "zh": "本人确认"}
_KINDS: dict[FailureKind, Text] = {
    "no_input": {"en": "no answer", "zh": "没有回答"},
    "no_match": {"en": "not understood", "zh": "没有听懂"},
    "too_long": {"en": "said too much at once", "zh": "一次说得太多"},
    "noise": {"en": "noise on the line", "zh": "线路有杂音"},
    "no_sound": {"en": "no sound from the line", "zh": "线路没有声音"},
}
_REASON: Text = {"en": "reason for the call", "zh": "来电原因"}
_IDENTITY: Text = {"en": "proof of identity", "zh": "身份验证"}
_QUESTION: Text = {"en": "a yes-or-no question", "zh": "是非问题"}
SHARES = 2
"""How many pieces of evidence a card can show and still be read in two seconds."""
_NO_DECISION = Share({"en": "came without a decision: the safety net", "zh": "未经决策，由兜底队列转来"}, 0.0)
_UNKNOWN_OPENING: Text = {
    "en": "Hello, this is {agent}. How can I help you?",
    "zh": "您好，我是{agent}，请问有什么可以帮您？",
}
_KNOWN_OPENING: Text = {
    "en": "Hello {salutation}, this is {agent}. How can I help you?",
    "zh": "{salutation}您好，我是{agent}，请问有什么可以帮您？",
}


def _evidence(evidence: Evidence) -> Text:
    if evidence.kind == "keyword":
        return {"en": f"said “{evidence.text}”", "zh": f"提到“{evidence.text}”"}
    return {"en": f"like “{evidence.text}”", "zh": f"类似“{evidence.text}”"}


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
    return {"en": f"{where['en']}: {_KINDS[trouble.kind]['en']}", "zh": f"{where['zh']}：{_KINDS[trouble.kind]['zh']}"}


def opening(flow: Flow, ledger: Ledger, agent: Agent) -> Text:
    """The sentence the agent may open with: the intent's own, filled in, or a plain one."""
    intent = flow.intents.get(ledger.hand_over.intent or "") if ledger.hand_over else None
    plain = _KNOWN_OPENING if ledger.caller.known else _UNKNOWN_OPENING
    text: Text = {}
    for language in plain:
        values = {**wording.fields(ledger.caller, language), "agent": agent.name}
        values |= {known.label["en"].lower(): known.value for known in ledger.known}
        source = (intent.opening or plain).get(language, plain[language]) if intent else plain[language]
        missing = wording.field_names(source) - set(values)
        text[language] = wording.fill(plain[language] if missing else source, values)
    return text
