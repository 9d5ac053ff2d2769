"""What a conversation has done for it elsewhere: look-ups, proofs, things to remember. The caller is never kept by them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import structlog

from ivr.calls.caller.ledger_writer import LedgerWriter
from ivr.calls.caller.ports import Identity, Lookups, Memory
from ivr.core.dialogue import World
from ivr.core.dialogue.messages import Forget, Found, LookUp, Proof, Prove, Remember, StillLooking
from ivr.core.language import Language

log = structlog.get_logger(__name__)
Spawn = Callable[[Coroutine[Any, Any, None]], object]
PROOF_S = 5.0
"""A proof that takes longer than this cannot be had."""


class Inbox(Protocol):
    """Where the answers of errands go."""

    def __call__(self, event: StillLooking | Found | Proof, /) -> None:
        """Put one into the session's inbox."""


class SideTasks:
    """Runs the errands of one call; answers come back as events.

    ``spawn`` starts a task that ends with the call, ``outlive`` one that is finished in any case: what changes something
    must not be broken off because the caller has gone.
    """

    def __init__(
        self,
        lookups: Lookups,
        identity: Identity,
        memory: Memory,
        ledger_writer: LedgerWriter,
        put: Inbox,
        outlive: Spawn,
    ) -> None:
        self._lookups, self._identity, self._memory = lookups, identity, memory
        self._ledger_writer = ledger_writer
        self._put = put
        self._outlive = outlive
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]) -> None:
        """The call's own TaskGroup is there."""
        self._spawn = spawn

    def give_up(self) -> None:
        """The call is over, or an answer is taken back: what only looks something up is not needed any more."""
        for task in list(self._running):
            task.cancel()

    def look_up(self, world: World, asked: LookUp) -> None:
        """Ask a source; while it takes long, say so to the dialogue again and again."""
        if world.flow.lookups[asked.lookup].writes:
            self._outlive(self._look_up(world, asked))
            return
        self._start(self._look_up(world, asked))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._spawn(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _look_up(self, world: World, asked: LookUp) -> None:
        lookup = world.flow.lookups[asked.lookup]
        answer = asyncio.ensure_future(self._lookups.run(lookup, dict(asked.args)))
        try:
            while not (await asyncio.wait((answer,), timeout=lookup.filler_after_s))[0]:
                self._put(StillLooking(asked.id))
            found = await answer
        except asyncio.CancelledError:
            answer.cancel()
            raise
        except Exception:
            log.exception("look-up failed", lookup=asked.lookup)
            self._put(Found(asked.id, "failed"))
            return
        self._ledger_writer.looked_up(asked, found)
        self._put(Found(asked.id, found.outcome, found.rows))

    def prove(self, world: World, asked: Prove, language: Language) -> None:
        """Begin a proof or check what was given."""
        self._start(self._prove(world, asked, language))

    async def _prove(self, world: World, asked: Prove, language: Language) -> None:
        customer = world.caller.customer
        try:
            async with asyncio.timeout(PROOF_S):
                if customer is None:
                    outcome = "unavailable"
                elif asked.answer is None:
                    outcome = await self._identity.begin(customer.id, asked.method, language)
                else:
                    outcome = await self._identity.check(customer.id, asked.method, asked.answer)
        except TimeoutError:
            log.warning("proof of identity took too long", method=asked.method)
            outcome = "unavailable"
        except Exception as error:
            # never with its traceback: that could hold what the caller gave
            log.error("proof of identity failed", method=asked.method, problem=type(error).__name__)
            outcome = "unavailable"
        self._ledger_writer.proved(asked, outcome)
        self._put(Proof(asked.id, outcome))  # type: ignore[arg-type]  # the two ports give these words

    def remember(self, world: World, asked: Remember | Forget) -> None:
        """Keep or delete what works for this caller."""
        self._outlive(self._remember(world, asked))

    async def _remember(self, world: World, asked: Remember | Forget) -> None:
        customer = world.caller.customer
        if customer is None:
            return
        try:
            if isinstance(asked, Remember):
                await self._memory.remember(customer.id, asked.preferences)
            else:
                await self._memory.forget(customer.id)
        except Exception as error:
            log.exception("preferences not kept", customer=customer.id)
            self._ledger_writer.problem(f"preferences not kept: {error}")
