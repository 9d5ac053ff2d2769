"""The machine's part of a call as sound, and a call as a test: what the calls ask of whoever keeps them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ivr.calls.ports import Role
from ivr.core.caller import CallId
from ivr.core.card import Text

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
        """None."""
        return None

    def end(self, call: CallId, tape: Tape, consent: bool | None) -> None:
        """There is no tape."""


class Shelf(Protocol):
    """The recordings that there are."""

    async def find(self, call: str) -> Path | None:
        """The file of a call, once it is written; None where there is none."""

    async def among(self, calls: Collection[str]) -> frozenset[str]:
        """Those of the calls that have one."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who turns a call into a test."""

    role: Role | None
    """None: at the command line."""
    agent: str | None = None
    """An agent, who may take the calls that they had; None: every call."""


@dataclass(frozen=True, slots=True)
class Made:
    """A test that a call was turned into."""

    name: str
    sound: bool
    """False: in text."""
    pieces: int
    """Things that the caller says or presses in it."""


class CallTests(Protocol):
    """Turns calls into tests."""

    async def make(self, call: CallId, maker: Maker, intent: str | None = None) -> Made | None:
        """A test of a call that is over; None where there is no such call. ``intent``: what it was about, "" for none of these.

        Raises ``Refused`` with what stands in the way, and OSError while the database is away.
        """


@dataclass(frozen=True, slots=True)
class Kept:
    """What people have of recorded calls."""

    shelf: Shelf
    tests: CallTests
    intents: Callable[[], Mapping[str, Text]]
    """What a call may have been about, with its title."""


@dataclass(frozen=True, slots=True)
class RecordingFigures:
    """How recording stands."""

    written: int
    lost: int
    """Could not be written."""
    bytes: int
    """On the disk."""
