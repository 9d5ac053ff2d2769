"""Calling customers: when it is done, when it is not, and how it ends; the telephone system is pretended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.calls.call_backs import requests as module
from ivr.calls.call_backs.placing import CallBacks
from ivr.calls.call_backs.ports import Consent
from ivr.calls.call_backs.requests import CallBackRequests, CallBackSettings
from ivr.calls.integrations.inbound import CustomerRef, UnknownCustomer
from ivr.calls.live import LiveCall
from ivr.calls.paging import Place
from ivr.calls.people.audit import Actor
from ivr.core.call_back import CallBack, CallingPolicy, Why
from ivr.core.caller import AgentId
from ivr.core.dialogue.messages import CallBack as Asked
from ivr.core.dialogue.messages import HandOver
from ivr.core.signal import Signal
from ivr.wire.asterisk import ami
from ivr.wire.phone_numbers import may_be_dialled, zones_of
from tests.calls.exchange import ANA, NUMBER, House, answered, house

ALWAYS = CallingPolicy(time(0), time(23, 59, 59), frozenset(range(7)))
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
"""A Friday."""


class Book:
    """Call backs in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, CallBack] = {}
        self.consents: dict[str, Consent] = {}
        self.trail: list[str] = []
        self.away = False

    def _here(self) -> None:
        if self.away:
            raise ConnectionError("the database is away")

    async def add(self, wanted: CallBack, by: Actor | None = None) -> tuple[CallBack, bool]:
        self._here()
        for one in self.kept.values():
            if one.source == wanted.source:
                return one, False
        self.kept[wanted.id] = wanted
        return wanted, True

    async def due(self, now: datetime, limit: int) -> Sequence[CallBack]:
        self._here()
        return [one for one in self.kept.values() if one.state == "waiting" and one.due_at <= now][:limit]

    async def calling(self) -> Sequence[CallBack]:
        return [one for one in self.kept.values() if one.state == "calling"]

    async def open_of(self, customer: str) -> Sequence[CallBack]:
        return [one for one in self.kept.values() if one.customer == customer and one.state in ("waiting", "calling")]

    async def one(self, number: str) -> CallBack | None:
        return self.kept.get(number)

    async def page(self, state: str | None, limit: int, after: Place | None = None) -> Sequence[CallBack]:
        return [one for one in self.kept.values() if state in (None, one.state)][:limit]

    async def change(self, number: str, only: Sequence[str], **values: Any) -> bool:
        self._here()
        one = self.kept[number]
        if one.state not in only:
            return False
        values.pop("ended_at", None)
        self.kept[number] = replace(one, **values)
        return True

    async def cancel(self, number: str, by: Actor) -> bool:
        return await self.change(number, ("waiting",), state="cancelled", last="cancelled")

    async def open_at(self, telephone: str) -> Sequence[CallBack]:
        self._here()
        return [one for one in self.kept.values() if one.number == telephone and one.state in ("waiting", "calling")]

    async def called_since(self, customer: str, why: Sequence[Why], since: datetime, but: str = "") -> int:
        return sum(
            o.customer == customer and o.why in why and o.attempts > 0 and o.id != but for o in self.kept.values()
        )

    async def consent(self, customer: str) -> Consent | None:
        return self.consents.get(customer)

    async def set_consent(self, customer: str, consent: Consent | None, by: Actor) -> bool:
        raise NotImplementedError

    async def customer(self, whom: CustomerRef) -> tuple[str, str | None]:
        if whom.id != "C1":
            raise UnknownCustomer
        return "C1", NUMBER


class StandsStill(Book):
    """A database that answers nothing."""

    async def add(self, wanted: CallBack, by: Actor | None = None) -> tuple[CallBack, bool]:
        await asyncio.Event().wait()
        raise AssertionError

    async def open_at(self, telephone: str) -> Sequence[CallBack]:
        await asyncio.Event().wait()
        raise AssertionError


