"""Turns a sentence into a vector whose direction is its meaning (English; all-MiniLM-L6-v2, int8, on the processor)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ivr.adapters.understanding.kept_vectors import KeptVectors

Vectors = npt.NDArray[np.float32]

WIDTH = 384
MAX_TOKENS = 64
"""About 50 words; what a caller says after them no longer changes the vector."""
REMEMBERED = 2048
"""How many texts keep their vector (1.5 kB each): partial results and re-read dialplans repeat themselves."""


class EncoderMissingError(FileNotFoundError):
    """There is no encoder in the directory; the message says how to get it."""


class SentenceEncoder:
    """The sentence encoder, loaded; safe to use from several threads.

    Texts are run one at a time on one thread (about 1 ms each): in an int8 batch a text's vector would depend on its
    neighbours, and one core gains nothing by batching.
    """

    def __init__(self, directory: Path) -> None:
        """Load ``model.int8.onnx`` and ``tokenizer.json`` from ``directory``.

        Raises EncoderMissingError when they are not there.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        files = {name: directory / name for name in ("model.int8.onnx", "tokenizer.json", "manifest.json")}
        for file in files.values():
            if not file.is_file():
                raise EncoderMissingError(f"{file} is missing: run python -m ivr.provision.encoder")
        manifest = json.loads(files["manifest.json"].read_text(encoding="utf-8"))
        self.name = str(manifest["name"])
        """What it is called in reports."""
        self.model = str(manifest["files"]["model.int8.onnx"])
        """Its SHA-256."""
        self._kept = KeptVectors(directory, self.model)
        self._tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Warnings about the machine's devices are of no use to an operator.
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(files["model.int8.onnx"]), options, providers=["CPUExecutionProvider"]
        )
        self._vector = lru_cache(maxsize=REMEMBERED)(self._run)

    @classmethod
    def find(cls, directory: Path) -> SentenceEncoder | None:
        """Load the encoder, or give None when there is none in ``directory``."""
        try:
            return cls(directory)
        except EncoderMissingError:
            return None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode ``texts`` into an array (len(texts), 384) of float32, every row of unit length.

        A text's vector is the same whatever it is encoded with.
        """
        if not texts:
            return np.zeros((0, WIDTH), np.float32)
        return np.stack([self._vector(text) for text in texts])

    def keep(self, phrases: Sequence[str]) -> None:
        """Keep the vectors of ``phrases`` on disk for the next process: what operators wrote, nothing that a caller said."""
        self._kept.add((text, self._vector(text)) for text in phrases)

    def _run(self, text: str) -> Vectors:
        if (kept := self._kept.get(text)) is not None:
            return kept
        ids = np.array(self._tokenizer.encode(text).ids, dtype=np.int64)
        vector: Vectors = self._session.run(["vector"], {"ids": ids})[0]
        vector.setflags(write=False)
        return vector
