"""A CRM over HTTP, with a real web server in its place: slow, dead, refusing, sending rubbish; no call waits for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from ivr.adapters.customers.crm import HttpCustomers
from ivr.adapters.customers.lookups import MOST_BYTES
from ivr.adapters.database import DatabaseDirectory, DatabaseMemory, Store
from ivr.adapters.database.customers.keeping import DatabaseKeeping
from ivr.calls.integrations.customer_directory import MOST_AT_ONCE, NotAnswered, OutsideDirectory, Patience, Unusable
from ivr.core.breaker import Breaker
from ivr.core.caller import Caller, Preferences
from ivr.wire.customers.record import Mapped
from tests.calls.exchange import NUMBER, house
from tests.calls.fakes import Tasks, tasks
from tests.conftest import PATIENCE_S
from tests.thrift import sqlite

TOKEN = "tok-3141592"
LIN = {"id": "C1", "name": "Lin Mei 林美", "tier": "gold", "language": "zh"}
SOON_S = 0.1


@dataclass
class Crm:
    """A CRM that knows Ms Lin; ``answer`` is what it does instead, ``gate`` holds its answers back."""

    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    asked: list[str] = field(default_factory=list)
    """Raw paths with their queries."""
    headers: list[dict[str, str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.raw_path)
        self.headers.append(dict(request.headers))
        self.came.set()
        await self.gate.wait()
        return await self.answer(request) if self.answer else web.json_response(LIN)


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    made = Crm()
    made.gate.set()
    app = web.Application()
    app.router.add_route("*", "/{all:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/customers?phone={{number}}&v=2"
    yield made
    made.gate.set()
    await runner.cleanup()


@pytest.fixture
async def customers(crm: Crm) -> AsyncIterator[HttpCustomers]:
    made = HttpCustomers(crm.url, TOKEN, Mapped())
    yield made
    await made.close()


def says(body: Any, status: int = 200, **headers: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=raw, status=status, headers=headers)

    return answer


# -- one request


async def test_number_and_token_go_along(crm: Crm, customers: HttpCustomers) -> None:
    record = await customers.ask(NUMBER)
    assert record and (record.id, record.fields["name"]) == ("C1", "Lin Mei 林美")
    assert crm.asked == ["/api/customers?phone=%2B8613800138000&v=2"]
    assert crm.headers[0]["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("path", ["/c/{number}", "/c/{number}/card?x=1", "/find?q=tel:{number}"])
async def test_number_may_stand_anywhere(crm: Crm, path: str) -> None:
    made = HttpCustomers(crm.url.partition("/api")[0] + path, None, Mapped())
    assert await made.ask(NUMBER)
    await made.close()
    assert crm.asked[0].replace("%2B", "+") == path.replace("{number}", "+8613800138000")
    assert "Authorization" not in crm.headers[0]


@pytest.mark.parametrize("answer", [says(b"", 404), says(b"", 204), says(None), says([])])
async def test_nobody(crm: Crm, customers: HttpCustomers, answer: Any) -> None:
    crm.answer = answer
    assert await customers.ask(NUMBER) is None


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (says(b"", 302, Location="/elsewhere"), "HTTP 302"), (says(b"", 401), "HTTP 401"), (says(b"", 429), "HTTP 429"),
        (says(b"", 500), "HTTP 500"), (says(b"<html>Lin Mei"), "does not answer with JSON"),
        (says(b"[" * 100_000), "does not answer with JSON"), (says(b"\xff\xfe"), "does not answer with JSON"),
        (says({**LIN, "note": "x" * MOST_BYTES}), f"answers with more than {MOST_BYTES} bytes"),
    ],
)  # fmt: skip
async def test_no_answer(crm: Crm, customers: HttpCustomers, answer: Any, problem: str) -> None:
    crm.answer = answer
    with pytest.raises(NotAnswered, match=problem) as failed:
        await customers.ask(NUMBER)
    assert len(crm.asked) == 1, "no redirect is followed, nothing is tried again"
    assert "Lin" not in str(failed.value) and NUMBER not in str(failed.value)


async def test_nobody_listens_there() -> None:
    made = HttpCustomers("http://127.0.0.1:1/{number}", None, Mapped())
    with pytest.raises(NotAnswered, match="cannot be reached"):
        await made.ask(NUMBER)
    await made.close()


async def test_connection_that_breaks_off(crm: Crm, customers: HttpCustomers) -> None:
    async def breaks(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.abort()
        return web.Response()

    crm.answer = breaks
    with pytest.raises(NotAnswered):
        await customers.ask(NUMBER)


async def test_bad_record_is_logged_without_anything_of_the_customer(crm: Crm, customers: HttpCustomers) -> None:
    with capture_logs() as logs:
        crm.answer = says({**LIN, "tier": "Secret-Tier"})
        record = await customers.ask(NUMBER)
        assert record and "tier" not in record.fields
        crm.answer = says({"name": "Secret-Name"})
        with pytest.raises(Unusable, match="id: is missing, and must be written"):
            await customers.ask(NUMBER)
    assert logs[0]["problem"].startswith("tier: what stands there is none of") and "Secret" not in repr(logs)
    assert NUMBER not in repr(logs)


# -- beside calls


@dataclass
class Desk:
    """A directory over a real database, with a clock that the test turns."""

    directory: OutsideDirectory
    store: Store
    breaker: Breaker
    nursery: Tasks
    now: float = 0.0
    late: list[Caller] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def take_late(self, caller: Caller) -> None:
        self.late.append(caller)
        self.told.set()

    async def name(self, number: str = NUMBER) -> str | None:
        """Whom a call is greeted as."""
        caller = await self.directory.find(number, self.take_late)
        return caller.customer.name if caller and caller.customer else None

    def will_not_wait(self) -> None:
        """From now on calls go on without the answer, as they do with real times."""
        self.directory._patience = Patience(SOON_S, 10.0, 60, 3)

    async def settled(self) -> None:
        """Everything that is under way has come to its end."""
        while self.nursery._running:
            await asyncio.gather(*self.nursery._running, return_exceptions=True)

    @property
    def results(self) -> dict[str, int]:
        return {name: count for name, count in self.directory.figures.results.items() if count}


@asynccontextmanager
async def desk_of(url: str, folder: Path, patience: Patience) -> AsyncIterator[Desk]:
    store, customers, breaker = (
        Store(sqlite(folder / "ivr.db")),
        HttpCustomers(url, None, Mapped()),
        Breaker(3, 30),
    )
    async with tasks() as nursery:
        made: Desk
        directory = OutsideDirectory(
            DatabaseDirectory(store, "DE"), customers, DatabaseKeeping(store), breaker, patience, "DE", nursery.spawn,
            lambda: made.now,
        )  # fmt: skip
        made = Desk(directory, store, breaker, nursery)
        yield made
        await made.settled()
    await customers.close()
    await store.close()


@pytest.fixture
async def desk(crm: Crm, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_of(crm.url, tmp_path, Patience(5.0, 10.0, 60, 3)) as made:
        yield made


async def test_customer_is_kept_with_all_that_is_ours(crm: Crm, desk: Desk) -> None:
    assert await desk.name("0086 138 0013 8000") == "Lin Mei 林美"
    await DatabaseMemory(desk.store).remember("C1", Preferences(slow=True))
    desk.now = 61
    crm.answer = says({**LIN, "name": "Lin Mei Wu"})
    caller = await desk.directory.find(NUMBER)
    assert caller and caller.customer and caller.customer.name == "Lin Mei Wu" and caller.preferences.slow
    assert len(crm.asked) == 2


async def test_answer_is_believed_for_a_while(crm: Crm, desk: Desk) -> None:
    for now in (0, 30, 59):
        desk.now = now
        assert await desk.name() == "Lin Mei 林美"
    assert len(crm.asked) == 1 and desk.results == {"found": 1, "cached": 2}
    desk.now = 60
    await desk.name()
    assert len(crm.asked) == 2


async def test_memory_of_answers_is_bounded(crm: Crm, desk: Desk) -> None:
    crm.answer = says(b"", 404)
    for n in range(10):
        await desk.name(f"+49309018{n:02}")
    assert len(desk.directory._told) == 3


async def test_one_number_is_asked_once_at_a_time(crm: Crm, desk: Desk) -> None:
    crm.gate.clear()
    asking = [asyncio.ensure_future(desk.directory.find(NUMBER)) for _ in range(8)]
    await asyncio.wait_for(crm.came.wait(), PATIENCE_S)
    crm.gate.set()
    found = await asyncio.gather(*asking)
    assert len(crm.asked) == 1 and all(one and one.customer for one in found)


async def test_slow_crm_is_not_waited_for_and_completes_the_card(crm: Crm, desk: Desk) -> None:
    assert await desk.name() == "Lin Mei 林美"
    crm.gate.clear()
    crm.answer = says({**LIN, "name": "Lin Mei Wu"})
    desk.now = 100
    desk.will_not_wait()
    assert await desk.name() == "Lin Mei 林美", "as we knew her last"
    assert desk.late == [] and desk.directory._under_way, "it is still being asked"
    crm.gate.set()
    await asyncio.wait_for(desk.told.wait(), PATIENCE_S)
    [newer] = desk.late
    assert newer.customer and newer.customer.name == "Lin Mei Wu"
    assert desk.results == {"found": 2, "late": 1}


async def test_nobody_outside_is_nobody_here(crm: Crm, desk: Desk) -> None:
    assert await desk.name()
    crm.answer = says(b"", 404)
    desk.now = 100
    assert await desk.name() is None, "the number is somebody else's by now"
    crm.answer = says(b"", 500)
    desk.now = 200
    assert await desk.name() is None, "that was the last word on it"


async def test_extension_is_nobody_s_business_outside(crm: Crm, desk: Desk) -> None:
    for odd in ("1001", "", "anonymous", "+" + "9" * 40, "+49x"):
        assert await desk.name(odd) is None
    assert crm.asked == []


async def test_dead_crm_is_left_alone_and_found_again(crm: Crm, desk: Desk) -> None:
    assert await desk.name() == "Lin Mei 林美"
    crm.answer = says(b"", 503)
    with capture_logs() as logs:
        for n in range(3):
            desk.now = 100 + n
            assert await desk.name() == "Lin Mei 林美", "the last known copy"
        assert desk.breaker.state == "open" and len(crm.asked) == 4
        for _ in range(5):
            assert await desk.name() == "Lin Mei 林美"
        assert len(crm.asked) == 4, "not asked while it is open"
        desk.now = 140
        crm.gate.clear()
        crm.came.clear()
        crm.answer = says({**LIN, "name": "Lin Mei Wu"})
        probe = asyncio.ensure_future(desk.directory.find("+4930901820"))
        await asyncio.wait_for(crm.came.wait(), PATIENCE_S)
        assert desk.directory.figures.breaker == "half_open"
        assert await desk.name() == "Lin Mei 林美" and len(crm.asked) == 5, "one question decides"
        crm.gate.set()
        await probe
        await desk.settled()
    assert desk.directory.figures.breaker == "closed"
    assert await desk.name() == "Lin Mei Wu"
    assert [entry["event"] for entry in logs if entry["log_level"] != "warning"] == [
        "directory is left alone",
        "directory is asked again",
    ]
    assert NUMBER not in repr(logs) and "Lin" not in repr(logs)


async def test_rubbish_is_an_answer_but_nobody(crm: Crm, desk: Desk) -> None:
    assert await desk.name() == "Lin Mei 林美"
    crm.answer = says({"name": "no id"})
    for n in range(5):
        desk.now = 100 + n
        assert await desk.name() == "Lin Mei 林美"
    assert desk.breaker.state == "closed" and desk.results == {"found": 1, "unusable": 5}


async def test_number_of_several_customers_greets_none_of_them(crm: Crm, desk: Desk) -> None:
    assert await desk.name() == "Lin Mei 林美"
    crm.answer = says([LIN, {**LIN, "id": "C2"}])
    desk.now = 100
    for _ in range(2):
        caller = await desk.directory.find("+4930901820")
        assert caller and (caller.customer, caller.lookup) == (None, "several"), "our own copy knows only one of them"
    assert desk.results == {"found": 1, "several": 1, "cached": 1}


async def test_crm_that_never_answers_is_given_up(crm: Crm, tmp_path: Path) -> None:
    crm.gate.clear()
    async with desk_of(crm.url, tmp_path, Patience(0.05, 0.2, 60, 10)) as desk:
        for n in range(3):
            caller = await desk.directory.find(f"+493090182{n}", desk.take_late)
            assert caller and (caller.customer, caller.lookup) == (None, "pending")
        await desk.settled()
        assert desk.breaker.state == "open" and desk.results == {"late": 3, "failed": 3}
        assert [(caller.customer, caller.lookup) for caller in desk.late] == [(None, "failed")] * 3


@pytest.mark.parametrize(
    ("answer", "says_of_caller"),
    [(says(b"", 404), None), (says(b"<html>"), "failed"), (says({"name": "no id"}), "failed"), (says(b"", 500), "failed")],
)  # fmt: skip
async def test_nobody_is_called_unknown_whom_nobody_could_be_asked_about(
    crm: Crm, desk: Desk, answer: Any, says_of_caller: str | None
) -> None:
    crm.answer = answer
    caller = await desk.directory.find(NUMBER)
    assert (caller.lookup if caller else None) == says_of_caller
    for _ in range(5):
        desk.breaker.failed(desk.now)
    caller = await desk.directory.find(NUMBER)
    assert (caller.lookup if caller else None) == says_of_caller, "nor while the CRM is left alone"


async def test_late_word_that_there_is_nobody_is_told_too(crm: Crm, desk: Desk) -> None:
    desk.will_not_wait()
    crm.gate.clear()
    crm.answer = says(b"", 404)
    caller = await desk.directory.find(NUMBER, desk.take_late)
    assert caller and caller.lookup == "pending"
    crm.gate.set()
    await desk.told.wait()
    assert [(one.customer, one.lookup) for one in desk.late] == [(None, "unknown")]


async def test_questions_under_way_are_bounded(crm: Crm, tmp_path: Path) -> None:
    crm.gate.clear()
    async with desk_of(crm.url, tmp_path, Patience(0.01, 1.0, 60, 10)) as desk:
        await asyncio.gather(*(desk.name(f"+4930901{n:04}") for n in range(MOST_AT_ONCE + 30)))
        assert desk.results["not_asked"] == 30
        crm.gate.set()


async def test_fault_in_keeping_costs_this_answer_and_shows_nothing(crm: Crm, desk: Desk) -> None:
    class Broken:
        async def keep(self, number: str, record: object) -> None:
            raise ValueError(f"{number} {record}")

    desk.directory._mirror = Broken()
    with capture_logs() as logs:
        assert await desk.name() is None
    assert [entry["problem"] for entry in logs] == ["ValueError"] and "Lin" not in repr(logs)
    assert desk.directory._under_way == {}


async def test_database_that_is_away_is_told_to_the_call(crm: Crm, desk: Desk) -> None:
    class Away:
        async def keep(self, number: str, record: object) -> None:
            raise ConnectionError("away")

    desk.directory._mirror = Away()
    with capture_logs() as logs:
        assert await desk.name() is None
    assert [entry["event"] for entry in logs] == ["customer of the directory not kept"]
    assert desk.breaker.state == "closed" and desk.results == {"failed": 1}, "the CRM has done its part"


# -- in a call


async def test_crm_that_never_answers_does_not_delay_the_greeting(crm: Crm, desk: Desk) -> None:
    crm.gate.clear()
    desk.will_not_wait()
    async with house(directory=desk.directory) as h:  # type: ignore[arg-type]
        live, line = h.rings(), h.connects()
        await h.until(lambda: line.said)
        assert desk.directory._under_way, "it is still being asked"
        assert line.said == ["welcome"] and not live.ledger.caller.known
        await asyncio.wait_for(crm.came.wait(), PATIENCE_S)
        # … and when it comes in the middle of the call, the card has it
        crm.gate.set()
        await h.until(lambda: live.ledger.caller.customer)
        await h.until(lambda: h.kinds(live).count("looked_up") == 2)
        caller = live.ledger.caller
        assert caller.customer and (caller.customer.id, caller.lookup) == ("C1", "found")
        assert (caller.ani, caller.shown_name, caller.dnis) == (NUMBER, "LIN MEI", "4000"), "Asterisk's own words stay"


async def test_known_customer_of_a_dead_crm_is_greeted_by_name_in_time(crm: Crm, desk: Desk) -> None:
    await desk.name()
    crm.gate.clear()
    desk.will_not_wait()
    desk.now = 100
    async with house(directory=desk.directory) as h:  # type: ignore[arg-type]
        h.rings()
        line = h.connects()
        await h.until(lambda: line.said)
        assert line.said == ["welcome_back"]


async def test_call_stays_with_the_customer_whom_it_was_greeted_as(crm: Crm, desk: Desk) -> None:
    await desk.name()
    crm.gate.clear()
    crm.answer = says({"id": "C2", "name": "Tom"})
    desk.will_not_wait()
    desk.now = 100
    async with house(directory=desk.directory) as h:  # type: ignore[arg-type]
        live, line = h.rings(), h.connects()
        await h.until(lambda: line.said)
        with capture_logs() as logs:
            crm.gate.set()
            await desk.settled()
        assert live.ledger.caller.customer and live.ledger.caller.customer.id == "C1"
        assert "number has another customer now, from the next call on" in [entry["event"] for entry in logs]
    assert await desk.name() == "Tom"
