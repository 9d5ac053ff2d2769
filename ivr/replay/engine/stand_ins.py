"""What stands around a replayed call: Asterisk, voice, agents, the machine as its caller meets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ivr.calls.agents.roster import AgentRoster, AgentStatus
from ivr.calls.caller.ports import NORMAL, Line, Manner, Voice
from ivr.calls.live import LiveCall
from ivr.core.caller import AgentState
from ivr.core.language import Language
from ivr.corpus.format import Corpus
from ivr.replay.caller.asked import NOTHING, Asked, asked_at
from ivr.replay.engine.audio_clock import outside
from ivr.replay.engine.environment import agents_of
from ivr.wire.asterisk import ami
from ivr.wire.asterisk.ami import MemberState

_DEVICES: dict[AgentState, int] = {"offline": 5, "available": 1, "ringing": 6, "busy": 2, "paused": 1}


class Dialplan:
    """Stands where Asterisk's manager is: keeps where the call is sent, and then rings the phone that it would ring."""

    connected = True

    def __init__(self) -> None:
        self.route = ""

    async def set_variables(self, channel: str, variables: dict[str, str]) -> None:
        self.route = variables.get("IVR_ROUTE", self.route)

    def goes_on(self, live: LiveCall, roster: AgentRoster) -> Iterator[ami.Event]:
        """What Asterisk tells once the caller is where they were sent: the queue, and the phone that rings there.

        That of the agent decided on, else of the first who is free in the queue.
        """
        decision = live.ledger.decision
        if decision is None or not self.route or self.route.startswith("hangup"):
            return
        there = [s.agent for s in roster.statuses.values() if decision.queue in s.queues and s.state == "available"]
        agent = roster.known(decision.agent) if decision.agent else next(iter(there), None)
        if agent is not None:
            yield ami.QueueJoined(live.id, decision.queue, 1)
            yield ami.Ringing(live.id, "replay", agent.interface, "replay-ring", decision.queue, "", live.channel)


@dataclass(frozen=True, slots=True)
class OutsideVoice:
    """The house's voice, outside of audio time: rendering a sentence for the first time is no part of a call."""

    inner: Voice

    async def speak(self, text: str, language: Language, recorded: str | None = None, manner: Manner = NORMAL) -> bytes:
        return await outside(self.inner.speak(text, language, recorded, manner))


@dataclass(slots=True)
class Seen:
    """The machine as its caller meets it."""

    live: LiveCall
    line: Line

    @property
    def talking(self) -> bool:
        return self.line.talking

    @property
    def settled(self) -> bool:
        """Whether it has dealt with something in this call."""
        return bool(self.live.session and self.live.session.place.settled)

    def question(self) -> tuple[object, Asked]:
        session = self.live.session
        return (session.place.listening, asked_at(self.live.flow, session.place)) if session else (None, NOTHING)


def roster_of(corpus: Corpus, at: datetime) -> AgentRoster:
    """The agents of a corpus as they stand when a call comes in."""
    roster = AgentRoster(agents_of(corpus))
    for one in corpus.house.agents:
        status: AgentStatus = roster.statuses[one.id]  # type: ignore[index]  # made of the same names
        queues = () if one.state == "offline" else one.queues
        status.device, status.since, status.ours = _DEVICES[one.state], at, frozenset(queues)
        status.members = {
            queue: MemberState(status.agent.interface, queue, one.state == "paused", None, status.device)
            for queue in queues
        }
    return roster
