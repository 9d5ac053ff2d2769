"""Corpora as people write them, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.sound.telephone import BadSound
from ivr.corpus.format import CorpusError, read_corpus
from ivr.replay.caller.sounds import TEXT_FRAME, Written, read_recording
from tests.conftest import ROOT

WATCH = ROOT / "audio/calls/late-watch.wav"


def put(folder: Path, name: str, text: str, sound: bool = True) -> None:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    if sound:
        (folder / f"{name}.wav").write_bytes(WATCH.read_bytes())


def test_a_sound_alone_is_a_call_of_which_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "one.wav").write_bytes(WATCH.read_bytes())
    corpus = read_corpus(tmp_path)
    assert [call.name for call in corpus.calls] == ["one"]
    facts = corpus.calls[0].facts
    assert facts.intent is None and facts.timing == "recorded" and corpus.calls[0].wants == "?"


def test_everything_that_can_be_known(tmp_path: Path) -> None:
    put(
        tmp_path,
        "all",
        """
intent = "late_delivery"
queue = "orders"
number = "+491510000001"
at = 2026-11-18T10:30:00+01:00
tags = ["angry"]
[slots]
order = "4711"
[[said]]
text = "my watch is late"
from_s = 0.2
to_s = 2.0
answers = "reason"
[[said]]
keys = "4711"
answers = "order"
[customer]
id = "C9"
name = "Zoë"
[[orders]]
id = "4711"
customer_id = "C9"
product = "Watch"
status = "late"
ordered_at = 2026-11-01T10:00:00+01:00
""",
    )
    (call,) = read_corpus(tmp_path).calls
    assert call.facts.said[1].keys == "4711" and call.facts.customer is not None
    assert call.facts.orders[0].status == "late" and call.facts.timing == "answers"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("intnt = 'x'", "one.toml:1: intnt: there is no such key; did you mean 'intent'?"),
        ("intent = 'x'\nqueue = 3", "one.toml:2: queue: 3 is no text"),
        ("settled = 'yes'", "one.toml:1: settled: 'yes' is neither true nor false"),
        ("[[said]]\ntext = 'a'\nover_s = '0.5'", "one.toml:3: said.0.over_s: '0.5' is no number"),
        ("at = 1700000000", "one.toml:1: at: 1700000000 is not right here: write a time with its zone, as in"),
        ("at = 2026-11-18T10:30:00", "one.toml:1: at: 2026-11-18T10:30:00 has no time zone"),
        ("[[said]]\ntext = 'a'\nkeys = '1'", "has keys and something said: make two of it"),
        ("[[said]]\nfrom_s = 3.0\nto_s = 2.0", "to_s 2 must be after from_s 3"),
        ("[[said]]\nkeys = 'x'", "one.toml:2: said.0.keys: 'x' is not right here"),
        ("= 3", "one.toml:1: not TOML: a name is missing before it"),
    ],
)
def test_one_bad_call_says_what_is_wrong_and_stops_no_other(tmp_path: Path, text: str, said: str) -> None:
    put(tmp_path, "one", text)
    put(tmp_path, "other", "intent = 'repair'")
    corpus = read_corpus(tmp_path)
    assert [call.name for call in corpus.calls] == ["other"]
    assert said in corpus.broken["one"], corpus.broken


def test_text_without_sound_needs_its_words(tmp_path: Path) -> None:
    put(tmp_path, "silent", "[[said]]\nfrom_s = 1.0", sound=False)
    put(tmp_path, "empty", "intent = 'repair'", sound=False)
    put(tmp_path, "written", "[[said]]\ntext = '我要退货'", sound=False)
    corpus = read_corpus(tmp_path)
    assert [call.name for call in corpus.calls] == ["written"]
    assert "needs its text or keys" in corpus.broken["silent"]
    assert "neither a sound file beside it nor anything in [[said]]" in corpus.broken["empty"]


def test_nothing_to_replay(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no call: no sound file"):
        read_corpus(tmp_path)
    with pytest.raises(CorpusError, match="there is no such folder"):
        read_corpus(tmp_path / "nowhere")
    put(tmp_path, "one", "tags = ['angry']")
    assert len(read_corpus(tmp_path, "angr").calls) == 1
    with pytest.raises(CorpusError, match="'calm' in its name or tags"):
        read_corpus(tmp_path, "calm")


def test_corpus_toml_is_checked_too(tmp_path: Path) -> None:
    put(tmp_path, "one", "")
    (tmp_path / "corpus.toml").write_text("[thresholds]\nwer_max = 3\n")
    with pytest.raises(CorpusError, match=r"corpus.toml:2: thresholds.wer_max: 3 is too large: it must be 1 or less"):
        read_corpus(tmp_path)


# -- sound


def test_pieces_and_the_line_between_them(tmp_path: Path) -> None:
    put(tmp_path, "one", "[[said]]\ntext = 'a'\nfrom_s = 1.0\nto_s = 2.0\n[[said]]\ntext = 'b'\nfrom_s = 2.5")
    (call,) = read_corpus(tmp_path).calls
    recording = read_recording(call)
    assert len(recording.piece(0)) == 50 and len(recording.piece(1)) == len(recording.frames) - 125
    assert recording.piece(0) == recording.frames[50:100]
    # the quiet second before the first piece, forth and back
    assert {recording.background() for _ in range(200)} <= set(recording.frames[:51]) | {
        b"".join(frame[at : at + 2] for at in range(318, -1, -2)) for frame in recording.frames[:51]
    }


def test_a_piece_beyond_the_end_is_said_by_name(tmp_path: Path) -> None:
    put(tmp_path, "one", "[[said]]\ntext = 'a'\nfrom_s = 1.0\nto_s = 99.0")
    (call,) = read_corpus(tmp_path).calls
    with pytest.raises(BadSound, match=r"one.wav: said.0.to_s is 99, but it is \d\.\d\d s long"):
        read_recording(call)


def test_text_takes_as_long_as_saying_it(tmp_path: Path) -> None:
    put(tmp_path, "one", "[[said]]\ntext = '我要退掉我的手表'", sound=False)
    (call,) = read_corpus(tmp_path).calls
    frames = Written(call.facts.said, "zh").piece(0)
    assert set(frames) == {TEXT_FRAME} and 60 < len(frames) < 120