class Desk:
    """A house that calls customers."""

    def __init__(self, h: House, **settings: Any) -> None:
        self.h, self.book = h, Book()
        signals = {"delivery_failed": "late"}
        chosen = CallBackSettings(**{"policy": ALWAYS, "beginnings": ("+86", "+49"), "signals": signals, **settings})
        self.requests = CallBackRequests(
            self.book, h.current, h.nursery.spawn, chosen, "DE", h.calls.now, h.recorder.put
        )
        self.calls = CallBacks(
            self.requests, h.calls, h.follower, h.roster, h.lookup, h.decisions, h.telephony, h.nursery.spawn, ZoneInfo("UTC")
        )  # fmt: skip
        h.calls.subscribe(self.requests.noted, self.calls.noted)
        h.nursery.spawn(self.calls.run())

    @property
    def only(self) -> CallBack:
        [one] = self.book.kept.values()
        return one

    async def add(self, **changes: Any) -> CallBack:
        now = datetime.now(UTC)
        given = {"id": "1", "number": NUMBER, "why": "asked", "due_at": now, "created_at": now, "created_by": "caller",
                 "source": "test", "customer": "C1", "intent": "late", "words": "where is it", "said_at": now}  # fmt: skip
        one, _ = await self.book.add(CallBack(**{**given, **changes}))
        return one

    async def placed(self) -> LiveCall:
        """The call that stands in line; Asterisk tells which channel it is."""
        await self.h.until(lambda: [a for a in self.h.telephony.asked if a[0] == "originate"])
        [live] = self.h.board.calls.values()
        self.h.happens(ami.Rang(live.id, "Local/wait@ivr-call-back-1;2", None, None, ""))
        self.h.happens(ami.QueueJoined(live.id, live.place, 1))
        self.h.call = live.id
        return live

    async def becomes(self, state: str, number: str = "1") -> CallBack:
        await self.h.until(lambda: self.book.kept[number].state == state)
        return self.book.kept[number]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with house() as h:
        yield Desk(h)


def ringing(h: House, live: LiveCall) -> ami.Ringing:
    return ami.Ringing(live.id, ANA.id, ANA.interface, f"{ANA.interface}-0000002a", "orders", "Local/x", live.channel)


async def test_stands_in_line_with_everything_that_is_known(desk: Desk) -> None:
    await desk.add(text="Promised to look into it", agent=AgentId("ana"))
    live = await desk.placed()
    assert live.channel == "Local/wait@ivr-call-back-1;2" and live.queued_at
    assert live.ledger.caller.customer and live.ledger.caller.customer.name == "Lin Mei"
    assert (live.ledger.words, live.ledger.intent) == ("where is it", "late")
    [originate] = [asked for asked in desk.h.telephony.asked if asked[0] == "originate"]
    assert originate[1:3] == ("Local/wait@ivr-call-back/n", "ivr-call-back,dial")
    assert f"IVR_NUMBER={NUMBER}" in originate and f"__IVR_CALL={live.id}" in originate
    with desk.h.desks.open(AgentId("ana")):
        desk.h.happens(ringing(desk.h, live))
    carded = [e for e in live.ledger.entries if e.kind == "carded"]
    assert [e.facts["missing"] for e in carded] in ([[]], [["window"]])


async def test_customer_who_answers_is_done_with_and_one_who_does_not_is_tried_again(desk: Desk) -> None:
    await desk.add()
    live = await desk.placed()
    desk.h.happens(ringing(desk.h, live), ami.Answered(live.id, ANA.id, ANA.interface))
    assert live.ledger.story.call_back and live.ledger.story.call_back.status is None
    desk.h.happens(ami.CalledBack(live.id, "NOANSWER"))
    waits = await desk.becomes("waiting")
    assert (waits.attempts, waits.last) == (1, "no answer") and waits.due_at > datetime.now(UTC) + timedelta(minutes=29)
    assert live.outcome == "nobody_there", "the agent has nothing to write up"

    await desk.book.change("1", ("waiting",), due_at=datetime.now(UTC))
    desk.h.happens(ami.Gone(live.id, live.channel, "1", 16), ami.Gone(live.id, "x", ANA.id, 16))
    desk.h.telephony.asked.clear()
    second = await desk.placed()
    desk.h.happens(ami.CalledBack(second.id, "ANSWER"))
    done = await desk.becomes("done")
    assert (done.attempts, done.last) == (2, "answered")


