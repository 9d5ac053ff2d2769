"""Whose turn it is to be decoded, and recognisers that are kept warm without a word changing."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from ivr.adapters.speech_in.decoding import Wanted
from ivr.adapters.speech_in.lanes import Lane, Rank, Workers
from ivr.adapters.speech_in.recognisers import Cost, Decoding, Recognisers
from ivr.adapters.speech_in.vosk import TURN_FRAMES, TURN_FROM_FRAMES, VoskListening, VoskRecogniser
from ivr.calls.caller.ports import Transcript
from ivr.core.digit_words import digit_words
from ivr.core.endpointing import FRAME_BYTES, SILENCE_FRAME
from tests.conftest import PATIENCE_S
from tools.speech_model.hearing import recording
from tools.speech_model.sample_calls import MODEL, said

YES_NO = ("yes", "no")
NAMES = ("yes", "no", "late-watch", "order-4711", "half-order", "charged-twice")


@dataclass
class Held:
    """A lane that holds a thread until it is told to let go."""

    begun: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def turn(self) -> None:
        self.begun.set()
        self.over.wait(PATIENCE_S)


@dataclass
class Named:
    name: str
    seen: list[str]
    last: threading.Event | None = None

    def turn(self) -> None:
        self.seen.append(self.name)
        if self.last:
            self.last.set()


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(1)
    yield made
    made.close()


@pytest.fixture
def held(workers: Workers) -> Iterator[Held]:
    """The only thread is busy, so what is asked for meanwhile waits."""
    made = Held()
    workers.submit(made, Rank.SPOKEN)
    assert made.begun.wait(PATIENCE_S)
    yield made
    made.over.set()


def test_who_has_ended_comes_first_and_the_background_last(workers: Workers, held: Held) -> None:
    seen: list[str] = []
    done = threading.Event()
    workers.submit(Named("replay", seen, done), Rank.BACKGROUND)
    for number in range(3):
        workers.submit(Named(f"speaking {number}", seen), Rank.SPOKEN)
    workers.submit(Named("ended", seen), Rank.ENDED)
    held.over.set()
    assert done.wait(PATIENCE_S)
    assert seen == ["ended", "speaking 0", "speaking 1", "speaking 2", "replay"]


def test_lane_is_moved_only_while_it_waits(workers: Workers, held: Held) -> None:
    seen: list[str] = []
    done = threading.Event()
    lane: Lane = Named("moved", seen)
    workers.submit(Named("before", seen, done), Rank.SPOKEN)
    workers.submit(lane, Rank.BACKGROUND)
    assert workers.withdraw(lane, Rank.BACKGROUND)
    assert not workers.withdraw(lane, Rank.BACKGROUND)
    workers.submit(lane, Rank.ENDED)
    held.over.set()
    assert done.wait(PATIENCE_S)
    assert seen == ["moved", "before"]
    assert not workers.withdraw(lane, Rank.ENDED)


def test_turn_that_fails_costs_nobody_else_theirs(workers: Workers) -> None:
    class Broken:
        def turn(self) -> None:
            raise OSError("broken")

    seen: list[str] = []
    done = threading.Event()
    workers.submit(Broken(), Rank.SPOKEN)
    workers.submit(Named("next", seen, done), Rank.SPOKEN)
    assert done.wait(PATIENCE_S)


def test_share_of_the_time_that_is_work(workers: Workers) -> None:
    assert workers.busy() == 0
    done = threading.Event()

    class Working:
        def turn(self) -> None:
            until = time.monotonic() + 0.2
            while time.monotonic() < until:
                pass

    workers.submit(Working(), Rank.SPOKEN)
    workers.submit(Named("after", [], done), Rank.SPOKEN)
    assert done.wait(PATIENCE_S)
    assert 0.2 / 5 <= workers.busy() <= 1


# -- one utterance in its lane


class Heard:
    """Stands for a decoder: remembers the pieces it was given."""

    def __init__(self) -> None:
        self.pieces: list[int] = []
        self.partials: list[bool] = []
        self._real = Decoding(None, Wanted(), Recognisers())

    def feed(self, pcm: bytes, partial: bool) -> str | None:
        self.pieces.append(len(pcm) // FRAME_BYTES)
        self.partials.append(partial)
        return None

    def end(self) -> object:
        return self._real.end()


SLOW = 10.0
"""Seconds of work for a second of sound: nothing can be left for the end."""


def lane(
    workers: Workers, heard: Heard, *, late_s: float = 10, background: bool = False, cost: float = SLOW
) -> VoskListening:
    return VoskListening(workers, heard, None, background, late_s, Cost(cost))  # type: ignore[arg-type]  # two methods are all it needs


async def test_sound_is_decoded_in_pieces_and_the_rest_at_the_end(workers: Workers, held: Held) -> None:
    heard = Heard()
    one = lane(workers, heard)
    for _ in range(TURN_FRAMES + TURN_FROM_FRAMES + 1):
        one.feed(SILENCE_FRAME)
    other = Named("a turn", [], threading.Event())
    workers.submit(other, Rank.SPOKEN)
    held.over.set()
    assert other.last
    await asyncio.to_thread(other.last.wait, 10)
    await one.finish()
    assert heard.pieces[0] == TURN_FRAMES, "a turn is short"
    assert sum(heard.pieces) == TURN_FRAMES + TURN_FROM_FRAMES + 1
    assert not any(heard.partials), "nobody asked what was understood so far"


async def test_little_sound_is_not_worth_a_turn(workers: Workers) -> None:
    heard = Heard()
    one = lane(workers, heard)
    for _ in range(TURN_FROM_FRAMES - 1):
        one.feed(SILENCE_FRAME)
    after = Named("after", [], threading.Event())
    workers.submit(after, Rank.BACKGROUND)
    assert after.last
    assert await asyncio.to_thread(after.last.wait, 10)
    assert heard.pieces == []
    await one.finish()
    assert heard.pieces == [TURN_FROM_FRAMES - 1]


async def test_what_is_decoded_quickly_is_left_for_the_end_when_the_threads_are_busy() -> None:
    """A fiftieth of real time: 2.5 s of sound are 50 ms of work, which is what may be left."""
    for busy, left in ((0.0, TURN_FROM_FRAMES), (0.5, TURN_FROM_FRAMES), (0.75, 62), (1.0, 125)):
        workers = Loaded(busy)
        one = VoskListening(workers, Heard(), None, cost=Cost(0.02))  # type: ignore[arg-type]
        for _ in range(left - 1):
            one.feed(SILENCE_FRAME)
        assert not workers.asked
        one.feed(SILENCE_FRAME)
        assert workers.asked == [Rank.SPOKEN]


class Loaded:
    """Threads that are so busy."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.asked: list[Rank] = []

    def busy(self) -> float:
        return self.share

    def submit(self, lane: Lane, rank: Rank) -> None:
        self.asked.append(rank)


