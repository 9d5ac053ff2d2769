"""``ivr talk``: a dialogue in the terminal, by typing, as any customer, with the engine that callers meet."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.adapters.customers.lookups import SourceLookups
from ivr.adapters.database import DatabaseAccounts, DatabaseDirectory, DatabaseIdentity, Store
from ivr.calls.caller.ports import Identity, Lookups, Transcript, Understander
from ivr.calls.caller.utterance import meaning
from ivr.config.load import Config, load
from ivr.core import routing
from ivr.core.caller import Agent, Caller, CallId
from ivr.core.contact.ledger import confidence
from ivr.core.dialogue import Place, World, begin, step
from ivr.core.dialogue.messages import (
    CallBack,
    Command,
    Consent,
    Event,
    Forget,
    Found,
    HandOver,
    HangUp,
    KeyPressed,
    Listen,
    LookUp,
    NoInput,
    NumberTyped,
    Proof,
    Prove,
    Remember,
    Speak,
    Started,
)
from ivr.core.dialogue.questions.long_numbers import may_go_on
from ivr.core.flow.flow import Flow
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.values import Reader, Speller
from ivr.core.language import LANGUAGES, Language
from ivr.core.routing import Policy, Presence, Situation, Waiting
from ivr.core.told import Told
from ivr.server.speech.publishing import learn, read_flow
from ivr.wire.phone_numbers import NoNumber, emergency_number, may_be_dialled, read_number
from ivr.wire.reading.reader import SpokenReader
from ivr.wire.reading.spelling import SpokenSpeller

SIGNS_A_SECOND: dict[Language, int] = {"en": 15, "zh": 4}
"""About as fast as the machine's voices speak."""
KEYS = "0123456789*#"
HELP = "Type what the caller says. :4711 presses keys (:*1 is back), an empty line is silence, :q ends."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr talk`` may be told."""
    parser.add_argument("--number", default=None, metavar="ANI", help="the caller's number; default: somebody unknown")
    parser.add_argument(
        "--tone", action="store_true", help="only what is said, with the seconds that each sentence takes"
    )


def run(asked: argparse.Namespace) -> int:
    """Talk until the call is over."""
    return talk(asked.config, asked.number, tone=asked.tone)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a conversation in a terminal stands on."""

    flow: Flow
    understander: Understander
    reader: Reader
    speller: Speller
    lookups: Lookups
    identity: Identity
    caller: Caller
    agents: list[Agent]
    zone: ZoneInfo
    policy: Policy
    asks_consent: bool
    emergency: str
    may_dial: Callable[[str], bool]


def talk(config_path: Path, number: str | None, lines: Iterable[str] | None = None, *, tone: bool = False) -> int:
    """Hold the conversation on standard input and output; 0 when it came to its end, 1 when it was broken off."""
    return asyncio.run(_talk(config_path, config_path.resolve().parent, number, lines, tone))


async def _talk(config_path: Path, root: Path, number: str | None, lines: Iterable[str] | None, tone: bool) -> int:
    async with AsyncExitStack() as stack:
        terminal = Terminal(await _parts(load(config_path), root, number, stack), tone)
        stack.callback(terminal.sum_up)
        await terminal.do(Started())
        if terminal.place.over:
            return 0
        for line in lines if lines is not None else _typed():
            if line == ":q" or terminal.place.over:
                break
            for event in terminal.events(line):
                await terminal.do(event)
                if terminal.place.over:
                    return 0
        return 0 if terminal.place.over else 1


async def _parts(config: Config, root: Path, number: str | None, stack: AsyncExitStack) -> Parts:
    flow = read_flow(root / config.dialogue.folder)
    store = await stack.enter_async_context(Store.opened(config.database.url, config.privacy.card_safe))
    lookups = SourceLookups.open(store, config.sources)
    stack.push_async_callback(lookups.close)
    if number is not None:
        try:
            number = read_number(number, config.database.country)
        except NoNumber as error:
            raise Told(f"--number: {error}") from None
    found = await DatabaseDirectory(store, config.database.country).find(number) if number else None
    caller = found or Caller(number, None, "", lookup="unknown")

    async def show_code(to: str, code: str, language: str) -> bool:
        print(f"      (the code {code} is sent to {to})")
        return True

    return Parts(
        flow, learn(config, flow), SpokenReader(config.database.country, config.dialogue.currency),
        SpokenSpeller(config.database.country), lookups, DatabaseIdentity(store, send=show_code), caller,
        await DatabaseAccounts(store).agents(), ZoneInfo(config.dialogue.zone), Policy(**config.routing.policy()),
        config.recording.keep == "consent",
        emergency_number(config.database.country),
        lambda rung: may_be_dialled(rung, config.callbacks.numbers, config.database.country),
    )  # fmt: skip


def _read() -> str:
    """One line, asked for. Ctrl-C ends it there and then: asyncio's own handler would wait for the line to be over."""
    before = signal.getsignal(signal.SIGINT)
    if before != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # before the prompt: who sees it may press Ctrl-C
    try:
        print("  > ", end="", flush=True)
        return sys.stdin.readline()
    finally:
        signal.signal(signal.SIGINT, before)


def _typed() -> Iterable[str]:
    while True:
        line = _read()
        if not line:
            return
        yield line.rstrip("\n")


