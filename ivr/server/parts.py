"""The parts of the server: each opens, says whether it is well, and closes in the same way; `ivr doctor` examines each."""

from __future__ import annotations

import errno
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ivr.config.load import Config
from ivr.core.caller import Agent
from ivr.core.flow.flow import Flow
from ivr.server.process.tasks import Tasks

Problem = str | None
"""What is wrong with a part, in a sentence; None: nothing."""
Finding = tuple[bool | None, str]
"""Of a part that is looked at from outside: right, wrong, or None for something one can live with; and the sentence."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What the parts are looked at with, before the server runs (`ivr doctor`)."""

    config: Config
    root: Path
    """The folder of config.toml."""
    flow: Flow | None
    """The dialogues; None: they cannot be read."""
    agents: Sequence[Agent] | None = None
    """Everybody who has a phone here; None: the database cannot be used."""


def read_by_others(key: str, path: Path) -> Finding | None:
    """That others on this machine may read a file with a secret in it; None: they may not. Raises OSError."""
    return (False, f"{key}: others may read {path}: chmod 600 {path}") if path.stat().st_mode & 0o077 else None


def not_ours(table: str, host: str, port: int, error: OSError) -> str:
    """Why nothing can listen at an address of config.toml, and what to do about it."""
    where = f"[{table}] {host}:{port}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{where}: only root may listen below port 1024: name another port in config.toml"
    if error.errno != errno.EADDRINUSE:
        return f"{where} cannot be listened on: is it an address of this machine?"
    both = ", and in IVR_ADDRESS of the dialplan" if table == "media" else ""
    return f"{where} is taken by another program: end it, or name another port in config.toml{both}"


GRAVE = {"asterisk": "no asterisk", "sound": "callers are not heard", "record": "writing is behind"}
"""The parts without which a server is not well, and what ``/health`` says then: whoever watches it should know."""
Examine = Callable[[Examination], Iterator[Finding]]


class Closing(Protocol):
    """Something that is closed when the server ends."""

    async def close(self) -> None:
        """Let go of what it holds."""


Closed = TypeVar("Closed", bound=Closing)


class Parts:
    """What has been opened, in order; the stack closes it the other way round. ``/health`` is made of what the parts say."""

    def __init__(self, tasks: Tasks, stack: AsyncExitStack) -> None:
        self._tasks = tasks
        self.stack = stack
        self._well: dict[str, Callable[[], Problem]] = {}
        self._forget: list[Callable[[], None]] = []

    def closes(self, part: Closed) -> Closed:
        """A part that is there already, and is closed when the server ends."""
        self.stack.push_async_callback(part.close)
        return part

    def run(self, *running: Coroutine[Any, Any, None]) -> None:
        """What parts do for as long as the server runs."""
        for one in running:
            self._tasks.run(one)

    def forgets(self, *forget: Callable[[], None]) -> None:
        """Call these when a person was erased: whatever the parts have in memory of people goes, and is read anew."""
        self._forget += forget

    def forget(self) -> None:
        """A person was erased."""
        for forget in self._forget:
            forget()

    def watch(self, **well: Callable[[], Problem]) -> None:
        """Ask these, by the name of a part, whether it is well; quick, and without waiting."""
        self._well |= well

    def problems(self) -> dict[str, Problem]:
        """Every part that is watched, with what is wrong with it."""
        return {name: well() for name, well in self._well.items()}

    def grave(self) -> tuple[str, ...]:
        """The parts without which the server is not well, and which are not."""
        problems = self.problems()
        return tuple(name for name in GRAVE if problems[name])
