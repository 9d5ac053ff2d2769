"""After a (re)connection to Asterisk: what happened meanwhile is made up for, and calls of an earlier run come back.

Asterisk is asked for its channels and queues (``Status``, ``QueueStatus``); the database for the contacts that never ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import structlog

from ivr.calls.agents import AgentRoster
from ivr.calls.conversation import Conversations
from ivr.calls.deskwork import Deskwork
from ivr.calls.dispatch import Dispatch
from ivr.calls.edition import Current
from ivr.calls.live import LiveCall
from ivr.calls.past import ledger_of
from ivr.calls.ports import Contact, ContactRecords, Refused, Telephony
from ivr.calls.switchboard import Switchboard
from ivr.core.caller import Agent, Caller, CallId
from ivr.core.ledger import Ledger
from ivr.wire.ami_events import Found, FoundChannel

log = structlog.get_logger(__name__)
YOUNG = timedelta(days=1)
"""Contacts that began earlier and never ended are nobody's call any more."""


@dataclass(slots=True)
class Restorer:
    """Brings the switchboard in step with what Asterisk and the database know."""

    board: Switchboard
    roster: AgentRoster
    desk: Deskwork
    records: ContactRecords
    conversations: Conversations
    current: Current
    run: str
    first: bool = True
    dispatch: Dispatch | None = None

    def connected(self, found: Found) -> None:
        """What is known at once is put right at once."""
        self.board.new_connection()
        self.roster.forget_members()
        for member in found.members:
            self.roster.update(member)
        self.put_right(found)
        self.desk.everything_changed()

    def put_right(self, found: Found) -> None:
        """End what has ended meanwhile, begin what has begun."""
        now = datetime.now(UTC)
        for live in list(self.board.calls.values()):
            self._put_right(live, found, now)

    def _put_right(self, live: LiveCall, found: Found, now: datetime) -> None:
        mine = {channel.id: channel for channel in found.channels if channel.call == live.id}
        for leg in [leg for leg in live.ledger.legs.legs.values() if not leg.ended_at and leg.id not in mine]:
            self.board.follower.leg_over(live, leg, now, "no_answer" if leg.ringing else "ended unseen")
        for one in list(live.ledger.legs.outside.values()):
            if one.id not in mine:
                self.board.follower.outside_over(live, one, now)
            elif mine[one.id].up:
                self.board.follower.outside_answers(live, one, now)
        if live.channel not in {channel.name for channel in found.channels}:
            self.board.left(live, now)
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

    async def bring_back(self, telephony: Telephony, found: Found) -> None:
        """Have the calls back that Asterisk still has, and those whose agents still write them up."""
        await self._bring_back(telephony, found)
        if self.dispatch:
            await self.dispatch.take_back()

    async def _bring_back(self, telephony: Telephony, found: Found) -> None:
        unknown = {channel.call for channel in found.channels if channel.call} - set(self.board.calls)
        if not unknown and not self.first:
            return
        try:
            contacts = await self.records.unfinished(datetime.now(UTC) - YOUNG, [call for call in unknown if call])
        except OSError as error:
            log.warning("calls of an earlier run not read back", problem=str(error))
            contacts = []
        self.first = False
        back = [self._again(contact) for contact in contacts]
        known = {live.id for live in back}
        back += [self._anew(call, found) for call in unknown if call and call not in known]
        back_here = [live for live in back if live.id not in self.board.calls and not live.closed]
        for live in back_here:
            self.board.take_over(live)
        # all at once: a directory that is slow must not bring the cards back one after the other
        await asyncio.gather(*(self.conversations.look_up(live) for live in back_here))
        if back:
            log.info("calls of an earlier run", calls=len(back))
            await self._look_again(telephony, found)

    async def _look_again(self, telephony: Telephony, found: Found) -> None:
        """While the database was read, the world went on."""
        try:
            found = await telephony.look()
        except Refused as refused:
            log.warning("asterisk not asked again", problem=str(refused))
        self.put_right(found)
        for live in list(self.board.calls.values()):
            self.board.screen_pop.sync(live)
            self.board.close(live)
        self.desk.everything_changed()

    def _again(self, contact: Contact) -> LiveCall:
        """A call as its entries tell it."""
        row, edition = contact.record, self.current.edition
        ledger = ledger_of(contact, edition.flow.default_language, self.run)
        live = LiveCall(ledger.call, row["line"] or "", ledger, edition)
        live.line_used, live.guarded, live.settled = True, False, bool(row["solved"]) and row["outcome"] is None
        return live

    def _anew(self, call: CallId, found: Found) -> LiveCall:
        """A call that nobody has written down: what Asterisk says is all there is."""
        mine = [channel for channel in found.channels if channel.call == call]
        callers = [channel for channel in mine if self.roster.by_interface(channel.interface) is None]
        line = _callers(callers, found) or mine[0]
        edition, now = self.current.edition, datetime.now(UTC)
        caller = Caller(line.number, line.caller_name, line.dnis)
        ledger = Ledger(call, caller, now, edition.flow.default_language, run=self.run)
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
