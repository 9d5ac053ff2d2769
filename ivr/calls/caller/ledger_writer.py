"""What a conversation leaves in the record: what was said and heard, and what must not be written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from ivr.calls.caller.ports import Answer, Transcript
from ivr.calls.caller.response_times import Turn
from ivr.core.contact.entries import known_facts, understood_facts
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue import Place, World
from ivr.core.dialogue.asking import Confirming, ConfirmingValue, DoubtfulDigit, Looking, Offering, Proving
from ivr.core.dialogue.messages import Event, KeyPressed, Listen, LookUp, NoInput, NumberTyped, Prove, Speak
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import CollectNode, ProveNode
from ivr.core.masking import BEGUN, MASK, is_number, masked


class LedgerWriter:
    """Writes one call's conversation into its ledger.

    While something secret is asked for, nothing that comes is written, neither words nor keys nor how many there were.
    With ``card_safe`` everything else is searched for card numbers as well.
    """

    def __init__(self, ledger: Ledger, *, card_safe: bool, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._card_safe = card_safe
        self._now = now
        self._secret = False

    def listening(self, wanted: Listen) -> None:
        """What comes from now on answers this."""
        self._secret = wanted.secret

    @property
    def secret(self) -> bool:
        """Whether what comes now must not be written, not even into the debug log."""
        return self._secret

    def said(self, speak: Speak) -> bool:
        """A prompt is being said; whether something in it must not be written."""
        # what callers and look-ups gave is said back, and may be a card number as well
        text = MASK if speak.secret else masked(speak.text, speak.language) if self._card_safe else speak.text
        self._ledger.add(
            self._now(), "said", prompt=speak.prompt, variant=speak.variant, text=text, language=speak.language
        )
        return text != speak.text

    def heard(
        self, transcript: Transcript, place: Place, span: tuple[float, float] | None = None, *, went_on: bool = False
    ) -> bool:
        """An utterance was recognised, whose sound is ``span``, in seconds of the call; whether any of it must not be written.

        With ``went_on`` it belongs to the one before: both are one answer.
        """
        shown = self._shown(transcript, place)
        when: dict[str, Any] = {"began_s": round(span[0], 2), "ended_s": round(span[1], 2)} if span else {}
        if went_on:
            when["went_on"] = True
        self._ledger.add(
            self._now(), "heard", text=shown.text, confidence=transcript.confidence, decode_ms=transcript.decode_ms,
            hypotheses=[[h.text, round(h.share, 3)] for h in shown.hypotheses], language=place.language,
            node=place.node, asking=asking(place), **when,
        )  # fmt: skip
        return shown.hypotheses != transcript.hypotheses

    def _shown(self, transcript: Transcript, place: Place) -> Transcript:
        if self._secret:
            return replace(transcript, hypotheses=(Hypothesis(MASK),) if transcript.text else (), words=())
        if not self._card_safe:
            return transcript
        safe = tuple(Hypothesis(self.safe(h.text, place), h.share) for h in transcript.hypotheses)
        return replace(transcript, hypotheses=safe)

    def safe(self, text: str, place: Place) -> str:
        """A text without card numbers."""
        return masked(text, place.language) if self._card_safe else text

    def growing(self, text: str, place: Place) -> str:
        """The beginning of an utterance; what may become a card number is not shown before it is one."""
        return masked(text, place.language, BEGUN) if self._card_safe else text

    def event(self, world: World, place: Place, event: Event) -> None:
        """Something else that the caller did, before the dialogue has reacted to it."""
        match event:
            case KeyPressed(digit):
                self._key(world, place, digit)
            case NumberTyped(digits):
                for digit in digits:
                    self._key(world, place, digit, hidden=self._card_safe)
            case NoInput(kind):
                self._ledger.add(self._now(), "no_input", what=kind)
            case _:
                pass

    def _key(self, world: World, place: Place, digit: str, *, hidden: bool = False) -> None:
        if self._secret:
            return
        # digit by digit a card number would pass unseen; the whole answer is written once it is known
        collecting = isinstance(world.flow.nodes[place.node], CollectNode | ProveNode)
        shown = "•" if hidden or (collecting and self._card_safe and digit.isdigit()) else digit
        self._ledger.add(
            self._now(), "key", digit=shown, language=place.language, node=place.node, asking=asking(place)
        )

    def looked_up(self, asked: LookUp, answer: Answer) -> None:
        """A source has answered, or has not."""
        self._ledger.add(
            self._now(), "asked_source", lookup=asked.lookup, outcome=answer.outcome, rows=len(answer.rows),
            took_ms=answer.took_ms,
        )  # fmt: skip

    def proved(self, asked: Prove, outcome: str) -> None:
        """A proof has come to something; never what was given."""
        self._ledger.add(self._now(), "proof", method=asked.method, outcome=outcome)

    def step(self, before: Place, place: Place, event: Event) -> None:
        """What one step of the dialogue has made known."""
        ledger = self._ledger
        if place.language != ledger.language:
            ledger.add(self._now(), "language", language=place.language)
        if place.intent != ledger.story.intent:
            ledger.add(self._now(), "about", intent=place.intent)
        if place.understood is not None and place.understood is not before.understood:
            safe = replace(place.understood, text=self.safe(place.understood.text, place))
            ledger.add(self._now(), "understood", **understood_facts(safe))
        for trouble in place.troubles[len(before.troubles) :]:
            ledger.add(self._now(), "trouble", node=trouble.node, what=trouble.kind)
        known = tuple(
            replace(k, value=MASK) if self._card_safe and is_number(k.value) and not k.value.startswith("+") else k
            for k in place.known
        )
        labels = {one.label["en"] for one in known}
        for gone in [one for one in ledger.known if one.label["en"] not in labels]:
            ledger.add(self._now(), "unknown", label=gone.label["en"])
        for one in known:
            if one not in ledger.known:
                ledger.add(self._now(), "known", **known_facts(one))

    def consent(self, given: bool) -> None:
        """The caller has said whether they may be recorded."""
        self._ledger.add(self._now(), "consent", given=given)

    def problem(self, what: str) -> None:
        """Something went wrong that the caller may have noticed."""
        self._ledger.add(self._now(), "problem", what=what)

    def responded(self, turn: Turn) -> None:
        """The first frame of an answer went out."""
        self._ledger.add(self._now(), "responded", **asdict(turn))


def asking(place: Place) -> str | None:
    """What is asked within a question: whether what was understood is right, for one digit again …; None: the question itself."""
    return _WITHIN.get(type(place.asking))


_WITHIN: dict[type, str] = {
    Confirming: "confirm", ConfirmingValue: "confirm_value", DoubtfulDigit: "digit", Offering: "offer", Looking: "look_up",
    Proving: "proof",
}  # fmt: skip
