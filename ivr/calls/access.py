"""Who may do what, and the ports for it: people, API keys, the audit trail, signing in elsewhere (OIDC)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, get_args

from ivr.calls.ports import Account, Refused, Role
from ivr.core.caller import Agent
from ivr.core.card import Text
from ivr.wire.ami import Unsafe, route_value

Scope = Literal[
    "contacts:read", "contacts:write", "signals:write", "call_backs:write", "reports:read", "metrics:read",
    "webhooks:manage",
]  # fmt: skip
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""What an API key may be made for."""
LOGIN = r"^[A-Za-z0-9._@+-]{1,64}$"
"""A login name; an e-mail address is one, for those who come in by OIDC."""
SHORTEST_PASSWORD = 10
MONEY = r"^[0-9]{1,6}(\.[0-9]{1,2})?$"
"""An amount as people write it: "50" or "49.90"; a million is nobody's to give away."""


# -- the audit trail


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, as the audit trail names them."""

    who: str
    """A login, ``key:ID`` of an API key, ``console:USER`` at the command line, ``server:`` itself, or empty for a stranger."""
    role: Role | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit trail."""

    by: Actor
    what: str
    """A short name, ``person.changed``."""
    target: str | None = None
    """Whom or what it was done to."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Before and after, or whatever else explains it; never a secret."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: int = 0
    """Set by the trail, growing."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; None: whatever it is."""

    who: str | None = None
    what: str | None = None
    """The whole name, or its part before the dot: ``person``."""
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Audit(Protocol):
    """The audit trail: entries are added, and never changed or taken away."""

    async def write(self, entry: Entry) -> None:
        """Add one entry. Raises when it cannot be kept; what it stands for must then not be done."""

    async def page(self, wanted: AuditFilter, limit: int, before: int | None = None) -> list[Entry]:
        """The newest entries that fit, or those before an entry."""


# -- people

Change = Callable[[Account], Account]
"""What becomes of somebody's account: the old one in, the new one out."""


class LastAdmin(Refused):
    """Nobody would be left who may administer."""

    def __init__(self) -> None:
        super().__init__(
            {
                "en": "This is the last active administrator: make somebody else one first.",
                "zh": "这是最后一位启用的管理员，请先指定另一位管理员。",
            }
        )


class Taken(Refused):
    """Somebody has this already; ``field`` is what: ``login`` or ``interface``."""

    def __init__(self, name: Literal["login", "interface"], value: str, holder: str) -> None:
        self.field = name
        en, zh = ("The login", "用户名") if name == "login" else ("The phone", "电话")
        super().__init__({"en": f"{en} {value} belongs to {holder} already.", "zh": f"{zh} {value} 已属于 {holder}。"})


class People(Protocol):
    """Everybody who works here. What changes somebody is in the audit trail in the same transaction, or not done."""

    async def everybody(self) -> list[Account]:
        """All accounts, by login."""

    async def account(self, login: str) -> Account | None:
        """The account of that login name, or None."""

    async def by_subject(self, subject: str) -> Account | None:
        """The account that has come in from the OIDC provider under this name before, or None."""

    async def add(self, account: Account, by: Actor) -> None:
        """Add somebody. Raises ``Taken``."""

    async def change(self, login: str, change: Change, by: Actor) -> Account | None:
        """Change somebody and return them as they are now; None when there is nobody. Raises ``Taken``, ``LastAdmin``."""


class Staff(Protocol):
    """The agents as the calls know them."""

    async def take(self, agent: Agent) -> None:
        """From now on, this agent is known as this: a new one, or one whose phone or queues have changed."""

    async def leave(self, agent: Agent) -> None:
        """This agent takes no calls any more."""


def difference(before: Account | None, after: Account) -> dict[str, Any]:
    """For the audit trail: what somebody new is, or field by field [before, after]; of a password only that it changed."""
    if before is None:
        return _plain(after)
    old, new = _plain(before), _plain(after)
    found: dict[str, Any] = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    if before.password_hash != after.password_hash:
        found |= {"password": "changed"}
    return found


def _plain(account: Account) -> dict[str, Any]:
    kept = ("name", "role", "active", "language")
    plain: dict[str, Any] = {name: getattr(account, name) for name in kept}
    plain["linked"] = account.subject is not None
    if account.agent is None:
        return plain | {"phone": None, "allowance": None}
    agent = {f.name: getattr(account.agent, f.name) for f in fields(Agent) if f.name not in ("id", "name")}
    may = account.allowance
    plain["allowance"] = {"per_call": f"{may.per_call:.2f}", "per_day": f"{may.per_day:.2f}"} if may else None
    return plain | {"phone": {name: list(v) if isinstance(v, tuple) else v for name, v in agent.items()}}


# -- API keys


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


# -- signing in elsewhere


class NotSignedIn(Exception):
    """The provider has not let somebody in as it should; the message is for the log and never holds a token."""


@dataclass(frozen=True, slots=True)
class Identified:
    """Whom the OIDC provider has let in."""

    subject: str
    claims: Mapping[str, Any]
    """What else it says of them."""


class Provider(Protocol):
    """An OIDC provider."""

    async def door(self, state: str, nonce: str, challenge: str) -> str:
        """The address at which people sign in there. Raises ``NotSignedIn`` when the provider cannot be asked."""

    async def identify(self, answer: Mapping[str, str], state: str, nonce: str, verifier: str) -> Identified:
        """Whom the answer it sent them back with stands for. Raises ``NotSignedIn``."""


def is_login(text: str) -> bool:
    """Whether this can be a login name."""
    return re.fullmatch(LOGIN, text) is not None


def names(scopes: Sequence[str]) -> tuple[Scope, ...]:
    """Those of the names that are scopes, in the usual order: a scope that was given up opens nothing."""
    return tuple(scope for scope in SCOPES if scope in scopes)


def phone_faults(agent: Agent, queues: Sequence[str]) -> list[tuple[str, Text]]:
    """What is wrong with how calls would reach somebody: the field, and a sentence."""
    found: list[tuple[str, Text]] = []
    try:
        route_value("queue", "q", 0, agent.interface, 1, 1)
    except Unsafe:
        found.append(("interface", {
            "en": f"{agent.interface!r} has a character that Asterisk could misread; write it as PJSIP/1001",
            "zh": f"{agent.interface!r} 含有 Asterisk 可能误读的字符，请写成 PJSIP/1001 的形式",
        }))  # fmt: skip
    known = ", ".join(queues)
    for place, queue in enumerate(agent.queues):
        if queue not in queues:
            en = f"there is no queue {queue!r}; known are {known}"
            found.append((f"queues/{place}", {"en": en, "zh": f"没有队列 {queue!r}；现有 {known}"}))
    return found
