"""The whole training: ``python -m tools.speech_model.training.run WORK`` (two cores: about an hour; 10 GB of disc).

Its result is WORK/acoustic.npz; in the place of tools/speech_model/acoustic.npz it is what the model is built from.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.speech_model.training import cross_entropy, mmi
from tools.speech_model.training.prepare import CLEAN, prepare
from tools.speech_model.training.realign import from_flite, realign
from tools.speech_model.training.store import export, write_json
from tools.speech_model.training.synthesis import synthesise


def run(work: Path, flite: int, espeak: int) -> None:
    """Every step in order; flite says where its phones are, so it teaches first and espeak-ng follows."""
    work.mkdir(parents=True, exist_ok=True)
    synthesise(work, flite, espeak)
    prepare(work, "clean", [CLEAN])
    prepare(work, "feats", [0, 1])
    own = from_flite(work)
    write_json(work / "align0.json", own)
    cross_entropy.train(work, work / "align0.json", work / "ce0.pt", 2, engine="flite")
    realign(work, work / "ce0.pt", work / "align1.json", 0.1, like_flite=True, keep=own)
    cross_entropy.train(work, work / "align1.json", work / "ce1.pt", 1.5, start=work / "ce0.pt")
    realign(work, work / "ce1.pt", work / "align2.json", -1.0)
    mmi.train(work, work / "align2.json", work / "ce1.pt", work / "mmi1.pt", 2)
    prepare(work, "feats", [2, 3])
    mmi.train(work, work / "align2.json", work / "mmi1.pt", work / "mmi2.pt", 2)
    export(work / "mmi2.pt", work / "acoustic.npz")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.speech_model.training.run", description=__doc__)
    parser.add_argument("work", type=Path, help="where everything that is made lies")
    parser.add_argument("--flite", type=int, default=8000, help="utterances by flite")
    parser.add_argument("--espeak", type=int, default=8000, help="utterances by espeak-ng")
    chosen = parser.parse_args()
    run(chosen.work, chosen.flite, chosen.espeak)
