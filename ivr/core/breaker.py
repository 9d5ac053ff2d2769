"""A circuit breaker: whoever fails again and again is left alone for a while, and then asked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BreakerState = Literal["closed", "open", "half_open"]
BREAKER_STATES: tuple[BreakerState, ...] = ("closed", "open", "half_open")


@dataclass(slots=True)
class Breaker:
    """Closed: everything is asked. Open: nothing is. Half open: one question is under way that decides.

    Times are seconds of any clock that only goes forward.
    """

    failures: int
    """In a row; that many open it."""
    pause_s: float
    state: BreakerState = "closed"
    _failed: int = 0
    _since: float = 0.0

    def may_ask(self, now: float) -> bool:
        """Whether to ask now; after the pause the first who may is the probe, and nobody else until it is back."""
        if self.state == "open" and now - self._since >= self.pause_s:
            self.state, self._since = "half_open", now
            return True
        if self.state == "half_open" and now - self._since >= self.pause_s:
            self._since = now  # the probe never came back
            return True
        return self.state == "closed"

    def worked(self) -> bool:
        """There was an answer; True when that closed it."""
        closed = self.state != "closed"
        self.state, self._failed = "closed", 0
        return closed

    def failed(self, now: float) -> bool:
        """There was none; True when that opened it. What was asked before it opened says nothing new."""
        self._failed += 1
        if self.state == "half_open" or (self.state == "closed" and self._failed >= self.failures):
            self.state, self._since, self._failed = "open", now, 0
            return True
        return False
