"""AudioSocket over real sockets: paced without drift, cut without a click, closed to what is not AudioSocket."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ivr.adapters.asterisk import audiosocket as module
from ivr.adapters.asterisk.audiosocket import AudioSocketLine, MediaServer
from ivr.adapters.asterisk.playout import Jitter, Playout, fade_out
from ivr.calls.caller.ports import Line
from ivr.core.caller import CallId
from ivr.core.endpointing import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, SILENCE_FRAME
from ivr.wire.asterisk.audiosocket import AUDIO, HANGUP, HANGUP_MESSAGE, Audio, Gone, Identity, Key, encode
from tests.conftest import PATIENCE_S, RealParts

FRAME_S = FRAME_MS / 1000


def tone(seconds: float, hz: float = 440.0, level: float = 0.5) -> bytes:
    """A tone that is loud from its first sample to its last, so that every cut of it could be heard."""
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return bytes((np.sin(2 * np.pi * hz * at) * level * 32767).astype("<i2").tobytes())


def steepest(pcm: bytes) -> int:
    """The largest step from one sample to the next."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.int32)
    return int(np.abs(np.diff(samples)).max())


@dataclass
class Owner:
    """Hears a line."""

    sounds: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    talking: list[float] = field(default_factory=list)
    drained: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def on_played(self, pcm: bytes) -> None:
        pass

    def on_sound(self, pcm: bytes) -> None:
        self.sounds.append(pcm)

    def on_key(self, digit: str, source: str) -> None:
        assert source == "audiosocket"
        self.keys.append(digit)

    def on_talking(self, at: float) -> None:
        self.talking.append(at)

    def on_drained(self) -> None:
        self.drained.set()

    def on_line_gone(self) -> None:
        self.gone.set()


@dataclass
class Board:
    """Takes every line, or none."""

    refuses: str | None = None
    attaches: bool = True
    lines: asyncio.Queue[tuple[CallId, Line, Owner]] = field(default_factory=asyncio.Queue)
    lost: asyncio.Queue[CallId] = field(default_factory=asyncio.Queue)

    def line_arrived(self, call: CallId, line: Line) -> str | None:
        if self.refuses:
            return self.refuses
        owner = Owner()
        if self.attaches:
            line.attach(owner)
        self.lines.put_nowait((call, line, owner))
        return None

    def line_lost(self, call: CallId, line: Line) -> None:
        self.lost.put_nowait(call)


