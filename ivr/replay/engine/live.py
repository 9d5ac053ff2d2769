"""Recorded calls through a real Asterisk and the whole server, at true speed, many at once.

The caller's end of each call is an AudioSocket of ours inside Asterisk: it sends the recording 20 ms at a time, by the clock,
and hears what a caller would hear. Agents' phones ring, and desks are open that get the cards. The server runs in this process,
with databases made from the corpus; every date in them is moved to today.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher

from ivr.adapters.sound.telephone import BadSound
from ivr.calls.live import LiveCall
from ivr.config.load import Config
from ivr.core.caller import Agent
from ivr.core.contact.ledger import Entry
from ivr.corpus.format import Call, Corpus
from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.desk_client import DeskClient
from ivr.provision.places import CACHE
from ivr.replay.caller.sounds import both_sides, read_recording
from ivr.replay.engine.environment import BOOKS, agents_of, prepare
from ivr.replay.engine.fast import Replayed, problem_of, without_proofs
from ivr.replay.engine.kit import Wanted
from ivr.replay.engine.live_call import LONGEST_S, CallerLine, OneCall
from ivr.replay.engine.score import failed, score
from ivr.replay.engine.workers import Done
from ivr.server.app import Server, running
from ivr.server.process import loop

STAGGER_S = 0.25
"""Between two rings."""
PHONES, RING_S, TALK_S = 1100, "0.3", "2"
_READY_S = 20.0


def colleagues(corpus: Corpus) -> list[Agent]:
    """The corpus' agents at the lab's phones."""
    return [
        replace(agent, interface=f"Local/{PHONES + number}@ivr-lab-phones/n")
        for number, agent in enumerate(agents_of(corpus))
    ]


def settings(config: Config, asterisk: PrivateAsterisk, folder: Path, sources: Sequence[str]) -> Config:
    """The operator's settings with everything outside replaced by the corpus' own."""
    made = config.model_copy(
        update={
            "asterisk": config.asterisk.model_copy(update={"host": "127.0.0.1", "port": asterisk.ports.ami, "username": "ivr"}),
            "media": config.media.model_copy(update={"host": "127.0.0.1", "port": asterisk.ports.media}),
            "web": config.web.model_copy(update={"host": "127.0.0.1", "port": 0}),
            "database": config.database.model_copy(update={"url": f"sqlite:///{folder / BOOKS}"}),
            "recording": config.recording.model_copy(update={"folder": folder / "recordings", "corpus": folder / "corpus"}),
            "records": type(config.records)(folder=folder / "records", journal_mb=4),
            "directory": type(config.directory)(),
            "oidc": type(config.oidc)(),
            "softphone": type(config.softphone)(),
            "sources": {name: f"sqlite:///{folder / name}.db" for name in sources},
            "routing": config.routing.model_copy(update={"wrap_up_s": 0}),
        }
    )  # fmt: skip
    return made


@contextlib.asynccontextmanager
async def _house(wanted: Wanted, folder: Path) -> AsyncIterator[tuple[Server, Lab]]:
    """Asterisk, the server, and the agents at their desks."""
    corpus, password = wanted.corpus, secrets.token_urlsafe(9)
    agents, hashed = colleagues(corpus), PasswordHasher().hash(password)
    held = corpus.house.at
    days = (datetime.now(UTC).date() - held.date()).days if held else 0
    await prepare(corpus, folder / "books", wanted.config.database.country, days, [(agent, hashed) for agent in agents])
    asterisk = PrivateAsterisk.prepare(folder / "asterisk", wanted.root / "dialplans/asterisk", CACHE)
    config = settings(wanted.config, asterisk, folder / "books", list(corpus.sources))
    asterisk.start()
    try:
        async with running(config, asterisk.secret, wanted.root) as server, contextlib.AsyncExitStack() as stack:
            lab = stack.enter_context(Lab(asterisk.ports.ami, asterisk.lab_secret))
            async with asyncio.timeout(_READY_S):
                while not server.link.connected:  # noqa: ASYNC110  # nothing to wait on but the link itself
                    await asyncio.sleep(0.05)
                for number, agent in enumerate(agents):
                    lab.phone(str(PHONES + number), RING_S, TALK_S)
                    address = f"http://127.0.0.1:{server.web_port}"
                    await stack.enter_async_context(DeskClient.signed_in(address, agent.id, password))
            yield server, lab
    finally:
        asterisk.stop()


class LiveReplay:
    """All calls of a corpus, so many at once."""

    def __init__(
        self, wanted: Wanted, folder: Path, at_once: int, audio: Path | None, told: Callable[[Done], None]
    ) -> None:
        self._wanted = wanted
        self._folder = folder
        self._at_once = at_once
        self._audio = audio
        self._told = told
        self._waiting: dict[UUID, OneCall] = {}
        self._by_name: dict[str, OneCall] = {}

    async def run(self, calls: Sequence[Call]) -> None:
        """Replay them; each is told of as soon as it is over."""
        async with _house(self._wanted, self._folder) as (server, lab):
            server.calls.subscribe(self._seen)
            caller_side = await asyncio.get_running_loop().create_server(
                lambda: CallerLine(self._waiting), "127.0.0.1", 0
            )
            port = caller_side.sockets[0].getsockname()[1]
            capacity, left = asyncio.Semaphore(self._at_once), deque(calls)
            async with asyncio.TaskGroup() as group:
                while left:
                    await capacity.acquire()
                    group.create_task(self._one(left.popleft(), server, lab, port, capacity, group.create_task))
                    await asyncio.sleep(STAGGER_S)
            caller_side.close()

    def _seen(self, live: LiveCall, entry: Entry) -> None:
        if entry.kind == "rang" and (one := self._by_name.get(live.ledger.caller.shown_name or "")):
            one.live = live

    async def _one(
        self,
        call: Call,
        server: Server,
        lab: Lab,
        port: int,
        capacity: asyncio.Semaphore,
        spawn: Callable[[Any], object],
    ) -> None:
        began = time.perf_counter()
        try:
            one = OneCall(call, await asyncio.to_thread(read_recording, call), lab, spawn)
            await self._hold(one, lab, port)
            self._told(self._done(one, server, time.perf_counter() - began))
        except (BadSound, NotDone, OSError) as error:
            self._told(Done(failed(call.name, str(error)), []))
        finally:
            capacity.release()

    async def _hold(self, one: OneCall, lab: Lab, port: int) -> None:
        """Ring in, and wait for the end. Raises NotDone."""
        id_, name = uuid4(), f"replay-{len(self._by_name)}"
        self._waiting[id_], self._by_name[name] = one, one
        facts = one.call.facts
        await asyncio.to_thread(
            lab.act, "Originate", Channel=f"Local/{facts.dnis or '4000'}@ivr-in", Application="AudioSocket",
            Data=f"{id_},127.0.0.1:{port}", Async="true", CallerID=f'"{name}" <{facts.number or ""}>',
        )  # fmt: skip
        try:
            async with asyncio.timeout(LONGEST_S):
                await one.over.wait()
        except TimeoutError:
            if one.line:
                one.line.close()
        finally:
            self._waiting.pop(id_, None)
        if one.live is not None:
            async with asyncio.timeout(5):
                while not one.live.caller_gone:  # noqa: ASYNC110  # Asterisk says so a moment later
                    await asyncio.sleep(0.02)

    def _done(self, one: OneCall, server: Server, took_s: float) -> Done:
        live, caller = one.live, one.caller
        if live is None or caller is None:
            return Done(failed(one.call.name, "the call did not come to the server, or it did not answer"), [])
        entries = live.ledger.entries
        facts = {entry.kind: entry.facts for entry in reversed(entries)}
        route = "queue" if "handed_over" in facts else "hangup" if live.session and live.session.hung_up else ""
        ended = next((e for e in entries if e.kind in ("handed_over", "hung_up")), entries[-1])
        answered = next((e for e in entries if e.kind == "joined"), entries[0])
        made = Replayed(
            one.call, live, bytes(one.heard), bytes(one.said), None, caller, [], tuple(colleagues(self._wanted.corpus)), route,
            round((ended.at - answered.at).total_seconds(), 2), took_s,
            tuple(facts["carded"]["missing"]) if "carded" in facts else None,
            facts["agent_ringing"]["agent"] if "agent_ringing" in facts else None, problem_of(live),
        )  # fmt: skip
        result = score(made)
        result.pop_ms = next(iter(live.seen_ms.values()), None)
        peaks = both_sides(without_proofs(made), made.said, self._audio / f"{one.call.name}.ogg") if self._audio else []
        return Done(result, peaks)


def replay_live(
    wanted: Wanted, folder: Path, at_once: int, audio: Path | None, calls: Sequence[Call]
) -> Iterator[Done]:
    """Each call's result, as soon as it is there; the loop runs in a thread of its own beside the reader."""
    import queue
    import threading

    results: queue.SimpleQueue[Done | BaseException | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            loop.run(LiveReplay(wanted, folder, at_once, audio, results.put).run(calls))
        except BaseException as error:  # handed to the reader, who raises it
            results.put(error)
        else:
            results.put(None)

    thread = threading.Thread(target=work, name="live-replay")
    thread.start()
    try:
        while (one := results.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        thread.join()
