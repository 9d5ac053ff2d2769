"""The network in PyTorch: a small TDNN-F without its orthogonality.

``tools.speech_model.acoustic`` writes it for Kaldi.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

from tools.speech_model.acoustic import FEATURES, RESIDUAL, SUBSAMPLING


class Tdnn(nn.Module):
    """(batch, frames, 40) → (batch, frames / 3, distributions).

    Layer 1 sees frames -2 to 2, layer 2 (every third frame) -1 to 1; each further layer a narrow linear map of
    three frames ``dilation`` apart, then a wide one with ReLU and batch normalisation, added to a share of its input.
    """

    def __init__(
        self, num_pdfs: int, hidden: int = 256, bottleneck: int = 96, dilations: Sequence[int] = (1, 1, 1, 2, 2)
    ) -> None:
        super().__init__()
        self.cfg = {"num_pdfs": num_pdfs, "hidden": hidden, "bottleneck": bottleneck, "dilations": tuple(dilations)}
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("istd", torch.ones(FEATURES))
        self.l1 = nn.Conv1d(FEATURES, hidden, 5)
        self.bn1 = self._norm(hidden)
        self.l2 = nn.Conv1d(hidden, hidden, 3, stride=SUBSAMPLING)
        self.bn2 = self._norm(hidden)
        self.lin = nn.ModuleList(nn.Conv1d(hidden, bottleneck, 3, dilation=d) for d in dilations)
        self.aff = nn.ModuleList(nn.Conv1d(bottleneck, hidden, 1) for _ in dilations)
        self.bns = nn.ModuleList(self._norm(hidden) for _ in dilations)
        self.out = nn.Conv1d(hidden, num_pdfs, 1)
        self.context = 2 + 1 + SUBSAMPLING * sum(dilations)

    @staticmethod
    def _norm(size: int) -> nn.BatchNorm1d:
        return nn.BatchNorm1d(size, affine=False, eps=1e-3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The edges are padded by repetition, as Kaldi does it; the first answer is that of frame 0."""
        frames = x.shape[1]
        answers = (frames + SUBSAMPLING - 1) // SUBSAMPLING
        right = self.context + (answers - 1) * SUBSAMPLING + 1 - frames
        x = ((x - self.mean) * self.istd).transpose(1, 2)
        before, after = x[:, :, :1].expand(-1, -1, self.context), x[:, :, -1:].expand(-1, -1, max(right, 0))
        x = torch.cat([before, x, after], 2)
        x = self.bn1(functional.relu(self.l1(x)))
        x = self.bn2(functional.relu(self.l2(x)))
        for narrow, wide, norm in zip(self.lin, self.aff, self.bns, strict=True):
            reach = narrow.dilation[0]
            x = norm(functional.relu(wide(narrow(x)))) + RESIDUAL * x[:, :, reach:-reach]
        return self.out(x).transpose(1, 2)
