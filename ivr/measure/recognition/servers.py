"""The servers that ``ivr asr bench`` measures: ours, an older one of ours, and the Vosk project's own, each a process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.measure.recognition import our_server, peer_server

ROOT = Path(our_server.__file__).parents[3]
"""Where this very package is imported from."""
STARTS_WITHIN_S = 60.0
RESTS = 0.02
"""Seconds of work in a fifth of a second that are still rest."""
_TICKS = os.sysconf("SC_CLK_TCK")


class SideUnusable(Exception):
    """A server that cannot be measured; the message says why and what would be right."""


@dataclass(slots=True)
class Side:
    """One running server."""

    name: str
    port: int
    process: subprocess.Popen[str]

    def cpu_s(self) -> float:
        """User and system seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """What it has in memory now (RSS)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def rest(self) -> None:
        """Wait until it has worked off what an earlier trial has left it, at most ten seconds."""
        for _ in range(50):
            before = self.cpu_s()
            time.sleep(0.2)
            if self.cpu_s() - before <= RESTS:
                return

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def ours(model: Path, cores: Sequence[int], checkout: Path | None = None) -> Side:
    """Ours, of this installation or of another checkout of this project; raises SideUnusable."""
    if checkout is not None and not (checkout / "ivr" / "adapters" / "speech_in.py").is_file():
        raise SideUnusable(f"{checkout} is no checkout of this project: it has no ivr/adapters/speech_in/vosk.py")
    root = checkout or ROOT
    words = [sys.executable, our_server.__file__, str(model.resolve()), str(len(cores))]
    process = _start(words, cores, {"PYTHONPATH": str(root.resolve())}, subprocess.PIPE)
    assert process.stdout
    line = process.stdout.readline()
    if not line.strip().isdigit():
        process.kill()
        process.wait()
        raise SideUnusable(f"our side did not start from {root} (it ended with code {process.returncode})")
    return Side("ours" if checkout is None else "before", int(line), process)


def peer(checkout: Path, model: Path, cores: Sequence[int]) -> Side:
    """The Vosk project's websocket server, from a checkout of alphacep/vosk-server; raises SideUnusable."""
    script = next(
        (p for p in (checkout / "websocket" / "asr_server.py", checkout / "asr_server.py") if p.is_file()), None
    )
    if script is None:
        raise SideUnusable(
            f"{checkout} has no websocket/asr_server.py: --peer names a checkout of alphacep/vosk-server"
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    where = {"VOSK_SERVER_INTERFACE": "127.0.0.1", "VOSK_SERVER_PORT": str(port), "VOSK_SAMPLE_RATE": "8000"}
    # as ours: one thread a decoder, so that decoders do not fight for the cores
    where |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    words = [sys.executable, peer_server.__file__, str(script.resolve()), str(model.resolve())]
    process = _start(words, cores, where, subprocess.DEVNULL)
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return Side("peer", port, process)
    process.kill()
    process.wait()
    raise SideUnusable(f"{script} did not open its port within {STARTS_WITHIN_S:.0f} s (it needs websockets and vosk)")


def _start(words: list[str], cores: Sequence[int], more: dict[str, str], out: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        words, stdout=out, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **more}, cwd="/"
    )
    os.sched_setaffinity(process.pid, cores)  # threads of its own inherit it: they are made later
    return process
