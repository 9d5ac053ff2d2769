"""What one machine carries, through a real Asterisk: the first part of ``make bench``.

Callers are channels inside the same Asterisk that play a recording; agents are pretended phones with a desk each: a
WebSocket, as the page has one, and one real headless Chromium. The server runs in this process, so its CPU and memory are this
process's own; Asterisk's are read from /proc. Times from the ring are taken from Asterisk's own time stamps.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from ivr.adapters.database import DatabaseAccounts, Store
from ivr.bench.quantiles import cpu_s, memory_mb, spread
from ivr.calls.live import LiveCall
from ivr.config.load import parse
from ivr.core.caller import Agent, AgentId
from ivr.core.contact.ledger import Entry
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.desk_client import DeskClient
from ivr.lab.shop import shop
from ivr.provision import debian
from ivr.provision.places import CACHE
from ivr.server.app import Server, running
from ivr.server.process import loop

AGENTS = 20
BROWSER = AgentId("browser")
BROWSER_CALLS = 15
ARRIVALS_PER_S = 12.0
SETTLE_S = 90.0


@dataclass(slots=True)
class Round:
    """What was seen with so many calls at once."""

    name: str
    calls: int
    most_at_once: int = 0
    response_ms: list[float] = field(default_factory=list)
    decode_ms: list[float] = field(default_factory=list)
    pop_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    right: int = 0
    server_cpu: float = 0.0
    asterisk_cpu: float = 0.0
    memory_mb: float = 0.0

    def row(self) -> dict[str, Any]:
        """The round in figures; times in ms, CPU in cores, memory in MB."""
        return {
            "round": self.name, "calls": self.calls, "most_at_once": self.most_at_once, "understood_right": self.right,
            "response_ms": spread(self.response_ms), "final_result_ms": spread(self.decode_ms),
            "ring_to_pop_ms": spread(self.pop_ms), "playout_late_ms": spread(self.late_ms),
            "server_cores": round(self.server_cpu, 3), "asterisk_cores": round(self.asterisk_cpu, 3),
            "server_memory_mb": round(self.memory_mb, 1),
        }  # fmt: skip


@dataclass(slots=True)
class Load:
    """What server and Asterisk took of the cores while many were on the line.

    Over the whole round the same work came out at 0.45 cores or at 0.90: one caller who had to be asked again kept the round
    open twice as long, at no cost. So only the time counts in which at least half of the most talked.
    """

    looks: list[tuple[float, float, float, int]] = field(default_factory=list)
    """Seconds, the server's and Asterisk's seconds of processor, callers with the machine."""

    def look(self, talking: int, asterisk: int) -> None:
        """Take the figures of this moment."""
        self.looks.append((time.monotonic(), time.process_time(), cpu_s(asterisk), talking))

    @property
    def most(self) -> int:
        """The most at once."""
        return max((look[3] for look in self.looks), default=0)

    def cores(self) -> tuple[float, float]:
        """Of the server and of Asterisk."""
        busy = [
            (later[0] - one[0], later[1] - one[1], later[2] - one[2])
            for one, later in pairwise(self.looks) if one[3] * 2 >= self.most and later[3] * 2 >= self.most
        ]  # fmt: skip
        wall = sum(one[0] for one in busy) or 1.0
        return sum(one[1] for one in busy) / wall, sum(one[2] for one in busy) / wall


def _agents() -> list[Agent]:
    queues = ("orders", "returns", "billing", "sales", "ivr-fallback")
    # repairs is the browser's alone
    browser = Agent(BROWSER, "Browser", "Local/1199@ivr-lab-phones/n", ("en",), {}, None, ("repairs",))
    pretended = [
        Agent(AgentId(f"bench{n}"), f"Agent {n}", f"Local/{1100 + n}@ivr-lab-phones/n", ("en", "zh"), {}, None, queues)
        for n in range(AGENTS)
    ]
    return [browser, *pretended]


@contextlib.asynccontextmanager
async def _browser(server: Server, password: str) -> AsyncIterator[None]:
    """A desk in headless Chromium, signed in and available."""
    from playwright.async_api import async_playwright

    found = debian.get(debian.CHROMIUM, CACHE)
    flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=str(found.path), args=flags, env={**os.environ, **found.environment()}
        )
        page = await chromium.new_page()
        await page.goto(f"http://127.0.0.1:{server.web_port}/")
        await page.fill("#login", BROWSER)
        await page.fill("#password", password)
        await page.press("#password", "Enter")
        await page.wait_for_selector(".idle")
        yield
        await chromium.close()


@contextlib.asynccontextmanager
async def _house(folder: Path) -> AsyncIterator[tuple[Server, PrivateAsterisk, Lab]]:
    asterisk = PrivateAsterisk.prepare(folder / "asterisk", Path("dialplans/asterisk"), CACHE)
    config = parse(
        {
            "asterisk": {"port": asterisk.ports.ami},
            "media": {"port": asterisk.ports.media},
            "web": {"port": 0, "key_file": str(folder / "web.key")},
            "database": {"url": f"sqlite:///{folder / 'ivr.db'}"},
            "records": {"folder": str(folder / "records")},
            "sources": {"shop": f"sqlite:///{folder / 'shop.db'}"},
            "speech_in": {"model_en": "audio/models/bundled-en", "model_zh": "off"},
            "routing": {"wrap_up_s": 0},
        },
        "the bench's settings",
        {},
    )
    password = secrets.token_urlsafe(9)
    async with Store.opened(config.database.url) as store:
        await shop.open_shop(store, {agent.id: password for agent in shop.AGENTS}, books=folder / "shop.db")
        hashed = PasswordHasher().hash(password)
        for agent in _agents():
            await DatabaseAccounts(store).save(agent, agent.id, hashed)
    asterisk.start()
    try:
        async with running(config, asterisk.secret, Path()) as server, contextlib.AsyncExitStack() as stack:
            lab = stack.enter_context(Lab(asterisk.ports.ami, asterisk.lab_secret))
            address = f"http://127.0.0.1:{server.web_port}"
            while not server.link.connected:  # noqa: ASYNC110  # nothing to wait on but the link itself
                await asyncio.sleep(0.05)
            lab.phone("1199", "0.3", "0.5")
            await stack.enter_async_context(_browser(server, password))
            for number, agent in enumerate(_agents()[1:]):
                lab.phone(str(1100 + number), "0.3", "0.5")
                await stack.enter_async_context(DeskClient.signed_in(address, agent.id, password))
            await _all_available(server)
            yield server, asterisk, lab
    finally:
        asterisk.stop()


async def _all_available(server: Server) -> None:
    deadline = time.monotonic() + 20
    while sum(state == "available" for state in server.roster.states().values()) <= AGENTS:
        if time.monotonic() > deadline:
            raise RuntimeError("the agents did not become available")
        await asyncio.sleep(0.1)


async def one_round(name: str, calls: int, script: list[str], intent: str | None, house: Any) -> Round:
    """Ring in so many callers, watch them all to their end, and measure in the stretch while most are on the line."""
    server, asterisk, lab = house
    done = Round(name, calls)
    over: list[LiveCall] = []

    def watch(live: LiveCall, entry: Entry) -> None:
        if entry.kind == "hung_up":
            over.append(live)
        if entry.kind == "heard" and entry.facts["text"]:
            done.decode_ms.append(entry.facts["decode_ms"])
        if entry.kind == "decided" and live.ledger.hand_over and live.ledger.hand_over.intent == intent:
            done.right += 1

    with server.calls.watched(watch):
        server.media.jitter.late_ms = type(server.media.jitter.late_ms)(maxlen=2_000_000)
        began, load = time.monotonic(), Load()
        for number in range(calls):
            # numbers nobody knows: a known caller would be recognised, and a repeated one not asked again
            await asyncio.to_thread(lab.call, shop.DNIS, f"+49151{secrets.randbelow(10**8):08d}", "", script)
            await asyncio.sleep(max(0.0, began + (number + 1) / ARRIVALS_PER_S - time.monotonic()))
            load.look(_talking(server), asterisk.pid)
        while len(over) < calls and time.monotonic() - began < SETTLE_S:
            load.look(_talking(server), asterisk.pid)
            done.memory_mb = max(done.memory_mb, memory_mb())
            await asyncio.sleep(0.2)
    done.most_at_once, done.server_cpu, done.asterisk_cpu = load.most, *load.cores()
    done.late_ms = list(server.media.jitter.late_ms)
    for live in over:
        done.response_ms += [turn.first_audio for turn in live.turns if turn.first_audio is not None]
        done.pop_ms += list(live.seen_ms.values())
    return done


def _talking(server: Server) -> int:
    return sum(live.line is not None for live in server.calls.values())


def show(rounds: list[Round]) -> None:
    """Print the table."""
    head = (
        "calls",
        "at once",
        "right",
        "response ms",
        "final result ms",
        "ring→pop ms",
        "playout late ms",
        "server",
        "Asterisk",
        "memory",
    )
    print("\n" + "  ".join(f"{h:>17}" if "ms" in h else f"{h:>8}" for h in head))
    for done in rounds:
        row = done.row()
        times = [row[k] for k in ("response_ms", "final_result_ms", "ring_to_pop_ms", "playout_late_ms")]
        shown = [f"{t['p50']:.0f}/{t['p95']:.0f}/{t['p99']:.0f}" if t else "–" for t in times]
        cells = [str(done.calls), str(done.most_at_once), str(done.right)]
        print(
            "  ".join(f"{c:>8}" for c in cells) + "  " + "  ".join(f"{s:>17}" for s in shown)
            + f"  {row['server_cores']:>7.2f}c {row['asterisk_cores']:>8.2f}c {row['server_memory_mb']:>6.0f}MB  {done.name}"
        )  # fmt: skip
    print(
        "\nTimes are p50/p95/p99. response: end of the caller's speech to the first frame of the answer, of which 600 ms is"
    )
    print(
        "the silence that ends an utterance; final result: last sound read to the recogniser's words; ring→pop: Asterisk's time"
    )
    print("stamp of the ring to the acknowledgement of the card; playout late: how late 20 ms frames left; c: cores.")


async def run(rounds: list[int], folder: Path, sounds: Path) -> list[Round]:
    """All rounds, one after the other; ``sounds`` is the folder of the sample calls."""
    done: list[Round] = []
    async with _house(folder) as house:
        for calls in rounds:
            speaking = ["hush:600", f"play:{sounds}/charged-twice", "wait:60"]
            done.append(await one_round("all speak and are recognised", calls, speaking, "invoice", house))
            print(f"… {calls} calls, speaking: done", file=sys.stderr)
        done.append(await one_round("all silent: media only", max(rounds), ["wait:60"], None, house))
        broken = ["hush:600", f"play:{sounds}/watch-stopped", "wait:60"]
        done.append(await one_round("card drawn in a real browser", BROWSER_CALLS, broken, "repair", house))
    return done


def measure(rounds: list[int]) -> list[Round]:
    """All rounds in a house of their own, which leaves nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="ivr-bench-"))
    try:
        return loop.run(run(rounds, folder, Path("audio/calls").resolve()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
