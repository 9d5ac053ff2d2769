"""Batches of utterances of like length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from tools.speech_model.training.store import Entry

FRAMES = 16_000
"""About how many frames a batch has."""
_JITTER = np.array([1.5, 1.0, 0.8, 0.6, 0.5, 0.4] + [0.3] * 34) * 4.0
"""How far the cepstra of an utterance may be moved."""


def batches(entries: Sequence[Entry], random: np.random.Generator) -> list[list[int]]:
    """Lists of places in ``entries``, in random order."""
    order = sorted(range(len(entries)), key=lambda place: entries[place][4] + random.uniform(-15, 15))
    made: list[list[int]] = []
    batch: list[int] = []
    for place in order:
        if batch and (len(batch) + 1) * entries[place][4] > FRAMES:
            made.append(batch)
            batch = []
        batch.append(place)
    made.append(batch)
    random.shuffle(made)
    return made


def collate(
    chosen: Sequence[Entry], frames: np.ndarray, shift: int, jitter: np.random.Generator | None = None
) -> tuple[torch.Tensor, list[int]]:
    """The features of a batch from frame ``shift`` on, and how many answers each utterance has.

    ``jitter`` gives every utterance a channel (an offset a cepstrum) and a dynamic of its own, and two short masks.
    """
    longest = max(entry[4] for entry in chosen) - shift
    made = np.empty((len(chosen), longest, 40), np.float32)
    answers = []
    for row, (_, _, _, offset, count) in zip(made, chosen, strict=True):
        own = frames[offset + shift : offset + count]
        row[: len(own)] = own
        row[len(own) :] = own[-1]
        if jitter is not None:
            mean = row[: len(own)].mean(0)
            row[:] = (row - mean) * jitter.uniform(0.85, 1.15) + mean + jitter.normal(0, 1, 40) * _JITTER
            for _ in range(2):
                width = int(jitter.integers(0, 9))
                start = int(jitter.integers(0, max(1, len(own) - width)))
                row[start : start + width] = mean
        answers.append((len(own) + 2) // 3)
    return torch.from_numpy(made), answers


def rate(step: int, total: int, peak: float, warm_up: int) -> float:
    """The learning rate: up, then down along a cosine."""
    return peak * (min(1.0, (step + 1) / warm_up) * (0.5 + 0.5 * np.cos(np.pi * step / total)) + 0.01)
