"""Everybody who works here: accounts, and the ports of where they are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal, Protocol

from ivr.calls.people.audit import Actor
from ivr.calls.people.roles import ROLES, Role
from ivr.calls.ports import Refused
from ivr.core.caller import Agent
from ivr.core.language import Language, Text
from ivr.core.texts import text
from ivr.wire.asterisk.ami import Unsafe, route_value
from ivr.wire.asterisk.interfaces import followed

LOGIN = r"^[A-Za-z0-9._@+-]{1,64}$"
"""A login name; an e-mail address is one, for those who come in by OIDC."""
SHORTEST_PASSWORD = 10
MONEY = r"^[0-9]{1,6}(\.[0-9]{1,2})?$"
"""An amount as people write it: "50" or "49.90"; a million is nobody's to give away."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one agent may give away alone to settle a matter, in the house's currency."""

    per_call: Decimal
    per_day: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works here and may sign in."""

    login: str
    password_hash: str
    """Argon2id, in PHC string form; empty: no password opens this account."""
    agent: Agent | None = None
    """How calls reach them; None: a person without a phone."""
    language: Language = "en"
    role: Role = "agent"
    name: str = ""
    active: bool = True
    """Somebody who is not may not sign in; what they did stays theirs."""
    subject: str | None = None
    """What the OIDC provider calls them, once they have come in that way."""
    allowance: Allowance | None = None
    """Their own, where it is not that of all ([offers] in config.toml); with a phone only."""
    second_factor: bool = False
    """Whether a code is asked for beside the password; set by ``ivr.calls.people.second_factor`` only."""

    def may(self, role: Role) -> bool:
        """Whether they may do what this role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Accounts(Protocol):
    """Who may sign in."""

    async def account(self, login: str) -> Account | None:
        """The account of that login name, or None."""

    async def set_language(self, login: str, language: Language) -> None:
        """Remember the language this person reads."""


Change = Callable[[Account], Account]
"""What becomes of somebody's account: the old one in, the new one out."""


class LastAdmin(Refused):
    """Nobody would be left who may administer."""

    def __init__(self) -> None:
        super().__init__(text("calls.people.last_admin"))


class Taken(Refused):
    """Somebody has this already; ``field`` is what: ``login`` or ``interface``."""

    def __init__(self, name: Literal["login", "interface"], value: str, holder: str) -> None:
        self.field = name
        if name == "login":
            super().__init__(text("calls.people.login_taken", value=value, holder=holder))
        else:
            super().__init__(text("calls.people.phone_taken", value=value, holder=holder))


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


def is_login(text: str) -> bool:
    """Whether this can be a login name."""
    return re.fullmatch(LOGIN, text) is not None


def _bare(agent: Agent) -> str:
    """What is left of an interface without its technology; something usual where nothing is."""
    return agent.interface.strip("/") or "1001"


def phone_faults(agent: Agent, queues: Sequence[str]) -> list[tuple[str, Text]]:
    """What is wrong with how calls would reach somebody: the field, and a sentence."""
    found: list[tuple[str, Text]] = []
    try:
        route_value("queue", "q", 0, agent.interface, 1, 1)
    except Unsafe:
        found.append(("interface", text("calls.people.unsafe_phone", interface=repr(agent.interface))))
    else:
        if not re.fullmatch(r"[A-Za-z0-9]+/.+", agent.interface):
            found.append(
                ("interface", text("calls.people.no_technology", interface=repr(agent.interface), bare=_bare(agent)))
            )
        elif not followed(agent.interface):
            found.append(("interface", text("calls.people.not_followed", interface=repr(agent.interface))))
    known = ", ".join(queues)
    for place, queue in enumerate(agent.queues):
        if queue not in queues:
            found.append((f"queues/{place}", text("calls.people.no_such_queue", queue=repr(queue), known=known)))
    return found
