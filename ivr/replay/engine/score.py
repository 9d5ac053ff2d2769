"""What a replayed call was worth, beside what is known of it: words, intent, route, slots, interruptions, times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from ivr.core.contact.entries import Entry
from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import CollectNode
from ivr.core.language import Language
from ivr.corpus.format import Call, fingerprint
from ivr.replay.caller.caller import Uttered
from ivr.replay.engine.fast import Replayed
from ivr.replay.engine.spoken import Words, compared, words_of

PERSON = "person"
SAME_BREAK_S = 3.0
"""A prompt that is held and then cut was interrupted once."""
_TELLING = frozenset({
    "said", "heard", "key", "no_input", "understood", "asked_source", "proof", "trouble", "problem", "decided", "known",
    "language",
})  # fmt: skip


@dataclass(slots=True)
class Response:
    """One answer of the machine, in ms from the end of the caller's speech, stage by stage."""

    at_s: float
    endpoint_ms: float
    """Silence until the end was noticed."""
    decode_ms: float
    understand_ms: float
    speak_ms: float
    """Until the first sound of the answer went out."""

    @property
    def total_ms(self) -> float:
        """From the end of their speech to the first sound of the answer."""
        return self.endpoint_ms + self.decode_ms + self.understand_ms + self.speak_ms


@dataclass(slots=True)
class Result:
    """One call's worth; everything in it is plain JSON. None: not known, so not counted."""

    name: str
    wants: str | None
    """The intent; "" for none of the house's."""
    tags: list[str] = field(default_factory=list)
    language: Language = "en"
    truth: str = ""
    """What the call and all that is known of it are: the same in two runs where it is the same call."""
    sound: bool = True
    audio_s: float = 0.0
    took_s: float = 0.0
    clock_s: float = 0.0
    """Of the clock on the wall since the result before it: what the run took, in all its sittings."""
    problem: str = ""
    """Why it could not be replayed, or what went wrong in the machine."""
    failed: bool = False
    """It could not be replayed at all."""
    intent: str | None = None
    cause: str = ""
    place: str = ""
    """Where it came to: a queue, "settled", "called back", or "gone"."""
    right_place: str = ""
    agent: str | None = None
    intent_right: bool | None = None
    first_right: bool | None = None
    """What they said first about their reason was understood."""
    rejected: bool | None = None
    """What they said first was answered with "none of these"."""
    route_right: bool | None = None
    needless_transfer: bool | None = None
    slots: dict[str, list[str]] = field(default_factory=dict)
    """Slot → wanted and got."""
    questions: int = 0
    made_up: int | None = 0
    false_barge_ins: int | None = None
    cut_offs: int | None = None
    words: list[Words] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    card_lacks: list[str] | None = None
    pop_ms: float | None = None
    """From the ring to the card at the desk; live only."""
    reasons: list[list[Any]] = field(default_factory=list)
    story: list[dict[str, Any]] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Result:
        """The same, back again."""
        made = cls(**kept)
        made.words = [Words(**one) for one in kept["words"]]
        made.responses = [Response(**one) for one in kept["responses"]]
        return made


def failed(name: str, problem: str) -> Result:
    """A call that could not be replayed."""
    return Result(name, None, problem=problem, failed=True)


def score(made: Replayed) -> Result:
    """Compare what a call came to with what is known of it."""
    call, ledger, flow = made.call, made.live.ledger, made.live.flow
    entries = ledger.entries
    result = Result(
        call.name, call.facts.intent, list(call.facts.tags), ledger.language, "", call.sound is not None,
        made.ended_s, round(made.took_s, 3), problem=made.problem,
    )  # fmt: skip
    result.truth = fingerprint(call)
    hand_over = ledger.hand_over
    result.intent = ledger.intent or (PERSON if hand_over and hand_over.cause == PERSON else None)
    result.cause = hand_over.cause if hand_over else ""
    result.place, result.agent = _place(made), made.agent
    result.card_lacks = None if made.missing is None else list(made.missing)
    result.reasons = [[one.label["en"], one.value] for one in ledger.decision.reasons] if ledger.decision else []
    result.questions = made.caller.questions
    result.made_up = sum(one.made_up for one in made.caller.log)
    _judge(result, call, flow, made)
    result.slots = _slots(call, made)
    result.responses = _responses(entries, ledger.began, made.understood_ms)
    if call.facts.timing == "answers":
        result.words, result.cut_offs = words_of(call, entries, ledger.began, made.caller.log, result.language)
        result.false_barge_ins = _false_barge_ins(made)
        result.first_right, result.rejected = _first(call, entries, ledger.began, made.caller.log, result.cause)
    else:
        result.made_up = None
        text = " ".join(said.text for said in call.facts.said if said.text and not said.noise)
        if text and result.sound:
            heard = " ".join(str(e.facts["text"]) for e in entries if e.kind == "heard" and e.facts["text"])
            result.words = [compared(0.0, text, heard, result.language)]
    result.story = [_told(entry, ledger.began) for entry in entries if entry.kind in _TELLING]
    return result


def _place(made: Replayed) -> str:
    session, decision = made.live.session, made.live.ledger.decision
    if made.route.startswith("hangup"):
        return "called back" if session and session.call_back else "settled"
    if made.route and decision:
        return decision.queue
    return "settled" if session and session.place.settled else "gone"


