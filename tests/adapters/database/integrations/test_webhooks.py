"""Webhooks on SQLite and PostgreSQL: nothing lost, nothing out of order, whatever receivers and the server do."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from structlog.testing import capture_logs

from ivr.adapters.database import (
    DatabaseAudit,
    DatabaseContacts,
    DatabaseOutbox,
    DatabaseRecords,
    DatabaseSignals,
    DatabaseWebhooks,
    Store,
)
from ivr.adapters.database.schema import tables as t
from ivr.calls.integrations.inbound import CustomerRef, NewContact, NewSignal
from ivr.calls.integrations.webhook_delivery import AT_ONCE, Schedule, Sent, SubscriptionDelivery, WebhookDelivery
from ivr.calls.integrations.webhooks import DeliveryResult, Signer, Webhook
from ivr.calls.people.audit import Actor, AuditFilter
from ivr.calls.records import Contact, NeverWritten
from ivr.core.contact.entries import Entry
from ivr.wire.webhooks.events import EVENTS, event_id
from tests.conftest import PATIENCE_S

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ROOT = Actor("root", "admin")
SIGNER = Signer(lambda: b"k" * 32)
SALT, CHECK, _ = SIGNER.new()
HOOK = Webhook("a" * 16, "https://crm.example/hook", EVENTS, False, True, NOW, "root", SALT, CHECK)
OK = DeliveryResult(status=200)


class Clock:
    """A clock that is put forward."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Sender:
    """A receiver in memory. ``answers`` are given one after the other, then everything is taken; None: taken, and not said."""

    def __init__(self, answers: Sequence[DeliveryResult | None] = ()) -> None:
        self.answers = list(answers)
        self.got: list[tuple[str, bytes]] = []
        self.tried: list[str] = []

    async def send(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryResult:
        await asyncio.sleep(0)
        self.tried.append(headers["webhook-id"])
        answer = self.answers.pop(0) if self.answers else OK
        if answer is None or answer.delivered:
            self.got.append((headers["webhook-id"], body))
        return answer or DeliveryResult(error="cut_off")


def row(contact: str, **changes: Any) -> dict[str, Any]:
    """A contact's columns."""
    return {
        "id": contact, "channel": "phone", "customer_id": None, "ani": "100", "dnis": "200", "shown_name": None, "line": "x",
        "language": "en", "began_at": NOW, "ended_at": None, "intent": None, "confidence": 0.0, "words": "my words",
        "summary": "x", "queue": "orders", "agent_id": None, "outcome": None, "solved": None, "note": "", "flow_version": "1",
        "legs": [], **changes,
    }  # fmt: skip


def queued(contact: str, *numbers: int) -> Contact:
    """A contact with news: it is so many times in a queue."""
    entries = [
        Entry(NOW + timedelta(seconds=n), "queued", {"queue": "orders", "position": n}, f"e{n}") for n in numbers
    ]
    return Contact(row(contact), tuple(entries))


async def subscribed(store: Store, **changes: Any) -> Webhook:
    made = replace(HOOK, **changes)
    await DatabaseWebhooks(store).add(made, ROOT)
    return made


def delivery(store: Store, sender: Sender, clock: Clock, hook: Webhook = HOOK) -> SubscriptionDelivery:
    outbox = DatabaseOutbox(store, now=clock)
    return SubscriptionDelivery(
        hook, outbox, sender, SIGNER, Schedule(), Sent(Counter(), Counter()), now=clock, chance=lambda: 0.5
    )


async def until_quiet(carrier: SubscriptionDelivery, clock: Clock) -> None:
    """Let it carry until nothing waits any more; time passes as fast as it can."""
    for _ in range(10_000):
        if not await moved(carrier, clock):
            return
    raise AssertionError("never quiet")


async def moved(carrier: SubscriptionDelivery, clock: Clock) -> bool:
    """One look, and time to the next one; False when there is nothing to wait for."""
    carrier.called.clear()
    wait_s = await carrier.look()
    if carrier.under_way:
        await asyncio.wait(carrier.under_way.values(), return_when=asyncio.FIRST_COMPLETED)
    elif wait_s is not None:
        clock.now += timedelta(seconds=wait_s)
    return bool(carrier.under_way) or wait_s is not None or carrier.called.is_set()


async def states(store: Store) -> dict[str, str]:
    e = t.webhook_events.c
    async with store.begin() as connection:
        return {row.event: row.state for row in await connection.execute(select(e.event, e.state))}


# -- in


async def test_events_and_record_are_written_together_or_not_at_all(store: Store) -> None:
    await subscribed(store, events=("call.queued",))
    records = DatabaseRecords(store, DatabaseOutbox(store))
    rang = Entry(NOW, "rang", {"ani": "1", "dnis": "2", "channel": "x"}, "rang")
    await records.write([Contact(row("c1"), (rang, *queued("c1", 1).entries))])
    assert await states(store) == {event_id("c1", "e1"): "waiting"}, "what nobody asked for is not put in"
    with pytest.raises(NeverWritten, match=r"(?i)foreign key"):
        await records.write([queued("c2", 1), Contact(row("c3", customer_id="nobody"), queued("c3", 1).entries)])
    assert await records.read("c2") is None and len(await states(store)) == 1


async def test_what_is_written_twice_is_sent_once(store: Store) -> None:
    await subscribed(store)
    records, sender, clock = DatabaseRecords(store, DatabaseOutbox(store)), Sender(), Clock()
    for _ in range(2):
        await records.write([queued("c1", 1, 2)])
        await until_quiet(delivery(store, sender, clock), clock)
    assert [event for event, _ in sender.got] == [event_id("c1", "e1"), event_id("c1", "e2")]


async def test_record_is_kept_where_others_cannot_be_told_of_it(store: Store) -> None:
    await subscribed(store)
    records = DatabaseRecords(store, DatabaseOutbox(store))
    with capture_logs() as logs:
        broken = Entry(NOW, "queued", {"no": "queue"}, "e0")
        await records.write([Contact(row("c1"), (broken, *queued("c1", 1).entries))])
    assert [one["event"] for one in logs] == ["entry not told to webhooks"]
    assert len(await states(store)) == 1 and await records.read("c1")


async def test_words_go_to_those_only_who_ask_for_them(store: Store) -> None:
    loud = await subscribed(store, id="b" * 16, words=True)
    await subscribed(store)
    closed = Contact(row("c1"), (Entry(NOW, "closed", {}, "closed"),))
    await DatabaseRecords(store, DatabaseOutbox(store)).write([closed])
    clock, quiet, told = Clock(), Sender(), Sender()
    await until_quiet(delivery(store, quiet, clock), clock)
    await until_quiet(delivery(store, told, clock, loud), clock)
    assert b"my words" not in quiet.got[0][1] and b"my words" in told.got[0][1]
    assert quiet.got[0][0] == told.got[0][0], "the same event"


async def test_backlog_is_bounded_and_what_is_left_out_is_counted(store: Store) -> None:
    await subscribed(store)
    outbox = DatabaseOutbox(store, most=3)
    records, webhooks = DatabaseRecords(store, outbox), DatabaseWebhooks(store)
    with capture_logs() as logs:
        await records.write([queued("c1", 1, 2), queued("c2", 1, 2)])
        await records.write([queued("c3", 1)])
    assert [(one["event"], one["left_out"]) for one in logs] == [("webhook events left out: too many wait", 1)] * 2
    standing = (await webhooks.standing())[HOOK.id]
    assert (standing.waiting, standing.left_out, standing.failed) == (3, 2, 0) and standing.oldest_at
    assert (await webhooks.backlog())[HOOK.id] == standing
    sender, clock = Sender(), Clock()
    clock.now = datetime.now(UTC)
    await until_quiet(delivery(store, sender, clock), clock)
    await records.write([queued("c4", 1)])
    assert (await webhooks.standing())[HOOK.id].waiting == 1, "there is room again"


async def test_what_other_systems_bring_is_told_once(store: Store) -> None:
    await subscribed(store)
    outbox = DatabaseOutbox(store)
    told: list[str] = []
    outbox.subscribe(lambda: told.append("news"))
    async with store.begin() as connection:
        await connection.execute(insert(t.customers).values(id="C1", name="Lin"))
    chat = NewContact("chat", "chat-1", CustomerRef(id="C1"), NOW, "asked")
    failed = NewSignal("delivery_failed", "p1", CustomerRef(id="C1"), NOW, "nobody at home", NOW + timedelta(days=1))
    for _ in range(2):
        await DatabaseContacts(store, "DE", outbox).receive(chat, ROOT)
        await DatabaseSignals(store, "DE", outbox).receive(failed, ROOT)
    e = t.webhook_events.c
    async with store.begin() as connection:
        types = list((await connection.execute(select(e.type).order_by(e.id))).scalars())
    assert types == ["contact.received", "signal.received"] and told == ["news", "news"]


# -- out


async def test_failing_contact_waits_and_others_do_not(store: Store) -> None:
    await subscribed(store)
    await DatabaseRecords(store, DatabaseOutbox(store, now=lambda: NOW)).write([queued("c1", 1, 2), queued("c2", 1, 2)])
    sender, clock = Sender([DeliveryResult(status=500)]), Clock()
    carrier = delivery(store, sender, clock)
    waits = []
    for _ in range(3):
        waits.append(await carrier.look())
        await asyncio.gather(*carrier.under_way.values())
    first, second = [event_id("c1", f"e{n}") for n in (1, 2)], [event_id("c2", f"e{n}") for n in (1, 2)]
    assert sender.tried == [first[0], *second] and waits[-1] == 5.0
    await until_quiet(carrier, clock)
    assert [event for event, _ in sender.got] == [*second, *first]
    assert clock.now == NOW + timedelta(seconds=5)


async def test_schedule_is_the_one_of_the_documentation(store: Store) -> None:
    schedule, no = Schedule(), DeliveryResult(status=500)
    assert [schedule.delay_s(n, no, 0.5) for n in (1, 2, 3, 4, 9, 10, 500)] == [5, 10, 20, 40, 1280, 1800, 1800]
    assert (schedule.delay_s(1, no, 0), schedule.delay_s(1, no, 1)) == (3.75, 6.25)
    assert schedule.delay_s(1, DeliveryResult(status=429, after_s=120), 0.5) == 120
    assert schedule.delay_s(1, DeliveryResult(status=429, after_s=1e6), 0.5) == 3600

    await subscribed(store)
    await DatabaseRecords(store, DatabaseOutbox(store, now=lambda: NOW)).write([queued("c1", 1, 2)])
    sender, clock = Sender([DeliveryResult(error="timeout")] * 1000), Clock()
    with capture_logs() as logs:
        await until_quiet(delivery(store, sender, clock), clock)
    assert timedelta(hours=24) <= clock.now - NOW < timedelta(hours=25)
    assert list((await states(store)).values()) == ["failed", "failed"]
    given_up = [one for one in logs if one["event"] == "webhook given up"]
    assert [(one["problem"], one["event_id"]) for one in given_up] == [
        ("timeout", event_id("c1", "e1")), ("timeout", event_id("c1", "e2")),
    ]  # fmt: skip
    assert 50 < sender.tried.count(event_id("c1", "e1")) < 70 and sender.tried.count(event_id("c1", "e2")) == 1
    newest, oldest = await DatabaseWebhooks(store).deliveries(HOOK.id, "failed", 10)
    assert (oldest.event, oldest.error, newest.tries) == (event_id("c1", "e1"), "timeout", 1)
    assert (await DatabaseWebhooks(store).deliveries(HOOK.id, "waiting", 10)) == []
    standing = (await DatabaseWebhooks(store).standing())[HOOK.id]
    assert (standing.failed, standing.error, standing.delivered_at) == (2, "timeout", None)


async def test_gone_switches_off(store: Store) -> None:
    await subscribed(store)
    records = DatabaseRecords(store, DatabaseOutbox(store))
    await records.write([queued("c1", 1, 2)])
    sender, clock = Sender([DeliveryResult(status=410)]), Clock()
    clock.now = datetime.now(UTC)
    await until_quiet(delivery(store, sender, clock), clock)
    (hook,) = await DatabaseWebhooks(store).all()
    assert (hook.active, hook.off_why) == (False, "gone") and len(sender.tried) == 1
    assert list((await states(store)).values()) == ["failed", "failed"]
    await records.write([queued("c2", 1)])
    assert len(await states(store)) == 2, "nothing is collected for it"
    trail = await DatabaseAudit(store).page(AuditFilter(what="webhook"), 10)
    assert [(one.what, one.by.who) for one in trail] == [("webhook.gone", "server:webhooks"), ("webhook.added", "root")]


async def test_switched_off_while_something_is_under_way(store: Store) -> None:
    await subscribed(store)
    await DatabaseRecords(store, DatabaseOutbox(store)).write([queued("c1", 1)])
    webhooks, clock = DatabaseWebhooks(store), Clock()
    clock.now = datetime.now(UTC)

    class Off(Sender):
        async def send(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryResult:
            await webhooks.put(replace(HOOK, active=False), ROOT)
            return DeliveryResult(status=500)

    await until_quiet(delivery(store, Off(), clock), clock)
    (one,) = await webhooks.deliveries(HOOK.id, None, 10)
    assert (one.state, one.error) == ("failed", "switched_off"), "what was given up does not wait again"


async def test_lost_key_is_said_and_signs_nothing(store: Store) -> None:
    await subscribed(store)
    await DatabaseRecords(store, DatabaseOutbox(store)).write([queued("c1", 1)])
    sender, clock = Sender(), Clock()
    clock.now = datetime.now(UTC)
    other = SubscriptionDelivery(
        HOOK, DatabaseOutbox(store), sender, Signer(lambda: b"another key" * 3), Schedule(), Sent(Counter(), Counter()),
        now=clock,
    )  # fmt: skip
    await other.look()
    await asyncio.gather(*other.under_way.values())
    assert not sender.tried and (await DatabaseWebhooks(store).standing())[HOOK.id].error == "secret_lost"


async def test_tidying_deletes_what_is_done_and_old(store: Store) -> None:
    await subscribed(store)
    outbox = DatabaseOutbox(store, now=lambda: NOW)
    await DatabaseRecords(store, outbox).write([queued("c1", 1, 2, 3)])
    parcels = {}
    for _ in range(2):
        (parcel,) = await outbox.heads(HOOK.id, [], 9)
        parcels[parcel.event] = parcel
        await (outbox.delivered(parcel, NOW) if len(parcels) == 1 else outbox.given_up(parcel, "timeout", NOW))
    assert await outbox.tidy(NOW) == 0
    assert await outbox.tidy(NOW + timedelta(seconds=1)) == 2
    assert list((await states(store)).values()) == ["waiting"]
    assert await DatabaseWebhooks(store).remove(HOOK.id, ROOT) and await states(store) == {}


async def test_no_more_contacts_at_once_than_allowed(store: Store) -> None:
    await subscribed(store)
    await DatabaseRecords(store, DatabaseOutbox(store)).write([queued(f"c{n}", 1, 2) for n in range(30)])
    clock = Clock()
    clock.now = datetime.now(UTC)
    most: list[int] = []

    class Counting(Sender):
        async def send(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryResult:
            most.append(len(carrier.under_way))
            return await super().send(url, headers, body)

    sender = Counting()
    carrier = delivery(store, sender, clock)
    await until_quiet(carrier, clock)
    assert len(sender.got) == 60 and max(most) == AT_ONCE


# -- whatever happens

FAILURES = (
    DeliveryResult(status=500),
    DeliveryResult(error="timeout"),
    DeliveryResult(status=503, after_s=60),
    DeliveryResult(status=302),
)
ANSWERS = st.one_of(st.just(OK), st.none(), st.sampled_from(FAILURES))


@pytest.fixture(scope="module")
def empty() -> Any:
    """A database with the schema in it, to be copied: making it anew for every example would take its time."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "empty.db"

        async def make() -> None:
            store = Store(f"sqlite:///{path}")
            await store.migrate()
            await subscribed(store)
            await store.close()

        asyncio.run(make())
        yield path


@settings(max_examples=60, deadline=None)
@given(
    written=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=8),
    answers=st.lists(ANSWERS, max_size=24),
    restarts=st.lists(st.booleans(), max_size=40),
)
def test_every_contact_s_events_come_in_order_and_none_is_lost(
    empty: Path, written: list[tuple[int, int]], answers: list[DeliveryResult | None], restarts: list[bool]
) -> None:
    async def body(path: Path) -> tuple[Sender, dict[str, list[str]]]:
        store, clock, sender = Store(f"sqlite:///{path}"), Clock(), Sender(answers)
        records = DatabaseRecords(store, DatabaseOutbox(store, now=clock))
        expected: dict[str, list[str]] = defaultdict(list)
        carrier, left = delivery(store, sender, clock), list(restarts)
        for contact, number in written:
            name = f"c{contact}"
            begin = len(expected[name])
            news = range(begin, begin + number)
            await records.write([queued(name, *news)])
            expected[name] += [event_id(name, f"e{n}") for n in news]
            await carrier.look()  # something may be under way while more comes
            if left and left.pop():
                carrier = await restarted(carrier, store, sender, clock)
        while left:
            await carrier.look()
            if left.pop():
                carrier = await restarted(carrier, store, sender, clock)
            await moved(carrier, clock)
        await until_quiet(carrier, clock)
        assert set((await states(store)).values()) == {"delivered"}
        await store.close()
        return sender, expected

    async def restarted(
        carrier: SubscriptionDelivery, store: Store, sender: Sender, clock: Clock
    ) -> SubscriptionDelivery:
        """The server dies while something is under way, wherever it is just then."""
        tasks = list(carrier.under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return delivery(store, sender, clock)

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ivr.db"
        shutil.copy(empty, path)
        sender, expected = asyncio.run(body(path))
    bodies: dict[str, bytes] = {}
    for event, content in sender.got:
        assert bodies.setdefault(event, content) == content, "what comes twice is the same"
    for events in expected.values():
        came = [event for event, _ in sender.got if event in events]
        once = [event for n, event in enumerate(came) if n == 0 or came[n - 1] != event]
        assert once == events


# -- all together


@asynccontextmanager
async def running(store: Store, sender: Any, **changes: Any) -> AsyncIterator[tuple[WebhookDelivery, DatabaseRecords]]:
    """Couriers under way, with quick second tries."""
    outbox, webhooks = DatabaseOutbox(store), DatabaseWebhooks(store)
    schedule = Schedule(**{"first_s": 0.01, "most_s": 0.05, **changes})
    deliveries = WebhookDelivery(webhooks, outbox, sender, SIGNER, schedule, timedelta(days=7))
    outbox.subscribe(deliveries.news)
    task = asyncio.create_task(deliveries.run())
    try:
        yield deliveries, DatabaseRecords(store, outbox)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def eventually(what: Any, within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not await what():  # noqa: ASYNC110  # what a database holds is not told
            await asyncio.sleep(0.01)


async def test_restart_in_the_middle_loses_nothing(store: Store) -> None:
    hook = await subscribed(store)
    held, asked = asyncio.Event(), asyncio.Event()

    class Holding(Sender):
        """Takes the request, and never answers."""

        async def send(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryResult:
            self.got.append((headers["webhook-id"], body))
            asked.set()
            await held.wait()
            return OK

    first = Holding()
    async with running(store, first) as (_, records):
        await records.write([queued("c1", 1, 2, 3)])
        await asyncio.wait_for(asked.wait(), PATIENCE_S)
    second = Sender()

    async def there() -> bool:
        return len(second.got) == 3

    async with running(store, second) as (deliveries, _):
        await eventually(there)
        assert second.got[0] == first.got[0], "the same again, with the same id"
        await eventually(lambda: all_delivered(store))
        assert deliveries.sent.delivered[hook.id] == 3


async def all_delivered(store: Store) -> bool:
    return set((await states(store)).values()) == {"delivered"}


async def test_subscriptions_that_come_change_and_go(store: Store) -> None:
    webhooks, sender = DatabaseWebhooks(store), Sender()
    urls: list[str] = []

    class Noting(Sender):
        async def send(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryResult:
            urls.append(url)
            return await sender.send(url, headers, body)

    async with running(store, Noting()) as (deliveries, records):
        await records.write([queued("c0", 1)])
        await subscribed(store)
        deliveries.changed()
        await records.write([queued("c1", 1)])
        await eventually(lambda: all_delivered(store))
        await webhooks.put(replace(HOOK, url="https://other.example/"), ROOT)
        deliveries.changed()

        async def changed() -> bool:
            return any(one.webhook.url == "https://other.example/" for one, _ in deliveries._deliveries.values())

        await eventually(changed)
        await records.write([queued("c1", 2)])

        async def two() -> bool:
            return len(sender.got) == 2

        await eventually(two)
        assert await webhooks.remove(HOOK.id, ROOT)
        deliveries.changed()
        await records.write([queued("c1", 3)])
        await deliveries.keep_in_step()
        assert deliveries.backlog == {} and len(sender.got) == 2
    assert urls[0] == HOOK.url and urls[-1] == "https://other.example/"
