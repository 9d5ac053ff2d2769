"""Recordings that there are, and the tests that calls become."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ivr.calls.people.roles import Role
from ivr.core.caller import CallId
from ivr.core.language import Text


class RecordingStore(Protocol):
    """The recordings that there are."""

    async def find(self, call: str) -> Path | None:
        """The file of a call, once it is written; None where there is none."""

    async def among(self, calls: Collection[str]) -> frozenset[str]:
        """Those of the calls that have one."""


@dataclass(frozen=True, slots=True)
class CallTestAuthor:
    """Who turns a call into a test."""

    role: Role | None
    """None: at the command line."""
    agent: str | None = None
    """An agent, who may take the calls that they had; None: every call."""


@dataclass(frozen=True, slots=True)
class CreatedTest:
    """A test that a call was turned into."""

    name: str
    sound: bool
    """False: in text."""
    pieces: int
    """Things that the caller says or presses in it."""


class CallTests(Protocol):
    """Turns calls into tests."""

    async def make(self, call: CallId, maker: CallTestAuthor, intent: str | None = None) -> CreatedTest | None:
        """A test of a call that is over; None where there is no such call. ``intent``: what it was about, "" for none of these.

        Raises ``Refused`` with what stands in the way, and OSError while the database is away.
        """


@dataclass(frozen=True, slots=True)
class RecordingServices:
    """What people have of recorded calls."""

    recordings: RecordingStore
    tests: CallTests
    intents: Callable[[], Mapping[str, Text]]
    """What a call may have been about, with its title."""