class Asterisk:
    """The other end: connects as Asterisk does, and reads frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send(self, *raw: bytes) -> None:
        self._writer.write(b"".join(raw))

    async def frame(self) -> bytes:
        """The next frame of sound; EOFError when the line was left properly, IncompleteReadError when it broke off."""
        kind, high, low = await asyncio.wait_for(self._reader.readexactly(3), PATIENCE_S)
        pcm = await self._reader.readexactly(high << 8 | low)
        if kind == HANGUP:
            raise EOFError
        assert kind == AUDIO and len(pcm) == FRAME_BYTES
        return pcm

    async def frames(self, count: int) -> list[bytes]:
        return [await self.frame() for _ in range(count)]

    async def until(self, wanted: Callable[[bytes], bool], within: int = 100) -> list[bytes]:
        """The frames up to the first of a kind."""
        found: list[bytes] = []
        while not found or not wanted(found[-1]):
            assert len(found) < within
            found.append(await self.frame())
        return found

    async def broken_off(self) -> bool:
        """Read to the end; whether it ended without a hang-up."""
        try:
            while True:
                await self.frame()
        except EOFError as end:
            return isinstance(end, asyncio.IncompleteReadError)
        except ConnectionError:
            return True

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def server(board: Board | None = None) -> AsyncIterator[tuple[MediaServer, Board, int]]:
    board = board or Board()
    media = MediaServer(board)
    port = await media.start("127.0.0.1", 0)
    try:
        yield media, board, port
    finally:
        await media.stop()


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[Asterisk]:
    made = Asterisk(*await asyncio.open_connection("127.0.0.1", port))
    try:
        yield made
    finally:
        made.close()


@asynccontextmanager
async def call() -> AsyncIterator[tuple[Asterisk, AudioSocketLine, Owner, MediaServer]]:
    """A call whose line is up."""
    async with server() as (media, board, port), connection(port) as asterisk:
        asterisk.send(encode(Identity(uuid4())))
        _, line, owner = await asyncio.wait_for(board.lines.get(), PATIENCE_S)
        assert isinstance(line, AudioSocketLine)
        yield asterisk, line, owner, media


def is_silent(frame: bytes) -> bool:
    return frame == SILENCE_FRAME


def is_loud(frame: bytes) -> bool:
    return frame != SILENCE_FRAME


# -- sound to the caller


HELD_UP_S = 0.06
"""Who waits so long for one frame sits on a machine that has done other things: that says nothing of the pace."""


async def lateness(asterisk: Asterisk, frames: int) -> np.ndarray:
    """How much later than the pace each of the next frames comes."""
    loop = asyncio.get_running_loop()
    await asterisk.frame()
    began, times = loop.time(), []
    for _ in range(frames):
        await asterisk.frame()
        times.append(loop.time() - began)
    return np.asarray(times) - np.arange(1, frames + 1) * FRAME_S


async def test_frames_keep_time(real_parts: RealParts) -> None:
    """On a loop that is held up for some ms again and again, as every loop is that has work to do."""
    loop = asyncio.get_running_loop()

    def work() -> None:
        time.sleep(0.006)
        if not over:
            loop.call_later(0.009, work)

    over: list[bool] = []
    async with call() as (asterisk, line, _, media):
        line.play(tone(1.0))
        work()
        for _ in range(20):
            late = await lateness(asterisk, 100)
            if np.diff(late).max() < HELD_UP_S:
                break
        else:
            pytest.fail("the machine is too busy to keep any time")
        over.append(True)
        assert late[-1] == pytest.approx(0, abs=0.1), "two seconds of frames take two seconds"
        assert abs(np.polyfit(np.arange(100), late, 1)[0]) < 0.0005, "and do not slowly run away"
        assert media.jitter.percentile(0.5) < 20
        real_parts.used("AudioSocket", "over a TCP socket")


async def test_silence_is_sent_where_nothing_is_said() -> None:
    async with call() as (asterisk, line, owner, _):
        assert all(map(is_silent, await asterisk.frames(5)))
        assert not line.talking and owner.talking == []


async def test_what_is_played_arrives_whole_and_in_order() -> None:
    first, second = tone(0.1), tone(0.07, 600)
    async with call() as (asterisk, line, owner, _):
        line.play(first)
        line.play(second)
        assert line.talking
        heard = await asterisk.until(is_loud)
        heard = heard[-1:] + await asterisk.until(is_silent)
        padded = second + bytes(-len(second) % FRAME_BYTES)
        assert b"".join(heard[:-1]) == first + padded
        await asyncio.wait_for(owner.drained.wait(), PATIENCE_S)
        assert not line.talking
        assert len(owner.talking) == 1, "the silence was broken once"
        line.play(first)
        await asterisk.until(is_loud)
        assert len(owner.talking) == 2


async def test_cut_is_silent_within_60_ms_and_without_a_click() -> None:
    loud = tone(5)
    async with call() as (asterisk, line, owner, _):
        line.play(loud)
        line.play(loud)
        before = await asterisk.until(is_loud)
        before += await asterisk.frames(7)
        assert line.cut()
        waiting = 2  # frames that were on their way when we said so
        after = await asterisk.frames(10)
        silent = next(number for number, frame in enumerate(after) if is_silent(frame))
        assert silent <= waiting + 1
        assert silent * FRAME_MS <= 60
        assert all(map(is_silent, after[silent:]))
        assert steepest(b"".join(before + after)) <= steepest(loud)
        assert not line.talking and not owner.drained.is_set(), "what was cut was not said"


async def test_cut_where_nothing_is_said_is_nothing() -> None:
    async with call() as (asterisk, line, _, _):
        await asterisk.frame()
        assert not line.cut()
        assert all(map(is_silent, await asterisk.frames(3)))


async def test_cut_before_the_first_frame_is_not_heard_at_all() -> None:
    async with call() as (asterisk, line, _, _):
        await asterisk.frame()
        line.play(tone(1))
        assert line.cut()
        assert all(map(is_silent, await asterisk.frames(5)))


async def test_what_is_played_after_a_cut_follows_it() -> None:
    async with call() as (asterisk, line, owner, _):
        line.play(tone(5))
        await asterisk.until(is_loud)
        line.cut()
        line.play(tone(0.1, 600, 0.2))
        heard = b"".join(await asterisk.until(is_silent))
        assert heard[:-FRAME_BYTES].endswith(tone(0.1, 600, 0.2))
        await asyncio.wait_for(owner.drained.wait(), PATIENCE_S)


@given(st.integers(0, FRAME_BYTES // 2), st.integers(-32768, 32767))
def test_fading_begins_where_the_sound_is_and_ends_at_nothing(samples: int, height: int) -> None:
    faded = np.frombuffer(fade_out(np.full(samples, height, "<i2").tobytes()), "<i2")
    assert len(faded) == samples
    if samples > 1:
        assert faded[0] == height and faded[-1] == 0
        assert np.abs(np.diff(faded.astype(int))).max() <= abs(height) / (samples - 1) + 1


async def test_cut_in_the_last_and_shorter_frame_makes_no_click() -> None:
    """A sound that does not end with a whole frame, cut just before its end."""
    sent: asyncio.Queue[bytes] = asyncio.Queue()
    playout = Playout(lambda message: sent.put_nowait(message[3:]), lambda: False, lambda at: None)
    loud = tone(410 / SAMPLE_RATE, 200)  # it ends at its highest
    playout.play(loud)
    playout.start()
    heard = [await sent.get() for _ in range(2)]
    playout.cut()
    heard += [await sent.get() for _ in range(3)]
    playout.stop()
    assert steepest(b"".join(heard)) <= steepest(loud) * 1.1


# -- sound and keys from the caller


async def test_sound_and_keys_reach_the_owner_in_order() -> None:
    async with call() as (asterisk, _, owner, _):
        frames = [bytes((number,)) * FRAME_BYTES for number in range(1, 20)]
        raw = b"".join(encode(Audio(frame)) + encode(Key("5")) for frame in frames)
        for at in range(0, len(raw), 101):
            asterisk.send(raw[at : at + 101])
            await asterisk.frame()
        async with asyncio.timeout(PATIENCE_S):
            while len(owner.sounds) < len(frames) or len(owner.keys) < len(frames):
                await asterisk.frame()
        assert owner.sounds == frames and owner.keys == ["5"] * len(frames)


@pytest.mark.parametrize("how", ["hang-up", "error", "reset"])
async def test_end_of_the_line_is_told_once(how: str) -> None:
    async with call() as (asterisk, line, owner, _):
        match how:
            case "hang-up":
                asterisk.send(HANGUP_MESSAGE)
            case "error":
                asterisk.send(encode(Gone(2)))
            case _:
                asterisk.close()
        await asyncio.wait_for(owner.gone.wait(), PATIENCE_S)
        line.close()  # too late, and no harm
        line.cut()


async def test_line_that_we_leave_is_left_with_a_hang_up() -> None:
    async with call() as (asterisk, line, owner, _):
        await asterisk.frame()
        line.close()
        assert not await asterisk.broken_off()
        await asyncio.wait_for(owner.gone.wait(), PATIENCE_S)


async def test_server_that_stops_leaves_its_lines() -> None:
    async with server() as (media, board, port), connection(port) as asterisk:
        asterisk.send(encode(Identity(uuid4())))
        await asyncio.wait_for(board.lines.get(), PATIENCE_S)
        await asyncio.wait_for(media.stop(), PATIENCE_S)
        assert not await asterisk.broken_off()
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_line_that_is_lost_before_its_call_began() -> None:
    async with server(Board(attaches=False)) as (_, board, port), connection(port) as asterisk:
        name = uuid4()
        asterisk.send(encode(Identity(name)))
        assert (await asyncio.wait_for(board.lines.get(), PATIENCE_S))[0] == name
        asterisk.close()
        assert await asyncio.wait_for(board.lost.get(), PATIENCE_S) == name


# -- who is not let in

GARBAGE = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "zeros": bytes(1000),
    "sound first": encode(Audio(bytes(320))),
    "UUID twice": encode(Identity(UUID(int=1))) * 2,
    "huge": encode(Identity(UUID(int=2))) + b"\x10\xff\xfe" + bytes(5000),
}


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_closed_and_said_once(raw: bytes) -> None:
    with capture_logs() as logs:
        async with server() as (_, _, port), connection(port) as asterisk:
            asterisk.send(raw)
            assert await asterisk.broken_off()
    assert [entry["event"] for entry in logs] == ["audiosocket refused"]
    assert logs[0]["problem"] and logs[0]["log_level"] == "warning"


async def test_call_that_is_refused_is_closed_with_its_reason() -> None:
    with capture_logs() as logs:
        async with server(Board(refuses="this UUID was used already")) as (_, _, port), connection(port) as asterisk:
            asterisk.send(encode(Identity(UUID(int=7))))
            assert await asterisk.broken_off()
    assert [(entry["problem"], entry["call"]) for entry in logs] == [("this UUID was used already", str(UUID(int=7)))]


@pytest.mark.parametrize("first", [b"", b"\x01\x00\x10half"])
async def test_connection_that_does_not_say_who_it_is(first: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDENTIFY_WITHIN_S", 0.1)
    with capture_logs() as logs:
        async with server() as (_, _, port), connection(port) as asterisk:
            asterisk.send(first)
            assert await asyncio.wait_for(asterisk.broken_off(), PATIENCE_S)
    assert [entry["problem"] for entry in logs] == ["no UUID within 0 s"]


async def test_one_bad_connection_is_no_other_s_trouble() -> None:
    async with call() as (asterisk, line, owner, _):
        port = asterisk._writer.get_extra_info("peername")[1]
        for raw in GARBAGE.values():
            async with connection(port) as other:
                other.send(raw)
                assert await other.broken_off()
        line.play(tone(0.1))
        await asterisk.until(is_loud)
        assert not owner.gone.is_set()


# -- a peer that does not read


async def test_peer_that_does_not_read_costs_little_memory_and_no_line() -> None:
    async with server() as (media, board, port):
        assert media._server
        for listening in media._server.sockets:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(deaf, ("127.0.0.1", port))
            await loop.sock_sendall(deaf, encode(Identity(uuid4())))
            _, line, owner = await asyncio.wait_for(board.lines.get(), PATIENCE_S)
            assert isinstance(line, AudioSocketLine)
            line.play(tone(0.3))
            waiting: list[int] = []
            async with asyncio.timeout(PATIENCE_S):
                while len(waiting) < 50 or max(waiting[-25:]) == 0:
                    await asyncio.sleep(FRAME_S)
                    waiting.append(line._transport.get_write_buffer_size())
            assert 0 < max(waiting) <= module.BACKED_UP_BYTES + 2 * 323
            assert owner.drained.is_set(), "what could not be heard in time is over too"
            # it reads again: what comes is of now, and nothing is broken in the middle
            heard = b""
            line.play(tone(5))
            async with asyncio.timeout(PATIENCE_S):
                while tone(0.1)[:200] not in heard:
                    heard += await loop.sock_recv(deaf, 65536)
            assert not owner.gone.is_set()
        finally:
            deaf.close()


# -- the playout by itself


async def test_frames_that_the_loop_has_missed_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    jitter = Jitter()
    playout = Playout(sent.append, lambda: False, lambda at: None, jitter)
    loop = asyncio.get_running_loop()
    real, ahead = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: real() + ahead[0])
    playout.start()
    ahead[0] = 5.0  # the loop stood still for five seconds
    await asyncio.sleep(FRAME_S * 3)
    playout.stop()
    assert 2 <= len(sent) <= 6, "no burst of old frames"
    assert max(jitter.late_ms) > 4000


def test_jitter_of_nothing() -> None:
    assert Jitter().percentile(0.99) == 0.0
