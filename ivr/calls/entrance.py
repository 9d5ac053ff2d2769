"""Who may come in that an OIDC provider has let in: people whom we know, and new ones only where that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import structlog

from ivr.calls.access import Actor, Identified, LastAdmin, People, is_login
from ivr.calls.ports import ROLES, Account, Refused, Role
from ivr.core.card import Text

UNKNOWN: Text = {
    "en": "You are not known here. Ask an administrator for an account.",
    "zh": "系统中没有您的账号，请联系管理员。",
}
NAME_CHARS = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EntranceRules:
    """What is believed of the provider's claims."""

    login_claim: str = "preferred_username"
    """The claim that is the login name here; ``email`` only when the provider has verified it."""
    domains: tuple[str, ...] = ()
    """Only people with a verified e-mail address of these; none: whatever their address."""
    role_claim: str = ""
    """The claim that holds groups; empty: roles are given here."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Group → role. Who is in none of them is an agent."""
    create: bool = False
    """Make an account for who has none: an agent without a phone."""


class Entrance:
    """Finds, makes and brings up to date the account of somebody whom the provider has let in."""

    def __init__(self, people: People, rules: EntranceRules) -> None:
        self._people = people
        self._rules = rules

    async def admit(self, who: Identified, address: str) -> Account:
        """Their account. Raises ``Refused``."""
        if not self._in_domain(who):
            raise self._refuse("address of none of the domains")
        known = await self._people.by_subject(who.subject)
        login = known.login if known else self._login(who)
        account = known or await self._people.account(login)
        by = Actor(login, account.role if account else None, address)
        if account is None:
            return await self._make(login, who, by)
        if not account.active:
            raise self._refuse("account is not active", login)
        if account.subject not in (None, who.subject):
            # the provider gave the name to somebody else: an administrator must say that they are to have the account
            raise self._refuse("account is bound to another person at the provider", login)
        return await self._up_to_date(account, who, by)

    def _in_domain(self, who: Identified) -> bool:
        if not self._rules.domains:
            return True
        email = _verified_email(who)
        return email is not None and email.rpartition("@")[2] in {domain.lower() for domain in self._rules.domains}

    def _login(self, who: Identified) -> str:
        claim = self._rules.login_claim
        login = _verified_email(who) if claim == "email" else who.claims.get(claim)
        if not (isinstance(login, str) and is_login(login)):
            raise self._refuse(f"claim {claim} is missing, not verified, or no login name")
        return login

    def _role(self, who: Identified) -> Role | None:
        """The role that the claims give; None where roles are given here."""
        if not self._rules.role_claim:
            return None
        groups = who.claims.get(self._rules.role_claim)
        listed = groups if isinstance(groups, list) else [groups]
        given = [self._rules.roles[group] for group in listed if isinstance(group, str) and group in self._rules.roles]
        return max(given, key=ROLES.index, default="agent")

    async def _make(self, login: str, who: Identified, by: Actor) -> Account:
        if not self._rules.create:
            raise self._refuse("no account", login)
        said = who.claims.get("name")
        printable = "".join(c for c in said if c.isprintable()).strip() if isinstance(said, str) else ""
        role = self._role(who) or "agent"
        account = Account(login, "", role=role, name=printable[:NAME_CHARS] or login, subject=who.subject)
        await self._people.add(account, by)
        return account

    async def _up_to_date(self, account: Account, who: Identified, by: Actor) -> Account:
        role = self._role(who) or account.role
        if (account.subject, account.role) == (who.subject, role):
            return account
        try:
            changed = await self._people.change(
                account.login, lambda now: replace(now, subject=who.subject, role=role), by
            )
        except LastAdmin:
            log.warning("last administrator keeps the role", login=account.login)
            changed = await self._people.change(account.login, lambda now: replace(now, subject=who.subject), by)
        if changed is None or not changed.active:
            raise self._refuse("account is gone", account.login)
        return changed

    def _refuse(self, why: str, login: str | None = None) -> Refused:
        log.warning("not let in", why=why, login=login)
        return Refused(UNKNOWN)


def _verified_email(who: Identified) -> str | None:
    email = who.claims.get("email")
    if not isinstance(email, str) or who.claims.get("email_verified") is not True:
        return None
    parts = email.lower().split("@")
    return "@".join(parts) if len(parts) == 2 and all(parts) else None
