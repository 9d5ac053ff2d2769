"""Who calls: the customer's record and what other systems have told of them, looked up while the line is being answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import structlog

from ivr.calls.clock import Clock
from ivr.calls.integrations.inbound import Signals
from ivr.calls.live import LiveCall
from ivr.calls.ports import Directory
from ivr.core.caller import Caller
from ivr.core.contact.entries import stood_facts
from ivr.core.signal import Signal

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LookupTimes:
    """In seconds."""

    signals_s: float = 0.3
    """For what other systems have told of the customer."""
    give_up_s: float = 5.0
    """For the customer's record. How long the greeting waits for it is the conversation's (``CallTimes.lookup_wait_s``)."""


class CallerLookup:
    """Looks callers up; whatever goes wrong costs them no more than being greeted as strangers."""

    def __init__(
        self,
        directory: Directory,
        now: Clock,
        signals: Signals | None = None,
        times: LookupTimes = LookupTimes(),
    ) -> None:
        self._directory = directory
        self._now = now
        self._signals = signals
        self._times = times

    async def look_up(self, live: LiveCall) -> None:
        """Find out who calls; whatever goes wrong costs the caller no more than being greeted as a stranger."""
        caller = live.ledger.caller
        found: Caller | None = None
        state = "unknown"
        try:
            if caller.ani:
                # not wait_for: on Python 3.11 it swallows a cancellation that comes together with the answer
                async with asyncio.timeout(self._times.give_up_s):
                    found = await self._directory.find(caller.ani, lambda newer: self._complete(live, newer))
        except TimeoutError:
            state = "failed"
        except Exception:
            log.exception("customer look-up failed", call=str(live.id))
            state = "failed"
        if found:
            live.ledger.caller = _of_this_call(found, live)
        else:
            live.ledger.caller = replace(caller, lookup="failed" if state == "failed" else "unknown")
        if live.closed:
            return
        await self._looked_up(live)
        live.looked_up.set()

    async def _complete(self, live: LiveCall, newer: Caller) -> None:
        """The record came after the greeting: the dialogue goes on as it began, and the card is completed."""
        try:
            async with asyncio.timeout(self._times.give_up_s):
                await live.looked_up.wait()
        except TimeoutError:
            return  # the call has ended meanwhile
        before, after = live.ledger.caller.customer, newer.customer
        if live.closed or (before and after is None):
            return
        if after is None:
            live.ledger.caller = replace(live.ledger.caller, lookup=newer.lookup)
            await self._looked_up(live)
            return
        if before and before.id != after.id:
            # what was said and proved in this call was somebody's; nobody else gets it
            log.warning("number has another customer now, from the next call on", call=str(live.id))
            return
        live.ledger.caller = _of_this_call(newer, live)
        await self._looked_up(live)

    async def _looked_up(self, live: LiveCall) -> None:
        customer = live.ledger.caller.customer
        if customer:
            live.ledger.caller = replace(live.ledger.caller, signals=await self._signals_of(customer.id, live))
        caller = live.ledger.caller
        live.ledger.add(
            self._now(), "looked_up", result=caller.lookup, customer=customer.id if customer else None,
            **stood_facts(caller),
        )  # fmt: skip

    async def _signals_of(self, customer: str, live: LiveCall) -> tuple[Signal, ...]:
        """What other systems have told of a customer; whatever goes wrong costs no more than not knowing it."""
        if self._signals is None:
            return ()
        try:
            async with asyncio.timeout(self._times.signals_s):
                return tuple(await self._signals.open_for(customer))
        except (TimeoutError, OSError) as problem:
            log.warning("signals not read", call=str(live.id), problem=str(problem) or "no answer in time")
            return ()


def _of_this_call(found: Caller, live: LiveCall) -> Caller:
    """What was found, with Asterisk's own words of this call."""
    caller = live.ledger.caller
    return replace(
        found,
        ani=caller.ani,
        shown_name=caller.shown_name,
        dnis=caller.dnis,
        lookup=found.lookup,
        # a call that comes back after a restart is in the records itself
        contacts=tuple(one for one in found.contacts if one.id != str(live.id)),
    )
