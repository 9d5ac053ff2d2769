"""All calls together: Asterisk's events and lines come in, and go to the call that they belong to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.asterisk_clock import AsteriskClock
from ivr.calls.caller.edition import Current
from ivr.calls.caller.ports import Line
from ivr.calls.caller_lookup import CallerLookup
from ivr.calls.conversation import Conversations
from ivr.calls.follower import Follower
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.calls.unheard import Unheard
from ivr.core.caller import Caller, CallId
from ivr.wire.asterisk import ami

log = structlog.get_logger(__name__)
UNMATCHED_LINE_S = 1.5
"""A line may come this long before the news of its call; then it is refused."""


class Switchboard:
    """Takes in events on the loop, one after the other; nothing here blocks."""

    def __init__(
        self,
        calls: LiveCalls,
        follower: Follower,
        conversations: Conversations,
        lookup: CallerLookup,
        current: Current,
        roster: AgentRoster,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self.calls = calls
        self._follower = follower
        self._conversations = conversations
        self._lookup = lookup
        self._current = current
        self._roster = roster
        self._spawn = spawn
        self._clock = AsteriskClock()
        self._early: dict[CallId, Line] = {}
        self.unheard = Unheard()

    # -- lines

    def line_arrived(self, call: CallId, line: Line) -> str | None:
        """A connection names its call; the reason why it is refused, or None."""
        live = self.calls.get(call)
        if self.calls.over(call) or call in self._early or (live and live.line_used):
            return "this UUID was used already"
        if live is None:
            self._early[call] = line
            asyncio.get_running_loop().call_later(UNMATCHED_LINE_S, self._refuse_early, call)
            return None
        self._join(live, line)
        return None

    def line_lost(self, call: CallId, line: Line) -> None:
        """A connection ended before its call had begun."""
        if self._early.get(call) is line:
            del self._early[call]

    def _refuse_early(self, call: CallId) -> None:
        line = self._early.pop(call, None)
        if line:
            log.warning("audiosocket refused", problem="no such call is known", call=str(call))
            line.close()

    def _join(self, live: LiveCall, line: Line) -> None:
        live.line, live.line_used = line, True
        self.unheard.heard(live.id)
        live.ledger.add(self.calls.now(), "joined")
        self._spawn(self._converse(live, line))

    async def _converse(self, live: LiveCall, line: Line) -> None:
        # every line that is logged below here carries the call's id
        structlog.contextvars.bind_contextvars(call=str(live.id))
        try:
            await self._conversations.hold(live, line)
        except Exception as error:
            # whatever it was, it must cost this caller the machine and nobody anything else
            log.exception("conversation failed, caller goes to the queue")
            live.ledger.add(self.calls.now(), "problem", what=f"conversation failed: {error}")
        finally:
            line.close()
            live.line = None
            if live.caller_gone:
                self.calls.close(live)

    # -- Asterisk's events

    def on_event(self, event: ami.Event, stamp: float | None) -> None:
        """Take in one event, with Asterisk's own time of it where it gives one."""
        at = self._clock.at(stamp, self.calls.now())
        match event:
            case ami.MemberState() | ami.MemberGone():
                self._roster.update(event)
            case ami.Rang():
                self._rang(event, at)
            case ami.CalledBack(call=call, status=status) if call in self.calls:
                self.calls[call].ledger.add(at, "called_back", f"called_back:{call}", status=status)
            case ami.Gone() if (live := self._whose(event)) is not None:
                self._follower.follow(event, at)
                self._follower.caller_left(live, at, event.cause)
                self.unheard.left(live.id)
            case ami.Pressed(call=call, digit=digit, channel=channel):
                live = self.calls.get(call)
                if live and live.session and channel == live.channel:
                    live.session.on_key(digit, "ami")
            case ami.QueueJoined() | ami.QueueLeft() | ami.Parked():
                self._waits(event, at)
            case _:
                self._follower.follow(event, at)

    def _whose(self, event: ami.Gone) -> LiveCall | None:
        """The call whose caller has hung up with this."""
        live = self.calls.get(event.call) if event.call else None
        return live if live and live.channel == event.channel else None

    def _waits(self, event: ami.QueueJoined | ami.QueueLeft | ami.Parked, at: datetime) -> None:
        live = self.calls.get(event.call)
        if live is None or (not isinstance(event, ami.Parked) and event.channel not in ("", live.channel)):
            return
        when = at.isoformat()
        match event:
            case ami.QueueJoined(queue=queue, position=position):
                live.ledger.add(at, "queued", f"queued:{queue}:{when}", queue=queue, position=position)
                self.unheard.queued(live.id, at)
            case ami.QueueLeft(queue=queue):
                live.ledger.add(at, "unqueued", f"unqueued:{queue}:{when}", queue=queue)
            case ami.Parked(space=space):
                live.ledger.add(at, "parked", f"parked:{space}:{when}", space=space)

    def _rang(self, event: ami.Rang, at: datetime) -> None:
        ours = self.calls.get(event.call)
        if ours is not None and ours.ledger.story.call_back and not ours.channel:
            ours.channel = event.channel  # our own, which stands in line for a customer
            return
        if event.call in self.calls or self.calls.over(event.call):
            log.warning("ring with a UUID that was used already", call=str(event.call))
            return
        again = next(
            (one for one in self.calls.values() if one.channel == event.channel and one.ledger.legs.had_it), None
        )
        if again is not None and not again.caller_gone:
            self._comes_again(again, event)
            return
        caller = Caller(event.ani, event.shown_name, event.dnis)
        live = self.calls.begin(event.call, event.channel, caller, self._current.edition, began=at)
        live.ledger.add(at, "rang", "rang", ani=event.ani, dnis=event.dnis, channel=event.channel)
        self.unheard.rang(live.id)
        self._spawn(self._lookup.look_up(live))
        line = self._early.pop(event.call, None)
        if line:
            self._join(live, line)

    def _comes_again(self, live: LiveCall, event: ami.Rang) -> None:
        """An agent's phone has sent the caller to a number of the house: one contact goes on, with all that was noted."""
        self._follower.comes_again(live, event)
        live.ledger.caller = replace(live.ledger.caller, dnis=event.dnis)
        live.line_used, live.guarded = False, True
        line = self._early.pop(event.call, None)
        if line:
            self._join(live, line)

    def new_connection(self) -> None:
        """Asterisk may have been restarted, and its clock set."""
        self._clock = AsteriskClock()
