"""What a conversation leaves in the record, and what it must not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args
from uuid import UUID

import pytest

from ivr.calls.caller.ledger_writer import LedgerWriter
from ivr.calls.caller.ports import Answer, Transcript
from ivr.calls.caller.response_times import Turn
from ivr.calls.caller.services import utc_now
from ivr.core.caller import CallId
from ivr.core.card import Known
from ivr.core.contact.ledger import EventKind, Ledger
from ivr.core.dialogue import Place
from ivr.core.dialogue.messages import Heard, KeyPressed, Listen, LookUp, NoInput, Prove, Speak, Started, Trouble
from ivr.core.flow.intent import Evidence, Guess, Hypothesis, Understood
from ivr.core.language import Language
from tests.core.bigger_house import at
from tests.core.little_house import NOW, STRANGER

CARD = "four two four two four two four two four two four two four two four two"
CARD_ZH = "四二四二四二四二四二四二四二四二"
DIGITS = "4242424242424242"
WORLD = at()
HERE = Place("reason", "en")


class Written:
    """A scribe and its ledger; ``all`` is everything that can be read in it."""

    def __init__(self, *, card_safe: bool = True, secret: bool = False) -> None:
        self.ledger = Ledger(CallId(UUID(int=1)), STRANGER, NOW, "en", card_safe=card_safe)
        self.ledger_writer = LedgerWriter(self.ledger, card_safe=card_safe, now=utc_now)
        self.ledger_writer.listening(Listen("digits", secret=secret))

    def all(self) -> str:
        ledger = self.ledger
        return repr((
            [(e.kind, e.facts) for e in ledger.entries], [line.text for line in ledger.lines], ledger.known, ledger.words,
            ledger.understood,
        ))  # fmt: skip

    def entries(self) -> list[tuple[str, dict[str, Any]]]:
        return [(entry.kind, dict(entry.facts)) for entry in self.ledger.entries]


def transcript(*texts: str) -> Transcript:
    return Transcript(tuple(Hypothesis(text, 1 / len(texts)) for text in texts), 0.9, (("four", 0.0, 0.3, 1.0),), 12.0)


def heard(text: str) -> Heard:
    return Heard(text, None)


def test_words_that_go_on_with_those_before_say_so() -> None:
    it = Written()
    it.ledger_writer.heard(transcript("monday"), HERE)
    it.ledger_writer.heard(transcript("is no good"), HERE, went_on=True)
    assert [facts.get("went_on") for _, facts in it.entries()] == [None, True]


# -- secrets


def test_of_a_secret_answer_nothing_is_written_but_that_there_was_one() -> None:
    it = Written(secret=True)
    it.ledger_writer.heard(transcript("two five eight oh", "to five eight oh"), HERE)
    it.ledger_writer.step(HERE, HERE, heard("two five eight oh"))
    for digit in "2580#":
        it.ledger_writer.event(WORLD, replace(HERE, node="who"), KeyPressed(digit))
    it.ledger_writer.said(Speak("std_value", 0, "2 5 8 0?", "en", secret=True))
    assert it.ledger_writer.secret
    assert [kind for kind, _ in it.entries()] == ["heard", "said"], "not even how many keys there were"
    assert it.entries()[0][1]["hypotheses"] == [["••••", 1.0]]
    assert [line.text for line in it.ledger.lines] == ["••••", "••••"]
    for word in ("two", "five", "oh", "2", "5", "8"):
        assert word not in it.all().replace("decode_ms': 12.0", "")


def test_a_secret_silence_is_no_secret() -> None:
    it = Written(secret=True)
    it.ledger_writer.heard(transcript(), HERE)
    it.ledger_writer.event(WORLD, HERE, NoInput("noise"))
    assert it.entries()[0][1]["hypotheses"] == [] and it.ledger.lines == []
    assert it.entries()[1] == ("no_input", {"what": "noise"})


def test_a_secret_is_one_until_something_else_is_listened_for() -> None:
    it = Written(secret=True)
    it.ledger_writer.listening(Listen("open"))
    it.ledger_writer.heard(transcript("my watch"), HERE)
    assert it.ledger.lines[0].text == "my watch" and not it.ledger_writer.secret


# -- card numbers


@pytest.mark.parametrize(("text", "language"), [(CARD, "en"), (DIGITS, "en"), (CARD_ZH, "zh")])
def test_card_number_is_masked_wherever_it_could_stand(text: str, language: Language) -> None:
    place = replace(HERE, language=language)
    understood = Understood(f"x {text}", (Guess("late", 0.8, (Evidence("phrase", "late", 1.0),)),), "sure", 0.9)
    known = Known({"en": "Reference", "zh": "号"}, DIGITS, "spoken", False)
    for card_safe in (True, False):
        it = Written(card_safe=card_safe)
        it.ledger_writer.heard(transcript(text, f"um {text}"), place)
        it.ledger_writer.step(place, place, heard(text))
        it.ledger_writer.step(place, replace(place, understood=understood, known=(known,)), heard(text))
        it.ledger_writer.said(Speak("std_value", 0, " ".join(DIGITS), language))
        it.ledger_writer.said(Speak("std_value", 0, text, language))
        written = it.all()
        assert (text not in written) is card_safe
        assert (DIGITS not in written) is card_safe and (" ".join(DIGITS) not in written) is card_safe
        assert it.ledger.words and ("••••" in it.ledger.words) is card_safe
        assert it.ledger.understood and ("••••" in it.ledger.understood.text) is card_safe


def test_beginning_of_a_card_number_is_not_shown_in_partial_results() -> None:
    said = CARD.split()
    shown = [Written().ledger_writer.growing(" ".join(said[:n]), HERE) for n in range(1, 17)]
    assert max(len(text.split()) for text in shown) == 6
    assert Written(card_safe=False).ledger_writer.growing(CARD, HERE) == CARD
    assert Written().ledger_writer.growing("my order is four seven one one", HERE) == "my order is four seven one one"


@pytest.mark.parametrize(
    ("node", "card_safe", "shown"),
    [("which", True, "•"), ("who", True, "•"), ("reason", True, "4"), ("keypad", True, "4"), ("which", False, "4")],
)
def test_keys(node: str, card_safe: bool, shown: str) -> None:
    it = Written(card_safe=card_safe)
    it.ledger_writer.event(WORLD, replace(HERE, node=node), KeyPressed("4"))
    it.ledger_writer.event(WORLD, replace(HERE, node=node), KeyPressed("*"))
    assert [facts["digit"] for _, facts in it.entries()] == [shown, "*"]
    assert [(line.text, line.by, line.speaker) for line in it.ledger.lines] == [
        (shown, "keys", "caller"), ("*", "keys", "caller"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "shown"),
    [("4711", "4711"), (DIGITS, "••••"), ("+4915112345678", "+4915112345678"), ("2026-11-25", "2026-11-25")],
)
def test_what_is_known(value: str, shown: str) -> None:
    it = Written()
    label = {"en": "It", "zh": "它"}
    place = replace(HERE, known=(Known(label, value, "keys", True),))
    it.ledger_writer.step(HERE, place, KeyPressed("1"))
    it.ledger_writer.step(place, place, KeyPressed("1"))
    assert it.ledger.known == (Known(label, shown, "keys", True),)
    assert it.entries() == [
        ("known", {"label": "It", "label_zh": "它", "value": shown, "how": "keys", "checked": True})
    ], "told once"


# -- what is written


def test_steps_of_a_conversation() -> None:
    it = Written()
    it.ledger_writer.said(Speak("how", 1, "How can I help?", "en"))
    it.ledger_writer.event(WORLD, HERE, Started())
    it.ledger_writer.event(WORLD, HERE, NoInput())
    failed = replace(HERE, troubles=(Trouble("reason", "no_input"),))
    it.ledger_writer.step(HERE, failed, NoInput())
    it.ledger_writer.step(
        failed, replace(failed, language="zh", troubles=(*failed.troubles, Trouble("keypad", "noise"))), NoInput()
    )
    it.ledger_writer.looked_up(LookUp(1, "status", (("order", "4711"),)), Answer("found", ({"state": "late"},), 3.0))
    it.ledger_writer.proved(Prove(2, "pin", "2580"), "wrong")
    it.ledger_writer.problem("broken")
    it.ledger_writer.responded(Turn(noticed=200))
    assert it.entries()[:-1] == [
        ("said", {"prompt": "how", "variant": 1, "text": "How can I help?", "language": "en"}),
        ("no_input", {"what": "nothing"}),
        ("trouble", {"node": "reason", "what": "no_input"}),
        ("language", {"language": "zh"}),
        ("trouble", {"node": "keypad", "what": "noise"}),
        ("asked_source", {"lookup": "status", "outcome": "found", "rows": 1, "took_ms": 3.0}),
        ("proof", {"method": "pin", "outcome": "wrong"}),
        ("problem", {"what": "broken"}),
    ]
    assert it.ledger.language == "zh"
    assert {kind for kind, _ in it.entries()} <= set(get_args(EventKind))


def test_words_are_those_of_the_decision_and_the_first_ones_where_there_is_none() -> None:
    it = Written()
    for words in ("mumble", "mumble more"):
        it.ledger_writer.heard(Transcript((Hypothesis(words),), 0.9), HERE)
        it.ledger_writer.step(HERE, HERE, heard(words))
    assert it.ledger.words == "mumble"
    place = replace(HERE, understood=Understood("my watch is late", (Guess("late", 0.8),), "sure", 0.9))
    it.ledger_writer.step(HERE, place, heard("my watch is late"))
    it.ledger_writer.step(place, place, heard("four seven one one"))
    assert it.ledger.words == "my watch is late"
    assert [kind for kind, _ in it.entries()] == ["heard", "heard", "understood"], "once"
