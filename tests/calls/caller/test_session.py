"""One call's dialogue with everything around it: line, voice, ears. A sentence takes a second, silence counts after one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from ivr.calls.caller.ports import Answer, Manner
from ivr.calls.caller.recording import Tape
from ivr.calls.caller.session import LOUDER_DB, SLOWER, CallSession
from ivr.calls.conversation import run_guarded
from ivr.core.caller import Caller, CallId, Preferences
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue import World
from ivr.core.dialogue.messages import HandOver, Trouble
from ivr.core.flow.flow import Flow, QueueState
from ivr.core.flow.opening_hours import Calendar
from tests.calls.fakes import FakeLine, Identity, Lookups, Recogniser, Utterance, Voice, parts
from tests.core.bigger_house import BIGGER
from tests.core.little_house import BOTH, FLOW, NOW, STRANGER, lin
from tests.waiting import until

CALL = CallId(UUID("0b5f6c1e-8f0e-4a3e-9f65-0d1e2a3b4c5d"))


@dataclass
class Talk:
    """A running session, from the caller's end of the line."""

    session: CallSession
    line: FakeLine
    ledger: Ledger
    recogniser: Recogniser
    run: asyncio.Task[None]
    decided: list[tuple[HandOver, tuple[str, ...]]] = field(default_factory=list)
    """Each decision, with what had been said to its end by then."""

    async def until(self, true: Callable[[], object], within_s: float = 60) -> float:
        """Wait for a fact; the seconds that it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await until(true, within_s)
        except TimeoutError:
            pytest.fail(f"not within {within_s} s: {self.line.said}, {self.kinds()}")
        return loop.time() - began

    async def prompted(self, sentences: int) -> None:
        """Be silent until so many sentences were said to their end."""
        while len(self.line.heard) < sentences or self.line.talking:
            assert not self.run.done(), self.line.said
            await self.line.caller_is_silent(20)

    async def over(self) -> None:
        """Wait for the end of the session."""
        await asyncio.wait_for(asyncio.shield(self.run), 60)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.ledger.entries]

    def problems(self) -> list[str]:
        return [entry.facts["what"] for entry in self.ledger.entries if entry.kind == "problem"]


@asynccontextmanager
async def talking(
    *heard: str | Exception | Utterance,
    caller: Caller = STRANGER,
    voice: Voice | None = None,
    flow: Flow = FLOW,
    identity: Identity | None = None,
    tape: Tape | None = None,
    **more: Any,
) -> AsyncIterator[Talk]:
    """A session that has just begun; ``heard`` is what the recogniser will make of each utterance.

    ``more`` are other parts: ``card_safe``, ``queues``, ``lookups``.
    """
    recogniser, line = Recogniser(*heard), FakeLine()
    ledger = Ledger(CALL, caller, NOW, "en", card_safe=more.get("card_safe", True))
    made = replace(parts(recogniser, voice, identity=identity), **more)
    session = CallSession(made, World(flow, caller, BOTH), ledger, line, tape)
    line.attach(session)
    decided: list[tuple[HandOver, tuple[str, ...]]] = []
    run = asyncio.ensure_future(session.run(lambda over: decided.append((over, tuple(line.heard)))))
    talk = Talk(session, line, ledger, recogniser, run, decided)
    try:
        yield talk
        if run.done() and not run.cancelled():
            run.result()
    finally:
        session.on_line_gone()
        await asyncio.gather(run, return_exceptions=True)


GREETING = ["welcome", "how_help"]
MENU = ["menu", "option", "option", "option"]
OFFERED = ["std_offer_person", "std_offer_choices"]

# -- whole calls


async def test_a_call_from_greeting_to_hand_over() -> None:
    async with talking("late", "four seven one one") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.until(lambda: talk.line.said[2:] == ["number"])
        await talk.prompted(3)
        await talk.line.caller_says(then_silent_ms=1000)
        await talk.over()
        assert talk.line.heard == [*GREETING, "number", "through"]
        assert talk.line.cuts == []
        assert talk.decided == [(HandOver("late", None, "understood"), (*GREETING, "number"))]
        assert talk.session.hand_over == HandOver("late", None, "understood")
        assert not talk.session.hung_up
        assert [(known.value, known.how) for known in talk.ledger.known] == [("4711", "spoken")]
        assert talk.ledger.words == "late"
        assert [line.speaker for line in talk.ledger.lines] == [
            "machine",
            "machine",
            "caller",
            "machine",
            "caller",
            "machine",
        ]


async def test_what_happened_is_in_the_ledger_in_order() -> None:
    async with talking("late", caller=lin()) as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.over()
        kinds = [kind for kind in talk.kinds() if kind != "responded"]  # which comes when the line says so
        assert kinds == ["said", "said", "heard", "about", "understood", "known", "said"]
        heard = talk.ledger.entries[2].facts
        assert (heard["text"], heard["confidence"], heard["hypotheses"]) == ("late", 0.9, [["late", 1.0]])
        assert talk.ledger.entries[4].facts["guesses"] == [["late", 0.8]]
        known = {"label": "Order", "label_zh": "订单", "value": "4711", "how": "record", "checked": True}
        assert talk.ledger.entries[5].facts == known


async def test_hang_up_waits_for_the_last_words() -> None:
    async with talking("hours") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.over()
        assert talk.line.heard[-1] == "open_from"
        assert talk.session.hung_up and talk.session.hand_over is None and talk.decided == []


async def test_the_times_of_an_answer_are_noted() -> None:
    slow = Utterance("invoice", after_s=0.3)
    async with talking(slow) as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.over()
        (turn,) = talk.session.turns
        assert turn.noticed == pytest.approx(200, abs=1), "the silence that ends an utterance counts too"
        assert turn.recognised == pytest.approx(500, abs=1)
        assert turn.first_audio == pytest.approx(500, abs=1)


# -- barge-in


async def test_speech_silences_the_prompt_at_once_and_a_word_ends_it() -> None:
    async with talking("invoice") as talk:
        await talk.until(lambda: talk.line.said == ["welcome"])
        speaking = asyncio.ensure_future(talk.line.caller_says())
        took_s = await talk.until(lambda: talk.line.holds)
        assert took_s <= 0.07, "three frames make speech"
        assert talk.line.cuts == [] and talk.recogniser.partial
        talk.recogniser.partial("in")
        assert talk.line.cuts == ["welcome"], "the first plausible word"
        await speaking
        await talk.over()
        assert talk.line.said == ["welcome", "through"], "what waited behind the cut prompt is not said any more"
        assert talk.decided[0][0].intent == "invoice"


async def test_nobody_reads_along_where_no_prompt_is_spoken_over() -> None:
    """What has been understood so far costs as much again as hearing it at the end."""
    async with talking("invoice") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.over()
        assert talk.recogniser.listened and talk.recogniser.partial is None


async def test_a_click_cuts_nothing() -> None:
    async with talking() as talk:
        await talk.until(lambda: talk.line.talking)
        await talk.line.caller_says(40)
        await talk.prompted(2)
        assert talk.line.cuts == []


async def test_last_words_cannot_be_cut() -> None:
    async with talking("invoice", "late") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.until(lambda: talk.line.said[-1] == "through")
        await talk.line.caller_is_silent(800)  # what is said sooner goes on with the answer
        await talk.line.caller_says()
        talk.line.caller_presses("0")
        await talk.over()
        assert talk.line.heard[-1] == "through" and talk.line.cuts == []
        assert len(talk.decided) == 1
        assert len(talk.recogniser.listened) == 1, "nothing is listened for any more"


@pytest.mark.parametrize("noise", ["", "mm", "uh huh"])
async def test_after_a_cough_the_prompt_goes_on_where_it_stopped(noise: str) -> None:
    async with talking(noise, "invoice") as talk:
        await talk.until(lambda: talk.line.said == ["welcome"])
        await talk.line.caller_says()
        await talk.until(lambda: talk.line.resumes)
        assert talk.line.cuts == []
        await talk.until(lambda: talk.line.heard == GREETING)
        assert "trouble" not in talk.kinds()
        await talk.line.caller_says()
        await talk.over()
        assert talk.decided[0][0].intent == "invoice"


async def test_a_short_word_ends_the_prompt_without_a_partial_result() -> None:
    async with talking("invoice") as talk:
        await talk.until(lambda: talk.line.said == ["welcome"])
        await talk.line.caller_says()
        await talk.over()
        assert talk.line.cuts == ["welcome"] and talk.line.resumes == 0


async def test_a_voice_without_words_does_not_hold_the_prompt_for_ever() -> None:
    async with talking("") as talk:
        await talk.until(lambda: talk.line.said == ["welcome"])
        speaking = asyncio.ensure_future(talk.line.caller_says(4000))
        took_s = await talk.until(lambda: talk.line.resumes)
        assert took_s == pytest.approx(2.0, abs=0.5)
        await speaking


async def test_speech_that_was_nothing_lets_the_waiting_go_on() -> None:
    async with talking("", "") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        took_s = await talk.until(lambda: "no_input" in talk.kinds(), 5)
        assert took_s == pytest.approx(1.0, abs=0.45)


# -- keys


async def test_key_cuts_the_prompt_and_counts_once() -> None:
    async with talking() as talk:
        await talk.until(lambda: talk.line.said == ["welcome"])
        talk.line.caller_presses("3", "audiosocket", "ami")
        await talk.over()
        assert talk.line.cuts == ["welcome"]
        assert talk.kinds().count("key") == 1
        assert talk.decided[0][0] == HandOver("invoice", None, "key")
        assert [(line.text, line.by) for line in talk.ledger.lines if line.speaker == "caller"] == [("3", "keys")]


@pytest.mark.parametrize("way", ["audiosocket", "ami"])
async def test_keys_in_one_way_only(way: str) -> None:
    async with talking("late") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.prompted(3)
        talk.line.caller_presses("4711", way)  # type: ignore[arg-type]
        await talk.over()
        assert [known.value for known in talk.ledger.known] == ["4711"]


async def test_key_while_words_are_being_recognised() -> None:
    async with talking(Utterance("invoice", after_s=2.0)) as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        talk.line.caller_presses("0")
        await talk.over()
        assert len(talk.decided) == 1 and talk.decided[0][0].intent == "invoice"


async def test_keys_that_follow_soon_are_a_number_and_choose_nothing() -> None:
    """3 is the invoice, and is none in a number; the prompt is cut at the first key all the same."""
    async with talking("late") as talk:
        await talk.until(lambda: talk.line.said == ["welcome"])
        for digit in "34711":
            talk.line.caller_presses(digit)
            await talk.line.caller_is_silent(400)
        await talk.until(lambda: talk.line.said[-1] == "std_number", 5)
        assert talk.line.cuts == ["welcome"] and not talk.decided
        assert talk.kinds().count("key") == 5


async def test_number_typed_early_is_not_asked_for() -> None:
    async with talking("late") as talk:
        await talk.prompted(2)
        talk.line.caller_presses("4711")
        await talk.until(lambda: talk.line.said[-1] == "how_help" and not talk.line.talking, 5)
        await talk.line.caller_says()
        await talk.over()
        assert [known.value for known in talk.ledger.known] == ["4711"]


async def test_keys_one_after_the_other_choose_each() -> None:
    async with talking() as talk:
        await talk.prompted(2)
        talk.line.caller_presses("0")
        await talk.until(lambda: talk.line.said[-1] == "std_few_words", 5)
        talk.line.caller_presses("3")
        await talk.over()
        assert talk.decided[0][0] == HandOver("invoice", None, "person")


async def test_star_after_a_key_does_not_wait() -> None:
    async with talking() as talk:
        await talk.prompted(2)
        talk.line.caller_presses("9")
        talk.line.caller_presses("*")
        await talk.until(lambda: talk.ledger.language == "zh", 0.5)


# -- silence


async def test_silence_counts_from_the_end_of_the_prompt() -> None:
    async with talking() as talk:
        await talk.prompted(2)
        assert "no_input" not in talk.kinds()
        await talk.line.caller_is_silent(960)
        assert "no_input" not in talk.kinds()
        await talk.line.caller_is_silent(80)
        assert "no_input" in talk.kinds()


async def test_line_that_sends_nothing_ends_with_a_person_too() -> None:
    async with talking() as talk:
        await talk.over()
        # a telephone with silence suppression sends nothing while nobody speaks: that is silence, and no dead line
        assert talk.line.heard == [*GREETING, "std_no_input", "help_again", *OFFERED, "to_person"]
        troubles = (Trouble("reason", "no_input"), Trouble("reason", "no_input"), Trouble("keypad", "no_input"))
        assert talk.decided[0][0] == HandOver(None, None, "patience", troubles)


async def test_line_that_sends_nothing_but_silence_is_served_by_keys_at_once() -> None:
    async with talking() as talk:
        await talk.prompted(2)
        await talk.line.caller_is_silent(1200)
        await talk.until(lambda: "std_no_sound" in talk.line.said, 20)
        await talk.until(lambda: "menu" in talk.line.said, 20)
        assert "help_again" not in talk.line.said, "another open question is no use"


async def test_silence_between_keys_begins_anew_with_each() -> None:
    async with talking("late") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.prompted(3)
        for digit in "4711":
            await talk.line.caller_is_silent(800)
            talk.line.caller_presses(digit)
        await talk.over()
        assert [known.value for known in talk.ledger.known] == ["4711"]
        assert "no_input" not in talk.kinds()


async def test_keys_that_stop_after_they_cut_the_prompt_are_noticed() -> None:
    async with talking("late") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.until(lambda: talk.line.said[-1] == "number")
        talk.line.caller_presses("47")
        await talk.until(lambda: talk.line.said[-1] == "std_more_digits", 5)


# -- noises


async def test_coughs_are_no_failures_until_they_go_on() -> None:
    async with talking("", "", "", "invoice") as talk:
        await talk.prompted(2)
        for _ in range(2):
            await talk.line.caller_says()
        assert talk.line.said == GREETING and "no_input" not in talk.kinds()
        await talk.line.caller_says()
        await talk.until(lambda: talk.line.said[2:] == ["std_noise"])
        assert talk.kinds().count("no_input") == 1
        await talk.prompted(4)
        await talk.line.caller_says()
        await talk.over()
        assert talk.decided[0][0].intent == "invoice"


async def test_a_word_forgives_the_coughs_before_it() -> None:
    async with talking("", "", "mumble", "", "", "invoice") as talk:
        await talk.prompted(2)
        for _ in range(3):
            await talk.line.caller_says(then_silent_ms=800)
        await talk.prompted(4)
        for _ in range(3):
            await talk.line.caller_says(then_silent_ms=800)
        await talk.over()
        assert "no_input" not in talk.kinds()
        assert talk.line.said == [*GREETING, "std_no_match", "std_language_hint", "help_again", "through"]


# -- what fails


async def test_line_that_is_gone_ends_the_session_at_once() -> None:
    async with talking() as talk:
        await talk.until(lambda: talk.line.talking)
        talk.session.on_line_gone()
        await asyncio.wait_for(talk.run, 0.05)
        assert talk.session.hand_over is None and talk.decided == []


async def test_line_that_goes_during_the_last_words() -> None:
    async with talking("invoice") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.until(lambda: talk.line.said[-1] == "through")
        talk.session.on_line_gone()
        await asyncio.wait_for(talk.run, 0.05)
        assert len(talk.decided) == 1


async def test_line_that_goes_while_a_prompt_is_being_made() -> None:
    async with talking(voice=Voice(slow={"how_help": 3.0})) as talk:
        await talk.until(lambda: talk.line.said)
        talk.session.on_line_gone()
        await talk.over()
        assert talk.line.said == ["welcome"]


async def test_voice_that_fails_is_noted_and_the_call_goes_on() -> None:
    broken = frozenset({"welcome", "how_help", "number", "through"})
    async with talking("late", "four seven one one", voice=Voice(broken)) as talk:
        await talk.until(lambda: len(talk.problems()) == 2)
        await talk.line.caller_says()
        await talk.line.caller_says()
        await talk.over()
        assert talk.line.said == []
        assert talk.problems() == [f"cannot say {name}" for name in ("welcome", "how_help", "number", "through")]
        assert talk.decided[0][0].intent == "late"


async def test_silence_counts_even_where_nothing_could_be_said() -> None:
    everything = frozenset(FLOW.prompts)
    async with talking(voice=Voice(everything)) as talk:
        await talk.over()
        assert talk.decided[0][0].cause == "patience"


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        (RuntimeError("no lattice"), "recognition failed: no lattice"),
        (Utterance("invoice", after_s=60), "recognition took too long"),
    ],
)
async def test_recogniser_that_fails_costs_a_question_asked_again(outcome: Exception | Utterance, problem: str) -> None:
    async with talking(outcome, "invoice") as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.until(lambda: talk.problems() == [problem])
        await talk.until(lambda: not talk.line.talking)
        await talk.line.caller_says()
        await talk.over()
        assert talk.decided[0][0].intent == "invoice"


async def test_caller_who_is_faster_than_the_dialogue_is_no_danger() -> None:
    async with talking() as talk:
        with capture_logs() as logs:
            await talk.until(lambda: talk.line.talking)
            talk.line.caller_presses("*" * 2000, "ami")
        assert {entry["event"] for entry in logs} == {"caller is faster than the dialogue, event dropped"}
        talk.session.on_line_gone()
        await talk.over()


async def test_dialogue_that_breaks_costs_its_own_call_only() -> None:
    line, ledger = FakeLine(), Ledger(CALL, STRANGER, NOW, "en")
    session = CallSession(parts(), World(FLOW, STRANGER, BOTH), ledger, line)

    def broken(over: HandOver) -> None:
        raise KeyError("no such queue")

    session.on_key("3", "ami")
    with capture_logs() as logs:
        await run_guarded(session, broken, str(CALL))
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
        "session failed, caller goes to the queue"
    ]


async def test_session_that_is_cancelled_ends() -> None:
    async with talking() as talk:
        await talk.until(lambda: talk.line.talking)
        talk.run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talk.run


# -- how a caller likes to be spoken to


async def test_caller_who_likes_it_slow_and_loud_is_spoken_to_so_from_the_first_word() -> None:
    voice = Voice()
    caller = replace(lin(), preferences=Preferences(slow=True, loud=True))
    async with talking("late", caller=caller, voice=voice) as talk:
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.over()
        assert set(voice.manners) == {Manner(SLOWER, LOUDER_DB)}


@pytest.mark.parametrize(
    ("command", "manner"), [("slower", Manner(SLOWER, 0.0)), ("louder", Manner(1.0, LOUDER_DB)), ("repeat", Manner())]
)
async def test_manner_changes_from_the_next_word_on(command: str, manner: Manner) -> None:
    voice = Voice()
    async with talking(command, voice=voice) as talk:
        await talk.prompted(2)
        before = len(voice.manners)
        await talk.line.caller_says()
        await talk.until(lambda: len(voice.manners) > before)
        assert set(voice.manners[:before]) == {Manner()} and set(voice.manners[before:]) == {manner}


# -- keys and words in one answer

LONG = replace(
    FLOW,
    nodes={**FLOW.nodes, "which_order": replace(FLOW.nodes["which_order"], shortest=6, longest=6, check="no")},  # type: ignore[arg-type]
)


async def at_the_number(talk: Talk) -> None:
    await talk.prompted(2)
    await talk.line.caller_says()
    await talk.prompted(3)


async def test_keys_then_words_then_keys_then_words() -> None:
    async with talking("late", "one one", "three", flow=LONG) as talk:
        await at_the_number(talk)
        talk.line.caller_presses("47")
        await talk.line.caller_says()
        talk.line.caller_presses("2")
        await talk.line.caller_says()
        await talk.over()
        assert [known.value for known in talk.ledger.known] == ["471123"]


async def test_keys_pressed_while_words_are_recognised_stand_behind_them() -> None:
    async with talking("late", Utterance("one one", after_s=1.0), "three", flow=LONG) as talk:
        await at_the_number(talk)
        talk.line.caller_presses("47")
        await talk.line.caller_says()
        talk.line.caller_presses("2")
        await talk.line.caller_says(then_silent_ms=400)
        await talk.over()
        assert [known.value for known in talk.ledger.known] == ["471123"]


async def test_keys_pressed_while_speaking_stand_behind_the_words() -> None:
    async with talking("late", "one one", flow=LONG) as talk:
        await at_the_number(talk)
        talk.line.caller_presses("47")
        speaking = asyncio.ensure_future(talk.line.caller_says(400))
        await talk.until(lambda: len(talk.recogniser.utterances) == 2)
        talk.line.caller_presses("23")
        await speaking
        await talk.over()
        assert [known.value for known in talk.ledger.known] == ["471123"]


async def test_keys_that_are_no_digits_do_not_shift_the_words() -> None:
    async with talking("late", "one one", flow=LONG) as talk:
        await at_the_number(talk)
        talk.line.caller_presses("4AB7")
        speaking = asyncio.ensure_future(talk.line.caller_says(400))
        await talk.until(lambda: len(talk.recogniser.utterances) == 2)
        talk.line.caller_presses("23")
        await speaking
        await talk.over()
        assert [known.value for known in talk.ledger.known] == ["471123"]


# -- kinds of no input


async def no_input(talk: Talk) -> str:
    """What kind it was."""
    await talk.until(lambda: "no_input" in talk.kinds(), 10)
    return next(str(entry.facts["what"]) for entry in talk.ledger.entries if entry.kind == "no_input")


async def test_a_silent_caller() -> None:
    async with talking() as talk:
        await talk.until(lambda: talk.line.talking)
        await talk.line.caller_says(20, 0)  # a click: there is a line
        await talk.prompted(2)
        assert await no_input(talk) == "nothing"
        await talk.until(lambda: "std_no_input" in talk.line.said)


async def test_a_silent_line() -> None:
    async with talking() as talk:
        await talk.prompted(2)
        assert await no_input(talk) == "no_sound"
        await talk.until(lambda: "std_no_sound" in talk.line.said)


async def test_a_noisy_line() -> None:
    async with talking("", "", "") as talk:
        await talk.prompted(2)
        for _ in range(3):
            await talk.line.caller_says()
        assert await no_input(talk) == "noise"
        await talk.until(lambda: "std_noise" in talk.line.said)


async def test_somebody_who_does_not_stop_talking() -> None:
    async with talking("mumble") as talk:
        await talk.prompted(2)
        await talk.line.caller_says(3200)
        await talk.until(lambda: "std_too_long" in talk.line.said)
        assert [entry.facts["what"] for entry in talk.ledger.entries if entry.kind == "trouble"] == ["too_long"]


# -- the world outside

DAY = (((0, 24 * 60),),) * 7
NEVER = ((),) * 7


def hours(weekly: Any, **special: Any) -> Flow:
    return replace(BIGGER, start="hours", hours={"shop": Calendar("shop", "UTC", weekly, **special)})


async def test_queues_reach_the_conditions_as_they_are_at_the_moment() -> None:
    states = iter([{"orders": QueueState(0)}, {"orders": QueueState(9)}])
    async with talking("hours", flow=replace(hours(DAY), start="reason"), queues=lambda: next(states)) as talk:
        await talk.prompted(1)
        await talk.line.caller_says()
        await talk.until(lambda: "busy" in talk.line.said)


async def test_time_reaches_the_conditions_as_it_is_at_the_moment() -> None:
    # the world that the session was given stands in the year 2000
    today = datetime.now(UTC).date()
    days = {today + timedelta(days=more): ((0, 24 * 60),) for more in (0, 1)}
    async with talking(flow=hours(NEVER, exceptions=days)) as talk:
        await talk.until(lambda: talk.line.said)
        assert talk.line.said[0] == "open"
    async with talking(flow=hours(NEVER, exceptions={date(2000, 1, 1): ((0, 24 * 60),)})) as talk:
        await talk.until(lambda: talk.line.said)
        assert talk.line.said[0] == "closed"


# -- look-ups inside a conversation


async def test_look_up_with_filler_and_an_answer() -> None:
    lookups = Lookups({"status": Answer("found", ({"state": "late"},))}, {"status": 3.5})
    async with talking(flow=replace(BIGGER, start="which"), lookups=lookups) as talk:
        await talk.until(lambda: talk.line.said)
        talk.line.caller_presses("4711")
        await talk.over()
        assert talk.line.said == ["which?", "moment", "moment", "moment", "is_late", "to_person"]
        assert lookups.asked == [("status", {"order": "4711", "customer": ""})]


async def test_caller_who_goes_while_something_is_booked_has_booked_it() -> None:
    lookups = Lookups({"times": Answer("found", ({"at": "10:00"},)), "book": Answer("found", ({},))}, {"book": 2.0})
    async with talking(flow=replace(BIGGER, start="day"), lookups=lookups) as talk:
        await talk.until(lambda: talk.line.said)
    async with talking("=2026-11-25", "=10:00", "yes", flow=replace(BIGGER, start="day"), lookups=lookups) as talk:
        for sentences in (1, 2, 3):
            await talk.prompted(sentences)
            await talk.line.caller_says()
        await talk.until(lambda: [name for name, _ in lookups.asked] == ["times", "book"])
        talk.session.on_line_gone()
        await talk.over()
        assert not [e for e in talk.ledger.entries if e.kind == "asked_source" and e.facts["lookup"] == "book"]
        await talk.until(lambda: [e for e in talk.ledger.entries if e.facts.get("lookup") == "book"])
        assert lookups.cancelled == []


async def test_caller_who_does_not_wait_for_a_look_up_gets_a_person() -> None:
    lookups = Lookups({"status": Answer("found", ({"state": "late"},))}, {"status": 60})
    async with talking("operator", flow=replace(BIGGER, start="which"), lookups=lookups) as talk:
        await talk.until(lambda: talk.line.said)
        talk.line.caller_presses("4711")
        await talk.until(lambda: talk.line.said[-1] == "moment")
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.over()
        assert talk.decided[0][0].cause == "person" and lookups.cancelled == ["status"]
