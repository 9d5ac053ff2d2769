"""More callers than can be heard: those who are heard are heard in time, the others are told and have their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.caller.capacity import RecognitionCapacity, RecognitionLoad, needs_voice
from ivr.calls.caller.ports import Listening, Transcript
from ivr.calls.clock import utc_now
from ivr.calls.conversation import CallTimes, Conversations
from ivr.calls.deciding import Decisions
from ivr.calls.live import LiveCall
from ivr.core.caller import CallId, Preferences
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue.place import AsWritten
from ivr.core.flow.intent import Hypothesis
from ivr.core.language import Language
from tests.calls.fakes import FakeLine, Recogniser, Telephony, current, parts, tasks
from tests.core.little_house import FLOW, STRANGER

WORK_S = 1.5
"""What one utterance costs the only decoder of the slow recogniser."""
ANYBODY = Preferences()


@dataclass
class Slow:
    """One decoder that takes its time: utterances wait behind each other."""

    free_at: float = 0.0
    delays: list[float] = field(default_factory=list)

    def hears(self, language: Language) -> bool:
        return True

    def load(self) -> RecognitionLoad:
        return RecognitionLoad(max(0.0, self.free_at - asyncio.get_running_loop().time()))

    def listen(
        self,
        language: Language,
        grammar: Sequence[str] | None,
        partial: Callable[[str], None] | None = None,
        otherwise_open: bool = False,
        several: bool = False,
    ) -> Listening:
        return SlowUtterance(self)


@dataclass
class SlowUtterance:
    recogniser: Slow

    def feed(self, pcm: bytes) -> None: ...

    def cancel(self) -> None: ...

    async def finish(self) -> Transcript:
        now = asyncio.get_running_loop().time()
        self.recogniser.free_at = max(now, self.recogniser.free_at) + WORK_S
        delay = self.recogniser.free_at - now
        self.recogniser.delays.append(delay)
        await asyncio.sleep(delay)
        return Transcript((Hypothesis("invoice"),), 0.9)


@dataclass
class Call:
    """One caller: says what they want when asked to, presses a key at the menu; or does neither for long."""

    live: LiveCall
    line: FakeLine
    keys: bool = True

    async def hold(self, conversations: Conversations) -> None:
        talk = asyncio.ensure_future(conversations.hold(self.live, self.line))
        while not talk.done():
            said = self.line.said
            if "menu" in said and self.keys:
                self.line.caller_presses("3")
                break
            if not self.line.talking and said and (said[-1] == "how_help" or "std_no_sound" in said):
                await self.line.caller_says()
                break
            if self.line.owner is None or self.line.closed:
                await asyncio.sleep(0.02)
            await self.line.caller_is_silent(20)
        await talk


def call(keys: bool = True) -> Call:
    live = LiveCall(
        CallId(uuid4()), "PJSIP/1", Ledger(CallId(uuid4()), STRANGER, datetime.now(UTC), "en"), current(FLOW).edition
    )
    live.looked_up.set()
    return Call(live, FakeLine(), keys)


async def crowd(recogniser: Slow, capacity: RecognitionCapacity, calls: Sequence[Call], every_s: float) -> None:
    """Callers one after the other, each so long after the one before."""
    async with tasks() as nursery:
        telephony = Telephony()
        decisions = Decisions(AgentRoster(()), telephony, utc_now)
        conversations = Conversations(
            CallTimes(), parts(recogniser), decisions, telephony, nursery.spawn, AsWritten(), capacity=capacity
        )
        held = []
        for one in calls:
            held.append(asyncio.ensure_future(one.hold(conversations)))
            await asyncio.sleep(every_s)
        await asyncio.gather(*held)


async def test_delays_stay_bounded_and_new_callers_have_keys() -> None:
    """A caller every 0.3 s, an utterance 1.5 s of work: five times what can be heard."""
    alone = Slow()
    await crowd(alone, RecognitionCapacity(alone), [call() for _ in range(40)], every_s=0.3)
    assert max(alone.delays) > 30, "what it would be without"

    slow, calls = Slow(), [call() for _ in range(40)]
    with capture_logs() as logs:
        await crowd(slow, RecognitionCapacity(slow, slow.load), calls, every_s=0.3)
    by_keys = [one for one in calls if "std_keys_first" in one.line.said]
    spoken = [one for one in calls if "how_help" in one.line.said]
    assert len(by_keys) + len(spoken) == len(calls) and len(by_keys) >= 20 and len(spoken) == len(slow.delays)
    # those who had been let in while there was room: everybody within the 2.2 s until the first of them speaks
    assert max(slow.delays) < 15
    for one in by_keys:
        assert one.line.said.index("std_keys_first") < one.line.said.index("menu")
        assert one.line.said.count("std_keys_first") == 1, "said once"
        assert one.live.ledger.decision and one.live.ledger.decision.queue == "billing"
    assert all(one.live.ledger.decision for one in calls), "nobody is lost"
    changes = [log["event"] for log in logs if log["event"].startswith("recognition ")]
    assert changes[0].startswith("recognition is full")
    assert all(a != b for a, b in pairwise(changes)), "once for each change"


async def test_who_presses_no_key_is_heard_once_there_is_room() -> None:
    slow = Slow()
    busy = [True]
    capacity = RecognitionCapacity(slow, lambda: RecognitionLoad(5.0 if busy[0] else 0.0))
    one = call(keys=False)
    asyncio.get_running_loop().call_later(4, busy.clear)
    asyncio.get_running_loop().call_later(4, busy.append, False)
    await crowd(slow, capacity, [one], every_s=0)
    assert one.line.said[:3] == ["welcome", "std_keys_first", "menu"]
    assert len(slow.delays) == 1 and one.live.ledger.decision and one.live.ledger.decision.queue == "billing"
    figures = capacity.figures()
    assert (figures.by_keys, figures.given_later, figures.heard) == (1, 1, 0)


# -- the room itself


def seats(capacity: RecognitionCapacity, count: int) -> int:
    """How many of so many new calls are heard."""
    return sum(capacity.slot(ANYBODY).hears("en") for _ in range(count))


def test_so_many_calls_at_once_and_one_in_ten_more_for_those_who_need_it() -> None:
    capacity = RecognitionCapacity(Recogniser(), limit=20)
    taken = [capacity.slot(ANYBODY) for _ in range(20)]
    later = capacity.slot(ANYBODY)
    assert all(one.hears("en") for one in taken) and later.refused and not later.languages()
    assert [capacity.slot(Preferences(slow=True)).hears("en") for _ in range(3)] == [True, True, False]
    assert later.need() is None, "what was kept back is given away"
    taken[0].leave()
    assert later.need() == {"en", "zh"} and not later.refused
    assert later.need() is None, "nothing new"


def test_room_again_only_well_below() -> None:
    capacity = RecognitionCapacity(Recogniser(), limit=20)
    taken = [capacity.slot(ANYBODY) for _ in range(21)][:20]
    taken[0].leave()
    assert seats(capacity, 1) == 0, "nineteen are not few enough"
    taken[1].leave()
    assert capacity.figures().heard == 18
    taken[2].leave()
    assert seats(capacity, 5) == 3, "full again at twenty"


@pytest.mark.parametrize(
    ("load", "full", "still"),
    [
        (RecognitionLoad(0.4, 0.5), False, True),
        (RecognitionLoad(0.6, 0.5), True, True),
        (RecognitionLoad(0.0, 0.95), True, True),
        (RecognitionLoad(0.2, 0.5), False, True),
        (RecognitionLoad(0.1, 0.8), False, True),
        (RecognitionLoad(0.1, 0.6), False, False),
    ],
)
def test_load_that_fills_the_room_and_load_that_empties_it(load: RecognitionLoad, full: bool, still: bool) -> None:
    now = [load]
    assert RecognitionCapacity(Recogniser(), lambda: now[0]).figures().full is full
    now = [RecognitionLoad(9.0, 1.0)]
    capacity = RecognitionCapacity(Recogniser(), lambda: now[0])
    assert capacity.figures().full
    now[0] = load
    assert capacity.figures().full is still


def test_those_for_whom_keys_are_hard() -> None:
    assert (
        not needs_voice(Preferences()) and needs_voice(Preferences(slow=True)) and needs_voice(Preferences(loud=True))
    )
    assert not needs_voice(Preferences(keys=True, loud=True)), "they have chosen keys"
    capacity = RecognitionCapacity(Recogniser(), lambda: RecognitionLoad(0.9))
    assert not capacity.slot(ANYBODY).hears("en") and capacity.slot(Preferences(loud=True)).hears("en")
    capacity = RecognitionCapacity(Recogniser(), lambda: RecognitionLoad(1.1))
    assert not capacity.slot(Preferences(loud=True)).hears("en"), "what is kept back has a bound, too"


def test_language_without_a_model_is_not_refused_for_want_of_room() -> None:
    capacity = RecognitionCapacity(Recogniser(hears=()), lambda: RecognitionLoad(9.0))
    assert not capacity.slot(ANYBODY).refused
