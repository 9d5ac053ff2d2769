"""One call through the whole path in audio time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from ivr.adapters.speech_in.voice_activity import WebRtcVoiceActivity
from ivr.calls.agents.call_control import CallControl, CallControlSettings
from ivr.calls.agents.members import QueueMembers
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.caller.edition import Current, Edition
from ivr.calls.caller.ports import Voice
from ivr.calls.caller.recording import Recordings, Unrecorded
from ivr.calls.caller.services import SessionParts
from ivr.calls.caller_lookup import CallerLookup
from ivr.calls.conversation import Conversations
from ivr.calls.deciding import Decisions
from ivr.calls.desk.desk import AgentDesk
from ivr.calls.desk.screen_pop import ScreenPop
from ivr.calls.desk.windows import Desks
from ivr.calls.follower import Follower
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.calls.ports import Telephony
from ivr.calls.switchboard import Switchboard
from ivr.config.load import Config
from ivr.core.caller import Agent, CallId
from ivr.core.endpointing import FRAME_BYTES, FRAME_MS
from ivr.core.flow.flow import Flow
from ivr.core.routing import Policy
from ivr.corpus.format import Call, Corpus
from ivr.replay.caller.answering import Answering
from ivr.replay.caller.caller import PlainCaller, RecordedCaller
from ivr.replay.caller.sounds import Recording, Written, read_recording
from ivr.replay.engine.audio_clock import outside
from ivr.replay.engine.environment import NoMemory, OwnHouse, agents_of, house_of
from ivr.replay.engine.hearing import AsWritten, OnTheSpot, TextActivity, TimedUnderstander
from ivr.replay.engine.line import Broken, ReplayLine, at_once
from ivr.replay.engine.stand_ins import Dialplan, OutsideVoice, Seen, roster_of
from ivr.server.speech import speech_in
from ivr.wire.asterisk import ami
from ivr.wire.phone_numbers import emergency_number
from ivr.wire.reading.reader import SpokenReader
from ivr.wire.reading.spelling import SpokenSpeller

LONGEST_S = 900.0
"""Of audio: a call that has not ended by then never will."""


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
    id_ = CallId(uuid5(NAMESPACE_URL, f"replay:{call.name}"))
    understander = TimedUnderstander(kit.edition.understander, origin_s)
    current = Current(replace(kit.edition, understander=understander))
    line, dialplan, calls = ReplayLine(facts.echo_db), Dialplan(), LiveCalls(now)
    sounds = sound or Written(facts.said, facts.language or kit.edition.flow.default_language)
    roster = roster_of(kit.corpus, at)
    async with asyncio.TaskGroup() as group:
        board = _switchboard(call, kit, house, calls, roster, line, dialplan, current, group.create_task)
        board.on_event(ami.Rang(id_, "replay", facts.number, facts.shown_name, facts.dnis), None)
        live = calls[id_]
        seen = Seen(live, line)
        caller = caller_of(call, kit.edition.flow, seen, sounds, line.press, lambda: at_once(line.hang_up))
        line.caller = caller
        group.create_task(line.run())
        board.line_arrived(id_, line)
        problem = ""
        try:
            async with asyncio.timeout(LONGEST_S):
                await line.closed.wait()
        except TimeoutError:
            problem = f"not over after {LONGEST_S:.0f} s"
        finally:
            ended_s = line.now_s
            line.close()
        for event in dialplan.goes_on(live, roster):
            board.on_event(event, None)
    made = Replayed(
        call, live, bytes(line.heard), bytes(line.said), line.breaks, caller, understander.took_ms, agents_of(kit.corpus),
        dialplan.route, ended_s, time.perf_counter() - began, problem=problem or problem_of(live),
    )  # fmt: skip
    for entry in live.ledger.entries:
        if entry.kind == "carded":
            made.agent = entry.facts["agent"]
            made.missing = tuple(lack for lack in entry.facts["missing"] if lack != "window")  # nobody sits there
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


def _switchboard(
    call: Call,
    kit: Kit,
    house: OwnHouse,
    calls: LiveCalls,
    roster: AgentRoster,
    line: ReplayLine,
    dialplan: Dialplan,
    current: Current,
    spawn: Callable[[Coroutine[Any, Any, None]], object],
) -> Switchboard:
    """The server's own parts, on this call's house and in its time."""
    config, asterisk = kit.config, cast(Telephony, dialplan)

    def saying() -> str:
        speaking = line.caller.speaking if line.caller else None
        return (call.facts.said[speaking.piece].text or "") if speaking and speaking.piece is not None else ""

    written = call.sound is None
    parts = SessionParts(
        OutsideVoice(kit.voice),
        AsWritten(saying) if written else kit.ears,
        kit.edition.understander,
        TextActivity if written else lambda: WebRtcVoiceActivity(config.speech_in.voice_aggressiveness),
        speech_in.timing(config),
        SpokenReader(config.database.country, config.dialogue.currency),
        house.lookups, house.identity, NoMemory(), spawn,
        card_safe=config.privacy.card_safe, now=calls.now,
    )  # fmt: skip
    lookup = CallerLookup(house.directory, calls.now, times=speech_in.lookup_times(config))
    policy = Policy(**config.routing.policy())
    decisions = Decisions(roster, asterisk, calls.now, policy, ring_s=config.routing.agent_ring_s)
    zone = ZoneInfo(config.dialogue.zone)
    conversations = Conversations(
        speech_in.times(config),
        parts,
        decisions,
        asterisk,
        spawn,
        SpokenSpeller(config.database.country),
        zone,
        recordings=kit.recordings,
        emergency=emergency_number(config.database.country),
    )
    follower = Follower(roster, calls, lambda channel, call: None)
    control = CallControl(calls, roster, asterisk, CallControlSettings())
    desk = AgentDesk(Desks(), roster, calls, lambda: current.flow, QueueMembers(asterisk, roster), control, spawn)
    screen_pop = ScreenPop(desk, roster, calls, 0.0)
    calls.subscribe(roster.noted, screen_pop.noted, follower.noted, looked=(roster.follow, screen_pop.sync))
    return Switchboard(calls, follower, conversations, lookup, current, roster, spawn)


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
