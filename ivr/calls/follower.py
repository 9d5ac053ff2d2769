"""Follows calls through Asterisk's events: whose phone rings, who is on the line, who held and passed on what.

What is said here goes into the ledger, under identities that make a second report of the same thing no news.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.core.caller import Agent, CallId
from ivr.core.contact.entries import Entry
from ivr.core.contact.legs import Leg, Outside
from ivr.wire.asterisk import ami

Adopt = Callable[[str, CallId], object]
"""Have Asterisk carry the call's id on a channel from now on."""
OUTSIDE = "@ivr-outside"
"""How the line ends on which the dialplan dials a number outside."""


class Follower:
    """Knows which channel belongs to which call, also where Asterisk does not say so."""

    def __init__(self, roster: AgentRoster, calls: LiveCalls, adopt: Adopt) -> None:
        self._roster = roster
        self._calls = calls
        self._adopt = adopt
        self._channels: dict[str, CallId] = {}
        self._bridges: dict[str, dict[str, str]] = {}

    def follow(self, event: ami.Event, at: datetime) -> LiveCall | None:
        """Take in one event of the agents' side; the call that it belongs to, if it is one of ours."""
        match event:
            case ami.Ringing():
                return self._ringing(event, at)
            case ami.RingEnded():
                return self._ring_ended(event, at)
            case ami.Answered():
                return self._answered(event, at)
            case ami.Bridged():
                return self._bridged(event, at)
            case ami.HeldByPhone():
                return self._held(event, at)
            case ami.PassedByPhone():
                return self._passed(event, at)
            case ami.Gone():
                return self._gone(event, at)
            case _:
                return None

    def noted(self, live: LiveCall, entry: Entry) -> None:
        """An entry was made: the channels of a call that is over are nobody's."""
        if entry.kind == "closed":
            for channel in [channel for channel, of in self._channels.items() if of == live.id]:
                del self._channels[channel]

    def caller_left(self, live: LiveCall, at: datetime, cause: int = 0) -> None:
        """The caller has gone, and what rang for them rings no more."""
        if live.caller_gone:
            return
        live.ledger.add(at, "hung_up", "hung_up", cause=cause)
        for leg in live.ledger.legs.legs.values():
            if leg.ringing:
                self.leg_over(live, leg, at, "hung_up")
        self._calls.close(live)

    def _live(self, call: CallId | None, channel: str) -> LiveCall | None:
        call = call or self._channels.get(channel)
        live = self._calls.get(call) if call else None
        if live:
            self._channels[channel] = live.id
        return live

    def _ringing(self, event: ami.Ringing, at: datetime) -> LiveCall | None:
        live = self._live(event.call, event.leg) or self._consulted(event)
        agent = self._roster.by_interface(event.interface)
        if live is not None and agent is None:
            return self._outside_rings(live, event, at)
        if live is None or agent is None:
            return None  # no call of ours
        asks = self._roster.by_interface(event.by)
        by = asks.id if asks and any(leg.agent == asks.id for leg in live.ledger.legs.talking) else None
        if by and not any(one.by == by and one.way == "consult" for one in live.ledger.legs.passed[-1:]):
            # dialled on the phone itself: nobody has written a brief, but the caller's words are there
            live.ledger.add(
                at, "passed_on", f"asked:{event.leg}", by=by, way="phone", to_kind="agent", to=agent.id,
                words=live.ledger.sentence or "",
            )  # fmt: skip
        live.ledger.add(
            at, "agent_ringing", f"ring:{event.leg}", leg=event.leg, agent=agent.id, queue=event.queue, by=by,
            channel=event.channel,
        )  # fmt: skip
        return live

    def _outside_rings(self, live: LiveCall, event: ami.Ringing, at: datetime) -> LiveCall | None:
        """A number outside is dialled: the caller is sent there, or an agent asks there while the caller waits."""
        if not event.interface.endswith(OUTSIDE) or live.ledger.story.call_back:
            return None  # the line on which the dialplan then dials; or it is us who call
        asks, last = self._roster.by_interface(event.by), live.ledger.legs.passed[-1:]
        if asks and not any(one.by == asks.id and one.way == "consult" and one.kind == "outside" for one in last):
            return None
        if asks is None and event.by_channel != live.channel:
            return None
        number = event.interface.removesuffix(OUTSIDE).partition("/")[2]
        live.ledger.add(
            at, "outside_ringing", f"ring:{event.leg}", leg=event.leg, by=asks.id if asks else "", number=number,
            channel=event.channel,
        )  # fmt: skip
        return live

    def comes_again(self, live: LiveCall, event: ami.Rang) -> None:
        """A phone has sent the caller to a number of the house: it is the same contact, whatever the dialplan calls it now."""
        self._calls.also(event.call, live)
        self._adopt(event.channel, live.id)

    @staticmethod
    def outside_answers(live: LiveCall, one: Outside, at: datetime) -> None:
        """Whoever is asked outside is on the line."""
        if one.answered_at is None:
            live.ledger.add(at, "outside_answered", f"answer:{one.id}", **_facts(one))

    @staticmethod
    def outside_over(live: LiveCall, one: Outside, at: datetime) -> None:
        """Whoever was asked outside has no part in the call any more."""
        if one.ended_at is None:
            live.ledger.add(at, "outside_done", f"over:{one.id}", **_facts(one))

    def _consulted(self, event: ami.Ringing) -> LiveCall | None:
        """An agent who has a call dials a colleague on their own phone: they ask about that call."""
        asks = self._roster.by_interface(event.by)
        if event.call or asks is None:
            return None
        mine = [live for live in self._calls.values() if any(leg.agent == asks.id for leg in live.ledger.legs.talking)]
        if len(mine) != 1:
            return None
        live = mine[0]
        self._channels[event.leg] = live.id
        for channel in (event.by_channel, event.channel):
            self._adopt(channel, live.id)
        return live

    def _ring_ended(self, event: ami.RingEnded, at: datetime) -> LiveCall | None:
        live = self._live(event.call, event.leg)
        outside = live.ledger.legs.outside.get(event.leg) if live else None
        if live is not None and outside is not None:
            self.outside_over(live, outside, at)
            return live
        leg = live.ledger.legs.legs.get(event.leg) if live else None
        if live is None or leg is None or not leg.ringing:
            return live
        live.ledger.add(
            at, "agent_missed", f"over:{leg.id}", leg=leg.id, agent=leg.agent, why=_why_missed(live, leg, event.why)
        )  # fmt: skip
        return live

    def _answered(self, event: ami.Answered, at: datetime) -> LiveCall | None:
        live = self._live(event.call, event.leg)
        agent = self._roster.by_interface(event.interface)
        outside = live.ledger.legs.outside.get(event.leg) if live else None
        if live is not None and outside is not None:
            self.outside_answers(live, outside, at)
            return live
        if live is None or agent is None:
            return None
        self._on_the_line(live, event.leg, agent, at, event.channel)
        return live

    def _on_the_line(self, live: LiveCall, leg: str, agent: Agent, at: datetime, channel: str) -> None:
        legs = live.ledger.legs.legs
        if leg in legs and legs[leg].answered_at:
            return
        for other in [one for one in legs.values() if one.ringing and one.id != leg and one.by is None]:
            # the other phones of the same ring; Asterisk says so itself in a moment
            live.ledger.add(at, "agent_missed", f"over:{other.id}", leg=other.id, agent=other.agent, why="elsewhere")
        live.ledger.add(at, "agent_answered", f"answer:{leg}", leg=leg, agent=agent.id, channel=channel)

    def _bridged(self, event: ami.Bridged, at: datetime) -> LiveCall | None:
        if not event.inside:
            members = self._bridges.get(event.bridge, {})
            members.pop(event.id, None)
            if not members:
                self._bridges.pop(event.bridge, None)
            return None
        members = self._bridges.setdefault(event.bridge, {})
        members[event.id] = event.channel
        live = self._live(event.call, event.id) or self._joined(event, members)
        if live is None:
            return None
        agent = self._roster.by_interface(event.interface)
        if agent and event.channel != live.channel and not event.channel.endswith(";2"):
            self._on_the_line(live, event.id, agent, at, event.channel)
        self._back(live, members, event.bridge, at)
        return live

    def _joined(self, event: ami.Bridged, members: dict[str, str]) -> LiveCall | None:
        """A phone that came by itself (parking, a transfer between phones) into a bridge with one of our calls."""
        if self._roster.by_interface(event.interface) is None:
            return None
        of = {self._channels[one] for one in members if one in self._channels}
        live = self._calls.get(of.pop()) if len(of) == 1 else None
        if live:
            self._channels[event.id] = live.id
            self._adopt(event.channel, live.id)
        return live

    def _back(self, live: LiveCall, members: dict[str, str], bridge: str, at: datetime) -> None:
        """Caller and agent in one bridge again: nobody is held any more."""
        if live.channel not in members.values():
            return
        legs = live.ledger.legs
        for agent in [one for one in legs.held if any(leg.agent == one and leg.id in members for leg in legs.talking)]:
            live.ledger.add(at, "resumed", f"resumed:{bridge}:{agent}", agent=agent)

    def _held(self, event: ami.HeldByPhone, at: datetime) -> LiveCall | None:
        agent = self._roster.by_interface(ami.interface_of(event.channel))
        live = self._calls.get(event.call) if event.call else None
        leg = live.ledger.legs.of(agent.id) if live and agent else None
        if live is None or agent is None or leg is None or not leg.talking:
            return None
        if event.held != (agent.id in live.ledger.legs.held):
            kind, stamp = ("held" if event.held else "resumed"), at.isoformat()
            live.ledger.add(at, kind, f"{kind}:{leg.id}:{stamp}", agent=agent.id)  # type: ignore[arg-type]
        return live

    def _passed(self, event: ami.PassedByPhone, at: datetime) -> LiveCall | None:
        live, agent = self._calls.get(event.call), self._roster.by_interface(event.by)
        if live is None or agent is None:
            return live
        asked = next(
            (leg.agent for leg in live.ledger.legs.legs.values() if leg.by == agent.id and leg.ended_at is None), None
        )
        to_kind, to = ("agent", asked) if asked and not event.to else ("unknown", event.to)
        live.ledger.add(
            at, "passed_on", f"passed:{event.id}", by=agent.id, way="phone", to_kind=to_kind, to=to or "",
            words=live.ledger.sentence or "",
        )  # fmt: skip
        return live

    def _gone(self, event: ami.Gone, at: datetime) -> LiveCall | None:
        for bridge in [name for name, members in self._bridges.items() if event.id in members]:
            del self._bridges[bridge][event.id]
            if not self._bridges[bridge]:
                del self._bridges[bridge]
        live = self._live(event.call, event.id)
        self._channels.pop(event.id, None)
        outside = live.ledger.legs.outside.get(event.id) if live else None
        if live is not None and outside is not None:
            self.outside_over(live, outside, at)
            return live
        leg = live.ledger.legs.legs.get(event.id) if live else None
        if live is None or leg is None or leg.ended_at:
            return live
        self.leg_over(live, leg, at, "hung_up")
        return live

    @staticmethod
    def leg_over(live: LiveCall, leg: Leg, at: datetime, why: str) -> None:
        """An agent's phone has no part in the call any more."""
        legs = live.ledger.legs
        last = next((one for one in reversed(legs.passed) if one.by == leg.agent and one.at >= leg.rang_at), None)
        if leg.talking and leg.agent in legs.held and last is None and not live.caller_gone:
            # the line was lost, or hung up in a hold: the dialplan takes the caller back to the queue
            live.ledger.add(
                at, "passed_on", f"lost:{leg.id}", by=leg.agent, way="agent_gone", to_kind="queue", to=live.place,
                words=live.ledger.sentence or "",
            )  # fmt: skip
        if leg.answered_at is None:
            why = _why_missed(live, leg, why)
            live.ledger.add(at, "agent_missed", f"over:{leg.id}", leg=leg.id, agent=leg.agent, why=why)
            return
        talked = round((at - leg.answered_at).total_seconds(), 1)
        live.ledger.add(at, "agent_done", f"over:{leg.id}", leg=leg.id, agent=leg.agent, why=why, talk_s=talked)


def _facts(one: Outside) -> dict[str, str]:
    return {"leg": one.id, "by": one.by, "number": one.number, "channel": one.channel}


def _why_missed(live: LiveCall, leg: Leg, why: str) -> str:
    """What the desk says of a ring that ended: the caller gave up, somebody else has it, nobody picked up."""
    if live.caller_gone:
        return "hung_up"
    if leg.by and why == "hung_up":
        return "cancelled"
    others = [one for one in live.ledger.legs.talking if one.agent != leg.by]
    return "elsewhere" if why == "hung_up" and others else "no_answer" if why == "hung_up" else why
