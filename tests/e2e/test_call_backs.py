"""Customers are called: an agent first, with the whole card, then they; on a real Asterisk with real SIP phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.adapters.database import DatabaseCallBacks, DatabaseCalls
from ivr.calls.agents.queue_states import queue_states
from ivr.calls.agents.roster import AgentStatus
from ivr.calls.call_backs.ports import Consent
from ivr.calls.people.audit import Actor
from ivr.core.call_back import CallBack
from ivr.core.signal import Signal
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.phones import PhoneBank
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.shop import shop
from tests.conftest import RealParts
from tests.e2e.conftest import House, until
from tests.e2e.test_paths import Floor, open_floor

ANNA, PHONE = shop.ANNA_SCHMIDT, "2001"
"""Ms Schmidt can be called at a phone of the lab."""
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ALWAYS = {
    "earliest": "00:00", "latest": "23:59", "days": DAYS, "retry_minutes": 1, "ring_s": 8,
    "signals": {"delivery_failed": "late_delivery"},
}  # fmt: skip


@pytest.fixture(scope="module")
def bank(asterisk: PrivateAsterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneBank]:
    with PhoneBank(asterisk, tmp_path_factory.mktemp("phones")) as made:
        yield made


@pytest.fixture
async def floor(
    asterisk: PrivateAsterisk, lab: Lab, bank: PhoneBank, tmp_path: Path, real_parts: RealParts
) -> AsyncIterator[Floor]:
    async with AsyncExitStack() as stack:
        made = await open_floor(stack, asterisk, lab, bank, tmp_path, {"callbacks": ALWAYS})
        real_parts.used("SIP phones", "as customers who are called")
        try:
            yield made
        finally:
            await asyncio.to_thread(bank.hang_up_everything)
            for status in made.house.server.roster.statuses.values():
                await paused(made.house, status, None)


async def paused(house: House, status: AgentStatus, why: str | None) -> None:
    """Somebody in all of their queues, or again in none."""
    for queue in status.queues:
        await house.server.link.pause(queue, status.agent.interface, why is not None, why)


def book(floor: Floor) -> DatabaseCallBacks:
    return DatabaseCallBacks(floor.house.server.store, "DE")


def wanted(**changes: object) -> CallBack:
    now = datetime.now(UTC)
    given: dict[str, object] = {
        "id": "00000000-0000-0000-0000-000000000001", "number": ANNA, "why": "asked", "due_at": now, "created_at": now,
        "created_by": "caller", "source": "test", "customer": "C1002", "intent": "late_delivery",
        "words": "where is my diver watch", "said_at": now - timedelta(hours=2), "text": "Promised to look into it",
    }  # fmt: skip
    return CallBack(**(given | changes))  # type: ignore[arg-type]


async def stands(floor: Floor, number: str, state: str) -> CallBack:
    """The call back, once it has come to that state."""
    async with asyncio.timeout(20):
        while (one := await book(floor).one(number)) is None or one.state != state:  # noqa: ASYNC110  # it is in the database
            await asyncio.sleep(0.05)
    return one


async def test_agent_has_the_card_then_the_customer_rings_and_they_talk(floor: Floor) -> None:
    one, _ = await book(floor).add(wanted())
    await floor.house.happened("call_back", 10)
    who, card = await floor.rings_for_anna("ana", "ben")
    assert card["who"]["name"] == "Anna Schmidt"
    assert (card["why"]["intent"], card["why"]["words"]) == ("late_delivery", "where is my diver watch")
    assert card["why"]["words_at"] and card["why"]["certainty"] == "earlier"
    assert (card["brief"]["way"], card["brief"]["text"]) == ("call_back", "Promised to look into it")
    assert not card["missing"]
    assert not floor.house.kinds("called_back"), "nobody is called before an agent is there"
    await asyncio.to_thread(floor.bank.answers, floor.channels[who])
    channel = await asyncio.to_thread(floor.bank.rings, PHONE, 15)
    await until(lambda: floor.card(who)["dialling"], 5, "the card does not say that the customer rings")
    await asyncio.to_thread(floor.bank.answers, channel)
    await floor.house.happened("called_back", 10)
    await until(lambda: not floor.card(who)["dialling"], 5, "the card does not say that the customer answers")
    done = await stands(floor, one.id, "done")
    assert (done.attempts, done.last) == (1, "answered")
    await asyncio.to_thread(floor.bank.hangs_up, channel)
    await floor.house.happened("hung_up", 10)
    calls = DatabaseCalls(floor.house.server.store, "DE")
    await floor.house.server.recorder.drain(5)
    assert await calls.waits(datetime.now(UTC) - timedelta(hours=1)) == [], "it is us who called: nobody has waited"


async def test_customer_who_does_not_answer_is_called_again_and_the_agent_is_free_at_once(floor: Floor) -> None:
    one, _ = await book(floor).add(wanted())
    who, _ = await floor.rings_for_anna("ana", "ben")
    await asyncio.to_thread(floor.bank.answers, floor.channels[who])
    channel = await asyncio.to_thread(floor.bank.rings, PHONE, 15)
    await asyncio.to_thread(floor.bank.hangs_up, channel)  # refused
    again = await stands(floor, one.id, "waiting")
    assert again.attempts == 1 and again.last in ("busy", "no answer", "congestion", "chanunavail")
    assert again.due_at > datetime.now(UTC)
    await floor.on_desk(who, None)
    assert floor.house.call.outcome == "nobody_there"
    states = floor.house.server.roster.states
    await until(lambda: states()[who] == "available", 10, "the agent is not free again")  # type: ignore[index]


async def test_caller_asks_to_be_called_and_keeps_the_place(floor: Floor) -> None:
    """Through the dialogue: five wait already, nobody is free; yes, call me."""
    server = floor.house.server
    for status in server.roster.statuses.values():
        await paused(floor.house, status, "meeting")
    for number in range(5):
        floor.house.lab.call("4000", f"+4930555000{number}", "", ["hush:600", "key:3", "wait:60"])
    await until(
        lambda: queue_states(("billing",), server.calls, server.roster)["billing"].waiting >= 5, 60, "they do not wait"
    )
    floor.house.lab.call("4000", ANNA, "Anna", ["hush:600", "key:3", "hush:600", "key:1", "wait:20"])
    mine = lambda: [c for c in server.calls.values() if c.ledger.story.call_back]  # noqa: E731
    await until(mine, 60, "nobody stands in line for the caller who has hung up")
    [live] = mine()
    await until(lambda: live.ledger.caller.customer, 5, "it is not known who is called")
    assert live.ledger.caller.customer and live.ledger.caller.customer.id == "C1002"
    await until(lambda: live.queued_at, 10, "the call back does not wait in its queue")
    [asked] = await book(floor).page(None, 5)
    assert (asked.why, asked.intent, asked.state) == ("asked", "invoice", "calling")


async def test_signal_calls_whoever_has_agreed_to_it_and_nobody_else(floor: Floor) -> None:
    callers = floor.house.server.call_backs.requests
    now = datetime.now(UTC)
    failed = Signal("s1", "delivery_failed", "C1002", now, "The parcel could not be delivered", now + timedelta(days=1))
    await callers.signalled(failed)
    assert not await book(floor).page(None, 5), "she has never said that she may be called"
    await book(floor).set_consent("C1002", Consent(True, now, "web form"), Actor("console:test"))
    await callers.signalled(failed)
    await callers.signalled(failed)
    [one] = await book(floor).page(None, 5)
    assert (one.why, one.intent) == ("signal", "late_delivery")
    _, card = await floor.rings_for_anna("ana", "ben")
    assert card["brief"]["text"] == "The parcel could not be delivered"