def _judge(result: Result, call: Call, flow: Flow, made: Replayed) -> None:
    """Intent, route, needless transfer."""
    facts = call.facts
    if facts.intent is not None:
        wanted = (None, PERSON) if facts.intent == "" else (facts.intent,)
        result.intent_right = result.intent in wanted
    places = [facts.queue] if facts.queue else []
    if facts.settled or (facts.settled is None and facts.queue and result.intent_right):
        # where the machine settles what they called for, nobody is missing
        places.append("settled")
    result.right_place = " or ".join(place for place in places if place)
    if places:
        result.route_right = result.place in places and (result.place != "settled" or result.intent_right is not False)
        to_a_person = result.place in flow.queues
        result.needless_transfer = to_a_person and (not _can_settle(result.place, facts.queue) or _cannot_talk(made))


def _can_settle(place: str, wanted: str | None) -> bool:
    # what the machine could have settled is settled by whoever is there as well: that is no transfer
    return wanted is None or place == wanted


def _cannot_talk(made: Replayed) -> bool:
    """Whether the phone that rings is one of somebody who does not speak the caller's language."""
    agent = next((one for one in made.agents if one.id == made.agent), None)
    return agent is not None and made.live.ledger.language not in agent.languages


def _slots(call: Call, made: Replayed) -> dict[str, list[str]]:
    """Wanted and got; what nobody asked for is got as nothing. Answers to yes-or-no questions and proofs are no slots."""
    session = made.live.session
    got = dict(session.place.slots) if session else {}
    known = {node.slot for node in made.live.flow.nodes.values() if isinstance(node, CollectNode) and not node.secret}
    return {name: [wanted, got.get(name, "")] for name, wanted in call.facts.slots.items() if name in known}


def _seconds(entry: Entry, began: datetime) -> float:
    return round((entry.at - began).total_seconds(), 2)


WISHES = frozenset({
    "std_few_words", "std_complaint", "std_complaint_taken", "std_who", "std_languages", "std_hold_on", "std_leaving",
    "std_goodbye", "std_emergency", "std_danger", "std_no_call_back", "std_slower", "std_louder", "std_without",
})  # fmt: skip
"""What is said to those that every caller may have."""


def _first(
    call: Call, entries: list[Entry], began: datetime, log: list[Uttered], cause: str
) -> tuple[bool | None, bool | None]:
    """Whether the first thing they said about their reason was understood; whether it was rejected.

    What follows until they say something else is what was made of it: a second attempt that succeeds changes nothing.
    """
    for number, one in enumerate(log):
        said = call.facts.said[one.piece] if one.piece is not None else None
        wanted = (said and said.intent) or call.facts.intent
        if (
            said is None
            or one.asked.kind not in ("reason", "confirm")
            or said.noise
            or said.answers == "yes"
            or wanted is None
        ):
            continue
        until_s = log[number + 1].began_s if number + 1 < len(log) else float("inf")
        window = [e for e in entries if one.began_s < _seconds(e, began) <= until_s]
        if wanted != PERSON and any(e.kind == "said" and e.facts["prompt"] in WISHES for e in window):
            continue  # a wish that was granted was no word of the reason
        return _made_of_it(window, wanted, one.asked.kind, cause, number + 1 == len(log))
    return None, None


def _made_of_it(
    window: list[Entry], wanted: str, asked: str, cause: str, last: bool
) -> tuple[bool | None, bool | None]:
    understood = next((e for e in window if e.kind == "understood"), None)
    if understood is not None:
        none = understood.facts["certainty"] == "none"
        best = understood.facts["guesses"][0][0] if understood.facts["guesses"] else None
        return (none if wanted == "" else best == wanted and not none), none
    asked_why = any(e.kind == "said" and e.facts["prompt"] == "std_few_words" for e in window)
    if wanted == PERSON and cause == PERSON and (last or asked_why):
        return True, False
    if asked != "reason":
        return None, None
    # none of these is not written down as an understanding; where no word was heard, nothing was rejected
    heard = any(e.kind == "heard" and e.facts["text"] for e in window)
    return (wanted == "" and heard), heard


def _false_barge_ins(made: Replayed) -> int | None:
    if made.breaks is None:
        return None
    count, before = 0, -SAME_BREAK_S
    for one in made.breaks:
        if not one.meant and one.at_s - before >= SAME_BREAK_S:
            count += 1
            before = one.at_s
    return count


def _responses(entries: list[Entry], began: datetime, understood_ms: list[tuple[float, float]]) -> list[Response]:
    """The stages of every answer; what this machine needed for the words is measured, all else is audio time."""
    made, decode_ms, understand_ms, took = [], 0.0, 0.0, dict(understood_ms)
    for entry in entries:
        if entry.kind == "heard":
            decode_ms = float(entry.facts["decode_ms"])
            understand_ms = took.get(_seconds(entry, began), 0.0)
        elif entry.kind == "responded":
            facts = entry.facts
            noticed = float(facts["noticed"])
            # on a real clock the stages are in the record; in audio time they took none
            decode = max(float(facts["recognised"]) - noticed, decode_ms)
            understand = max(float(facts["understood"]) - float(facts["recognised"]), understand_ms)
            speak = max(float(facts["first_audio"] or 0.0) - float(facts["understood"]), 0.0)
            made.append(
                Response(_seconds(entry, began), noticed, round(decode, 2), round(understand, 2), round(speak, 2))
            )
    return made


def _told(entry: Entry, began: datetime) -> dict[str, Any]:
    """One thing that happened, as the report shows it; without what depends on the machine that replays it."""
    facts = {k: v for k, v in entry.facts.items() if v not in (None, [], "") and k not in ("decode_ms", "took_ms")}
    return {"at_s": _seconds(entry, began), "kind": entry.kind, **facts}
