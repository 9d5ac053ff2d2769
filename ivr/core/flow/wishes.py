"""Wishes that every caller has, whatever the house: what counts as each, as operators may write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ivr.core.language import Language

WishName = Literal[
    "emergency", "goodbye", "dont_know", "hold_on", "complaint", "who", "call_back", "other_language", "explain", "drop"
]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is said for one wish. What it does is ``core/dialogue/anytime/wishes.py``."""

    name: WishName
    phrases: dict[Language, tuple[str, ...]]
    unlike: dict[Language, tuple[str, ...]] = field(default_factory=dict)
    """Sentences that sound like it and are not."""
    keywords: dict[Language, tuple[str, ...]] = field(default_factory=dict)
    """Words that speak for it wherever they stand."""
