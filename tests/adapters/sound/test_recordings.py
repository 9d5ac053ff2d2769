"""Recordings: two sides aligned by time, what must not be heard, files that are whole, and what happens to old ones."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import soundfile
from structlog.testing import capture_logs

from ivr.adapters.sound.recordings import Bounds, FileRecordings, forget
from ivr.adapters.sound.tape import MemoryTape, silence_keys
from ivr.calls.clock import DoubtfulClock
from ivr.core.caller import CallId
from ivr.core.endpointing import FRAME_BYTES, SAMPLE_RATE
from tests.conftest import PATIENCE_S, ROOT
from tests.web.web_fakes import Clock

FRAME = FRAME_BYTES // 2
LOUD = 8000


def frame(level: int = LOUD) -> bytes:
    return np.full(FRAME, level, dtype="<i2").tobytes()


def tone(*hz: float, seconds: float = 0.1, level: float = 6000) -> np.ndarray:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (sum(np.sin(2 * np.pi * one * at) for one in hz) * level).astype(np.int16)


def heard(tape: MemoryTape, side: int) -> list[tuple[float, float]]:
    """The stretches of a side that are not silent, in seconds."""
    loud = tape.sound()[:, side] != 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))
    return [(round(a / SAMPLE_RATE, 3), round(b / SAMPLE_RATE, 3)) for a, b in edges.reshape(-1, 2)]


def spoken(seconds: float = 2.0) -> MemoryTape:
    """Both talk all the time."""
    tape = MemoryTape(60)
    for number in range(round(seconds / 0.02)):
        tape.heard(frame(), number * 0.02 + 0.02)
        tape.said(frame(), number * 0.02)
    return tape


# -- the tape


def test_sides_stand_where_they_were_in_time() -> None:
    tape = MemoryTape(60)
    for number in range(50):
        tape.heard(frame(), 0.02 * (number + 1))
    for number in range(25):
        tape.said(frame(), 0.5 + 0.02 * number)
    for number in range(25):
        tape.said(frame(), 2.0 + 0.02 * number)
    assert heard(tape, 0) == [(0.0, 1.0)]
    assert heard(tape, 1) == [(0.5, 1.0), (2.0, 2.5)]


def test_jitter_moves_nothing_and_a_held_up_line_is_put_right() -> None:
    tape = MemoryTape(60)
    late = [0.0, 0.03, -0.015, 0.06, 0.0]
    for number in range(50):
        tape.heard(frame(), 0.02 * (number + 1) + late[number % 5])
    assert heard(tape, 0) == [(0.0, 1.0)]
    # the loop stood still for half a second, and then everything came at once
    for _ in range(25):
        tape.heard(frame(), 1.5)
    for number in range(25):
        tape.heard(frame(), 1.52 + 0.02 * number)
    (begin, end), *rest = heard(tape, 0)
    assert (begin, rest) == (0.0, []) and abs(end - 2.0) <= 0.1


def test_silence_of_a_line_that_sends_none_is_silence() -> None:
    tape = MemoryTape(60)
    tape.heard(frame(), 0.02)
    tape.heard(frame(), 10.0)
    assert heard(tape, 0) == [(0.0, 0.02), (9.98, 10.0)]


def test_what_is_hidden_is_silence_on_its_side_only() -> None:
    tape = spoken()
    tape.hide("caller", 0.5, 1.0)
    tape.hide("machine", -1.0, 0.2)
    tape.hide("caller", 1.9, 99.0)
    assert heard(tape, 0) == [(0.0, 0.5), (1.0, 1.9)]
    assert heard(tape, 1) == [(0.2, 2.0)]


def test_nothing_is_kept_beyond_the_longest_call() -> None:
    tape = MemoryTape(1.0)
    for number in range(200):
        tape.heard(frame(), 0.02 * (number + 1))
    assert len(tape.sound()) == SAMPLE_RATE


@pytest.mark.parametrize("low", [697, 770, 852, 941])
@pytest.mark.parametrize("high", [1209, 1336, 1477])
@pytest.mark.parametrize("seconds", [0.05, 0.5])
def test_tones_of_keys_are_silenced_whoever_reported_them(low: float, high: float, seconds: float) -> None:
    line = np.concatenate([np.zeros(777, np.int16), tone(low, high, seconds=seconds), np.zeros(800, np.int16)])
    silence_keys(line)
    assert not line.any()


def test_voices_and_single_tones_stay() -> None:
    rng = np.random.default_rng(1)
    voice = tone(110, 220, 330, 440, 550, 660, 770, 880, 990, seconds=0.5, level=1500)
    for sound in (voice, tone(770, seconds=0.5), (rng.standard_normal(4000) * 3000).astype(np.int16)):
        kept = sound.copy()
        silence_keys(kept)
        assert (kept == sound).all()


def test_our_callers_lose_nothing_to_it() -> None:
    """Synthetic voices have purer tones than people: what is lost of them is less than a hundredth."""
    lost = total = 0
    for path in sorted(Path("audio/calls").glob("*.wav")):
        sound = soundfile.read(path, dtype="int16", always_2d=True)[0][:, 0]
        kept = sound.copy()
        silence_keys(kept)
        lost, total = lost + int((kept != sound).sum()), total + len(sound)
    assert total and lost / total < 0.01


# -- files


def recordings(folder: Path, keep: str = "all", **bounds: int) -> FileRecordings:
    return FileRecordings(folder / "kept", keep, Bounds(**bounds))  # type: ignore[arg-type]


async def recorded(made: FileRecordings, consent: bool | None = None, seconds: float = 1.0) -> tuple[str, Path | None]:
    call = CallId(uuid4())
    assert made.begin() is not None
    made.end(call, spoken(seconds), consent)
    return str(call), await made.find(str(call))


async def test_file_is_a_telephone_s_stereo_that_only_the_server_may_read(tmp_path: Path) -> None:
    made = recordings(tmp_path)
    call, path = await recorded(made)
    assert path is not None and path.name == f"{call}.wav"
    about = soundfile.info(path)
    assert (about.samplerate, about.channels, about.subtype, about.duration) == (8000, 2, "ULAW", 1.0)
    assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0
    assert [one.name for one in path.parent.iterdir()] == [path.name], "nothing half written is left"
    assert await made.among([call, str(uuid4()), "../../etc/passwd"]) == {call}
    figures = made.figures()
    assert figures and (figures.written, figures.lost) == (1, 0) and figures.bytes == path.stat().st_size
    await made.close()


@pytest.mark.parametrize(("keep", "consent", "there"), [
    ("off", True, False), ("consent", None, False), ("consent", False, False), ("consent", True, True), ("all", None, True),
    ("all", False, True),
])  # fmt: skip
async def test_who_is_recorded(tmp_path: Path, keep: str, consent: bool | None, there: bool) -> None:
    made = recordings(tmp_path, keep)
    assert made.asks == (keep == "consent") and (made.begin() is None) == (keep == "off")
    call = CallId(uuid4())
    if (tape := made.begin()) is not None:
        for number in range(10):
            tape.heard(frame(), 0.02 * (number + 1))
        made.end(call, tape, consent)
    assert (await made.find(str(call)) is not None) == there
    assert (made.figures() is None) == (keep == "off")
    await made.close()


async def test_folder_that_cannot_be_written_costs_nothing_and_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    made = recordings(tmp_path)
    with capture_logs() as logs:
        for _ in range(3):
            assert (await recorded(made))[1] is None
        said = [one for one in logs if one["event"] == "recordings cannot be written"]
        assert len(said) == 1 and said[0]["folder"] == str(tmp_path / "kept")
        (tmp_path / "kept").unlink()
        assert (await recorded(made))[1] is not None
        (tmp_path / "kept").rename(tmp_path / "moved")
        (tmp_path / "kept").write_text("")
        await recorded(made)
        assert len([one for one in logs if one["event"] == "recordings cannot be written"]) == 2, (
            "and again, when it is anew"
        )
    figures = made.figures()
    assert figures and (figures.written, figures.lost) == (1, 4)
    await made.close()


async def test_old_ones_go_and_the_key_stays(tmp_path: Path) -> None:
    made = recordings(tmp_path, days=30)
    _, old = await recorded(made)
    _, new = await recorded(made)
    assert old and new
    (old.parent / "pseudonyms.key").write_bytes(b"k")
    (old.parent / "greeting.wav").write_bytes(b"of somebody who keeps theirs in the same folder")
    os.utime(old.parent / "greeting.wav", (0, 0))
    os.utime(old, (old.stat().st_mtime - 31 * 86_400,) * 2)
    os.utime(old.parent / "pseudonyms.key", (0, 0))
    made.tidy()
    assert sorted(path.name for path in old.parent.iterdir()) == sorted([new.name, "greeting.wav", "pseudonyms.key"])
    figures = made.figures()
    assert figures and figures.bytes == new.stat().st_size
    await made.close()


async def test_clock_that_was_set_deletes_nothing_for_its_age(tmp_path: Path) -> None:
    wall, steady = Clock(), Clock()
    recordings = FileRecordings(tmp_path, "all", Bounds(days=30), DoubtfulClock(wall, steady))
    old = tmp_path / f"{uuid4()}.wav"
    old.write_bytes(b"x")
    os.utime(old, (0, 0))
    wall.now += 40 * 86_400
    for hours in (0, 1, 22):
        steady.now, wall.now = steady.now + hours * 3600, wall.now + hours * 3600
        with capture_logs() as logs:
            recordings.tidy()
        assert old.exists() and "the clock was set by hours" in logs[0]["event"]
    steady.now, wall.now = steady.now + 7200, wall.now + 7200
    recordings.tidy()
    assert not old.exists(), "a day later it is believed"
    await recordings.close()


async def test_when_there_is_too_much_the_oldest_go_and_it_is_said_once(tmp_path: Path) -> None:
    made = recordings(tmp_path, most_bytes=40_000)  # two of a second and a little
    with capture_logs() as logs:
        paths = []
        for _ in range(6):
            _, path = await recorded(made)
            assert path
            paths.append(path)
    left = [path for path in paths if path.exists()]
    assert left == paths[-2:] and sum(path.stat().st_size for path in left) <= 40_000
    assert [one["event"] for one in logs].count("recordings reach most_mb: the oldest are deleted") == 1
    await made.close()


async def test_writing_waits_beside_the_loop(tmp_path: Path) -> None:
    made = recordings(tmp_path)
    call, free = CallId(uuid4()), threading.Event()
    made._thread.submit(free.wait)  # as a disk that is slow
    made.end(call, spoken(60), None)
    finding = asyncio.ensure_future(made.find(str(call)))
    await asyncio.sleep(0)
    assert not finding.done(), "not even begun"
    free.set()
    assert await finding
    await made.close()


async def test_server_that_stops_loses_it_without_a_word_to_the_call(tmp_path: Path) -> None:
    made = recordings(tmp_path)
    await made.close()
    made.end(CallId(uuid4()), spoken(), None)
    figures = made.figures()
    assert figures and figures.lost == 1


async def test_forgotten_are_gone(tmp_path: Path) -> None:
    made = recordings(tmp_path)
    call, path = await recorded(made)
    other, kept = await recorded(made)
    assert path and kept
    assert forget(path.parent, [call, str(uuid4()), "../kept/" + other]) == 1
    assert not path.exists() and kept.exists()
    await made.close()


FULL = """
import asyncio, resource, sys
from pathlib import Path
from uuid import uuid4
from ivr.adapters.sound.recordings import FileRecordings
from ivr.server.process import logs
from tests.adapters.sound.test_recordings import spoken
async def main(folder):
    recordings = FileRecordings(folder, "all")
    recordings.end(uuid4(), spoken(), None)
    await recordings.close()
logs.set_up("json", "info")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
asyncio.run(main(Path(sys.argv[1])))
"""


def test_disk_that_takes_no_more_is_one_line_of_the_log_and_nothing_beside_it(tmp_path: Path) -> None:
    words = [sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=True, cwd=ROOT)
    (line,) = map(json.loads, done.stderr.splitlines())
    assert line["event"] == "recordings cannot be written" and "File too large" in line["problem"]
    assert not list(tmp_path.iterdir())
