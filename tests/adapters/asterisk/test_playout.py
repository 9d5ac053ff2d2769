"""The playout: a prompt that is held, and goes on, or does not. Frames are counted, sound is measured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.asterisk.playout import BACK_BYTES, Playout
from ivr.core.endpointing import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, SILENCE_FRAME

LOUD = 0.5


def tone(frames: float, hz: float = 200.0) -> bytes:
    """A tone that is loud from its first sample to its last."""
    at = np.arange(int(frames * FRAME_BYTES / 2)) / SAMPLE_RATE
    return bytes((np.cos(2 * np.pi * hz * at) * LOUD * 32767).astype("<i2").tobytes())


def steepest(pcm: bytes) -> int:
    """The largest step from one sample to the next."""
    return int(np.abs(np.diff(np.frombuffer(pcm, dtype="<i2").astype(np.int32))).max())


class Speaker:
    """A playout whose clock is turned by hand: ``frames(3)`` are the next three that would be sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.full = False
        self.done: list[str] = []
        self.began: list[float] = []
        self.playout = Playout(lambda message: self.sent.append(message[3:]), lambda: self.full, self.began.append)
        self._timers: list[asyncio.TimerHandle] = []

    def play(self, pcm: bytes, name: str = "it") -> None:
        self.playout.play(pcm, lambda: self.done.append(name))

    def frames(self, count: int) -> list[bytes]:
        before = len(self.sent)
        for _ in range(count):
            self.playout._send_frame(0.0)
        return self.sent[before:]

    def all(self) -> bytes:
        return b"".join(self.sent)


@asynccontextmanager
async def speaking(frames: int = 100, said: int = 20) -> AsyncIterator[Speaker]:
    """Something is being said, and so many frames of it went out."""
    speaker = Speaker()
    speaker.play(tone(frames))
    speaker.frames(said)
    yield speaker


async def test_held_is_silent_from_the_next_frame_but_one() -> None:
    async with speaking() as it:
        assert it.playout.hold()
        fading, *silent = it.frames(11)
        assert fading != SILENCE_FRAME and fading[-2:] == b"\0\0", "brought to nothing within one frame"
        assert silent == [SILENCE_FRAME] * 10
        assert it.playout.busy, "it is only held"
        assert it.done == []


async def test_it_goes_on_a_word_before_the_place_where_it_stopped() -> None:
    async with speaking() as it:
        it.playout.hold()
        it.frames(30)
        it.playout.resume()
        first, *rest = it.frames(85 + 15)
        back = BACK_BYTES // FRAME_BYTES
        assert back * FRAME_MS == 300
        whole = tone(100)
        at = (20 - back) * FRAME_BYTES
        assert first[:2] == b"\0\0" and first != whole[at : at + FRAME_BYTES], "faded in"
        said = b"".join(rest)
        assert said.startswith(whole[at + FRAME_BYTES :]), "and then every sample, to the end"
        assert it.done == ["it"] and not it.playout.busy


@pytest.mark.parametrize("said", [0, 1, 14, 15, 16])
async def test_near_its_beginning_it_begins_anew(said: int) -> None:
    async with speaking(said=said) as it:
        it.playout.hold()
        it.frames(5)
        it.playout.resume()
        first, second = it.frames(2)
        at = max(0, said - 15) * FRAME_BYTES
        assert second == tone(100)[at + FRAME_BYTES : at + 2 * FRAME_BYTES]
        assert (first == tone(100)[:FRAME_BYTES]) is (said == 0), "faded in where it had begun"


async def test_held_before_its_first_frame_it_is_not_heard_at_all() -> None:
    async with speaking(said=0) as it:
        assert it.playout.hold()
        assert it.frames(5) == [SILENCE_FRAME] * 5 and it.began == []
        it.playout.resume()
        assert b"".join(it.frames(100)) == tone(100) and it.began == [0.0]


async def test_let_go_before_it_had_faded_not_a_sample_is_missed() -> None:
    async with speaking() as it:
        it.playout.hold()
        it.playout.resume()
        it.frames(80)
        assert it.all() == tone(100) and it.done == ["it"]


async def test_hold_twice_is_hold_once() -> None:
    async with speaking() as it:
        assert it.playout.hold() and it.playout.hold()
        it.frames(3)
        assert it.playout.hold()
        assert it.frames(3) == [SILENCE_FRAME] * 3
        it.playout.resume()
        it.playout.resume()
        it.frames(2)
        assert it.sent[-1] == tone(100)[6 * FRAME_BYTES : 7 * FRAME_BYTES]


