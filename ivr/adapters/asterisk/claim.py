"""One server on one Asterisk: two would both answer a ring, and each would record the other's calls.

Who works there writes its name into Asterisk's database. Who comes next finds it, and asks by a UserEvent whether anybody of that
name is still there: a server that was killed does not answer, and its place is taken.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from ivr.calls.ports import Refused
from ivr.core.told import FOR_GOOD, Told

log = structlog.get_logger(__name__)
FAMILY, KEY = "ivr_server", "works_here"
EVENT = "IvrServer"
ANSWER_S = 2.0
LEAVES_S = 10.0


class NotAlone(Told):
    """Another server works on this Asterisk."""

    exit_code = FOR_GOOD


class Manager(Protocol):
    """What is asked of the connection to Asterisk."""

    async def remember(self, family: str, key: str, value: str) -> None: ...
    async def recall(self, family: str, key: str) -> str | None: ...
    async def forget(self, family: str, key: str) -> None: ...
    async def tell(self, event: str, fields: Mapping[str, str]) -> None: ...


@dataclass(slots=True)
class Claim:
    """This server's place on its Asterisk.

    ``run`` makes it another than any before; with ``take_over`` who is there is asked to go.
    """

    run: str
    take_over: bool = False
    asked_to_leave: asyncio.Event = field(default_factory=asyncio.Event)
    """Another server takes over: end, as if told by SIGTERM."""
    _here: asyncio.Event = field(default_factory=asyncio.Event)
    _left: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def name(self) -> str:
        """How others see us: the run, and where it is."""
        return f"{self.run} {socket.gethostname()} {os.getpid()}"

    async def make(self, asterisk: Manager) -> None:
        """Take the place. Raises NotAlone where another server has it, and Refused when Asterisk does not answer."""
        there = await asterisk.recall(FAMILY, KEY)
        if there not in (None, self.name) and await self._lives(asterisk):
            _, host, process = f"{there} ? ?".split(" ")[:3]
            if not self.take_over:
                raise NotAlone(
                    f"another server works on this Asterisk (on {host}, process {process}): end it first,"
                    " or start this one with `ivr serve --take-over`, which ends it"
                )
            log.warning("another server is asked to leave", host=host, process=process)
            await self._say(asterisk, "leave")
            await _within(LEAVES_S, self._left)
        self.take_over = False  # once: a server that comes after us is not ours to end
        await asterisk.remember(FAMILY, KEY, self.name)

    async def leave(self, asterisk: Manager) -> None:
        """Give the place back; what cannot be said any more is found out by the next who asks."""
        try:
            if await asterisk.recall(FAMILY, KEY) == self.name:
                await asterisk.forget(FAMILY, KEY)
                await self._say(asterisk, "left")
        except Refused as refused:
            log.info("place on asterisk not given back", problem=str(refused))

    async def _lives(self, asterisk: Manager) -> bool:
        self._here.clear()
        return await self._say(asterisk, "who") and await _within(ANSWER_S, self._here)

    async def _say(self, asterisk: Manager, what: str) -> bool:
        try:
            await asterisk.tell(EVENT, {"Says": what, "By": self.run})
        except Refused as refused:
            log.warning(
                "cannot see whether another server works on this asterisk: add user to write in manager_ivr.conf",
                problem=str(refused),
            )
            return False
        return True

    def heard(self, says: str, by: str, asterisk: Manager) -> None:
        """Another server has said something; what we said ourselves comes back to us too."""
        if by == self.run:
            return
        match says:
            case "who":
                task = asyncio.get_running_loop().create_task(self._answer(asterisk))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case "here":
                self._here.set()
            case "leave":
                log.warning("another server takes over")
                self.asked_to_leave.set()
            case "left":
                self._left.set()

    async def _answer(self, asterisk: Manager) -> None:
        await self._say(asterisk, "here")


async def _within(seconds: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
