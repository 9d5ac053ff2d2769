"""What other systems know of a customer before the customer calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Signal:
    """One piece of news about a customer: a delivery has failed, a device reports a fault."""

    id: str
    kind: str
    """What has happened, in one word of the sender's: ``delivery_failed``."""
    customer: str
    at: datetime
    text: str
    """The same for people."""
    expires_at: datetime
    """From then on it explains no call any more."""
    product: str | None = None
    order: str | None = None
