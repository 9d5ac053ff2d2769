"""Languages, and texts in them."""

from __future__ import annotations

import re
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
Text = dict[Language, str]
"""A sentence in every language that the pages speak."""

_NO_APOSTROPHE = re.compile(r"\b(ca|do|wo|is|does|could|should|have|has|are|was|did|would)nt\b")


def with_apostrophes(text: str) -> str:
    """English in small letters with the apostrophes that people leave out when they type: "cant" is "can't"."""
    return _NO_APOSTROPHE.sub(r"\1n't", text)
