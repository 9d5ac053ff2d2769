"""Keys that come one soon after the other where one key chooses: seen together before anything is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ivr.core.dialogue import Place, World
from ivr.core.dialogue.messages import KeyPressed, NumberTyped
from ivr.core.dialogue.questions.long_numbers import MORE_KEYS_S, may_go_on

T = TypeVar("T")


class KeyRun:
    """The digits so far; ``ended`` is called once none has followed for ``MORE_KEYS_S`` of the loop's time."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended
        self._pressed: list[KeyPressed] = []
        self._timer: asyncio.TimerHandle | None = None

    def holds(self, world: World, place: Place, event: object) -> bool:
        """Whether it is a digit that more may follow: nothing is chosen yet."""
        if not isinstance(event, KeyPressed):
            return False
        if not (self._pressed and is_digit(event)) and not may_go_on(world, place, event):
            return False
        self._pressed.append(event)
        self.rest()
        self._timer = asyncio.get_running_loop().call_later(MORE_KEYS_S, self._ended)
        return True

    def before(self, event: T) -> tuple[KeyPressed | NumberTyped | T, ...]:
        """What was typed, if anything waits, and then the event."""
        pressed, self._pressed = self._pressed, []
        self.rest()
        if len(pressed) < 2:
            return (*pressed, event)
        return (NumberTyped("".join(one.digit for one in pressed)), event)

    def rest(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def is_digit(event: object) -> bool:
    """Whether it is a digit that the caller has pressed."""
    return isinstance(event, KeyPressed) and event.digit.isdigit()
