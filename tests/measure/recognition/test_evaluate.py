"""``ivr asr eval``: the sample calls through the bundled model, in every wrapping, and files that are none."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from ivr.adapters.speech_in.vosk import ModelUnusable
from ivr.measure.errors import NotMeasured
from ivr.measure.recognition.evaluate import MANIFEST, Asked, asr_eval
from tests.command_line import ivr_in_a_process
from tests.conftest import ROOT, RealParts
from tools.speech_model.hearing import CALLS
from tools.speech_model.sample_calls import MODEL, said

KEYS = {
    "wer", "wer_low", "wer_high", "sentence_accuracy", "sentence_accuracy_low", "sentence_accuracy_high", "rtf", "files",
    "failed", "words", "substitutions", "deletions", "insertions",
}  # fmt: skip


def manifest(folder: Path, rows: Iterable[tuple[str | Path, str]]) -> Path:
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("file", "text"), *((str(name), text) for name, text in rows)])
    return folder


def call(name: str) -> Path:
    return ROOT / CALLS / f"{name}.wav"


def measured(capsys: pytest.CaptureFixture[str], asked: Asked, code: int = 0) -> dict[str, Any]:
    assert asr_eval(asked) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_sample_calls_are_heard_word_for_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], real_parts: RealParts
) -> None:
    folder = manifest(tmp_path, [(ROOT / one.path, one.words) for one in said()])
    found = measured(capsys, Asked(folder, model=MODEL, threads=2, json=True))
    assert found.keys() >= KEYS
    assert (found["wer"], found["sentence_accuracy"], found["files"], found["failed"]) == (0.0, 1.0, len(said()), 0)
    assert found["words"] == sum(len(one.words.split()) for one in said())
    assert 0 < found["rtf"] < 1
    assert found["sentence_accuracy_low"] < 1
    real_parts.used("Vosk decoder", f"libvosk with {MODEL}")


def test_sound_in_any_wrapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    samples, rate = soundfile.read(call("where-order"), dtype="float32")
    wide = soxr.resample(samples, rate, 44100)
    soundfile.write(tmp_path / "a.flac", np.column_stack([wide, wide]), 44100)
    soundfile.write(tmp_path / "b.wav", soxr.resample(samples, rate, 16000), 16000, subtype="PCM_24")
    soundfile.write(tmp_path / "c.wav", samples, rate, subtype="FLOAT")
    soundfile.write(tmp_path / "d.ogg", wide, 44100)
    folder = manifest(tmp_path, [(name, "Where is my order?") for name in ("a.flac", "b.wav", "c.wav", "d.ogg")])
    found = measured(capsys, Asked(folder, model=MODEL, json=True))
    assert (found["wer"], found["sentence_accuracy"]) == (0.0, 1.0)
    assert found["seconds"] == pytest.approx(4 * len(samples) / rate, abs=0.1)


def test_errors_are_counted_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = manifest(
        tmp_path, [(call("yes"), "yes"), (call("where-order"), "where is the new order"), (call("no"), "")]
    )
    assert asr_eval(Asked(folder, model=MODEL, json=True)) == 0
    out = capsys.readouterr().out
    found = json.loads(out.splitlines()[-1])
    # "my" for "the", "new" missed, and a "no" that nobody had written down
    assert (found["substitutions"], found["deletions"], found["insertions"], found["words"]) == (1, 1, 1, 6)
    assert (found["wer"], found["sentence_accuracy"]) == (0.5, pytest.approx(1 / 3, abs=1e-6))
    assert "2 of 5" in out
    assert "where is my order" in out


def test_digits_by_grammar_written_in_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = [("order-4711", "4711"), ("order-4802", "4802"), ("order-4655", "4655"), ("post-code", "10115")]
    folder = manifest(tmp_path, [(call(name), text) for name, text in numbers])
    found = measured(capsys, Asked(folder, grammar="digits", model=MODEL, json=True))
    assert (found["wer"], found["words"], found["grammar"]) == (0.0, 17, "digits")


def test_grammar_of_a_file_is_all_that_is_heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "phrases.txt").write_text("\ufeffYes.\nno\n\nwhere is my order\n", encoding="utf-8")
    folder = manifest(tmp_path, [(call("yes"), "yes"), (call("where-order"), "where is my order")])
    grammar = str(tmp_path / "phrases.txt")
    assert measured(capsys, Asked(folder, grammar=grammar, model=MODEL, json=True))["wer"] == 0.0
    (tmp_path / "phrases.txt").write_text("no\n")
    assert measured(capsys, Asked(folder, grammar=grammar, model=MODEL, json=True))["wer"] == 1.0
    (tmp_path / "phrases.txt").write_text("\n...\n")
    with pytest.raises(NotMeasured, match=r"phrases.txt: there are no phrases in it: it should have one a line"):
        asr_eval(Asked(folder, grammar=grammar, model=MODEL))


def test_bad_files_are_named_and_the_rest_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0, np.float32), 8000)
    folder = manifest(
        tmp_path, [("text.wav", "a"), (call("yes"), "yes"), ("empty.wav", "b"), ("gone.wav", "c"), (call("no"), "no")]
    )
    assert asr_eval(Asked(folder, model=MODEL, json=True)) == 1
    done = capsys.readouterr()
    found = json.loads(done.out.splitlines()[-1])
    assert (found["files"], found["failed"], found["wer"], found["words"]) == (5, 3, 0.0, 2)
    assert [one["file"] for one in found["failures"]] == ["text.wav", "empty.wav", "gone.wav"]
    for reason in (
        "text.wav: not a sound file",
        "empty.wav: there is no sound in it",
        "gone.wav: there is no such file",
    ):
        assert reason in done.err


def test_nothing_heard_is_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(capsys, Asked(manifest(tmp_path, [("gone.wav", "c")]), model=MODEL, json=True), code=1)
    assert (found["wer"], found["sentence_accuracy"], found["rtf"], found["failed"]) == (None, None, None, 1)


def test_manifest_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(NotMeasured, match=r"manifest.csv: there is no such file: it should have the columns file,text"):
        asr_eval(Asked(tmp_path))
    (tmp_path / MANIFEST).write_text("file,words\na.wav,a\n")
    with pytest.raises(NotMeasured, match=r"manifest.csv:1: there is no column 'text'"):
        asr_eval(Asked(tmp_path))
    (tmp_path / MANIFEST).write_text("file,text\n,a\n")
    with pytest.raises(NotMeasured, match=r"manifest.csv:2: the column 'file' is empty"):
        asr_eval(Asked(tmp_path))


def test_model_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="is no Vosk model folder"):
        asr_eval(Asked(manifest(tmp_path, [("a.wav", "a")]), model=tmp_path))


def test_command_takes_the_server_s_model(tmp_path: Path) -> None:
    folder = manifest(tmp_path, [(call("yes"), "yes"), ("gone.wav", "no")])
    done = ivr_in_a_process("asr", "eval", folder, "--json", IVR_MODEL_EN=str(MODEL))
    found = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, found["files"], found["failed"], found["model"]) == (1, 2, 1, MODEL.name)
    assert "gone.wav: there is no such file" in done.stderr
