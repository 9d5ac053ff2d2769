"""Two ways to say "slower": failed sign-ins, and messages of a desk. Both in bounded memory."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable

REMEMBERED = 4096
"""Names or addresses watched at once; the one that was quiet longest is forgotten first."""


class Attempts:
    """Failed attempts by key (a login name or an address) within a sliding window."""

    def __init__(self, limit: int, window_s: float, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._window_s = window_s
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Seconds until this key may try again; 0 when it may now."""
        times = self._recent(key)
        if len(times) < self._limit:
            return 0.0
        return max(0.0, times[0] + self._window_s - self._clock())

    def count(self, key: str) -> None:
        """One attempt begins. It counts before its result is known, so that many at once gain nothing."""
        times = self._times.setdefault(key, deque(maxlen=self._limit))
        times.append(self._clock())
        self._times.move_to_end(key)
        while len(self._times) > REMEMBERED:
            self._times.popitem(last=False)

    def forgive(self, key: str) -> None:
        """The latest attempt was a good one after all."""
        times = self._times.get(key)
        if times:
            times.pop()

    def clear(self, key: str) -> None:
        """Forget what this key did wrong."""
        self._times.pop(key, None)

    def _recent(self, key: str) -> deque[float]:
        times = self._times.get(key)
        if times is None:
            return deque()
        while times and times[0] + self._window_s <= self._clock():
            times.popleft()
        if not times:
            del self._times[key]
        return times


class Pace:
    """A bucket that fills at ``rate`` a second and holds two seconds' worth."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._full = 2 * rate
        self._left = self._full
        self._at = clock()

    def take(self) -> bool:
        """Take one; False when there is none."""
        now = self._clock()
        self._left = min(self._full, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def address_key(address: str) -> str:
    """What counts as one address: an IPv6 house has a whole /64 to choose from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6 and not parsed.ipv4_mapped:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
