"""What callers and phones have lived through, as Asterisk tells it: whatever the server says, this is what happened."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ivr.lab.asterisk.callers import Lab


@dataclass(slots=True)
class PhoneRing:
    """One ring of one agent's phone; times are Asterisk's."""

    phone: str
    began: float
    answered: float | None = None
    ended: float | None = None


@dataclass(slots=True)
class Call:
    """One caller, from the ring to the end."""

    call: str
    number: str
    rang: float
    rings: list[PhoneRing] = field(default_factory=list)
    ended: float | None = None
    hung_up_first: bool = False
    """By themselves: their script was over."""

    @property
    def reached(self) -> bool:
        """A person has answered."""
        return any(ring.answered for ring in self.rings)


def _half(channel: str) -> str:
    """A Local channel without the number of its half."""
    return channel.rpartition(";")[0]


class Phones(Lab):
    """The lab, which notes every call while it goes on; ``changed`` is told of each end, in the reading thread."""

    def __init__(self, port: int, secret: str) -> None:
        super().__init__(port, secret)
        self._notes = threading.Lock()
        self._calls: dict[str, Call] = {}
        self._callers: dict[str, Call] = {}
        """By the caller's Local channel, without its half."""
        self._ringing: dict[str, PhoneRing] = {}

    def __enter__(self) -> Phones:
        super().__enter__()
        return self

    def calls(self) -> list[Call]:
        """All of them so far."""
        with self._notes:
            return list(self._calls.values())

    def over(self, number: str) -> bool:
        """Whether the call from this number has begun and ended."""
        with self._notes:
            return any(call.number == number and call.ended for call in self._calls.values())

    def _seen(self, event: Any, **more: Any) -> None:
        super()._seen(event, **more)
        with self._notes:
            self._note(event.name, event.keys)

    def _note(self, name: str, said: dict[str, Any]) -> None:
        channel, at = said.get("Channel", ""), float(said.get("Timestamp", 0))
        call = said.get("ChanVariable", {}).get("IVR_CALL", "")
        match name:
            case "UserEvent" if said.get("UserEvent") == "IvrRing" and call:
                known = self._calls[call] = Call(call, said["CallerIDNum"], at)
                self._callers[_half(channel)] = known
            case "Newexten" if said.get("Context") == "ivr-lab-caller" and said["Application"] == "Hangup":
                if caller := self._callers.get(_half(channel)):
                    caller.hung_up_first = caller.ended is None
            case "Newexten" if said.get("Context") == "ivr-lab-phones":
                self._phone(said["Application"], said["Extension"], channel, call, at)
            case "Hangup":
                self._gone(channel, at)

    def _phone(self, does: str, phone: str, channel: str, call: str, at: float) -> None:
        if does == "Ringing" and call in self._calls:
            ring = self._ringing[channel] = PhoneRing(phone, at)
            self._calls[call].rings.append(ring)
        elif does == "Answer" and channel in self._ringing:
            self._ringing[channel].answered = at

    def _gone(self, channel: str, at: float) -> None:
        if (ring := self._ringing.pop(channel, None)) is not None:
            ring.ended = at
        if channel.endswith(";2") and (caller := self._callers.pop(_half(channel), None)) is not None:
            caller.ended = at


Windows = Sequence[tuple[float, float]]
"""When no server was there: from, to."""


def within(began: float, ended: float, windows: Windows) -> bool:
    """Whether all of it lies in one of them."""
    return any(first <= began and ended <= last for first, last in windows)


def touches(began: float, ended: float, windows: Windows) -> bool:
    """Whether some of it does."""
    return any(began <= last and ended >= first for first, last in windows)
