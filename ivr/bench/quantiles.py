"""What the parts of the bench share: quantiles, and what else the machine was doing meanwhile."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

_TICKS = os.sysconf("SC_CLK_TCK")
_LOOK_S = 2.0


def spread(values: Iterable[float], digits: int = 1) -> dict[str, float] | None:
    """p50, p95 and p99; None where nothing was measured."""
    found = np.array(list(values), float)
    if not len(found):
        return None
    return {
        name: round(float(np.quantile(found, q)), digits) for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }


def cpu_s(pid: int) -> float:
    """User and system seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb() -> float:
    """What this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def others_cores() -> float:
    """How many cores are busy before this part begins, looked at for two seconds: what others do on the machine."""
    before, began = _busy_s(), time.monotonic()
    time.sleep(_LOOK_S)
    return round((_busy_s() - before) / (time.monotonic() - began), 2)


def _busy_s() -> float:
    """Seconds that all cores together have worked since the machine began."""
    user, nice, system = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:4]
    return (int(user) + int(nice) + int(system)) / _TICKS


def remark(cores: float) -> str:
    """What stands beside figures that were taken while others worked."""
    return (
        f"Others kept {cores:.1f} cores busy when this part began: its times are longer than on a machine of its own."
        if cores > 0.2
        else f"The machine was idle when this part began ({cores:.2f} cores busy)."
    )
