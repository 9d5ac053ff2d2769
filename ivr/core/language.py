"""Languages, and texts in them."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Text = dict[Language, str]
"""A sentence in every language that the pages speak."""
