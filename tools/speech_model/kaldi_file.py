"""Writes Kaldi's binary am/final.mdl: a transition model and an nnet3 network, the few pieces that this model needs."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from tools.speech_model.phones import PhoneSet

Array = npt.NDArray[np.floating]
_LEVELS = 65535


class KaldiFile:
    """A binary Kaldi file being written. Every number carries its width before it; a token ends with a space."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(b"\0B")

    def __enter__(self) -> KaldiFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def text(self, text: str) -> None:
        """Something as it stands."""
        self._file.write(text.encode())

    def token(self, token: str) -> None:
        """A mark such as <Nnet3>."""
        self.text(token + " ")

    def int32(self, *values: int) -> None:
        """Whole numbers, one by one."""
        for value in values:
            self._file.write(b"\4" + struct.pack("<i", value))

    def float32(self, value: float) -> None:
        """A number in single precision."""
        self._file.write(b"\4" + struct.pack("<f", value))

    def double(self, value: float) -> None:
        """A number in double precision."""
        self._file.write(b"\x08" + struct.pack("<d", value))

    def int_vector(self, values: Sequence[int]) -> None:
        """A std::vector<int32>."""
        self.int32(len(values))
        self._file.write(struct.pack(f"<{len(values)}i", *values))

    def vector(self, values: Iterable[float]) -> None:
        """A Vector<float>."""
        packed = np.asarray(list(values), dtype="<f4")
        self._file.write(b"FV ")
        self.int32(len(packed))
        self._file.write(packed.tobytes())

    def matrix(self, values: Array) -> None:
        """A matrix as Kaldi's CompressedMatrix of 16 bits ("CM2"): half the size, no word heard differently."""
        low, span = float(values.min()), float(values.max() - values.min()) or 1.0
        levels = np.round((values - low) / span * _LEVELS).astype("<u2")
        self._file.write(b"CM2 " + struct.pack("<ffii", low, span, *values.shape) + levels.tobytes())


def transition_model(out: KaldiFile, phones: PhoneSet) -> None:
    """The topology: every phone is one state, entered by one distribution, kept by another, left with probability 1/2."""
    out.token("<TransitionModel>")
    out.token("<Topology>")
    out.int_vector(range(1, phones.count + 1))
    out.int_vector([-1] + [0] * phones.count)
    out.int32(-1)  # the extended form: entering and staying have distributions of their own
    out.int32(1, 2)  # one entry of two states
    out.int32(0, 1, 2)  # state 0: forward class 0, self-loop class 1, two transitions
    for state in (0, 1):
        out.int32(state)
        out.float32(0.5)
    out.int32(-1, -1, 0)  # state 1 is final
    out.token("</Topology>")
    out.token("<Tuples>")
    out.int32(phones.count)
    for phone in range(1, phones.count + 1):
        out.int32(phone, 0, *phones.pdfs(phone))
    out.token("</Tuples>")
    out.token("<LogProbs>")
    out.vector([0.0] + [float(np.log(0.5))] * (2 * phones.count))
    out.token("</LogProbs>")
    out.token("</TransitionModel>")


Component = Callable[[KaldiFile], None]
"""Writes one component of a network."""


def affine(weights: Array, bias: Array) -> Component:
    """A matrix and a bias."""

    def write(out: KaldiFile) -> None:
        out.token("<AffineComponent>")
        out.token("<LearningRate>")
        out.float32(0.001)
        out.token("<LinearParams>")
        out.matrix(weights)
        out.token("<BiasParams>")
        out.vector(bias)
        out.token("</AffineComponent>")

    return write


def nonlinear(kind: str, size: int) -> Component:
    """RectifiedLinearComponent or LogSoftmaxComponent."""

    def write(out: KaldiFile) -> None:
        out.token(f"<{kind}>")
        out.token("<Dim>")
        out.int32(size)
        for statistic in ("<ValueAvg>", "<DerivAvg>"):
            out.token(statistic)
            out.vector([])
        for count in ("<Count>", "<NumDimsSelfRepaired>", "<NumDimsProcessed>"):
            out.token(count)
            out.double(0.0)
        out.token(f"</{kind}>")

    return write


def fixed(kind: str, field: str, values: Array) -> Component:
    """FixedScaleComponent (Scales) or FixedBiasComponent (Bias)."""

    def write(out: KaldiFile) -> None:
        out.token(f"<{kind}>")
        out.token(f"<{field}>")
        out.vector(values)
        out.token(f"</{kind}>")

    return write


def passing(size: int) -> Component:
    """A component that changes nothing; a node that sums its inputs needs one."""

    def write(out: KaldiFile) -> None:
        out.token("<NoOpComponent>")
        out.token("<Dim>")
        out.int32(size)
        out.token("<BackpropScale>")
        out.float32(1.0)
        out.token("</NoOpComponent>")

    return write


def network(out: KaldiFile, config: Sequence[str], components: Sequence[tuple[str, Component]]) -> None:
    """The network: its configuration as text, then its components."""
    out.token("<Nnet3>")
    out.text("\n" + "\n".join(config) + "\n\n")  # the empty line ends the configuration
    out.token("<NumComponents>")
    out.int32(len(components))
    for name, write in components:
        out.token("<ComponentName>")
        out.token(name)
        write(out)
    out.token("</Nnet3>")
    # Kaldi reads the contexts and then finds them out itself
    out.token("<LeftContext>")
    out.int32(0)
    out.token("<RightContext>")
    out.int32(0)
    out.token("<Priors>")
    out.vector([])
