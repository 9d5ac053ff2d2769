"""The server as operators run it, ``ivr serve`` under its watchdog, as a process that can be killed, stopped and started."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ENDS_S = 20.0
"""How long an end is waited for before it is made; the target is ten."""

_RAISED = re.compile(r"^[ |]*([A-Za-z_][\w.]*(?:: .*)?)$", re.MULTILINE)
"""What was raised, as the last line of a traceback has it; in a group, the last of its members."""


def descendants(process: int) -> list[int]:
    """All processes below one, those right below it first."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*"):
        try:
            found += map(int, (task / "children").read_text().split())
        except OSError:
            continue  # it has just ended
    return found + [one for child in found for one in descendants(child)]


def words_of(process: int) -> str:
    """How a process was started; empty when it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


class ServerProcess:
    """``ivr serve`` with a config.toml of its own; what it says is in ``log``."""

    def __init__(
        self,
        config: Path,
        log: Path,
        secret: str,
        under: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._words = [*under, sys.executable, "-m", "ivr", "serve", "--config", str(config)]
        self._environment = {**os.environ, **(environment or {}), "IVR_AMI_SECRET": secret}
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *words: str) -> None:
        """Start it; it is not waited for."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen([*self._words, *words], stdout=out, stderr=out, env=self._environment)

    @property
    def running(self) -> bool:
        """Whether the watchdog is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """How it has ended."""
        return self._process.poll() if self._process else None

    def child(self) -> int | None:
        """The server below the watchdog; None: just now there is none."""
        below = descendants(self._process.pid) if self._process and self.running else []
        return next((one for one in below if "--no-watchdog" in words_of(one)), None)

    def voice(self) -> int | None:
        """The process that speaks."""
        below = descendants(self._process.pid) if self._process and self.running else []
        return next((one for one in below if "pyttsx3_child" in words_of(one)), None)

    def kill(self) -> None:
        """The server dies; the watchdog starts another."""
        if child := self.child():
            os.kill(child, signal.SIGKILL)

    def kill_all(self) -> None:
        """The server, its watchdog and everything below die, as when the machine loses its memory."""
        assert self._process
        for one in (self._process.pid, *descendants(self._process.pid)):
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait()

    async def end(self) -> float:
        """Ask it to end; how many seconds that took. Killed when it has not ended after ENDS_S."""
        assert self._process
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._process.wait, ENDS_S)
        except subprocess.TimeoutExpired:
            self.kill_all()
        return time.monotonic() - began


class LogReader:
    """Reads what the server has said since the last time; ``seen`` counts its events, ``bad`` keeps what should not be."""

    def __init__(self, log: Path) -> None:
        self.file = log
        self._read = 0
        self.seen: Counter[str] = Counter()
        self.bad: Counter[str] = Counter()

    def update(self) -> None:
        """Take in the whole lines that have been written meanwhile."""
        for line in self._lines():
            said = _json(line)
            if said is None:
                if line.startswith("Traceback"):
                    self.bad["Traceback outside the log"] += 1
                continue
            self.seen[said["event"]] += 1
            if said.get("level") in ("error", "critical") or "exception" in said:
                named = _RAISED.findall(str(said.get("exception", ""))) or [said.get("problem", "")]
                self.bad[f"{said['event']}: {named[-1]}"[:160].rstrip(": ")] += 1

    def _lines(self) -> Iterator[str]:
        with self.file.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        yield from whole.decode(errors="replace").splitlines()


def _json(line: str) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) and "event" in said else None
