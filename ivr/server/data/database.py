"""``[database]`` of config.toml: whether it can be used, and who works here."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from ivr.adapters.database import DatabaseAccounts, Store
from ivr.config.load import Config
from ivr.core.caller import Agent
from ivr.server.parts import Examination, Finding


def agents(config: Config) -> Sequence[Agent]:
    """Everybody who has a phone here; raises StoreUnusable, also where nothing can be written."""

    async def read() -> Sequence[Agent]:
        async with Store.opened(config.database.url) as store:
            await store.try_writing()
            return await DatabaseAccounts(store).agents()

    return asyncio.run(read())


def examine(what: Examination) -> Iterator[Finding]:
    """The database, where it could be read at all, and that there is an agent."""
    if what.agents is None:
        return
    yield True, "database can be used"
    count = len(what.agents)
    yield (True, f"{count} agents") if count else (False, "there is no agent: add one with `ivr person`")
