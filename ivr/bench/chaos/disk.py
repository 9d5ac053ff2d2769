"""A small disk of the house's own, which can be filled: a tmpfs, where this machine lets us mount one."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

SIZE_MB = 300
"""Room for a database with its log, and the server's journal."""


class Disk:
    """The folder of what the house keeps; ``small`` says whether it has a disk to itself."""

    def __init__(self, folder: Path, small: bool) -> None:
        self.folder = folder
        self.small = small

    @classmethod
    @contextlib.contextmanager
    def mounted(cls, folder: Path) -> Iterator[Disk]:
        """For as long as the block runs."""
        folder.mkdir(mode=0o711)
        words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=711", "tmpfs", str(folder)]
        small = os.geteuid() == 0 and subprocess.run(words, capture_output=True, check=False).returncode == 0
        try:
            yield cls(folder, small)
        finally:
            if small:
                subprocess.run(["umount", "-l", str(folder)], check=False)

    def fill(self) -> None:
        """Not a byte is left."""
        block = bytes(1 << 20)
        with contextlib.suppress(OSError), (self.folder / "full").open("wb", buffering=0) as file:
            while file.write(block) == len(block):
                pass

    def free(self) -> None:
        """There is room again."""
        (self.folder / "full").unlink(missing_ok=True)
