"""Fifty calls without and with strangers at the pages' port: calls, cards and ``/health`` must be as without."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from ivr.bench.chaos.callers import KEYS, PATIENCE_S, Callers, Wish
from ivr.bench.chaos.faults import say
from ivr.bench.chaos.house import House, opened
from ivr.bench.chaos.judging import Judge, settled
from ivr.bench.quantiles import spread
from ivr.server.process import loop

AGENTS = 25
HALF_OPEN = 5_000
FIRST_S, HEALTH_EVERY_S, RAMP_S = 180.0, 0.2, 10.0
AS_WITHOUT = 2.0
"""So many times as long is still "as without": where both are milliseconds, the machine's other work is more than that."""
OR_MS = 50.0
"""… or so much longer."""
MEASURES = ("ring_to_card_ms", "greeted_ms", "health_ms")


def cheap(dice: random.Random) -> Wish:
    """A caller who is long with the machine and says nothing that must be recognised, then presses a key."""
    return Wish((f"wait:{dice.uniform(10.0, 20.0):.1f}", f"key:{dice.choice(KEYS)}", f"wait:{PATIENCE_S}"), True)


async def _round(name: str, house: House, callers: Callers, at_once: int, seconds: float) -> dict[str, Any]:
    """So many callers for so long, with ``/health`` asked all the time."""
    health_ms: list[float] = []
    unwell: Counter[str] = Counter()
    async with callers.ringing(at_once, RAMP_S):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            said = await house.health()
            health_ms.append((time.monotonic() - began) * 1000)
            unwell.update([said] if said != "ok" else [])
            await asyncio.sleep(HEALTH_EVERY_S)
        most = sum(call.ended is None for call in house.phones.calls())
    calls = [call for call in house.phones.calls() if call.number in callers.wishes]
    there = await settled(house.url, {call.call for call in calls})
    judged = Judge([], house.desks, callers, there).judge(calls)
    greeted = [there[call.call].greeted_ms for call in calls if call.call in there]
    return {
        "round": name, "calls": judged.calls, "at_once": most, "served": judged.reached + judged.own_end,
        "cards": judged.complete + judged.naming, "rings": judged.rings, "records_lost": judged.lost,
        "not_served": judged.not_served, "cards_incomplete": judged.incomplete,
        "health_asked": len(health_ms), "unwell": dict(unwell),
        "ring_to_card_ms": spread(one * 1000 for one in judged.cards_s),
        "greeted_ms": spread(one for one in greeted if one is not None), "health_ms": spread(health_ms),
    }  # fmt: skip


@contextlib.asynccontextmanager
async def flood(house: House, half_open: int) -> AsyncIterator[dict[str, int]]:
    """Strangers for as long as the block runs; what became of them is in what it is given, afterwards."""
    became: dict[str, int] = {}
    port = house.web.rpartition(":")[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ivr.bench.chaos.flood", port, str(half_open),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin and process.stdout
    try:
        if await process.stdout.readline() != b"here\n":
            raise RuntimeError("the strangers have ended before they came")
        yield became
        process.stdin.close()
        became |= json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _run(at_once: int, seconds: float, half_open: int, seed: int) -> dict[str, Any]:
    async with opened("sqlite", AGENTS) as house:
        house.server.start()
        await house.until_well(FIRST_S)
        dice = random.Random(seed)  # noqa: S311
        say(f"{at_once} callers at once, nobody else")
        without = await _round("without", house, Callers(house.phones, dice, cheap), at_once, seconds)
        say(f"the same, {half_open} half-open connections and sign-ins beside them")
        async with flood(house, half_open) as became:
            beside = await _round("with strangers", house, Callers(house.phones, dice, cheap), at_once, seconds)
        return {"rounds": [without, beside], "strangers": became, "ratios": _ratios(without, beside)}


def _ratios(without: dict[str, Any], beside: dict[str, Any]) -> dict[str, float]:
    return {
        f"{name}_{quantile}": round(beside[name][quantile] / max(without[name][quantile], 0.1), 2)
        for name in MEASURES for quantile in ("p50", "p95") if without[name] and beside[name]
    }  # fmt: skip


def measure(at_once: int = 50, seconds: float = 60.0, half_open: int = HALF_OPEN, seed: int = 1) -> dict[str, Any]:
    """Both rounds in one house, which leaves nothing behind."""
    row = loop.run(_run(at_once, seconds, half_open, seed))
    return {"seed": seed, "seconds": seconds, "half_open": half_open, **row, "missed": missed(row)}


def missed(row: dict[str, Any]) -> list[str]:
    """The targets that were not met, in words."""
    without, beside = row["rounds"]
    found = [
        f"{one['round']}: {name} {len(one[name])}"
        for one in row["rounds"] for name in ("not_served", "records_lost", "cards_incomplete") if one[name]
    ]  # fmt: skip
    found += [f"{one['round']}: unwell ({one['unwell']})" for one in row["rounds"] if one["unwell"]]
    found += [
        f"{name} p95 ×{row['ratios'][f'{name}_p95']}" for name in MEASURES
        if beside[name]["p95"] > max(without[name]["p95"] * AS_WITHOUT, without[name]["p95"] + OR_MS)
    ]  # fmt: skip
    return found + (["somebody was let in"] if row["strangers"].get("LET IN") else [])


def show(row: dict[str, Any]) -> None:
    """Print the table."""
    print(f"\n{'':16}calls  at once  served   cards/rings   ring→card ms     greeted ms      /health ms (p50/p95/p99)")
    for one in row["rounds"]:
        times = "".join(f"{'/'.join(f'{one[name][q]:.0f}' for q in ('p50', 'p95', 'p99')):>17}" for name in MEASURES)
        print(
            f"{one['round']:16}{one['calls']:>5}{one['at_once']:>9}{one['served']:>8}{one['cards']:>8}/{one['rings']:<4}{times}"
        )
    print("with strangers, times as long: " + ", ".join(f"{name} ×{value:g}" for name, value in row["ratios"].items()))
    print("strangers: " + ", ".join(f"{what} {count}" for what, count in sorted(row["strangers"].items())))
    print("targets: " + ("met" if not row["missed"] else "MISSED: " + "; ".join(row["missed"])))
