"""Sign-ins that outlive the server: what is kept of one, and the port of where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.calls.people.accounts import Account
from ivr.calls.people.audit import Entry


@dataclass(frozen=True, slots=True)
class KeptSession:
    """One sign-in of one person in one browser."""

    id: str
    """SHA-256 of the token; the token itself is only in the browser."""
    login: str
    marks: str
    """``marks_of`` the account at the sign-in: when it is another one, the session is over."""
    began_at: datetime
    used_at: datetime
    """Right to the minute."""
    how: str
    """password or oidc."""
    network: str
    """Where it began."""


def marks_of(account: Account) -> str:
    """What ends a session when it changes, as a digest: password, role, agent, and whether there is a second factor."""
    marks = [account.password_hash, account.role, account.agent.id if account.agent else None, account.second_factor]
    return hashlib.sha256(json.dumps(marks).encode()).hexdigest()


class SessionStore(Protocol):
    """Where sessions are kept. Whoever changes an account's marks ends its sessions in the same transaction."""

    async def all(self) -> list[KeptSession]:
        """Every one that has not ended, the oldest first."""

    async def begin(self, session: KeptSession, over: Sequence[str], entry: Entry | None) -> None:
        """Keep one in the place of others, with its line in the audit trail; or neither."""

    async def end(self, ids: Sequence[str], entry: Entry | None) -> None:
        """Forget them, with a line in the audit trail; or neither."""

    async def used(self, times: Mapping[str, datetime]) -> None:
        """When they were last used, by id."""
