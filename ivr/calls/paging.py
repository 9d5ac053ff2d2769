"""Lists that are read page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list that is read page by page, the newest first: after the one of that time and id."""

    at: datetime
    id: str
