"""Who is to be called, and why: callers who asked for it, promises of agents, other systems; and how each request ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog

from ivr.calls.call_backs.ports import CallBackBook
from ivr.calls.caller.edition import Current
from ivr.calls.clock import Clock
from ivr.calls.integrations.inbound import CustomerRef
from ivr.calls.live import LiveCall
from ivr.calls.people.audit import Actor
from ivr.core.call_back import OPEN, CallBack, CallingPolicy, Why
from ivr.core.caller import AgentId
from ivr.core.contact.entries import Entry
from ivr.core.dialogue.messages import CallBack as Asked
from ivr.core.language import Language
from ivr.core.signal import Signal
from ivr.core.texts import text
from ivr.wire.phone_numbers import may_be_dialled, normalise

log = structlog.get_logger(__name__)
KEEP_S = 5.0
"""A database that has not taken a promise in this time takes it later."""


@dataclass(frozen=True, slots=True)
class CallBackSettings:
    """What [callbacks] in config.toml says."""

    policy: CallingPolicy = field(default_factory=CallingPolicy)
    at_once: int = 5
    """Call backs that may stand in the queues or be rung at the same time; 0: none are placed."""
    ring_s: int = 30
    shown: str = ""
    """The number that customers see."""
    beginnings: tuple[str, ...] = ()
    """The beginnings of the numbers that may be called; none: those of the house's country."""
    signals: dict[str, str] = field(default_factory=dict)
    """Kinds of signals that place a call → the intent that it is about."""
    apart: timedelta = timedelta(days=1)
    """A customer is not called twice on our own initiative within that time."""


