"""One endpoint of the API, declared once: the same declaration checks what comes in and describes it to others.

What an endpoint takes is said by the annotations of its function: ``path``, ``query`` and ``body`` are models. What it
answers is checked against its declaration as well, so that the document at ``/api/v1/openapi.json`` cannot drift.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from ivr.calls.people.accounts import Account
from ivr.calls.people.audit import Actor, Audit, Entry, refused, witness
from ivr.calls.ports import Refused
from ivr.core.texts import text
from ivr.web.api.faults import faults
from ivr.web.api.request_body import read_body, read_query
from ivr.web.guard import route_needs
from ivr.web.guard.gate import too_many
from ivr.web.guard.origins import same_origin
from ivr.web.guard.rate_limits import Paces
from ivr.web.guard.route_needs import Needs
from ivr.web.guard.sessions import FormTokens, Session, set_cookie
from ivr.web.guard.visitor import VISITOR, Visitor
from ivr.web.problems import TITLES, Fault, Problem
from ivr.web.settings import WebSettings

PREFIX = "/api/v1"
log = structlog.get_logger("ivr.web")

CSRF_HEADER = "X-CSRF-Token"
SAFE = ("GET", "HEAD")
WORTH_A_LINE = (409, 422)
"""What was understood and not done; what is not there, or asked too often, is nothing that was refused."""
WHY_CHARS = 500


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


async def reading(audit: Audit, call: Call, what: str, target: str | None = None, **more: Any) -> None:
    """A person reads what is not their own; what cannot be written down is not shown. Keys read without a line."""
    if call.visitor.account is not None:
        await audit.write(Entry(call.by, what, target, **more))


def narrowed(query: BaseModel) -> dict[str, Any]:
    """By which filters a list was asked for, for the trail; never what they said, which may be a number."""
    by = sorted(query.model_fields_set - {"cursor", "limit"})
    return {"filters": by} if by else {}


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
    """The declaration. ``refusals`` are statuses beside those that every endpoint of its kind may answer.

    ``act`` is what the audit trail calls what people do here: what of it is refused leaves a line.
    """

    method: str
    path: str
    needs: Needs
    run: Callable[..., Awaitable[Answer]]
    answers: Mapping[int, type[BaseModel] | None]
    refusals: tuple[int, ...] = ()
    act: str = ""

    def __post_init__(self) -> None:
        if self.method not in SAFE and self.needs.role is not None and not self.act:
            raise TypeError(
                f"{self.method} {self.path}: people change something here, and the audit trail has no name for it"
            )

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


def mount(
    app: web.Application,
    endpoints: list[Endpoint],
    tokens: FormTokens,
    settings: WebSettings,
    audit: Audit,
    clock: Callable[[], float],
) -> None:
    """Add the endpoints to an application."""
    paces = Paces(settings.person_requests_per_s, clock)
    for endpoint in endpoints:
        handler = _handler(endpoint, tokens, settings, audit, paces)
        definition = web.get if endpoint.method == "GET" else _of_method(endpoint.method)
        route_needs.add(app, endpoint.needs, definition(PREFIX + endpoint.path, handler))


def _of_method(method: str) -> Callable[[str, Any], web.RouteDef]:
    return lambda path, handler: web.route(method, path, handler)


def _handler(
    endpoint: Endpoint, tokens: FormTokens, settings: WebSettings, audit: Audit, paces: Paces
) -> Callable[[web.Request], Awaitable[web.Response]]:
    cookie = settings.cookie("session")

    async def handle(request: web.Request) -> web.Response:
        visitor = request[VISITOR]
        if visitor.account is not None and (wait_s := paces.wait_s(visitor.account.login)) > 0:
            log.warning("requests_limited", login=visitor.account.login)
            raise too_many(wait_s)
        if visitor.session is not None and request.method not in SAFE:
            _refuse_forged(request, tokens, request.cookies.get(cookie))
        try:
            answer = await _answer(endpoint, request)
        except Problem as problem:
            await _note(audit, endpoint, request, problem)
            raise
        _check(endpoint, answer)
        text = answer.body.model_dump_json() if answer.body is not None else None
        kind = "application/json" if text is not None else None
        response = web.Response(status=answer.status, text=text, content_type=kind, headers=answer.headers)
        if answer.session is not None:
            set_cookie(response, settings, "session", answer.session)
        return response

    return handle


async def _answer(endpoint: Endpoint, request: web.Request) -> Answer:
    given = await _given(endpoint, request)
    try:
        return await endpoint.run(Call(request[VISITOR]), **given)
    except Refused as refusal:
        raise Problem(409, refusal.text) from refusal


async def _note(audit: Audit, endpoint: Endpoint, request: web.Request, problem: Problem) -> None:
    """A line of what somebody asked for and was not given; other systems ask for too much that is wrong."""
    cause = problem.__cause__
    if not endpoint.act or problem.status not in WORTH_A_LINE or (isinstance(cause, Refused) and cause.in_trail):
        return
    visitor = request[VISITOR]
    if visitor.account is None:
        return
    said = [f"{_named(fault)}: {fault.text['en']}" for fault in problem.faults]
    detail = problem.detail or TITLES[problem.status][1]
    why = "; ".join(said)[:WHY_CHARS] or detail["en"]
    target = next(iter(request.match_info.values()), None)
    of_customer = endpoint.path.startswith("/customers/")
    await witness(audit, refused(Entry(visitor.actor, endpoint.act, target, {"why": why}, of_customer=of_customer)))


_OURS = re.compile(r"(?:#|[a-z_]{1,30})?(?:[/.](?:[a-z_]{1,30}|\d{1,3}))*")


def _named(fault: Fault) -> str:
    """Which field it was; a name that somebody made up may be anybody's words, and lines are never erased."""
    place = fault.pointer or fault.parameter or ""
    return place if _OURS.fullmatch(place) else "an unknown field"


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
            raise Problem(422, faults=faults(error, takes["body"], json.loads(raw))) from None
    return given


def _check(endpoint: Endpoint, answer: Answer) -> None:
    """An answer that was not declared is our mistake, and is found by the first test that meets it."""
    if answer.status not in endpoint.answers:
        raise AssertionError(f"{endpoint.name} does not declare {answer.status}")
    declared = endpoint.answers[answer.status]
    if type(answer.body) is not (declared or type(None)):
        raise AssertionError(f"{endpoint.name} declares {declared} for {answer.status}, not {type(answer.body)}")
