"""The machine's part of one call, until it has nothing more to do. What comes before and after is the switchboard's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any, Protocol

import structlog

from ivr.calls.caller.capacity import RecognitionCapacity
from ivr.calls.caller.ports import Line
from ivr.calls.caller.recording import Recordings, Unrecorded
from ivr.calls.caller.services import SessionParts
from ivr.calls.caller.session import CallSession
from ivr.calls.deciding import Decisions
from ivr.calls.live import LiveCall
from ivr.calls.ports import Refused, Telephony
from ivr.core.dialogue import World
from ivr.core.dialogue.messages import CallBack, HandOver
from ivr.core.flow.values import Speller

log = structlog.get_logger(__name__)
LIFT_TRIES, LIFT_EVERY_S = 8, 0.5
"""The guard is given by the dialplan for five seconds; it is asked to let go as long as that."""


@dataclass(frozen=True, slots=True)
class CallTimes:
    """Times of a call, in seconds."""

    lookup_wait_s: float = 0.3
    """How long the greeting waits for the customer's record."""
    robot_max_s: int = 300
    """The longest a caller may spend with the machine."""


class CallBackWishes(Protocol):
    """What becomes of callers who want to be rung."""

    def may_call(self, number: str | None) -> bool:
        """Whether somebody can be called at a number."""

    def calls_anybody(self) -> bool:
        """Whether this house calls customers at all."""

    async def asked(self, live: LiveCall, wanted: CallBack) -> bool:
        """Keep that the caller is to be rung; False when it cannot be kept."""


class NoCallBacks:
    """A house that rings nobody."""

    def may_call(self, number: str | None) -> bool:
        return False

    def calls_anybody(self) -> bool:
        return False

    async def asked(self, live: LiveCall, wanted: CallBack) -> bool:
        return False


class Conversations:
    """Holds the conversations of all calls, each by itself."""

    def __init__(
        self,
        times: CallTimes,
        parts: SessionParts,
        decisions: Decisions,
        telephony: Telephony,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        speller: Speller,
        zone: tzinfo = UTC,
        capacity: RecognitionCapacity | None = None,
        recordings: Recordings | None = None,
        call_backs: CallBackWishes | None = None,
        emergency: str = "112",
    ) -> None:
        """``recordings`` keeps the machine's part of calls as sound; none: nothing is kept.

        ``emergency`` is the number to call where somebody is in danger.
        """
        self._times = times
        self._parts = parts
        self._decisions = decisions
        self._telephony = telephony
        self._spawn = spawn
        self._speller = speller
        self._zone = zone
        self._emergency = emergency
        self._capacity = capacity or RecognitionCapacity(parts.recogniser)
        self._recordings = recordings or Unrecorded()
        self._call_backs = call_backs or NoCallBacks()

    async def hold(self, live: LiveCall, line: Line) -> None:
        """Talk with the caller until the machine has nothing more to do, and tell Asterisk where the call goes on."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._times.lookup_wait_s):
                await live.looked_up.wait()
        caller = live.ledger.caller
        slot = self._capacity.slot(caller.preferences)
        if slot.refused:
            live.ledger.add(self._parts.now(), "problem", what="too many speak at once: began with keys")
        now = self._parts.now().astimezone(self._zone)
        may_dial = self._call_backs.may_call if self._call_backs.calls_anybody() else None
        world = World(
            live.flow, caller, slot.languages(), now, speller=self._speller,
            reader=self._parts.reader,
            may_call=self._call_backs.may_call(caller.ani),
            may_dial=may_dial, crowded=slot.refused, asks_consent=self._recordings.asks,
            emergency=self._emergency,
        )  # fmt: skip
        parts = replace(self._parts, recogniser=slot, need_ears=slot.need, understander=live.edition.understander)
        tape = self._recordings.begin()
        session = CallSession(parts, world, live.ledger, line, tape)
        live.session = session
        line.attach(session)
        self._spawn(self._lift_guard(live))
        try:
            await run_guarded(session, lambda hand_over: self._decisions.decide(live, hand_over), str(live.id))
        finally:
            slot.leave()
            if tape:
                self._recordings.end(live.id, tape, live.ledger.story.consent)
        live.turns = session.turns
        if live.caller_gone or session.gone:
            return  # nobody is left to be routed
        if session.hand_over:
            await self._decisions.send(live)
        elif session.call_back and not await self._call_backs.asked(live, session.call_back):
            # it cannot be promised after all: they keep their place on the line
            self._decisions.decide(live, session.call_back.wanted)
            await self._decisions.send(live)
        elif session.hung_up:
            await self._decisions.route(live, "hangup,,0,,0,0")

    async def _lift_guard(self, live: LiveCall) -> None:
        """Tell the dialplan that the call is in good hands; until that is done, its guard may take the call back."""
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


async def run_guarded(session: CallSession, decide: Callable[[HandOver], None], call: str) -> None:
    """Run a session so that whatever goes wrong in it costs this call its dialogue and nobody anything else."""
    try:
        await session.run(decide)
    except* Exception as problems:
        for problem in problems.exceptions:
            log.error("session failed, caller goes to the queue", call=call, exc_info=problem)