@dataclass(slots=True)
class CallBackRequests:
    """Keeps requests in the database; a promise that it cannot take now waits with the record of its call, in the journal."""

    book: CallBackBook
    current: Current
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    settings: CallBackSettings
    country: str
    now: Clock
    put: Callable[[LiveCall], None]
    """There is something new in the record of a call."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is something new to place."""
    unwritten: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What has become of call backs while the database was away."""

    def may_call(self, number: str | None) -> bool:
        """Whether a customer can be called at this number."""
        return self._dialled(number) is not None

    def calls_anybody(self) -> bool:
        """Whether this house calls customers at all."""
        return self.settings.at_once > 0

    def _dialled(self, number: str | None) -> str | None:
        """The number at which a customer can be called; None when they cannot."""
        if not number or self.settings.at_once == 0:
            return None
        whole = normalise(number, self.country)
        return whole if whole and may_be_dialled(whole, self.settings.beginnings, self.country) else None

    # -- what asks for one

    async def asked(self, live: LiveCall, asked: Asked) -> bool:
        """The caller wants to be rung when it is their turn; False when they cannot be, and had better wait."""
        ledger, now, wanted = live.ledger, self.now(), asked.wanted
        customer, number = ledger.caller.customer, self._dialled(asked.number or ledger.caller.ani)
        if number is None:
            return False
        try:
            async with asyncio.timeout(KEEP_S):
                if any(before.why == "asked" for before in await self.book.open_at(number)):
                    # they stand in line already: asking twice is no second place, nor a way to have somebody rung
                    return True
        except OSError as error:
            log.warning("call backs not looked up", problem=str(error))  # it is once more when the promise is written
        one = CallBack(
            str(uuid4()), number, "asked", now, now, "caller", f"asked:{live.id}",
            customer.id if customer else None, str(live.id), wanted.intent, wanted.queue, None, ledger.language,
            ledger.words, ledger.began, self._asked_from(live, number),
        )  # fmt: skip
        await self._keep(live, one)
        return True

    def _asked_from(self, live: LiveCall, number: str) -> str:
        """For the agent, where another number is rung than the one that asked: nobody has proved that it is the customer's."""
        caller = live.ledger.caller
        if number == self._dialled(caller.ani):
            return ""
        who = caller.customer.name if caller.customer else caller.ani or "?"
        return text("card.asked_elsewhere", who=who)[self.current.edition.flow.default_language]

    def noted(self, live: LiveCall, entry: Entry) -> None:
        """An entry was made in a call's ledger: an agent has promised one, or the customer has come by themselves."""
        match entry.kind:
            case "outcome" if entry.facts.get("follow_up") and not live.ledger.story.call_back:
                self.spawn(self._promised(live, entry))
            case "agent_answered" if live.ledger.caller.ani and not live.ledger.story.call_back:
                self.spawn(self._came_themself(live, live.ledger.caller.ani))
            case _:
                pass

    async def _promised(self, live: LiveCall, entry: Entry) -> None:
        """An agent has given a day and an hour; they call then themself, if they can."""
        ledger = live.ledger
        number = self._dialled(ledger.caller.ani)
        if number is None:
            return
        now, customer = self.now(), ledger.caller.customer
        agent, due = AgentId(entry.facts["agent"]), entry.facts["follow_up"]
        await self._keep(live, CallBack(
            str(uuid4()), number, "promised", datetime.fromisoformat(due), now, agent,
            f"promised:{live.id}:{agent}:{due}",
            customer.id if customer else None, str(live.id), ledger.intent, live.place, agent, ledger.language,
            ledger.sentence, ledger.began, live.summary(),
        ))  # fmt: skip

    async def signalled(self, signal: Signal) -> None:
        """Another system has told something; where its kind is one to call about, the customer is called."""
        intent = self.settings.signals.get(signal.kind)
        if intent is None:
            return
        await self.on_our_own(
            CustomerRef(signal.customer), f"signal:{signal.kind}:{signal.id}", signal.text, intent, why="signal",
            by=Actor("signal"),
        )  # fmt: skip

    async def on_our_own(
        self, whom: CustomerRef, source: str, text: str, intent: str | None, *, why: Why = "system", by: Actor,
        due: datetime | None = None,
    ) -> CallBack | None:  # fmt: skip
        """Call a customer who has not asked for it; None when they must not be called, or have no number.

        Raises ``UnknownCustomer``, and ``CardNumber`` where the source is named by one.
        """
        now = self.now()
        customer, number = await self.book.customer(whom)
        consent = await self.book.consent(customer)
        if number is None or not self.may_call(number) or consent is None or not consent.calls:
            log.info("not called: no number or no consent", customer=customer, source=source)
            return None
        language: Language = self.current.edition.flow.default_language
        one = CallBack(
            str(uuid4()), number, why, due or now, now, by.who, source, customer, None, intent, None, None, language,
            text=text,
        )  # fmt: skip
        kept, _ = await self.book.add(one, by)
        self.news.set()
        return kept

    async def _keep(self, live: LiveCall, one: CallBack) -> None:
        try:
            async with asyncio.timeout(KEEP_S):
                await self.book.add(one)
        except OSError as error:
            log.warning("call back waits with the record of its call", source=one.source, problem=str(error))
            live.call_backs.append(asdict(one))
            self.put(live)
        else:
            self.news.set()

    async def _came_themself(self, live: LiveCall, ani: str) -> None:
        """The customer is on the line with an agent: what they were to be called about is dealt with there."""
        customer = live.ledger.caller.customer
        try:
            theirs = await self.book.open_of(customer.id) if customer else []
            number = normalise(ani, self.country)
            at_it = await self.book.open_at(number) if number else []
            for one in {one.id: one for one in (*theirs, *at_it)}.values():
                if one.why == "promised" and one.due_at > self.now() + timedelta(hours=1):
                    continue  # a day was agreed on; what this call is about may be something else
                if one.intent in (None, live.ledger.intent):
                    await self.end(one, "cancelled", "called by themselves", only=("waiting",))
        except OSError as error:
            log.warning("call backs not looked up", problem=str(error))

    # -- what becomes of them

    async def write_what_was_not(self) -> None:
        """Ends that the database could not take."""
        for number, values in list(self.unwritten.items()):
            await self.book.change(number, OPEN, **values)
            del self.unwritten[number]

    async def write(self, one: CallBack, only: Sequence[str], **values: Any) -> bool:
        """Change a call back now, or as soon as the database is there again."""
        try:
            return await self.book.change(one.id, only, **values)
        except OSError as error:
            log.warning("call back not written yet", id=one.id, problem=str(error))
            self.unwritten[one.id] = values
            return False

    async def end(self, one: CallBack, state: str, last: str, only: tuple[str, ...] = OPEN) -> None:
        """It is over: answered, given up, or cancelled, while its state was one of ``only``."""
        if await self.write(one, only, state=state, last=last, ended_at=self.now()):
            log.info("call back over", id=one.id, state=state, how=last)
