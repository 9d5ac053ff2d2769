"""All live calls: Asterisk's events and the lines come together here, decisions leave from here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog

from ivr.calls.agents import AgentRoster, plain
from ivr.calls.conversation import Conversations
from ivr.calls.deskwork import Deskwork
from ivr.calls.edition import Current
from ivr.calls.live import LiveCall, Offer
from ivr.calls.ports import Line
from ivr.calls.recorder import Recorder
from ivr.core.caller import AgentId, Caller, CallId
from ivr.core.flow import QueueState
from ivr.core.ledger import Entry, Ledger
from ivr.wire import ami

log = structlog.get_logger(__name__)
UNMATCHED_LINE_S = 1.5
"""A line may come this long before the news of its call; then it is refused."""
REMEMBERED = 2000
"""Ids of calls that are over, so that one used again is refused."""


class Switchboard:
    """The live calls by id. Events come in on the loop, one after the other; nothing here blocks."""

    def __init__(
        self,
        conversations: Conversations,
        current: Current,
        recorder: Recorder,
        roster: AgentRoster,
        desk: Deskwork,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        wrap_up_s: float = 120.0,
    ) -> None:
        self._conversations = conversations
        self._current = current
        self._wrap_up_s = wrap_up_s
        self._recorder = recorder
        self._roster = roster
        self._desk = desk
        self._spawn = spawn
        self.calls: dict[CallId, LiveCall] = {}
        self._early: dict[CallId, Line] = {}
        self._over: dict[CallId, None] = {}
        self.finished: Callable[[LiveCall], None] = lambda call: None
        """Told of every call once its caller has gone."""
        self.watcher: Callable[[LiveCall, Entry], None] = lambda call, entry: None
        """Told of everything that happens; must be quick and must not raise."""

    # -- lines

    def line_arrived(self, call: CallId, line: Line) -> str | None:
        """A connection names its call; the reason why it is refused, or None."""
        live = self.calls.get(call)
        if call in self._over or call in self._early or (live and live.line_used):
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
        live.ledger.add(_now(), "joined")
        self._spawn(self._converse(live, line))

    async def _converse(self, live: LiveCall, line: Line) -> None:
        # every line that is logged below here carries the call's id
        structlog.contextvars.bind_contextvars(call=str(live.id))
        try:
            await self._conversations.hold(live, line)
        except Exception as error:
            # whatever it was, it must cost this caller the machine and nobody anything else
            log.exception("conversation failed, caller goes to the queue")
            live.ledger.add(_now(), "problem", what=f"conversation failed: {error}")
        finally:
            line.close()
            live.line = None
            self._write(live)
            if live.caller_gone:
                self._close(live)

    # -- Asterisk's events

    def on_event(self, event: ami.Event, stamp: float | None) -> None:
        """Take in one event."""
        if isinstance(event, ami.MemberState | ami.MemberGone):
            status = self._roster.update(event)
            if status:
                self._desk.state_changed(status)
            return
        if isinstance(event, ami.Rang):
            self._rang(event)
            return
        live = self.calls.get(event.call)
        if live is None:
            return
        match event:
            case ami.Pressed(digit=digit):
                if live.session and event.channel == live.channel:
                    live.session.on_key(digit, "ami")
            case ami.QueueJoined(queue=queue):
                live.queue, live.queued_at = queue, _now()
                live.ledger.add(_now(), "queued", queue=queue, position=event.position)
                self._desk.queues_changed(self.calls.values())
            case ami.QueueLeft():
                live.queued_at = None
                self._desk.queues_changed(self.calls.values())
            case ami.AgentRinging():
                self._ringing(live, event, stamp)
            case ami.AgentRingEnded():
                self._ring_ended(live, event)
            case ami.AgentAnswered():
                self._answered(live, event)
            case ami.AgentDone():
                self._done(live, event.interface, event.why)
            case ami.CallerLeft():
                self._left(live, event)

    def _rang(self, event: ami.Rang) -> None:
        if event.call in self.calls or event.call in self._over:
            log.warning("ring with a UUID that was used already", call=str(event.call))
            return
        caller = Caller(event.ani, event.shown_name, event.dnis)
        edition = self._current.edition
        ledger = Ledger(event.call, caller, _now(), edition.flow.default_language)
        live = LiveCall(event.call, event.channel, ledger, edition)
        ledger.watcher = lambda entry: self.watcher(live, entry)
        live.ledger.add(_now(), "rang", ani=event.ani, dnis=event.dnis, channel=event.channel)
        self.calls[event.call] = live
        self._spawn(self._conversations.look_up(live))
        line = self._early.pop(event.call, None)
        if line:
            self._join(live, line)

    def _ringing(self, live: LiveCall, event: ami.AgentRinging, stamp: float | None) -> None:
        agent = self._roster.by_interface(event.interface)
        if agent is None or agent.id in live.offers:
            return  # not an agent's phone, or the second of the two events that one ring makes
        rang_at = datetime.fromtimestamp(stamp, UTC) if stamp else _now()
        offer = Offer(agent.id, "ringing", rang_at, event.queue, asyncio.get_running_loop().time())
        live.offers[agent.id] = offer
        self._desk.show(live, offer)
        live.ledger.add(_now(), "agent_ringing", agent=agent.id, queue=event.queue)

    def _ring_ended(self, live: LiveCall, event: ami.AgentRingEnded) -> None:
        agent = self._roster.by_interface(event.interface)
        offer = live.offers.get(agent.id) if agent else None
        if agent is None or offer is None or offer.state != "ringing":
            return
        del live.offers[agent.id]
        reason = "hung_up" if live.caller_gone else event.why
        self._desk.withdraw(live, agent.id, reason)
        live.ledger.add(_now(), "agent_missed", agent=agent.id, why=reason)

    def _answered(self, live: LiveCall, event: ami.AgentAnswered) -> None:
        agent = self._roster.by_interface(event.interface)
        if agent is None or live.answered_by == agent.id:
            return
        offer = live.offers.get(agent.id)
        if offer is None:
            # an answer without a ring that we saw (the manager connection was away): the card comes now
            offer = Offer(agent.id, "ringing", _now(), live.queue, asyncio.get_running_loop().time())
            live.offers[agent.id] = offer
        offer.state, offer.connected_at = "connected", _now()
        offer.pop_before_answer_ms = round((asyncio.get_running_loop().time() - offer.told_at) * 1000, 1)
        live.pop_before_answer_ms = live.pop_before_answer_ms or offer.pop_before_answer_ms
        live.answered_by = agent.id
        live.ledger.add(_now(), "agent_answered", agent=agent.id)
        for other in [o for o in live.offers.values() if o.agent != agent.id and o.state == "ringing"]:
            del live.offers[other.agent]
            self._desk.withdraw(live, other.agent, "elsewhere")
        self._desk.show(live, offer)
        self._write(live)

    def _done(self, live: LiveCall, interface: str, why: str) -> None:
        """The conversation with this agent is over; their card stays for the wrap-up."""
        agent = self._roster.by_interface(interface)
        offer = live.offers.get(agent.id) if agent else None
        if agent is None or offer is None or offer.state != "connected":
            return
        offer.state, offer.ended_at = "wrap_up", _now()
        talked = (_now() - (offer.connected_at or _now())).total_seconds()
        status = self._roster.statuses[agent.id]
        status.calls += 1
        status.talk_s += talked
        live.ledger.add(_now(), "agent_done", agent=agent.id, why=why, talk_s=round(talked, 1))
        self._desk.show(live, offer)
        self._desk.today_changed(status)
        if live.outcome is not None:  # said while they were still talking
            self._desk.withdraw(live, agent.id, "closed")
            self.close_contact(live, agent.id)
            return
        asyncio.get_running_loop().call_later(self._wrap_up_s, self._wrap_up_over, live, agent.id)

    def _wrap_up_over(self, live: LiveCall, agent: AgentId) -> None:
        offer = live.offers.get(agent)
        if offer and offer.state == "wrap_up":
            del live.offers[agent]
            self._desk.withdraw(live, agent, "closed")
            self._close(live)

    def _left(self, live: LiveCall, event: ami.CallerLeft) -> None:
        if event.channel != live.channel:
            # the end of an agent's channel ends the conversation that was not app_queue's
            self._done(live, ami.interface_of(event.channel), "hung up")
            return
        live.caller_gone = True
        live.queued_at = None
        live.ledger.add(_now(), "hung_up", cause=event.cause)
        for offer in list(live.offers.values()):
            if offer.state == "ringing":
                del live.offers[offer.agent]
                self._desk.withdraw(live, offer.agent, "hung_up")
            else:
                self._done(live, self._roster.statuses[offer.agent].agent.interface, "caller hung up")
        self._desk.queues_changed(self.calls.values())
        self.finished(live)
        if live.line is None:
            self._close(live)

    # -- ends

    def close_contact(self, live: LiveCall, agent: AgentId) -> None:
        """The agent has said how it ended."""
        live.offers.pop(agent, None)
        live.ledger.add(_now(), "outcome", agent=agent, outcome=live.outcome, note=bool(live.note))
        status = self._roster.statuses[agent]
        status.solved += live.outcome == "solved"
        self._desk.today_changed(status)
        self._write(live)
        self._close(live)

    def _close(self, live: LiveCall) -> None:
        """Write the record and forget the call, once nobody has it on a desk any more and the caller has gone."""
        if live.closed or live.offers or not live.caller_gone or live.line is not None:
            return
        live.closed = True
        live.ledger.add(_now(), "closed")
        self._write(live)
        self.calls.pop(live.id, None)
        self._over[live.id] = None
        while len(self._over) > REMEMBERED:
            del self._over[next(iter(self._over))]
        log.info("call", **canonical(live))

    def queue_states(self) -> dict[str, QueueState]:
        """Every queue at this moment, as dialogues may ask for it."""
        now, states = _now(), list(self._roster.statuses.values())
        found = {}
        for name in self._current.flow.queues:
            waits = [
                (now - c.queued_at).total_seconds() for c in self.calls.values() if c.queued_at and c.queue == name
            ]
            free = sum(name in s.queues and s.state == "available" for s in states)
            found[name] = QueueState(len(waits), max(waits, default=0.0), free)
        return found

    def write_all(self) -> None:
        """Have everything that is known of the live calls written: the server is about to stop."""
        for live in self.calls.values():
            self._write(live)

    def _write(self, live: LiveCall) -> None:
        fresh = live.ledger.entries[live.written :]
        if self._recorder.put(live.record(_now()), [(e.at, e.kind, dict(e.facts)) for e in fresh]):
            live.written += len(fresh)

    def reconcile(self, channels: dict[str, Any], members: tuple[ami.MemberState, ...]) -> None:
        """After a (re)connection: end what has ended meanwhile, take the members as they are now."""
        self._roster.forget_members()
        for member in members:
            self._roster.update(member)
        for live in list(self.calls.values()):
            if live.channel not in channels and not live.caller_gone:
                self._left(live, ami.CallerLeft(live.id, live.channel, 0))
            self._reconcile_desks(live, channels)
        self._desk.everything_changed()

    def _reconcile_desks(self, live: LiveCall, channels: dict[str, Any]) -> None:
        """Take the call from desks whose phone has no part in it any more."""
        phones = {plain(ami.interface_of(name)) for name, call in channels.items() if call == live.id}
        for offer in list(live.offers.values()):
            interface = self._roster.statuses[offer.agent].agent.interface
            if plain(interface) in phones:
                continue
            if offer.state == "ringing":
                self._ring_ended(live, ami.AgentRingEnded(live.id, interface, "no_answer"))
            elif offer.state == "connected":
                self._done(live, interface, "ended unseen")


def canonical(live: LiveCall) -> dict[str, Any]:
    """The one line that a call leaves in the log; the caller's number and words are in the record, not here."""
    ledger = live.ledger
    customer = ledger.caller.customer
    return {
        "call": str(live.id),
        "dnis": ledger.caller.dnis,
        "customer": customer.id if customer else None,
        "language": ledger.language,
        "intent": ledger.hand_over.intent if ledger.hand_over else ledger.intent,
        "cause": ledger.hand_over.cause if ledger.hand_over else None,
        "confidence": round(ledger.confidence, 2),
        "queue": live.queue or (ledger.decision.queue if ledger.decision else None),
        "agent": live.answered_by,
        "outcome": live.outcome,
        "total_s": round((ledger.entries[-1].at - ledger.began).total_seconds(), 1),
        "response_ms": [turn.first_audio for turn in live.turns],
        "pop_ms": live.seen_ms.get(live.answered_by) if live.answered_by else None,
        "flow": live.flow.version,
    }


def _now() -> datetime:
    return datetime.now(UTC)
