"""What a call that waits in its dialogue costs in memory: a thousand of them, in a process of their own."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import resource
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from ivr.adapters.sound.telephone import read_wav, telephone
from ivr.adapters.speech_in.voice_activity import WebRtcVoiceActivity
from ivr.calls.caller.ear import EarTiming
from ivr.calls.caller.ports import NORMAL, Answer, LineOwner, Listening, Manner, Transcript
from ivr.calls.caller.services import SessionParts
from ivr.calls.caller.session import CallSession
from ivr.core.caller import AgentId, Caller, CallId, Case, Customer, Order, PastContact, Preferences
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue import Place, World, begin, step
from ivr.core.dialogue.messages import Found, HandOver, Heard, LookUp, Started
from ivr.core.endpointing import FRAME_BYTES, Endpointing
from ivr.core.flow.flow import Flow, Lookup
from ivr.core.flow.intent import Guess, Hypothesis, Understood
from ivr.core.flow.nodes import ProofMethod
from ivr.core.language import Language
from ivr.server.speech.publishing import read_flow
from ivr.wire.reading.reader import SpokenReader
from ivr.wire.reading.spelling import SpokenSpeller

CALLS = 1000
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FOREVER_MS = 3_600_000
WORDS, RECORDING, WAITS_AT = "where is my order", "where-order", "which_order"
CALLS_FOLDER = Path("audio/calls")


def _caller(number: int) -> Caller:
    """A customer with a history, as the directory gives it: every call has objects of its own."""
    customer = Customer(f"C{number}", f"Customer {number}", "en", "gold", "Berlin", f"Ms {number}", f"{number}女士")
    ago = [NOW - timedelta(days=n, hours=number % 24) for n in range(6)]
    orders = tuple(
        Order(f"{4000 + n}", f"Harbour watch {number} {n}", "shipped", ago[n], ago[n], "189.00 EUR") for n in range(3)
    )
    cases = (Case(f"K-{number}", f"Where is order {number}?", "open", ago[1], "late_delivery", "orders", "4000"),)
    contacts = tuple(
        PastContact(ago[n], "phone", f"Called about {number}, {n}", "repair", AgentId("ana"), "Ana", True)
        for n in range(6)
    )
    return Caller(f"+4930{number:07d}", None, "4000", customer, orders, cases, contacts, "found", Preferences())


def _understood() -> Understood:
    return Understood(WORDS, (Guess("late_delivery", 0.9), Guess("cancel_order", 0.05)), "sure", 0.9)


# -- the outside of a call, pretended


class _Line:
    """A line that has said everything as soon as it is told to; it keeps no sound."""

    talking = False

    def __init__(self) -> None:
        self.owner: LineOwner | None = None

    def play(self, pcm: bytes) -> None:
        loop = asyncio.get_running_loop()
        if self.owner:
            self.owner.on_talking(loop.time())
            loop.call_soon(self.owner.on_drained)

    def cut(self) -> bool:
        return False

    def hold(self) -> bool:
        return False

    def resume(self) -> None:
        return

    def attach(self, owner: LineOwner) -> None:
        self.owner = owner

    def close(self) -> None:
        self.owner = None


class _Utterance:
    def feed(self, pcm: bytes) -> None:
        return

    def look(self, told: Callable[[Sequence[str]], None]) -> None:
        return

    async def finish(self) -> Transcript:
        return Transcript((Hypothesis(WORDS),), 0.9)

    def cancel(self) -> None:
        return


class _Outside:
    """Voice, recogniser, understander, look-ups, proofs and memory in one: answers at once and keeps nothing."""

    async def speak(self, text: str, language: Language, recorded: str | None = None, manner: Manner = NORMAL) -> bytes:
        return b""

    def listen(
        self,
        language: Language,
        grammar: Sequence[str] | None,
        partial: Callable[[str], None] | None = None,
        otherwise_open: bool = False,
        several: bool = False,
    ) -> Listening:
        return _Utterance()

    def hears(self, language: Language) -> bool:
        return True

    def understand(self, hypotheses: Sequence[Hypothesis], language: Language) -> Understood:
        return _understood()

    async def run(self, lookup: Lookup, args: Mapping[str, str]) -> Answer:
        return Answer("empty")

    async def begin(
        self, customer: str, method: ProofMethod, language: Language
    ) -> Literal["asked", "unavailable", "locked"]:
        return "unavailable"

    async def check(self, customer: str, method: ProofMethod, answer: str) -> Literal["right", "wrong", "locked"]:
        return "wrong"

    async def remember(self, customer: str, preferences: Preferences) -> None:
        return

    async def forget(self, customer: str) -> None:
        return


# -- measuring


def _rss_kb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024


class _Gauge:
    """What the process has grown by, in KB: by tracemalloc's account, or by the system's."""

    def __init__(self, *, traced: bool) -> None:
        gc.collect()
        self._traced = traced
        if traced:
            tracemalloc.start()
        self._before = self._now()

    def _now(self) -> float:
        return tracemalloc.get_traced_memory()[0] / 1024 if self._traced else _rss_kb()

    def grown_kb(self) -> float:
        gc.collect()
        grown = self._now() - self._before
        tracemalloc.stop()
        return grown


def _world(flow: Flow, number: int, reader: SpokenReader, speller: SpokenSpeller) -> World:
    return World(flow, _caller(number), frozenset(("en", "zh")), NOW, {}, speller, reader)


def places(folder: Path, *, traced: bool) -> float:
    """KB of one call's Place and World, with its caller: it was greeted, said why it calls, and waits at a number."""
    flow, reader, speller = read_flow(folder), SpokenReader("DE", "EUR"), SpokenSpeller("DE")

    def one(number: int) -> tuple[World, Place]:
        world = _world(flow, number, reader, speller)
        place, _ = step(world, begin(world), Started())
        place, commands = step(world, place, Heard(WORDS, _understood(), 0.9, (Hypothesis(WORDS),)))
        looked = next(command for command in commands if isinstance(command, LookUp))
        place, _ = step(world, place, Found(looked.id, "empty"))
        if place.node != WAITS_AT:
            raise RuntimeError(f"the call waits at {place.node}, not at {WAITS_AT}")
        return world, place

    one(0)
    gauge = _Gauge(traced=traced)
    kept = [one(number) for number in range(CALLS)]
    grown = gauge.grown_kb()
    return grown / len(kept)


