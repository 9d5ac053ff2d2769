"""Phrases that one process has encoded, the next one finds; callers' words are never among them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.adapters.understanding.kept_vectors import FILE, MOST, KeptVectors, Vector
from ivr.core.flow.intent import Hypothesis
from tests.adapters.understanding.understanding_house import CACHE, house


def vector(number: float) -> Vector:
    return np.full(4, number, np.float32)


def test_what_was_kept_is_found_by_the_next_one(tmp_path: Path) -> None:
    KeptVectors(tmp_path, "a").add([("where is my order", vector(1)), ("the watch is broken", vector(2))])
    KeptVectors(tmp_path, "a").add([("a bill", vector(3))])
    found = KeptVectors(tmp_path, "a")
    kept = [found.get(text) for text in ("where is my order", "the watch is broken", "a bill")]
    assert [one is not None and one.tolist() for one in kept] == [[1] * 4, [2] * 4, [3] * 4]
    assert found.get("something else") is None
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_another_encoder_s_are_of_no_use(tmp_path: Path) -> None:
    KeptVectors(tmp_path, "a").add([("a bill", vector(1))])
    other = KeptVectors(tmp_path, "b")
    assert other.get("a bill") is None
    other.add([("a bill", vector(2))])
    assert KeptVectors(tmp_path, "a").get("a bill") is None


@pytest.mark.parametrize("broken", [b"", b"PK", b"no archive at all"])
def test_a_file_that_is_cut_short_is_made_anew(tmp_path: Path, broken: bytes) -> None:
    KeptVectors(tmp_path, "a").add([("a bill", vector(1))])
    whole = (tmp_path / FILE).read_bytes()
    for content in (broken, whole[: len(whole) // 2], whole[:-30]):
        (tmp_path / FILE).write_bytes(content)
        assert KeptVectors(tmp_path, "a").get("a bill") is None
    KeptVectors(tmp_path, "a").add([("a bill", vector(1))])
    assert KeptVectors(tmp_path, "a").get("a bill") is not None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path / "there is none", "a")
    kept.add([("a bill", vector(1))])
    assert kept.get("a bill") is not None


def test_the_last_ones_are_kept(tmp_path: Path) -> None:
    kept = KeptVectors(tmp_path, "a")
    kept.add((f"phrase {number}", vector(number)) for number in range(MOST + 2))
    found = KeptVectors(tmp_path, "a")
    assert found.get("phrase 1") is None and found.get(f"phrase {MOST + 1}") is not None


def test_dialogues_are_kept_and_what_callers_say_is_not(encoder: SentenceEncoder, tmp_path: Path) -> None:
    for file in CACHE.iterdir():
        if file.name != FILE:
            (tmp_path / file.name).symlink_to(file)
    intents, said = house(), [Hypothesis("my neighbour's parcel is the wrong one")]
    first = Understanding.train(intents, own := SentenceEncoder(tmp_path))
    written = (tmp_path / FILE).read_bytes()
    understood = first.understand(said, "en")
    assert (tmp_path / FILE).read_bytes() == written
    kept = KeptVectors(tmp_path, own.model)
    phrase = "where is my parcel"
    assert kept.get(said[0].text) is None and kept.get(phrase) is not None
    again = SentenceEncoder(tmp_path)
    assert np.array_equal(again.encode([phrase]), encoder.encode([phrase]))
    assert Understanding.train(intents, again).understand(said, "en") == understood
