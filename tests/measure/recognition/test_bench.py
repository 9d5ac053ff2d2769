"""``ivr asr bench``: the callers are the same for every side, the search finds the edge, and a real step is a real step."""

from __future__ import annotations

import os
import time
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.core.endpointing import FRAME_MS, Endpointing
from ivr.measure.recognition import servers
from ivr.measure.recognition.bench import FINE, Plan, Result, Search, measure
from ivr.measure.recognition.bench_table import cores
from ivr.measure.recognition.callers import AudioUnusable, Utterance, caller, talk_share, utterances
from ivr.measure.recognition.load import text_of
from ivr.measure.recognition.servers import Side, SideUnusable
from tests.conftest import ROOT

CALLS = ROOT / "audio" / "calls"
MODEL = ROOT / "audio" / "models" / "bundled-en"


@pytest.fixture(scope="module")
def said() -> list[Utterance]:
    return utterances([CALLS], Endpointing())


def test_utterances_are_whole_frames_with_their_ends(said: list[Utterance]) -> None:
    assert len(said) >= 30
    for one in said:
        assert {len(frame) for frame in one.frames} == {320}
        assert 0 <= one.begins <= one.noticed < one.spoken < one.ends == len(one.frames) - 1
        # the endpointer waited for its silence, and not for more
        assert (one.ends - one.spoken) * FRAME_MS == Endpointing().end_silence_ms, one.name


def test_callers_are_the_same_every_time_and_differ_from_each_other(said: list[Utterance]) -> None:
    first, again, second = (list(caller(number, said, 60.0)) for number in (1, 1, 2))
    assert first == again != second
    for before, after in pairwise(first):
        assert after.at_s >= before.at_s + len(before.utterance.frames) * FRAME_MS / 1000 + 3
    assert first[-1].at_s + len(first[-1].utterance.frames) * FRAME_MS / 1000 <= 60


def test_talk_share_is_what_is_sent(said: list[Utterance]) -> None:
    assert 0.2 < talk_share(100, said, 120.0) < 0.45
    assert talk_share(0, said, 10.0) == 0


def test_sound_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AudioUnusable, match=r"no \.wav files; --audio names"):
        utterances([tmp_path], Endpointing())
    (tmp_path / "broken.wav").write_text("no sound")
    with pytest.raises(AudioUnusable, match=r"broken\.wav: not a sound file that can be read"):
        utterances([tmp_path], Endpointing())


def result(calls: int, p95_ms: float, missing: int = 0) -> Result:
    return Result(calls, 10, p95_ms, 700, 100, missing, 2.0, 100, 1.0)


@pytest.mark.parametrize("edge", [5, 16, 100, 1000])
def test_search_ends_next_to_the_edge(edge: int) -> None:
    search = Search("", None, "speech")  # type: ignore[arg-type]  # nothing is measured here
    for _ in range(40):
        calls = search.next()
        if calls is None:
            break
        (search.good if calls <= edge else search.bad)[calls] = result(calls, 0)
    assert calls is None
    assert search.most
    assert search.most.calls <= edge < min(search.bad) <= max(search.most.calls * FINE, search.most.calls + 1) + 1


def test_result_in_time_is_one_with_its_answers() -> None:
    assert result(10, 299).good(300)
    assert not result(10, 301).good(300)
    assert result(10, 100, missing=1).good(300)
    assert not result(10, 100, missing=3).good(300)


def test_final_words_of_every_kind_of_answer() -> None:
    assert text_of({"partial": "my"}) is None
    assert text_of({"text": "yes"}) == "yes"
    assert text_of({"alternatives": [{"text": "no", "confidence": 1.0}, {"text": "know", "confidence": 0.5}]}) == "no"


def test_cores_are_apart_where_there_are_enough() -> None:
    assert cores(None, (0, 1, 2, 3)) == ((0, 1, 2), (3,))
    assert cores(2, (0, 1, 2, 3)) == ((0, 1), (2, 3))
    assert cores(None, (4,)) == ((4,), (4,))
    with pytest.raises(ValueError, match="--cores 3: this machine gives us 2"):
        cores(3, (0, 1))


def test_peer_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SideUnusable, match=r"no websocket/asr_server\.py: --peer names"):
        servers.peer(tmp_path, MODEL, (0,))


def ended(side: Side) -> bool:
    return not Path(f"/proc/{side.process.pid}").exists()


def test_step_with_real_callers_and_the_real_decoder() -> None:
    """Each of the two callers is heard word for word, told where speech ends and by the server's own ear."""
    here = tuple(os.sched_getaffinity(0))
    plan = Plan(MODEL, (CALLS / "late-watch.wav",), here, here, seconds=9.0)
    side = servers.ours(MODEL, here)
    try:
        began = time.monotonic()
        spoken = measure(plan, side, "speech", 2)
        assert time.monotonic() - began >= plan.seconds * 0.5
        line = measure(plan, side, "line", 2)
    finally:
        side.stop()
    for one in (spoken, line):
        assert (one.missing, one.problems) == (0, ())
        assert one.results >= 2
        assert set(one.texts) == {"late-watch"}
        assert one.texts["late-watch"] == {"my watch was due yesterday and it is not here": one.results}
        assert 0 < one.p50_ms <= one.p95_ms < one.after_voice_p95_ms
        assert one.memory_mb > 20
    assert ended(side)
