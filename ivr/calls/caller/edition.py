"""One edition of the dialogues: what operators wrote, and what was learnt from it. Calls end on the one they began with."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.calls.caller.ports import Understander
from ivr.core.flow.flow import Flow


@dataclass(frozen=True, slots=True)
class Edition:
    """A dialogue with the classifier that was trained on its phrases."""

    flow: Flow
    understander: Understander


@dataclass(slots=True)
class Current:
    """The edition with which calls begin at this moment."""

    edition: Edition

    @property
    def flow(self) -> Flow:
        return self.edition.flow
