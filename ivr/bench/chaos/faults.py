"""The run itself: one act after the other at drawn moments, the recovery after each, and every window without a server."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.bench.chaos.acts import ACTS, Act, possible
from ivr.bench.chaos.callers import Callers
from ivr.bench.chaos.house import LOOK_S, House

PAUSE_S = (2.0, 7.0)
FIRST_S = 180.0
"""A first start renders every sentence."""
RECOVERS_S = 120.0
"""Longer than the watchdog's longest delay with a start behind it."""
LAST_WORDS_S = 0.3
"""What is younger than this when the server dies may not be in the journal: docs/trust.md says a fifth of a second."""
KILLED_TOO = 0.25
"""So often the server is killed while something else is broken."""


@dataclass(slots=True)
class Done:
    """One kind of act: how often, how long until all was well again, and how many were on the line when it began."""

    recovered_s: list[float] = field(default_factory=list)
    never: int = 0
    under_way: int = 0


@dataclass(slots=True)
class Run:
    """Everything that was done, and what is known of it."""

    done: dict[str, Done] = field(default_factory=dict)
    windows: list[tuple[float, float]] = field(default_factory=list)
    """When no server was there."""
    acts: list[tuple[float, float, str]] = field(default_factory=list)
    """From, to (all well again), name."""
    left_out: list[str] = field(default_factory=list)


def say(text: str) -> None:
    """A line of what goes on."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Faults:
    """Does them, to a house with callers."""

    def __init__(self, house: House, dice: random.Random) -> None:
        self._house = house
        self._dice = dice
        self.run = Run(done={act.name: Done() for act in ACTS})

    async def go_on(self, minutes: float, only: Callable[[Act], bool] = lambda act: True) -> Run:
        """All that can be done, in an order that is drawn anew each round, until the time is over."""
        acts, self.run.left_out = possible(self._house)
        acts = [act for act in acts if only(act)]
        if not acts:
            raise SystemExit("ivr.bench chaos: nothing of this can be done here: " + "; ".join(self.run.left_out))
        until, coming = time.monotonic() + minutes * 60, list[Act]()
        self.run.done = {act.name: Done() for act in acts}
        while time.monotonic() < until:
            coming = coming or self._dice.sample(acts, len(acts))
            await asyncio.sleep(self._dice.uniform(*PAUSE_S))
            await self._do(coming.pop())
        return self.run

    async def _do(self, act: Act) -> None:
        house, done = self._house, self.run.done[act.name]
        lasts_s = self._dice.uniform(*act.lasts_s)
        killed_too = not act.gone and lasts_s > 0 and self._dice.random() < KILLED_TOO
        on_the_line = sum(call.ended is None for call in house.phones.calls())
        say(f"{act.name}{', and the server killed' if killed_too else ''}: {lasts_s:.1f} s, {on_the_line} on the line")
        began = time.time()
        await self._lasts(act, lasts_s, killed_too)
        well_again = await self._recovers(done)
        done.under_way += on_the_line
        self.run.acts.append((began, well_again, act.name))
        if act.gone or killed_too:
            self.run.windows.append((began - LAST_WORDS_S, well_again))

    async def _lasts(self, act: Act, lasts_s: float, killed_too: bool) -> None:
        async with act.does(self._house):
            if killed_too:
                await asyncio.sleep(lasts_s / 3)
                self._house.server.kill()
                lasts_s *= 2 / 3
            await asyncio.sleep(lasts_s)

    async def _recovers(self, done: Done) -> float:
        """Wait until all is well, and a call is in the server's hands again; when all was well."""
        house, began, taken = self._house, time.monotonic(), self._taken()
        try:
            await house.until_well(RECOVERS_S)
            well_again, took_s = time.time(), time.monotonic() - began
            await self._next_call_taken(taken)
        except TimeoutError:
            done.never += 1
            say(f"… not well: {await house.health()}, {sum(one.open for one in house.desks)} desks open")
            if not house.server.running:
                say("… the watchdog has ended; the server is started as an operator would")
                house.server.start()
            await house.until_well(RECOVERS_S)
            return time.time()
        done.recovered_s.append(round(took_s, 2))
        say(f"… well after {took_s:.1f} s")
        return well_again

    def _taken(self) -> int:
        self._house.log.update()
        return self._house.log.seen["call taken"]

    async def _next_call_taken(self, before: int) -> None:
        """A caller is in the server's hands again: sound, AMI and the look-up work. Raises TimeoutError."""
        async with asyncio.timeout(RECOVERS_S):
            while self._taken() == before:  # noqa: ASYNC110  # a line of a log
                await asyncio.sleep(LOOK_S)


async def under_faults(
    house: House, minutes: float, seed: int, at_once: int, only: Callable[[Act], bool]
) -> tuple[Run, Callers]:
    """Callers all the time, faults beside them; ends when all callers have, and all is written."""
    dice = random.Random(seed)  # noqa: S311
    house.server.start()
    await house.until_well(FIRST_S)
    callers, faults = Callers(house.phones, random.Random(seed)), Faults(house, dice)  # noqa: S311
    async with callers.ringing(at_once):
        run = await faults.go_on(minutes, only)
    say("… no more faults; the last callers are served")
    await house.until_well(RECOVERS_S)
    return run, callers
