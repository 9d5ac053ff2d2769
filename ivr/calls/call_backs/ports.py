"""What calling customers needs of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ivr.calls.integrations.inbound import CustomerRef
from ivr.calls.paging import Place
from ivr.calls.people.audit import Actor
from ivr.core.call_back import CallBack, Why


@dataclass(frozen=True, slots=True)
class Consent:
    """What a customer has said of being called without having asked for it."""

    calls: bool
    told_at: datetime
    how: str
    """Where and how they said so: "web form, 12 May"."""


class CallBackBook(Protocol):
    """Where call backs are kept. Every method raises OSError while the database is away."""

    async def add(self, wanted: CallBack, by: Actor | None = None) -> tuple[CallBack, bool]:
        """Keep one; the same source again is the one that is there, and False."""

    async def due(self, now: datetime, limit: int) -> Sequence[CallBack]:
        """Those that wait and whose time has come, the oldest first."""

    async def calling(self) -> Sequence[CallBack]:
        """Those that are being called, as far as the record knows."""

    async def open_of(self, customer: str) -> Sequence[CallBack]:
        """Those of a customer that are not over."""

    async def open_at(self, telephone: str) -> Sequence[CallBack]:
        """Those to a telephone number that are not over."""

    async def one(self, number: str) -> CallBack | None:
        """One of them, or None."""

    async def page(self, state: str | None, limit: int, after: Place | None = None) -> Sequence[CallBack]:
        """The newest, or those after a place."""

    async def change(self, number: str, only: Sequence[str], **values: Any) -> bool:
        """Change one that is in one of these states; False when it is not."""

    async def cancel(self, number: str, by: Actor) -> bool:
        """End one that waits, and write down who has; False when it waits no more."""

    async def called_since(self, customer: str, why: Sequence[Why], since: datetime, but: str = "") -> int:
        """How many of a customer's call backs for these reasons, ``but`` that one, were tried and are not over since long."""

    async def consent(self, customer: str) -> Consent | None:
        """What a customer has said of being called; None: nothing."""

    async def set_consent(self, customer: str, consent: Consent | None, by: Actor) -> bool:
        """Keep what a customer has said, or forget it; False when there is no such customer."""

    async def customer(self, whom: CustomerRef) -> tuple[str, str | None]:
        """A customer, and the number at which they are reached. Raises ``UnknownCustomer``."""
