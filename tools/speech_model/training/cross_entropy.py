"""Trains the network to name the distribution of every frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from tools.speech_model.training.align import labels
from tools.speech_model.training.batches import batches, collate, rate
from tools.speech_model.training.network import Tdnn
from tools.speech_model.training.store import alignment, checkpoint, features, phone_set, utterances

_IGNORED = -100


def train(
    work: Path, aligned: Path, out: Path, epochs: float, engine: str | None = None, start: Path | None = None
) -> None:
    """Train on what ``aligned`` has (of one engine only, if named) and write a checkpoint."""
    torch.set_num_threads(2)
    phones = phone_set()
    entries, frames = features(work, "feats")
    said = utterances(work)
    known = alignment(aligned)
    entries = [e for e in entries if e[0] in known and (engine is None or said[e[0]]["engine"] == engine)]
    random = np.random.default_rng(0)
    torch.manual_seed(0)
    if start:
        network, _ = checkpoint(start)
    else:
        network = Tdnn(phones.pdf_count)
        sample = frames[np.sort(random.integers(0, len(frames), min(100_000, len(frames))))].astype(np.float32)
        network.mean.copy_(torch.from_numpy(sample.mean(0)))
        network.istd.copy_(torch.from_numpy(1 / sample.std(0)))
    network.train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-4)
    counts = np.ones(phones.pdf_count)
    total = max(1, int(len(batches(entries, random)) * epochs))
    waiting: list[list[int]] = []
    for step in range(total):
        waiting = waiting or batches(entries, random)
        chosen = [entries[place] for place in waiting.pop()]
        for group in optimiser.param_groups:
            group["lr"] = rate(step, total, 1e-3 if start else 2e-3, 60)
        shift = int(random.integers(0, 3))
        x, answers = collate(chosen, frames, shift)
        wanted = torch.full((len(chosen), (x.shape[1] + 2) // 3), _IGNORED)
        for row, (number, scale, lead, _, count), answered in zip(wanted, chosen, answers, strict=True):
            own = labels(known[number], scale, lead, count, phones, shift)[:answered]
            row[: len(own)] = torch.from_numpy(own)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = network(x)
        logits = logits.float()
        loss = functional.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=_IGNORED)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        valid = wanted >= 0
        counts += np.bincount(wanted[valid].numpy(), minlength=phones.pdf_count)
        if step % 50 == 49 or step == total - 1:
            right = float((logits.argmax(-1)[valid] == wanted[valid]).float().mean())
            print(f"{out.name} {step + 1}/{total}: loss {loss.item():.3f}, {right:.3f} of the frames right", flush=True)
    torch.save({"state": network.state_dict(), "cfg": network.cfg, "prior": counts / counts.sum()}, out)