async def test_call_of_an_earlier_run_is_known_by_the_record(desk: Desk) -> None:
    await desk.add()
    live = await desk.placed()
    desk.calls._mine.clear()  # another process has placed it
    desk.h.happens(ami.CalledBack(live.id, "ANSWER"))
    assert (await desk.becomes("done")).last == "answered"


async def test_given_up_after_the_last_attempt(desk: Desk) -> None:
    await desk.add(attempts=2)
    live = await desk.placed()
    desk.h.happens(ami.CalledBack(live.id, "BUSY"))
    assert (await desk.becomes("given_up")).last == "busy"


async def test_call_that_ends_without_dialling_is_tried_again(desk: Desk) -> None:
    await desk.add()
    live = await desk.placed()
    desk.h.happens(ami.Gone(live.id, live.channel, "1", 16))
    assert (await desk.becomes("waiting")).last == "not dialled"


async def test_asterisk_that_refuses_costs_an_attempt_and_leaves_no_call_behind(desk: Desk) -> None:
    desk.h.telephony._refuses["originate"] = 1
    await desk.add()
    await desk.h.until(lambda: desk.only.attempts == 1 and desk.only.state == "waiting")
    assert not desk.h.board.calls


async def test_no_more_at_once_than_wanted() -> None:
    async with house() as h:
        desk = Desk(h, at_once=2)
        for number in range(4):
            await desk.add(id=str(number), source=str(number))
        await h.until(lambda: len([a for a in h.telephony.asked if a[0] == "originate"]) == 2)
        assert sorted(one.state for one in desk.book.kept.values()) == ["calling", "calling", "waiting", "waiting"]


@pytest.mark.parametrize(
    ("hindrance", "why"),
    [
        ("night", "outside calling hours"),
        ("consent", "no consent"),
        ("lately", "called lately"),
        ("nobody", "nobody is there"),
    ],
)
async def test_hindered(hindrance: str, why: str) -> None:
    policy = CallingPolicy(time(3), time(3, 0, 1), frozenset({0})) if hindrance == "night" else ALWAYS
    async with house() as h:
        desk = Desk(h, policy=policy)
        if hindrance == "lately":
            desk.book.consents["C1"] = Consent(True, NOW, "web form")
            await desk.add(id="0", source="0", why="signal", state="done", attempts=1)
        if hindrance == "nobody":
            h.roster.forget_members()
        await desk.add(why="promised" if hindrance in ("night", "nobody") else "signal")
        await h.until(lambda: desk.book.kept["1"].last == why)
        wanted = "given_up" if hindrance == "consent" else "waiting"
        assert desk.book.kept["1"].state == wanted and not h.board.calls


@pytest.mark.parametrize(("minutes", "called"), [(55, True), (65, False)])
async def test_who_asked_within_the_hour_is_called_at_any_time_of_day(minutes: int, called: bool) -> None:
    night = CallingPolicy(time(3), time(3, 0, 1), frozenset({0}))
    async with house() as h:
        desk = Desk(h, policy=night)
        await desk.add(created_at=datetime.now(UTC) - timedelta(minutes=minutes))
        await h.until(lambda: h.board.calls or desk.only.last)
        assert (desk.only.last is None) is called and bool(h.board.calls) is called


async def test_caller_s_wish_is_kept_with_what_was_said(desk: Desk) -> None:
    live = desk.h.rings()
    await live.looked_up.wait()
    live.ledger.add(datetime.now(UTC), "heard", text="my watch is late", language="en")
    assert await desk.requests.asked(live, Asked(HandOver("late", None, "understood")))
    one = desk.only
    assert (one.number, one.why, one.words, one.customer, one.contact) == (
        NUMBER, "asked", "my watch is late", "C1", str(live.id),
    )  # fmt: skip
    assert await desk.requests.asked(live, Asked(HandOver("late", None, "understood")))
    assert len(desk.book.kept) == 1, "asking twice is one call back"
    second = desk.h.rings(type(live.id)(int=9), channel="SIP/9")
    await second.looked_up.wait()
    assert await desk.requests.asked(second, Asked(HandOver("invoice", None, "understood")))
    assert len(desk.book.kept) == 1, "nor is asking in another call a way to have a number rung again and again"


