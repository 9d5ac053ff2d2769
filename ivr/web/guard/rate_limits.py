"""Ways to say "slower": attempts that fail, and messages or requests that come too fast. All in bounded memory."""

from __future__ import annotations

import ipaddress
import math
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


class Delays:
    """Failed attempts by key: some are free, then each costs a wait twice as long as the one before."""

    def __init__(
        self,
        free: int,
        clock: Callable[[], float],
        first_s: float = 15.0,
        longest_s: float = 900.0,
        forget_s: float = 3600.0,
    ) -> None:
        """``forget_s``: after so long without an attempt everything is forgotten."""
        self._free = free
        self._clock = clock
        self._first_s = first_s
        self._longest_s = longest_s
        self._forget_s = forget_s
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Seconds until this key may try again; 0 when it may now."""
        count, at = self._failed.get(key, (0, 0.0))
        if count < self._free:
            return 0.0
        # the exponent is bounded: nobody's patience overflows a float
        delay_s = min(self._longest_s, math.ldexp(self._first_s, min(count - self._free, 32)))
        return max(0.0, at + delay_s - self._clock())

    def count(self, key: str) -> None:
        """One attempt begins. It counts before its result is known, so that many at once gain nothing."""
        count, at = self._failed.pop(key, (0, 0.0))
        now = self._clock()
        self._failed[key] = (1 if now - at >= self._forget_s else count + 1, now)
        while len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)

    def forgive(self, key: str) -> None:
        """The latest attempt was none after all."""
        if (found := self._failed.get(key)) is not None:
            self._failed[key] = (max(0, found[0] - 1), found[1])

    def clear(self, key: str) -> None:
        """Forget what this key did wrong."""
        self._failed.pop(key, None)


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
        return self.wait_s() <= 0

    def wait_s(self) -> float:
        """Take one, and 0; or seconds until there is one, when there is none."""
        now = self._clock()
        self._left = min(self._full, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return (1 - self._left) / self._rate
        self._left -= 1
        return 0.0


class Paces:
    """One pace for each of many."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._by_key: OrderedDict[str, Pace] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Take one of this key's, as ``Pace.wait_s`` does."""
        pace = self._by_key.setdefault(key, Pace(self._rate, self._clock))
        self._by_key.move_to_end(key)
        while len(self._by_key) > REMEMBERED:
            self._by_key.popitem(last=False)
        return pace.wait_s()


def address_key(address: str) -> str:
    """What counts as one address: an IPv6 house has a whole /64 to choose from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6 and not parsed.ipv4_mapped:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
