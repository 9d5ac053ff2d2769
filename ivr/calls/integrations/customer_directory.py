"""Customers of another system: asked beside the call, never waited for; our own copy is what calls are held with."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import structlog

from ivr.calls.ports import Directory, Late, nobody_waits
from ivr.core.breaker import Breaker, BreakerState
from ivr.core.caller import Caller, Record
from ivr.wire.phone_numbers import normalise

log = structlog.get_logger(__name__)
_SAYS: Mapping[Result, Literal["unknown", "several", "failed"]] = {
    "nobody": "unknown", "several": "several", "unusable": "failed", "failed": "failed",
}  # fmt: skip
"""What a card says of the caller where an answer has brought no record."""
MOST_AT_ONCE = 100
"""Questions under way; a system that cannot keep up is not asked more."""
_E164 = re.compile(r"\+[0-9]{4,15}")
Result = Literal["found", "nobody", "several", "unusable", "failed"]
RESULTS: tuple[str, ...] = ("found", "nobody", "several", "unusable", "failed", "late", "cached", "not_asked")


class NotAnswered(Exception):
    """The other system has given no answer; the message says why, without anything of the caller."""


class Unusable(Exception):
    """It has answered, and nobody can be made of it."""


class Several(Exception):
    """It has answered with more than one customer."""


class RemoteDirectory(Protocol):
    """The other system."""

    async def ask(self, number: str) -> Record | None:
        """Who has this number; None: nobody. Raises NotAnswered, Unusable and Several; need not keep to any time."""


class CustomerMirror(Protocol):
    """Our copy of what it tells."""

    async def keep(self, number: str, record: Record) -> None:
        """Merge one record into our own customers, and let the number be theirs. Raises OSError while that cannot be done."""


@dataclass(frozen=True, slots=True)
class DirectoryFigures:
    """How a directory outside stands."""

    breaker: BreakerState | None
    """None: it is a file, and nobody is asked."""
    results: Mapping[str, int]
    """What came of the calls, by ``RESULTS``; of a file, of its changes."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Times in seconds, and how much is remembered."""

    wait_s: float = 0.2
    """How long a call waits for the answer; then it goes on with our own copy."""
    timeout_s: float = 1.5
    """When the question is given up. What comes before that still completes the card."""
    believed_s: float = 60.0
    """How long an answer is not asked for again."""
    remembered: int = 10_000
    """Numbers of which the last answer is remembered."""


class OutsideDirectory:
    """Implements ``Directory``: asks elsewhere, keeps what is told in our own database, and reads it there.

    At most one question for a number is under way. ``region`` is the country of numbers without a country code.
    """

    def __init__(
        self,
        own: Directory,
        remote: RemoteDirectory,
        mirror: CustomerMirror,
        breaker: Breaker,
        patience: Patience,
        region: str,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._own = own
        self._remote = remote
        self._mirror = mirror
        self._breaker = breaker
        self._patience = patience
        self._region = region
        self._spawn = spawn
        self._clock = clock or asyncio.get_running_loop().time
        self._under_way: dict[str, asyncio.Future[Result]] = {}
        self._told: OrderedDict[str, tuple[float, Result]] = OrderedDict()
        """Number → when it was answered last, and whether it is somebody's: the record itself is in the database."""
        self._results = Counter(dict.fromkeys(RESULTS, 0))

    def forget(self) -> None:
        """Somebody was erased: no number is remembered any more, each is asked for anew."""
        self._told.clear()

    @property
    def figures(self) -> DirectoryFigures:
        """How it stands at this moment."""
        return DirectoryFigures(self._breaker.state, dict(self._results))

    async def find(self, ani: str, late: Late = nobody_waits) -> Caller | None:
        """The newest that is known in time; ``late`` gets the newer record where that comes afterwards."""
        number = normalise(ani, self._region)
        if number is None or not _E164.fullmatch(number):
            return await self._own.find(ani)  # an extension, or something odd: nobody outside knows it
        question = self._question(number)
        if question is not None and not question.done():
            await asyncio.wait({question}, timeout=self._patience.wait_s)
            if not question.done():
                self._results["late"] += 1
                self._spawn(self._tell(ani, question, late))
        told = self._told[number][1] if number in self._told else None
        if told == "several":
            return Caller(ani, None, "", lookup="several")  # our copy may have one of them
        if told == "nobody":
            return None  # the last word on it, also while there is no newer one: our copy may be of who had it before
        if own := await self._own.find(ani):
            return own
        # nobody has said that this number is unknown, so the card must not say it either
        late_yet = question is not None and not question.done()
        return None if told else Caller(ani, None, "", lookup="pending" if late_yet else "failed")

    def _question(self, number: str) -> asyncio.Future[Result] | None:
        """The question about a number that is under way; None: there is nothing to be asked, or nobody to ask."""
        if number in self._under_way:
            return self._under_way[number]
        now, told = self._clock(), self._told.get(number)
        if told and now - told[0] < self._patience.believed_s:
            self._results["cached"] += 1
            return None
        if len(self._under_way) >= MOST_AT_ONCE or not self._breaker.may_ask(now):
            self._results["not_asked"] += 1
            return None
        question = self._under_way[number] = asyncio.get_running_loop().create_future()
        self._spawn(self._ask(number, question))
        return question

    async def _ask(self, number: str, question: asyncio.Future[Result]) -> None:
        result: Result = "failed"
        try:
            result = await self._answer(number)
        except Exception as error:
            # whatever a hostile answer can do: it costs this one answer, and is named without its values
            log.error("customer of the directory not kept", problem=type(error).__name__)
        finally:
            self._under_way.pop(number, None)
            self._results[result] += 1
            if not question.done():
                question.set_result(result)

    async def _answer(self, number: str) -> Result:
        record: Record | None = None
        result: Result = "nobody"
        try:
            async with asyncio.timeout(self._patience.timeout_s):
                record = await self._remote.ask(number)
        except (NotAnswered, TimeoutError) as failure:
            problem = str(failure) or f"no answer within {self._patience.timeout_s:g} s"
            log.warning("directory has not answered", problem=problem)
            if self._breaker.failed(self._clock()):
                log.error("directory is left alone", pause_s=self._breaker.pause_s, problem=problem)
            return "failed"
        except Several:
            result = "several"
        except Unusable as problem:
            log.warning("record of the directory not usable", problem=str(problem))
            result = "unusable"
        if self._breaker.worked():
            log.info("directory is asked again")
        if record is not None:
            try:
                await self._mirror.keep(number, record)
            except OSError as problem:
                log.warning("customer of the directory not kept", problem=str(problem))
                return "failed"
            result = "found"
        if result != "unusable":
            self._remember(number, result)
        return result

    def _remember(self, number: str, result: Result) -> None:
        self._told[number] = (self._clock(), result)
        self._told.move_to_end(number)
        while len(self._told) > self._patience.remembered:
            self._told.popitem(last=False)

    async def _tell(self, ani: str, question: asyncio.Future[Result], late: Late) -> None:
        """Give the late answer to whoever waits for it."""
        try:
            result = await question
            newer = await self._own.find(ani) if result == "found" else Caller(ani, None, "", lookup=_SAYS[result])
            if newer:
                await late(newer)
        except Exception:
            # it must cost nobody more than the newer record
            log.exception("late answer of the directory not told")
