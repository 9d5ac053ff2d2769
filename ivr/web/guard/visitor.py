"""Who sends a request, as the gate has found out."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from ivr.calls.people.accounts import Account
from ivr.calls.people.api_keys import ApiKey
from ivr.calls.people.audit import Actor
from ivr.web.guard.sessions import Session
from ivr.web.settings import WebSettings


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person with a session, another system with a key, or a stranger with neither."""

    address: str
    session: Session | None = None
    account: Account | None = None
    """As it is now, not as it was at the sign-in; None also where a route does not need it."""
    key: ApiKey | None = None

    @property
    def actor(self) -> Actor:
        """How the audit trail names them."""
        if self.key is not None:
            return Actor(f"key:{self.key.id}", None, self.address)
        if self.account is not None:
            return Actor(self.account.login, self.account.role, self.address)
        return Actor(self.session.login if self.session else "", None, self.address)


VISITOR: web.RequestKey[Visitor] = web.RequestKey("visitor", Visitor)
"""Where a request carries its visitor."""


def person(request: web.Request) -> Account:
    """The account that the gate has let through."""
    account = request[VISITOR].account
    assert account is not None, "the route lets keys in or strangers"
    return account


def address_of(request: web.Request, settings: WebSettings) -> str:
    """Where a request comes from."""
    # Some proxies lengthen the header that a client has sent, some add a second one: the last is the proxy's.
    lines = request.headers.getall("X-Forwarded-For", []) if settings.trust_forwarded_for else []
    return (lines[-1] if lines else request.remote or "").split(",")[-1].strip()
