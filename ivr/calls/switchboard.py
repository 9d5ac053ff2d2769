"""All calls together: Asterisk's events and lines come in, every desk and the record follow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog

from ivr.calls.agents import AgentRoster
from ivr.calls.clock import AsteriskClock
from ivr.calls.conversation import Conversations
from ivr.calls.deskwork import Deskwork
from ivr.calls.edition import Current, Edition
from ivr.calls.follower import Follower
from ivr.calls.live import LiveCall
from ivr.calls.ports import Line
from ivr.calls.queues import queue_states
from ivr.calls.recorder import Recorder
from ivr.calls.screen_pop import ScreenPop
from ivr.core.caller import AgentId, Caller, CallId
from ivr.core.flow import Flow, QueueState
from ivr.core.ledger import Entry, Ledger
from ivr.wire import ami
from ivr.wire.card_json import stamp

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
        adopt: Callable[[str, CallId], None] = lambda channel, call: None,
        run: str = "",
    ) -> None:
        self._conversations = conversations
        self._current = current
        self._recorder = recorder
        self.roster = roster
        self._desk = desk
        self._spawn = spawn
        self.run = run
        self.calls: dict[CallId, LiveCall] = {}
        self.follower = Follower(roster, self.calls, adopt)
        self.screen_pop = ScreenPop(desk, roster, wrap_up_s)
        self._clock = AsteriskClock()
        self._early: dict[CallId, Line] = {}
        self._over: dict[CallId, None] = {}
        self.finished: Callable[[LiveCall], None] = lambda call: None
        """Told of every call once its caller has gone."""
        self.listeners: list[Callable[[LiveCall, Entry], None]] = []
        """Told of everything that happens: who chooses what agents get next, who prepares offers."""
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
            if live.caller_gone:
                self.close(live)

    # -- Asterisk's events

    def on_event(self, event: ami.Event, stamp: float | None) -> None:
        """Take in one event, with Asterisk's own time of it where it gives one."""
        at = self._clock.at(stamp, _now())
        match event:
            case ami.MemberState() | ami.MemberGone():
                status = self.roster.update(event)
                if status:
                    self._desk.state_changed(status)
            case ami.Rang():
                self._rang(event, at)
            case ami.CalledBack(call=call, status=status) if call in self.calls:
                self.calls[call].ledger.add(at, "called_back", f"called_back:{call}", status=status)
            case ami.Gone() if (live := self._whose(event)) is not None:
                self.follower.follow(event, at)
                self.left(live, at, event.cause)
            case ami.Pressed(call=call, digit=digit, channel=channel):
                live = self.calls.get(call)
                if live and live.session and channel == live.channel:
                    live.session.on_key(digit, "ami")
            case ami.QueueJoined() | ami.QueueLeft() | ami.Parked():
                self._waits(event, at)
            case _:
                self.follower.follow(event, at)

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
            case ami.QueueLeft(queue=queue):
                live.ledger.add(at, "unqueued", f"unqueued:{queue}:{when}", queue=queue)
            case ami.Parked(space=space):
                live.ledger.add(at, "parked", f"parked:{space}:{when}", space=space)
        self._desk.places.queues_changed()

    def _rang(self, event: ami.Rang, at: datetime) -> None:
        ours = self.calls.get(event.call)
        if ours is not None and ours.ledger.story.call_back and not ours.channel:
            ours.channel = event.channel  # our own, which stands in line for a customer
            return
        if event.call in self.calls or event.call in self._over:
            log.warning("ring with a UUID that was used already", call=str(event.call))
            return
        caller = Caller(event.ani, event.shown_name, event.dnis)
        edition = self._current.edition
        ledger = Ledger(event.call, caller, at, edition.flow.default_language, run=self.run)
        live = LiveCall(event.call, event.channel, ledger, edition)
        self.take_over(live)
        ledger.add(at, "rang", "rang", ani=event.ani, dnis=event.dnis, channel=event.channel)
        self._spawn(self._conversations.look_up(live))
        line = self._early.pop(event.call, None)
        if line:
            self._join(live, line)

    def take_over(self, live: LiveCall) -> None:
        """From now on this call is among the live ones."""
        self.calls[live.id] = live
        live.ledger.watcher = lambda entry: self._noted(live, entry)

    def _noted(self, live: LiveCall, entry: Entry) -> None:
        # the desks first: no work of ours stands between a ring and its card
        self.screen_pop.noted(live, entry)
        self._recorder.put(live)
        for told in (self.watcher, *self.listeners):
            try:
                told(live, entry)
            except Exception:
                # whoever listens must cost no caller anything
                log.exception("listener failed", call=str(live.id), kind=entry.kind)
        if entry.kind in ("agent_done", "agent_missed", "wrapped_up"):
            self.close(live)

    def left(self, live: LiveCall, at: datetime, cause: int = 0) -> None:
        """The caller has gone."""
        if live.caller_gone:
            return
        live.ledger.add(at, "hung_up", "hung_up", cause=cause)
        for leg in live.ledger.legs.legs.values():
            if leg.ringing:
                self.follower.leg_over(live, leg, at, "hung_up")
        self._desk.places.queues_changed()
        self.finished(live)
        self.close(live)

    # -- ends

    def close_contact(
        self, live: LiveCall, agent: AgentId, outcome: str, note: str, follow_up: datetime | None = None
    ) -> None:
        """The agent says how it ended; while they still talk, that stands for later."""
        entries = live.ledger.entries
        before = next(
            (e.facts["outcome"] for e in reversed(entries) if e.kind == "outcome" and e.facts["agent"] == agent), None
        )
        live.ledger.add(_now(), "outcome", agent=agent, outcome=outcome, follow_up=stamp(follow_up))
        self.note(live, agent, note)
        status = self.roster.statuses[agent]
        status.solved += (outcome == "solved") - (before == "solved")
        self._desk.today_changed(status)
        self.close(live)

    @staticmethod
    def note(live: LiveCall, agent: AgentId, text: str) -> None:
        """The agent writes something down; the same once more is nothing new."""
        mine = [note.text for note in live.ledger.legs.notes if note.by == agent]
        if text and text not in mine[-1:]:
            live.ledger.add(_now(), "note", agent=agent, text=text)

    def close(self, live: LiveCall) -> None:
        """Forget the call, once nobody has it on a desk any more and the caller has gone."""
        if live.closed or live.offers or not live.caller_gone or live.line is not None:
            return
        live.ledger.add(_now(), "closed", "closed")
        self.calls.pop(live.id, None)
        self.follower.forget(live.id)
        self._over[live.id] = None
        while len(self._over) > REMEMBERED:
            del self._over[next(iter(self._over))]
        log.info("call", **canonical(live))

    @property
    def edition(self) -> Edition:
        """The dialogue that calls begin with now."""
        return self._current.edition

    @property
    def current_flow(self) -> Flow:
        """The same, as data."""
        return self._current.edition.flow

    def queue_states(self) -> dict[str, QueueState]:
        """Every queue at this moment, as dialogues may ask for it."""
        return queue_states(self._current.flow.queues, self.calls.values(), self.roster)

    def new_connection(self) -> None:
        """Asterisk may have been restarted, and its clock set."""
        self._clock = AsteriskClock()


def canonical(live: LiveCall) -> dict[str, Any]:
    """The one line that a call leaves in the log; the caller's number and words are in the record, not here."""
    ledger = live.ledger
    customer = ledger.caller.customer
    carded = [entry for entry in ledger.entries if entry.kind == "carded"]
    return {
        "call": str(live.id),
        "dnis": ledger.caller.dnis,
        "customer": customer.id if customer else None,
        "language": ledger.language,
        "intent": ledger.intent,
        "cause": ledger.hand_over.cause if ledger.hand_over else None,
        "confidence": round(ledger.confidence, 2),
        "queue": live.queue or (ledger.decision.queue if ledger.decision else None),
        "agent": live.answered_by,
        "agents": len(ledger.legs.had_it),
        "outcome": live.outcome,
        "total_s": round((ledger.entries[-1].at - ledger.began).total_seconds(), 1),
        "response_ms": [turn.first_audio for turn in live.turns],
        "pop_ms": live.seen_ms.get(live.answered_by) if live.answered_by else None,
        "cards": len(carded),
        "cards_complete": sum(not entry.facts["missing"] for entry in carded),
        "flow": live.flow.version,
    }


def _now() -> datetime:
    return datetime.now(UTC)
