"""What a conversation has done elsewhere: slow, broken, too late, and never written down where it must not be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from ivr.calls.caller.ledger_writer import LedgerWriter
from ivr.calls.caller.ports import Answer
from ivr.calls.caller.services import utc_now
from ivr.calls.caller.side_tasks import PROOF_S, SideTasks
from ivr.core.caller import Caller, CallId, Preferences
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue.messages import Forget, Found, LookUp, Proof, Prove, Remember, StillLooking
from ivr.core.flow.nodes import ProofMethod
from ivr.core.language import Language
from tests.calls.fakes import Identity, Lookups, Memory
from tests.core.bigger_house import BIGGER, at
from tests.core.little_house import NOW, STRANGER, lin

ASKED = LookUp(7, "status", (("order", "4711"), ("customer", "C1")))
BOOKING = LookUp(8, "book", (("day", "2026-11-25"), ("time", "10:00")))
FOUND = Answer("found", ({"state": "late"},), 12.5)


@dataclass
class Slow(Identity):
    """Proofs that take their time, or break with the answer in the words of the error."""

    takes_s: float = 0.0
    error: Exception | None = None
    checked: list[str] = field(default_factory=list)

    async def check(self, customer: str, method: ProofMethod, answer: str) -> Literal["right", "wrong", "locked"]:
        await asyncio.sleep(self.takes_s)
        if self.error:
            raise self.error
        self.checked.append(answer)
        return await super().check(customer, method, answer)

    async def begin(
        self, customer: str, method: ProofMethod, language: Language
    ) -> Literal["asked", "unavailable", "locked"]:
        await asyncio.sleep(self.takes_s)
        return await super().begin(customer, method, language)


class Forgetful(Memory):
    """Cannot keep anything."""

    async def remember(self, customer: str, preferences: Preferences) -> None:
        raise ConnectionError("disk is full")

    async def forget(self, customer: str) -> None:
        raise ConnectionError("disk is full")


@dataclass
class Call:
    """A call's errands, and what came of them."""

    lookups: Lookups = field(default_factory=Lookups)
    identity: Identity = field(default_factory=Identity)
    memory: Memory = field(default_factory=Memory)
    caller: Caller = field(default_factory=lin)
    came: list[Any] = field(default_factory=list)
    """(seconds, event)"""

    def __post_init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self.ledger = Ledger(CallId(UUID(int=1)), self.caller, NOW, "en")
        self.outliving: list[asyncio.Task[None]] = []
        self.own: list[asyncio.Task[None]] = []
        self.side_tasks = SideTasks(
            self.lookups, self.identity, self.memory, LedgerWriter(self.ledger, card_safe=True, now=utc_now), self._put,
            self._spawn(self.outliving),
        )  # fmt: skip
        self.side_tasks.begin(self._spawn(self.own))
        self.world = at(self.caller)

    def _put(self, event: StillLooking | Found | Proof) -> None:
        self.came.append((round(self._loop.time() - self._began, 2), event))

    @staticmethod
    def _spawn(tasks: list[asyncio.Task[None]]) -> Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]:
        def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
            tasks.append(asyncio.ensure_future(work))
            return tasks[-1]

        return spawn

    async def all_done(self) -> None:
        await asyncio.gather(*self.own, *self.outliving, return_exceptions=True)

    def entries(self) -> list[tuple[str, dict[str, Any]]]:
        return [(entry.kind, dict(entry.facts)) for entry in self.ledger.entries]


# -- look-ups


async def test_a_look_up() -> None:
    call = Call(Lookups({"status": FOUND}))
    call.side_tasks.look_up(call.world, ASKED)
    assert call.came == [], "the conversation is not kept"
    await call.all_done()
    assert call.came == [(0, Found(7, "found", ({"state": "late"},)))]
    assert call.lookups.asked == [("status", {"order": "4711", "customer": "C1"})]
    assert call.entries() == [("asked_source", {"lookup": "status", "outcome": "found", "rows": 1, "took_ms": 12.5})]


async def test_filler_again_and_again_while_it_takes_long() -> None:
    call = Call(Lookups({"status": FOUND}, {"status": 2.5}))
    call.side_tasks.look_up(call.world, ASKED)
    await call.all_done()
    assert call.came == [(1, StillLooking(7)), (2, StillLooking(7)), (2.5, Found(7, "found", FOUND.rows))]


async def test_no_filler_where_it_is_quick() -> None:
    call = Call(Lookups({"status": Answer("empty")}, {"status": 0.95}))
    call.side_tasks.look_up(call.world, ASKED)
    await call.all_done()
    assert call.came == [(0.95, Found(7, "empty"))]


@pytest.mark.parametrize("takes_s", [0.0, 1.5])
async def test_source_that_breaks_is_a_look_up_that_failed(takes_s: float) -> None:
    call = Call(Lookups({"status": RuntimeError("broken")}, {"status": takes_s}))
    with capture_logs() as logs:
        call.side_tasks.look_up(call.world, ASKED)
        await call.all_done()
    assert call.came[-1] == (takes_s, Found(7, "failed"))
    assert [(entry["event"], entry["lookup"]) for entry in logs] == [("look-up failed", "status")]


