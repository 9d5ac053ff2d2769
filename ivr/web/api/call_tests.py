"""Calls that people turn into tests: ``POST /calls/{call}/test``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr.calls.floor.call_tests import CallTestAuthor, RecordingServices
from ivr.calls.people.audit import Audit, Entry, acting
from ivr.calls.ports import Refused
from ivr.core.texts import text
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model
from ivr.web.api.field_types import ByCall, PageText
from ivr.web.guard.route_needs import Needs
from ivr.web.problems import Problem

MAKE = Needs(role="agent")


class TestWanted(Model):
    """What is known better than the machine knew it."""

    intent: Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,63})?$")] | None = None
    """What the call was about; "" for none of the house's reasons; null: as it was understood or put right."""


class TestMade(Model):
    """The files of the test are NAME.toml and, with sound, NAME.wav in the corpus."""

    name: str
    sound: bool
    """False: in text, because there is no recording or no consent to it."""
    pieces: int
    """Things that the caller says or presses in it."""


class Intent(Model):
    """What a call may be about."""

    name: str
    title: PageText


class Intents(Model):
    """All that the dialogues know now."""

    items: list[Intent]


NO_SUCH_CALL = text("api.title.not_found")


class CallTestsApi:
    """The endpoints."""

    def __init__(self, recording: RecordingServices, audit: Audit) -> None:
        self._tests = recording.tests
        self._intents = recording.intents
        self._audit = audit

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint("GET", "/intents", MAKE, self.list_intents, {200: Intents}),
            Endpoint("POST", "/calls/{call}/test", MAKE, self.make_test, {201: TestMade}, (404, 409), act="call.made_test"),
        ]  # fmt: skip

    async def list_intents(self, call: Call) -> Answer:
        """What calls may be about, as the dialogues have it now"""
        return Answer(200, Intents(items=[Intent(name=n, title=dict(t)) for n, t in self._intents().items()]))

    async def make_test(self, call: Call, path: ByCall, body: TestWanted) -> Answer:
        """Turn a call that is over into a test of the corpus: supervisors any call, agents those that they had"""
        who = call.account
        detail = {} if body.intent is None else {"intent": body.intent}
        mine = None if who.may("supervisor") else who.agent.id if who.agent else ""
        try:
            async with acting(self._audit, Entry(call.by, "call.made_test", path.call, detail)):
                made = await self._tests.make(path.id, CallTestAuthor(who.role, mine), body.intent)
                if made is None:
                    raise Refused(NO_SUCH_CALL)
        except Refused as refused:
            if refused.text is NO_SUCH_CALL:
                raise Problem(404) from refused
            raise
        return Answer(201, TestMade(name=made.name, sound=made.sound, pieces=made.pieces))
