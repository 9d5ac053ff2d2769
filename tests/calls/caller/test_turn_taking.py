"""Callers who go on with an answer that was taken for whole: a sentence takes a second, time is the loop's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ivr.calls.caller.ear import EarTiming
from ivr.calls.caller.ports import Answer
from ivr.core.dialogue.messages import HandOver
from ivr.core.endpointing import WENT_ON_MS, Endpointing
from ivr.core.flow.intent import Guess, Hypothesis, Understood
from ivr.core.language import Language
from tests.calls.caller.test_session import GREETING, Talk, talking
from tests.calls.fakes import Lookups, Utterance
from tests.core.bigger_house import BIGGER

USUAL = Endpointing(begin_ms=60, begin_within_ms=100, end_silence_ms=600, longest_ms=3000, no_input_ms=5000)
TIMING = EarTiming({"open": USUAL, "yes_no": USUAL, "digits": USUAL, "value": USUAL, "keys": USUAL})
INTENTS = ("late", "invoice", "visit", "person")


class LastWord:
    """Understands the matter that is named last: "late no invoice" is about the invoice."""

    def understand(self, hypotheses: Sequence[Hypothesis], language: Language) -> Understood:
        text = hypotheses[0].text
        named = [word for word in text.split() if word in INTENTS]
        if not named:
            return Understood(text, (), "none", 0.1)
        return Understood(text, (Guess(named[-1], 0.8),), "sure", 0.8)


def speaking(*heard: str | Exception | Utterance, timing: EarTiming = TIMING, **more: object) -> object:
    return talking(*heard, timing=timing, understander=LastWord(), **more)


def heard(talk: Talk) -> list[tuple[str, bool]]:
    """What the record has of it: the words, and whether they belong to those before."""
    return [
        (str(entry.facts["text"]), bool(entry.facts.get("went_on")))
        for entry in talk.ledger.entries
        if entry.kind == "heard"
    ]


async def test_who_has_said_all_is_answered_after_300_ms() -> None:
    async with speaking("late") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 280)
        assert talk.line.said == GREETING
        await talk.line.caller_is_silent(60)
        assert talk.line.said == [*GREETING, "number"]


async def test_who_has_not_is_waited_for() -> None:
    for said, silent_ms in (("i want to", 1000), ("what", 600)):
        async with speaking(said) as talk:
            await talk.prompted(2)
            await talk.line.caller_says(400, silent_ms - 20)
            assert talk.line.said == GREETING, said
            await talk.line.caller_is_silent(60)
            assert len(talk.line.said) > 2, said


async def test_who_goes_on_is_read_anew() -> None:
    async with speaking("late", "no invoice") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 600)
        assert talk.line.said == [*GREETING, "number"]
        await talk.line.caller_says(400, 900)  # who has paused for 600 ms is given 840
        assert talk.line.holds == 1 and talk.line.cuts == ["number"], "held at once, and ended when it was read"
        await talk.over()
        assert talk.line.said == [*GREETING, "number", "through"]
        assert heard(talk) == [("late", False), ("no invoice", True)]
        assert talk.ledger.words == "late no invoice"
        assert talk.decided[0][0] == HandOver("invoice", None, "understood")


async def test_what_changes_nothing_lets_the_prompt_go_on() -> None:
    for more in ("please", ""):
        async with speaking("late", more, "four seven one one") as talk:
            await talk.prompted(2)
            await talk.line.caller_says(400, 600)
            await talk.line.caller_says(200, 900)
            assert (talk.line.holds, talk.line.resumes, talk.line.cuts) == (1, 1, []), more
            await talk.prompted(3)
            assert talk.line.heard == [*GREETING, "number"] and "trouble" not in talk.kinds()
            await talk.line.caller_says(400, 1200)
            await talk.over()
            assert [known.value for known in talk.ledger.known] == ["4711"]


async def test_digits_for_the_next_question_are_its_answer() -> None:
    async with speaking("late", "four seven one one") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 600)
        assert talk.line.said[2:] == ["number"]
        await talk.line.caller_says(400, 1500)
        await talk.over()
        assert [known.value for known in talk.ledger.known] == ["4711"]
        assert talk.decided[0][0].intent == "late" and talk.line.cuts == ["number"]


async def test_after_700_ms_it_is_another_answer() -> None:
    async with speaking("late", "invoice") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 300 + WENT_ON_MS + 60)
        await talk.line.caller_says(400, 700)
        assert heard(talk) == [("late", False), ("invoice", False)]


async def test_a_hand_over_waits_until_nothing_follows() -> None:
    async with speaking("invoice") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 340)
        assert talk.line.said[-1] == "through" and talk.decided == []
        await talk.line.caller_is_silent(WENT_ON_MS)
        assert talk.line.talking and [over.intent for over, _ in talk.decided] == ["invoice"], (
            "while the last words are said"
        )


async def test_the_last_words_are_broken_off_for_who_goes_on() -> None:
    async with speaking("invoice", "no late", "four seven one one") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 340)
        assert talk.line.said[-1] == "through"
        await talk.line.caller_says(200, 640)
        assert talk.line.cuts == ["through"] and talk.line.said[-1] == "number" and talk.decided == []
        await talk.prompted(4)
        await talk.line.caller_says(400, 1200)
        await talk.over()
        assert [over.intent for over, _ in talk.decided] == ["late"]


async def test_who_hangs_up_within_the_last_words_is_still_decided_for() -> None:
    async with speaking("invoice") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 340)
        talk.session.on_line_gone()
        await talk.over()
        assert [over.intent for over, _ in talk.decided] == ["invoice"]


async def test_a_key_settles_what_was_said() -> None:
    async with speaking("late") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 400)
        talk.line.caller_presses("4711")
        await talk.over()
        assert [known.value for known in talk.ledger.known] == ["4711"] and talk.decided[0][0].intent == "late"


async def test_nothing_is_booked_on_half_an_answer() -> None:
    times = Answer("found", ({"at": "09:30"},))
    lookups = Lookups({"times": times, "book": Answer("found", ({},))})
    async with speaking("visit", "=2026-11-26", "yes", "no", flow=BIGGER, lookups=lookups) as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 1500)
        await talk.line.caller_says(400, 1500)
        await talk.until(lambda: talk.session.place.node == "time")
        talk.line.caller_presses("1")
        await talk.until(lambda: talk.session.place.node == "sure")
        await talk.line.caller_is_silent(1500)
        await talk.line.caller_says(400, 860)
        assert [name for name, _ in lookups.asked] == ["times"], "600 ms would have booked it"
        await talk.line.caller_says(400, 700)
        assert [name for name, _ in lookups.asked] == ["times"]
        assert talk.session.place.node == "sure", "yes and then no is neither"


async def test_a_look_up_is_given_up_with_the_answer_that_asked_for_it() -> None:
    lookups = Lookups({"times": Answer("found", ({"at": "09:30"},))}, slow={"times": 2.0})
    async with speaking("visit", "=2026-11-2", "7", flow=BIGGER, lookups=lookups) as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 1500)
        await talk.line.caller_says(400, 900)
        assert [args["day"] for _, args in lookups.asked] == ["2026-11-2"]
        await talk.line.caller_says(400, 1300)
        assert lookups.cancelled == ["times"]
        assert [args["day"] for _, args in lookups.asked] == ["2026-11-2", "2026-11-2 7"]
        await talk.until(lambda: talk.session.place.node == "time")


async def test_who_goes_on_without_end_or_with_nothing_again_and_again_keeps_nobody_waiting() -> None:
    async with speaking("invoice", "please") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 400)
        await talk.line.caller_says(3400, 0)
        await talk.over()
        assert [over.intent for over, _ in talk.decided] == ["invoice"]
    async with speaking("invoice", "please", "please", "please") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 400)
        for then_silent_ms in (900, 1300):  # who has paused for 900 ms is given 1200
            assert not talk.decided
            await talk.line.caller_says(200, then_silent_ms)
        assert [over.intent for over, _ in talk.decided] == ["invoice"]


async def test_the_question_alone_decides_where_that_is_wished() -> None:
    async with speaking("late", "invoice", timing=replace(TIMING, follow_words=False)) as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400, 580)
        assert talk.line.said == GREETING
        await talk.line.caller_is_silent(40)
        assert talk.line.said == [*GREETING, "number"]
        await talk.line.caller_says(400, 700)
        assert heard(talk) == [("late", False), ("invoice", False)]
