"""One endpoint of the API, declared once: the same declaration checks what comes in and describes it to others.

What an endpoint takes is said by the annotations of its function: ``path``, ``query`` and ``body`` are models. What it
answers is checked against its declaration as well, so that the document at ``/api/v1/openapi.json`` cannot drift.
"""

from __future__ import annotations

import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from ivr.calls.people.accounts import Account
from ivr.calls.people.audit import Actor
from ivr.calls.ports import Refused
from ivr.core.texts import text
from ivr.web.api.faults import faults
from ivr.web.api.request_body import read_body, read_query
from ivr.web.guard import route_needs
from ivr.web.guard.origins import same_origin
from ivr.web.guard.route_needs import Needs
from ivr.web.guard.sessions import FormTokens, Session, set_cookie
from ivr.web.guard.visitor import VISITOR, Visitor
from ivr.web.problems import Problem
from ivr.web.settings import WebSettings

PREFIX = "/api/v1"
CSRF_HEADER = "X-CSRF-Token"
SAFE = ("GET", "HEAD")


class Model(BaseModel):
    """What goes in or out: nothing that is not named, and no number where a text is meant."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Call:
    """One request, after everything about it was checked."""

    visitor: Visitor

    @property
    def by(self) -> Actor:
        """How the audit trail names who asks."""
        return self.visitor.actor

    @property
    def account(self) -> Account:
        """The person who asks; only where no keys are let in."""
        assert self.visitor.account is not None
        return self.visitor.account

    @property
    def session(self) -> Session:
        """Their session."""
        assert self.visitor.session is not None
        return self.visitor.session


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint says."""

    status: int
    body: BaseModel | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    session: str | None = None
    """The token of a new session for this browser."""


@dataclass(frozen=True)
class Endpoint:
    """The declaration. ``refusals`` are statuses beside those that every endpoint of its kind may answer."""

    method: str
    path: str
    needs: Needs
    run: Callable[..., Awaitable[Answer]]
    answers: Mapping[int, type[BaseModel] | None]
    refusals: tuple[int, ...] = ()

    @cached_property
    def takes(self) -> dict[str, type[BaseModel]]:
        """The models of ``path``, ``query`` and ``body``, those that there are."""
        hints = typing.get_type_hints(self.run)
        return {part: hints[part] for part in ("path", "query", "body") if part in hints}

    @property
    def name(self) -> str:
        """What it is called in the document."""
        return self.run.__name__

    @property
    def summary(self) -> str:
        """What it does, in the first line of its docstring."""
        return (self.run.__doc__ or "").strip().splitlines()[0]


def mount(app: web.Application, endpoints: list[Endpoint], tokens: FormTokens, settings: WebSettings) -> None:
    """Add the endpoints to an application."""
    for endpoint in endpoints:
        handler = _handler(endpoint, tokens, settings)
        definition = web.get if endpoint.method == "GET" else _of_method(endpoint.method)
        route_needs.add(app, endpoint.needs, definition(PREFIX + endpoint.path, handler))


def _of_method(method: str) -> Callable[[str, Any], web.RouteDef]:
    return lambda path, handler: web.route(method, path, handler)


def _handler(
    endpoint: Endpoint, tokens: FormTokens, settings: WebSettings
) -> Callable[[web.Request], Awaitable[web.Response]]:
    cookie = settings.cookie("session")

    async def handle(request: web.Request) -> web.Response:
        visitor = request[VISITOR]
        if visitor.session is not None and request.method not in SAFE:
            _refuse_forged(request, tokens, request.cookies.get(cookie))
        given = await _given(endpoint, request)
        try:
            answer = await endpoint.run(Call(visitor), **given)
        except Refused as refused:
            raise Problem(409, refused.text) from refused
        _check(endpoint, answer)
        text = answer.body.model_dump_json() if answer.body is not None else None
        kind = "application/json" if text is not None else None
        response = web.Response(status=answer.status, text=text, content_type=kind, headers=answer.headers)
        if answer.session is not None:
            set_cookie(response, settings, "session", answer.session)
        return response

    return handle


def _refuse_forged(request: web.Request, tokens: FormTokens, cookie: str | None) -> None:
    """A cookie alone proves nothing: browsers send it whoever has made them ask."""
    if not same_origin(request):
        raise Problem(403, text("api.gate.not_our_page"))
    if not tokens.right(cookie, request.headers.get(CSRF_HEADER, "")):
        raise Problem(403, text("api.gate.no_token", header=CSRF_HEADER))


async def _given(endpoint: Endpoint, request: web.Request) -> dict[str, BaseModel]:
    given: dict[str, BaseModel] = {}
    takes = endpoint.takes
    if "path" in takes:
        try:
            given["path"] = takes["path"].model_validate(dict(request.match_info))
        except ValidationError:
            raise Problem(404) from None
    query = read_query(request, takes.get("query"))
    if query is not None:
        given["query"] = query
    raw = await read_body(request, expected="body" in takes)
    if "body" in takes:
        try:
            given["body"] = takes["body"].model_validate_json(raw)
        except ValidationError as error:
            raise Problem(422, faults=faults(error, takes["body"])) from None
    return given


def _check(endpoint: Endpoint, answer: Answer) -> None:
    """An answer that was not declared is our mistake, and is found by the first test that meets it."""
    if answer.status not in endpoint.answers:
        raise AssertionError(f"{endpoint.name} does not declare {answer.status}")
    declared = endpoint.answers[answer.status]
    if type(answer.body) is not (declared or type(None)):
        raise AssertionError(f"{endpoint.name} declares {declared} for {answer.status}, not {type(answer.body)}")
