"""One call's dialogue: one inbox, one TaskGroup. Events in, ``dialogue.step``, commands out.

Long: one inbox, one loop and the state that they share; hearing, look-ups and the ledger are in files of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Literal

import structlog

from ivr.calls.caller.barge_in import BargeIn
from ivr.calls.caller.ear import PREROLL_MS, TAIL_MS, Ear, keep_time
from ivr.calls.caller.ledger_writer import LedgerWriter
from ivr.calls.caller.ports import Line, Listening, Manner, Transcript, VoiceFailed
from ivr.calls.caller.recording import Tape
from ivr.calls.caller.response_times import Turn
from ivr.calls.caller.services import SessionParts
from ivr.calls.caller.side_tasks import SideTasks
from ivr.calls.caller.tape_redaction import Taping
from ivr.calls.caller.utterance import Spoken, meaning, transcribed
from ivr.core import dialogue
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue import Place, World
from ivr.core.dialogue.messages import (
    CallBack,
    Command,
    Consent,
    Event,
    Forget,
    HandOver,
    HangUp,
    Heard,
    KeyPressed,
    Listen,
    LookUp,
    NoInput,
    Prove,
    Remember,
    Silence,
    Speak,
    Started,
)
from ivr.core.digit_words import spoken_digits
from ivr.core.key_counter import KeyCounter

log = structlog.get_logger(__name__)
WORDLESS = 3
"""Noises without a word in a row that count as no input."""
SLOWER, LOUDER_DB = 0.78, 6.0
"""What "slower" and "louder" do."""


class CallSession:
    """Talks with one caller until the call is handed over, settled or gone.

    ``decide`` is called once with the hand-over, before the last words are said; ``run`` ends when the line may be closed.
    """

    def __init__(self, parts: SessionParts, world: World, ledger: Ledger, line: Line, tape: Tape | None = None) -> None:
        self._parts = parts
        self._world = world
        self._ledger = ledger
        self._line = line
        self._place: Place = dialogue.begin(world)
        self._inbox: asyncio.Queue[Event | Spoken | Literal["gone"]] = asyncio.Queue(256)
        self._drained = asyncio.Event()
        self._drained.set()
        self._keys = KeyCounter()
        self._key_at: float | None = None
        self._keys_waiting = self._keys_at_speech = 0
        self._wanted = Listen("open")
        self._gone = False
        self._wordless = 0
        self._turn: Turn | None = None
        self._turn_from = 0.0
        self.turns: list[Turn] = []
        self.hand_over: HandOver | None = None
        self.call_back: HandOver | None = None
        """What the caller is to be rung about, who need not wait on the line."""
        self.hung_up = False
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._speech_from = 0.0
        self._taping = Taping(tape, self._began, card_safe=parts.card_safe)
        self._log = log.bind(call=str(ledger.call))
        self._ledger_writer = LedgerWriter(ledger, card_safe=parts.card_safe, now=parts.now)
        self._side_tasks = SideTasks(
            parts.lookups, parts.identity, parts.memory, self._ledger_writer, self._put, parts.outlive
        )
        self._barge_in = BargeIn(line, self._drained.set)
        self._ear = Ear(
            parts.activity(), parts.recogniser, parts.timing,
            began=self._speech_began, ended=self._speech_ended, no_input=self._nobody_spoke, partial=self._partial,
        )  # fmt: skip

    @property
    def place(self) -> Place:
        """Where the dialogue is."""
        return self._place

    @property
    def gone(self) -> bool:
        """Whether the line has ended, by the caller or by Asterisk."""
        return self._gone

    # -- LineOwner: called from the reader

    def on_sound(self, pcm: bytes) -> None:
        """20 ms of the caller's sound."""
        now = self._loop.time()
        self._taping.sound(pcm, now)
        self._ear.sound(pcm, now)

    def on_played(self, pcm: bytes) -> None:
        """20 ms of what is said went out."""
        self._taping.played(pcm, self._loop.time())

    def on_key(self, digit: str, source: Literal["audiosocket", "ami"]) -> None:
        """A key, from one of the two ways in which it is reported."""
        now, before = self._loop.time(), self._key_at
        self._taping.key(now)
        if not self._keys.is_news(source):
            return
        self._key_at = now
        self._put(KeyPressed(digit, None if before is None else round((now - before) * 1000, 1)))

    def on_talking(self, at: float) -> None:
        """The first frame of an answer went out."""
        if self._turn is not None and self._turn.first_audio is None:
            self._turn.first_audio = round((at - self._turn_from) * 1000, 1)
            self._ledger_writer.responded(self._turn)
            self._turn = None

    def on_drained(self) -> None:
        self._drained.set()
        self._taping.quiet(self._loop.time())
        self._ear.expect()

    def on_line_gone(self) -> None:
        """The connection has ended."""
        self._gone = True
        self._drained.set()
        self._put("gone")

    def _put(self, event: Event | Spoken | Literal["gone"]) -> None:
        try:
            self._inbox.put_nowait(event)
        except asyncio.QueueFull:
            self._log.warning("caller is faster than the dialogue, event dropped", event_type=type(event).__name__)
        else:
            self._keys_waiting += _is_digit(event)

    def _speech_began(self) -> bool:
        # those of the answer so far, and those that the dialogue has not come to yet
        taken = sum(len(part.options[0][0]) for part in self._place.parts if part.keys)
        self._keys_at_speech = taken + self._keys_waiting
        now = self._loop.time()
        self._speech_from = now - PREROLL_MS / 1000
        self._taping.talking(self._speech_from)
        self._barge_in.began(now)
        # a prompt that a word would end, a number that may be whole: else nobody needs to know before the end
        return self._barge_in.interrupting or bool(self._wanted.enough)

    def _speech_ended(self, utterance: Listening, silence_ms: float, too_long: bool) -> None:
        now = self._loop.time()
        self._taping.talking(None)
        self._put(
            Spoken(
                utterance, self._speech_from, now - silence_ms / 1000, now, self._keys_at_speech, too_long, self._wanted.secret
            )
        )  # fmt: skip

    def _nobody_spoke(self, sounded: bool) -> None:
        self._put(NoInput("nothing" if sounded else "no_sound"))

    def _partial(self, text: str) -> None:
        if not self._ledger_writer.secret:
            self._log.debug("hearing", text=self._ledger_writer.growing(text, self._place))
        self._barge_in.partial(text, self._place.language)
        enough = self._wanted.enough
        if enough and len(spoken_digits(text, self._place.language)) >= enough:
            self._ear.hurry()

    # -- the conversation

    async def run(self, decide: Callable[[HandOver], None]) -> None:
        """Hold the conversation. Returns when it is over or the caller has gone; ``hand_over`` then says what was wanted."""
        async with asyncio.TaskGroup() as group:
            self._side_tasks.begin(group.create_task)
            clock = group.create_task(keep_time(self._clock))
            try:
                await self._do(Started(), decide)
                while not self._place.over and not self._gone:
                    event = await self._inbox.get()
                    self._keys_waiting -= _is_digit(event)
                    if event == "gone":
                        break
                    heard = await self._recognise(event) if isinstance(event, Spoken) else event
                    if heard is not None:
                        await self._do(heard, decide)
                if not self._gone:
                    await self._drained.wait()
            finally:
                self._taping.end(self._loop.time())
                self._ear.rest()
                self._side_tasks.end()
                clock.cancel()

    def _clock(self, now: float, held_s: float) -> None:
        self._ear.clock(now, held_s)
        self._barge_in.clock(now)

    async def _recognise(self, spoken: Spoken) -> Event | None:
        """The words of an utterance, understood; None when there were none and the waiting goes on."""
        if spoken.secret and not self._wanted.secret:
            # said twice, and the first time was enough: it answers nothing that is asked now, and must not be written
            spoken.utterance.cancel()
            self._tape(spoken, "", hidden=True)
            self._await_answer()
            return None
        self._turn_from = spoken.ended_at
        turn = Turn(noticed=self._since(spoken.noticed_at))
        transcript = await transcribed(spoken, self._ledger_writer)
        turn.recognised = self._since(self._loop.time())
        goes_on = self._barge_in.ended(transcript.text, self._place.language)
        heard = None if goes_on else self._meaning(spoken, transcript)
        turn.understood = self._since(self._loop.time())
        span = (spoken.began_at - self._began, spoken.ended_at + TAIL_MS / 1000 - self._began)
        self._tape(spoken, transcript.text, hidden=self._ledger_writer.heard(transcript, self._place, span))
        if goes_on:
            return None
        if heard is None:
            return self._nothing_understood()
        self._turn = turn
        self.turns.append(turn)
        self._wordless = 0
        return heard

    def _tape(self, spoken: Spoken, text: str, *, hidden: bool) -> None:
        """Let the tape know what an utterance was, so that what must not be heard is not."""
        self._taping.heard(
            text, self._place.language, spoken.began_at, spoken.ended_at + TAIL_MS / 1000,
            hidden=hidden or spoken.secret, goes_on=bool(self._place.parts),
        )  # fmt: skip

    def _meaning(self, spoken: Spoken, transcript: Transcript) -> Heard | None:
        parts = self._parts
        return meaning(
            spoken, transcript, self._wanted, self._place.language, self._world.now, parts.understander, parts.reader
        )

    def _nothing_understood(self) -> Event | None:
        """A cough, a door: no answer, but no failure of the caller's either, unless it goes on."""
        self._wordless += 1
        if self._wordless >= WORDLESS:
            self._wordless = 0
            return NoInput("noise")
        self._await_answer()
        return None

    def _await_answer(self) -> None:
        if not self._line.talking:
            self._ear.expect()

    def _since(self, at: float) -> float:
        return round((at - self._turn_from) * 1000, 1)

    async def _do(self, event: Event, decide: Callable[[HandOver], None]) -> None:
        """One step of the dialogue, and everything it commands."""
        now = self._parts.now().astimezone(self._world.now.tzinfo or UTC)
        self._world = replace(self._world, now=now, queues=self._parts.queues())
        if isinstance(event, NoInput) and (heard := self._parts.need_ears()) is not None:
            self._world = replace(self._world, hears=heard, crowded=False)
        before = self._place
        self._ledger_writer.event(self._world, before, event)
        self._place, commands = dialogue.step(self._world, before, event)
        self._ledger_writer.step(before, self._place, event)
        for command in commands:
            await self._obey(command, decide)
        listening = any(isinstance(command, Listen) for command in commands)
        if self._place.over and not listening:
            self._ear.rest()
        elif isinstance(event, KeyPressed) and not listening:
            # half a number typed: the wait for the next key begins anew, whatever was being said or counted before
            self._ear.expect()

    async def _obey(self, command: Command, decide: Callable[[HandOver], None]) -> None:
        match command:
            case Silence():
                self._line.cut()
                self._taping.quiet(self._loop.time())
                self._drained.set()
            case Speak():
                await self._speak(command)
            case Listen():
                self._listen(command)
            case LookUp():
                self._side_tasks.look_up(self._world, command)
            case Prove():
                self._side_tasks.prove(self._world, command, self._place.language)
            case Remember() | Forget():
                self._side_tasks.remember(self._world, command)
            case Consent(given):
                self._ledger_writer.consent(given)
            case HandOver():
                self.hand_over = command
                decide(command)
            case CallBack(wanted=wanted):
                self.call_back = wanted
            case HangUp():
                self.hung_up = True

    def _listen(self, wanted: Listen) -> None:
        self._wanted = wanted
        self._ledger_writer.listening(wanted)
        self._taping.listening(wanted.secret, self._loop.time())
        self._barge_in.reset()
        self._ear.listen(wanted, self._place.language, now=self._loop.time())
        self._await_answer()

    async def _speak(self, speak: Speak) -> None:
        manner = Manner(SLOWER if speak.slow else 1.0, LOUDER_DB if speak.loud else 0.0)
        try:
            pcm = await self._parts.voice.speak(speak.text, speak.language, f"{speak.prompt}.{speak.variant}", manner)
        except VoiceFailed as failure:
            # a voice that fails says what it could not say
            problem = f"cannot say {speak.prompt}" if speak.secret else str(failure)
            self._log.error("prompt not said", prompt=speak.prompt, problem=problem)
            self._ledger_writer.problem(problem)
            return
        if self._ledger_writer.said(speak):
            self._taping.hush(self._loop.time())
        self._barge_in.allowed = speak.barge_in
        if not speak.barge_in:
            self._ear.rest()
        if not self._gone:
            self._drained.clear()
            self._line.play(pcm)


def _is_digit(event: object) -> bool:
    return isinstance(event, KeyPressed) and event.digit.isdigit()


async def run_guarded(session: CallSession, decide: Callable[[HandOver], None], call: str) -> None:
    """Run a session so that whatever goes wrong in it costs this call its dialogue and nobody anything else."""
    try:
        await session.run(decide)
    except* Exception as problems:
        for problem in problems.exceptions:
            log.error("session failed, caller goes to the queue", call=call, exc_info=problem)