def test_cost_follows_what_decoding_takes() -> None:
    cost = Cost(0.1)
    assert cost.frames(0.05) == 25
    for _ in range(100):
        cost.took(0.02, 1.0)
    assert cost.share == pytest.approx(0.02, rel=0.01)
    cost.took(0.02, 0.02)  # so short a piece says nothing: most of it is beginning
    assert cost.share == pytest.approx(0.02, rel=0.01)


async def test_ended_utterance_overtakes_those_being_spoken(workers: Workers, held: Held) -> None:
    seen: list[str] = []
    one = lane(workers, Heard())
    workers.submit(Named("somebody else", seen), Rank.SPOKEN)
    for _ in range(TURN_FRAMES):
        one.feed(SILENCE_FRAME)
    finishing = asyncio.ensure_future(one.finish())
    finishing.add_done_callback(lambda _: seen.append("the answer"))
    await asyncio.sleep(0)  # lets finish begin
    blocked = Held()
    workers.submit(blocked, Rank.SPOKEN)
    held.over.set()
    await finishing
    await asyncio.to_thread(blocked.begun.wait, 10)
    blocked.over.set()
    assert one.behind_s(time.monotonic()) == 0
    assert "the answer" in seen
    assert len(seen) == 2


async def test_what_is_done_in_the_background_waits_however_ended(workers: Workers, held: Held) -> None:
    seen: list[str] = []
    replay = lane(workers, Heard(), background=True)
    replay.feed(SILENCE_FRAME)
    finishing = asyncio.ensure_future(replay.finish())
    await asyncio.sleep(0)  # lets finish begin
    assert replay.behind_s(time.monotonic() + 100) == 0, "nobody waits for it"
    live = Named("live", seen)
    workers.submit(live, Rank.SPOKEN)
    held.over.set()
    await finishing
    assert seen == ["live"]


