"""Reads the network back out of a Kaldi am/final.mdl, as far as ``kaldi_file`` writes one.

``python -m tools.speech_model.kaldi_reader MODEL/am/final.mdl --out acoustic.npz`` takes the trained network out of any
model of this shape, so that it can be built again with other words. The weights come back as they were but for the
rounding of 16-bit matrices; the normalisation of the input cannot be told apart from the first layer, so that of
``acoustic.npz`` is taken.
"""

from __future__ import annotations

import argparse
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.speech_model.acoustic import EPSILON, TRAINED

Array = npt.NDArray[np.float64]
Component = dict[str, Array]
"""Its numbers by the name of their field."""
_LEVELS = 65535


class KaldiReader:
    """A binary Kaldi file, read from some place on."""

    def __init__(self, raw: bytes, at: int) -> None:
        self._raw = raw
        self._at = at

    def token(self) -> str:
        """A mark such as <Nnet3>, or a name."""
        end = self._raw.index(b" ", self._at)
        token, self._at = self._raw[self._at : end].decode("ascii"), end + 1
        return token

    def _take(self, form: str) -> tuple[float, ...]:
        values = struct.unpack_from(form, self._raw, self._at)
        self._at += struct.calcsize(form)
        return values

    def int32(self) -> int:
        """A whole number; its width stands before it."""
        width, value = self._take("<bi")
        assert width == 4, f"a number of {width} bytes at {self._at}"
        return int(value)

    def numbers(self) -> Array:
        """A vector, a matrix or a single number, whichever comes; of single numbers nothing is kept."""
        match self._raw[self._at : self._at + 1]:
            case b"F":
                assert self.token() == "FV"
                return self._floats(self.int32())
            case b"C":
                assert self.token() == "CM2"
                low, span, rows, columns = self._take("<ffii")
                levels = np.frombuffer(self._raw, "<u2", int(rows * columns), self._at)
                self._at += levels.nbytes
                matrix: Array = (levels.astype(np.float64) * (span / _LEVELS) + low).reshape(int(rows), int(columns))
                return matrix
            case width:
                self._at += 1 + width[0]
                return np.zeros(0)

    def _floats(self, count: int) -> Array:
        values = np.frombuffer(self._raw, "<f4", count, self._at).astype(np.float64)
        self._at += 4 * count
        return values

    def component(self) -> Component:
        """One component up to the mark of its end."""
        kind = self.token()
        fields: Component = {}
        while (name := self.token()) != f"</{kind[1:]}":
            fields[name.strip("<>")] = self.numbers()
        return fields


def components(path: Path) -> list[Component]:
    """The components of a network that have numbers, in order."""
    raw = path.read_bytes()
    reader = KaldiReader(raw, raw.index(b"<NumComponents>"))
    reader.token()
    found = []
    for _ in range(reader.int32()):
        reader.token(), reader.token()  # the mark of its name, and its name
        found.append(reader.component())
    return [one for one in found if one.keys() & {"LinearParams", "Scales", "Bias"}]


def network(path: Path, like: Path = TRAINED) -> dict[str, npt.NDArray[Any]]:
    """The weights under the names that the training gives them; ``like`` has the shape and the input's normalisation."""
    parts = iter(components(path))
    with np.load(like) as stored:
        shape = {name: stored[name] for name in ("mean", "istd", "dilations")}
    found: dict[str, npt.NDArray[Any]] = dict(shape)

    def affine(name: str, frames: int) -> None:
        part = next(parts)
        matrix, bias = part["LinearParams"], part["BiasParams"]
        if name == "l1":  # see Network.first, which folds it in
            bias = bias + matrix @ np.tile(shape["mean"], frames)
            matrix = matrix / np.tile(shape["istd"], frames)
        weight = matrix.reshape(len(matrix), frames, -1).transpose(0, 2, 1)
        found[f"{name}.weight"], found[f"{name}.bias"] = weight.astype(np.float16), bias.astype(np.float32)

    def norm(name: str) -> None:
        scale, offset = next(parts)["Scales"], next(parts)["Bias"]
        found[f"{name}.running_mean"] = (-offset / scale).astype(np.float32)
        found[f"{name}.running_var"] = (scale**-2 - EPSILON).astype(np.float32)

    for number, frames in ((1, 5), (2, 3)):
        affine(f"l{number}", frames)
        norm(f"bn{number}")
    for number in range(len(shape["dilations"])):
        affine(f"lin.{number}", 3)
        affine(f"aff.{number}", 1)
        norm(f"bns.{number}")
    affine("out", 1)
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.speech_model.kaldi_reader", description=__doc__)
    parser.add_argument("model", type=Path, help="am/final.mdl of a model of this shape")
    parser.add_argument("--out", type=Path, default=TRAINED, help="where the network is written")
    chosen = parser.parse_args()
    np.savez_compressed(chosen.out, allow_pickle=False, **network(chosen.model))


if __name__ == "__main__":
    main()
