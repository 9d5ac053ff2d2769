"""``ivr talk``: a dialogue in the terminal, by typing, as any customer, with the engine that callers meet."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from ivr.adapters.database import DatabaseAccounts, DatabaseDirectory, Store
from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.app import read_flow
from ivr.calls.conversation import hours_since_unsolved
from ivr.config import CACHE, Config, load
from ivr.core import routing
from ivr.core.caller import LANGUAGES, Agent, AgentId, AgentState, Caller, CallId
from ivr.core.dialogue import Place, World, begin, step
from ivr.core.flow import Flow
from ivr.core.intent import Hypothesis
from ivr.core.ledger import Ledger
from ivr.core.messages import Command, Event, HandOver, HangUp, Heard, KeyPressed, NoInput, Speak, Started

HELP = "Type what the caller says. :4711 presses keys, an empty line is silence, :q ends."


def talk(config_path: Path, number: str | None, lines: Iterable[str] | None = None) -> int:
    """Hold the conversation on standard input and output; 0 when it came to its end, 1 when it was broken off."""
    config = load(config_path)
    flow = read_flow(config_path.resolve().parent / config.dialogue.folder)
    understanding = Understanding.train(list(flow.intents.values()), SentenceEncoder.find(CACHE / "encoder"))
    caller, agents = asyncio.run(_caller(config, number))
    who = caller.customer.name if caller.customer else "somebody unknown"
    print(f"{who} calls. {HELP}\n")
    terminal = _Terminal(flow, understanding, caller, agents)
    terminal.do(Started())
    for line in lines if lines is not None else _typed():
        if line == ":q" or terminal.place.over:
            break
        for event in terminal.events(line):
            terminal.do(event)
            if terminal.place.over:
                return 0
    return 0 if terminal.place.over else 1


def _typed() -> Iterable[str]:
    while True:
        print("  > ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        yield line.rstrip("\n")


async def _caller(config: Config, number: str | None) -> tuple[Caller, list[Agent]]:
    store = Store(config.database.url)
    try:
        await store.migrate()
        found = await DatabaseDirectory(store, config.database.country).find(number) if number else None
        return found or Caller(number, None, "", lookup="unknown"), await DatabaseAccounts(store).agents()
    finally:
        await store.close()


class _Terminal:
    """One conversation."""

    def __init__(self, flow: Flow, understanding: Understanding, caller: Caller, agents: list[Agent]) -> None:
        hours = hours_since_unsolved(caller, datetime.now(UTC))
        self._world = World(flow, caller, frozenset(LANGUAGES), hours)
        self._understanding = understanding
        self._agents = agents
        self.place: Place = begin(self._world)

    def events(self, line: str) -> list[Event]:
        """What a typed line means."""
        if line.startswith(":"):
            return [KeyPressed(key) for key in line[1:] if key in "0123456789*#"]
        if not line.strip():
            return [NoInput()]
        understood = self._understanding.understand((Hypothesis(line),), self.place.language)
        for guess in understood.guesses[:3]:
            evidence = ", ".join(f"{e.kind} “{e.text}” {e.weight:.2f}" for e in guess.evidence[:2])
            print(f"      {guess.intent} {guess.confidence:.2f}  ({evidence})")
        print(f"      → {understood.certainty}")
        return [Heard(line, understood)]

    def do(self, event: Event) -> None:
        """One step, and what it commands."""
        self.place, commands = step(self._world, self.place, event)
        for command in commands:
            self._show(command)

    def _show(self, command: Command) -> None:
        match command:
            case Speak(text=text):
                print(f"  {text}")
            case HandOver():
                self._decide(command)
            case HangUp():
                print("  (hangs up: settled without an agent)")
            case _:
                pass

    def _decide(self, hand_over: HandOver) -> None:
        world, place = self._world, self.place
        ledger = Ledger(CallId(UUID(int=0)), world.caller, datetime.now(UTC), place.language)
        ledger.understood, ledger.hand_over = place.understood, hand_over
        states: dict[AgentId, AgentState] = {agent.id: "available" for agent in self._agents}
        decision = routing.decide(
            world.caller, hand_over, ledger.confidence, place.language, world.flow, self._agents, states, datetime.now(UTC)
        )  # fmt: skip
        first = f", {decision.agent} first" if decision.agent else ""
        print(f"\n  → {decision.queue}{first}, priority {decision.priority}")
        for reason in decision.reasons:
            print(f"      {reason.value:.2f}  {reason.label['en']}")
        if decision.runner_up:
            print(f"    runner-up: {decision.runner_up.queue} {decision.runner_up.score:.2f}")
