"""Calls customers: places what is due, follows each to its end, tries again, and gives up in the end.

A call back stands in its queue like a caller, as a channel of ours; an agent's phone rings with the whole card, and once the
agent has picked up, the customer is dialled. Nobody who is called waits for an agent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.call_backs.requests import CallBackRequests
from ivr.calls.caller_lookup import CallerLookup
from ivr.calls.deciding import Decisions
from ivr.calls.follower import Follower
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Refused, Telephony
from ivr.core.call_back import OWN_INITIATIVE, CallBack
from ivr.core.caller import Caller, CallId
from ivr.core.contact.entries import Entry
from ivr.core.dialogue.messages import HandOver
from ivr.wire.asterisk import ami
from ivr.wire.card_json import stamp
from ivr.wire.phone_numbers import zones_of

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


@dataclass(slots=True)
class CallBacks:
    """Places what is due."""

    requests: CallBackRequests
    calls: LiveCalls
    follower: Follower
    roster: AgentRoster
    lookup: CallerLookup
    decisions: Decisions
    telephony: Telephony
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    zone: ZoneInfo
    _mine: dict[CallId, CallBack] = field(default_factory=dict)
    _lost: set[str] = field(default_factory=set)
    """Being called by the record, and by nobody that we know of."""
    _take_up_at: float = 0.0

    def noted(self, live: LiveCall, entry: Entry) -> None:
        """An entry was made in a call's ledger: the customer was dialled, or the call is over."""
        match entry.kind:
            case "called_back":
                self.spawn(self._dialled(live, entry.facts["status"]))
            case "hung_up" if live.ledger.story.call_back:
                self.spawn(self._over(live))
            case _:
                pass

    # -- placing

    async def run(self) -> None:
        """Look again and again what is due; whatever goes wrong with one look, the next may do better."""
        while True:
            self.requests.news.clear()
            try:
                await self.requests.write_what_was_not()
                await self._take_up()
                self._let_go_what_never_came()
                await self._place_what_is_due()
            except OSError as error:
                log.warning("call backs not read", problem=str(error))
            except Exception:
                log.exception("call backs not looked at")
            try:
                async with asyncio.timeout(EVERY_S):
                    await self.requests.news.wait()
            except TimeoutError:
                pass

    async def _take_up(self) -> None:
        """What is being called by the record: calls that still go on are ours, also after a restart; the others wait again."""
        now = asyncio.get_running_loop().time()
        if not self.telephony.connected or now < self._take_up_at:
            return
        self._take_up_at = now + TAKE_UP_EVERY_S
        found = {one.id: one for one in await self.requests.book.calling() if one.id not in self.requests.unwritten}
        for one in found.values():
            call = CallId(UUID(one.call)) if one.call else None
            if call is not None and call in self.calls:
                self._mine.setdefault(call, one)
            elif call not in self._mine and one.id in self._lost:
                await self.requests.book.change(one.id, ("calling",), state="waiting", last="lost in a restart")
        # only what is missing twice in a row is lost: after a restart calls are brought back one after the other
        self._lost = {one.id for one in found.values() if one.call is None or CallId(UUID(one.call)) not in self._mine}

    def _let_go_what_never_came(self) -> None:
        """Asterisk takes an Originate before it has made the channel, and may make none."""
        for call in list(self._mine):
            live = self.calls.get(call)
            if live and not live.channel and (self.calls.now() - live.ledger.began).total_seconds() > NEVER_CAME_S:
                log.warning("no channel came for a call back: is [ivr-call-back] in the dialplan?", call=str(call))
                self.follower.caller_left(live, self.calls.now())

    async def _place_what_is_due(self) -> None:
        room = self.requests.settings.at_once - len(self._mine)
        if room <= 0 or not self.telephony.connected or self._lost:
            return  # also while it is not known what an earlier run has under way
        now = self.calls.now()
        for one in await self.requests.book.due(now, 50):
            if room <= 0:
                return
            problem = await self._hindered(one, now)
            if problem in FOR_GOOD:
                await self.requests.end(one, "given_up", problem, only=("waiting",))
            elif problem:
                # look again later, so that those behind it get their turn
                await self.requests.book.change(one.id, ("waiting",), due_at=now + timedelta(minutes=1), last=problem)
            elif await self._place(one):
                room -= 1

    async def _hindered(self, one: CallBack, now: datetime) -> str | None:
        """Why a customer is not called just now."""
        if not self.requests.may_call(one.number):
            return NOT_ALLOWED
        just_asked = one.why == "asked" and now - one.created_at < JUST_ASKED
        if not just_asked and not self.requests.settings.policy.allowed(now, zones_of(one.number, self.zone)):
            return "outside calling hours"
        if one.why in OWN_INITIATIVE and one.customer:
            consent = await self.requests.book.consent(one.customer)
            if consent is None or not consent.calls:
                return NO_CONSENT
            if await self.requests.book.called_since(
                one.customer, tuple(OWN_INITIATIVE), now - self.requests.settings.apart, one.id
            ):
                return "called lately"
        flow = self.requests.current.edition.flow
        queue = flow.queues.get(one.queue or flow.queue_of(one.intent))
        if queue is None or not any(queue.name in s.queues for s in self.roster.statuses.values()):
            return "nobody is there"
        return None

    async def _place(self, one: CallBack) -> bool:
        call = CallId(uuid4())
        if not await self.requests.book.change(
            one.id, ("waiting",), state="calling", attempts=one.attempts + 1, call=str(call), last=None
        ):
            return False  # cancelled in this moment
        one = replace(one, state="calling", attempts=one.attempts + 1, call=str(call))
        live = self._call(call, one)
        self._mine[call] = one
        await self.lookup.look_up(live)
        try:
            await self._stand_in_line(live, one)
        except (Refused, ami.Unsafe) as problem:
            log.warning("call back not placed", id=one.id, problem=str(problem))
            self.follower.caller_left(live, self.calls.now())
            return False
        log.info("call back placed", id=one.id, why=one.why, attempt=one.attempts, call=str(call))
        return True

    def _call(self, call: CallId, one: CallBack) -> LiveCall:
        """The call that an agent will see, with what is known before anybody rings."""
        edition = self.requests.current.edition
        live = self.calls.begin(call, "", Caller(one.number, None, ""), edition, one.language)
        live.line_used, live.guarded = True, False
        live.ledger.add(
            self.calls.now(), "call_back", f"call_back:{one.id}:{one.attempts}", call_back=one.id, why=one.why,
            said_at=stamp(one.said_at), words=one.words, intent=one.intent, contact=one.contact, text=one.text,
            asked_at=stamp(one.created_at), attempt=one.attempts,
        )  # fmt: skip
        return live

    async def _stand_in_line(self, live: LiveCall, one: CallBack) -> None:
        hand_over = HandOver(one.intent if one.intent in live.flow.intents else None, one.queue, "call_back")
        self.decisions.decide(live, hand_over)
        kind, to = ("agent", one.agent) if one.agent else ("queue", live.place)
        live.ledger.add(
            self.calls.now(), "passed_on", f"call_back:{one.id}", by=None, way="call_back", to_kind=kind, to=to,
            brief=one.text, words=one.words or "",
        )  # fmt: skip
        variables = {
            "__IVR_CALL": str(live.id), "IVR_ROUTE": self.decisions.route_value(live),
            "IVR_NUMBER": one.number, "IVR_CALL_S": str(self.requests.settings.ring_s), "IVR_SHOWN": self.requests.settings.shown,
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
            await self.requests.end(one, "done", "answered")
        else:
            for agent in (a for a in live.ledger.legs.had_it if a in self.roster.statuses):
                # nobody has to be told what the line has said
                self.calls.wrap_up(live, agent, "nobody_there", "")
            await self._again(live.id, status.lower().replace("noanswer", "no answer"))

    async def _of(self, live: LiveCall) -> CallBack | None:
        """The call back of a call; one of an earlier run of the server is found in the record."""
        if live.id not in self._mine and live.ledger.story.call_back:
            try:
                one = await self.requests.book.one(live.ledger.story.call_back.id)
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
        now = self.calls.now()
        at = self.requests.settings.policy.next_try(one, now)
        if at is None:
            await self.requests.end(one, "given_up", last)
            return
        await self.requests.write(one, ("calling",), state="waiting", due_at=at, last=last)