async def test_utterance_that_waits_too_long_for_its_turn_is_given_up(workers: Workers, held: Held) -> None:
    heard = Heard()
    one, replay = lane(workers, heard, late_s=0.0), lane(workers, Heard(), late_s=0.0, background=True)
    for listening in (one, replay):
        for _ in range(TURN_FROM_FRAMES):
            listening.feed(SILENCE_FRAME)
    assert one.behind_s(time.monotonic() + 5) >= 5
    held.over.set()
    assert (await one.finish()).hypotheses == ()
    assert heard.pieces == []
    await replay.finish()


# -- warm recognisers


@pytest.fixture(scope="module")
def recogniser(_from_the_root: None) -> Iterator[VoskRecogniser]:
    made = VoskRecogniser({"en": MODEL}, threads=2)
    yield made
    made.close()


async def hear(
    recogniser: VoskRecogniser, pcm: bytes, how: Wanted, piece: int = FRAME_BYTES, read_along: bool = True
) -> Transcript:
    partial = (lambda text: None) if read_along else None
    listening = recogniser.listen("en", how.grammar, partial, how.otherwise_open, how.several)
    for at in range(0, len(pcm), piece):
        listening.feed(pcm[at : at + piece])
    return replace(await listening.finish(), decode_ms=0.0)


WAYS = (Wanted(), Wanted(YES_NO), Wanted(YES_NO, True), Wanted(digit_words("en"), True, True))


@pytest.mark.parametrize("how", WAYS, ids=["open", "yes or no", "yes, no or a sentence", "digits or a sentence"])
async def test_same_sound_gives_the_same_however_warm_and_in_whatever_pieces(
    how: Wanted, recogniser: VoskRecogniser
) -> None:
    """Words, shares, confidences, times: a cold recogniser for each, then warm ones in another order and cut otherwise."""
    sounds = {one.name: recording(one.path) for one in said() if one.name in NAMES}
    cold = {}
    for name, pcm in sounds.items():
        fresh = VoskRecogniser({"en": MODEL}, threads=1)
        cold[name] = await hear(fresh, pcm, how)
        fresh.close()
    dice = random.Random(1)
    for _ in range(3):
        names = dice.sample(NAMES, len(NAMES))
        pieces = [dice.choice((320, 640, 1600, 4000, 16000)) for _ in names]
        warm = await asyncio.gather(
            *(
                hear(recogniser, sounds[name], how, piece, dice.random() < 0.5)
                for name, piece in zip(names, pieces, strict=True)
            )
        )
        assert dict(zip(names, warm, strict=True)) == cold


def test_recogniser_is_taken_again_for_the_same_question_only() -> None:
    model = _model()
    idle = Recognisers()
    first = idle.take(model, None, True)
    idle.give_back(first)
    assert idle.take(model, YES_NO, False) is not first
    assert idle.take(model, None, True) is first
    assert idle.take(model, None, True) is not first, "one is used by one utterance at a time"


def test_idle_recognisers_are_few_and_not_old() -> None:
    model = _model()
    idle = Recognisers(most_idle=2)
    a, b, c = idle.take(model, YES_NO, False), idle.take(model, None, True), idle.take(model, None, True)
    for one in (a, b, c):
        idle.give_back(one)
    assert idle.take(model, YES_NO, False) is not a, "the kind that was longest not asked for made room"
    assert idle.take(model, None, True) is c
    c.heard_bytes = 10**9
    idle.give_back(c)
    assert idle.take(model, None, True) is b


def _model() -> object:
    import vosk

    return vosk.Model(str(MODEL))
