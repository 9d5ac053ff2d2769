"""Everything that supervisors have, in one hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ivr.calls.floor import Floor
from ivr.calls.oversight import Oversight
from ivr.calls.past import PastCalls


@dataclass(frozen=True, slots=True)
class Supervision:
    """The floor and what belongs to it."""

    floor: Floor
    oversight: Oversight
    past: PastCalls
    report: Callable[[int], Awaitable[dict[str, Any]]]
    """The report of the last days."""
