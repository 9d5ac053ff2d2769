"""Keys of other systems, and what they open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, get_args

from ivr.calls.people.audit import Actor

Scope = Literal[
    "contacts:read", "contacts:write", "signals:write", "call_backs:write", "reports:read", "metrics:read",
    "webhooks:manage",
]  # fmt: skip
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""What an API key may be made for."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of another system; the secret itself is kept nowhere."""

    id: str
    name: str
    digest: str
    """SHA-256 of the secret, in hexadecimal digits."""
    scopes: tuple[Scope, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None
    """Right to the hour."""

    def opens(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Keys(Protocol):
    """API keys. What changes them is in the audit trail in the same transaction, or not done."""

    async def all(self) -> list[ApiKey]:
        """Every key there ever was, the newest first."""

    async def find(self, key: str) -> ApiKey | None:
        """The key with this id, whether it may be used or not."""

    async def add(self, key: ApiKey, by: Actor) -> None:
        """Keep a new one."""

    async def revoke(self, key: str, at: datetime, by: Actor) -> bool:
        """Let it open nothing any more; False when there is none."""

    async def used(self, key: str, at: datetime) -> None:
        """It was used at this time."""


def names(scopes: Sequence[str]) -> tuple[Scope, ...]:
    """Those of the names that are scopes, in the usual order: a scope that was given up opens nothing."""
    return tuple(scope for scope in SCOPES if scope in scopes)
