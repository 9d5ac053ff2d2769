"""A whole house at once, through a real Asterisk: 200 desks, floors, pages that stop reading, a CRM that is dead or slow.

Each round has a process with a server of its own and an Asterisk of its own, the same 200 agents, and callers who press a key;
only how many have a desk open, and what goes wrong beside them, is different. All pages, and the CRM, are in another process
(``bench_crowd``). The CRM is asked at every call: the breaker that leaves a dead one alone is set so high that it never does,
which is the worst case.

ring→card is Asterisk's own time stamp of the ring to the card's arrival at the desk's client; ring→pop, as in ``calls``, to its
acknowledgement here. looked up: the call's ring to what is known of the caller; greeted: to the beginning of the first sentence,
of which Asterisk's own Answer() takes half a second. lag: how late a timer of 10 ms rings in the server's loop.

Long: one measurement in one file, from its house to its table.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from ivr.adapters.database import DatabaseAccounts, Store
from ivr.bench.crowd import Crowd
from ivr.bench.quantiles import memory_mb, spread
from ivr.calls.live import LiveCall
from ivr.calls.people.accounts import Account
from ivr.calls.people.audit import Actor
from ivr.config.load import Config, parse
from ivr.core.caller import Agent, AgentId, CallId
from ivr.core.contact.ledger import Entry
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.shop import shop
from ivr.provision.places import CACHE
from ivr.server.app import Server, running
from ivr.server.process import logs, loop
from ivr.server.process.memory import spare_the_collector

DESKS = 200
FEW = 20
FLOORS = 5
STUCK = 5
CALLS = 80
ARRIVALS_PER_S = 2.0
KEYS = ("1", "3", "4", "5")
STOP_READING_EVERY = 40
"""After so many calls, more pages stop reading: those from before have been cut off by then."""
TICK_S = 0.01
SETTLE_S = 60.0
TARGET_MS = 100.0
QUEUES = (
    ("orders", "returns", "ivr-fallback"), ("billing", "sales", "ivr-fallback"), ("repairs", "orders", "ivr-fallback"),
    ("orders", "returns", "billing", "repairs", "sales", "ivr-fallback"),
)  # fmt: skip
"""Agents belong to these in turn."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a round is about."""

    name: str
    desks: int = DESKS
    floors: int = FLOORS
    stuck: int = STUCK
    crm: bool = False
    answers_after_s: float | None = None


CASES = (
    Case("plain: our own database", FEW, 0, 0),
    Case("200 desks"),
    Case("200 desks, dead CRM", crm=True),
    Case("200 desks, CRM after 5 s", crm=True, answers_after_s=5.0),
)


@dataclass(slots=True)
class Seen:
    """What was seen in a round."""

    case: Case
    cards_ms: list[float] = field(default_factory=list)
    pop_ms: list[float] = field(default_factory=list)
    looked_up_ms: list[float] = field(default_factory=list)
    greeted_ms: list[float] = field(default_factory=list)
    lag_ms: list[float] = field(default_factory=list)
    rings: int = 0
    asked: int = 0
    stories: int = 0
    closed: int = 0
    stuck: int = 0
    still_stuck: int = 0
    cores: float = 0.0
    one_desk_mb: float = 0.0
    all_desks_mb: float = 0.0
    after_mb: float = 0.0

    def row(self) -> dict[str, Any]:
        """The round in figures; times in ms, memory in MB."""
        return {
            "case": self.case.name, "desks": self.case.desks, "floors": self.case.floors, "stuck": self.stuck,
            "calls": len(self.greeted_ms), "rings": self.rings, "ring_to_card_ms": _with_max(self.cards_ms),
            "ring_to_pop_ms": _with_max(self.pop_ms),
            "looked_up_ms": _with_max(self.looked_up_ms), "greeted_ms": _with_max(self.greeted_ms),
            "lag_ms": _with_max(self.lag_ms),
            "crm_asked": self.asked, "stories": self.stories, "good_desks_closed": self.closed, "still_stuck": self.still_stuck,
            "server_cores": round(self.cores, 2), "one_desk_mb": round(self.one_desk_mb, 1),
            "all_desks_mb": round(self.all_desks_mb, 1), "after_mb": round(self.after_mb, 1),
        }  # fmt: skip


def _with_max(values: list[float]) -> dict[str, float] | None:
    found = spread(values)
    return {**found, "max": round(max(values), 1)} if found else None


def ratios(rows: list[dict[str, Any]]) -> list[dict[str, float]]:
    """Each round beside the first one, the plain case: how many times as much."""
    plain = rows[0]
    return [
        {
            "card_p95": _ratio(row, plain, "ring_to_card_ms", "p95"), "greeted_p50": _ratio(row, plain, "greeted_ms", "p50"),
            "greeted_p95": _ratio(row, plain, "greeted_ms", "p95"), "lag_p99": _ratio(row, plain, "lag_ms", "p99"),
            "memory": round(row["all_desks_mb"] / row["one_desk_mb"], 2),
        }
        for row in rows
    ]  # fmt: skip