async def test_cut_while_held_is_silent_and_forgotten() -> None:
    async with speaking() as it:
        it.playout.hold()
        it.frames(5)
        assert it.playout.cut()
        assert it.frames(5) == [SILENCE_FRAME] * 5
        assert not it.playout.busy and it.done == []
        it.playout.resume()
        assert it.frames(5) == [SILENCE_FRAME] * 5
        it.play(tone(2, 600), "next")
        assert b"".join(it.frames(2)) == tone(2, 600), "and the next is not held"
        assert it.done == ["next"] and len(it.began) == 2


async def test_cut_before_the_hold_had_faded_fades_once() -> None:
    async with speaking() as it:
        it.playout.hold()
        assert it.playout.cut()
        assert it.frames(6)[1:] == [SILENCE_FRAME] * 5
        assert steepest(it.all()) <= steepest(tone(100)) * 1.3


async def test_what_is_played_while_held_waits_behind_it() -> None:
    async with speaking(frames=22) as it:
        it.playout.hold()
        it.play(tone(3, 600), "next")
        assert it.frames(10)[1:] == [SILENCE_FRAME] * 9 and it.done == []
        it.playout.resume()
        it.frames(22 - 5)
        assert it.done == ["it"]
        assert b"".join(it.frames(3)) == tone(3, 600) and it.done == ["it", "next"]


async def test_nothing_to_hold() -> None:
    it = Speaker()
    assert not it.playout.hold()
    it.playout.resume()
    assert it.frames(2) == [SILENCE_FRAME] * 2
    it.play(tone(2))
    assert b"".join(it.frames(2)) == tone(2), "what was not said could not be held"


async def test_last_and_shorter_frame() -> None:
    it = Speaker()
    it.play(tone(16.3))
    it.frames(16)
    it.playout.hold()
    it.frames(4)
    it.playout.resume()
    it.frames(16)
    assert it.done == ["it"] and not it.playout.busy
    assert it.sent[-2] == tone(16.3)[15 * FRAME_BYTES : 16 * FRAME_BYTES]
    assert it.sent[-1] == tone(16.3)[16 * FRAME_BYTES :].ljust(FRAME_BYTES, b"\0")


async def test_held_on_a_line_that_does_not_read_nothing_piles_up() -> None:
    async with speaking() as it:
        it.playout.hold()
        it.frames(2)
        it.full = True
        assert it.frames(100) == []


async def test_hold_and_resume_over_and_over_without_a_click() -> None:
    async with speaking() as it:
        for _ in range(12):
            it.playout.hold()
            it.frames(4)
            it.playout.resume()
            it.frames(17)
        it.frames(100)
        assert it.done == ["it"]
        assert steepest(it.all()[: it.all().rindex(tone(100)[-FRAME_BYTES:])]) <= steepest(tone(100)) * 1.3


moves = st.lists(st.sampled_from(("frame", "frame", "frame", "hold", "resume", "cut", "play")), max_size=120)


@settings(deadline=None)
@given(moves)
def test_whatever_happens_there_is_no_click_and_each_is_done_at_most_once(steps: list[str]) -> None:
    async def run() -> None:
        it = Speaker()
        played = 0
        for step in steps:
            match step:
                case "frame":
                    it.frames(1)
                case "play":
                    # it swells and dies away, so that every click is ours
                    shape = np.sin(np.linspace(0, np.pi, 9 * FRAME_BYTES // 2))
                    sound = (np.frombuffer(tone(9), "<i2") * shape).astype("<i2").tobytes()
                    it.play(sound, str(played))
                    played += 1
                case move:
                    getattr(it.playout, move)()
        assert all(len(frame) == FRAME_BYTES for frame in it.sent)
        assert len(set(it.done)) == len(it.done) and it.done == sorted(it.done, key=int)
        if it.sent:
            assert steepest(it.all()) <= steepest(tone(9)) * 1.5
        it.playout.resume()
        it.frames(9 * played + 20)
        assert not it.playout.busy, "nothing stays for ever"

    asyncio.run(run())


async def test_held_by_the_loop_s_own_clock() -> None:
    """Through the timer, as on a real line."""
    sent: asyncio.Queue[bytes] = asyncio.Queue()
    playout = Playout(lambda message: sent.put_nowait(message[3:]), lambda: False, lambda at: None)
    playout.play(tone(50))
    playout.start()
    heard = [await sent.get() for _ in range(5)]
    playout.hold()
    heard += [await sent.get() for _ in range(5)]
    assert heard[-3:] == [SILENCE_FRAME] * 3
    playout.resume()
    heard += [await sent.get() for _ in range(5)]
    playout.stop()
    assert SILENCE_FRAME not in heard[-4:] and steepest(b"".join(heard)) <= steepest(tone(50)) * 1.3
