"""``[sources]`` of config.toml: whether each that the dialogues ask can be reached."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

from ivr.adapters.customers.lookups import SourceFailed, open_source
from ivr.adapters.database.store import StoreUnusable
from ivr.core.flow.flow import Lookup
from ivr.server.parts import Examination, Finding

REACH_S = 3.0


def examine(what: Examination) -> Iterator[Finding]:
    """Whether each source of look-ups can be reached, and each that the dialogues ask is there."""
    config, flow = what.config, what.flow
    asked = {lookup.source for lookup in flow.lookups.values()} if flow else set()
    for missing in sorted(asked - set(config.sources) - {"house"}):
        yield False, f"look-ups ask the source {missing!r}, and config.toml has no [sources] {missing}"
    for name, url in config.sources.items():
        try:
            problem = asyncio.run(_reach(name, url))
        except StoreUnusable as error:
            problem = str(error)
        used = "" if name in asked else " (no look-up asks it)"
        yield (True, f"source {name} answers{used}") if problem is None else (False, f"source {name}: {problem}{used}")


async def _reach(name: str, url: str) -> str | None:
    """What keeps us from a source; None when it answers. A database must be there: asking must not make an empty one."""
    path = url.removeprefix("sqlite:///")
    if path != url and not await asyncio.to_thread(Path(path).is_file):
        return f"there is no file {path}: make it, or take the line out of config.toml (the sample shop's is made by `ivr demo`)"
    source = open_source(name, url, os.environ)
    probe = Lookup("probe", name, sql="select 1", path="/", retries=0)
    try:
        async with asyncio.timeout(REACH_S):
            await source.ask(probe, {})
    except TimeoutError:
        return f"no answer within {REACH_S:.0f} s"
    except SourceFailed as failure:
        # a web service that has nothing at its root is there all the same
        return None if str(failure).startswith("HTTP 4") or "JSON" in str(failure) else str(failure)
    finally:
        await source.close()
    return None
