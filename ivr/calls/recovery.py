"""After a (re)connection to Asterisk: what happened meanwhile is made up for, and calls of an earlier run come back.

Asterisk is asked for its channels and queues (``Status``, ``QueueStatus``); the database for the contacts that never ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import structlog

from ivr.calls.agents.dispatch import Dispatch
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.caller.edition import Current
from ivr.calls.caller.side_tasks import Spawn
from ivr.calls.caller_lookup import CallerLookup
from ivr.calls.desk.desk import AgentDesk
from ivr.calls.follower import Follower
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Refused, Telephony
from ivr.calls.records import Contact, ContactRecords, ledger_of
from ivr.calls.switchboard import Switchboard
from ivr.core.caller import Agent, Caller, CallId
from ivr.core.contact.ledger import Ledger
from ivr.wire.asterisk.ami_events import Found, FoundChannel

log = structlog.get_logger(__name__)
YOUNG = timedelta(days=1)
"""Contacts that began earlier and never ended are nobody's call any more."""


@dataclass(slots=True)
class Restorer:
    """Brings the switchboard in step with what Asterisk and the database know."""

    calls: LiveCalls
    follower: Follower
    roster: AgentRoster
    desk: AgentDesk
    records: ContactRecords
    lookup: CallerLookup
    current: Current
    dispatch: Dispatch
    telephony: Telephony
    switchboard: Switchboard
    spawn: Spawn
    _first: bool = field(default=True, init=False)

    def connected(self, found: Found) -> None:
        """What is known at once is put right at once; what has to be read comes back beside the calls."""
        self.at_once(found)
        self.desk.asterisk("connected")
        self.spawn(self.bring_back(found))

    def at_once(self, found: Found) -> None:
        """Take Asterisk's word for what was missed."""
        self.switchboard.new_connection()
        self.roster.forget_members()
        for member in found.members:
            self.roster.update(member)
        self.put_right(found)
        self.desk.everything_changed()

    def put_right(self, found: Found) -> None:
        """End what has ended meanwhile, begin what has begun."""
        now = self.calls.now()
        for live in list(self.calls.values()):
            self._put_right(live, found, now)

    def _put_right(self, live: LiveCall, found: Found, now: datetime) -> None:
        mine = {channel.id: channel for channel in found.channels if channel.call == live.id}
        for leg in [leg for leg in live.ledger.legs.legs.values() if not leg.ended_at and leg.id not in mine]:
            self.follower.leg_over(live, leg, now, "no_answer" if leg.ringing else "ended unseen")
        for one in list(live.ledger.legs.outside.values()):
            if one.id not in mine:
                self.follower.outside_over(live, one, now)
            elif mine[one.id].up:
                self.follower.outside_answers(live, one, now)
        if live.channel not in {channel.name for channel in found.channels}:
            self.follower.caller_left(live, now)
        for channel in mine.values():
            agent = self.roster.by_interface(channel.interface)
            if agent and channel.name != live.channel and not channel.name.endswith(";2"):
                self._leg(live, channel, agent, now)
        self._waiting(live, found, now)

    @staticmethod
    def _leg(live: LiveCall, channel: FoundChannel, agent: Agent, now: datetime) -> None:
        leg = live.ledger.legs.legs.get(channel.id)
        kind: Literal["agent_answered", "agent_ringing"] = "agent_answered" if channel.up else "agent_ringing"
        if leg and (leg.talking or not channel.up):
            return
        prefix = "answer" if channel.up else "ring"
        live.ledger.add(
            now,
            kind,
            f"{prefix}:{channel.id}",
            leg=channel.id,
            agent=agent.id,
            queue=live.queue,
            by=None,
            channel=channel.name,
        )

    @staticmethod
    def _waiting(live: LiveCall, found: Found, now: datetime) -> None:
        """In which queue the caller stands now."""
        queue = found.waiting.get(live.channel)
        if queue and (live.queued_at is None or live.queue != queue):
            live.ledger.add(now, "queued", queue=queue, position=0)
        elif queue is None and live.queued_at is not None and not live.caller_gone:
            live.ledger.add(now, "unqueued", queue=live.queue)

    # -- calls of an earlier run

    async def bring_back(self, found: Found) -> None:
        """Have the calls back that Asterisk still has, and those whose agents still write them up."""
        await self._recall()
        await self._bring_back(found)
        await self.dispatch.take_back()

    async def _recall(self) -> None:
        """Whom an earlier run brought into queues, they are ours."""
        try:
            self.desk.expect(await self.dispatch.members.recall())
        except Refused as refused:
            log.warning("members of an earlier run not known", problem=str(refused))

    async def _bring_back(self, found: Found) -> None:
        unknown = {channel.call for channel in found.channels if channel.call} - set(self.calls)
        if not unknown and not self._first:
            return
        try:
            contacts = await self.records.unfinished(self.calls.now() - YOUNG, [call for call in unknown if call])
        except OSError as error:
            log.warning("calls of an earlier run not read back", problem=str(error))
            contacts = []
        self._first = False
        back = [self._again(contact) for contact in contacts]
        known = {live.id for live in back}
        back += [self._anew(call, found) for call in unknown if call and call not in known]
        back_here = [live for live in back if live.id not in self.calls and not live.closed]
        for live in back_here:
            self.calls.add(live)
        # all at once: a directory that is slow must not bring the cards back one after the other
        await asyncio.gather(*(self.lookup.look_up(live) for live in back_here))
        if back:
            log.info("calls of an earlier run", calls=len(back))
            await self._look_again(found)

    async def _look_again(self, found: Found) -> None:
        """While the database was read, the world went on."""
        try:
            async with self.telephony.looking() as now:
                self.put_right(now)
        except Refused as refused:
            log.warning("asterisk not asked again", problem=str(refused))
            self.put_right(found)
        for live in list(self.calls.values()):
            self.calls.look_again(live)
            self.calls.close(live)
        self.desk.everything_changed()

    def _again(self, contact: Contact) -> LiveCall:
        """A call as its entries tell it."""
        row, edition = contact.record, self.current.edition
        ledger = ledger_of(contact, edition.flow.default_language, self.calls.run)
        live = LiveCall(ledger.call, row["line"] or "", ledger, edition)
        live.line_used, live.guarded, live.settled = True, False, bool(row["solved"]) and row["outcome"] is None
        return live

    def _anew(self, call: CallId, found: Found) -> LiveCall:
        """A call that nobody has written down: what Asterisk says is all there is."""
        mine = [channel for channel in found.channels if channel.call == call]
        callers = [channel for channel in mine if self.roster.by_interface(channel.interface) is None]
        line = _callers(callers, found) or mine[0]
        edition, now = self.current.edition, self.calls.now()
        caller = Caller(line.number, line.caller_name, line.dnis)
        ledger = Ledger(call, caller, now, edition.flow.default_language, run=self.calls.run)
        ledger.add(now, "rang", "rang", ani=line.number, dnis=line.dnis, channel=line.name)
        live = LiveCall(call, line.name, ledger, edition)
        live.line_used, live.guarded = True, False
        return live


async def carry(telephony: Telephony, channel: str, call: CallId) -> None:
    """Have Asterisk carry a call's id on a channel that came to it by itself; it then stays known after a restart."""
    try:
        await telephony.set_variables(channel, {"__IVR_CALL": str(call)})
    except Refused as refused:
        log.debug("channel does not carry its call", call=str(call), problem=str(refused))


def _callers(channels: Sequence[FoundChannel], found: Found) -> FoundChannel | None:
    """Which of a call's channels is the caller's own: the one that waits in a queue, else the oldest."""
    waiting = [channel for channel in channels if channel.name in found.waiting]
    return next(iter(waiting or sorted(channels, key=lambda channel: channel.id)), None)
