"""Corpora from the layouts of public sets, each written here as the set has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.corpus.format import CorpusError, read_corpus
from ivr.replay.caller.sounds import read_recording
from ivr.replay.making.public_sets import LAYOUTS, bring, read_mapping


def sound(path: Path, seconds: float = 1.0, rate: int = 16000, channels: int = 1, format_: str = "WAV") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    soundfile.write(path, np.stack([tone] * channels, axis=1), rate, format=format_)


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def manifest(source: Path) -> None:
    sound(source / "a.wav")
    put(source / "manifest.csv", "file,text,intent\na.wav,my card is lost,lost_card\n")


def folders(source: Path) -> None:
    sound(source / "en-US~LOST_CARD/a.wav", rate=8000)


def texts(source: Path) -> None:
    put(source, "text,intent\nmy card is lost,lost_card\ntell me a joke,oos\n")


def kaldi(source: Path) -> None:
    sound(source / "a.wav")
    put(source / "wav.scp", "u1 a.wav\n")
    put(source / "text", "u1 my card is lost\n")
    put(source / "utt2intent", "u1 lost_card\n")


def common_voice(source: Path) -> None:
    sound(source / "clips/a.mp3", format_="MP3", rate=32000)
    put(source / "validated.tsv", "client_id\tpath\tsentence\taccents\nx\ta.mp3\tMy card is lost.\tScottish\n")


def fluent(source: Path) -> None:
    sound(source / "wavs/a.wav")
    put(source / "data/test_data.csv",
        ",path,speakerId,transcription,action,object,location\n0,wavs/a.wav,s1,Lock the card,lock,card,none\n")  # fmt: skip


def slurp(source: Path) -> None:
    sound(source / "slurp_real/a.flac", format_="FLAC")
    row = {"sentence": "my card is lost", "intent": "lost_card", "recordings": [
        {"file": "a.flac", "status": "correct"}, {"file": "b.flac", "status": "wrong"}]}  # fmt: skip
    put(source / "dataset/slurp/test.jsonl", json.dumps(row) + "\n")


def harper_valley(source: Path) -> None:
    sound(source / "audio/caller/a.wav", 3.0, 8000)
    put(source / "metadata/a.json", json.dumps({"tasks": [{"task_type": "lost card"}]}))
    said = [
        {"speaker_role": "agent", "human_transcript": "hello", "start_ms": 0, "duration_ms": 500},
        {"speaker_role": "caller", "human_transcript": "[noise]", "start_ms": 600, "duration_ms": 100},
        {"speaker_role": "caller", "human_transcript": "my card <unk> is lost", "start_ms": 800, "duration_ms": 900},
    ]
    put(source / "transcript/a.json", json.dumps(said))


MAKERS: dict[str, Callable[[Path], None]] = {
    "manifest": manifest, "folders": folders, "texts": texts, "kaldi": kaldi, "common-voice": common_voice, "fluent": fluent,
    "slurp": slurp, "harper-valley": harper_valley,
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_becomes_calls(layout: str, tmp_path: Path) -> None:
    source, folder = tmp_path / ("set.csv" if layout == "texts" else "set"), tmp_path / "corpus"
    MAKERS[layout](source)
    assert bring(layout, source, folder, {}, lambda name, problem: None) == 0
    corpus = read_corpus(folder)
    assert not corpus.broken
    call = corpus.calls[0]
    wanted = {"common-voice": None, "fluent": "lock_card"}.get(layout, "lost_card")
    assert call.facts.intent == wanted
    if layout != "folders":
        assert "card" in (call.facts.said[0].text or "") and "<" not in (call.facts.said[0].text or "")
    if layout != "texts":
        recording = read_recording(call)
        assert recording.seconds == pytest.approx(3.0 if layout == "harper-valley" else 1.0, abs=0.1)


def test_their_intents_become_ours(tmp_path: Path) -> None:
    texts(tmp_path / "set.csv")
    put(tmp_path / "map.csv", "theirs,ours\nlost_card,card\n")
    bring(
        "texts",
        tmp_path / "set.csv",
        tmp_path / "corpus",
        read_mapping(tmp_path / "map.csv"),
        lambda name, problem: None,
    )
    first, second = read_corpus(tmp_path / "corpus").calls
    assert (first.facts.intent, first.facts.tags) == ("card", ("lost_card",)) and second.facts.intent == ""


def test_one_bad_sound_stops_no_other(tmp_path: Path) -> None:
    source = tmp_path / "set"
    manifest(source)
    put(source / "b.wav", "no sound")
    with (source / "manifest.csv").open("a") as file:
        file.write("b.wav,hello,x\nc.wav,gone,x\n")
    told: dict[str, str] = {}
    assert bring("manifest", source, tmp_path / "corpus", {}, told.__setitem__) == 2
    assert told["a"] == "" and "not a sound file" in told["b"] and "there is no such file" in told["c"]


@pytest.mark.parametrize(
    ("layout", "files", "said"),
    [
        ("manifest", {}, "manifest.csv: there is no such file"),
        ("manifest", {"manifest.csv": "name\nx\n"}, "manifest.csv:1: there is no column 'file', 'text'"),
        ("folders", {"x.txt": ""}, "nothing was found in it; the layout 'folders' is a folder for each intent"),
        ("kaldi", {"text": "u a", "wav.scp": "u sox a.wav - |"}, "wav.scp: u: a command, not a file"),
        ("slurp", {"dataset/slurp/test.jsonl": "{"}, "test.jsonl:1: this line is no JSON"),
    ],
)
def test_sets_of_another_layout(layout: str, files: dict[str, str], said: str, tmp_path: Path) -> None:
    source = tmp_path / "set"
    source.mkdir()
    for name, text in files.items():
        put(source / name, text)
    with pytest.raises(CorpusError) as wrong:
        bring(layout, source, tmp_path / "corpus", {}, lambda name, problem: None)
    assert said in str(wrong.value)
