"""The machine's part of a call as sound, and a call as a test: what the calls ask of whoever keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from ivr.core.caller import CallId

Side = Literal["caller", "machine"]


class Tape(Protocol):
    """What is said in one call. Every time is in seconds since its beginning; nothing here waits."""

    def heard(self, pcm: bytes, at_s: float) -> None:
        """20 ms of the caller, which end at that time."""

    def said(self, pcm: bytes, at_s: float) -> None:
        """20 ms of the machine, which begin at that time."""

    def hide(self, side: Side, from_s: float, to_s: float) -> None:
        """This must not be heard."""


class Recordings(Protocol):
    """Keeps the machine's part of calls. Nothing here raises or waits: a call must not notice it."""

    @property
    def asks(self) -> bool:
        """Whether callers are recorded who agree to it."""

    def begin(self) -> Tape | None:
        """A tape for a call that begins now; None where no sound is kept."""

    def end(self, call: CallId, tape: Tape, consent: bool | None) -> None:
        """The machine's part is over: keep the tape, or throw it away where it may not be kept."""


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """No sound is kept; ``asks`` all the same where callers would be asked."""

    asks: bool = False

    def begin(self) -> Tape | None:
        return None

    def end(self, call: CallId, tape: Tape, consent: bool | None) -> None:
        """There is no tape."""


@dataclass(frozen=True, slots=True)
class RecordingFigures:
    """How recording stands."""

    written: int
    lost: int
    """Could not be written."""
    bytes: int
    """On the disk."""
