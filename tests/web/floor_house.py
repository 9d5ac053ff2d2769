"""The floor of a house whose telephone system is pretended: calls come, ring and end as a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ivr.adapters.database import DatabaseCallBacks, DatabaseCalls, DatabaseRecords, Store
from ivr.adapters.sound.recordings import FileRecordings
from ivr.calls.call_backs.requests import CallBackRequests, CallBackSettings
from ivr.calls.floor.call_tests import RecordingServices
from ivr.calls.floor.floor import Floor
from ivr.calls.floor.supervision import Supervision
from ivr.calls.floor.supervisor import SupervisorActions
from ivr.config.load import parse
from ivr.core.caller import Agent, AgentId
from ivr.server.pages.report import reader
from ivr.server.speech.recordings import recording_services, recordings_of
from tests.calls.exchange import House, house
from tests.calls.fakes import Directory
from tests.core.little_house import FLOW, lin
from tests.web.real_house import RealSite, real_site

WEI = Agent(AgentId("wei"), "Chen Wei", "PJSIP/1001", ("en", "zh"), {"delivery": 9}, "Berlin", ("orders", "front"))
BEN = Agent(AgentId("ben"), "Ben Okafor", "PJSIP/1002", ("en",), {"billing": 7}, None, ("billing", "front"))
NUMBER = "+8613800138000"


@dataclass
class FloorHouse:
    """The calls, the site and what supervisors have of both."""

    calls: House
    site: RealSite
    floor: Floor
    recordings: FileRecordings
    corpus: Path

    async def write_down(self) -> None:
        """All calls are in the database."""
        await self.calls.recorder.drain(5)
        written = self.calls.records.written
        rows = {"customer_id": None, "agent_id": None}  # the little house has customers and agents of its own
        await DatabaseRecords(self.site.store).write(
            [type(one)({**one.record, **rows}, one.entries) for one in written]
        )
        written.clear()


@asynccontextmanager
async def floor_house(folder: Path, **settings: Any) -> AsyncIterator[FloorHouse]:
    """A site with a floor, on which nothing goes on yet; ``settings`` as of ``real_site``."""
    directory = Directory({NUMBER: lin()})
    async with AsyncExitStack() as stack:
        config = parse({"recording": {"keep": "all"}}, "test", {})
        recordings = recordings_of(config, folder, stack)
        heard, agents = "where is my order", (WEI, BEN)
        calls = await stack.enter_async_context(house(heard, agents=agents, directory=directory, recordings=recordings))
        made: list[Floor] = []

        def above(store: Store) -> Supervision:
            past = DatabaseCalls(store, "DE")
            floor = Floor(calls.calls, calls.roster, lambda: FLOW, past, directory, ZoneInfo("UTC"), 20, tuple)
            made.append(floor)
            supervisor = SupervisorActions(
                calls.board.calls, calls.roster, calls.telephony, calls.call_control, calls.desk.set_state
            )
            return Supervision(floor, supervisor, past, reader(store, parse({}, "test", {}), lambda: FLOW))

        def callers(store: Store) -> CallBackRequests:
            book, settings = DatabaseCallBacks(store, "DE"), CallBackSettings(beginnings=("+86", "+49"))
            return CallBackRequests(
                book, calls.current, calls.nursery.spawn, settings, "DE", calls.calls.now, calls.recorder.put
            )

        def sounds(store: Store) -> RecordingServices:
            return recording_services(config, folder, store, recordings, lambda: FLOW, directory, calls.calls)

        async with real_site(folder, supervision=above, call_backs=callers, recording=sounds, **settings) as site:
            calls.nursery.spawn(made[0].run())
            yield FloorHouse(calls, site, made[0], recordings, folder / "var/corpus")