def _ratio(row: dict[str, Any], plain: dict[str, Any], what: str, quantile: str) -> float:
    return round(float(row[what][quantile]) / float(plain[what][quantile]), 2)


def _agents() -> list[Agent]:
    return [
        Agent(
            AgentId(f"load{n}"),
            f"Agent {n}",
            f"Local/{1100 + n}@ivr-lab-phones/n",
            ("en", "zh"),
            {},
            None,
            QUEUES[n % 4],
        )
        for n in range(DESKS)
    ]


def _config(folder: Path, asterisk: PrivateAsterisk, crm_port: int | None) -> Config:
    raw: dict[str, Any] = {
        "asterisk": {"port": asterisk.ports.ami},
        "media": {"port": asterisk.ports.media},
        "web": {"port": 0, "key_file": str(folder / "web.key")},
        "database": {"url": f"sqlite:///{folder / 'ivr.db'}"},
        "records": {"folder": str(folder / "records")},
        "sources": {"shop": f"sqlite:///{folder / 'shop.db'}"},
        "speech_in": {"model_en": "audio/models/bundled-en", "model_zh": "off"},
        "routing": {"wrap_up_s": 1},
    }
    if crm_port is not None:
        url = f"http://127.0.0.1:{crm_port}/customers?phone={{number}}"
        raw["directory"] = {"kind": "http", "url": url, "failures": 1_000}
    return parse(raw, "the bench's settings", {})


async def _fill(config: Config, folder: Path, password: str) -> None:
    """The shop, 200 agents and the supervisors."""
    # cheap to check: what a sign-in costs is not what is measured here
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)
    async with Store.opened(config.database.url) as store:
        await shop.open_shop(store, {agent.id: password for agent in shop.AGENTS}, books=folder / "shop.db")
        accounts = DatabaseAccounts(store)
        for agent in _agents():
            await accounts.save(agent, agent.id, hashed)
        for number in range(FLOORS):
            await accounts.add(
                Account(f"floor{number}", hashed, role="supervisor", name=f"F {number}"), Actor("console:bench")
            )


@contextlib.asynccontextmanager
async def _house(case: Case, folder: Path, asterisk: PrivateAsterisk) -> AsyncIterator[tuple[Server, Crowd, Seen]]:
    """A server with all its pages open, and the memory that they took."""
    seen, password = Seen(case), secrets.token_urlsafe(9)
    async with contextlib.AsyncExitStack() as stack:
        crowd = await stack.enter_async_context(Crowd.started())
        port = await crowd.ask("crm", after_s=case.answers_after_s) if case.crm else None
        config = _config(folder, asterisk, port)
        await _fill(config, folder, password)
        server = await stack.enter_async_context(running(config, asterisk.secret, Path()))
        spare_the_collector()  # as ``ivr serve`` does
        while not server.link.connected:  # noqa: ASYNC110  # nothing to wait on but the link itself
            await asyncio.sleep(0.05)
        await crowd.ask("come", address=f"http://127.0.0.1:{server.web_port}", password=password)
        logins = [agent.id for agent in _agents()]
        await crowd.ask("desks", logins=logins[:1])
        await _available(server, 1)
        seen.one_desk_mb = await _settled_mb()
        await crowd.ask("desks", logins=logins[1 : case.desks])
        await _available(server, case.desks)
        seen.all_desks_mb = await _settled_mb()
        await crowd.ask("floors", logins=[f"floor{n}" for n in range(case.floors)])
        yield server, crowd, seen


def _stuck(server: Server, case: Case) -> int:
    """How many of the pages that do not read are open."""
    return sum(server.desks.windows(agent.id) - 1 for agent in _agents()[: case.stuck])


async def _settled_mb() -> float:
    await asyncio.sleep(2)
    gc.collect()
    return memory_mb()


async def _available(server: Server, wanted: int) -> None:
    deadline = time.monotonic() + 60
    while (free := sum(state == "available" for state in server.roster.states().values())) < wanted:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{free} of {wanted} agents became available")
        await asyncio.sleep(0.1)


