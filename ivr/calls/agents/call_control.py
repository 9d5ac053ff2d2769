"""What agents do with a call: hold, consult, pass on, bring together. Asterisk's dialplan does it; here is said where to.

Before a caller is sent to wait, ``IVR_ROUTE`` is set on their channel: where the call goes on when nobody comes back for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.clock import Clock
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Refused, Target, Telephony
from ivr.core.caller import AgentId, CallId
from ivr.core.contact.legs import Leg, PassWay
from ivr.core.language import Text
from ivr.core.routing.learning import TransferReason
from ivr.core.texts import text
from ivr.wire.asterisk import ami

PASSED_ON = 10
"""Added to the place in the line of a call that somebody has passed on: its caller has waited before."""


@dataclass(frozen=True, slots=True)
class CallControlSettings:
    """What [desk] in config.toml says."""

    outside: tuple[str, ...] = ()
    """The beginnings of the numbers that agents may send calls to."""
    ring_s: int = 15
    consult_s: int = 30


class CallControl:
    """Implements the calls' part of ``DeskService``. Every method raises ``Refused`` when it cannot be done."""

    def __init__(
        self, calls: LiveCalls, roster: AgentRoster, telephony: Telephony, settings: CallControlSettings
    ) -> None:
        self._calls = calls
        self._roster = roster
        self._telephony = telephony
        self._settings = settings

    @property
    def outside(self) -> bool:
        """Whether calls may be sent out of the house at all."""
        return bool(self._settings.outside)

    # -- hold

    async def hold(self, agent: AgentId, call: CallId) -> None:
        """The caller waits with music; the agent hears nothing."""
        live, leg = self._mine(agent, call)
        if agent in live.ledger.legs.held:
            return
        await self._net(live)
        await self._set(leg.channel, {"__IVR_CALLER": live.channel})
        await self._telephony.redirect(live.channel, "ivr-held,s", leg.channel, "ivr-holding,s")
        live.ledger.add(self._calls.now(), "held", agent=agent)

    async def resume(self, agent: AgentId, call: CallId) -> None:
        """Agent and caller talk again; a colleague who was being asked is let go."""
        live, leg = self._mine(agent, call)
        asked = live.ledger.legs.asked_by(agent)
        if asked:
            await self._telephony.hang_up(asked.channel)  # the dialplan then brings agent and caller together
        elif agent in live.ledger.legs.held:
            await self._telephony.redirect(leg.channel, "ivr-back,s")

    # -- passing on

    async def transfer(
        self,
        agent: AgentId,
        call: CallId,
        to: Target,
        way: PassWay,
        brief: str,
        words: str,
        reason: str = "",
        why: TransferReason | None = None,
    ) -> None:
        """Pass the call on: at once, or after asking there while the caller waits (``way`` "consult")."""
        live, leg = self._mine(agent, call)
        if live.ledger.legs.asked_by(agent):
            raise Refused(_ASKING)
        to = self._found(live, to, agent)
        route, extension, name = self._way_to(live, to)
        await self._set(live.channel, {"IVR_ROUTE": route})
        if way == "consult":
            ring_s = str(self._settings.consult_s)
            await self._set(leg.channel, {"__IVR_CALLER": live.channel, "__IVR_TARGET": name, "__IVR_TARGET_S": ring_s})
        # before the phone rings: whoever gets the call reads it in the first moment
        with _passed_on(self._calls.now, live, to, agent, way, brief, words, reason=reason, why=why):
            await self._send(live, leg, f"ivr-consult,{extension}" if way == "consult" else None)

    async def _send(self, live: LiveCall, leg: Leg, consult: str | None) -> None:
        """Move the channels: the agent to ask somebody, or the caller onward and the agent away."""
        agent = leg.agent
        if consult is None:
            await self._telephony.redirect(live.channel, "ivr-in,onward", leg.channel, "ivr-done,s")
            live.ledger.add(self._calls.now(), "wrapped_up", agent=agent)
        elif agent in live.ledger.legs.held:
            await self._telephony.redirect(leg.channel, consult)
        else:
            await self._telephony.redirect(live.channel, "ivr-held,s", leg.channel, consult)
            live.ledger.add(self._calls.now(), "held", agent=agent)

    async def complete(self, agent: AgentId, call: CallId) -> None:
        """The colleague who was asked gets the caller; while their phone still rings, the caller goes there without asking."""
        live, leg = self._mine(agent, call)
        if live.ledger.legs.asked_by(agent) is None:
            raise Refused(_NOBODY_ASKED)
        await self._telephony.hang_up(leg.channel)  # the dialplan does the rest
        live.ledger.add(self._calls.now(), "wrapped_up", agent=agent)

    async def conference(self, agent: AgentId, call: CallId) -> None:
        """Caller, agent and the colleague who was asked talk together."""
        live, leg = self._mine(agent, call)
        asked = live.ledger.legs.asked_by(agent)
        if asked is None or not asked.talking:
            raise Refused(_NOBODY_ASKED)
        await self._net(live)
        await self._telephony.redirect(leg.channel, "ivr-conference,agent", asked.channel, "ivr-conference,agent")
        await self._telephony.redirect(live.channel, "ivr-conference,caller")
        live.ledger.add(self._calls.now(), "conference", agent=agent)

    async def pick_up(self, agent: AgentId, call: CallId) -> None:
        """Take a call that waits, or rings elsewhere: it rings here."""
        live, status = self._calls.get(call), self._roster.statuses[agent]
        if live is None or live.caller_gone or live.place not in status.agent.queues or live.ledger.legs.with_somebody:
            raise Refused(_NOT_WAITING)
        await self._set(live.channel, {"IVR_ROUTE": self._route(live, live.place, status.agent.interface)})
        live.ledger.add(self._calls.now(), "passed_on", by=None, way="pick_up", to_kind="agent", to=agent)
        await self._telephony.redirect(live.channel, "ivr-in,onward")

    async def move(self, call: CallId, to: Target, by: str) -> None:
        """A supervisor (of the name ``by``) sends a call that waits, or rings, somewhere else; it keeps its place in the line."""
        live = self._calls.get(call)
        if live is None or not live.channel or live.caller_gone or live.line is not None or not live.ledger.decision:
            raise Refused(_NOT_WAITING_NOW)
        _still_waits(live)
        to = self._found(live, to, AgentId(""))
        route, _, _ = self._way_to(live, to)
        await self._set(live.channel, {"IVR_ROUTE": route})
        _still_waits(live)  # somebody may have picked up in this moment
        with _passed_on(self._calls.now, live, to, None, "moved", by):
            await self._telephony.redirect(live.channel, "ivr-in,onward")

    async def hang_up(self, agent: AgentId, call: CallId) -> None:
        """End the conversation with the caller."""
        live, leg = self._mine(agent, call)
        legs = live.ledger.legs
        if len(legs.talking) == 1 and agent in legs.held:
            await self._telephony.hang_up(live.channel)
        await self._telephony.hang_up(leg.channel)

    # -- where to

    def _mine(self, agent: AgentId, call: CallId) -> tuple[LiveCall, Leg]:
        live = self._calls.get(call)
        leg = live.ledger.legs.of(agent) if live else None
        if live is None or leg is None or not leg.talking:
            raise Refused(_NOT_TALKING)
        if live.caller_gone:
            raise Refused(_CALLER_GONE)
        return live, leg

    def _found(self, live: LiveCall, to: Target, agent: AgentId) -> Target:
        """A target that can be reached: an agent instead of a region, and nothing that is not allowed."""
        match to.kind:
            case "region":
                chosen = self._of_region(live, to.name, agent)
                if chosen is None:
                    raise Refused(_region_empty(to.name))
                return Target("agent", chosen)
            case "agent" if to.name == agent:
                raise Refused(_YOURSELF)
            case "agent" if AgentId(to.name) not in self._roster.statuses:
                raise Refused(_unknown(to.name))
            case "queue" if to.name not in live.flow.queues:
                raise Refused(_unknown(to.name))
            case "outside" if not to.name.startswith(self._settings.outside) or not to.name.strip("+").isdigit():
                raise Refused(_not_outside(to.name))
            case _:
                return to

    def _way_to(self, live: LiveCall, to: Target) -> tuple[str, str, str]:
        """The route for the caller; and for a consultation the extension and the name that it dials."""
        queue = live.place
        match to.kind:
            case "queue":
                return self._route(live, to.name, ""), "queue", to.name
            case "outside":
                return self._route(live, queue, to.name, "outside"), "outside", to.name
            case _:
                agent = self._roster.statuses[AgentId(to.name)].agent
                if queue not in agent.queues and agent.queues:
                    queue = agent.queues[0]
                return self._route(live, queue, agent.interface), "agent", agent.interface

    def _route(self, live: LiveCall, queue: str, interface: str, next_: str = "queue") -> str:
        known = live.flow.queue_or_net(queue)
        priority = (live.ledger.decision.priority if live.ledger.decision else 0) + PASSED_ON
        try:
            return ami.route_value(next_, known.name, priority, interface, self._settings.ring_s, known.timeout_s)
        except ami.Unsafe as problem:
            raise Refused(text("calls.control.not_dialled", problem=problem)) from problem

    async def _net(self, live: LiveCall) -> None:
        """Where the caller goes when nobody comes back: the queue of before, ahead of others."""
        await self._set(live.channel, {"IVR_ROUTE": self._route(live, live.place, "")})

    async def _set(self, channel: str, variables: dict[str, str]) -> None:
        await self._telephony.set_variables(channel, variables)

    def _of_region(self, live: LiveCall, region: str, agent: AgentId) -> AgentId | None:
        """Any free agent of the region, the one who does the same work first."""
        free = [
            one for one in (status.presence() for status in self._roster.statuses.values())
            if one.agent.region == region and one.state == "available" and one.agent.id != agent
        ]  # fmt: skip
        best = max(free, key=lambda one: (live.place in one.agent.queues, one.agent.id), default=None)
        return best.agent.id if best else None