async def sessions(folder: Path, *, traced: bool) -> float:
    """KB of one whole session: ear, inbox, tasks, ledger and voice detector, on a pretended line, waiting for a number."""
    flow, reader, speller = read_flow(folder), SpokenReader("DE", "EUR"), SpokenSpeller("DE")
    outside = _Outside()
    usual = Endpointing(begin_ms=100, end_silence_ms=600, longest_ms=15_000, no_input_ms=FOREVER_MS)
    timing = EarTiming(dict.fromkeys(("open", "yes_no", "digits", "value", "keys"), usual))
    async with asyncio.TaskGroup() as group:
        parts = SessionParts(
            outside, outside, outside, WebRtcVoiceActivity, timing, reader, outside, outside, outside, group.create_task
        )  # fmt: skip

        def begun(number: int) -> tuple[CallSession, asyncio.Task[None]]:
            world = _world(flow, number, reader, speller)
            ledger = Ledger(CallId(uuid4()), world.caller, NOW, "en")
            line = _Line()
            session = CallSession(parts, world, ledger, line)
            line.attach(session)
            return session, group.create_task(session.run(_ignore))

        first = [begun(0)]
        await _wait(first)
        gauge = _Gauge(traced=traced)
        kept = [begun(number) for number in range(1, CALLS + 1)]
        await _wait(kept)
        grown = gauge.grown_kb()
        for session, _ in (*first, *kept):
            session.on_line_gone()
    return grown / len(kept)


def _ignore(hand_over: HandOver) -> None:
    raise AssertionError(f"a call that waits was handed over: {hand_over}")


async def _wait(calls: list[tuple[CallSession, asyncio.Task[None]]]) -> None:
    """Let every call be greeted, say what it wants by a recorded voice, and wait at the next question."""
    await asyncio.sleep(1.0)
    said = telephone(*read_wav(CALLS_FOLDER / f"{RECORDING}.wav")) + bytes(FRAME_BYTES * 50)
    for session, _ in calls:
        for start in range(0, len(said) - FRAME_BYTES, FRAME_BYTES):
            # a slice is an object of its own, as every frame from a socket is
            session.on_sound(said[start : start + FRAME_BYTES])
        await asyncio.sleep(0)
    await asyncio.sleep(1.5)
    elsewhere = {session.place.node for session, _ in calls} - {WAITS_AT}
    if elsewhere:
        raise RuntimeError(f"calls wait at {', '.join(sorted(elsewhere))}, not at {WAITS_AT}")


def _in_child(what: str, folder: Path, traced: bool) -> float:
    if what == "places":
        return places(folder, traced=traced)
    return asyncio.run(sessions(folder, traced=traced))


def measure(folder: Path) -> dict[str, Any]:
    """KB for one call, each way in a fresh process; RSS counts what C libraries take as well."""
    found: dict[str, Any] = {"calls": CALLS}
    for what in ("places", "sessions"):
        for traced in (True, False):
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as child:
                kb = child.submit(_in_child, what, folder, traced).result()
            found[f"{what}_{'traced' if traced else 'rss'}_kb"] = round(kb, 1)
    return found
