"""One call's dialogue: one inbox, one TaskGroup. Events in, ``dialogue.step``, commands out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

import structlog

from ivr.calls.ear import Ear, EarTiming
from ivr.calls.ports import Line, Listening, Recogniser, Transcript, Understander, Voice, VoiceActivity, VoiceFailed
from ivr.core import dialogue
from ivr.core.card import Line as SpokenLine
from ivr.core.dialogue import Place, World
from ivr.core.keys import KeyCounter
from ivr.core.ledger import Ledger
from ivr.core.messages import Event, HandOver, HangUp, Heard, KeyPressed, Listen, NoInput, Silence, Speak, Started
from ivr.core.wording import digit_words

log = structlog.get_logger(__name__)
CLOCK_S = 0.2
WORDLESS = 3
"""Noises without a word in a row that count as no input."""
_FINISH_S = 8.0


@dataclass(frozen=True, slots=True)
class SessionParts:
    """What every session works with."""

    voice: Voice
    recogniser: Recogniser
    understander: Understander
    activity: Callable[[], VoiceActivity]
    timing: EarTiming


@dataclass(frozen=True, slots=True)
class _Spoken:
    """An utterance has ended; its words are on their way."""

    utterance: Listening
    ended_at: float
    """Loop time of the last sound of it."""
    noticed_at: float


@dataclass(slots=True)
class Turn:
    """The times of one answer to the caller, in ms from the end of their speech: when its end was noticed (the endpoint),

    its words recognised, its intent understood, and the first frame of the answer sent.
    """

    noticed: float
    recognised: float = 0.0
    understood: float = 0.0
    first_audio: float | None = None


class CallSession:
    """Talks with one caller until the call is handed over, settled or gone.

    ``decide`` is called once with the hand-over, before the last words are said; ``run`` ends when the line may be closed.
    """

    def __init__(self, parts: SessionParts, world: World, ledger: Ledger, line: Line) -> None:
        self._parts = parts
        self._world = world
        self._ledger = ledger
        self._line = line
        self._place: Place = dialogue.begin(world)
        self._inbox: asyncio.Queue[Event | _Spoken | Literal["gone"]] = asyncio.Queue(256)
        self._drained = asyncio.Event()
        self._drained.set()
        self._keys = KeyCounter()
        self._gone = False
        self._barge_in = True
        self._wordless = 0
        self._turn: Turn | None = None
        self._turn_from = 0.0
        self.turns: list[Turn] = []
        self.hand_over: HandOver | None = None
        self.hung_up = False
        self._loop = asyncio.get_running_loop()
        self._log = log.bind(call=str(ledger.call))
        self._ear = Ear(
            parts.activity(), parts.recogniser, parts.timing,
            began=self._speech_began, ended=self._speech_ended, no_input=lambda: self._put(NoInput()), partial=self._partial,
        )  # fmt: skip

    @property
    def gone(self) -> bool:
        """Whether the line has ended, by the caller or by Asterisk."""
        return self._gone

    # -- LineOwner: called from the reader

    def on_sound(self, pcm: bytes) -> None:
        """20 ms of the caller's sound."""
        self._ear.sound(pcm, self._loop.time())

    def on_key(self, digit: str, source: Literal["audiosocket", "ami"]) -> None:
        """A key, from one of the two ways in which it is reported."""
        if self._keys.is_news(source):
            self._put(KeyPressed(digit))

    def on_talking(self, at: float) -> None:
        """The first frame of an answer went out."""
        if self._turn is not None and self._turn.first_audio is None:
            self._turn.first_audio = round((at - self._turn_from) * 1000, 1)
            self._ledger.add(_now(), "responded", **asdict(self._turn))
            self._turn = None

    def on_drained(self) -> None:
        """Everything was said."""
        self._drained.set()
        self._ear.expect()

    def on_line_gone(self) -> None:
        """The connection has ended."""
        self._gone = True
        self._drained.set()
        self._put("gone")

    def _put(self, event: Event | _Spoken | Literal["gone"]) -> None:
        try:
            self._inbox.put_nowait(event)
        except asyncio.QueueFull:
            self._log.warning("caller is faster than the dialogue, event dropped", event_type=type(event).__name__)

    def _speech_began(self) -> None:
        if self._line.talking and self._barge_in:
            self._line.cut()
            self._drained.set()

    def _speech_ended(self, utterance: Listening, silence_ms: float) -> None:
        now = self._loop.time()
        self._put(_Spoken(utterance, now - silence_ms / 1000, now))

    def _partial(self, text: str) -> None:
        self._log.debug("hearing", text=text)

    # -- the conversation

    async def run(self, decide: Callable[[HandOver], None]) -> None:
        """Hold the conversation. Returns when it is over or the caller has gone; ``hand_over`` then says what was wanted."""
        async with asyncio.TaskGroup() as group:
            clock = group.create_task(self._clock())
            try:
                await self._do(Started(), decide)
                while not self._place.over and not self._gone:
                    event = await self._inbox.get()
                    if event == "gone":
                        break
                    heard = await self._recognise(event) if isinstance(event, _Spoken) else event
                    if heard is not None:
                        await self._do(heard, decide)
                if not self._gone:
                    await self._drained.wait()
            finally:
                self._ear.rest()
                clock.cancel()

    async def _clock(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_S)
            self._ear.clock(self._loop.time())

    async def _recognise(self, spoken: _Spoken) -> Event | None:
        """The words of an utterance, understood; None when there were none and the waiting goes on."""
        self._turn_from = spoken.ended_at
        turn = Turn(noticed=self._since(spoken.noticed_at))
        try:
            transcript = await asyncio.wait_for(spoken.utterance.finish(), _FINISH_S)
        except TimeoutError:
            spoken.utterance.cancel()
            self._ledger.add(_now(), "problem", what="recognition took too long")
            transcript = Transcript((), None)
        except Exception as error:
            # a decoder that fails must cost the caller a question asked again, not the call
            self._log.exception("recognition failed")
            self._ledger.add(_now(), "problem", what=f"recognition failed: {error}")
            transcript = Transcript((), None)
        turn.recognised = self._since(self._loop.time())
        understood = None
        if transcript.text:
            understood = self._parts.understander.understand(transcript.hypotheses, self._place.language)
        turn.understood = self._since(self._loop.time())
        self._note_heard(transcript)
        if transcript.text:
            self._turn = turn
            self.turns.append(turn)
        if not transcript.text:
            return self._nothing_understood()
        self._wordless = 0
        return Heard(transcript.text, understood, transcript.confidence)

    def _nothing_understood(self) -> Event | None:
        """A cough, a door: no answer, but no failure of the caller's either, unless it goes on."""
        self._wordless += 1
        if self._wordless >= WORDLESS:
            self._wordless = 0
            return NoInput()
        if not self._line.talking:
            self._ear.expect()
        return None

    def _since(self, at: float) -> float:
        return round((at - self._turn_from) * 1000, 1)

    def _note_heard(self, transcript: Transcript) -> None:
        now = _now()
        self._ledger.add(
            now, "heard", text=transcript.text, confidence=transcript.confidence, decode_ms=transcript.decode_ms,
            hypotheses=[[h.text, round(h.share, 3)] for h in transcript.hypotheses],
        )  # fmt: skip
        if transcript.text:
            self._ledger.lines.append(SpokenLine(now, "caller", transcript.text, self._place.language))

    async def _do(self, event: Event, decide: Callable[[HandOver], None]) -> None:
        """One step of the dialogue, and everything it commands."""
        self._note_event(event)
        before = self._place
        self._place, commands = dialogue.step(self._world, before, event)
        self._note_place(before, event)
        listening = False
        for command in commands:
            match command:
                case Silence():
                    self._line.cut()
                    self._drained.set()
                case Speak():
                    await self._speak(command)
                case Listen():
                    listening = True
                    self._listen(command)
                case HandOver():
                    self.hand_over = command
                    self._ledger.hand_over = command
                    decide(command)
                case HangUp():
                    self.hung_up = True
        if self._place.over and not listening:
            self._ear.rest()
        elif isinstance(event, KeyPressed) and not listening:
            # half a number typed: the wait for the next key begins anew, whatever was being said or counted before
            self._ear.expect()

    def _listen(self, wanted: Listen) -> None:
        if wanted.mode == "keys" and self._parts.recogniser.hears(self._place.language):
            # where a menu is read out, its numbers may be spoken too
            wanted = Listen("keys", digit_words(self._place.language))
        self._ear.listen(wanted, self._place.language, now=self._loop.time())
        if not self._line.talking:
            self._ear.expect()

    async def _speak(self, speak: Speak) -> None:
        try:
            pcm = await self._parts.voice.speak(speak.text, speak.language, f"{speak.prompt}.{speak.variant}")
        except VoiceFailed as failure:
            self._log.error("prompt not said", prompt=speak.prompt, problem=str(failure))
            self._ledger.add(_now(), "problem", what=str(failure))
            return
        now = _now()
        self._ledger.add(now, "said", prompt=speak.prompt, variant=speak.variant, text=speak.text)
        self._ledger.lines.append(SpokenLine(now, "machine", speak.text, speak.language))
        self._barge_in = speak.barge_in
        if not speak.barge_in:
            self._ear.rest()
        if not self._gone:
            self._drained.clear()
            self._line.play(pcm)

    # -- the record

    def _note_event(self, event: Event) -> None:
        match event:
            case KeyPressed(digit):
                self._ledger.add(_now(), "key", digit=digit)
                self._ledger.lines.append(SpokenLine(_now(), "caller", digit, self._place.language, "keys"))
            case NoInput():
                self._ledger.add(_now(), "no_input")
            case _:
                pass

    def _note_place(self, before: Place, event: Event) -> None:
        """What the step has made known."""
        place, ledger = self._place, self._ledger
        ledger.language = place.language
        if place.understood is not None and place.understood is not before.understood:
            ledger.understood = place.understood
            ledger.words = place.understood.text
            ledger.add(
                _now(), "understood", certainty=place.understood.certainty, score=round(place.understood.score, 3),
                guesses=[[g.intent, round(g.confidence, 3)] for g in place.understood.guesses[:3]],
            )  # fmt: skip
        elif isinstance(event, Heard) and event.text and ledger.words is None:
            ledger.words = event.text
        for known in place.known[len(before.known) :]:
            ledger.add(
                _now(), "known", label=known.label["en"], value=known.value, how=known.how, checked=known.checked
            )
        ledger.known = place.known


def _now() -> datetime:
    return datetime.now(UTC)


async def run_guarded(session: CallSession, decide: Callable[[HandOver], None], call: str) -> None:
    """Run a session so that whatever goes wrong in it costs this call its dialogue and nobody anything else."""
    try:
        await session.run(decide)
    except* Exception as problems:
        for problem in problems.exceptions:
            log.error("session failed, caller goes to the queue", call=call, exc_info=problem)
