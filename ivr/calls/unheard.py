"""Callers who came to a queue though the server never got their sound: to them it is not there, and nothing else would tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

import structlog

from ivr.core.caller import CallId

log = structlog.get_logger(__name__)
LATELY = timedelta(minutes=10)
"""How long it is told of when nobody has called since."""


@dataclass(slots=True)
class Unheard:
    """What became of the sound of the calls that rang last."""

    _waiting: set[CallId] = field(default_factory=set)
    """Calls that rang, and whose sound has not come."""
    _unheard: list[datetime] = field(default_factory=list)

    def rang(self, call: CallId) -> None:
        """A call comes in. One that we place, or that was in a queue when the server began, is none: it has no sound for us."""
        self._waiting.add(call)

    def heard(self, call: CallId) -> None:
        """The sound of a call has come: whatever it was, it is mended."""
        self._waiting.discard(call)
        self._unheard.clear()

    def queued(self, call: CallId, at: datetime) -> None:
        """A call has come to a queue."""
        if call in self._waiting:
            self._waiting.discard(call)
            self._unheard = [one for one in self._unheard if at - one <= LATELY] + [at]
            log.warning("caller not heard", call=str(call), problem=_WHY)

    def left(self, call: CallId) -> None:
        """A caller has hung up."""
        self._waiting.discard(call)

    def problem(self, now: datetime, zone: tzinfo) -> str | None:
        """What is wrong, in a sentence; None: nothing that is known."""
        lately = [at for at in self._unheard if now - at <= LATELY]
        if not lately:
            return None
        number = f"{len(lately)} callers" if len(lately) > 1 else "1 caller"
        return f"{number} came to a queue unheard, the last at {lately[-1].astimezone(zone):%H:%M:%S}: {_WHY}"


_WHY = (
    "Asterisk has not connected for the sound (IVR_ADDRESS in extensions.conf, app_audiosocket), or not with the call's id "
    "(channelvars in manager.conf); `ivr doctor` says more"
)
