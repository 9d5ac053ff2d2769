"""A telephone exchange for tests: the switchboard with everything around it pretended, and short ways to say what happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ivr.calls.agents.call_control import CallControl, CallControlSettings
from ivr.calls.agents.members import QueueMembers
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.agents.settling import Settling
from ivr.calls.caller.edition import Current
from ivr.calls.caller.recording import Recordings
from ivr.calls.caller_lookup import CallerLookup
from ivr.calls.conversation import CallBackWishes, CallTimes, Conversations
from ivr.calls.deciding import Decisions
from ivr.calls.desk.desk import AgentDesk
from ivr.calls.desk.screen_pop import ScreenPop
from ivr.calls.desk.windows import Desks, Window
from ivr.calls.follower import Follower
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.calls.recorder import Recorder
from ivr.calls.switchboard import Switchboard
from ivr.core.caller import Agent, CallId
from ivr.core.dialogue.place import AsWritten
from ivr.core.flow.flow import Flow
from ivr.wire.asterisk import ami
from tests.calls.fakes import (
    Directory,
    FakeLine,
    Recogniser,
    Records,
    Tasks,
    Telephony,
    Voice,
    current,
    parts,
    tasks,
)
from tests.core.little_house import FLOW, agent, lin

CHANNEL = "PJSIP/trunk-00000001"
NUMBER = "+8613800138000"
ANA, BEN = agent("ana", "orders", "front", delivery=9), agent("ben", "billing", "front")
GREETING = ["welcome_back", "how_help"]


@dataclass
class House:
    """The calls of a house, with everything around them pretended."""

    board: Switchboard
    desks: Desks
    desk: AgentDesk
    roster: AgentRoster
    telephony: Telephony
    directory: Directory
    records: Records
    recorder: Recorder
    recogniser: Recogniser
    nursery: Tasks
    call: CallId
    conversations: Conversations
    adopted: list[tuple[str, CallId]]
    """Channels that Asterisk was told to carry a call on."""
    call_control: CallControl
    lookup: CallerLookup
    decisions: Decisions
    follower: Follower
    screen_pop: ScreenPop
    current: Current

    @property
    def calls(self) -> LiveCalls:
        return self.board.calls

    def rings(self, call: CallId | None = None, ani: str | None = NUMBER, channel: str = CHANNEL) -> LiveCall:
        """Asterisk says that somebody calls."""
        call = call or self.call
        self.board.on_event(ami.Rang(call, channel, ani, "LIN MEI", "4000"), None)
        return self.board.calls[call]

    def connects(self, call: CallId | None = None) -> FakeLine:
        """Asterisk connects the audio, and may stay."""
        line = FakeLine()
        assert self.board.line_arrived(call or self.call, line) is None
        return line

    def happens(self, *events: ami.Event, stamp: float | None = None) -> None:
        for event in events:
            self.board.on_event(event, stamp)

    def in_queue(self, queue: str = "orders") -> LiveCall:
        """A caller who waits in a queue, the machine's part behind them."""
        live = self.rings()
        self.happens(ami.QueueJoined(live.id, queue, 1))
        return live

    def hangs_up(self) -> None:
        self.happens(ami.Gone(self.call, CHANNEL, "1.1", 16))

    async def until(self, true: Callable[[], object], within_s: float = 30) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_s
        while not true():
            assert loop.time() < deadline, [self.kinds(live) for live in self.board.calls.values()]
            await asyncio.sleep(0.01)

    @staticmethod
    def kinds(live: LiveCall) -> list[str]:
        return [entry.kind for entry in live.ledger.entries]

    async def written(self, call: CallId | None = None) -> tuple[dict[str, Any], list[str]]:
        """The record as it was written last, and the kinds of all events of the call that were written."""
        await self.recorder.drain(10)
        mine = [one for one in self.records.written if one.record["id"] == str(call or self.call)]
        return mine[-1].record, [entry.kind for one in mine for entry in one.entries]


