"""The ear: frames in, utterances out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import pytest

from ivr.calls.caller.ear import PREROLL_MS, Ear, EarTiming
from ivr.calls.caller.line_time import CLOCK_S, keep_time
from ivr.calls.caller.ports import Listening
from ivr.core.dialogue.end_of_turn import Turn
from ivr.core.dialogue.messages import Listen, ListenMode
from ivr.core.endpointing import FRAME_BYTES, FRAME_MS, SILENCE_FRAME, Endpointing
from ivr.server.process.loop import run
from tests.calls.fakes import TIMINGS, VOICE_FRAME, Activity, Recogniser, Utterance

OPEN = Listen("open")


class Heard:
    """An ear and what it has told; ``row`` feeds it frames, ``#`` for a voice."""

    def __init__(self, recogniser: Recogniser | None = None) -> None:
        self.recogniser = recogniser or Recogniser()
        self.told: list[str] = []
        self.read_along = True
        self.ended: list[tuple[Listening, float]] = []
        self.now = 0.0
        self.ear = Ear(
            Activity(), self.recogniser, TIMINGS,
            began=self._began, ended=self._ended,
            no_input=lambda sounded: self.told.append("no input"), partial=lambda text: None,
        )  # fmt: skip

    def _began(self) -> bool:
        self.told.append("began")
        return self.read_along

    def _ended(self, utterance: Listening, silence_ms: float, too_long: bool) -> None:
        self.told.append("ended")
        self.ended.append((utterance, silence_ms))

    def row(self, frames: str) -> list[str]:
        """What is told during these frames."""
        before = len(self.told)
        for frame in frames:
            self.ear.sound(VOICE_FRAME if frame == "#" else SILENCE_FRAME, self.now)
            self.now += FRAME_MS / 1000
        return self.told[before:]


def test_an_utterance() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    assert heard.row("..##") == []
    assert heard.row("#") == ["began"]
    assert heard.row("#.........") == []
    assert heard.row(".") == ["ended"]
    assert heard.ended == [(heard.recogniser.utterances[0], 200)]
    assert heard.recogniser.listened == [("en", None)]


def test_what_was_said_before_it_was_noticed_belongs_to_it() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    heard.row("." * 50 + "###" + "#.")
    kept = PREROLL_MS // FRAME_MS
    assert heard.recogniser.utterances[0].fed == [SILENCE_FRAME] * (kept - 3) + [VOICE_FRAME] * 4 + [SILENCE_FRAME]


