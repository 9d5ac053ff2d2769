"""The machine's part of one call: look-up, dialogue, decision, route. What comes before and after is the switchboard's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import structlog

from ivr.calls.agents import AgentRoster
from ivr.calls.channels import Signals
from ivr.calls.live import LiveCall
from ivr.calls.parts import SessionParts
from ivr.calls.ports import Directory, Line, Refused, Telephony
from ivr.calls.recording import Recordings, Unrecorded
from ivr.calls.room import Room
from ivr.calls.session import CallSession, run_guarded
from ivr.core import routing
from ivr.core.caller import Caller
from ivr.core.dialogue import World
from ivr.core.entries import decision_facts, stood_facts
from ivr.core.flow import Flow
from ivr.core.ledger import confidence
from ivr.core.messages import HandOver
from ivr.core.routing import Decision, Learnt, Policy, Presence, Situation, Waiting
from ivr.core.signal import Signal
from ivr.core.values import Speller
from ivr.wire import ami

log = structlog.get_logger(__name__)
LIFT_TRIES, LIFT_EVERY_S = 8, 0.5
"""The guard is given by the dialplan for five seconds; it is asked to let go as long as that."""


@dataclass(frozen=True, slots=True)
class CallTimes:
    """Times of a call, in seconds."""

    lookup_wait_s: float = 0.3
    """How long the greeting waits for the customer's record."""
    lookup_give_up_s: float = 5.0
    robot_max_s: int = 300
    """The longest a caller may spend with the machine."""
    agent_ring_s: int = 15


