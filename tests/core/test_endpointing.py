"""Endpointing as rows of frames: ``#`` is a voice, ``.`` is none, 20 ms each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.endpointing import FRAME_MS, WENT_ON_MS, Boundary, Endpointer, Endpointing, Pace

TIMING = Endpointing(begin_ms=60, begin_within_ms=100, end_silence_ms=100, longest_ms=400, no_input_ms=200)
"""Speech: 3 of 5 frames. End: 5 silent ones. Too long: 20. No input: 10 silent ones."""


def boundaries(frames: str, timing: Endpointing = TIMING, expect: bool = False) -> list[tuple[int, Boundary]]:
    """Which boundary came with which frame."""
    endpointer = Endpointer(timing)
    if expect:
        endpointer.expect()
    heard = [(number, endpointer.feed(frame == "#")) for number, frame in enumerate(frames)]
    return [(number, boundary) for number, boundary in heard if boundary is not None]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ("", []),
        ("." * 50, []),
        ("##" + "." * 50, []),
        ("###", [(2, "began")]),
        ("#.#.#", [(4, "began")]),
        ("##...#..", []),
        ("#..#..#..#..", []),
        ("###.....", [(2, "began"), (7, "ended")]),
        ("###....#.....", [(2, "began"), (12, "ended")]),
        ("###....." * 2, [(2, "began"), (7, "ended"), (10, "began"), (15, "ended")]),
        ("#" * 21, [(2, "began"), (19, "too_long")]),
        ("#" * 23, [(2, "began"), (19, "too_long"), (22, "began")]),
        ("#" * 16 + "." * 5, [(2, "began"), (19, "too_long")]),
        ("#" * 15 + "." * 5, [(2, "began"), (19, "ended")]),
    ],
)
def test_utterance(frames: str, expected: list[tuple[int, Boundary]]) -> None:
    assert boundaries(frames) == expected


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ("." * 9, []),
        ("." * 10, [(9, "no_input")]),
        ("." * 50, [(9, "no_input")]),
        ("." * 9 + "###.....", [(11, "began"), (16, "ended")]),
        ("###....." + "." * 50, [(2, "began"), (7, "ended")]),
        # while a voice is in the last five frames it may be the beginning of an answer: those do not count as silence
        ("....#" + "." * 9, []),
        ("....#" + "." * 10, [(14, "no_input")]),
        ("#...." * 20, []),
    ],
)
def test_no_input(frames: str, expected: list[tuple[int, Boundary]]) -> None:
    assert boundaries(frames, expect=True) == expected


def test_no_input_is_asked_for_anew_each_time() -> None:
    endpointer = Endpointer(TIMING)
    for _ in range(3):
        endpointer.expect()
        assert [endpointer.feed(False) for _ in range(30)].count("no_input") == 1


def test_expecting_again_starts_the_count_again() -> None:
    endpointer = Endpointer(TIMING)
    endpointer.expect()
    assert not any(endpointer.feed(False) for _ in range(9))
    endpointer.expect()
    assert [endpointer.feed(False) for _ in range(10)] == [None] * 9 + ["no_input"]


def test_rest_forgets_everything() -> None:
    endpointer = Endpointer(TIMING)
    endpointer.expect()
    for voiced in (True, True):
        endpointer.feed(voiced)
    endpointer.rest()
    assert [endpointer.feed(v) for v in (True, True, False, False)] == [None] * 4
    assert not any(endpointer.feed(False) for _ in range(50))
    for _ in range(3):
        endpointer.feed(True)
    assert endpointer.speaking
    endpointer.rest()
    assert not endpointer.speaking


def test_other_times_hold_from_the_next_frame_on() -> None:
    endpointer = Endpointer(TIMING)
    for _ in range(3):
        endpointer.feed(True)
    endpointer.retime(Endpointing(begin_ms=60, begin_within_ms=100, end_silence_ms=200))
    assert [endpointer.feed(False) for _ in range(10)] == [None] * 9 + ["ended"]
    assert endpointer.trailing_silence_ms == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"begin_ms": 0}, "begin_ms 0"),
        ({"begin_ms": 200, "begin_within_ms": 140}, "at most begin_within_ms 140"),
        ({"end_silence_ms": 10}, "end_silence_ms must be at least one frame"),
        ({"longest_ms": 0}, "longest_ms must be"),
        ({"no_input_ms": -5}, "not -5"),
    ],
)
def test_impossible_times_are_refused(wrong: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Endpointing(**wrong)


rows = st.text("#.", max_size=200)
timings = st.builds(
    lambda begin, room, end, longest, quiet: Endpointing(begin * FRAME_MS, (begin + room) * FRAME_MS, end, longest, quiet),
    st.integers(1, 10), st.integers(0, 10), st.integers(20, 400), st.integers(20, 2000), st.integers(20, 1000),
)  # fmt: skip


@given(rows, timings, st.booleans())
def test_the_same_frames_give_the_same_boundaries(frames: str, timing: Endpointing, expect: bool) -> None:
    assert boundaries(frames, timing, expect) == boundaries(frames, timing, expect)


@given(rows, timings, st.booleans())
def test_boundaries_alternate_and_keep_their_times(frames: str, timing: Endpointing, expect: bool) -> None:
    found = boundaries(frames, timing, expect)
    speech = [(number, boundary) for number, boundary in found if boundary != "no_input"]
    assert [boundary == "began" for _, boundary in speech] == [place % 2 == 0 for place in range(len(speech))]
    assert sum(boundary == "no_input" for _, boundary in found) <= int(expect)
    began = 0
    for number, boundary in speech:
        window = frames[: number + 1]
        if boundary == "began":
            began = number
            assert window[-(timing.begin_within_ms // FRAME_MS) :].count("#") * FRAME_MS >= timing.begin_ms
        elif boundary == "ended":
            silent = number - window.rfind("#")
            assert silent * FRAME_MS >= timing.end_silence_ms > (silent - 1) * FRAME_MS
        else:
            assert (number - began) * FRAME_MS <= timing.longest_ms


@given(timings, st.integers(0, 100))
def test_silence_alone_is_no_input_at_the_very_frame(timing: Endpointing, more: int) -> None:
    frames = -(-timing.no_input_ms // FRAME_MS)
    assert boundaries("." * (frames - 1), timing, expect=True) == []
    assert boundaries("." * (frames + more), timing, expect=True) == [(frames - 1, "no_input")]


# -- how a caller speaks


@pytest.mark.parametrize(
    ("pauses", "usual", "patient", "expected"),
    [
        ((), 600, False, 600),
        ((100, 140), 600, False, 600),  # between words
        ((400,), 600, False, 600),
        ((500,), 600, False, 700),
        ((500, 200, 300), 600, False, 700),
        ((5000,), 600, False, 1200),  # never more than twice as long
        ((), 600, True, 900),
        ((700,), 600, True, 980),
        ((5000,), 600, True, 1200),
        ((), 590, False, 580),
        ((), 20, False, 20),
        ((), 39, True, 40),
    ],
)
def test_pace(pauses: tuple[int, ...], usual: int, patient: bool, expected: int) -> None:
    pace = Pace()
    for pause in pauses:
        pace.paused(pause)
    assert pace.end_silence_ms(usual, patient=patient) == expected


@given(st.lists(st.integers(0, 10_000)), st.integers(20, 5000), st.booleans())
def test_pace_stays_within_its_bounds(pauses: list[int], usual: int, patient: bool) -> None:
    pace = Pace()
    waits = [pace.end_silence_ms(usual, patient=patient)]
    for pause in pauses:
        pace.paused(pause)
        waits.append(pace.end_silence_ms(usual, patient=patient))
    assert waits == sorted(waits), "it only grows"
    for wait in waits:
        assert wait % FRAME_MS == 0 and usual - FRAME_MS < wait <= 2 * usual
        Endpointing(end_silence_ms=wait)  # and can be used


def paused_in(frames: str, timing: Endpointing = TIMING) -> list[int]:
    """The pauses after which the speaker went on, in ms."""
    pauses: list[int] = []
    endpointer = Endpointer(timing, pauses.append)
    for frame in frames:
        endpointer.feed(frame == "#")
    return pauses


@pytest.mark.parametrize(
    ("frames", "pauses"),
    [
        ("###....#.....", [80]),
        ("###.#..##.....", [20, 40]),
        ("###..." + "." * 50, []),  # nobody went on
        # taken for ended after 100 ms, and went on at once, or within 700 ms
        ("###....." + "###", [100]),
        ("###....." + "." * 10 + "###", [300]),
        ("###....." + "." * 35 + "###", [800]),
        ("###....." + "." * 36 + "###", []),  # that was another utterance
        ("###....." + "." * 10 + "#" + "." * 5 + "###", [420]),  # a click between is no going on
        ("###....." + "###....." + "###", [100, 100]),
        # somebody who did not stop was cut for length: no pause at all
        ("#" * 20 + "." * 3 + "###", []),
    ],
)
def test_went_on(frames: str, pauses: list[int]) -> None:
    assert paused_in(frames) == pauses


def test_after_a_rest_nobody_went_on() -> None:
    pauses: list[int] = []
    endpointer = Endpointer(TIMING, pauses.append)
    for frame in "###.....":
        endpointer.feed(frame == "#")
    endpointer.rest()
    for frame in "..###":
        endpointer.feed(frame == "#")
    assert pauses == []


@given(rows, timings)
def test_pauses_are_silences_that_were_heard(frames: str, timing: Endpointing) -> None:
    silences = {len(run) * FRAME_MS for run in frames.strip(".").replace("#", " ").split()}
    longest = max(silences, default=0)
    for pause in paused_in(frames, timing):
        assert pause % FRAME_MS == 0 or timing.end_silence_ms % FRAME_MS
        assert 0 < pause <= max(timing.end_silence_ms + WENT_ON_MS + FRAME_MS, longest + FRAME_MS)


def test_what_was_said_may_ask_for_another_silence_once() -> None:
    timing = Endpointing(begin_ms=60, begin_within_ms=100, end_silence_ms=600)
    ears = Endpointer(timing)

    def ends_after(*asked: tuple[int, int]) -> int:
        """``asked`` are silences in ms at which another one is asked for; a 0 in front: while they speak."""
        for _ in range(10):
            ears.feed(True)
        for number in range(1, 200):
            for at, silence_ms in asked:
                if at == (number - 1) * FRAME_MS:
                    ears.end_after(silence_ms)
            if ears.feed(False) == "ended":
                return number * FRAME_MS
        raise AssertionError("it never ends")

    ears.end_after(300)  # before anybody speaks it means nothing
    assert ends_after() == 600
    assert ends_after((0, 300)) == 600, "nor while they speak"
    assert ends_after((200, 300)) == 300
    assert ends_after((200, 1000)) == 1000
    assert ends_after((200, 1000), (500, 300)) == 520, "it is over by then"
    assert ends_after() == 600, "and the next one as usual"


def test_another_silence_is_forgotten_where_they_go_on() -> None:
    ears = Endpointer(Endpointing(begin_ms=60, begin_within_ms=100, end_silence_ms=600))
    for frame in "##########..........":
        ears.feed(frame == "#")
    ears.end_after(300)
    assert ears.feed(True) is None
    assert next(n for n in range(1, 200) if ears.feed(False) == "ended") * FRAME_MS == 600


@pytest.mark.parametrize(("silent", "went_on"), [(10, True), (35, True), (36, False)])
def test_whether_an_utterance_belongs_to_the_one_before(silent: int, went_on: bool) -> None:
    ears = Endpointer(TIMING)
    for frame in "###....." + "." * silent:
        ears.feed(frame == "#")
    assert ears.may_go_on == (silent <= 35)
    assert [ears.feed(True) for _ in range(3)][-1] == "began"
    assert ears.went_on == went_on


def test_what_is_settled_goes_on_no_more() -> None:
    ears = Endpointer(TIMING)
    for frame in "###........":
        ears.feed(frame == "#")
    ears.settle()
    assert not ears.may_go_on
    assert [ears.feed(True) for _ in range(3)][-1] == "began" and not ears.went_on
