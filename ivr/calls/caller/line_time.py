"""Time on a line that may send nothing in silence: told by the clock, and what the machine itself stood still is told too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

CLOCK_S = 0.2


async def keep_time(told: Callable[[float, float], None]) -> None:
    """Tell the loop's time a few times a second, for ever, and for how long the loop was held since the last time.

    Where a machine stands still for half a second, Asterisk has sent nothing either; had that been silence, a caller would
    have ended in the middle of a word.
    """
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + CLOCK_S
        await asyncio.sleep(CLOCK_S)
        now = loop.time()
        told(now, max(0.0, now - due))
