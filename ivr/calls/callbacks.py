"""Calls customers: places what is due, follows each to its end, tries again, and gives up in the end.

A call back stands in its queue like a caller, as a channel of ours; an agent's phone rings with the whole card, and once the
agent has picked up, the customer is dialled. Nobody who is called waits for an agent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog

from ivr.calls.access import Actor
from ivr.calls.call_back_ports import CallBackBook
from ivr.calls.channels import Whom
from ivr.calls.conversation import Conversations
from ivr.calls.live import LiveCall
from ivr.calls.ports import Refused, Telephony
from ivr.calls.switchboard import Switchboard
from ivr.core.callback import OPEN, OWN_INITIATIVE, CallBack, Manners, Why
from ivr.core.caller import AgentId, Caller, CallId, Language
from ivr.core.entries import Entry
from ivr.core.ledger import Ledger
from ivr.core.messages import HandOver
from ivr.core.signal import Signal
from ivr.wire import ami
from ivr.wire.card_json import stamp
from ivr.wire.numbers import may_be_dialled, normalise, zones_of

log = structlog.get_logger(__name__)
EVERY_S = 1.0
NOT_ALLOWED, NO_CONSENT = "number not allowed", "no consent"
FOR_GOOD = (NOT_ALLOWED, NO_CONSENT)
"""What time alone does not change."""
STANDS_S = 4 * 3600.0
"""A channel of ours may stand in a queue for so long; then it is given up for this time, and tried again."""
JUST_ASKED = timedelta(hours=1)
"""Who has asked to be rung in their turn is rung, whatever the hour; but not the next morning at six."""
TAKE_UP_EVERY_S = 10.0
NEVER_CAME_S = 15.0


@dataclass(frozen=True, slots=True)
class CallBackSettings:
    """What [callbacks] in config.toml says."""

    manners: Manners = field(default_factory=Manners)
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
class CallBacks:
    """Owns everything about calling customers."""

    book: CallBackBook
    board: Switchboard
    conversations: Conversations
    telephony: Telephony
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    settings: CallBackSettings
    zone: ZoneInfo
    country: str
    _mine: dict[CallId, CallBack] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _unwritten: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What has become of call backs while the database was away."""
    _lost: set[str] = field(default_factory=set)
    """Being called by the record, and by nobody that we know of."""
    _take_up_at: float = 0.0

    def may_call(self, number: str | None) -> bool:
        """Whether a customer can be called at this number."""
        if not number or self.settings.at_once == 0:
            return False
        return may_be_dialled(normalise(number, self.country), self.settings.beginnings, self.country)

    # -- what asks for one

    async def asked(self, live: LiveCall, wanted: HandOver) -> bool:
        """The caller wants to be rung when it is their turn; False when that cannot be kept, and they had better wait."""
        ledger, now = live.ledger, datetime.now(UTC)
        if not ledger.caller.ani or not self.may_call(ledger.caller.ani):
            return False
        customer, number = ledger.caller.customer, normalise(ledger.caller.ani, self.country)
        try:
            if any(before.why == "asked" for before in await self.book.open_at(number)):
                # they stand in line already: asking twice is no second place, nor a way to have somebody rung
                return True
        except OSError as error:
            log.warning("call backs not looked up", problem=str(error))
            return False
        one = CallBack(
            str(uuid4()), number, "asked", now, now, "caller", f"asked:{live.id}",
            customer.id if customer else None, str(live.id), wanted.intent, wanted.queue, None, ledger.language,
            ledger.words, ledger.began,
        )  # fmt: skip
        return await self._keep(one)

    def noted(self, live: LiveCall, entry: Entry) -> None:
        """An entry was made in a call's ledger."""
        match entry.kind:
            case "outcome" if entry.facts.get("follow_up") and not live.ledger.story.call_back:
                self.spawn(self._promised(live, entry))
            case "agent_answered" if live.ledger.caller.ani and not live.ledger.story.call_back:
                self.spawn(self._came_themself(live, live.ledger.caller.ani))
            case "called_back":
                self.spawn(self._dialled(live, entry.facts["status"]))
            case "hung_up" if live.ledger.story.call_back:
                self.spawn(self._over(live))
            case _:
                pass

    async def _promised(self, live: LiveCall, entry: Entry) -> None:
        """An agent has given a day and an hour; they call then themself, if they can."""
        ledger = live.ledger
        if not ledger.caller.ani or not self.may_call(ledger.caller.ani):
            return
        now, customer = datetime.now(UTC), ledger.caller.customer
        agent, due = AgentId(entry.facts["agent"]), entry.facts["follow_up"]
        await self._keep(CallBack(
            str(uuid4()), normalise(ledger.caller.ani, self.country), "promised", datetime.fromisoformat(due), now, agent,
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
            Whom(signal.customer), f"signal:{signal.kind}:{signal.id}", signal.text, intent, why="signal",
            by=Actor("signal"),
        )  # fmt: skip

    async def on_our_own(
        self, whom: Whom, source: str, text: str, intent: str | None, *, why: Why = "system", by: Actor,
        due: datetime | None = None,
    ) -> CallBack | None:  # fmt: skip
        """Call a customer who has not asked for it; None when they must not be called, or have no number.

        Raises ``UnknownCustomer``.
        """
        now = datetime.now(UTC)
        customer, number = await self.book.customer(whom)
        consent = await self.book.consent(customer)
        if number is None or not self.may_call(number) or consent is None or not consent.calls:
            log.info("not called: no number or no consent", customer=customer, source=source)
            return None
        language: Language = self.board.current_flow.default_language
        one = CallBack(
            str(uuid4()), number, why, due or now, now, by.who, source, customer, None, intent, None, None, language,
            text=text,
        )  # fmt: skip
        kept, _ = await self.book.add(one, by)
        self._news.set()
        return kept

    async def _keep(self, one: CallBack) -> bool:
        try:
            await self.book.add(one)
        except OSError as error:
            log.warning("call back not kept", source=one.source, problem=str(error))
            return False
        self._news.set()
        return True

    async def _came_themself(self, live: LiveCall, ani: str) -> None:
        """The customer is on the line with an agent: what they were to be called about is dealt with there."""
        customer = live.ledger.caller.customer
        try:
            theirs = await self.book.open_of(customer.id) if customer else []
            at_it = await self.book.open_at(normalise(ani, self.country))
            for one in {one.id: one for one in (*theirs, *at_it)}.values():
                if one.why == "promised" and one.due_at > datetime.now(UTC) + timedelta(hours=1):
                    continue  # a day was agreed on; what this call is about may be something else
                if one.intent in (None, live.ledger.intent):
                    await self._end(one, "cancelled", "called by themselves", only=("waiting",))
        except OSError as error:
            log.warning("call backs not looked up", problem=str(error))

    # -- placing

    async def run(self) -> None:
        """Look again and again what is due; whatever goes wrong with one look, the next may do better."""
        while True:
            self._news.clear()
            try:
                await self._write_what_was_not()
                await self._take_up()
                self._let_go_what_never_came()
                await self._place_what_is_due()
            except OSError as error:
                log.warning("call backs not read", problem=str(error))
            except Exception:
                log.exception("call backs not looked at")
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def _take_up(self) -> None:
        """What is being called by the record: calls that still go on are ours, also after a restart; the others wait again."""
        now = asyncio.get_running_loop().time()
        if not self.telephony.connected or now < self._take_up_at:
            return
        self._take_up_at = now + TAKE_UP_EVERY_S
        found = {one.id: one for one in await self.book.calling() if one.id not in self._unwritten}
        for one in found.values():
            call = CallId(UUID(one.call)) if one.call else None
            if call is not None and call in self.board.calls:
                self._mine.setdefault(call, one)
            elif call not in self._mine and one.id in self._lost:
                await self.book.change(one.id, ("calling",), state="waiting", last="lost in a restart")
        # only what is missing twice in a row is lost: after a restart calls are brought back one after the other
        self._lost = {one.id for one in found.values() if one.call is None or CallId(UUID(one.call)) not in self._mine}

    def _let_go_what_never_came(self) -> None:
        """Asterisk takes an Originate before it has made the channel, and may make none."""
        for call in list(self._mine):
            live = self.board.calls.get(call)
            if live and not live.channel and (datetime.now(UTC) - live.ledger.began).total_seconds() > NEVER_CAME_S:
                log.warning("no channel came for a call back: is [ivr-call-back] in the dialplan?", call=str(call))
                self.board.left(live, datetime.now(UTC))

    async def _write_what_was_not(self) -> None:
        """Ends that the database could not take."""
        for number, values in list(self._unwritten.items()):
            await self.book.change(number, OPEN, **values)
            del self._unwritten[number]

    async def _write(self, one: CallBack, only: Sequence[str], **values: Any) -> bool:
        """Change a call back now, or as soon as the database is there again."""
        try:
            return await self.book.change(one.id, only, **values)
        except OSError as error:
            log.warning("call back not written yet", id=one.id, problem=str(error))
            self._unwritten[one.id] = values
            return False

    async def _place_what_is_due(self) -> None:
        room = self.settings.at_once - len(self._mine)
        if room <= 0 or not self.telephony.connected or self._lost:
            return  # also while it is not known what an earlier run has under way
        now = datetime.now(UTC)
        for one in await self.book.due(now, 50):
            if room <= 0:
                return
            problem = await self._hindered(one, now)
            if problem in FOR_GOOD:
                await self._end(one, "given_up", problem, only=("waiting",))
            elif problem:
                # look again later, so that those behind it get their turn
                await self.book.change(one.id, ("waiting",), due_at=now + timedelta(minutes=1), last=problem)
            elif await self._place(one):
                room -= 1

    async def _hindered(self, one: CallBack, now: datetime) -> str | None:
        """Why a customer is not called just now."""
        if not self.may_call(one.number):
            return NOT_ALLOWED
        just_asked = one.why == "asked" and now - one.created_at < JUST_ASKED
        if not just_asked and not self.settings.manners.allowed(now, zones_of(one.number, self.zone)):
            return "outside calling hours"
        if one.why in OWN_INITIATIVE and one.customer:
            consent = await self.book.consent(one.customer)
            if consent is None or not consent.calls:
                return NO_CONSENT
            if await self.book.called_since(one.customer, tuple(OWN_INITIATIVE), now - self.settings.apart, one.id):
                return "called lately"
        flow = self.board.current_flow
        queue = flow.queues.get(one.queue or flow.queue_of(one.intent))
        if queue is None or not any(queue.name in s.queues for s in self.board.roster.statuses.values()):
            return "nobody is there"
        return None

    async def _place(self, one: CallBack) -> bool:
        call = CallId(uuid4())
        if not await self.book.change(
            one.id, ("waiting",), state="calling", attempts=one.attempts + 1, call=str(call), last=None
        ):
            return False  # cancelled in this moment
        one = replace(one, state="calling", attempts=one.attempts + 1, call=str(call))
        live = self._call(call, one)
        self._mine[call] = one
        await self.conversations.look_up(live)
        try:
            await self._stand_in_line(live, one)
        except (Refused, ami.Unsafe) as problem:
            log.warning("call back not placed", id=one.id, problem=str(problem))
            self.board.left(live, datetime.now(UTC))
            return False
        log.info("call back placed", id=one.id, why=one.why, attempt=one.attempts, call=str(call))
        return True

    def _call(self, call: CallId, one: CallBack) -> LiveCall:
        """The call that an agent will see, with what is known before anybody rings."""
        now, edition = datetime.now(UTC), self.board.edition
        ledger = Ledger(call, Caller(one.number, None, ""), now, one.language, run=self.board.run)
        live = LiveCall(call, "", ledger, edition)
        live.line_used, live.guarded = True, False
        self.board.take_over(live)
        ledger.add(
            now, "call_back", f"call_back:{one.id}:{one.attempts}", call_back=one.id, why=one.why, said_at=stamp(one.said_at),
            words=one.words, intent=one.intent, contact=one.contact, text=one.text, asked_at=stamp(one.created_at),
            attempt=one.attempts,
        )  # fmt: skip
        return live

    async def _stand_in_line(self, live: LiveCall, one: CallBack) -> None:
        hand_over = HandOver(one.intent if one.intent in live.flow.intents else None, one.queue, "call_back")
        self.conversations.decide(live, hand_over)
        kind, to = ("agent", one.agent) if one.agent else ("queue", live.place)
        live.ledger.add(
            datetime.now(UTC), "passed_on", f"call_back:{one.id}", by=None, way="call_back", to_kind=kind, to=to,
            brief=one.text, words=one.words or "",
        )  # fmt: skip
        variables = {
            "__IVR_CALL": str(live.id), "IVR_ROUTE": self.conversations.route_value(live),
            "IVR_NUMBER": one.number, "IVR_CALL_S": str(self.settings.ring_s), "IVR_SHOWN": self.settings.shown,
        }  # fmt: skip
        await self.telephony.originate(
            "Local/wait@ivr-call-back/n", "ivr-call-back,dial", one.number, variables, STANDS_S
        )

    # -- ends

    async def _dialled(self, live: LiveCall, status: str) -> None:
        """The customer has answered, or has not."""
        one = await self._of(live)
        if one is None:
            return
        if status == "ANSWER":
            self._mine.pop(live.id, None)
            await self._end(one, "done", "answered")
        else:
            for agent in (a for a in live.ledger.legs.had_it if a in self.board.roster.statuses):
                # nobody has to be told what the line has said
                self.board.close_contact(live, agent, "nobody_there", "")
            await self._again(live.id, status.lower().replace("noanswer", "no answer"))

    async def _of(self, live: LiveCall) -> CallBack | None:
        """The call back of a call; one of an earlier run of the server is found in the record."""
        if live.id not in self._mine and live.ledger.story.call_back:
            try:
                one = await self.book.one(live.ledger.story.call_back.id)
            except OSError as error:
                log.warning("call back not read", call=str(live.id), problem=str(error))
                return None
            if one and one.state == "calling" and one.call == str(live.id):
                self._mine[live.id] = one
        return self._mine.get(live.id)

    async def _over(self, live: LiveCall) -> None:
        """The call is over, and nothing was heard of the customer."""
        called = live.ledger.story.call_back
        if called and called.status is None and await self._of(live):
            await self._again(live.id, "not dialled")
        self._mine.pop(live.id, None)

    async def _again(self, call: CallId, last: str) -> None:
        one = self._mine.pop(call, None)
        if one is None:
            return
        now = datetime.now(UTC)
        at = self.settings.manners.next_try(one, now)
        if at is None:
            await self._end(one, "given_up", last)
            return
        await self._write(one, ("calling",), state="waiting", due_at=at, last=last)

    async def _end(self, one: CallBack, state: str, last: str, only: tuple[str, ...] = OPEN) -> None:
        if await self._write(one, only, state=state, last=last, ended_at=datetime.now(UTC)):
            log.info("call back over", id=one.id, state=state, how=last)
