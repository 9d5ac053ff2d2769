"""The floor: what supervisors do there, the calls that were, and the report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from ivr.calls.floor.call_tests import RecordingStore
from ivr.calls.floor.floor import Floor
from ivr.calls.floor.past_calls import CallFilter, PastCall, PastCalls
from ivr.calls.floor.supervisor import ListenMode, SupervisorActions
from ivr.calls.paging import Place
from ivr.calls.people.audit import Audit, Entry, acting
from ivr.calls.ports import Target
from ivr.core.caller import AgentId
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model, narrowed, reading
from ivr.web.api.field_types import ByCall, Id, Line, Name, Paged, Time, cursor, place_after
from ivr.web.api.field_types import ById as ByAgent
from ivr.web.api.report import Report, ReportQuery, report_of
from ivr.web.guard.route_needs import Needs
from ivr.web.problems import Problem

READ = Needs(role="supervisor", scope="reports:read")
ACT = Needs(role="supervisor")


class Listening(Model):
    """How the supervisor's phone is put onto the call."""

    mode: ListenMode


class Moved(Model):
    """Where a call that waits is sent."""

    kind: Literal["queue", "agent"]
    name: Id
    """A queue's name, or an agent's id."""


class StateChange(Model):
    """What becomes of an agent's state."""

    state: Literal["available", "paused"]
    reason: Name | None = None
    """Of the pause, as the desks know it: ``break``, ``lunch``, ``meeting``, ``training``."""


class PastCallOut(Model):
    """One call of the list."""

    id: str
    began: datetime
    ended: datetime | None
    ani: str | None
    customer: str | None
    language: str | None
    intent: str | None
    words: str | None
    queue: str | None
    agent: str | None
    """The name of whoever had it last."""
    agents: int
    """How many had it."""
    outcome: str | None
    solved: bool | None
    recorded: bool
    """Whether its sound was kept."""


class CallQuery(Paged):
    """Which calls are wanted."""

    since: Time | None = None
    until: Time | None = None
    agent: Id | None = None
    """Anybody who had it."""
    queue: Name | None = None
    intent: Name | None = None
    outcome: Name | None = None
    number: Line | None = None
    """The caller's, as people write it."""
    passed_on: Literal["true", "false"] | None = None


class CallPage(Model):
    """The newest first; ``next`` is the cursor of the following page, null on the last."""

    items: list[PastCallOut]
    next: str | None


class Story(Model):
    """A call as it stands, or stood in the end: what an agent's card has, with everything that was said."""

    call: str
    place: str
    """Where it is: ``machine``, ``queue``, ``ringing``, ``agent``, ``held``, ``wrap_up``, ``elsewhere``, ``over``."""
    since: str
    ended: str | None
    language: str
    outcome: str | None
    solved: bool | None
    who: dict[str, Any]
    why: dict[str, Any]
    patience: dict[str, Any]
    known: list[dict[str, Any]]
    transcript: list[dict[str, Any]]
    """Lines with ``at``, ``speaker`` (machine, caller), ``text``, ``language``, ``by`` (voice, keys)."""
    brief: dict[str, Any] | None
    journey: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    queue: dict[str, Any] | None
    reasons: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    signals: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    cases: list[dict[str, Any]]
    recorded: bool
    """Whether the sound of the machine's part was kept."""


class FloorApi:
    """The endpoints."""

    def __init__(
        self,
        floor: Floor,
        supervisor: SupervisorActions,
        past: PastCalls,
        report: Callable[[int], Awaitable[dict[str, Any]]],
        audit: Audit,
        recordings: RecordingStore | None = None,
    ) -> None:
        self._recordings = recordings
        self._floor = floor
        self._supervisor = supervisor
        self._past = past
        self._report = report
        self._audit = audit

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint("GET", "/calls", READ, self.list_calls, {200: CallPage}),
            Endpoint("GET", "/calls/{call}", READ, self.read_call, {200: Story}, (404,)),
            Endpoint("POST", "/calls/{call}/listen", ACT, self.listen, {204: None}, (409,), act="call.listened"),
            Endpoint("POST", "/calls/{call}/move", ACT, self.move_call, {204: None}, (409,), act="call.moved"),
            Endpoint("POST", "/agents/{id}/state", ACT, self.set_agent_state, {204: None}, (409,), act="agent.state"),
            Endpoint("GET", "/report", READ, self.read_report, {200: Report}),
        ]

    async def list_calls(self, call: Call, query: CallQuery) -> Answer:
        """Calls, the newest first"""
        wanted = CallFilter(
            query.since, query.until, query.agent, query.queue, query.intent, query.outcome, query.number,
            None if query.passed_on is None else query.passed_on == "true",
        )  # fmt: skip
        after: Place | None = place_after(query.cursor)
        found = await self._past.page(wanted, query.limit + 1, after)
        await reading(self._audit, call, "calls.read", detail=narrowed(query))
        shown = found[: query.limit]
        more = cursor([shown[-1].began.isoformat(), shown[-1].id]) if len(found) > query.limit else None
        recorded = await self._recorded(*(one.id for one in shown))
        return Answer(200, CallPage(items=[_past(one, one.id in recorded) for one in shown], next=more))

    async def _recorded(self, *calls: str) -> frozenset[str]:
        return await self._recordings.among(calls) if self._recordings else frozenset()

    async def read_call(self, call: Call, path: ByCall) -> Answer:
        """A call with everything that was said in it; people's reading is in the audit trail"""
        story = await self._floor.story(path.id)
        if story is None or (call.visitor.account is None and story["place"] != "over"):
            raise Problem(404)  # a key reads what has been said, not what is being said
        await reading(self._audit, call, "call.read", path.call)
        recorded = path.call in await self._recorded(path.call)
        return Answer(200, Story.model_validate({**story, "recorded": recorded}))

    async def listen(self, call: Call, path: ByCall, body: Listening) -> Answer:
        """Ring the supervisor's own phone and put it onto the call"""
        async with acting(self._audit, Entry(call.by, f"call.{_LISTENED[body.mode]}", path.call)):
            await self._supervisor.listen(call.account, path.id, body.mode)
        return Answer(204)

    async def move_call(self, call: Call, path: ByCall, body: Moved) -> Answer:
        """Send a call that waits to another queue, or to an agent's phone"""
        async with acting(self._audit, Entry(call.by, "call.moved", path.call, {body.kind: body.name})):
            await self._supervisor.move(call.account, path.id, Target(body.kind, body.name))
        return Answer(204)

    async def set_agent_state(self, call: Call, path: ByAgent, body: StateChange) -> Answer:
        """Pause an agent, or take them back into their queues"""
        detail = {"state": body.state, **({"reason": body.reason} if body.reason else {})}
        async with acting(self._audit, Entry(call.by, "agent.state", path.id, detail)):
            await self._supervisor.set_state(AgentId(path.id), body.state, body.reason)
        return Answer(204)

    async def read_report(self, call: Call, query: ReportQuery) -> Answer:
        """What the calls of the last days say of service, routing and dialogue; people's reading is in the audit trail"""
        report = report_of(await self._report(query.days))
        await reading(self._audit, call, "report.read", detail={"days": query.days})
        return Answer(200, report)


_LISTENED = {"listen": "listened", "whisper": "whispered", "join": "joined"}


def _past(one: PastCall, recorded: bool) -> PastCallOut:
    return PastCallOut(**asdict(one), recorded=recorded)
