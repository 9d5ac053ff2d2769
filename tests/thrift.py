"""What costs seconds and comes out the same each time is made once a process; the parts themselves stay the real ones."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import ctypes
import gc
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web_app
from argon2 import PasswordHasher

from ivr.adapters.database import Store
from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.config.load import Config
from ivr.core.flow.flow import Flow
from ivr.server.speech import publishing
from ivr.web.api import openapi

CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
STRONG = "$argon2id$v=19$m=65536,t=3,p=4$"
"""How a hash begins that the product makes when no test has made hashing cheap."""


WORTH_IT_MB = 100
MOST_LEARNT = 4
_kept_mb = 0


def begin() -> None:
    """From here on this process spends nothing twice. Once, before the first test."""
    _hash_cheaply()
    _load_each_encoder_once()
    _describe_each_model_once()
    _learn_each_dialogue_once()


def _hash_cheaply() -> None:
    """A third of a second for a password, three times a test: what is right is tested, not how long guessing takes."""
    names = PasswordHasher.__init__.__code__.co_varnames[1:]
    usual = PasswordHasher.__init__.__defaults__ or ()
    PasswordHasher.__init__.__defaults__ = tuple(
        CHEAP.get(name, value) for name, value in zip(names, usual, strict=False)
    )


def _load_each_encoder_once() -> None:
    """30 MB each, which the next collection of garbage frees and no test waits for; what it has encoded it remembers."""
    find = SentenceEncoder.find
    loaded: dict[Path, SentenceEncoder] = {}

    def found(directory: Path) -> SentenceEncoder | None:
        if directory not in loaded and (made := find(directory)) is not None:
            loaded[directory] = made
        return loaded.get(directory)

    SentenceEncoder.find = staticmethod(found)  # type: ignore[method-assign, assignment]


def _describe_each_model_once() -> None:
    """Of the API's document all but the schemas is made for every server; they follow from the classes alone."""
    describe = openapi.models_json_schema
    made: dict[tuple[Any, ...], Any] = {}

    def described(models: Any, **how: str) -> Any:
        key = (tuple(models), tuple(how.items()))
        if key not in made:
            made[key] = describe(models, **how)
        return deepcopy(made[key])

    openapi.models_json_schema = described  # type: ignore[assignment]


def _learn_each_dialogue_once() -> None:
    """Nearly every server of the tests starts with the same dialogue."""
    learn = publishing.learn
    learnt: dict[tuple[str, str], Understanding] = {}

    def known(config: Config, flow: Flow) -> Understanding:
        key = (config.understanding.encoder, flow.version)
        if key not in learnt:
            learnt[key] = learn(config, flow)
            while len(learnt) > MOST_LEARNT:
                del learnt[next(iter(learnt))]
        return learnt[key]

    publishing.learn = known


@cache
def migrated() -> Path:
    """A SQLite file with the newest schema and nothing in it, made by the product's own migrations."""
    path = Path(tempfile.mkdtemp(prefix="ivr-schema-")) / "ivr.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    apart(lambda: asyncio.run(migrate(f"sqlite:///{path}")))
    return path


async def migrate(url: str) -> None:
    """Give a database the newest schema."""
    async with Store.opened(url):
        pass


def apart(work: Callable[[], object]) -> None:
    """Do it in a thread: whoever asks may have a loop running, and what is done makes one of its own."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def sqlite(path: Path) -> str:
    """The address of a new SQLite database with the newest schema."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(migrated(), path)
    return f"sqlite:///{path}"


def give_back() -> None:
    """Let go of what is over, and give its memory back to the machine: nobody else does either for a long time.

    aiohttp remembers a thousand handlers of applications that have ended, and with each its whole server, the speech model
    and what was learnt for it: 15 MB a call. The rest goes in circles until the garbage of garbage is collected.
    """
    global _kept_mb
    getattr(web_app, "_cached_build_middleware").cache_clear()  # noqa: B009  # no name of its public ones
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    _kept_mb = resident_mb()


def give_back_much() -> None:
    """The same, where so much has come together that it is worth its time."""
    if resident_mb() > _kept_mb + WORTH_IT_MB:
        give_back()


def resident_mb() -> int:
    """How much memory this process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20
