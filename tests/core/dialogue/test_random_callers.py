"""Thousands of random callers against every dialogue of this repository: each ends somewhere, none is asked for ever.

The same engine, the same dialogues, the same readers as in a call; only the caller, the sources and the proofs are dice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ivr.cli.init.house import NAMES, OWN_DIALOGUES, Wanted, files
from ivr.core.caller import Caller, Customer, Order, PastContact, Preferences
from ivr.core.dialogue import Place, World, begin, step
from ivr.core.dialogue.asking import Danger, FewWords, Leaving, Looking, Offering, OfferingPerson, Proving
from ivr.core.dialogue.messages import (
    Command,
    Event,
    Found,
    HandOver,
    HangUp,
    Heard,
    KeyPressed,
    Listen,
    LookUp,
    NoInput,
    NumberTyped,
    Proof,
    Prove,
    Speak,
    Started,
    StillLooking,
)
from ivr.core.flow.flow import Flow, QueueState
from ivr.core.flow.intent import Guess, Hypothesis, Understood
from ivr.core.flow.nodes import WAITING, CollectNode, DecideNode, EndNode, RouteNode
from ivr.core.flow.spoken_commands import PHRASES, STAR_KEYS
from ivr.core.flow.values import Reading
from ivr.core.language import LANGUAGES
from ivr.server.speech.publishing import read_flow
from ivr.wire.flow import toml
from ivr.wire.reading.reader import SpokenReader
from ivr.wire.reading.spelling import SpokenSpeller
from tests.conftest import ALL, ROOT
from tests.core.bigger_house import BIGGER
from tests.core.little_house import FLOW

ENOUGH = 3000
"""So many have been everywhere."""
CALLERS = ENOUGH if ALL else 300
PATIENT_FOR = 40
"""Events after which even the most talkative caller falls silent."""
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TEMPLATES = ROOT / "ivr/cli/init/templates"
DIALOGUES = sorted(
    {
        path.parent
        for path in ROOT.glob("**/*.toml")
        if "[nodes." in path.read_text("utf-8") and TEMPLATES not in path.parents and ".venv" not in path.parts
    }
    - {ROOT}
)
READER, SPELLER = SpokenReader("DE", "EUR"), SpokenSpeller("DE")
DENIALS = {
    "en": (
        "of course not",
        "i am not sure",
        "not on that day",
        "i can't come then",
        "that is not correct",
        "okay hold on",
        "no wait",
    ),
    "zh": ("当然不行", "不确定", "那天不行", "不对", "等一下"),
}
CORRECTIONS = {
    "en": (
        "no make it eleven",
        "no wait half past two",
        "fine but on friday",
        "no it's one zero one one five",
        "no it's hamburg",
    ),
    "zh": ("不，改成十一点", "不对，是一零一一五", "不是，是汉堡", "换成星期五"),
}
WISHES = ("emergency", "goodbye", "dont_know", "hold_on", "complaint", "who", "call_back", "other_language")
DIGIT_WORDS = "zero one two three four five six seven eight nine oh double".split()


def flows() -> Iterator[tuple[str, Flow]]:
    yield "little house", FLOW
    yield "bigger house", BIGGER
    for folder in DIALOGUES:
        yield str(folder.relative_to(ROOT)), read_flow(folder)
    for template in sorted(set(NAMES) - {OWN_DIALOGUES}):
        made = {Path(path): text for path, text in files(Wanted(ROOT / "nowhere", template))}
        yield template, toml.read({path.name: text for path, text in made.items() if path.parent.name == "dialplans"})


FLOWS = dict(flows())


def test_the_repository_s_own_dialogue_is_among_them() -> None:
    assert "dialplans" in FLOWS and (Path(ROOT) / "dialplans/self_service.toml").is_file()


class RandomCaller:
    """One caller and the house around them, all from one seed."""

    def __init__(self, flow: Flow, seed: int, answers: float = 0.6) -> None:
        self.answers = answers
        """How often they answer what they are asked."""
        self.dice = Random(seed)
        self.flow = flow
        self.world = self._world()
        self.place: Place = begin(self.world)
        self.pending: deque[Event] = deque()
        self.story: list[str] = []
        self.ends: list[Command] = []

    def _world(self) -> World:
        dice = self.dice
        heard = frozenset(language for language in LANGUAGES if dice.random() < 0.8)
        now = NOW + timedelta(hours=dice.randrange(24 * 14))
        queues = {
            name: QueueState(dice.randrange(8), dice.random() * 300, dice.randrange(3)) for name in self.flow.queues
        }
        caller = self._caller(now - timedelta(hours=dice.choice((2.0, 30.0))))
        return World(self.flow, caller, heard, now, queues, SPELLER, READER, may_call=bool(caller.ani), may_dial=bool)

    def _caller(self, called: datetime) -> Caller:
        dice = self.dice
        if dice.random() < 0.3:
            return Caller(dice.choice((None, "+4915112345678")), None, "4000", lookup="unknown")
        customer = Customer(
            "C1", "Lin Mei", dice.choice((None, "en", "zh")), "gold", dice.choice((None, "Berlin", "Hamburg"))
        )
        status = ("late", "shipped", "processing", "delivered")
        orders = tuple(
            Order(str(4711 + n), "watch", dice.choice(status), NOW, NOW)
            for n in range(dice.randrange(3))  # type: ignore[arg-type]
        )
        about, solved = dice.choice([*self.flow.intents, "gone"]), dice.choice((None, True))
        contacts = (PastContact(called, "phone", "called", about, solved=solved),)
        liked = Preferences(*(dice.random() < 0.2 for _ in range(3)), dice.choice((None, "en", "zh")))
        return Caller("+49301", None, "4000", customer, orders, (), contacts, "found", liked)

    # -- what the dice do

    def event(self) -> Event:
        """The next thing that happens."""
        if self.pending and self.dice.random() < 0.8:
            return self.pending.popleft()
        if self.dice.random() < self.answers - 0.3:
            return self._words()
        return self.dice.choice((self._key, self._key, self._words, self._words, self._words, self._nothing))()

    def _nothing(self) -> Event:
        if isinstance(self.place.asking, Looking):
            return StillLooking(self.place.asking.id)
        return NoInput(self.dice.choice(("nothing", "nothing", "noise", "no_sound")))

    def _key(self) -> Event:
        if self.dice.random() < 0.1:
            return NumberTyped("".join(self.dice.choices("0123456789", k=self.dice.choice((2, 4, 5, 11, 16)))))
        return KeyPressed(self.dice.choice("0123456789*#12A"), self.dice.choice((None, 200.0, 900.0, 5000.0)))

    def _words(self) -> Event:
        dice, language = self.dice, self.place.language
        chance = dice.random()
        if chance < 0.05:
            return self._wish()
        if chance < 0.15:
            text = dice.choice(dice.choice((DENIALS, CORRECTIONS))[language])
            return Heard(text, Understood(text, (), "none", 0.1), None, (Hypothesis(text),))
        if dice.random() < 0.4 * (1 - self.answers):
            phrases = dice.choice([p[language] for p in PHRASES.values()])
            return Heard(dice.choice(phrases), None)
        kind = dice.choice(("intent", "intent", "digits", "yes", "no", "value", "mumble"))
        if dice.random() < self.answers and isinstance(self.place.listening, Listen):
            fits = {
                "open": ("intent", "intent", "no"),
                "yes_no": ("yes", "no"),
                "digits": ("digits",),
                "value": ("value",),
            }
            kind = dice.choice(fits.get(self.place.listening.mode, ("digits",)))
        text, understood = kind, None
        if kind == "intent":
            names = dice.sample(sorted(self.flow.intents), min(3, len(self.flow.intents)))
            share = dice.random()
            guesses = tuple(Guess(name, share / 2**n) for n, name in enumerate(names))
            certainty = dice.choice(("sure", "sure", "confirm", "none"))
            understood = Understood("about it", guesses, certainty, share)
            text = dice.choice(("about it", "no about it"))
        elif kind in ("yes", "no"):
            text = dice.choice((self.flow.yes if kind == "yes" else self.flow.no)[language])
        elif kind == "digits":
            text = " ".join(dice.choices(DIGIT_WORDS, k=dice.choice((1, 2, 3, 4, 4, 4, 5, 5, 6, 7, 12))))
            text = dice.choice((text, "four seven one one", "one zero one one five"))
        other = " ".join(dice.choices(DIGIT_WORDS, k=4))
        hypotheses = (Hypothesis(text, 0.6), Hypothesis(other if kind == "digits" else text, 0.4))
        readings = self._readings() if kind == "value" else ()
        before = dice.choice((None, 0, 1, 2))
        return Heard(text, understood, None, hypotheses, readings, before, dice.random() < 0.05)

    def _wish(self) -> Heard:
        dice = self.dice
        best = Guess(dice.choice(sorted(self.flow.intents)), 0.9)
        understood = Understood("as people say it", (best,), dice.choice(("sure", "none", "none", "none")), 0.9)
        wish = replace(understood, wish=dice.choice(WISHES), wish_certainty=dice.choice(("sure", "sure", "confirm")))
        return Heard(wish.text, replace(wish, second=dice.choice((None, best.intent))), None, (Hypothesis(wish.text),))

    def _readings(self):  # type: ignore[no-untyped-def]
        listen, dice = self.place.listening, self.dice
        if not isinstance(listen, Listen) or listen.kind is None:
            return ()
        if listen.names and dice.random() < 0.6:
            return (Reading(dice.choice(listen.names), dice.choice((0.5, 1.0))),)
        said = dice.choice(
            ("next tuesday", "eleven o'clock", "twelve euros", "the first one", "明天", "三点", "hamburg", "mumble")
        )
        return READER.read(listen.kind, (Hypothesis(said),), self.place.language, self.world.now, listen.names)

    def _answer(self, command: Command) -> None:
        dice = self.dice
        if isinstance(command, LookUp):
            lookup = self.flow.lookups[command.lookup]
            values = ("late", "shipped", "delivered", "10:00", "2026-12-01", "Berlin", "12.50 EUR", "")
            fits = {"at": ("10:00", "11:00", "14:30"), "region": ("Berlin", "Hamburg")}
            rows = tuple(
                {field: dice.choice(fits.get(field, values)) for field in lookup.gives}
                for _ in range(dice.randrange(1, 4))
            )
            outcome = dice.choice(("found", "found", "empty", "failed"))
            self.pending.append(Found(command.id, outcome, rows if outcome == "found" else ()))  # type: ignore[arg-type]
        elif isinstance(command, Prove):
            given = (
                ("asked", "asked", "unavailable", "locked")
                if command.answer is None
                else ("right", "wrong", "wrong", "locked")
            )
            self.pending.append(Proof(command.id, dice.choice(given)))  # type: ignore[arg-type]

    # -- the call

    def do(self, event: Event) -> None:
        """One step, and what must be true of it whatever happened before."""
        before = self.place
        self.place, commands = step(self.world, before, event)
        self.story.append(f"{event} -> {self.place.node} {[getattr(c, 'prompt', type(c).__name__) for c in commands]}")
        self.ends += [c for c in commands if isinstance(c, HandOver | HangUp)]
        for command in commands:
            self._answer(command)
        assert self.place.failures <= max(self.flow.patience, before.failures), self.tail()
        assert len(self.ends) == int(self.place.over), self.tail()
        if not self.place.over:
            assert isinstance(self.flow.nodes[self.place.node], WAITING), self.tail()
            assert sum(isinstance(c, Listen) for c in commands) <= 1, self.tail()
        assert all(speak.text for speak in commands if isinstance(speak, Speak)), self.tail()
        assert not any("{" in speak.text for speak in commands if isinstance(speak, Speak)), self.tail()

    def tail(self) -> str:
        """The last steps, for whoever must find out."""
        return "\n".join(self.story[-12:])


@pytest.mark.parametrize("name", FLOWS)
def test_every_call_ends_with_a_person_a_settled_matter_or_a_hang_up(name: str) -> None:
    ended: Counter[str] = Counter()
    for seed in range(CALLERS):
        call = RandomCaller(FLOWS[name], seed)
        call.do(Started())
        for _ in range(call.dice.randrange(PATIENT_FOR)):
            if call.place.over:
                break
            call.do(call.event())
        if call.dice.random() < 0.2:
            ended["hung up" if not call.place.over else "over"] += 1
            continue
        quiet = 0
        while not call.place.over:  # nobody says anything any more: the machine must find its own way out
            call.do(call.pending.popleft() if call.pending else NoInput())
            quiet += 1
            assert quiet <= 12, call.tail()
        ended[type(call.ends[0]).__name__] += 1
    assert ended["HandOver"] and (ended["HangUp"] or name == "little house"), ended


@pytest.mark.parametrize("name", FLOWS)
def test_nobody_is_asked_the_same_thing_three_times(name: str) -> None:
    """But for those who wish it: who says "repeat", goes back or starts over, or leaves a menu and comes again."""
    for seed in range(CALLERS):
        call = RandomCaller(FLOWS[name], seed)
        call.do(Started())
        asked: Counter[tuple[str, str]] = Counter()
        for _ in range(PATIENT_FOR):
            if call.place.over:
                break
            before, event = call.place, call.event()
            call.do(event)
            moved = call.place.node != before.node or call.place.settled != before.settled
            if moved or wished(before, call.place, event):
                asked.clear()
                continue
            said = {c for c in (call.place.last or ()) if call.place.last is not before.last}
            for speak in said:
                if not speak.prompt.startswith("std_no") and "option" not in speak.prompt:
                    asked[call.place.node, f"{speak.prompt} {speak.text}"] += 1
            worst = asked.most_common(1)
            # twice more than the first time, which was said when the call came to the node
            assert not worst or worst[0][1] <= 2, (worst, call.tail())


def wished(before: Place, after: Place, event: Event) -> bool:
    """Whether the caller asked for it: a command, a star, the other language, or something else that the machine waits for."""
    waits = (Looking, Proving, Offering, Danger, Leaving, FewWords, OfferingPerson)
    return (
        after.commands > before.commands
        or (isinstance(event, Heard) and event.understood is not None and event.understood.wish is not None)
        or (isinstance(event, KeyPressed) and event.digit in (*STAR_KEYS, "9"))
        or isinstance(before.asking, waits) or isinstance(after.asking, waits)
    )  # fmt: skip


@pytest.mark.parametrize("name", FLOWS)
def test_nobody_is_confirmed_against_their_word(name: str) -> None:
    """After a denial or a doubt no call goes on as after a yes."""
    denied = 0
    for seed in range(CALLERS):
        call = RandomCaller(FLOWS[name], seed, answers=0.9)
        call.do(Started())
        for _ in range(PATIENT_FOR):
            if call.place.over:
                break
            before, node = call.place, call.flow.nodes[call.place.node]
            event = call.event()
            if isinstance(node, DecideNode) and not call.pending and call.dice.random() < 0.5:
                text = call.dice.choice(DENIALS[before.language])
                event = Heard(text, Understood(text, (), "none", 0.1), None, (Hypothesis(text),))
            call.do(event)
            said_no = isinstance(event, Heard) and event.text in DENIALS[before.language]
            if said_no and isinstance(node, DecideNode) and before.asking is None and node.yes != node.no:
                denied += 1
                assert call.place.node != node.yes, call.tail()
    assert denied or not any(isinstance(node, DecideNode) for node in FLOWS[name].nodes.values())


@pytest.mark.parametrize("name", FLOWS)
def test_keys_alone_reach_every_intent(name: str) -> None:
    """Who only presses keys gets everything that the speaking caller gets."""
    flow = FLOWS[name]
    world = World(flow, Caller(None, None, "4000", lookup="unknown"), frozenset(LANGUAGES), NOW, {}, SPELLER, READER)
    reached: set[str | None] = set()
    first = step(world, begin(world), Started())[0]
    ways, seen = deque([(first, 0)]), set[tuple[str, str | None]]()
    while ways:
        place, depth = ways.popleft()
        reached.add(place.intent)
        if place.over or depth > 3 or (place.node, place.intent) in seen:
            continue
        seen.add((place.node, place.intent))
        ways += [(step(world, place, KeyPressed(key))[0], depth + 1) for key in "012345678"]
    missing = {intent.name for intent in flow.intents.values() if intent.key} - reached
    assert not missing
    assert None in reached, "0 is a person, whatever the reason"


def test_nodes_of_the_sample_shop_are_all_met() -> None:
    """The dice are fair: what they never reach, they say nothing about."""
    flow = FLOWS["dialplans"]
    met: set[str] = set()
    waiting = {n for n, node in flow.nodes.items() if isinstance(node, (*WAITING, EndNode, RouteNode))}
    # a hidden number, another one said, and a yes to it; a move to its end: too much for dice; test_talk goes there
    waiting -= {"call_back_there", "visit_give_back", "visit_instead", "visit_other_back"}
    for seed in range(8 * ENOUGH):
        if waiting <= met:
            break
        call = RandomCaller(flow, seed, answers=0.9)
        call.do(Started())
        for _ in range(PATIENT_FOR * 2):
            met.add(call.place.node)
            if call.place.over:
                break
            call.do(call.event())
    assert waiting <= met, waiting - met


def test_a_slot_that_is_asked_anew_takes_the_new_answer() -> None:
    flow = FLOWS["dialplans"]
    assert isinstance(flow.nodes["visit_day"], CollectNode) and flow.nodes["visit_day"].anew
    caller = replace(RandomCaller(flow, 1).world.caller, customer=None, orders=(), contacts=(), lookup="unknown")
    world = World(flow, caller, frozenset(LANGUAGES), NOW, {}, SPELLER, READER)
    place = step(world, begin(world), Started())[0]
    place = step(world, place, KeyPressed("7"))[0]
    for key in "0112":
        place = step(world, place, KeyPressed(key))[0]
    place, commands = step(world, place, KeyPressed("#"))
    look_up = next(c for c in commands if isinstance(c, LookUp))
    assert dict(look_up.args)["visit_day"] == "2026-12-01"
    place = step(world, place, Found(look_up.id, "empty"))[0]
    for key in "0212":
        place = step(world, place, KeyPressed(key))[0]
    _, commands = step(world, place, KeyPressed("#"))
    assert dict(next(c for c in commands if isinstance(c, LookUp)).args)["visit_day"] == "2026-12-02"
