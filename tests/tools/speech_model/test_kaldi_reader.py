"""What is written as Kaldi's file is what the network is: read back, it is the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tools.speech_model import acoustic
from tools.speech_model.kaldi_reader import components, network
from tools.speech_model.phones import graph_phones

BUNDLED = Path("audio/models/bundled-en/am/final.mdl")


def test_network_that_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "final.mdl"
    acoustic.write(path, graph_phones(), acoustic.Network())
    back = network(path)
    with np.load(acoustic.TRAINED) as stored:
        assert set(back) == set(stored.files)
        for name in stored.files:
            was, now = stored[name].astype(np.float64), back[name].astype(np.float64)
            assert was.shape == now.shape, name
            span = was.max() - was.min()
            assert np.abs(was - now).max() <= 4e-3 * span + 1e-6, name


def test_the_bundled_model_has_the_network_that_is_kept_beside_it(_from_the_root: None, tmp_path: Path) -> None:
    path = tmp_path / "final.mdl"
    acoustic.write(path, graph_phones(), acoustic.Network())
    assert path.read_bytes() == BUNDLED.read_bytes(), "rebuild the model: python -m tools.speech_model.build"


def test_unk_has_a_constant_score() -> None:
    mapping = components(BUNDLED)[-1]
    trained = acoustic.Network().pdf_count
    assert np.allclose(mapping["LinearParams"][:trained], np.eye(trained), atol=1e-4)
    assert np.allclose(mapping["LinearParams"][trained:], 0, atol=1e-4)
    assert np.allclose(mapping["BiasParams"][trained:], acoustic.GARBAGE_LEVEL)
