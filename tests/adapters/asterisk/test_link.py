"""What the link makes of a manager that speaks at the wrong moment; all that goes well runs against the real one in e2e."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from ivr.adapters.asterisk.claim import Claim, NotAlone
from ivr.adapters.asterisk.link import AsteriskLink, AsteriskSettings
from ivr.core.caller import CallId
from ivr.wire.asterisk.ami_events import Event, Found, Rang
from tests.conftest import PATIENCE_S

Fields = dict[str, str]


def message(fields: Fields) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


class Manager:
    """Answers every action; what ``between`` gives is said after the list of channels and before the queues'."""

    def __init__(self, between: Callable[[], Fields], after: str = "Status") -> None:
        self._between = between
        self._after = after

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        while block := await self._action(reader):
            action = {"ActionID": block["actionid"]}
            name = block["action"]
            if name not in ("Status", "QueueStatus"):
                writer.write(message({"Response": "Success"} | action))
                if name == self._after:
                    writer.write(message(self._between()))
                continue
            writer.write(message({"Response": "Success", "EventList": "start"} | action))
            writer.write(message({"Event": f"{name}Complete", "EventList": "Complete"} | action))
            if name == self._after:
                writer.write(message(self._between()))
        writer.close()

    @staticmethod
    async def _action(reader: asyncio.StreamReader) -> Fields:
        fields: Fields = {}
        while (line := (await reader.readline()).decode().strip()) or not fields:
            if not line and reader.at_eof():
                return {}
            name, _, value = line.partition(": ")
            fields[name.lower()] = value
        return fields


RANG = {
    "Event": "UserEvent", "UserEvent": "IvrRing", "Channel": "PJSIP/line-1", "CallerIDNum": "1001", "Dnis": "4000",
    "ChanVariable": "IVR_CALL=0b5f6a4e-9d2e-4f43-a6a6-7d0b3f1d2c11",
}  # fmt: skip


class Place(Claim):
    """Asks something, during which a call rings; then it is had, or another server has it."""

    had = True

    async def make(self, asterisk: Any) -> None:
        assert not asterisk.connected, "/health must not say that all is well: nobody follows calls yet"
        await asterisk.tell("Anybody", {})
        await asterisk.tell("Else", {})  # by its answer what came before it has been read
        if not self.had:
            raise NotAlone("another server works here")


@pytest.mark.parametrize("had", [True, False])
async def test_call_that_rings_before_the_place_is_ours_is_ours_only_then(had: bool) -> None:
    server = await asyncio.start_server(Manager(lambda: RANG, after="UserEvent").serve, "127.0.0.1", 0)
    place, told, enough = Place("run"), list[Event | Found](), asyncio.Event()
    place.had = had
    link = AsteriskLink(AsteriskSettings("127.0.0.1", server.sockets[0].getsockname()[1], "ivr", "secret"), place)

    def event(one: Event, stamp: float | None) -> None:
        told.append(one)
        enough.set()

    running = asyncio.create_task(link.run(event, told.append, lambda: None))
    async with asyncio.timeout(PATIENCE_S):
        if had:
            await enough.wait()
            assert [type(one) for one in told[:2]] == [Found, Rang] and link.connected
            running.cancel()
        else:
            with pytest.raises(NotAlone):
                await running
            assert told == [], "the other one has it"
    server.close()


async def test_call_that_rings_while_asterisk_is_looked_at_is_told_after_what_was_found() -> None:
    call = CallId(uuid4())
    rang = {
        "Event": "UserEvent", "UserEvent": "IvrRing", "Channel": "PJSIP/line-1", "ChanVariable": f"IVR_CALL={call}",
        "CallerIDNum": "1001", "Dnis": "4000",
    }  # fmt: skip
    server = await asyncio.start_server(Manager(lambda: rang).serve, "127.0.0.1", 0)
    link = AsteriskLink(AsteriskSettings("127.0.0.1", server.sockets[0].getsockname()[1], "ivr", "secret"))
    told: list[Event | Found] = []
    enough = asyncio.Event()

    def event(one: Event, stamp: float | None) -> None:
        told.append(one)
        enough.set()

    running = asyncio.create_task(link.run(event, told.append, lambda: None))
    async with asyncio.timeout(PATIENCE_S):
        await enough.wait()
        found, news = told
        assert isinstance(found, Found), (
            "an event before what was found: the call would be taken for one that has ended"
        )
        assert not found.channels
        assert isinstance(news, Rang)
        assert news.call == call
        enough.clear()
        async with link.looking():
            assert not enough.is_set(), "not while somebody brings everything in step"
        assert enough.is_set()
        assert told[-1] == news
    running.cancel()
    server.close()