class Conversations:
    """Holds the conversations of all calls, each by itself."""

    def __init__(
        self,
        times: CallTimes,
        parts: SessionParts,
        directory: Directory,
        roster: AgentRoster,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        speller: Speller,
        zone: tzinfo = UTC,
        policy: Policy | None = None,
        learnt: Callable[[], Learnt] = dict,
        shadow: bool = False,
        signals: Signals | None = None,
        room: Room | None = None,
    ) -> None:
        """With ``shadow`` decisions are made and recorded, and app_queue chooses by itself within the queue."""
        self._policy = policy or Policy()
        self._room = room or Room(parts.recogniser)
        self._learnt = learnt
        self._shadow = shadow
        self._signals = signals
        self._speller = speller
        self._zone = zone
        self._times = times
        self._parts = parts
        self._directory = directory
        self._roster = roster
        self._spawn = spawn
        self._telephony: Telephony | None = None
        self.recordings: Recordings = Unrecorded()
        """Keeps the machine's part of calls as sound."""
        self.call_backs: Callable[[LiveCall, HandOver], Awaitable[bool]] = _no_call_backs
        """Keeps that a caller is to be rung; False when it cannot."""
        self.may_call: Callable[[str | None], bool] = lambda number: False
        """Whether somebody can be called at a number."""

    def connect(self, telephony: Telephony) -> None:
        """Give it the way to Asterisk, which is built after it."""
        self._telephony = telephony

    async def look_up(self, live: LiveCall) -> None:
        """Find out who calls; whatever goes wrong costs the caller no more than being greeted as a stranger."""
        caller = live.ledger.caller
        found: Caller | None = None
        state = "unknown"
        try:
            if caller.ani:
                # not wait_for: on Python 3.11 it swallows a cancellation that comes together with the answer
                async with asyncio.timeout(self._times.lookup_give_up_s):
                    found = await self._directory.find(caller.ani, lambda newer: self._complete(live, newer))
        except TimeoutError:
            state = "failed"
        except Exception:
            log.exception("customer look-up failed", call=str(live.id))
            state = "failed"
        if found:
            live.ledger.caller = _of_this_call(found, live)
        else:
            live.ledger.caller = replace(caller, lookup="failed" if state == "failed" else "unknown")
        if live.closed:
            return
        await self._looked_up(live)
        live.looked_up.set()

    async def _complete(self, live: LiveCall, newer: Caller) -> None:
        """The record came after the greeting: the dialogue goes on as it began, and the card is completed."""
        try:
            async with asyncio.timeout(self._times.lookup_give_up_s):
                await live.looked_up.wait()
        except TimeoutError:
            return  # the call has ended meanwhile
        before, after = live.ledger.caller.customer, newer.customer
        if live.closed or after is None:
            return
        if before and before.id != after.id:
            # what was said and proved in this call was somebody's; nobody else gets it
            log.warning("number has another customer now, from the next call on", call=str(live.id))
            return
        live.ledger.caller = _of_this_call(newer, live)
        await self._looked_up(live)

    async def _looked_up(self, live: LiveCall) -> None:
        customer = live.ledger.caller.customer
        if customer:
            live.ledger.caller = replace(live.ledger.caller, signals=await self._signals_of(customer.id, live))
        caller = live.ledger.caller
        live.ledger.add(
            self._parts.now(), "looked_up", result=caller.lookup, customer=customer.id if customer else None,
            **stood_facts(caller),
        )  # fmt: skip

    async def _signals_of(self, customer: str, live: LiveCall) -> tuple[Signal, ...]:
        """What other systems have told of a customer; whatever goes wrong costs no more than not knowing it."""
        if self._signals is None:
            return ()
        try:
            async with asyncio.timeout(self._times.lookup_wait_s):
                return tuple(await self._signals.open_for(customer))
        except (TimeoutError, OSError) as problem:
            log.warning("signals not read", call=str(live.id), problem=str(problem) or "no answer in time")
            return ()

    async def hold(self, live: LiveCall, line: Line) -> None:
        """Talk with the caller until the machine has nothing more to do, and tell Asterisk where the call goes on."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._times.lookup_wait_s):
                await live.looked_up.wait()
        caller = live.ledger.caller
        seat = self._room.seat(caller.preferences)
        if seat.refused:
            live.ledger.add(self._parts.now(), "problem", what="too many speak at once: began with keys")
        now = self._parts.now().astimezone(self._zone)
        world = World(
            live.flow, caller, seat.languages(), hours_since_unsolved(caller, now), now, speller=self._speller,
            reader=self._parts.reader,
            may_call=self.may_call(caller.ani), crowded=seat.refused, asks_consent=self.recordings.asks,
        )  # fmt: skip
        parts = replace(self._parts, recogniser=seat, need_ears=seat.need, understander=live.edition.understander)
        tape = self.recordings.begin()
        session = CallSession(parts, world, live.ledger, line, tape)
        live.session = session
        line.attach(session)
        self._spawn(self._lift_guard(live))
        try:
            await run_guarded(session, lambda hand_over: self.decide(live, hand_over), str(live.id))
        finally:
            seat.leave()
            if tape:
                self.recordings.end(live.id, tape, live.ledger.story.consent)
        live.turns = session.turns
        if live.caller_gone or session.gone:
            return  # nobody is left to be routed
        if session.hand_over:
            await self._send_route(live)
        elif session.call_back and not await self.call_backs(live, session.call_back):
            self.decide(live, session.call_back)  # it cannot be promised after all: they keep their place on the line
            await self._send_route(live)
        elif session.hung_up:
            await self._route(live, "hangup,,0,,0,0")

    async def _lift_guard(self, live: LiveCall) -> None:
        """Tell the dialplan that the call is in good hands; until that is done, its guard may take the call back."""
        assert self._telephony
        value = {"TIMEOUT(absolute)": str(self._times.robot_max_s)}
        for _ in range(LIFT_TRIES):
            try:
                await self._telephony.set_variables(live.channel, value)
                live.guarded = False
                log.debug("call taken", call=str(live.id))
                return
            except Refused:
                if live.caller_gone or live.line is None:
                    return
                await asyncio.sleep(LIFT_EVERY_S)
        log.warning("the dialplan's guard could not be lifted", call=str(live.id))

    def decide(self, live: LiveCall, hand_over: HandOver) -> None:
        """Where the call goes, and why."""
        ledger, now = live.ledger, self._parts.now()
        sure = confidence(hand_over, ledger.understood)
        call = Waiting(
            live.id, ledger.caller, ledger.language, now, ledger.began, hand_over.queue, hand_over.intent, sure, hand_over.cause,
            signals=routing.signals_of(ledger.caller, self._policy),
        )  # fmt: skip
        present = tuple(Presence(s.agent, s.since, s.state) for s in self._roster.statuses.values())
        situation = Situation((call,), present, live.flow, now, self._policy, self._learnt())
        ledger.add(now, "decided", **decision_facts(routing.place(situation, call), hand_over))

    async def _send_route(self, live: LiveCall) -> None:
        decision = live.ledger.decision
        assert decision
        await self._route(live, self._route_value(live.flow, decision))
        live.ledger.add(
            self._parts.now(), "handed_over", queue=decision.queue, agent=decision.agent, shadow=self._shadow
        )

    def route_value(self, live: LiveCall) -> str:
        """What the dialplan is told of where a call goes that was decided on."""
        assert live.ledger.decision
        return self._route_value(live.flow, live.ledger.decision)

    def _route_value(self, flow: Flow, decision: Decision) -> str:
        queue = flow.queues[decision.queue]
        if self._shadow:
            return ami.route_value("queue", queue.name, 0, "", self._times.agent_ring_s, queue.timeout_s)
        status = self._roster.statuses.get(decision.agent) if decision.agent else None
        interface = status.agent.interface if status else ""
        ring_s = self._times.agent_ring_s
        try:
            return ami.route_value("queue", queue.name, decision.priority, interface, ring_s, queue.timeout_s)
        except ami.Unsafe as problem:
            log.warning("agent not rung first, the queue chooses", agent=decision.agent, problem=str(problem))
            return ami.route_value("queue", queue.name, decision.priority, "", ring_s, queue.timeout_s)

    async def _route(self, live: LiveCall, value: str) -> None:
        """Set where the dialplan goes on; when that cannot be said, the fallback queue is where it goes."""
        assert self._telephony
        try:
            await self._telephony.set_variables(live.channel, {"IVR_ROUTE": value})
        except (Refused, ami.Unsafe) as problem:
            log.warning("route not set, caller goes to the fallback queue", call=str(live.id), problem=str(problem))
            live.ledger.add(self._parts.now(), "problem", what=f"route not set: {problem}")


def _of_this_call(found: Caller, live: LiveCall) -> Caller:
    """What was found, with Asterisk's own words of this call."""
    caller = live.ledger.caller
    return replace(
        found,
        ani=caller.ani,
        shown_name=caller.shown_name,
        dnis=caller.dnis,
        lookup="found",
        # a call that comes back after a restart is in the records itself
        contacts=tuple(one for one in found.contacts if one.id != str(live.id)),
    )


def hours_since_unsolved(caller: Caller, now: datetime) -> float | None:
    """Hours since the last phone contact that told us its reason, when nobody called it solved."""
    last = next((c for c in caller.contacts if c.channel == "phone" and c.intent), None)
    return (now - last.at) / timedelta(hours=1) if last and not last.solved else None


async def _no_call_backs(live: LiveCall, wanted: HandOver) -> bool:
    return False
