"""The chaos run from its house to its table: what was done, what it cost callers, records and cards."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.bench.chaos.acts import Act
from ivr.bench.chaos.callers import PATIENCE_S
from ivr.bench.chaos.faults import Run, under_faults
from ivr.bench.chaos.house import Database, opened
from ivr.bench.chaos.judging import Judge, Judged, settled
from ivr.server.process import loop

AGENTS = 8
SHOWN = 12
ENDS_WITHIN_S = 10.0


def _act(run: Run, name: str) -> dict[str, Any]:
    done = run.done[name]
    recovered = done.recovered_s
    return {
        "act": name, "times": len(recovered) + done.never, "calls_under_way": done.under_way,
        "recovered_p50_s": round(statistics.median(recovered), 1) if recovered else None,
        "recovered_max_s": round(max(recovered), 1) if recovered else None, "never": done.never,
    }  # fmt: skip


def figures(run: Run, judged: Judged, ends_s: list[float], bad: dict[str, int]) -> dict[str, Any]:
    """Everything, ready for JSON."""
    return {
        "acts": [_act(run, name) for name in run.done], "left_out": run.left_out,
        "calls": judged.calls, "served": judged.reached + judged.own_end, "reached_a_person": judged.reached,
        "own_end": judged.own_end, "not_served": judged.not_served,
        "unseen": judged.unseen, "records_lost": judged.lost,
        "rings": judged.rings, "cards_complete": judged.complete, "cards_naming": judged.naming,
        "cards_incomplete": judged.incomplete,
        "ring_to_card_ms": round(statistics.median(judged.cards_s) * 1000) if judged.cards_s else None,
        "rings_without_server": judged.rings_without_server, "cards_came_back": judged.came_back,
        "cards_did_not": judged.did_not,
        "ends_max_s": round(max(ends_s), 1) if ends_s else None, "errors_logged": bad,
    }  # fmt: skip


def missed(row: dict[str, Any]) -> list[str]:
    """The targets that were not met, in words."""
    slow = row["ends_max_s"] is not None and row["ends_max_s"] > ENDS_WITHIN_S
    wrong = {
        "callers not served": len(row["not_served"]), "records lost": len(row["records_lost"]),
        "cards incomplete": len(row["cards_incomplete"]), "cards that did not come back": len(row["cards_did_not"]),
        "faults without recovery": sum(act["never"] for act in row["acts"]), "ends after ten seconds": int(slow),
        "no call at all": int(not row["calls"]),
    }  # fmt: skip
    return [f"{what}: {count}" for what, count in wrong.items() if count]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is to be."""

    minutes: float
    seed: int
    at_once: int = 6
    database: Database = "postgresql"
    only: frozenset[str] = frozenset()
    """Names of acts; empty: all."""
    logs: Path | None = None
    """A folder for copies of the server's and Asterisk's logs."""


async def _run(wanted: Wanted) -> dict[str, Any]:
    def chosen(act: Act) -> bool:
        return not wanted.only or act.name in wanted.only

    async with opened(wanted.database, AGENTS) as house:
        run, callers = await under_faults(house, wanted.minutes, wanted.seed, wanted.at_once, chosen)
        house.log.update()
        calls = house.phones.calls()
        there = await settled(house.url, {call.call for call in calls})
        ends_s = [*house.ends_s, await house.server.end()]
        if wanted.logs:
            house.keep_logs(wanted.logs)
        judged = Judge(run.windows, house.desks, callers, there, run.acts).judge(calls)
        return figures(run, judged, ends_s, dict(house.log.bad.most_common(SHOWN)))


def measure(wanted: Wanted) -> dict[str, Any]:
    """All of it, in a house that leaves nothing behind."""
    row = loop.run(_run(wanted))
    told = {"seed": wanted.seed, "minutes": wanted.minutes, "at_once": wanted.at_once, "database": wanted.database}
    return {**told, **row, "missed": missed(row)}


def show(row: dict[str, Any]) -> None:
    """Print the tables."""
    print(f"\n{'':32}times   calls under way   well again after s (p50/max)")
    for act in row["acts"]:
        well = "–" if act["recovered_p50_s"] is None else f"{act['recovered_p50_s']:.1f}/{act['recovered_max_s']:.1f}"
        never = f"  NEVER: {act['never']}" if act["never"] else ""
        print(f"{act['act']:32}{act['times']:>5}{act['calls_under_way']:>18}   {well:>15}{never}")
    for one in row["left_out"]:
        print(f"not done: {one}")
    print(
        f"\ncallers served {row['served']} of {row['calls']} ({row['reached_a_person']} reached a person, {row['own_end']} hung"
        f" up by themselves); {row['unseen']} came and went while no server was there"
    )
    print(f"records lost {len(row['records_lost'])}")
    print(
        f"rings {row['rings']}: {row['cards_complete']} cards complete, {row['cards_naming']} naming what is missing,"
        f" {len(row['cards_incomplete'])} neither; ring→card p50 {row['ring_to_card_ms']} ms"
    )
    print(
        f"rang while no server was there {row['rings_without_server']}; of those who still talked after it"
        f" {row['cards_came_back']} had their card, {len(row['cards_did_not'])} not"
    )
    print(f"slowest end {row['ends_max_s']} s")
    for name in ("not_served", "records_lost", "cards_incomplete", "cards_did_not"):
        for one in row[name][:SHOWN]:
            print(f"  {name.replace('_', ' ')}: {one}")
    for said, times in row["errors_logged"].items():
        print(f"  the server's log, {times} times: {said}")
    print("targets: " + ("met" if not row["missed"] else "MISSED: " + "; ".join(row["missed"])))
    print(
        f"A caller who wants a person waits {PATIENCE_S} s for one. Again: python -m ivr.bench chaos --seed {row['seed']}"
    )
