"""The floor of a house whose telephone system is pretended: calls come, ring and end as a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ivr.adapters.database import DatabaseCallBacks, DatabaseCalls, DatabaseRecords, Store
from ivr.adapters.recordings import FileRecordings
from ivr.calls.callbacks import CallBacks, CallBackSettings
from ivr.calls.floor import Floor
from ivr.calls.oversight import Oversight
from ivr.calls.recording import Kept
from ivr.calls.supervision import Supervision
from ivr.config import parse
from ivr.core.caller import Agent, AgentId
from ivr.recording import kept, recordings_of
from ivr.reporting import reader
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
    async with AsyncExitStack() as stack, house("where is my order", agents=(WEI, BEN), directory=directory) as calls:
        made: list[Floor] = []

        def above(store: Store) -> Supervision:
            past = DatabaseCalls(store, "DE")
            floor = Floor(calls.board, calls.roster, lambda: FLOW, past, directory, ZoneInfo("UTC"), 20, lambda: True)
            made.append(floor)
            oversight = Oversight(calls.board.calls, calls.roster, calls.telephony, calls.moves, calls.desk.set_state)
            return Supervision(floor, oversight, past, reader(store, parse({}, "test", {}), lambda: FLOW))

        def callers(store: Store) -> CallBacks:
            book = DatabaseCallBacks(store, "DE")
            return CallBacks(
                book,
                calls.board,
                calls.conversations,
                calls.telephony,
                calls.nursery.spawn,
                CallBackSettings(beginnings=("+86", "+49")),
                ZoneInfo("UTC"),
                "DE",
            )

        config = parse({"recording": {"keep": "all"}}, "test", {})
        calls.conversations.recordings = recordings = recordings_of(config, folder, stack)

        def sounds(store: Store) -> Kept:
            return kept(config, folder, store, recordings, lambda: FLOW, directory, calls.board)

        async with real_site(folder, supervision=above, call_backs=callers, kept=sounds, **settings) as site:
            calls.nursery.spawn(made[0].run())
            yield FloorHouse(calls, site, made[0], recordings, folder / "var/corpus")