@contextmanager
def _passed_on(
    now: Clock, live: LiveCall, to: Target, by: AgentId | None, way: PassWay, brief: str, words: str = "", **facts: Any
) -> Iterator[None]:
    """The call is passed on while the block runs; what telephony refuses there has failed."""
    passed = live.ledger.add(
        now(), "passed_on", by=by, way=way, to_kind=to.kind, to=to.name, brief=brief,
        words=words or live.ledger.sentence or "", **facts,
    )  # fmt: skip
    try:
        yield
    except Refused:
        live.ledger.add(now(), "pass_failed", of=passed.id)
        raise


def _still_waits(live: LiveCall) -> None:
    if live.ledger.legs.with_somebody:
        raise Refused(_NOT_WAITING_NOW)


_NOT_TALKING = text("calls.control.not_talking")
_CALLER_GONE = text("calls.control.caller_gone")
_ASKING = text("calls.control.asking")
_NOBODY_ASKED = text("calls.control.nobody_asked")
_NOT_WAITING = text("calls.control.not_waiting")
_NOT_WAITING_NOW = text("calls.control.not_waiting_now")
_YOURSELF = text("calls.control.yourself")


def _unknown(name: str) -> Text:
    return text("calls.control.unknown", name=name)


def _region_empty(region: str) -> Text:
    return text("calls.control.region_empty", region=region)


def _not_outside(number: str) -> Text:
    return text("calls.control.not_outside", number=number)
