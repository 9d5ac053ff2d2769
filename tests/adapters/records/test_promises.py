"""A call back that was promised while the database is away, through a kill of the server, into the database; on both of them."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ivr.adapters.database import DatabaseCallBacks, DatabaseRecords, Store
from ivr.adapters.records import Journal
from ivr.calls.call_backs.requests import CallBackRequests, CallBackSettings
from ivr.calls.live import LiveCall
from ivr.calls.recorder import Recorder
from ivr.calls.records import Contact
from ivr.core.call_back import CallBack
from ivr.core.caller import Caller, CallId
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue.messages import CallBack as Asked
from ivr.core.dialogue.messages import HandOver
from tests.adapters.conftest import Postgres, dialect, postgres, store, url  # noqa: F401  # the fixtures
from tests.calls.fakes import Records, current, edition
from tests.calls.test_recorder import AT
from tests.core.little_house import FLOW
from tests.waiting import until

NUMBER = "+4930901820"


class Away:
    """The table of call backs, while the database is away."""

    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: Any, **__: Any) -> Any:
            raise ConnectionError("away")

        return nothing


def ringing() -> LiveCall:
    call = CallId(uuid4())
    ledger = Ledger(call, Caller(NUMBER, None, "4000"), AT, "en")
    ledger.add(AT, "rang", ani=NUMBER, dnis="4000", channel="x")
    return LiveCall(call, "PJSIP/x", ledger, edition(FLOW))


async def asked_and_killed(live: LiveCall, folder: Path, times: int = 1) -> None:
    """A server whose database is away promises to ring somebody, and is killed."""
    journal = Journal(folder / "journal", 4 << 20)
    recorder = Recorder(Records(away_for=10_000), journal=journal)
    await recorder.begin()
    spawned: set[asyncio.Task[None]] = set()
    requests = CallBackRequests(
        Away(), current(FLOW), spawned.add, CallBackSettings(), "DE", lambda: AT, recorder.put,  # type: ignore[arg-type]
    )  # fmt: skip
    running = asyncio.ensure_future(recorder.run())
    for _ in range(times):
        assert await requests.asked(live, Asked(HandOver("late", "orders", "understood")))
    await until(lambda: journal.behind and not live.ledger.unwritten)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    journal.close()


async def started_again(folder: Path, store: Store) -> None:  # noqa: F811
    journal = Journal(folder / "journal", 4 << 20)
    await Recorder(DatabaseRecords(store), journal=journal).begin()
    assert not journal.behind
    journal.close()


async def test_promise_is_there_to_be_placed_when_the_database_is(store: Store, tmp_path: Path) -> None:  # noqa: F811
    live, book = ringing(), DatabaseCallBacks(store, "DE")
    await asked_and_killed(live, tmp_path)
    assert await book.due(AT, 10) == []
    await started_again(tmp_path, store)
    [one] = await book.due(AT, 10)
    assert one == CallBack(**live.call_backs[0]) and (one.number, one.contact) == (NUMBER, str(live.id))


@pytest.mark.parametrize("state", ["waiting", "done"])
async def test_promise_that_is_written_again_changes_nothing(store: Store, tmp_path: Path, state: str) -> None:  # noqa: F811
    live, book = ringing(), DatabaseCallBacks(store, "DE")
    await asked_and_killed(live, tmp_path, times=2)
    await started_again(tmp_path, store)
    [one] = await book.due(AT, 10)
    await book.change(one.id, ("waiting",), state=state)
    after = replace(one, state=state)
    other = {**asdict(one), "id": str(uuid4()), "source": "asked:another call"}
    await DatabaseRecords(store).write([_with(live, one), _with(live, one, other)])
    left = await book.page(None, 10)
    # who stands in line has no second place; whose call back is done may ask again
    assert {o.source for o in left} == {one.source} | ({"asked:another call"} if state == "done" else set())
    assert after in left


def _with(live: LiveCall, one: CallBack, *more: dict[str, Any]) -> Contact:
    return Contact({**live.record(AT), "call_backs": [asdict(one), *more]}, ())
