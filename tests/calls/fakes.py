"""The outside of the calls, pretended: a line, a voice, ears, a directory, a telephone system, a database."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ivr.calls.caller.ear import EarTiming
from ivr.calls.caller.edition import Current, Edition
from ivr.calls.caller.ports import NORMAL, Answer, LineOwner, Listening, Manner, Transcript, VoiceFailed
from ivr.calls.caller.services import SessionParts
from ivr.calls.ports import Late, Refused, nobody_waits
from ivr.calls.records import Contact, NeverWritten
from ivr.core.caller import Agent, Caller, CallId, Preferences
from ivr.core.digit_words import spoken_digits
from ivr.core.endpointing import FRAME_BYTES, FRAME_MS, SILENCE_FRAME, Endpointing
from ivr.core.flow.flow import Flow, Lookup
from ivr.core.flow.intent import Certainty, Guess, Hypothesis, Understood
from ivr.core.flow.nodes import ProofMethod
from ivr.core.flow.values import Reading, ValueKind, Window
from ivr.core.language import Language
from ivr.wire.asterisk.ami_events import Found

VOICE_FRAME = b"\x01\x10" * (FRAME_BYTES // 2)
TIMING = Endpointing(begin_ms=60, begin_within_ms=100, end_silence_ms=200, longest_ms=3000, no_input_ms=1000)
TIMINGS = EarTiming({"open": TIMING, "yes_no": TIMING, "digits": TIMING, "value": TIMING, "keys": TIMING})
SENTENCE_S = 1.0
"""How long the pretended line takes to say anything."""


class Activity:
    """A frame that is not all zeros is a voice."""

    def voiced(self, pcm: bytes) -> bool:
        return any(pcm)


@dataclass
class Utterance:
    """One utterance: what will be heard, after how long, or what goes wrong."""

    outcome: str | Exception
    after_s: float = 0.0
    fed: list[bytes] = field(default_factory=list)
    cancelled: bool = False

    def feed(self, pcm: bytes) -> None:
        self.fed.append(pcm)

    def look(self, told: Callable[[Sequence[str]], None]) -> None:
        if not isinstance(self.outcome, Exception):
            told([self.outcome] * 2)

    async def finish(self) -> Transcript:
        await asyncio.sleep(self.after_s)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return Transcript((Hypothesis(self.outcome),) if self.outcome else (), 0.9)

    def cancel(self) -> None:
        self.cancelled = True


class Recogniser:
    """Hears what the test says it hears, one after the other."""

    def __init__(self, *outcomes: str | Exception | Utterance, hears: Sequence[Language] = ("en", "zh")) -> None:
        self._outcomes = deque(outcomes)
        self._hears = hears
        self.listened: list[tuple[Language, Sequence[str] | None]] = []
        self.utterances: list[Utterance] = []

    def listen(
        self,
        language: Language,
        grammar: Sequence[str] | None,
        partial: Callable[[str], None] | None = None,
        otherwise_open: bool = False,
        several: bool = False,
    ) -> Listening:
        self.partial = partial
        self.listened.append((language, grammar))
        outcome = self._outcomes.popleft() if self._outcomes else ""
        self.utterances.append(outcome if isinstance(outcome, Utterance) else Utterance(outcome))
        return self.utterances[-1]

    def hears(self, language: Language) -> bool:
        return language in self._hears


class Understander:
    """Understands ``"late"`` as that intent for sure, ``"late?"`` perhaps, and nothing else."""

    def understand(self, hypotheses: Sequence[Hypothesis], language: Language) -> Understood:
        text = hypotheses[0].text
        intent = text.removesuffix("?")
        if intent not in ("late", "invoice", "hours", "person"):
            return Understood(text, (), "none", 0.1)
        certainty: Certainty = "confirm" if text.endswith("?") else "sure"
        return Understood(text, (Guess(intent, 0.8),), certainty, 0.8)


@dataclass
class Voice:
    """Says a prompt as its own name, so that one sees what was said; some it cannot say."""

    broken: frozenset[str] = frozenset()
    slow: dict[str, float] = field(default_factory=dict)
    manners: list[Manner] = field(default_factory=list)

    async def speak(self, text: str, language: Language, recorded: str | None = None, manner: Manner = NORMAL) -> bytes:
        assert recorded
        self.manners.append(manner)
        name = recorded.rpartition(".")[0]
        if name in self.broken:
            raise VoiceFailed(f"cannot say {name}")
        await asyncio.sleep(self.slow.get(name, 0))
        return name.encode()


class FakeLine:
    """A line that takes a second for each sentence. ``said`` is what was begun, ``heard`` what was said to its end."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.said: list[str] = []
        self.heard: list[str] = []
        self.cuts: list[str] = []
        self.holds = self.resumes = 0
        self._held: float | None = None
        self.owner: LineOwner | None = None
        self.closed = False

    def play(self, pcm: bytes) -> None:
        assert not self.closed
        self._waiting.append(pcm.decode())
        if self._timer is None:
            if self.owner:
                self.owner.on_talking(asyncio.get_running_loop().time())
            self._begin()

    def _begin(self) -> None:
        self.said.append(self._waiting[0])
        self._timer = asyncio.get_running_loop().call_later(SENTENCE_S, self._end)

    def _end(self) -> None:
        self._timer = None
        self.heard.append(self._waiting.popleft())
        if self._waiting:
            self._begin()
        elif self.owner:
            self.owner.on_drained()

    def cut(self) -> bool:
        if self._timer is None:
            return False
        self._timer.cancel()
        self._timer = self._held = None
        self.cuts.append(self._waiting[0])
        self._waiting.clear()
        return True

    def hold(self) -> bool:
        if self._timer is None or self._held is not None:
            return self._held is not None
        self._held = max(0.0, self._timer.when() - asyncio.get_running_loop().time())
        self._timer.cancel()
        self.holds += 1
        return True

    def resume(self) -> None:
        if self._held is None:
            return
        self._timer = asyncio.get_running_loop().call_later(self._held, self._end)
        self._held = None
        self.resumes += 1

    @property
    def talking(self) -> bool:
        return self._timer is not None

    def attach(self, owner: LineOwner) -> None:
        self.owner = owner

    def close(self) -> None:
        self.closed = True
        if self._timer:
            self._timer.cancel()

    # -- what the caller does

    async def caller_says(self, ms: int = 200, then_silent_ms: int = 240) -> None:
        """Speak for so long, and be silent until the end of the utterance is noticed."""
        await self._sound(VOICE_FRAME, ms)
        await self._sound(SILENCE_FRAME, then_silent_ms)

    async def caller_is_silent(self, ms: int) -> None:
        """Send silence, as a telephone does."""
        await self._sound(SILENCE_FRAME, ms)

    async def _sound(self, frame: bytes, ms: int) -> None:
        for _ in range(ms // FRAME_MS):
            if self.closed or self.owner is None:
                return
            self.owner.on_sound(frame)
            await asyncio.sleep(FRAME_MS / 1000)

    def caller_presses(self, keys: str, *ways: Literal["audiosocket", "ami"]) -> None:
        """Press keys; Asterisk reports them in these ways."""
        assert self.owner
        for digit in keys:
            for way in ways or ("audiosocket", "ami"):
                self.owner.on_key(digit, way)


def parts(
    recogniser: Recogniser | None = None,
    voice: Voice | None = None,
    lookups: Lookups | None = None,
    identity: Identity | None = None,
    memory: Memory | None = None,
) -> SessionParts:
    """What a session works with."""
    return SessionParts(
        voice or Voice(), recogniser or Recogniser(), Understander(), Activity, TIMINGS,
        Reader(), lookups or Lookups(), identity or Identity(), memory or Memory(), asyncio.ensure_future,
    )  # fmt: skip


class Reader:
    """Reads digits, and another value where the words are one: "=2026-11-25"."""

    def read(
        self,
        kind: ValueKind,
        hypotheses: Sequence[Hypothesis],
        language: Language,
        now: datetime,
        names: Sequence[str] = (),
    ) -> tuple[Reading, ...]:
        if kind == "digits":
            said = ((spoken_digits(h.text, language), h.share) for h in hypotheses)
            return tuple(Reading(value, share) for value, share in said if value)
        return tuple(Reading(h.text[1:], h.share) for h in hypotheses if h.text.startswith("="))

    def shifted(self, base: str, text: str, language: Language) -> str | None:
        return None

    def mended(self, kind: ValueKind, value: str, text: str, language: Language) -> str | None:
        return None

    def placed(self, hypotheses: Sequence[Hypothesis], language: Language, names: Sequence[str]) -> tuple[Reading, ...]:
        return ()

    def window(
        self, kind: ValueKind, text: str, language: Language, now: datetime, names: Sequence[str] = ()
    ) -> Window | None:
        return None


@dataclass
class Lookups:
    """Answers look-ups by name with what the test says; ``slow`` ones take so many seconds."""

    answers: dict[str, Answer | Exception] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    async def run(self, lookup: Lookup, args: Mapping[str, str]) -> Answer:
        self.asked.append((lookup.name, dict(args)))
        try:
            await asyncio.sleep(self.slow.get(lookup.name, 0))
        except asyncio.CancelledError:
            self.cancelled.append(lookup.name)
            raise
        answer = self.answers.get(lookup.name, Answer("failed"))
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Identity:
    """A PIN for everybody; three wrong ones lock it."""

    pin: str = "2580"
    wrong: int = 0
    broken: bool = False

    async def begin(
        self, customer: str, method: ProofMethod, language: Language
    ) -> Literal["asked", "unavailable", "locked"]:
        if self.broken:
            raise ConnectionError("gone, and 2580 was asked")
        return "asked" if method == "pin" else "unavailable"

    async def check(self, customer: str, method: ProofMethod, answer: str) -> Literal["right", "wrong", "locked"]:
        if answer == self.pin:
            return "right"
        self.wrong += 1
        return "locked" if self.wrong >= 3 else "wrong"


@dataclass
class Memory:
    """What was kept of whom."""

    kept: dict[str, Preferences] = field(default_factory=dict)

    async def remember(self, customer: str, preferences: Preferences) -> None:
        self.kept[customer] = preferences

    async def forget(self, customer: str) -> None:
        self.kept.pop(customer, None)


def edition(flow: Flow) -> Edition:
    """A dialogue that the pretended classifier understands."""
    return Edition(flow, Understander())


def current(flow: Flow) -> Current:
    """That dialogue, as the one with which calls begin."""
    return Current(edition(flow))


class Directory:
    """Knows one caller by number; may be slow, or broken."""

    def __init__(self, known: dict[str, Caller], after_s: float = 0.0, broken: Exception | None = None) -> None:
        self._known, self._after_s, self._broken = known, after_s, broken
        self.asked: list[str] = []

    async def find(self, ani: str, late: Late = nobody_waits) -> Caller | None:
        self.asked.append(ani)
        await asyncio.sleep(self._after_s)
        if self._broken:
            raise self._broken
        return self._known.get(ani)


class Records:
    """A database that is away for some attempts, and refuses some contacts for ever."""

    def __init__(self, away_for: int = 0, refuses: frozenset[str] = frozenset()) -> None:
        self.away_for = away_for
        self._refuses = refuses
        self.attempts = 0
        self.server = "one"
        self.written: list[Contact] = []

    async def write(self, contacts: Sequence[Contact]) -> str:
        self.attempts += 1
        await asyncio.sleep(0.01)
        if self.away_for:
            self.away_for -= 1
            raise ConnectionError("away")
        if any(one.record["id"] in self._refuses for one in contacts):
            raise NeverWritten("this one never")
        self.written += contacts
        return self.server

    async def unfinished(self, since: datetime, also: Sequence[CallId]) -> list[Contact]:
        """As the database would: of each contact its last columns and all its entries."""
        if self.away_for:
            raise ConnectionError("away")
        found = {}
        for one in self.written:
            before = found.get(one.record["id"])
            found[one.record["id"]] = Contact(one.record, (*(before.entries if before else ()), *one.entries))
        return [one for one in found.values() if one.record["ended_at"] is None or one.record["id"] in map(str, also)]


class Telephony:
    """Asterisk, as far as it can be asked; ``refuses`` are variables it will not set, and how often."""

    def __init__(self, refuses: dict[str, int] | None = None) -> None:
        self.connected = True
        self._refuses = refuses or {}
        self.asked: list[tuple[str, ...]] = []
        self.found = Found((), (), {})
        self.there: set[str] = set()
        """Queues in which somebody else has made the agents members."""

    async def set_variables(self, channel: str, variables: dict[str, str]) -> None:
        await asyncio.sleep(0.01)
        for name, value in variables.items():
            if self._refuses.get(name, 0):
                self._refuses[name] -= 1
                raise Refused({"en": "No such channel", "zh": "没有这个通道"})
            self.asked.append((channel, name, value))

    def variable(self, name: str) -> list[str]:
        """Every value that a variable was given."""
        return [asked[2] for asked in self.asked if asked[1] == name]

    async def remember(self, family: str, key: str, value: str) -> None:
        self.asked.append(("remember", family, key, value))

    async def recall(self, family: str, key: str) -> str | None:
        """What was remembered last and not forgotten."""
        of_it = [one for one in self.asked if one[0] in ("remember", "forget") and one[1:3] == (family, key)]
        return of_it[-1][3] if of_it and of_it[-1][0] == "remember" else None

    async def forget(self, family: str, key: str) -> None:
        self.asked.append(("forget", family, key))

    async def redirect(self, channel: str, where: str, extra: str | None = None, extra_where: str = "") -> None:
        if "redirect" in self._refuses:
            raise Refused({"en": "No such channel", "zh": "没有这个通道"})
        self.asked.append(("redirect", channel, where, *([extra, extra_where] if extra else [])))

    async def originate(
        self, interface: str, where: str, caller_id: str, variables: Mapping[str, str], within_s: float = 20
    ) -> None:
        if "originate" in self._refuses:
            raise Refused({"en": "Asterisk cannot be reached just now.", "zh": "离线"})
        self.asked.append(("originate", interface, where, *[f"{name}={value}" for name, value in variables.items()]))

    async def hang_up(self, channel: str) -> None:
        self.asked.append(("hang up", channel))

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Found]:
        """What the test says that Asterisk knows."""
        yield self.found

    async def pause(self, queue: str, interface: str, paused: bool, reason: str | None) -> None:
        self.asked.append(("pause", queue, interface, str(paused), str(reason)))

    async def join_queues(self, agent: Agent) -> tuple[str, ...]:
        if not self.connected:
            raise Refused({"en": "Asterisk is away", "zh": "离线"})
        self.asked.append(("join", agent.id))
        return tuple(queue for queue in agent.queues if queue not in self.there)

    async def leave_queues(self, agent: Agent) -> None:
        self.asked.append(("leave", agent.id))


class Tasks:
    """Runs what is spawned; a task that fails is kept to be looked at."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self.failed: list[BaseException] = []

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(coroutine)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.failed.append(error)

    async def stop(self) -> None:
        """End everything."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


@asynccontextmanager
async def tasks() -> Any:
    """A nursery that fails when one of its tasks has failed."""
    made = Tasks()
    try:
        yield made
    finally:
        await made.stop()
    assert not made.failed, made.failed
