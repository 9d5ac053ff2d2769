"""The time of day as one server has it, set while it runs: libfaketime in front of its C library. Monotonic time stays."""

from __future__ import annotations

from pathlib import Path

from ivr.core.told import Told
from ivr.provision.debian import FAKETIME, get
from ivr.provision.places import CACHE

_PRELOAD = Path(__file__).parent / "preload"
"""A sitecustomize.py lies there."""


class WallClock:
    """By how much a server's clock is wrong, in a file that it reads at every look; ``why_not``: what keeps it from being set."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.why_not: str | None = None
        self._library: Path | None = None
        try:
            self._library = get(FAKETIME, CACHE).path
        except Told as missing:
            self.why_not = str(missing)
        self.set(0)

    def set(self, seconds: int) -> None:
        """From now on it is so far ahead; less than 0: behind."""
        whole = self._file.with_suffix(".new")
        whole.write_text(f"{seconds:+d}\n", encoding="ascii")
        whole.replace(self._file)  # never half of it

    def environment(self) -> dict[str, str]:
        """What the server is started with."""
        if self._library is None:
            return {}
        return {
            "IVR_CHAOS_CLOCK": str(self._library), "PYTHONPATH": str(_PRELOAD), "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
        }  # fmt: skip
