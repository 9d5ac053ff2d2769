"""Calls that people turn into tests: ``POST /calls/{call}/test``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr.calls.access import Audit, Entry
from ivr.calls.recording import Kept, Maker
from ivr.core.caller import Language
from ivr.web.access import Needs
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model
from ivr.web.api.models import ByCall
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
    title: dict[Language, str]


class Intents(Model):
    """All that the dialogues know now."""

    items: list[Intent]


class CallTestsApi:
    """The endpoints."""

    def __init__(self, kept: Kept, audit: Audit) -> None:
        self._tests = kept.tests
        self._intents = kept.intents
        self._audit = audit

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint("GET", "/intents", MAKE, self.list_intents, {200: Intents}),
            Endpoint("POST", "/calls/{call}/test", MAKE, self.make_test, {201: TestMade}, (404, 409)),
        ]

    async def list_intents(self, call: Call) -> Answer:
        """What calls may be about, as the dialogues have it now"""
        return Answer(200, Intents(items=[Intent(name=n, title=dict(t)) for n, t in self._intents().items()]))

    async def make_test(self, call: Call, path: ByCall, body: TestWanted) -> Answer:
        """Turn a call that is over into a test of the corpus: supervisors any call, agents those that they had"""
        who = call.account
        detail = {} if body.intent is None else {"intent": body.intent}
        await self._audit.write(Entry(call.by, "call.made_test", path.call, detail))
        mine = None if who.may("supervisor") else who.agent.id if who.agent else ""
        made = await self._tests.make(path.id, Maker(who.role, mine), body.intent)
        if made is None:
            raise Problem(404)
        return Answer(201, TestMade(name=made.name, sound=made.sound, pieces=made.pieces))
