"""What is known of one contact, and the card that is made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.caller import Caller, CallId
from ivr.core.card import Card, Known, Line, Share
from ivr.core.contact.agent_opening import opening
from ivr.core.contact.card_of import card_of, patience_of, why_of
from ivr.core.contact.ledger import Ledger
from ivr.core.contact.legs import DeskView
from ivr.core.dialogue.messages import HandOver, Trouble
from ivr.core.flow.intent import Evidence, Guess, Understood
from ivr.core.routing import Decision
from tests.core.little_house import FLOW, LIN_MEI, NOW, STRANGER, agent, lin, phoned

CALL = CallId(UUID("0b5f6c1e-8f0e-4a3e-9f65-0d1e2a3b4c5d"))
ANA = agent("ana", "orders")
EVIDENCE = (
    Evidence("keyword", "watch", 0.2), Evidence("phrase", "my order is late", 0.48), Evidence("phrase", "where is it", 0.1)
)  # fmt: skip
LATE_OR_BILL = Understood(
    "my {watch} is late", (Guess("late", 0.71, EVIDENCE), Guess("invoice", 0.12)), "sure", 0.68
)  # fmt: skip


def ledger(caller: Caller = STRANGER, **more: object) -> Ledger:
    """A ledger whose story has come to this."""
    made = Ledger(CALL, caller, NOW, "en")
    for name, value in more.items():
        setattr(made.story, name, value)
    return made


def over(intent: str | None, cause: str) -> HandOver:
    return HandOver(intent, None, cause)  # type: ignore[arg-type]


def card(of: Ledger, queue: str | None = None, waited_s: float = 0) -> Card:
    view = DeskView(ANA.id, "ringing", "1.1", NOW + timedelta(seconds=waited_s), queue=queue)
    return card_of(of, FLOW, view, ANA, {ANA.id: ANA.name})


# -- why


@pytest.mark.parametrize(
    ("hand_over", "understood", "certainty", "confidence"),
    [
        (None, None, "unknown", 0.0),
        (None, LATE_OR_BILL, "unknown", 0.0),
        (over(None, "person"), None, "unknown", 0.0),
        (over("late", "understood"), LATE_OR_BILL, "sure", 0.71),
        (over("late", "confirmed"), LATE_OR_BILL, "confirmed", 1.0),
        (over("invoice", "key"), LATE_OR_BILL, "chosen_by_key", 1.0),
        (over("late", "patience"), LATE_OR_BILL, "unsure", 0.71),
        (over("late", "repeat_call"), None, "earlier", 0.5),
        (over("gone", "understood"), None, "unknown", 0.5),
        (over(None, "emergency"), LATE_OR_BILL, "danger", 0.0),
    ],
)
def test_certainty(
    hand_over: HandOver | None, understood: Understood | None, certainty: str, confidence: float
) -> None:
    why = why_of(ledger(hand_over=hand_over, understood=understood), FLOW)
    assert (why.certainty, why.confidence) == (certainty, confidence)


def test_why_shows_the_words_and_their_evidence() -> None:
    made = ledger(hand_over=over("late", "understood"), understood=LATE_OR_BILL, words="my {watch} is late")
    why = why_of(made, FLOW)
    assert why.title == {"en": "Late delivery", "zh": "配送延误"}
    assert why.words == "my {watch} is late"
    assert why.runner_up == {"en": "Invoice", "zh": "账单"}
    assert why.shares == (
        Share({"en": "like “my order is late”", "zh": "类似“my order is late”"}, 0.5),
        Share({"en": "said “watch”", "zh": "提到“watch”"}, 0.21),
    )


@given(st.lists(st.integers(0, 100).map(lambda n: n / 100), max_size=5), st.floats(0, 1))
def test_evidence_adds_up_to_the_confidence(weights: list[float], confidence: float) -> None:
    evidence = tuple(Evidence("phrase", str(number), weight) for number, weight in enumerate(weights))
    understood = Understood("late", (Guess("late", confidence, evidence),), "sure", 0.9)
    why = why_of(ledger(hand_over=over("late", "understood"), understood=understood), FLOW)
    total = confidence if any(weight > 0 for weight in weights) else 0
    assert sum(share.value for share in why.shares) == pytest.approx(total, abs=0.011)


def test_words_and_history_are_shown_as_the_addends_that_they_are() -> None:
    """Late delivery 0.71 = words 0.48 + open order 0.23."""
    history = Evidence("history", "open order", 0.23, {"en": "open order", "zh": "有订单"})
    guess = Guess("late", 0.71, (Evidence("phrase", "it is not here", 0.3), Evidence("phrase", "late", 0.1), history))
    understood = Understood("it is not here", (guess,), "confirm", 0.5)
    shares = why_of(ledger(hand_over=over("late", "understood"), understood=understood), FLOW).shares
    assert [(s.label["en"], s.value) for s in shares] == [("like “it is not here”", 0.48), ("open order", 0.23)]
    shares = why_of(ledger(hand_over=over("late", "confirmed"), understood=understood), FLOW).shares
    assert [(s.label["en"], s.value) for s in shares][2:] == [("said yes to it", 0.29)]


def test_what_went_wrong_is_told_in_words() -> None:
    troubles = (Trouble("reason", "no_match"), Trouble("which_order", "noise"), Trouble("gone", "no_input"))
    hand_over = HandOver("late", None, "patience", troubles)
    patience = patience_of(ledger(hand_over=hand_over), FLOW)
    assert (patience.spent, patience.of) == (3, 3)
    assert [t["en"] for t in patience.troubles] == [
        "reason for the call: not understood", "Order: noise on the line", "reason for the call: no answer",
    ]  # fmt: skip
    assert patience.troubles[1]["zh"] == "订单：线路有杂音"


def test_evidence_for_something_else_is_not_shown() -> None:
    why = why_of(ledger(hand_over=over("invoice", "key"), understood=LATE_OR_BILL), FLOW)
    assert why.shares == ()
    assert why.runner_up == {"en": "Late delivery", "zh": "配送延误"}


def test_runner_up_that_is_hardly_believed_is_not_shown() -> None:
    weak = replace(LATE_OR_BILL, guesses=(Guess("late", 0.9), Guess("invoice", 0.09)))
    assert why_of(ledger(hand_over=over("late", "understood"), understood=weak), FLOW).runner_up is None


def test_nothing_known_is_said_plainly() -> None:
    why = why_of(ledger(), FLOW)
    assert why.intent is None and why.title == {"en": "Reason not known", "zh": "原因未知"}
    assert why_of(ledger(hand_over=over(None, "person")), FLOW).title["en"] == "Asked for a person"
    assert why_of(ledger(hand_over=over(None, "patience")), FLOW).title["zh"] == "语音助手未能听懂"


# -- the card


def test_card_is_made_of_what_is_known() -> None:
    known = Known({"en": "Order", "zh": "订单"}, "4711", "keys", True)
    line = Line(NOW, "caller", "late", "en")
    reason = Share({"en": "asked", "zh": "问"}, 0.7)
    made = ledger(
        lin(), known=(known,), lines=[line], decision=Decision("orders", 5, None, (reason,), None),
        hand_over=over("late", "understood"), left_dialogue=NOW + timedelta(seconds=10),
    )  # fmt: skip
    shown = card(made, waited_s=22.34)
    assert (shown.call, shown.state, shown.since, shown.caller) == (CALL, "ringing", NOW, lin())
    assert (shown.known, shown.transcript, shown.reasons) == ((known,), (line,), (reason,))
    assert (shown.queue, shown.queue_title) == ("orders", {"en": "Orders", "zh": "订单"})
    assert shown.waited_s == 12.3


def test_queue_that_asterisk_names_wins_over_the_decision() -> None:
    made = ledger(decision=Decision("orders", 0, None, (), None))
    assert card(made, "front").queue == "front"
    assert card(made, "elsewhere").queue_title == {"en": "elsewhere", "zh": "elsewhere"}


def test_card_without_a_decision_says_so() -> None:
    shown = card(ledger())
    assert shown.queue == FLOW.fallback_queue
    assert [r.label["en"] for r in shown.reasons] == ["came without a decision: the safety net"]
    assert shown.waited_s == 0


def test_transcript_of_a_card_does_not_grow_later() -> None:
    made = ledger()
    shown = card(made)
    made.lines.append(Line(NOW, "machine", "hello", "en"))
    assert shown.transcript == ()


# -- the opening

UNNAMED = replace(LIN_MEI, salutation=None, salutation_zh=None)
PLAIN = ("Hello Ms Lin, this is Ana. How can I help you?", "林女士您好，我是Ana，请问有什么可以帮您？")
OPENINGS = {
    "stranger": (STRANGER, None, "Hello, this is Ana. How can I help you?", "您好，我是Ana，请问有什么可以帮您？"),
    "stranger, with a matter whose opening needs a name": (
        STRANGER, "late", "Hello, this is Ana. How can I help you?", "您好，我是Ana，请问有什么可以帮您？",
    ),
    "known, nothing said": (lin(), None, *PLAIN),
    "known, with a matter": (lin(), "late", "Hello Ms Lin, Ana here: order 4711 is late.", "林女士，订单4711延误了。"),
    "known, a matter without an opening": (
        lin(), "invoice", *PLAIN,
    ),
    "known by name only": (
        lin(customer=UNNAMED), "late", "Hello Lin Mei, Ana here: order 4711 is late.", "Lin Mei，订单4711延误了。",
    ),
    "no order to speak of": (
        lin(orders=()), "late", *PLAIN,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("caller", "intent", "en", "zh"), OPENINGS.values(), ids=OPENINGS.keys())
def test_opening(caller: Caller, intent: str | None, en: str, zh: str) -> None:
    made = ledger(caller, hand_over=over(intent, "understood"))
    assert opening(FLOW, made, ANA) == {"en": en, "zh": zh}


def test_opening_names_the_order_that_the_caller_spoke_of() -> None:
    known = Known({"en": "Order", "zh": "订单"}, "4630", "spoken", True)
    made = ledger(lin(), hand_over=over("late", "understood"), known=(known,))
    assert opening(FLOW, made, ANA)["en"] == "Hello Ms Lin, Ana here: order 4630 is late."


def test_call_that_goes_on_with_an_earlier_one_has_the_words_of_that() -> None:
    before = replace(phoned(3, solved=False, intent="late"), words="where is my watch")
    made = ledger(lin(contacts=(before,)), hand_over=over("late", "repeat_call"))
    why = why_of(made, FLOW)
    assert (why.words, why.words_at, why.certainty) == ("where is my watch", before.at, "earlier")
    made.story.words = "it is still not here"
    assert (why_of(made, FLOW).words, why_of(made, FLOW).words_at) == ("it is still not here", None)
    assert why_of(ledger(lin(contacts=(before,)), hand_over=over("late", "understood")), FLOW).words is None
