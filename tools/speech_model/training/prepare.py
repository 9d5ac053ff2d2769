"""Features: of the speech as it is, for alignment, and of augmented copies, for training."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from tools.speech_model.training.augment import augment
from tools.speech_model.training.features import mfcc
from tools.speech_model.training.store import Entry, Utterance, speech, utterances, write_json

CLEAN = -1
_SHORTEST = 15

_Made = tuple[int, float, float, np.ndarray]


def _one(work: Path, job: tuple[int, int]) -> _Made:
    """The features of utterance ``job[0]``; its copy ``job[1]`` is the seed of what is done to it."""
    number, copy = job
    sounds, all_said = speech(work), _said(work)
    said = all_said[number]
    sound = np.asarray(sounds[said["off"] : said["off"] + said["n"]])
    if copy == CLEAN:
        plain = resample_poly(sound.astype(np.float32), 1, 2) * 0.3
        return number, 1.0, 0.0, mfcc(np.round(plain)).astype(np.float16)
    random = np.random.default_rng([copy, number])
    other = all_said[int(random.integers(len(all_said)))]
    babble = np.asarray(sounds[other["off"] : other["off"] + other["n"] : 2])
    heard, scale, lead, warp = augment(sound, random, babble)
    return number, scale, lead, mfcc(heard, warp).astype(np.float16)


@functools.cache
def _said(work: Path) -> list[Utterance]:
    return utterances(work)


def prepare(work: Path, name: str, copies: Sequence[int]) -> None:
    """Write NAME.f16 and NAME.json."""
    jobs = [(number, copy) for copy in copies for number in range(len(_said(work)))]
    entries: list[Entry] = []
    offset = 0
    with (work / f"{name}.f16").open("wb") as file, Pool(2) as pool:
        for number, scale, lead, frames in pool.imap(functools.partial(_one, work), jobs, chunksize=32):
            if len(frames) >= _SHORTEST:
                file.write(frames.tobytes())
                entries.append((number, scale, lead, offset, len(frames)))
                offset += len(frames)
    write_json(work / f"{name}.json", entries)
    print(f"{name}: {len(entries)} utterances, {offset / 360_000:.1f} hours")
