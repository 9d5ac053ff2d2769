"""What finished calls teach, worked out anew from time to time and kept for whoever decides."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog

from ivr.calls.clock import Clock, utc_now
from ivr.calls.ports import Outcomes
from ivr.core.caller import AgentId
from ivr.core.routing.learning import Estimate, label, learn

log = structlog.get_logger(__name__)
EVERY_S = 600.0
SINCE = timedelta(days=300)
"""Older outcomes would count less than a hundredth."""


class OutcomeLearner:
    """Reads the outcomes and learns from them; deciders take what is there and never wait."""

    def __init__(self, outcomes: Outcomes, now: Clock = utc_now) -> None:
        self._outcomes = outcomes
        self._now = now
        self.learnt: Mapping[tuple[AgentId, str], Estimate] = {}

    async def run(self) -> None:
        """Learn now, and again for ever."""
        while True:
            try:
                await self.learn()
            except OSError as error:
                log.warning("nothing learnt this time", problem=str(error))
            await asyncio.sleep(EVERY_S)

    async def learn(self) -> None:
        """Learn from all there is; raises OSError while the database is away."""
        now = self._now()
        passages = await self._outcomes.passages(now - SINCE)
        # tens of thousands of calls take some tenths of a second, which no caller should wait for
        self.learnt = await asyncio.to_thread(lambda: learn(label(passages, now), now))
        log.debug("learnt", passages=len(passages), estimates=len(self.learnt))
