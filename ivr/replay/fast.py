"""One call through the whole path in audio time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from ivr import machine
from ivr.adapters.voice_activity import WebRtcVoiceActivity
from ivr.calls.agents import AgentRoster, AgentStatus
from ivr.calls.conversation import Conversations
from ivr.calls.edition import Edition
from ivr.calls.live import LiveCall
from ivr.calls.parts import SessionParts
from ivr.calls.ports import NORMAL, Line, Manner, Voice
from ivr.calls.recording import Recordings, Unrecorded
from ivr.config import Config
from ivr.core.caller import Agent, AgentState, Caller, CallId, Language
from ivr.core.carding import card_of
from ivr.core.flow import Flow
from ivr.core.ledger import Ledger
from ivr.core.routing import Policy
from ivr.core.speech import FRAME_BYTES, FRAME_MS
from ivr.replay.answering import Answering
from ivr.replay.asked import NOTHING, Asked, asked_at
from ivr.replay.caller import PlainCaller, RecordedCaller
from ivr.replay.clock import outside
from ivr.replay.corpus import Call, Corpus
from ivr.replay.hearing import AsWritten, OnTheSpot, TextActivity, TimedUnderstander
from ivr.replay.house import NoMemory, OwnHouse, agents_of, house_of
from ivr.replay.line import Broken, ReplayLine, at_once
from ivr.replay.sounds import Recording, Written, read_recording
from ivr.wire.reading import SpokenReader
from ivr.wire.spelling import SpokenSpeller

LONGEST_S = 900.0
"""Of audio: a call that has not ended by then never will."""
_DEVICES: dict[AgentState, int] = {"offline": 5, "available": 1, "ringing": 6, "busy": 2, "paused": 1}


@dataclass(frozen=True, slots=True)
class Kit:
    """What all calls of one worker are replayed with."""

    config: Config
    corpus: Corpus
    edition: Edition
    voice: Voice
    ears: OnTheSpot
    template: Path
    """The corpus' databases, to be copied."""
    folder: Path
    """Where the copy of one call is put."""
    now: datetime
    """The time of calls that have none."""
    recordings: Recordings = field(default_factory=Unrecorded)
    """What is kept of the sound, beside what the report has of it."""
    ask: Mapping[str, str] = field(default_factory=dict)
    """Real sources that are asked where the corpus has none."""


@dataclass(slots=True)
class Replayed:
    """What one call has come to, as far as it can be seen on the spot."""

    call: Call
    live: LiveCall
    heard: bytes
    """The caller's side, 8 kHz 16-bit."""
    said: bytes
    """The machine's."""
    breaks: list[Broken] | None
    """Where prompts were broken off; None: not seen from here."""
    caller: RecordedCaller | PlainCaller
    understood_ms: list[tuple[float, float]]
    agents: tuple[Agent, ...]
    """Those who were at work."""
    route: str
    """What the dialplan was told; empty: nothing."""
    ended_s: float
    """Seconds from the answer until the machine had nothing more to do."""
    took_s: float
    """Of this machine's time."""
    missing: tuple[str, ...] | None = None
    """What the card lacked; None: nobody's phone rang."""
    agent: str | None = None
    problem: str = ""


class Dialplan:
    """Stands where Asterisk's manager is: keeps where the call is sent."""

    connected = True

    def __init__(self) -> None:
        self.route = ""

    async def set_variables(self, channel: str, variables: dict[str, str]) -> None:
        """Keep the route."""
        self.route = variables.get("IVR_ROUTE", self.route)


@dataclass(frozen=True, slots=True)
class _Voice:
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
        """Whether it speaks."""
        return self.line.talking

    @property
    def settled(self) -> bool:
        """Whether it has dealt with something in this call."""
        return bool(self.live.session and self.live.session.place.settled)

    def question(self) -> tuple[object, Asked]:
        """What it asks."""
        session = self.live.session
        return (session.place.listening, asked_at(self.live.flow, session.place)) if session else (None, NOTHING)


def roster_of(corpus: Corpus, at: datetime) -> AgentRoster:
    """The agents of a corpus as they stand when a call comes in."""
    roster = AgentRoster(agents_of(corpus))
    for one in corpus.house.agents:
        status: AgentStatus = roster.statuses[one.id]  # type: ignore[index]  # made of the same names
        status.queues = set() if one.state == "offline" else set(one.queues)
        status.device, status.paused, status.since = _DEVICES[one.state], one.state == "paused", at
    return roster


async def replay(call: Call, kit: Kit) -> Replayed:
    """Replay one call. Raises BadSound and CorpusError for files that cannot be used."""
    sound = await asyncio.to_thread(read_recording, call) if call.sound else None
    async with AsyncExitStack() as stack:
        house = await outside(
            stack.enter_async_context(house_of(call, kit.template, kit.folder, kit.config.database.country, kit.ask))
        )
        return await _held(call, kit, house, sound)


