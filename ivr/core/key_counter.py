"""Keys reported in two ways, counted once."""

from __future__ import annotations

from typing import Literal

Source = Literal["audiosocket", "ami"]


class KeyCounter:
    """Merges the keys of one call from AudioSocket and from AMI.

    Newer Asterisks report a key on both ways, older ones on AMI alone, in either order and with any delay. Each way is in
    order by itself, so the n-th key of a way is news only when fewer than n keys have been taken so far.
    """

    def __init__(self) -> None:
        self._seen: dict[Source, int] = {"audiosocket": 0, "ami": 0}
        self._taken = 0

    def is_news(self, source: Source) -> bool:
        """Count one key from this way; whether it has not been taken from the other one already."""
        self._seen[source] += 1
        if self._seen[source] <= self._taken:
            return False
        self._taken += 1
        return True
