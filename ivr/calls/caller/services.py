"""What every conversation works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ivr.calls.caller.ear import EarTiming
from ivr.calls.caller.ports import Identity, Lookups, Memory, Recogniser, Understander, Voice, VoiceActivity
from ivr.calls.caller.side_tasks import Spawn
from ivr.calls.clock import Clock, utc_now
from ivr.core.flow.flow import QueueState
from ivr.core.flow.values import Reader
from ivr.core.language import Language


def _nowhere() -> Mapping[str, QueueState]:
    return {}


def _nothing_more() -> frozenset[Language] | None:
    return None


@dataclass(frozen=True, slots=True)
class SessionParts:
    """What every session works with."""

    voice: Voice
    recogniser: Recogniser
    understander: Understander
    activity: Callable[[], VoiceActivity]
    timing: EarTiming
    reader: Reader
    lookups: Lookups
    identity: Identity
    memory: Memory
    outlive: Spawn
    """Starts a task that is finished even when the caller has gone."""
    queues: Callable[[], Mapping[str, QueueState]] = field(default=_nowhere)
    card_safe: bool = True
    now: Clock = utc_now
    """The time; recorded calls are replayed at the time at which they were held."""
    need_ears: Callable[[], frozenset[Language] | None] = field(default=_nothing_more)
    """The caller does not press keys: the languages that are heard from now on, None where nothing changes."""