class Terminal:
    """One conversation."""

    def __init__(self, parts: Parts, tone: bool = False) -> None:
        self._parts = parts
        self._tone = tone
        self._seconds: list[float] = []
        now = datetime.now(parts.zone)
        self._world = World(
            parts.flow, parts.caller, frozenset(LANGUAGES), now,
            speller=parts.speller, reader=parts.reader, asks_consent=parts.asks_consent, emergency=parts.emergency,
            may_call=bool(parts.caller.ani and parts.may_dial(parts.caller.ani)), may_dial=parts.may_dial,
        )  # fmt: skip
        self.place: Place = begin(self._world)
        self._listen = Listen("open")
        who = parts.caller.customer.name if parts.caller.customer else "somebody unknown"
        print(f"{who} calls. {HELP}\n")

    def events(self, line: str) -> list[Event]:
        """What a typed line means."""
        if line.startswith(":"):
            if stray := sorted(set(line[1:]) - set(KEYS)):
                print(
                    f"      (no key of a telephone: {' '.join(stray)}; there are 0 to 9, * and #, and :q ends the call)"
                )
                return []
            return self._keys(line[1:])
        if not line.strip():
            return [NoInput()]
        if self.place.language == "en" and any("\u4e00" <= sign <= "\u9fff" for sign in line):
            print(
                "      (typed in Chinese on the English line, where no word of it would be heard; :9 changes the language)"
            )
        said, parts, listen = Transcript((Hypothesis(line),), None), self._parts, self._listen
        heard = meaning(said, listen, self.place.language, self._world.now, parts.understander, parts.reader)
        if heard is None:
            return [NoInput()]
        if listen.mode in ("open", "yes_no") and (found := heard.understood) and not self._tone:
            for guess in found.guesses[:3]:
                evidence = ", ".join(f"{e.kind} “{e.text}” {e.weight:.2f}" for e in guess.evidence[:2])
                print(f"      {guess.intent} {guess.confidence:.2f}  ({evidence})")
            wish = f", wish: {found.wish} ({found.wish_certainty})" if found.wish else ""
            print(f"      → {found.certainty}{wish}")
        if listen.kind not in (None, "digits") and not self._tone:
            print("      " + ", ".join(f"{r.value} {r.share:.2f}" for r in heard.readings[:3]))
        return [heard]

    def _keys(self, keys: Sequence[str]) -> list[Event]:
        """Keys as they are typed on a telephone, one soon after the other: a number, where one key chooses."""
        pressed = [KeyPressed(key, 200.0 if i else None) for i, key in enumerate(keys)]
        digits = "".join(keys)
        if len(digits) > 1 and digits.isdigit() and may_go_on(self._world, self.place, pressed[0]):
            return [NumberTyped(digits)]
        return list(pressed)

    async def do(self, event: Event) -> None:
        """One step and what it commands, and what follows from that without the caller."""
        waiting = deque([event])
        while waiting:
            self._world = replace(self._world, now=datetime.now(self._parts.zone))
            self.place, commands = step(self._world, self.place, waiting.popleft())
            for command in commands:
                answer = await self._obey(command)
                if answer is not None:
                    waiting.append(answer)

    def sum_up(self) -> None:
        """How long the machine has spoken, where it is the tone that matters."""
        if self._tone:
            print(f"\n  the machine spoke {sum(self._seconds):.0f} s, in {len(self._seconds)} sentences")

    async def _obey(self, command: Command) -> Event | None:
        match command:
            case Speak(text=text, language=language):
                self._seconds.append(len(text) / SIGNS_A_SECOND[language])
                print(f"  {self._seconds[-1]:4.1f} s  {text}" if self._tone else f"  {text}")
            case Listen():
                self._listen = command
            case LookUp(id, name, args):
                answer = await self._parts.lookups.run(self._world.flow.lookups[name], dict(args))
                if not self._tone:
                    print(f"      ({name}: {answer.outcome}, {len(answer.rows)} rows, {answer.took_ms:.0f} ms)")
                return Found(id, answer.outcome, answer.rows)
            case Prove():
                return await self._prove(command)
            case Remember(preferences):
                print(f"      (would remember {preferences})")
            case Consent(given):
                print(f"      (may {'' if given else 'not '}be recorded)")
            case Forget():
                print("      (would forget the preferences)")
            case HandOver():
                self._decide(command)
            case CallBack(wanted, number):
                print(
                    f"    call back{f' on {number}' if number else ''}: {wanted.intent or 'reason not known'},"
                    f" to {wanted.queue or 'where it is settled'}"
                )
            case HangUp():
                print("  (hangs up: settled without an agent)")
            case _:
                pass
        return None

    async def _prove(self, asked: Prove) -> Proof:
        customer = self._world.caller.customer
        if customer is None:
            return Proof(asked.id, "unavailable")
        identity = self._parts.identity
        if asked.answer is None:
            return Proof(asked.id, await identity.begin(customer.id, asked.method, self.place.language))
        return Proof(asked.id, await identity.check(customer.id, asked.method, asked.answer))

    def _decide(self, hand_over: HandOver) -> None:
        world, place, now = self._world, self.place, datetime.now(UTC)
        call = Waiting(
            CallId(UUID(int=0)), world.caller, place.language, now, now, hand_over.queue, hand_over.intent,
            confidence(hand_over, place.understood), hand_over.cause,
        )  # fmt: skip
        present = tuple(Presence(agent, now) for agent in self._parts.agents)
        decision = routing.place(Situation((call,), present, world.flow, now, self._parts.policy), call)
        first = f", {decision.agent} first" if decision.agent else ""
        print(f"\n  → {decision.queue}{first}, priority {decision.priority}")
        for reason in decision.reasons:
            print(f"      {reason.value:.2f}  {reason.label['en']}")
        if decision.runner_up:
            print(f"    runner-up: {decision.runner_up.queue} {decision.runner_up.score:.2f}")
        for known in place.known:
            print(f"    known: {known.label['en']} {known.value} ({known.how}{', checked' if known.checked else ''})")
        if hand_over.troubles:
            spent = ", ".join(f"{t.kind} at {t.node}" for t in hand_over.troubles)
            print(f"    what went wrong: {spent}")
