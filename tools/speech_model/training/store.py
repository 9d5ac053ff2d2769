"""The files of a training run, all in one work folder.

- base.i16, base.json: the speech, 16 kHz, and an entry an utterance (set, engine, voice, text, off, n, seg)
- clean.f16, clean.json: features of the training speech as it is, for alignment
- feats.f16, feats.json: features of augmented copies, for training; entries (utterance, time scale, lead, off, n)
- an alignment: utterance → [(phone, start s, end s), …]
- a checkpoint (*.pt): state, cfg, prior and, after MMI, xent
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tools.speech_model.phones import PHONES, PhoneSet
from tools.speech_model.training.network import Tdnn

Utterance = dict[str, Any]
Entry = tuple[int, float, float, int, int]
Segment = tuple[str, float, float]
Alignment = dict[int, list[Segment]]


def phone_set() -> PhoneSet:
    """The phones that are trained."""
    return PhoneSet(PHONES)


def read_json(path: Path) -> Any:
    """What a JSON file says."""
    return json.loads(path.read_text("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file."""
    path.write_text(json.dumps(value), "utf-8")


def utterances(work: Path) -> list[Utterance]:
    """All synthesised utterances."""
    return read_json(work / "base.json")


def speech(work: Path) -> np.ndarray:
    """All sound, 16 kHz."""
    return np.memmap(work / "base.i16", "<i2", "r")


def features(work: Path, name: str) -> tuple[list[Entry], np.ndarray]:
    """Entries and frames of clean.f16 or feats.f16."""
    frames = np.memmap(work / f"{name}.f16", np.float16, "r").reshape(-1, 40)
    return [tuple(entry) for entry in read_json(work / f"{name}.json")], frames


def alignment(path: Path) -> Alignment:
    """An alignment by utterance."""
    return {int(number): [tuple(s) for s in segments] for number, segments in read_json(path).items()}


def checkpoint(path: Path) -> tuple[Tdnn, dict[str, Any]]:
    """A network ready to be used, and everything that was saved with it."""
    saved = torch.load(path, weights_only=False)
    network = Tdnn(**saved["cfg"])
    network.load_state_dict(saved["state"])
    return network.eval(), saved


def export(path: Path, out: Path) -> None:
    """Write a checkpoint as the acoustic.npz that ``tools.speech_model.build`` reads: weights in half precision."""
    _, saved = checkpoint(path)
    arrays = {name: tensor.numpy() for name, tensor in saved["state"].items() if "num_batches" not in name}
    halved = {name: a.astype(np.float16 if name.endswith("weight") else np.float32) for name, a in arrays.items()}
    np.savez_compressed(out, **halved, dilations=np.array(saved["cfg"]["dilations"]))
