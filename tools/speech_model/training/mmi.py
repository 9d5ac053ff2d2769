"""Lattice-free MMI: the right phone sequence against all others, so that the network is good at telling them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tools.speech_model.phones import SILENCE, PhoneSet
from tools.speech_model.training.align import labels
from tools.speech_model.training.batches import batches, collate, rate
from tools.speech_model.training.denominator import log_z
from tools.speech_model.training.store import Alignment, alignment, checkpoint, features, phone_set

_SLACK = 2
"""How many answers a phone may be off its place in the alignment."""
_CE_WEIGHT, _L2 = 0.2, 5e-4
_NEVER, _OUTSIDE = -1e5, -1e4
_IGNORED = -100


@dataclass
class PhoneModel:
    """The phones' own trigram, interpolated, as the alignments have them."""

    trigram: torch.Tensor
    start: torch.Tensor
    log_bigram: np.ndarray

    @classmethod
    def of(cls, aligned: Alignment, phones: PhoneSet) -> PhoneModel:
        """Count."""
        places = {phone: place for place, phone in enumerate((SILENCE, *phones.base))}
        triples = np.zeros((len(places),) * 3)
        firsts = np.ones(len(places))
        for segments in aligned.values():
            sequence = [0, *(places[phone] for phone, _, _ in segments), 0]
            firsts[sequence[1]] += 1
            np.add.at(triples, (sequence[:-2], sequence[1:-1], sequence[2:]), 1)
        pairs = triples.sum(0)
        single = (pairs.sum(0) + 1) / (pairs.sum(0) + 1).sum()
        bigram = (pairs + 20 * single) / (pairs.sum(1, keepdims=True) + 20)
        trigram = (triples + 10 * bigram[None]) / (triples.sum(2, keepdims=True) + 10)
        as_tensor = torch.tensor(trigram, dtype=torch.float32)
        return cls(as_tensor, torch.tensor(firsts / firsts.sum(), dtype=torch.float32), np.log(bigram))


@dataclass
class Numerator:
    """The right phone chains of a batch, each phone near its place."""

    entering: torch.Tensor
    mask: torch.Tensor
    lengths: torch.Tensor
    costs: torch.Tensor

    @classmethod
    def of(cls, frame_labels: Sequence[np.ndarray], frames: int, log_bigram: np.ndarray) -> Numerator:
        """From the labels of the frames: even ones enter a phone."""
        chains = [(np.flatnonzero(own % 2 == 0), own[own % 2 == 0]) for own in frame_labels]
        longest = max(len(pdfs) for _, pdfs in chains)
        entering = torch.zeros(len(chains), longest, dtype=torch.long)
        mask = np.full((len(chains), frames, longest), _OUTSIDE, np.float32)
        costs = np.zeros((len(chains), longest), np.float32)
        time = np.arange(frames)[:, None]
        for row, ((starts, pdfs), own) in enumerate(zip(chains, frame_labels, strict=True)):
            count = len(pdfs)
            entering[row, :count] = torch.from_numpy(pdfs)
            ends = np.append(starts[1:], len(own))
            near = (time >= starts[None] - _SLACK) & (time < ends[None] + _SLACK)
            mask[row, :, :count] = np.where(near, 0, _OUTSIDE)
            costs[row, 1:count] = log_bigram[pdfs[:-1] // 2, pdfs[1:] // 2]
        lengths = torch.tensor([len(pdfs) for _, pdfs in chains])
        return cls(entering, torch.from_numpy(mask), lengths, torch.from_numpy(costs))

    def log_likelihood(self, outputs: torch.Tensor, answers: Sequence[int]) -> torch.Tensor:
        """How likely the right chain is, summed over where its phones may begin."""
        batch, frames, _ = outputs.shape
        longest = self.entering.shape[1]
        index = self.entering[:, None, :].expand(batch, frames, longest)
        enter = outputs.gather(2, index) + self.mask
        stay = outputs.gather(2, index + 1) + self.mask
        first = torch.full((batch, longest), _NEVER)
        first[:, 0] = 0
        alpha = first + enter[:, 0]
        length = torch.tensor(answers)
        nothing = torch.full((batch, 1), _NEVER)
        for t in range(1, frames):
            coming = torch.cat([nothing, alpha[:, :-1]], 1) + self.costs + enter[:, t]
            now = torch.logaddexp(coming, alpha + stay[:, t])
            alpha = torch.where((t < length)[:, None], now, alpha)
        return alpha.gather(1, (self.lengths - 1)[:, None])[:, 0]


def train(work: Path, aligned: Path, start: Path, out: Path, epochs: float, peak: float | None = None) -> None:
    """Go on from ``start`` (cross entropy or MMI) and write a checkpoint."""
    torch.set_num_threads(2)
    phones = phone_set()
    entries, frames = features(work, "feats")
    known = alignment(aligned)
    entries = [entry for entry in entries if entry[0] in known]
    model = PhoneModel.of(known, phones)
    random = np.random.default_rng(1)
    torch.manual_seed(1)
    network, saved = checkpoint(start)
    network.train()
    beside = nn.Conv1d(network.cfg["hidden"], phones.pdf_count, 1)
    beside.load_state_dict(saved.get("xent") or network.out.state_dict())
    if "xent" not in saved:  # posteriors become scaled likelihood ratios
        with torch.no_grad():
            network.out.bias -= torch.tensor(np.log(saved["prior"]), dtype=torch.float32) * 0.8
            network.out.weight *= 0.4
            network.out.bias *= 0.4
    peak = peak or (6e-4 if "xent" in saved else 1e-3)
    trunk: dict[str, torch.Tensor] = {}
    network.out.register_forward_pre_hook(lambda _, given: trunk.__setitem__("x", given[0]))
    parameters = [*network.parameters(), *beside.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1e-4)
    total = max(1, int(len(batches(entries, random)) * epochs))
    waiting: list[list[int]] = []
    for step in range(total):
        waiting = waiting or batches(entries, random)
        chosen = [entries[place] for place in waiting.pop()]
        for group in optimiser.param_groups:
            group["lr"] = rate(step, total, peak, 50)
        shift = int(random.integers(0, 3))
        x, answers = collate(chosen, frames, shift)
        wanted = torch.full((len(chosen), (x.shape[1] + 2) // 3), _IGNORED)
        frame_labels = []
        for row, (number, scale, lead, _, count), answered in zip(wanted, chosen, answers, strict=True):
            own = labels(known[number], scale, lead, count, phones, shift)[:answered]
            row[: len(own)] = torch.from_numpy(own)
            frame_labels.append(own)
        numerator = Numerator.of(frame_labels, wanted.shape[1], model.log_bigram)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = network(x)
            logits = beside(trunk["x"]).transpose(1, 2)
        outputs = outputs.float()
        right = numerator.log_likelihood(outputs, answers)
        usable = right > _OUTSIDE / 2
        spent = (torch.tensor(answers, dtype=torch.float32) * usable).sum()
        objective = ((log_z(outputs, answers, model.trigram, model.start) - right) * usable).sum() / spent
        entropy = functional.cross_entropy(logits.float().flatten(0, 1), wanted.flatten(), ignore_index=_IGNORED)
        loss = objective + _CE_WEIGHT * entropy + _L2 * (outputs[wanted >= 0] ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        if step % 50 == 49 or step == total - 1:
            print(f"{out.name} {step + 1}/{total}: -MMI {objective.item():.4f}, CE {entropy.item():.3f}", flush=True)
    made = {"state": network.state_dict(), "cfg": network.cfg, "prior": saved["prior"], "xent": beside.state_dict()}
    torch.save(made, out)
