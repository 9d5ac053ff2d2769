"""What goes onto the tape of a session, and what is hidden on it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from ivr.calls.caller.recording import Side
from ivr.core.dialogue.messages import Speak
from ivr.core.flow.nodes import DecideNode
from tests.calls.caller.test_session import talking
from tests.calls.exchange import house
from tests.calls.fakes import VOICE_FRAME
from tests.calls.test_session_secrets import CARD, CARD_FLOW, PIN_FLOW, with_node
from tests.core.bigger_house import BIGGER
from tests.core.little_house import FLOW, lin

_FRAME_S = 0.02


@dataclass
class Tape:
    """Keeps when the caller was heard speaking, and what is hidden."""

    voiced: list[float] = field(default_factory=list)
    machine: list[tuple[float, bytes]] = field(default_factory=list)
    hidden: list[tuple[Side, float, float]] = field(default_factory=list)

    def heard(self, pcm: bytes, at_s: float) -> None:
        if any(pcm):
            self.voiced.append(at_s)

    def said(self, pcm: bytes, at_s: float) -> None:
        self.machine.append((at_s, pcm))

    def hide(self, side: Side, from_s: float, to_s: float) -> None:
        self.hidden.append((side, from_s, to_s))

    def audible(self, side: Side, at_s: float) -> bool:
        return not any(one == side and begin <= at_s <= end for one, begin, end in self.hidden)

    def left(self) -> list[float]:
        """When the caller can still be heard speaking."""
        return [at for at in self.voiced if self.audible("caller", at) or self.audible("caller", at - _FRAME_S)]


async def test_what_is_no_secret_is_heard_whole() -> None:
    tape = Tape()
    async with talking("late", "four seven one one", tape=tape) as talk:
        await talk.prompted(2)
        talk.session.on_played(b"xx")
        await talk.line.caller_says()
        await talk.until(lambda: "number" in talk.line.said)
        await talk.prompted(3)
        await talk.line.caller_says()
        await talk.over()
        spans = [(e.facts["began_s"], e.facts["ended_s"]) for e in talk.ledger.entries if e.kind == "heard"]
        nodes = [(e.facts["node"], e.facts["asking"]) for e in talk.ledger.entries if e.kind == "heard"]
    assert tape.left() == tape.voiced and len(tape.voiced) == 20 and not tape.hidden
    assert tape.machine[0][1] == b"xx"
    assert nodes == [("reason", None), ("which_order", None)]
    for at in tape.voiced:
        assert any(begin <= at - _FRAME_S and at <= end for begin, end in spans), (at, spans)


async def test_secret_is_hidden_from_its_question_on() -> None:
    tape = Tape()
    async with talking(CARD, "invoice", flow=CARD_FLOW, tape=tape) as talk:
        await talk.prompted(1)
        await talk.line.caller_says(400)
        await talk.until(lambda: talk.line.said[-1] == "else")
        secret_until = max(tape.voiced)
        await talk.prompted(2)
        await talk.line.caller_says()
        await talk.over()
    assert [at for at in tape.left() if at <= secret_until] == []
    assert len(tape.left()) == 10, "what was said afterwards is there"


async def test_secret_that_is_still_being_said_when_keys_have_given_it_is_hidden_to_its_end() -> None:
    tape = Tape()
    async with talking(flow=PIN_FLOW, caller=lin(), tape=tape, card_safe=False) as talk:
        await talk.until(lambda: talk.line.said)
        await talk.prompted(len(talk.line.said))
        speaking = asyncio.ensure_future(talk.line.caller_says(1000))
        await talk.until(lambda: len(tape.voiced) > 20)
        talk.line.caller_presses("2580#")
        await talk.until(lambda: "amount" in talk.line.said)  # proved, and no secret is asked for any more
        proved = max(tape.voiced)
        await speaking
        talk.session.on_line_gone()
        await talk.over()
    assert max(tape.voiced) > proved + 0.4, "they went on speaking"
    assert tape.left() == []


async def test_call_that_ends_in_a_secret_hides_it() -> None:
    tape = Tape()
    async with talking(CARD, flow=CARD_FLOW, tape=tape) as talk:
        await talk.prompted(1)
        await talk.line.caller_says(300, then_silent_ms=0)
        talk.session.on_line_gone()
        await talk.over()
    assert tape.voiced and tape.left() == []


async def test_card_number_that_nobody_asked_for_is_hidden() -> None:
    tape = Tape()
    async with talking(f"my card is {CARD}", "late", tape=tape) as talk:
        await talk.prompted(2)
        await talk.line.caller_says(400)
        await talk.until(lambda: len(talk.line.said) > 2)
        card_until = max(tape.voiced)
        await talk.prompted(3)
        await talk.line.caller_says()
        await talk.until(lambda: "number" in talk.line.said)
    assert [at for at in tape.left() if at <= card_until] == []
    assert len(tape.left()) == 10


async def test_card_number_said_in_groups_is_hidden_whole() -> None:
    flow = with_node(
        replace(BIGGER, start="card"), card={"secret": False, "check": "no", "longest": 16, "shortest": 16}
    )
    groups = ["four two four two"] * 4
    tape = Tape()
    async with talking(*groups, flow=flow, tape=tape) as talk:
        await talk.prompted(1)
        for _ in groups:
            await talk.line.caller_says(200)
            await talk.line.caller_is_silent(100)
        await talk.until(lambda: len([e for e in talk.ledger.entries if e.kind == "heard"]) == 4)
    assert len(tape.voiced) == 40 and tape.left() == []


async def test_what_was_dropped_unheard_is_hidden() -> None:
    tape = Tape()
    async with talking("late", "late", tape=tape) as talk:
        await talk.prompted(2)
        speaking = asyncio.ensure_future(talk.line.caller_says(2000))
        await talk.until(lambda: len(tape.voiced) > 60)
        talk.line.caller_presses(
            "*"
        )  # which hides a little before it; the question again: what was being said answers nothing
        await talk.until(lambda: len(talk.line.said) > 2)
        dropped = max(tape.voiced)
        await speaking
    assert [at for at in tape.left() if at <= dropped] == []


async def test_nothing_comes_onto_a_tape_that_is_read_already() -> None:
    tape = Tape()
    async with talking(tape=tape) as talk:
        await talk.prompted(2)
        talk.session.on_line_gone()
        await talk.over()
        talk.session.on_sound(VOICE_FRAME)
        talk.session.on_played(VOICE_FRAME)
        talk.session.on_key("1", "ami")
    assert not tape.voiced and not tape.machine and not tape.hidden


async def test_keys_are_hidden_before_their_report() -> None:
    tape = Tape()
    # nothing else hides it: what is dropped unheard may be heard here
    async with talking(tape=tape, card_safe=False) as talk:
        await talk.prompted(2)
        for _ in range(25):  # a tone that the line carries as sound
            talk.session.on_sound(VOICE_FRAME)
            await asyncio.sleep(0.02)
        talk.line.caller_presses("1")
        await talk.until(lambda: any(e.kind == "key" for e in talk.ledger.entries))
    assert len(tape.voiced) == 25 and tape.left() == []


async def test_what_is_said_back_and_must_not_be_written_is_not_heard_either() -> None:
    tape = Tape()
    async with talking(tape=tape) as talk:
        await talk.prompted(2)
        loop = asyncio.get_running_loop()
        began = loop.time() - talk.session._began
        await talk.session._speak(Speak("how_help", 0, "1234", "en", secret=True))
        await talk.until(lambda: len(talk.line.heard) == 3)
        ended = loop.time() - talk.session._began
        await talk.session._speak(Speak("how_help", 0, "How can I help?", "en"))
        await talk.until(lambda: len(talk.line.heard) == 4)
        later = loop.time() - talk.session._began - 0.1
    for side in ("caller", "machine"):
        assert not tape.audible(side, began) and not tape.audible(side, ended)  # type: ignore[arg-type]
        assert tape.audible(side, began - 0.1) and tape.audible(side, later)  # type: ignore[arg-type]


async def test_house_that_is_not_card_safe_hides_secrets_only() -> None:
    tape = Tape()
    async with talking(CARD, tape=tape, card_safe=False) as talk:
        await talk.prompted(2)
        await talk.line.caller_says(300)
        await talk.until(lambda: len(talk.line.said) > 2)
    assert tape.left() == tape.voiced


# -- consent, through the whole call


class Recordings:
    """Keeps what it is told."""

    asks = True

    def __init__(self) -> None:
        self.ended: list[tuple[str, bool | None]] = []

    def begin(self) -> Tape:
        return Tape()

    def end(self, call: object, tape: object, consent: bool | None) -> None:
        self.ended.append((str(call), consent))


ASKING = replace(
    FLOW,
    start="may_record",
    nodes={
        **FLOW.nodes,
        "may_record": DecideNode("may_record", "is_it", "is_it", "greet", "greet", "greet", consent=True),
    },
)


async def call_with(*heard: str) -> tuple[list[bool | None], list[bool | None]]:
    """What the recordings were told in the end, and what the ledger has."""
    kept = Recordings()
    async with house(*heard, flow=ASKING, recordings=kept) as h:
        live = h.rings()
        line = h.connects()
        await h.until(lambda: "is_it" in line.heard)
        if heard:
            await line.caller_says()
            await h.until(lambda: line.said[-1] != "is_it")
        assert line.owner
        line.owner.on_line_gone()
        await h.until(lambda: kept.ended)
        story = live.ledger.story.consent
        return [consent for _, consent in kept.ended], [story]


async def test_consent_is_in_the_ledger_and_with_the_recording() -> None:
    assert await call_with("yes") == ([True], [True])
    assert await call_with("no") == ([False], [False])
    assert await call_with() == ([None], [None])


async def test_node_of_consent_is_passed_over_where_it_is_not_asked() -> None:
    async with house(flow=ASKING) as h:
        h.rings()
        line = h.connects()
        await h.until(lambda: line.said)
        assert line.said[0] == "welcome_back"
