"""``ivr asr bench``: how many calls at once are recognised in real time, beside the Vosk project's websocket server.

Callers are stepped up (doubled, then halved in between) until the p95 of the final result, from the moment at which the
endpointer ends an utterance, passes the target, or results are missing. Every side is measured with the same callers,
turn about, in one run; the callers are a process on cores of their own where the machine has them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from ivr.measure.recognition import servers
from ivr.measure.recognition.load import Came, Trial, Way
from ivr.measure.recognition.servers import Side

FIRST = 16
"""Callers of the first step."""
FINE = 1.08
"""Two steps this near to each other are one result."""
MISSING = 0.01
"""Share of the results that may be missing."""
LATE_MS = 100.0
"""Callers later than this (p95) could not keep up themselves: the trial says nothing of the server."""
MOST = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and how."""

    model: Path
    audio: tuple[Path, ...]
    server_cores: tuple[int, ...]
    load_cores: tuple[int, ...]
    target_ms: float = 300.0
    seconds: float = 20.0
    message_ms: int = 200

    @property
    def warm_s(self) -> float:
        """The beginning that is not counted: connections, first allocations, recognisers that are not warm yet."""
        return self.seconds / 3


@dataclass(frozen=True, slots=True)
class Result:
    """One trial; times in ms from the end of an utterance to its final result."""

    calls: int
    p50_ms: float
    p95_ms: float
    after_voice_p95_ms: float
    """From the last voiced frame, with the silence that the endpointer waited for."""
    results: int
    missing: int
    cpu_ms: float
    """CPU time of the server for each second of each call."""
    memory_mb: float
    late_p95_ms: float
    texts: dict[str, dict[str, int]] = field(repr=False, default_factory=dict)
    problems: tuple[str, ...] = ()

    def good(self, target_ms: float) -> bool:
        """Whether that many calls were recognised in real time."""
        return self.results > 0 and self.p95_ms <= target_ms and self.missing <= MISSING * (self.results + self.missing)

    @property
    def load_kept_up(self) -> bool:
        """Whether the callers were in time."""
        return self.late_p95_ms <= LATE_MS


def measure(plan: Plan, side: Side, way: Way, calls: int) -> Result:
    """One trial."""
    trial = Trial(way, side.port, calls, plan.seconds, plan.warm_s, tuple(map(str, plan.audio)), plan.message_ms)
    before = side.cpu_s()
    words = [sys.executable, "-m", "ivr.measure.recognition.load"]
    here = {**os.environ, "PYTHONPATH": str(servers.ROOT)}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=here) as load:
        os.sched_setaffinity(load.pid, plan.load_cores)
        out, _ = load.communicate(json.dumps(asdict(trial)))
    if load.returncode:
        raise servers.SideUnusable(f"the callers of the bench ended with code {load.returncode}: see above")
    cpu_s = side.cpu_s() - before
    came = Came(**json.loads(out))
    return Result(
        calls, _quantile(came.lags_ms, 0.5), _quantile(came.lags_ms, 0.95), _quantile(came.after_voice_ms, 0.95),
        len(came.lags_ms), came.wanted - len(came.lags_ms), round(cpu_s * 1000 / (plan.seconds * calls), 2),
        round(side.memory_mb(), 1), _quantile(came.late_ms, 0.95), came.texts, tuple(came.problems[:3]),
    )  # fmt: skip


def _quantile(values: Sequence[float], share: float) -> float:
    return round(float(np.quantile(np.array(values), share)), 1) if values else 0.0


@dataclass(slots=True)
class Search:
    """Looks for the most calls of one side and way, a trial at a time, so that several can take turns."""

    name: str
    side: Side
    way: Way
    good: dict[int, Result] = field(default_factory=dict)
    bad: dict[int, Result] = field(default_factory=dict)

    def next(self) -> int | None:
        """How many calls to try next; None when it is found."""
        most, least = max(self.good, default=0), min(self.bad, default=0)
        if not least:
            return most * 2 or FIRST if most < MOST else None
        if not most:
            return least // 2 or None
        between = round((most * least) ** 0.5)
        return between if least / most > FINE and most < between < least else None

    def step(self, plan: Plan, calls: int) -> Result:
        """One trial; one that fails is tried once more, so that a hiccup of the machine decides nothing."""
        for _ in range(2):
            result = measure(plan, self.side, self.way, calls)
            if result.good(plan.target_ms):
                self.good[calls] = result
                return result
        self.bad[calls] = result
        return result

    @property
    def most(self) -> Result | None:
        """The trial with the most calls that were recognised in time."""
        return self.good[max(self.good)] if self.good else None


def search(plan: Plan, searches: Sequence[Search], tell: Callable[[str, Result], None]) -> None:
    """All searches, turn about."""
    open_ = list(searches)
    while open_:
        for one in list(open_):
            calls = one.next()
            if calls is None:
                open_.remove(one)
                continue
            for other in searches:
                other.side.rest()
            tell(one.name, one.step(plan, calls))