@asynccontextmanager
async def house(
    *heard: str,
    directory: Directory | None = None,
    telephony: Telephony | None = None,
    agents: tuple[Agent, ...] = (ANA, BEN),
    flow: Flow = FLOW,
    voice: Voice | None = None,
    outside: tuple[str, ...] = (),
    records: Records | None = None,
    call_backs: CallBackWishes | None = None,
    recordings: Recordings | None = None,
    offers: Callable[..., Settling] | None = None,
    **desk_parts: Any,
) -> AsyncIterator[House]:
    """A house where everybody is free; ``heard`` is what callers say."""
    async with tasks() as nursery:
        telephony, directory = telephony or Telephony(), directory or Directory({NUMBER: lin()})
        records = records or Records()
        roster, desks, recogniser = AgentRoster(agents), Desks(), Recogniser(*heard)
        recorder = Recorder(records)
        calls, dialogue = LiveCalls(), current(flow)
        lookup = CallerLookup(directory, calls.now)
        decisions = Decisions(roster, telephony, calls.now)
        conversations = Conversations(
            CallTimes(),
            parts(recogniser, voice),
            decisions,
            telephony,
            nursery.spawn,
            AsWritten(),
            recordings=recordings,
            call_backs=call_backs,
        )
        adopted: list[tuple[str, CallId]] = []
        follower = Follower(roster, calls, lambda channel, call: adopted.append((channel, call)))
        board = Switchboard(calls, follower, conversations, lookup, dialogue, roster, nursery.spawn)
        call_control = CallControl(calls, roster, telephony, CallControlSettings(outside))
        settling = offers(roster, calls, nursery.spawn) if offers else None
        members = QueueMembers(telephony, roster)
        desk = AgentDesk(
            desks,
            roster,
            calls,
            lambda: flow,
            members,
            call_control,
            nursery.spawn,
            offers=settling,
            **desk_parts,
        )
        screen_pop = ScreenPop(desk, roster, calls, 120.0)
        calls.subscribe(
            roster.noted, screen_pop.noted, recorder.noted, follower.noted, *([settling.noted] if settling else []),
            looked=(roster.follow, screen_pop.sync),
        )  # fmt: skip
        nursery.spawn(recorder.run())
        for member in agents:
            roster.ours(member.id, member.queues)
            for queue in member.queues:
                board.on_event(ami.MemberState(member.interface, queue, False, None, 1), None)
        yield House(
            board,
            desks,
            desk,
            roster,
            telephony,
            directory,
            records,
            recorder,
            recogniser,
            nursery,
            CallId(uuid4()),
            conversations,
            adopted,
            call_control,
            lookup,
            decisions,
            follower,
            screen_pop,
            dialogue,
        )


def told(window: Window, kind: str | None = None) -> list[dict[str, Any]]:
    """What a window was told since it was asked last."""
    found = []
    while not window._queue.empty():  # waiting for a message that does not come would prove nothing
        text = window._queue.get_nowait()
        assert text
        found.append(json.loads(text))
    return [message for message in found if kind in (None, message["type"])]


def cards(window: Window) -> list[str]:
    """What became of cards, in short."""
    return [
        message["card"]["state"] if message["type"] == "card" else f"gone: {message['reason']}"
        for message in told(window)
        if message["type"] in ("card", "withdraw")
    ]


def rings(h: House, who: Agent, queue: str | None = "orders", call: CallId | None = None) -> ami.Ringing:
    """An agent's phone rings; its leg is called as the agent."""
    return ami.Ringing(
        call or h.call, who.id, who.interface, f"{who.interface}-0000002a", queue, "PJSIP/trunk", CHANNEL
    )


def gone(h: House, who: Agent) -> ami.Gone:
    """That phone hangs up, or stops ringing."""
    return ami.Gone(h.call, f"{who.interface}-0000002a", who.id, 16)


async def answered(h: House) -> LiveCall:
    live = h.in_queue()
    h.happens(rings(h, ANA, "orders"), ami.Answered(h.call, ANA.id, ANA.interface))
    return live
