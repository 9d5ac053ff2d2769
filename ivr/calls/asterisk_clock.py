"""Asterisk's clock beside ours: two machines never agree, and a ledger is read in the order of its times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

APART = timedelta(milliseconds=50)
"""Within this the clocks count as the same: so much may lie between an event and its arrival."""
SET = timedelta(seconds=30)
"""No event comes so late: where the time between two of them differs by more, one of the clocks was set."""


class AsteriskClock:
    """Learns by how much Asterisk's clock is ahead of ours, from the time stamps of its events."""

    def __init__(self) -> None:
        self._ahead: timedelta | None = None
        self._last: timedelta | None = None
        """By how much Asterisk's stamp was ahead at the event before."""

    def at(self, stamp: float | None, now: datetime) -> datetime:
        """When an event was, on our clock; ``stamp`` is in seconds since 1970 by Asterisk's, None where it gives none."""
        if stamp is None:
            return now
        said = datetime.fromtimestamp(stamp, UTC)
        if self._last is not None and abs(said - now - self._last) > SET:
            self._ahead = None  # what was learnt is of before; else an hour would be wrong for ever
        self._last = said - now
        # an event is never told before it happened: the greatest lead that was seen is the difference of the clocks
        self._ahead = said - now if self._ahead is None else max(self._ahead, said - now)
        return said if abs(self._ahead) <= APART else min(said - self._ahead, now)