async def _held(call: Call, kit: Kit, house: OwnHouse, sound: Recording | None) -> Replayed:
    began, loop = time.perf_counter(), asyncio.get_running_loop()
    at, origin_s = kit.corpus.at(call, kit.now), loop.time()

    def now() -> datetime:
        return (at + timedelta(seconds=loop.time() - origin_s)).astimezone(UTC)

    facts = call.facts
    first = Caller(facts.number, facts.shown_name, facts.dnis)
    id_ = CallId(uuid5(NAMESPACE_URL, f"replay:{call.name}"))
    ledger = Ledger(id_, first, now(), kit.edition.flow.default_language)
    understander = TimedUnderstander(kit.edition.understander, origin_s)
    live = LiveCall(id_, "replay", ledger, replace(kit.edition, understander=understander))
    line, dialplan = ReplayLine(facts.echo_db), Dialplan()
    sounds = sound or Written(facts.said, facts.language or kit.edition.flow.default_language)
    caller = caller_of(call, kit.edition.flow, Seen(live, line), sounds, line.press, lambda: at_once(line.hang_up))
    line.caller = caller
    roster = roster_of(kit.corpus, at)
    async with asyncio.TaskGroup() as group:
        conversations = _conversations(call, kit, house, roster, caller, now, group.create_task)
        conversations.recordings = kit.recordings
        conversations.connect(dialplan)  # type: ignore[arg-type]  # what a conversation asks of Asterisk
        ledger.add(now(), "rang", "rang", ani=facts.number, dnis=facts.dnis, channel="replay")
        group.create_task(conversations.look_up(live))
        group.create_task(line.run())
        problem = ""
        try:
            async with asyncio.timeout(LONGEST_S):
                await conversations.hold(live, line)
        except TimeoutError:
            problem = f"not over after {LONGEST_S:.0f} s"
        finally:
            ended_s = line.now_s
            line.close()
    made = Replayed(
        call, live, bytes(line.heard), bytes(line.said), line.breaks, caller, understander.took_ms, agents_of(kit.corpus),
        dialplan.route, ended_s, time.perf_counter() - began, problem=problem or problem_of(live),
    )  # fmt: skip
    _ring(made, roster, now())
    return made


def caller_of(
    call: Call,
    flow: Flow,
    seen: Seen,
    sounds: Recording | Written,
    press: Callable[[str], None],
    hang_up: Callable[[], None],
) -> RecordedCaller | PlainCaller:
    """Whoever speaks on the line of a call."""
    if call.facts.timing == "recorded" and isinstance(sounds, Recording):
        return PlainCaller(sounds.frames, sounds, seen)
    answering = Answering(call.facts, flow, call.facts.language or flow.default_language)
    return RecordedCaller(answering, sounds, seen, press, hang_up)


def _conversations(
    call: Call,
    kit: Kit,
    house: OwnHouse,
    roster: AgentRoster,
    caller: RecordedCaller | PlainCaller,
    now: Callable[[], datetime],
    spawn: Callable[[Coroutine[Any, Any, None]], object],
) -> Conversations:
    config = kit.config

    def saying() -> str:
        speaking = caller.speaking
        return (call.facts.said[speaking.piece].text or "") if speaking and speaking.piece is not None else ""

    written = call.sound is None
    parts = SessionParts(
        _Voice(kit.voice),
        AsWritten(saying) if written else kit.ears,
        kit.edition.understander,
        TextActivity if written else lambda: WebRtcVoiceActivity(config.speech_in.voice_aggressiveness),
        machine.timing(config),
        SpokenReader(config.database.country, config.dialogue.currency),
        house.lookups, house.identity, NoMemory(), spawn,
        card_safe=config.privacy.card_safe, now=now,
    )  # fmt: skip
    return Conversations(
        machine.times(config), parts, house.directory, roster, spawn, SpokenSpeller(), ZoneInfo(config.dialogue.zone),
        Policy(**config.routing.policy()),
    )  # fmt: skip


def without_proofs(made: Replayed) -> bytes:
    """The caller's side without what was said to prove who they are."""
    heard = bytearray(made.heard)
    for one in made.caller.log:
        if one.asked.kind == "proof" and one.piece is not None:
            first, last = (round(second * 1000 / FRAME_MS) * FRAME_BYTES for second in (one.began_s, one.ended_s))
            heard[first:last] = bytes(len(heard[first:last]))
    return bytes(heard)


def problem_of(live: LiveCall) -> str:
    """What went wrong in the machine itself, as the record has it."""
    return "; ".join(str(entry.facts["what"]) for entry in live.ledger.entries if entry.kind == "problem")


def _ring(made: Replayed, roster: AgentRoster, at: datetime) -> None:
    """The phone that would ring: the agent decided on, else the first who is in the queue; and the card that pops there."""
    decision = made.live.ledger.decision
    if decision is None or not made.route or made.route.startswith("hangup"):
        return
    there = [s.agent for s in roster.statuses.values() if decision.queue in s.agent.queues and s.state == "available"]
    agent = roster.known(decision.agent) if decision.agent else next(iter(there), None)
    if agent is None:
        return
    ledger = made.live.ledger
    ledger.add(at, "queued", queue=decision.queue, position=1)
    ledger.add(at, "agent_ringing", leg="replay", agent=agent.id, queue=decision.queue, channel="replay")
    view = ledger.legs.views()[agent.id]
    made.missing = card_of(ledger, made.live.flow, view, agent, roster.names).missing
    made.agent = agent.id
