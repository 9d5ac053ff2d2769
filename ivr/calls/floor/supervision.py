"""Everything that supervisors have, in one hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ivr.calls.floor.floor import Floor
from ivr.calls.floor.past_calls import PastCalls
from ivr.calls.floor.supervisor import SupervisorActions


@dataclass(frozen=True, slots=True)
class Supervision:
    """The floor and what belongs to it."""

    floor: Floor
    supervisor: SupervisorActions
    past: PastCalls
    report: Callable[[int], Awaitable[dict[str, Any]]]
    """The report of the last days."""
