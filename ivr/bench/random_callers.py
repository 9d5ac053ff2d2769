"""Random callers for the bench: the sample shop's dialogue with dice for the caller, the sources and the proofs."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from random import Random

from ivr.core.caller import Caller, Customer, Order
from ivr.core.dialogue import Place, World, begin, step
from ivr.core.dialogue.messages import (
    Event,
    Found,
    Heard,
    KeyPressed,
    Listen,
    LookUp,
    NoInput,
    NumberTyped,
    Proof,
    Prove,
)
from ivr.core.flow.flow import Flow, QueueState
from ivr.core.flow.intent import Certainty, Guess, Hypothesis, Understood
from ivr.core.flow.spoken_commands import PHRASES
from ivr.core.flow.values import Reader, Reading, Speller
from ivr.core.language import Language

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
VALUES = ("late", "shipped", "delivered", "10:00", "2026-12-01", "Berlin", "12.50 EUR")
ANSWERS: dict[str, tuple[str, ...]] = {
    "intent": ("it is about that",),
    "digits": ("four seven one one", "one zero one one five", "four seven", "double oh"),
    "value": ("next tuesday", "at eleven o'clock", "the first one", "twelve euros fifty", "hamburg"),
}


class DiceCaller:
    """One caller; ``event`` is what happens next, ``do`` takes one step and keeps what the machine asked for."""

    def __init__(self, flow: Flow, seed: int, reader: Reader, speller: Speller) -> None:
        self._dice = Random(seed)  # noqa: S311  # dice, and the same ones each time
        self._flow = flow
        self._reader = reader
        self._waiting: deque[Event] = deque()
        queues = {name: QueueState(self._dice.randrange(8), 30.0, 2) for name in flow.queues}
        heard: frozenset[Language] = frozenset({"en", "zh"} if self._dice.random() < 0.8 else {"en"})
        now = NOW + timedelta(hours=self._dice.randrange(24 * 14))
        self.world = World(flow, self._caller(), heard, now, queues, speller, reader)
        self.place: Place = begin(self.world)

    def _caller(self) -> Caller:
        dice = self._dice
        if dice.random() < 0.4:
            return Caller("+4915112345678", None, "4000", lookup="unknown")
        customer = Customer("C1", "Lin Mei", dice.choice(("en", "zh")), "gold", dice.choice(("Berlin", "Hamburg")))
        order = Order("4711", "watch", dice.choice(("late", "shipped", "delivered")), NOW, NOW)
        return Caller("+49301", None, "4000", customer, (order,), lookup="found")

    def event(self) -> Event:
        """What happens next: an answer that fits mostly, else keys, commands, silence."""
        dice = self._dice
        if self._waiting:
            return self._waiting.popleft()
        chance = dice.random()
        if chance < 0.15:
            return KeyPressed(dice.choice("0123456789*#"), dice.choice((None, 200.0, 5000.0)))
        if chance < 0.17:
            return NumberTyped("".join(dice.choices("0123456789", k=dice.choice((2, 4, 5, 11, 16)))))
        if chance < 0.2:
            return NoInput(dice.choice(("nothing", "noise", "no_sound")))
        if chance < 0.25:
            return Heard(dice.choice(dice.choice([phrases[self.place.language] for phrases in PHRASES.values()])), None)
        return self._answer()

    def _answer(self) -> Heard:
        dice, asked = self._dice, self.place.listening
        mode = asked.mode if isinstance(asked, Listen) else "open"
        if mode == "yes_no":
            said = dice.choice((self._flow.yes, self._flow.no))[self.place.language]
            return Heard(text := dice.choice(said), None, None, (Hypothesis(text),))
        kind = {"open": "intent", "value": "value"}.get(mode, "digits")
        text = dice.choice(ANSWERS[kind])
        hypotheses = (Hypothesis(text, 0.6), Hypothesis(dice.choice(ANSWERS[kind]), 0.4))
        readings: tuple[Reading, ...] = ()
        if isinstance(asked, Listen) and asked.kind not in (None, "digits"):
            readings = self._reader.read(asked.kind, hypotheses, self.place.language, self.world.now, asked.names)
        return Heard(text, self._understood() if kind == "intent" else None, None, hypotheses, readings)

    def _understood(self) -> Understood:
        dice = self._dice
        share = dice.random()
        names = dice.sample(sorted(self._flow.intents), 3)
        certainties: tuple[Certainty, ...] = ("sure", "sure", "confirm", "none")
        guesses = tuple(Guess(name, share / 2**n) for n, name in enumerate(names))
        return Understood("it is about that", guesses, dice.choice(certainties), share)

    def do(self, event: Event) -> None:
        self.place, commands = step(self.world, self.place, event)
        for command in commands:
            if isinstance(command, LookUp):
                self._waiting.append(self._found(command))
            elif isinstance(command, Prove):
                right = self._dice.random() < 0.6
                if command.answer is None:
                    self._waiting.append(Proof(command.id, "asked" if right else "unavailable"))
                else:
                    self._waiting.append(Proof(command.id, "right" if right else "wrong"))

    def _found(self, asked: LookUp) -> Found:
        dice = self._dice
        if dice.random() < 0.3:
            return Found(asked.id, dice.choice(("empty", "failed")))
        fields = self._flow.lookups[asked.lookup].gives
        rows = tuple({name: dice.choice(VALUES) for name in fields} for _ in range(dice.randrange(1, 4)))
        return Found(asked.id, "found", rows)
