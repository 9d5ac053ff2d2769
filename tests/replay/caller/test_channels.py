"""Two-channel recordings: the caller is on the left, and a corpus that has them the other way round is told so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.adapters.sound.files import BadSound
from ivr.corpus.format import Call, Facts, Said
from ivr.replay.caller.sounds import read_recording

VOICE = (0.3 * np.sin(np.arange(8000) / 3)).astype(np.float32)
SILENCE = np.zeros_like(VOICE)
ALONE = Facts(timing="recorded")
SPEAKS = Facts(timing="recorded", said=(Said(text="my watch is late", from_s=0.1, to_s=0.8),))
PRESSES = Facts(timing="recorded", said=(Said(keys="1"),))


def call(tmp_path: Path, left: np.ndarray, right: np.ndarray | None, facts: Facts) -> Call:
    path = tmp_path / "one.wav"
    soundfile.write(path, left if right is None else np.stack([left, right], axis=1), 8000)
    return Call("one", facts, path)


@pytest.mark.parametrize("facts", [ALONE, SPEAKS])
def test_caller_on_the_wrong_side_is_told(facts: Facts, tmp_path: Path) -> None:
    with pytest.raises(BadSound, match=r"one\.wav: the left channel is silent, and the caller belongs there"):
        read_recording(call(tmp_path, SILENCE, VOICE, facts))


@pytest.mark.parametrize(
    ("left", "right", "facts"),
    [(VOICE, SILENCE, ALONE), (VOICE, VOICE, SPEAKS), (VOICE, None, ALONE), (SILENCE, VOICE, PRESSES),
     (SILENCE, VOICE, Facts(timing="recorded", number="+4930901820"))],
)  # fmt: skip
def test_caller_who_is_where_they_belong_or_known_to_be_silent(
    left: np.ndarray, right: np.ndarray | None, facts: Facts, tmp_path: Path
) -> None:
    assert read_recording(call(tmp_path, left, right, facts))
