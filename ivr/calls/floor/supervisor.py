"""What supervisors do on the floor: listen to a call, move one that waits, pause an agent or take them back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ivr.calls.agents.call_control import CallControl
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.live import LiveCall
from ivr.calls.people.accounts import Account
from ivr.calls.ports import Refused, Target, Telephony
from ivr.core.caller import Agent, AgentId, CallId
from ivr.core.contact.legs import Leg
from ivr.core.texts import text

ListenMode = Literal["listen", "whisper", "join"]
"""The agent hears nothing, hears the supervisor, or both sides do."""


@dataclass(frozen=True, slots=True)
class SupervisorActions:
    """Every method raises ``Refused`` when it cannot be done."""

    calls: Mapping[CallId, LiveCall]
    roster: AgentRoster
    telephony: Telephony
    call_control: CallControl
    pause: Callable[[AgentId, Literal["available", "paused"], str | None], Awaitable[None]]

    async def listen(self, who: Account, call: CallId, mode: ListenMode) -> None:
        """Ring the supervisor's own phone, and put it onto the call when they pick up."""
        live = self.calls.get(call)
        if live is None or live.caller_gone:
            raise Refused(_OVER)
        if not live.channel:
            raise Refused(_NO_AGENT)  # a call back that has no channel yet; an empty name would be anybody's
        if who.agent is None:
            raise Refused(_NO_PHONE)
        if any(leg.agent == who.agent.id for one in self.calls.values() for leg in one.ledger.legs.talking):
            raise Refused(_ON_A_CALL)
        leg = _longest_talking(live)
        if leg is None and mode != "listen":
            raise Refused(_NO_AGENT)
        # at the agent's channel, so that a whisper is for the agent; with the machine there is only the caller's
        await self._ring(who.agent, mode, leg.channel if leg else live.channel)

    async def _ring(self, supervisor: Agent, mode: ListenMode, channel: str) -> None:
        variables = {"IVR_LISTENED": channel}
        await self.telephony.originate(supervisor.interface, f"ivr-listen,{mode}", _CALLER_ID, variables)

    async def move(self, who: Account, call: CallId, to: Target) -> None:
        """Send a call that waits to another queue, or to an agent's phone."""
        await self.call_control.move(call, to, who.name or who.login)

    async def set_state(self, agent: AgentId, state: Literal["available", "paused"], reason: str | None) -> None:
        """Pause an agent, or take them back."""
        if agent not in self.roster.statuses:
            raise Refused(text("calls.supervisor.no_such_agent", agent=agent))
        await self.pause(agent, state, reason)


def _longest_talking(live: LiveCall) -> Leg | None:
    talking = [leg for leg in live.ledger.legs.talking if leg.channel]
    return min(talking, key=lambda leg: leg.answered_at or leg.rang_at, default=None)


_CALLER_ID = "Listening <*>"
_OVER = text("calls.supervisor.over")
_NO_PHONE = text("calls.supervisor.no_phone")
_ON_A_CALL = text("calls.supervisor.on_a_call")
_NO_AGENT = text("calls.supervisor.no_agent")