async def test_look_up_is_ended_with_the_call() -> None:
    call = Call(Lookups({"status": FOUND}, {"status": 10}))
    call.side_tasks.look_up(call.world, ASKED)
    await asyncio.sleep(0.5)
    call.side_tasks.give_up()
    await call.all_done()
    await asyncio.sleep(0)
    assert call.lookups.cancelled == ["status"] and call.came == [] and call.entries() == []


async def test_what_changes_something_is_finished_though_the_caller_has_gone() -> None:
    call = Call(Lookups({"book": Answer("found", ({},))}, {"book": 1.5}))
    call.side_tasks.look_up(call.world, BOOKING)
    await asyncio.sleep(0.5)
    call.side_tasks.give_up()
    assert not call.own
    await call.all_done()
    assert call.lookups.cancelled == [] and call.entries()[0][1]["outcome"] == "found"
    assert call.came[-1] == (1.5, Found(8, "found", ({},)))


async def test_end_ends_only_what_still_runs() -> None:
    call = Call(Lookups({"status": FOUND}))
    for _ in range(3):
        call.side_tasks.look_up(call.world, ASKED)
    await call.all_done()
    call.side_tasks.give_up()
    call.side_tasks.give_up()
    assert [event for _, event in call.came] == [Found(7, "found", FOUND.rows)] * 3


# -- proofs


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        (Prove(1, "pin"), "asked"),
        (Prove(1, "code"), "unavailable"),
        (Prove(1, "pin", "2580"), "right"),
        (Prove(1, "pin", "1111"), "wrong"),
    ],
)
async def test_proof(asked: Prove, outcome: str) -> None:
    call = Call()
    call.side_tasks.prove(call.world, asked, "en")
    await call.all_done()
    assert call.came == [(0, Proof(1, outcome))]  # type: ignore[arg-type]
    assert call.entries() == [("proof", {"method": asked.method, "outcome": outcome})]


async def test_nobody_unknown_can_prove_anything() -> None:
    call = Call(identity=Slow(), caller=STRANGER)
    call.side_tasks.prove(call.world, Prove(1, "pin", "2580"), "en")
    await call.all_done()
    assert call.came == [(0, Proof(1, "unavailable"))] and call.identity.checked == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("answer", [None, "2580"])
async def test_proof_that_takes_too_long_cannot_be_had(answer: str | None) -> None:
    call = Call(identity=Slow(takes_s=60))
    call.side_tasks.prove(call.world, Prove(1, "pin", answer), "en")
    await call.all_done()
    assert call.came == [(PROOF_S, Proof(1, "unavailable"))]


@pytest.mark.parametrize(
    "identity", [Slow(error=ValueError("2580 is odd")), Slow(takes_s=60), Slow(), Identity(broken=True)]
)
@pytest.mark.parametrize("answer", [None, "2580", "9731"])
async def test_nothing_secret_is_written_whatever_happens(identity: Identity, answer: str | None) -> None:
    call = Call(identity=replace(identity))  # type: ignore[type-var]
    with capture_logs() as logs:
        for number in range(4):
            call.side_tasks.prove(call.world, Prove(number, "pin", answer), "en")
        await call.all_done()
    assert len(call.came) == 4
    written = repr((logs, call.entries(), call.ledger.lines, call.ledger.known))
    assert "2580" not in written and "9731" not in written
    assert not any("exc_info" in entry for entry in logs), "a traceback shows what the caller gave"


async def test_proof_is_ended_with_the_call() -> None:
    call = Call(identity=Slow(takes_s=1))
    call.side_tasks.prove(call.world, Prove(1, "pin", "2580"), "en")
    await asyncio.sleep(0.5)
    call.side_tasks.give_up()
    await call.all_done()
    assert call.came == []


# -- what is kept


async def test_remember_and_forget_outlive_the_call() -> None:
    call = Call()
    slow = Preferences(slow=True, language="zh")
    call.side_tasks.remember(call.world, Remember(slow))
    call.side_tasks.give_up()
    await call.all_done()
    assert call.memory.kept == {"C1": slow}
    call.side_tasks.remember(call.world, Forget())
    await call.all_done()
    assert call.memory.kept == {} and call.own == []


async def test_nothing_is_kept_of_somebody_unknown() -> None:
    call = Call(caller=STRANGER)
    call.side_tasks.remember(call.world, Remember(Preferences(keys=True)))
    call.side_tasks.remember(call.world, Forget())
    await call.all_done()
    assert call.memory.kept == {} and call.entries() == []


@pytest.mark.parametrize("asked", [Remember(Preferences(keys=True)), Forget()])
async def test_memory_that_breaks_is_noted_and_costs_nothing(asked: Remember | Forget) -> None:
    call = Call(memory=Forgetful())
    with capture_logs() as logs:
        call.side_tasks.remember(call.world, asked)
        await call.all_done()
    assert all(task.exception() is None for task in call.outliving)
    assert [(entry["event"], entry["customer"]) for entry in logs] == [("preferences not kept", "C1")]
    assert call.entries() == [("problem", {"what": "preferences not kept: disk is full"})]


def test_the_house_of_these_tests_has_one_that_writes_and_one_that_does_not() -> None:
    assert BIGGER.lookups["book"].writes and not BIGGER.lookups["status"].writes
