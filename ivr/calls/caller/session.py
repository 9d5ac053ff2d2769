"""One call's dialogue: one inbox, one TaskGroup. Events in, ``dialogue.step``, commands out.

Long: one inbox, one loop and the state that they share; hearing, look-ups and the ledger are in files of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Literal

import structlog

from ivr.calls.caller.barge_in import BargeIn
from ivr.calls.caller.ear import PREROLL_MS, TAIL_MS, Ear
from ivr.calls.caller.key_run import KeyRun, is_digit
from ivr.calls.caller.ledger_writer import LedgerWriter
from ivr.calls.caller.line_time import keep_time
from ivr.calls.caller.ports import Line, Listening, Manner, Transcript, VoiceFailed
from ivr.calls.caller.recording import Tape
from ivr.calls.caller.response_times import Turn
from ivr.calls.caller.services import SessionParts
from ivr.calls.caller.side_tasks import SideTasks
from ivr.calls.caller.tape_redaction import Taping
from ivr.calls.caller.turn_taking import LastAnswer, TurnTaking
from ivr.calls.caller.utterance import Spoken, transcribed
from ivr.core import dialogue
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue import Place, World
from ivr.core.dialogue.end_of_turn import Turn as EndOfTurn
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
    NumberTyped,
    Prove,
    Remember,
    Silence,
    Speak,
    Started,
)
from ivr.core.dialogue.taking_back import WAITS, taken_back
from ivr.core.key_counter import KeyCounter

log = structlog.get_logger(__name__)
_Happens = Event | Spoken | Literal["gone", "settled", "typed"]
WORDLESS = 3
"""Noises without a word in a row that count as no input."""
PREPARED_S = 0.25
"""From a decision until the line is let go, however short the last words are: the agent's card is prepared meanwhile."""
SLOWER, LOUDER_DB = 0.78, 6.0
"""What "slower" and "louder" do."""