def test_every_frame_is_fed_once() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    frames = [bytes((number, 1)) * (FRAME_BYTES // 2) for number in range(20)]
    for frame in frames:
        heard.ear.sound(frame, 0)
    assert heard.recogniser.utterances[0].fed == frames


def test_sound_that_came_while_nothing_was_listened_for_is_preroll() -> None:
    heard = Heard()
    heard.row("#" * 10)
    assert heard.told == []
    heard.ear.listen(OPEN, "en", now=heard.now)
    heard.row("###")
    assert heard.recogniser.utterances[0].fed == [VOICE_FRAME] * 13


def test_nothing_is_heard_before_it_is_wanted_nor_after() -> None:
    heard = Heard()
    assert heard.row("####......") == []
    heard.ear.listen(OPEN, "en", now=heard.now)
    heard.ear.rest()
    assert heard.row("####" + "." * 100) == []


def test_no_input_counts_from_the_end_of_the_prompt() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    assert heard.row("." * 500) == [], "the prompt is still being said"
    heard.ear.expect()
    assert heard.row("." * 49) == []
    assert heard.row(".") == ["no input"]
    assert heard.row("." * 500) == []


def test_speech_under_way_at_the_end_of_the_prompt_is_an_answer() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    heard.row("####")
    heard.ear.expect()
    assert heard.row("#" * 60 + "." * 100) == ["ended"]


def test_line_that_sends_nothing_is_silent_by_the_clock() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    heard.ear.expect()
    for fifth in range(1, 5):
        heard.ear.clock(fifth / 5)
    assert heard.told == []
    for fifth in range(5, 50):
        heard.ear.clock(fifth / 5)
        if heard.told:
            break
    assert heard.told == ["no input"] and fifth / 5 <= 1.4


def test_line_that_falls_silent_in_the_middle_of_an_utterance_ends_it() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    heard.row("#####")
    heard.ear.clock(heard.now + 0.1)
    assert heard.told == ["began"], "a short gap is the network's"
    heard.ear.clock(heard.now + 0.6)
    assert heard.told == ["began", "ended"]


def test_machine_that_stood_still_in_the_middle_of_a_word_has_heard_no_silence() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    heard.row("#####")
    heard.ear.clock(heard.now + 1.0, held_s=0.8)
    assert heard.told == ["began"]
    heard.ear.clock(heard.now + 1.5)
    assert heard.told == ["began", "ended"], "and goes on counting from there"


def test_loop_that_was_held_says_for_how_long() -> None:
    told: list[tuple[float, float]] = []

    async def held() -> None:
        enough = asyncio.Event()

        def clock(now: float, held_s: float) -> None:
            told.append((now, held_s))
            if len(told) == 2:
                enough.set()

        time_told = asyncio.create_task(keep_time(clock))
        await asyncio.sleep(0)
        time.sleep(3 * CLOCK_S)  # noqa: ASYNC251  whatever holds the loop
        await enough.wait()
        time_told.cancel()

    run(held())
    assert told[0][1] >= 2 * CLOCK_S - 0.05
    assert told[1][0] - told[0][0] >= CLOCK_S + told[1][1] - 0.05


def test_clock_does_not_count_beside_sound() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    heard.ear.expect()
    for _ in range(49):
        heard.row(".")
        heard.ear.clock(heard.now)
    assert heard.told == []


def test_clock_does_not_count_what_was_before_the_question() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=100)
    heard.ear.expect()
    heard.ear.clock(100.2)
    assert heard.told == []


def test_other_question_throws_away_what_was_half_said() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    heard.row("####")
    heard.ear.listen(Listen("digits", ("one", "two")), "zh", now=heard.now)
    assert heard.recogniser.utterances[0].cancelled
    assert heard.row("...###" + "." * 20) == ["began", "ended"]
    assert heard.recogniser.listened[1] == ("zh", ("one", "two"))


def test_language_that_is_not_heard_has_no_utterances_but_no_input() -> None:
    heard = Heard(Recogniser(hears=("en",)))
    heard.ear.listen(Listen("keys"), "zh", now=0)
    assert not heard.ear.can_hear
    heard.ear.expect()
    assert heard.row("#" * 50) == ["no input"]
    assert heard.recogniser.utterances == []


def test_too_long_an_utterance_is_cut_and_the_next_one_begins() -> None:
    heard = Heard()
    heard.ear.listen(OPEN, "en", now=0)
    assert heard.row("#" * 160) == ["began", "ended", "began"]
    assert heard.ended[0][1] == 0


# -- what the ear learns of a line and of a caller


class Learning:
    """An ear that tells whether any sound was ever heard, and how long a silence ended each utterance."""

    def __init__(self) -> None:
        self.sounded: list[bool] = []
        self.silences: list[float] = []
        self.ear = Ear(
            Activity(), Recogniser(), TIMINGS,
            began=lambda: True, ended=lambda utterance, ms, too_long: self.silences.append(ms),
            no_input=self.sounded.append, partial=lambda text: None,
        )  # fmt: skip

    def listen(self, wanted: Listen = OPEN) -> None:
        self.ear.listen(wanted, "en", now=0)
        self.ear.expect()

    def row(self, frames: str, quiet: bytes = SILENCE_FRAME) -> None:
        for frame in frames:
            self.ear.sound(VOICE_FRAME if frame == "#" else quiet, 0)


def hum(height: int) -> bytes:
    """A frame that the voice activity of these tests takes for silence only where it is all zeros."""
    return (height.to_bytes(2, "little", signed=True)) * (FRAME_BYTES // 2)


def test_a_line_without_any_sound_is_told_from_a_silent_caller() -> None:
    it = Learning()
    it.listen()
    it.row("." * 50)
    assert it.sounded == [False]
    it.listen()
    it.row("#" + "." * 60)
    it.listen()
    it.row("." * 50)
    assert it.sounded == [False, True, True], "a sound once is enough"


def test_sound_from_before_the_question_counts() -> None:
    it = Learning()
    it.row("#")
    it.listen()
    it.row("." * 50)
    assert it.sounded == [True]


def test_line_that_sends_nothing_at_all_may_only_suppress_silence() -> None:
    it = Learning()
    it.listen()
    for tenth in range(1, 30):
        it.ear.clock(tenth / 10)
    assert it.sounded == [True]


class Deaf:
    """Hears no voice in anything."""

    def voiced(self, pcm: bytes) -> bool:
        return False


def test_the_noise_of_a_muted_line_is_no_sound_and_that_of_a_room_is() -> None:
    for height, sounded in ((0, False), (24, False), (-24, False), (25, True), (-25, True), (-32768, True)):
        told: list[bool] = []
        ear = Ear(
            Deaf(), Recogniser(), TIMINGS, began=lambda: True, ended=lambda utterance, ms, too_long: None,
            no_input=told.append, partial=lambda text: None,
        )  # fmt: skip
        ear.listen(OPEN, "en", now=0)
        ear.expect()
        ear.sound(b"", 0)
        ear.sound(b"\x7f", 0)
        for _ in range(50):
            ear.sound(hum(height), 0)
        assert told == [sounded], height


def test_who_pauses_long_is_given_longer() -> None:
    it = Learning()
    it.listen()
    it.row("####" + "." * 9 + "####" + "." * 60)
    assert it.silences == [200]
    it.listen()
    it.row("####" + "." * 60)
    assert it.silences == [200, 240], "1.4 times the pause of 180 ms, in whole frames"


def test_who_went_on_after_the_end_is_given_longer_yet_never_more_than_twice_as_long() -> None:
    it = Learning()
    it.listen()
    it.row("####" + "." * 30 + "####" + "." * 30)
    it.listen()
    it.row("####" + "." * 60)
    assert it.silences == [200, 400, 400], "from the second half of the same answer on"


def test_a_patient_question_waits_half_as_long_again() -> None:
    it = Learning()
    it.listen(Listen("open", patient=True))
    it.row("####" + "." * 60)
    it.listen()
    it.row("####" + "." * 60)
    assert it.silences == [300, 200]


def test_what_one_caller_does_is_not_known_of_the_next() -> None:
    first, second = Learning(), Learning()
    first.listen()
    first.row("####" + "." * 9 + "####" + "." * 30)
    second.listen()
    second.row("####" + "." * 60)
    assert second.silences == [200]


# -- the silence follows what was said

USUAL = Endpointing(begin_ms=60, begin_within_ms=100, end_silence_ms=600, longest_ms=3000, no_input_ms=5000)


class Following:
    """An ear whose words so far are judged as the test says; ``ends`` are the silences that ended something."""

    def __init__(self, *turns: Turn, follow: bool = True) -> None:
        self.recogniser = Recogniser()
        self.turns, self.looks = list(turns), 0
        self.ends: list[tuple[float, bool, bool]] = []
        self.settled = 0
        modes: tuple[ListenMode, ...] = ("open", "digits")
        self.ear = Ear(
            Activity(), self.recogniser, EarTiming(dict.fromkeys(modes, USUAL), follow),
            began=lambda: False, ended=self._ended, no_input=lambda sounded: None, partial=lambda text: None,
            judge=self._judge, settled=self._settled,
        )  # fmt: skip

    def _judge(self, words: Sequence[str]) -> Turn:
        self.looks += 1
        return self.turns.pop(0) if self.turns else "usual"

    def _ended(self, utterance: Listening, silence_ms: float, too_long: bool) -> None:
        self.ends.append((silence_ms, self.ear.ended_early, self.ear.went_on))

    def _settled(self) -> None:
        self.settled += 1

    def row(self, frames: str) -> None:
        for frame in frames:
            self.ear.sound(VOICE_FRAME if frame == "#" else SILENCE_FRAME, 0)


@pytest.mark.parametrize(
    ("turns", "ends", "looks"),
    [
        (("whole",), (300, True), 1),
        (("all_digits",), (360, False), 1),
        (("usual", "usual"), (600, False), 2),
        (("usual", "whole"), (420, True), 2),  # at the next frame after the second look
        (("final", "final"), (900, False), 2),
        (("unfinished", "unfinished"), (1000, False), 2),
        (("unfinished", "usual"), (600, False), 2),
    ],
)
def test_silence_follows_what_was_said(turns: tuple[Turn, ...], ends: tuple[int, bool], looks: int) -> None:
    it = Following(*turns)
    it.ear.listen(OPEN, "en", now=0)
    it.row("####" + "." * 60)
    assert it.ends == [(*ends, False)] and it.looks == looks


def test_patient_callers_are_never_hurried() -> None:
    it = Following("whole", "whole", "all_digits", "all_digits")
    for _ in range(2):
        it.ear.listen(Listen("open", patient=True), "en", now=0)
        it.row("####" + "." * 100)
    assert [silence for silence, _, _ in it.ends] == [900, 900]


def test_what_was_whole_is_looked_at_again_where_they_go_on_before_its_end() -> None:
    it = Following("whole", "unfinished", "unfinished")
    it.ear.listen(OPEN, "en", now=0)
    it.row("####" + "." * 12 + "####" + "." * 60)
    assert it.ends == [(1000, False, False)] and it.looks == 3


def test_a_late_answer_to_a_look_is_none_of_a_later_silence() -> None:
    told: list[Callable[[Sequence[str]], None]] = []

    class Slow(Utterance):
        def look(self, told_: Callable[[Sequence[str]], None]) -> None:
            told.append(told_)

    it = Following("whole")
    it.recogniser._outcomes.append(Slow("late"))
    it.ear.listen(OPEN, "en", now=0)
    it.row("####" + "." * 12 + "####" + "." * 5)
    told[0](["late"])
    assert it.looks == 0, "they have gone on meanwhile"
    it.row("." * 7)
    told[1](["late"])
    it.row("." * 10)
    assert it.ends == [(320, True, False)], "300, and a little more for who pauses for 240"


def test_what_comes_within_700_ms_belongs_to_it_and_is_heard_as_it_was() -> None:
    it = Following("whole")
    it.ear.listen(Listen("digits", ("one", "two")), "zh", now=0)
    it.row("####" + "." * 15)
    assert it.ear.may_go_on == 1
    it.ear.listen(OPEN, "en", now=0)
    it.row("." * 20 + "###")
    assert it.ear.going_on and it.recogniser.listened == [("zh", ("one", "two"))] * 2
    it.ear.rest()
    it.row("#" + "." * 60)
    assert [went_on for _, _, went_on in it.ends] == [False, True] and it.settled == 0
    assert it.ends[1][0] == 980, "who has paused for 700 ms is given 1.4 times as long, and is never hurried again"
    it.row("." * 40)
    assert it.settled == 1 and it.ear.may_go_on is None
    it.row("####" + "." * 60)
    assert len(it.ends) == 2, "nothing is listened for"


def test_after_700_ms_it_is_settled_and_the_new_question_is_heard() -> None:
    it = Following("whole")
    it.ear.listen(Listen("digits", ("one", "two")), "zh", now=0)
    it.row("####" + "." * 15)
    it.ear.listen(OPEN, "en", now=0)
    it.row("." * 40)
    assert it.settled == 1 and not it.ear.going_on
    it.row("####")
    assert it.recogniser.listened[-1] == ("en", None) and not it.ear.going_on


def test_once_the_answer_was_said_it_is_settled_however_little_silence_was_counted() -> None:
    """A line that sends nothing in silence, on a machine that stood still: the caller's next words are no rest of the last."""
    it = Following("whole", "whole")
    it.ear.listen(Listen("digits", ("one", "two")), "zh", now=0)
    it.row("####" + "." * 15)
    it.ear.listen(OPEN, "en", now=0)
    it.ear.prompt_over(0.6)
    assert it.settled == 0, "a short answer, and they may go on yet"
    it.ear.prompt_over(0.8)
    assert it.settled == 1 and it.ear.may_go_on is None
    it.row("####")
    assert it.recogniser.listened[-1] == ("en", None) and not it.ear.going_on


def test_who_goes_on_while_the_answer_ends_still_goes_on() -> None:
    it = Following("whole", "whole")
    it.ear.listen(OPEN, "en", now=0)
    it.row("####" + "." * 15 + "####")
    it.ear.prompt_over(9)
    assert it.ear.going_on and it.settled == 0


def test_who_settles_it_hears_the_new_question_at_once() -> None:
    it = Following("whole", "whole")
    it.ear.listen(Listen("digits", ("one", "two")), "zh", now=0)
    it.row("####" + "." * 15)
    it.ear.settle(7)
    assert it.ear.may_go_on == 1, "that was another one"
    it.ear.settle(1)
    it.ear.listen(OPEN, "en", now=0)
    it.row("####")
    assert it.recogniser.listened[-1] == ("en", None) and it.settled == 0


def test_secrets_and_what_does_not_end_are_over_when_they_end() -> None:
    for wanted, frames in ((Listen("open", secret=True), "####" + "." * 40), (OPEN, "#" * 151)):
        it = Following()
        it.ear.listen(wanted, "en", now=0)
        it.row(frames)
        assert len(it.ends) == 1 and it.ear.may_go_on is None


def test_the_question_alone_decides_but_for_a_number_that_is_whole() -> None:
    it = Following("whole", "whole", follow=False)
    it.ear.listen(OPEN, "en", now=0)
    it.row("####" + "." * 40)
    assert it.looks == 0 and it.ear.may_go_on is None
    it.ear.listen(Listen("digits", enough=4), "en", now=0)
    it.row("####" + "." * 40)
    assert it.ends == [(600, False, False), (360, False, False)]
