"""The trained network: from acoustic.npz (numpy, half precision) to Kaldi's am/final.mdl."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tools.speech_model import kaldi_file
from tools.speech_model.kaldi_file import Component, KaldiFile
from tools.speech_model.phones import PhoneSet

TRAINED = Path(__file__).parent / "acoustic.npz"
FEATURES = 40
SUBSAMPLING = 3
"""The network answers once for three frames of 10 ms."""
RESIDUAL = 0.66
"""How much of a layer's input is added to its output, as in Kaldi's tdnnf-layer."""
GARBAGE_LEVEL = -3.25
"""Where the best phones of a grammar are less likely than this on average, [unk] wins.

Lower, and whole sentences are taken for a "yes" or a "no"; higher, and digits of unclear voices are lost.
"""
EPSILON = 1e-3
"""Of the batch normalisations, as they were trained."""

Array = npt.NDArray[np.float64]


class Network:
    """The layers of the trained network, as numpy arrays under the names that the training gave them."""

    def __init__(self, path: Path = TRAINED) -> None:
        with np.load(path) as stored:
            self._stored = {name: stored[name].astype(np.float64) for name in stored.files}
        self.dilations = tuple(int(d) for d in self._stored.pop("dilations"))
        self.hidden = len(self._stored["l1.bias"])
        self.pdf_count = len(self._stored["out.bias"])

    def weights(self, layer: str) -> tuple[Array, Array]:
        """The matrix of a layer over its spliced frames, offset after offset, and its bias."""
        convolution = self._stored[f"{layer}.weight"]
        return convolution.transpose(0, 2, 1).reshape(len(convolution), -1), self._stored[f"{layer}.bias"]

    def first(self) -> tuple[Array, Array]:
        """The first layer with the normalisation of its input folded in."""
        matrix, bias = self.weights("l1")
        repeats = matrix.shape[1] // FEATURES
        matrix = matrix * np.tile(self._stored["istd"], repeats)
        return matrix, bias - matrix @ np.tile(self._stored["mean"], repeats)

    def norm(self, layer: str) -> tuple[Array, Array]:
        """A batch normalisation as a scale and an offset."""
        scale = 1.0 / np.sqrt(self._stored[f"{layer}.running_var"] + EPSILON)
        return scale, -self._stored[f"{layer}.running_mean"] * scale


@dataclass(slots=True)
class _Plan:
    """The network as Kaldi wants it: lines of configuration and components."""

    config: list[str]
    components: list[tuple[str, Component]]

    def add(self, name: str, component: Component, source: str) -> str:
        self.components.append((name, component))
        self.config.append(f"component-node name={name} component={name} input={source}")
        return name

    def layer(self, name: str, affine: tuple[Array, Array], norm: tuple[Array, Array], source: str) -> str:
        """Affine, ReLU, batch normalisation."""
        size = len(affine[1])
        last = self.add(f"{name}.affine", kaldi_file.affine(*affine), source)
        last = self.add(f"{name}.relu", kaldi_file.nonlinear("RectifiedLinearComponent", size), last)
        last = self.add(f"{name}.scale", kaldi_file.fixed("FixedScaleComponent", "Scales", norm[0]), last)
        return self.add(f"{name}.norm", kaldi_file.fixed("FixedBiasComponent", "Bias", norm[1]), last)


def _spliced(source: str, offsets: tuple[int, ...]) -> str:
    return "Append(" + ", ".join(source if o == 0 else f"Offset({source}, {o})" for o in offsets) + ")"


def write(path: Path, phones: PhoneSet, net: Network) -> None:
    """Write am/final.mdl.

    ``phones`` has one phone more than the network was trained with, that of [unk]: its two distributions are a constant.
    """
    plan = _Plan([f"input-node name=input dim={FEATURES}"], [])
    last = plan.layer("l1", net.first(), net.norm("bn1"), _spliced("input", (-2, -1, 0, 1, 2)))
    last = plan.layer("l2", net.weights("l2"), net.norm("bn2"), _spliced(last, (-1, 0, 1)))
    for number, dilation in enumerate(net.dilations):
        name, reach = f"t{number}", dilation * SUBSAMPLING
        narrow = kaldi_file.affine(*net.weights(f"lin.{number}"))
        small = plan.add(f"{name}.linear", narrow, _spliced(last, (-reach, 0, reach)))
        wide = plan.layer(name, net.weights(f"aff.{number}"), net.norm(f"bns.{number}"), small)
        last = plan.add(f"{name}.sum", kaldi_file.passing(net.hidden), f"Sum({wide}, Scale({RESIDUAL}, {last}))")
    last = plan.add("output.affine", kaldi_file.affine(*net.weights("out")), last)
    last = plan.add("output.logsoftmax", kaldi_file.nonlinear("LogSoftmaxComponent", net.pdf_count), last)
    untrained = phones.pdf_count - net.pdf_count
    chosen = np.vstack([np.eye(net.pdf_count), np.zeros((untrained, net.pdf_count))])
    level = np.concatenate([np.zeros(net.pdf_count), np.full(untrained, GARBAGE_LEVEL)])
    last = plan.add("output.garbage", kaldi_file.affine(chosen, level), last)
    plan.config.append(f"output-node name=output input={last} objective=linear")
    with KaldiFile(path) as out:
        kaldi_file.transition_model(out, phones)
        kaldi_file.network(out, plan.config, plan.components)