class CallSession:
    """Talks with one caller until the call is handed over, settled or gone.

    ``decide`` is called once with the hand-over, while the last words are said; ``run`` ends when the line may be closed.
    """

    def __init__(self, parts: SessionParts, world: World, ledger: Ledger, line: Line, tape: Tape | None = None) -> None:
        self._parts = parts
        self._world = world
        self._ledger = ledger
        self._line = line
        self._place: Place = dialogue.begin(world)
        self._inbox: asyncio.Queue[_Happens] = asyncio.Queue(256)
        self._drained = asyncio.Event()
        self._drained.set()
        self._keys = KeyCounter()
        self._key_run = KeyRun(lambda: self._put("typed"))
        self._key_at: float | None = None
        self._keys_waiting = self._keys_at_speech = self._wordless = 0
        self._wanted = Listen("open")
        self._gone = self.hung_up = False
        self._turn: Turn | None = None
        self._turn_from = self._speech_from = 0.0
        self._turn_taking = TurnTaking(parts.understander, parts.reader)
        self.turns: list[Turn] = []
        self.hand_over: HandOver | None = None
        self.call_back: CallBack | None = None
        """What the caller is to be rung about, who need not wait on the line."""
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._taping = Taping(tape, self._began, card_safe=parts.card_safe)
        self._log = log.bind(call=str(ledger.call))
        self._ledger_writer = LedgerWriter(ledger, card_safe=parts.card_safe, now=parts.now)
        self._side_tasks = SideTasks(
            parts.lookups, parts.identity, parts.memory, self._ledger_writer, self._put, parts.outlive
        )
        self._barge_in = BargeIn(line, self._drained.set)
        self._ear = Ear(
            parts.activity(), parts.recogniser, parts.timing,
            began=self._speech_began, ended=self._speech_ended, partial=self._partial, judge=self._end_of_turn,
            no_input=lambda sounded: self._put(NoInput("nothing" if sounded else "no_sound")),
            settled=lambda: self._put("settled"),
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
        self._ear.prompt_over(self._loop.time())

    def on_line_gone(self) -> None:
        """The connection has ended."""
        self._gone = True
        self._drained.set()
        self._put("gone")

    def _put(self, event: _Happens) -> None:
        try:
            self._inbox.put_nowait(event)
        except asyncio.QueueFull:
            self._log.warning("caller is faster than the dialogue, event dropped", event_type=type(event).__name__)
        else:
            self._keys_waiting += is_digit(event)

    def _speech_began(self) -> bool:
        # those of the answer so far, and those that the dialogue has not come to yet
        taken = sum(len(part.options[0][0]) for part in self._place.parts if part.keys)
        self._keys_at_speech = taken + self._keys_waiting
        now = self._loop.time()
        self._speech_from = now - PREROLL_MS / 1000
        self._taping.talking(self._speech_from)
        self._barge_in.began(now, goes_on=self._ear.going_on)
        # a prompt that a word would end: else nobody needs to know before the end
        return self._barge_in.interrupting

    def _speech_ended(self, utterance: Listening, silence_ms: float, too_long: bool) -> None:
        now = self._loop.time()
        self._taping.talking(None)
        self._put(
            Spoken(
                utterance, self._speech_from, now - silence_ms / 1000, now, self._keys_at_speech, too_long, self._wanted.secret,
                self._ear.ended_early, self._ear.went_on, self._ear.may_go_on,
            )
        )  # fmt: skip

    def _partial(self, text: str) -> None:
        if not self._ledger_writer.secret:
            self._log.debug("hearing", text=self._ledger_writer.growing(text, self._place))
        self._barge_in.partial(text, self._place.language)

    def _end_of_turn(self, words: Sequence[str]) -> EndOfTurn:
        """Whether the words so far are all of an answer."""
        return self._turn_taking.end_of_turn(
            self._world, self._place, self._wanted, words, keys=self._keys_at_speech, going_on=self._ear.going_on
        )

    # -- the conversation

    async def run(self, decide: Callable[[HandOver], None]) -> None:
        """Hold the conversation. Returns when it is over or the caller has gone; ``hand_over`` then says what was wanted."""
        async with asyncio.TaskGroup() as group:
            self._side_tasks.begin(group.create_task)
            clock = group.create_task(keep_time(self._clock))
            try:
                await self._do(Started(), decide)
                while not self._gone and (self._turn_taking.last or not self._place.over):
                    event = await self._inbox.get()
                    self._keys_waiting -= is_digit(event)
                    if event == "gone":
                        break
                    if event == "settled" or isinstance(event, KeyPressed | NoInput):
                        await self._settle(decide)
                    await self._happens(event, decide)
                await self._settle(decide)
                if not self._gone:
                    await self._drained.wait()
            finally:
                self._taping.end(self._loop.time())
                self._ear.rest()
                self._key_run.rest()
                self._side_tasks.give_up()
                clock.cancel()

    async def _happens(self, event: _Happens, decide: Callable[[HandOver], None]) -> None:
        if self._key_run.holds(self._world, self._place, event):
            await self._obey(Silence(), decide)
            self._listen(self._wanted)
            return
        for one in self._key_run.before(event):
            if isinstance(one, Spoken):
                await self._hear(one, decide)
            elif not isinstance(one, str):
                await self._do(one, decide)

    def _clock(self, now: float, held_s: float) -> None:
        self._ear.clock(now, held_s)
        self._barge_in.clock(now)

    async def _hear(self, spoken: Spoken, decide: Callable[[HandOver], None]) -> None:
        """An utterance: its words, what they mean, and what follows from that."""
        if spoken.secret and not self._wanted.secret:
            # said twice, and the first time was enough: it answers nothing that is asked now, and must not be written
            spoken.utterance.cancel()
            self._tape(spoken, "", hidden=True)
            self._await_answer()
            return
        self._turn_from = spoken.ended_at
        turn = Turn(noticed=self._since(spoken.noticed_at))
        transcript = await transcribed(spoken, self._ledger_writer)
        turn.recognised = self._since(self._loop.time())
        answer = LastAnswer(self._place, self._wanted, spoken, transcript)
        last = self._turn_taking.last if spoken.went_on else None
        if last is None:
            heard = self._heard(answer)
            if heard is None:
                self._ear.settle(spoken.number)
        else:
            answer, heard = await self._heard_more(last, answer, decide)
        turn.understood = self._since(self._loop.time())
        if isinstance(heard, Heard):
            self._turn, self._wordless = turn, 0
            self.turns.append(turn)
        if heard is not None:
            await self._do(heard, decide, answer)

    def _heard(self, answer: LastAnswer) -> Event | None:
        """What an utterance means; None when there were no words and the waiting goes on."""
        transcript = answer.transcript
        waits_on = self._barge_in.ended(transcript.text, self._place.language)
        heard = None if waits_on else self._turn_taking.meaning(answer, self._world.now)
        self._write_heard(answer.spoken, transcript, self._place)
        return heard if heard is not None or waits_on else self._nothing_understood()

    async def _heard_more(
        self, last: LastAnswer, then: LastAnswer, decide: Callable[[HandOver], None]
    ) -> tuple[LastAnswer, Event | None]:
        """They have gone on with their last answer: both are read as one, at the place where it was given.

        Where that changes nothing, what came after may answer what is asked meanwhile; else it was nothing.
        """
        self._write_heard(then.spoken, then.transcript, last.before, went_on=True)
        more = self._turn_taking.more(self._world, self._place, last, then)
        self._barge_in.went_on(counts=more.kind != "nothing")
        if more.kind == "anew":
            self._side_tasks.give_up()
            self._place, self._turn_taking.last = taken_back(last.before, self._place), None
        else:
            last.transcript, last.nothings = more.answer.transcript, last.nothings + 1
            last.spoken = replace(last.spoken, number=then.spoken.number)
            if more.kind == "answer" or not then.transcript.text or not last.may_go_on():
                await self._settle(decide)
        return more.answer, more.heard

    def _write_heard(self, spoken: Spoken, transcript: Transcript, place: Place, *, went_on: bool = False) -> None:
        span = (spoken.began_at - self._began, spoken.ended_at + TAIL_MS / 1000 - self._began)
        self._tape(spoken, transcript.text, hidden=self._ledger_writer.heard(transcript, place, span, went_on=went_on))

    async def _settle(self, decide: Callable[[HandOver], None]) -> None:
        """Nothing follows the last answer: what has waited for that is done; who has gone needs no more answers."""
        last, self._turn_taking.last = self._turn_taking.last, None
        if last is None:
            return
        self._ear.settle(last.spoken.number)
        for command in last.held:
            await self._obey(command, decide)
        if self.hand_over and last.held and not self._gone:
            await asyncio.sleep(PREPARED_S)
        for event in () if self._gone else last.waiting:
            await self._do(event, decide)

    def _tape(self, spoken: Spoken, text: str, *, hidden: bool) -> None:
        """Let the tape know what an utterance was, so that what must not be heard is not."""
        self._taping.heard(
            text, self._place.language, spoken.began_at, spoken.ended_at + TAIL_MS / 1000,
            hidden=hidden or spoken.secret, goes_on=bool(self._place.parts) or spoken.went_on,
        )  # fmt: skip

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

    async def _do(self, event: Event, decide: Callable[[HandOver], None], answer: LastAnswer | None = None) -> None:
        """One step of the dialogue, and everything it commands; ``answer`` is what the event was made of."""
        now = self._parts.now().astimezone(self._world.now.tzinfo or UTC)
        self._world = replace(self._world, now=now, queues=self._parts.queues())
        if isinstance(event, NoInput) and (heard := self._parts.need_ears()) is not None:
            self._world = replace(self._world, hears=heard, crowded=False)
        before = self._place
        place, commands = dialogue.step(self._world, before, event)
        if self._turn_taking.waits(self._world, event, answer, commands):
            return
        last = self._turn_taking.last
        if answer is not None and answer is last:
            answer.after = place
        elif answer is not None:
            self._ear.settle(answer.spoken.number)
        self._ledger_writer.event(self._world, before, event)
        self._place = place
        self._ledger_writer.step(before, self._place, event)
        for command in commands:
            if last is not None and isinstance(command, WAITS):
                last.held.append(command)
            else:
                await self._obey(command, decide)
        listening = any(isinstance(command, Listen) for command in commands)
        if self._place.over and not listening:
            self._ear.rest()
        elif isinstance(event, KeyPressed | NumberTyped) and not listening:
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
            case CallBack():
                self.call_back = command
            case HangUp():
                self.hung_up = True

    def _listen(self, wanted: Listen) -> None:
        self._wanted = wanted
        self._ledger_writer.listening(wanted)
        self._taping.listening(wanted.secret, self._loop.time())
        if not self._ear.going_on:
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
            if self._ear.going_on:
                self._barge_in.began(self._loop.time(), goes_on=True)