async def test_end_that_the_database_could_not_take_is_written_later(desk: Desk) -> None:
    await desk.add()
    live = await desk.placed()
    desk.book.away = True
    desk.h.happens(ami.CalledBack(live.id, "ANSWER"))
    await desk.h.until(lambda: desk.requests.unwritten)
    assert desk.only.state == "calling"
    desk.book.away = False
    assert (await desk.becomes("done")).last == "answered"


async def test_originate_that_never_makes_a_channel_is_let_go(desk: Desk) -> None:
    await desk.add()
    await desk.h.until(lambda: [a for a in desk.h.telephony.asked if a[0] == "originate"])
    [live] = desk.h.board.calls.values()
    live.ledger.began -= timedelta(seconds=60)
    assert (await desk.becomes("waiting")).last == "not dialled"
    assert not desk.h.board.calls


async def test_caller_without_number_keeps_waiting_on_the_line(desk: Desk) -> None:
    live = desk.h.rings(ani=None)
    assert not await desk.requests.asked(live, Asked(HandOver("late", None, "understood")))


async def test_promise_to_a_caller_waits_with_the_record_while_the_database_is_away(desk: Desk) -> None:
    live = desk.h.rings()
    desk.book.away = True
    assert await desk.requests.asked(live, Asked(HandOver("late", "orders", "understood"))), "they were told so"
    [waits] = live.call_backs
    assert (waits["number"], waits["why"], waits["contact"]) == (NUMBER, "asked", str(live.id))
    await desk.h.until(lambda: any(one.record["call_backs"] == [waits] for one in desk.h.records.written))
    desk.book.away = False
    await desk.book.add(CallBack(**waits))  # as the record does
    await desk.h.until(lambda: [one for one in desk.h.telephony.asked if one[0] == "originate"])


async def test_promise_of_an_agent_waits_with_the_record_while_the_database_is_away(desk: Desk) -> None:
    live = await answered(desk.h)
    desk.book.away = True
    desk.h.calls.wrap_up(live, ANA.id, "follow_up", "calls on Sunday", datetime.now(UTC) + timedelta(days=2))
    await desk.h.until(lambda: live.call_backs)
    assert (live.call_backs[0]["why"], live.call_backs[0]["agent"]) == ("promised", ANA.id)
    await desk.h.until(lambda: any(one.record["call_backs"] for one in desk.h.records.written))


async def test_database_that_stands_still_holds_no_caller_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_S", 0.01)
    desk.requests.book = StandsStill()
    live = desk.h.rings()
    assert await desk.requests.asked(live, Asked(HandOver("late", "orders", "understood")))
    assert len(live.call_backs) == 1


async def test_promise_of_an_agent_is_kept_for_the_day_and_meant_for_them(desk: Desk) -> None:
    live = await answered(desk.h)
    day = datetime.now(UTC) + timedelta(days=2)
    desk.h.calls.wrap_up(live, ANA.id, "follow_up", "calls on Sunday", day)
    await desk.h.until(lambda: desk.book.kept)
    assert (desk.only.why, desk.only.agent, desk.only.contact) == ("promised", ANA.id, str(live.id))
    assert abs(desk.only.due_at - day) < timedelta(seconds=1) and "Sunday" in desk.only.text


async def test_customer_who_comes_first_is_not_called_any_more(desk: Desk) -> None:
    later = datetime.now(UTC) + timedelta(minutes=30)
    await desk.add(due_at=later)
    await desk.add(id="2", source="2", intent="invoice", due_at=later)
    await desk.add(id="3", source="3", why="promised", due_at=later + timedelta(days=1))
    live = desk.h.in_queue()
    await live.looked_up.wait()
    live.ledger.add(datetime.now(UTC), "about", intent="late")
    desk.h.happens(
        ami.Ringing(live.id, ANA.id, ANA.interface, "x", "orders", "y", live.channel),
        ami.Answered(live.id, ANA.id, ANA.interface),
    )
    assert (await desk.becomes("cancelled")).last == "called by themselves"
    assert [desk.book.kept[n].state for n in "23"] == ["waiting", "waiting"], "another matter, and an agreed day"


