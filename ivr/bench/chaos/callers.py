"""Callers who ring all the time: each rings, follows what they came for to its end, and is followed by the next."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from ivr.bench.chaos.witness import Phones
from ivr.lab.asterisk.callers import NotDone
from ivr.lab.shop import shop
from ivr.provision.places import INSTALLED

SOUNDS = INSTALLED / "audio/calls"
KEYS = ("1", "3", "4", "5")
SPOKEN = ("charged-twice", "watch-stopped", "late-watch")
PATIENCE_S = 120
"""Who wants a person waits so long, and is then lost."""
LOOK_S = 0.2
BETWEEN_S = (0.2, 1.5)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller does, and whether they want a person or give up by themselves."""

    script: tuple[str, ...]
    person: bool


def wish(dice: random.Random) -> Wish:
    """Six of ten press a key, two say what they want, two give up within seconds."""
    chance = dice.random()
    if chance < 0.6:
        return Wish((f"wait:{dice.uniform(1.0, 3.0):.1f}", f"key:{dice.choice(KEYS)}", f"wait:{PATIENCE_S}"), True)
    if chance < 0.8:
        return Wish(("hush:600", f"play:{SOUNDS / dice.choice(SPOKEN)}", f"wait:{PATIENCE_S}"), True)
    return Wish((f"wait:{dice.uniform(0.5, 8.0):.1f}",), False)


@dataclass(slots=True)
class Callers:
    """So many at once."""

    phones: Phones
    dice: random.Random
    wish: Callable[[random.Random], Wish] = wish
    wishes: dict[str, Wish] = field(default_factory=dict)
    """By number: every call has one of its own, which the CRM knows."""
    _leaving: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.asynccontextmanager
    async def ringing(self, at_once: int, within_s: float = 0.0) -> AsyncIterator[Callers]:
        """For as long as the block runs; then those on the line go on to their ends. The first come ``within_s``."""
        async with asyncio.TaskGroup() as group:
            for number in range(at_once):
                group.create_task(self._one_after_the_other(number * within_s / at_once))
            try:
                yield self
            finally:
                self._leaving.set()

    async def _one_after_the_other(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        while not self._leaving.is_set():
            wanted, number = self.wish(self.dice), f"+49151{len(self.wishes):02d}{self.dice.randrange(10**6):06d}"
            self.wishes[number] = wanted
            try:
                await asyncio.to_thread(self.phones.call, shop.DNIS, number, "", wanted.script)
            except NotDone:
                del self.wishes[number]  # a reload of Asterisk's: this call was never placed
            else:
                while not self.phones.over(number):  # noqa: ASYNC110  # the witness reads in a thread of its own
                    await asyncio.sleep(LOOK_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.dice.uniform(*BETWEEN_S)):
                    await self._leaving.wait()
