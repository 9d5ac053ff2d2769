"""Where each phone of the training speech is: from flite's own times, then from the network trained so far."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch

from tools.speech_model import parts
from tools.speech_model.lexicon import Lexicon, lexicon
from tools.speech_model.phones import SILENCE
from tools.speech_model.sentences import Templates
from tools.speech_model.training.align import transcript, viterbi
from tools.speech_model.training.store import (
    Alignment,
    Entry,
    Segment,
    checkpoint,
    features,
    phone_set,
    utterances,
    write_json,
)  # fmt: skip

_QUIET = 5.0
"""A frame so much (log energy) below the loud ones is a pause; the speech is clean here."""
_NOT_SILENCE = -12.0
_STATISTICS = 400


def from_flite(work: Path) -> Alignment:
    """The times that flite itself says."""
    phones = phone_set()
    made: Alignment = {}
    for number, said in enumerate(utterances(work)):
        segments: list[Segment] = []
        start = 0.0
        for phone, end in said.get("seg", ()):
            segments.append((SILENCE if phone == "pau" else phone, round(start, 4), end))
            start = end
        if segments and all(phone == SILENCE or phone in phones.index for phone, _, _ in segments):
            made[number] = segments
    return made


def _loud(frames: np.ndarray) -> np.ndarray:
    energy = frames[:, 0] / frames.shape[1] ** 0.5
    return energy > np.percentile(energy, 95) - _QUIET


@dataclass
class Aligner:
    """One network's alignments. ``like_flite`` gives every utterance the mean and variance of flite's speech: so a
    network trained on flite alone can align espeak-ng, four fifths of which it would get wrong otherwise."""

    work: Path
    path: Path
    like_flite: bool

    def ready(self) -> None:
        """Load everything, once a process."""
        torch.set_num_threads(1)
        self.phones = phone_set()
        self.network, saved = checkpoint(self.path)
        self.prior = saved["prior"]
        self.said = utterances(self.work)
        self.entries, self.frames = features(self.work, "clean")
        words = {word for said in self.said for word in said["text"].split()}
        self.lexicon: Lexicon = lexicon(words, Templates.read().pronunciations, parts.get().dictionary)
        self.columns = {phone: place for place, phone in enumerate((SILENCE, *self.phones.base))}
        self.target = self._flite() if self.like_flite else None

    def _flite(self) -> tuple[np.ndarray, np.ndarray]:
        own = [entry for entry in self.entries if self.said[entry[0]]["engine"] == "flite"][:_STATISTICS]
        spoken = [self._of(entry) for entry in own]
        means, deviations = zip(*((x[_loud(x)].mean(0), x[_loud(x)].std(0)) for x in spoken), strict=True)
        return np.mean(means, 0), np.mean(deviations, 0)

    def _of(self, entry: Entry) -> np.ndarray:
        return self.frames[entry[3] : entry[3] + entry[4]].astype(np.float32)

    def one(self, entry: Entry) -> tuple[int, list[Segment] | None, float]:
        """The alignment of one utterance and its score."""
        x = self._of(entry)
        loud = _loud(x)
        if self.target is not None:
            mean, deviation = self.target
            x = (x - x[loud].mean(0)) / x[loud].std(0) * deviation + mean
        scores = np.zeros((len(x), self.phones.pdf_count), np.float32)
        with torch.no_grad():
            for shift in range(3):  # the network answers every third frame: asked three times it answers for all
                answers = self.network(torch.from_numpy(x)[None, shift:])[0].log_softmax(-1).numpy()
                scores[shift::3] = answers[: len(scores[shift::3])]
        share = np.exp(scores)
        prior = np.log(self.prior[0::2] + self.prior[1::2])
        by_phone = np.log(share[:, 0::2] + share[:, 1::2] + 1e-6) - 0.7 * prior
        by_phone[loud, 0] = _NOT_SILENCE
        words = self.said[entry[0]]["text"].split()
        found, score = viterbi(by_phone, transcript(words, self.lexicon), self.columns)
        if found is None:
            return entry[0], None, score
        return (
            entry[0],
            [(p, round(a * 0.01 + (0.0125 if a else 0), 4), round(b * 0.01 + 0.0125, 4)) for p, a, b in found],
            score,
        )


_aligner: Aligner


def _begin(aligner: Aligner) -> None:
    global _aligner
    _aligner = aligner
    _aligner.ready()


def _next(entry: Entry) -> tuple[int, list[Segment] | None, float]:
    return _aligner.one(entry)


def realign(
    work: Path, network: Path, out: Path, least: float, like_flite: bool = False, keep: Alignment | None = None
) -> None:
    """Align everything with a network, drop what scores below ``least``; what ``keep`` has stays as it is there."""
    made: Alignment = {}
    entries, _ = features(work, "clean")
    with Pool(2, _begin, (Aligner(work, network, like_flite),)) as pool:
        for number, segments, score in pool.imap_unordered(_next, entries, chunksize=32):
            if segments is not None and score >= least:
                made[number] = segments
    write_json(out, made | (keep or {}))
    print(f"{out.name}: {len(made)} of {len(entries)} aligned")
