"""The times of one answer to the caller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Turn:
    """The times of one answer, in ms from the end of the caller's speech: when its end was noticed (the endpoint),

    its words recognised, its intent understood, and the first frame of the answer sent.
    """

    noticed: float
    recognised: float = 0.0
    understood: float = 0.0
    first_audio: float | None = None
