"""The vectors of the dialogues' phrases, kept beside the encoder: a server, a check, a typed call need not work them out anew.

A thousand phrases take three seconds of a core. Only what operators wrote is kept, by its SHA-256; never what callers say.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
FILE = "phrases.npz"
MOST = 8192
"""Phrases that are kept, the last ones; 1.6 kB each."""


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class KeptVectors:
    """The vectors that the encoder in ``directory`` gave for phrases; ``model`` is its SHA-256: another's are of no use to it."""

    def __init__(self, directory: Path, model: str) -> None:
        self._file, self._model = directory / FILE, model
        self._vectors: dict[bytes, Vector] = self._read()

    def get(self, text: str) -> Vector | None:
        """The vector of a phrase that was kept."""
        return self._vectors.get(_key(text))

    def add(self, phrases: Iterable[tuple[str, Vector]]) -> None:
        """Keep these, too. A folder in which this user may not write keeps none, which costs time and nothing else."""
        more = {_key(text): vector for text, vector in phrases}
        if more.keys() <= self._vectors.keys():
            return
        # another process may have kept its own meanwhile
        kept = [*(self._read() | self._vectors | more).items()][-MOST:]
        self._vectors = dict(kept)
        try:
            self._write()
        except OSError:
            return

    def _read(self) -> dict[bytes, Vector]:
        try:
            with np.load(self._file, allow_pickle=False) as found:
                if str(found["model"]) != self._model:
                    return {}
                keys, vectors = found["keys"].tobytes(), found["vectors"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # none yet, or cut short: it is made anew
            return {}
        vectors.setflags(write=False)
        return {keys[32 * at : 32 * at + 32]: vector for at, vector in enumerate(vectors)}

    def _write(self) -> None:
        keys = np.frombuffer(b"".join(self._vectors), np.uint8)
        with NamedTemporaryFile(dir=self._file.parent, prefix=".phrases-", delete=False) as file:
            made = Path(file.name)
            try:
                np.savez(file, model=np.array(self._model), keys=keys, vectors=np.stack(list(self._vectors.values())))
                file.flush()
                made.replace(self._file)
            finally:
                made.unlink(missing_ok=True)