async def _ticks(lag_ms: list[float]) -> None:
    """How late the loop is, until it is cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + TICK_S
        await asyncio.sleep(TICK_S)
        lag_ms.append((loop.time() - due) * 1000)


async def _round(case: Case, folder: Path, asterisk: PrivateAsterisk, lab: Lab, calls: int) -> Seen:
    """Ring in the callers one after the other, and watch them all to their end."""
    async with _house(case, folder, asterisk) as (server, crowd, seen):
        over: list[LiveCall] = []
        greeted: set[CallId] = set()
        looked_up: set[CallId] = set()

        def watch(live: LiveCall, entry: Entry) -> None:
            since_ms = (entry.at - live.ledger.began).total_seconds() * 1000
            if entry.kind == "said" and live.id not in greeted:
                greeted.add(live.id)
                seen.greeted_ms.append(since_ms)
            if entry.kind == "hung_up":
                over.append(live)
            if entry.kind == "looked_up" and live.id not in looked_up:
                looked_up.add(live.id)
                seen.looked_up_ms.append(since_ms)

        server.calls.subscribe(watch)
        ticking = asyncio.ensure_future(_ticks(seen.lag_ms))
        began, cpu = time.monotonic(), time.process_time()
        for number in range(calls):
            if number % STOP_READING_EVERY == 0:
                # second windows of agents who also have one that reads: theirs is the card that might not come
                seen.stuck = await crowd.ask("stuck", logins=[agent.id for agent in _agents()[: case.stuck]])
            script = ["wait:1.5", f"key:{KEYS[number % len(KEYS)]}", "wait:60"]
            await asyncio.to_thread(lab.call, shop.DNIS, f"+49151{secrets.randbelow(10**8):08d}", "", script)
            await asyncio.sleep(max(0.0, began + (number + 1) / ARRIVALS_PER_S - time.monotonic()))
        until = began + calls / ARRIVALS_PER_S + SETTLE_S
        while len(over) < calls and time.monotonic() < until:  # noqa: ASYNC110  # their ends are told to nobody but this list
            await asyncio.sleep(0.1)
        seen.cores = (time.process_time() - cpu) / (time.monotonic() - began)
        ticking.cancel()
        report = await crowd.ask("report")
        seen.cards_ms, seen.asked, seen.stories = report["cards_ms"], report["asked"], report["stories"]
        seen.closed = report["closed"]
        seen.still_stuck = _stuck(server, case)
        seen.after_mb = await _settled_mb()
        for live in over:
            seen.pop_ms += list(live.seen_ms.values())
        seen.rings = server.screen_pop.rings
        return seen


async def run(folder: Path, case: Case, calls: int = CALLS) -> Seen:
    """One round on an Asterisk of its own."""
    asterisk = PrivateAsterisk.prepare(folder / "asterisk", Path("dialplans/asterisk"), CACHE)
    asterisk.start()
    try:
        with Lab(asterisk.ports.ami, asterisk.lab_secret) as lab:
            for number in range(DESKS):
                lab.phone(str(1100 + number), "0.3", "0.5")
            return await _round(case, folder, asterisk, lab, calls)
    finally:
        asterisk.stop()


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table."""
    names = ("ring_to_card_ms", "ring_to_pop_ms", "looked_up_ms", "greeted_ms", "lag_ms")
    heads = ("ring→card ms", "ring→pop ms", "looked up ms", "greeted ms", "lag p99/max ms")
    print("\n" + " " * 27 + "rings" + "".join(f"{head:>16}" for head in heads) + "  server        memory")
    for row in rows:
        shown = [_shown(row[name]) for name in names[:-1]]
        shown.append(f"{row['lag_ms']['p99']:.0f}/{row['lag_ms']['max']:.0f}")
        print(
            f"{row['case']:27}{row['rings']:>5}" + "".join(f"{one:>16}" for one in shown)
            + f"{row['server_cores']:>7.2f}c{row['one_desk_mb']:>6.0f}→{row['all_desks_mb']:.0f} MB"
        )  # fmt: skip
    for row, ratio in zip(rows[1:], ratios(rows)[1:], strict=True):
        print(f"{row['case']}: " + ", ".join(f"{name} ×{value:g}" for name, value in ratio.items()))
    met = all(row["ring_to_card_ms"]["p95"] <= TARGET_MS for row in rows)
    print(
        "\nTimes are p50/p95/max; memory: with one desk → with all of the round; ×: beside the round above all others, and memory"
    )
    print("beside one desk. ring→card is measured in the process of the pages, which shares this machine's cores.")
    print(
        f"Target: p95 of ring→card ≤ {TARGET_MS:g} ms: {'met' if met else 'MISSED'}. Again: python -m ivr.bench --only load"
    )


def _shown(times: dict[str, float] | None) -> str:
    return f"{times['p50']:.0f}/{times['p95']:.0f}/{times['max']:.0f}" if times else "–"


def measure() -> list[dict[str, Any]]:
    """All rounds, one after the other, each in a process of its own: what one leaves in memory is not the next one's."""
    rows = []
    for number, case in enumerate(CASES):
        words = [sys.executable, "-m", "ivr.bench.load", str(number)]
        rows.append(json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout))
        print(f"… {case.name}: done", file=sys.stderr)
    return rows


def main() -> None:
    """One round, by its number, in a house of its own which leaves nothing behind; its figures as JSON."""
    logs.set_up("console", "error")
    folder = Path(tempfile.mkdtemp(prefix="ivr-bench-"))
    try:
        print(json.dumps(loop.run(run(folder, CASES[int(sys.argv[1])])).row()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
