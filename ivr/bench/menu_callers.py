"""Scripted callers of the keypad menu: each presses a key once the option that leads to their goal has been read out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from ivr.bench import keypad_menu
from ivr.bench.tasks import REACTION_S, SILENT, STAY_S, Task
from ivr.lab.asterisk.callers import Lab

POLL_S = 0.02
DTMF_MS = 100
"""Length of a key, and of the pause between two of one number."""
GIVE_UP_S = 90.0
STAGGER_S = 0.3


@dataclass(frozen=True, slots=True)
class Reached:
    """Where one caller came to first, seconds after the answer; ``right`` where they wanted to be."""

    place: str | None
    seconds: float | None
    turns: int
    right: bool
    spoken_s: float | None = None
    """How much of it the machine was speaking, where that is known."""


@dataclass(slots=True)
class Witnessed:
    """What Asterisk reports of the callers, by the name that each shows; read once for all of them."""

    lab: Lab
    menu: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    joined: dict[str, dict[str, str]] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[Witnessed]:
        """Keep reading while the block runs."""
        reader = asyncio.create_task(self._read())
        try:
            yield self
        finally:
            reader.cancel()

    async def _read(self) -> None:
        while True:
            menu: dict[str, list[dict[str, str]]] = {}
            for event in self.lab.events("UserEvent"):
                if event.get("UserEvent") == keypad_menu.EVENT:
                    menu.setdefault(event["CallerIDName"], []).append(event)
            self.menu = menu
            self.joined = {event["Uniqueid"]: event for event in self.lab.events("QueueCallerJoin")}
            await asyncio.sleep(POLL_S)


class MenuCaller:
    """One caller of the menu; an ``expert`` knows every key and presses it as soon as the menu begins."""

    def __init__(self, witnessed: Witnessed, task: Task, asks_s: float, *, expert: bool) -> None:
        self._witnessed = witnessed
        self._task = task
        self._asks_s = asks_s
        self._expert = expert
        self._seen = 0

    async def call(self) -> Reached:
        """Ring in, press, and say where it led."""
        task, lab = self._task, self._witnessed.lab
        await asyncio.to_thread(
            lab.act, "Originate", Channel=f"Local/{keypad_menu.DNIS}", Context="ivr-lab-caller", Exten="run", Priority="1",
            Async="true", CallerID=f'"{task.name}" <{task.number or "+4915100009999"}>', Variable=f"LAB_SCRIPT=wait:{STAY_S}",
        )  # fmt: skip
        try:
            async with asyncio.timeout(GIVE_UP_S):
                return await self._through()
        except TimeoutError:
            return Reached(None, None, task.menu_turns, False)

    async def _through(self) -> Reached:
        task = self._task
        began = await self._until("answered")
        channel = began["Channel"].removesuffix("2") + "1"  # the caller's own half of the Local channel
        keys, end = keypad_menu.walk(task.menu)
        await self._until("menu language" if self._expert else f"said {task.language}")
        await self._react()
        await self._press(channel, next(key for key, to, _ in keypad_menu.LANGUAGE_OPTIONS if to == task.language))
        if SILENT in task.says and not self._expert:
            await self._until("menu main")  # all of it is read out once, and then again
        menu = "main"
        for key, choice in zip(keys, task.menu, strict=True):
            await self._until(f"menu {menu}")
            if not self._expert:
                await self._until(f"said {choice}")
            await self._react()
            await self._press(channel, key)
            menu = choice
        if end.asks:
            await self._until("asks order")
            await asyncio.sleep(0 if self._expert else self._asks_s)
            await self._react()
            await self._press(channel, task.order)
        return await self._arrived(began, end)

    async def _react(self) -> None:
        """Nobody who listens presses in the moment in which the last word is said."""
        if not self._expert:
            await asyncio.sleep(REACTION_S)

    async def _arrived(self, began: dict[str, str], end: keypad_menu.End) -> Reached:
        if end.queue is None:
            last, place = await self._until(f"told {self._task.menu[-1]}"), self._task.menu[-1]
        else:
            while began["Uniqueid"] not in self._witnessed.joined:  # noqa: ASYNC110  # news come by polling only
                await asyncio.sleep(POLL_S)
            last = self._witnessed.joined[began["Uniqueid"]]
            place = last["Queue"]
        seconds = float(last["Timestamp"]) - float(began["Timestamp"])
        right = end.queue is None or self._task.settled or place in self._task.place
        return Reached(place, round(seconds, 2), self._task.menu_turns, right)

    async def _until(self, what: str) -> dict[str, str]:
        """The next event of that content after the last one that was waited for."""
        while True:
            story = self._witnessed.menu.get(self._task.name, [])
            for number, event in enumerate(story[self._seen :], self._seen):
                if event["What"] == what:
                    self._seen = number + 1
                    return event
            await asyncio.sleep(POLL_S)

    async def _press(self, channel: str, keys: str) -> None:
        for number, key in enumerate(keys):
            if number:
                await asyncio.sleep(2 * DTMF_MS / 1000)
            await asyncio.to_thread(
                self._witnessed.lab.act, "PlayDTMF", Channel=channel, Digit=key, Duration=str(DTMF_MS)
            )


async def menu_round(lab: Lab, tasks: tuple[Task, ...], asks_s: float, *, expert: bool) -> dict[str, Reached]:
    """All callers of the menu, nearly at once: Asterisk alone serves them, and hardly notices."""
    async with Witnessed(lab).watching() as witnessed, asyncio.TaskGroup() as group:
        running = {}
        for task in tasks:
            running[task.name] = group.create_task(MenuCaller(witnessed, task, asks_s, expert=expert).call())
            await asyncio.sleep(STAGGER_S)
    return {name: work.result() for name, work in running.items()}
