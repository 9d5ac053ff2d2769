"""What every route needs of whoever asks for it: declared with the route, held by the gate, refused when left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from ivr.calls.people.api_keys import Scope
from ivr.calls.people.roles import Role


@dataclass(frozen=True, slots=True)
class Needs:
    """Who may come in: anybody, any session, people from a role upwards, or API keys with a scope."""

    role: Role | None = None
    """The least role of people; None: no people."""
    scope: Scope | Literal["any"] | None = None
    """What an API key must be made for; None: no keys."""
    session: bool = False
    """Whoever has a session, whatever has become of their account: to sign out while the database is away."""
    anybody: bool = False
    first_factor: bool = False
    """People may come in also while the second factor that they must have is not set up: to do that."""

    def __post_init__(self) -> None:
        if not (self.role or self.scope or self.session or self.anybody):
            raise ValueError("a route that nobody may use")


OPEN = Needs(anybody=True)
SESSION = Needs(session=True)
SIGNED_IN = Needs(role="agent")
ONESELF = Needs(role="agent", first_factor=True)
SOMEBODY = Needs(role="agent", scope="any")
"""What strangers learn of addresses that lead nowhere: nothing, before they say who they are."""


class Undeclared(Exception):
    """A route says nothing about who may use it."""


NEEDS: web.AppKey[dict[web.AbstractRoute, Needs]] = web.AppKey("needs", dict)
"""Where an application keeps what its routes need."""


def add(app: web.Application, needs: Needs, *definitions: web.RouteDef) -> None:
    """Add routes that need this; the only way to add one."""
    for definition in definitions:
        for route in definition.register(app.router):
            # a GET brings its HEAD along
            both = [one for one in route.resource or () if one.handler == route.handler]
            app[NEEDS].update(dict.fromkeys(both, needs))


def begin(app: web.Application) -> None:
    """Prepare an application for routes that declare what they need, and let it start with no others."""
    app[NEEDS] = {}

    async def check(_app: web.Application) -> None:
        refuse_undeclared(app)

    app.on_startup.append(check)


def refuse_undeclared(app: web.Application) -> None:
    """Raise ``Undeclared`` when a route does not say who may use it."""
    silent = [
        f"{route.method} {route.resource.canonical if route.resource else '?'}"
        for route in app.router.routes()
        if route not in app[NEEDS]
    ]
    if silent:
        raise Undeclared(f"say what these routes need, with ivr.web.guard.route_needs.add: {', '.join(silent)}")


def needs_of(request: web.Request) -> Needs:
    """What the route of a request needs; somebody where there is no route."""
    route = request.match_info.route
    if route.resource is None:
        return SOMEBODY
    return request.app[NEEDS][route]
