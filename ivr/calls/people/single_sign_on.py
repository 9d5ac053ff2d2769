"""Who may come in that an OIDC provider has let in: people whom we know, and new ones only where that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import structlog

from ivr.calls.people.accounts import Account, LastAdmin, People, is_login
from ivr.calls.people.audit import Actor
from ivr.calls.people.roles import ROLES, Role
from ivr.calls.ports import Refused
from ivr.core.texts import text

UNKNOWN = text("calls.people.not_known_here")
NAME_CHARS = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SsoRules:
    """What is believed of the provider's claims."""

    login_claim: str = "preferred_username"
    """The claim that is the login name here; ``email`` only when the provider has verified it."""
    domains: tuple[str, ...] = ()
    """Only people with a verified e-mail address of these; none: whatever their address."""
    role_claim: str = ""
    """The claim that holds groups, or the dotted way to it ("realm_access.roles"); empty: roles are given here."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Group → role. Who is in none of them is an agent."""
    create: bool = False
    """Make an account for who has none: an agent without a phone."""


class SsoAdmission:
    """Finds, makes and brings up to date the account of somebody whom the provider has let in."""

    def __init__(self, people: People, rules: SsoRules) -> None:
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
        login = _verified_email(who) if claim == "email" else claim_at(who.claims, claim)
        if not (isinstance(login, str) and is_login(login)):
            raise self._refuse(f"claim {claim} is missing, not verified, or no login name")
        return login

    def _role(self, who: Identified) -> Role | None:
        """The role that the claims give; None where roles are given here."""
        if not self._rules.role_claim:
            return None
        listed = _groups(claim_at(who.claims, self._rules.role_claim))
        given = [role for group, role in self._rules.roles.items() if group.removeprefix("/") in listed]
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


def claim_at(claims: Any, way: str) -> Any:
    """What stands under a name, or at the end of a dotted way; names may have dots in them ("https://house.example/roles")."""
    if not isinstance(claims, Mapping):
        return None
    if way in claims:
        return claims[way]
    dots = (at for at, sign in enumerate(way) if sign == "." and way[:at] in claims)
    found = (claim_at(claims[way[:at]], way[at + 1 :]) for at in dots)
    return next((one for one in found if one is not None), None)


def _groups(claim: Any) -> set[str]:
    """The groups of a claim: a list, one name, or names in one text, parted by commas or spaces; without Keycloak's "/"."""
    listed = claim if isinstance(claim, list) else [claim]
    if isinstance(claim, str):
        listed = [claim.strip(), *(part.strip() for part in claim.split(",")), *claim.replace(",", " ").split()]
    return {group.removeprefix("/") for group in listed if isinstance(group, str) and group}


def _verified_email(who: Identified) -> str | None:
    email = who.claims.get("email")
    if not isinstance(email, str) or who.claims.get("email_verified") is not True:
        return None
    parts = email.lower().split("@")
    return "@".join(parts) if len(parts) == 2 and all(parts) else None


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