async def test_signal_calls_only_who_has_agreed(desk: Desk) -> None:
    def news(kind: str) -> Signal:
        return Signal("s1", kind, "C1", NOW, "Nobody was at home", NOW + timedelta(days=1))

    await desk.requests.signalled(news("delivery_failed"))
    desk.book.consents["C1"] = Consent(False, NOW, "by mail")
    await desk.requests.signalled(news("delivery_failed"))
    desk.book.consents["C1"] = Consent(True, NOW, "web form")
    await desk.requests.signalled(news("sensor_fault"))
    assert not desk.book.kept
    await desk.requests.signalled(news("delivery_failed"))
    assert (desk.only.why, desk.only.intent, desk.only.text) == ("signal", "late", "Nobody was at home")


# -- manners


@pytest.mark.parametrize(
    ("at", "zone", "allowed"),
    [
        ("2026-11-20T09:00", "Europe/Berlin", True), ("2026-11-20T08:59", "Europe/Berlin", False),
        ("2026-11-20T20:00", "Europe/Berlin", False), ("2026-11-22T12:00", "Europe/Berlin", False),
        ("2026-11-20T12:00", "Asia/Shanghai", True),
    ],
)  # fmt: skip
def test_hours_are_those_of_the_one_who_is_called(at: str, zone: str, allowed: bool) -> None:
    there = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
    assert CallingPolicy().allowed(there.astimezone(UTC), [ZoneInfo(zone)]) is allowed


def test_number_in_several_zones_must_be_free_in_all() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    zones = zones_of("+18005551234", berlin)
    assert len(zones) > 3
    assert not CallingPolicy().allowed(datetime(2026, 11, 20, 14, 30, tzinfo=UTC), zones), "06:30 in Los Angeles"
    assert zones_of("+8613800138000", berlin) == (ZoneInfo("Asia/Shanghai"),)
    assert zones_of("1234", berlin) == (berlin,)


@pytest.mark.parametrize(
    ("number", "beginnings", "may"),
    [
        ("+4930901820", (), True), ("+8613800138000", (), False), ("+8613800138000", ("+86",), True),
        ("+4930901820", ("+86",), False), ("+499001234567", (), False), ("+4990051234567", (), False), ("+49110", (), False),
        ("+491805123456", (), False), ("1001", (), False), ("+19005551234", ("+1",), False), ("", (), False),
    ],
)  # fmt: skip
def test_nobody_lives_on_being_called_back(number: str, beginnings: tuple[str, ...], may: bool) -> None:
    assert may_be_dialled(number, beginnings, "DE") is may


async def test_number_that_may_not_be_called_is_promised_nothing_and_not_called(desk: Desk) -> None:
    live = desk.h.rings(ani="+491805123456")
    assert not await desk.requests.asked(live, Asked(HandOver("late", None, "understood")))
    await desk.add(number="+19005551234")
    await desk.h.until(lambda: desk.only.last == "number not allowed")
    assert desk.only.state == "given_up"


def test_pauses_grow_and_end() -> None:
    one = CallBack("1", NUMBER, "asked", NOW, NOW, "caller", "x", attempts=1)
    policy = CallingPolicy(attempts=3, retry=timedelta(minutes=10))
    assert policy.next_try(one, NOW) == NOW + timedelta(minutes=10)
    assert policy.next_try(replace(one, attempts=2), NOW) == NOW + timedelta(minutes=20)
    assert policy.next_try(replace(one, attempts=3), NOW) is None


async def test_who_wants_to_be_called_on_another_number_is_and_the_agent_reads_of_it(desk: Desk) -> None:
    """Nobody has proved whose number that is: the call back says in whose call it was asked for."""
    live = desk.h.rings()
    await live.looked_up.wait()
    assert not await desk.requests.asked(live, Asked(HandOver("late", None, "understood"), "+49900123456"))
    assert await desk.requests.asked(live, Asked(HandOver("late", None, "understood"), "+4930901899"))
    one = desk.only
    assert one.number == "+4930901899" and "to be rung on this other number" in one.text and one.contact == str(live.id)
