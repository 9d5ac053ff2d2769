"""``make bench``: what one machine carries, how soon callers are in the right place, and what the parts cost.

``--only`` runs one part: ``calls`` (rounds of callers at once), ``load`` (200 desks, pages that stop reading, a dead CRM),
``talk`` (scripted callers, beside a classic keypad menu),
``replay`` (our corpus of recorded calls, fast and live), ``cost`` (classifying, stepping, reading, memory, publishing) or ``day``
(a simulated day's transfers and waits, beside a keypad menu with the same agents). The last line is everything as JSON.

What breaks things is a word of its own, and no part of that: ``chaos`` (faults at random moments, beside callers who ring all the
time), ``ends`` (SIGTERM at random moments), ``strangers`` (a flood at the pages' port); docs/trust.md says what they mean. So is
``turns`` (how soon callers are answered, what a pause in a sentence does; docs/conversation.md). They end with 1 where a
target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime
from typing import Any

from ivr.bench import calls, chaos, replay
from ivr.bench import cost as bench_cost
from ivr.bench import load as bench_load
from ivr.bench import talk as bench_talk
from ivr.bench.quantiles import others_cores, remark
from ivr.bench.simulated_day import show, study
from ivr.server.process import logs

PARTS = ("calls", "load", "talk", "replay", "cost", "day")


def part(name: str, rounds: list[int]) -> dict[str, Any]:
    """Measure one part, print its tables, and give what goes into the JSON line."""
    cores, began = others_cores(), time.monotonic()
    if name == "calls":
        done = calls.measure(rounds)
        calls.show(done)
        figures: dict[str, Any] = {"rounds": [d.row() for d in done]}
    elif name == "load":
        load = bench_load.measure()
        bench_load.show(load)
        figures = {"load": load, "load_ratios": bench_load.ratios(load)}
    elif name == "talk":
        talk = bench_talk.measure()
        bench_talk.show(talk)
        figures = {"talk": bench_talk.rows(talk)}
    elif name == "replay":
        replayed = replay.measure()
        replay.show(replayed)
        figures = {"replay": replayed}
    elif name == "day":
        days = study.measure()
        print("\n" + show.report(days))
        figures = {"day": days.as_json()}
    else:
        cost = bench_cost.measure()
        bench_cost.show(cost)
        figures = {"cost": cost}
    print(remark(cores), flush=True)
    took = round(time.monotonic() - began, 1)
    print(f"… {name}: {took:.0f} s", file=sys.stderr)
    return {**figures, f"{name}_others_cores": cores, f"{name}_took_s": took}


def main() -> int:
    """Measure, print the tables and, as the last line, everything as JSON."""
    words = argparse.ArgumentParser(prog="python -m ivr.bench", description=__doc__)
    words.add_argument("--calls", default="1,20,100", help="rounds, comma-separated")
    words.add_argument("--only", choices=PARTS, help="one part instead of all")
    chaos.add_arguments(words)
    asked = words.parse_args()
    logs.set_up("console", "error")
    if asked.study:
        return chaos.run(asked)
    rounds = [int(n) for n in asked.calls.split(",")]
    everything: dict[str, Any] = {}
    for name in (asked.only,) if asked.only else PARTS:
        everything |= part(name, rounds)
    machine = {"cores": os.cpu_count(), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    print(json.dumps({"machine": machine, **everything}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
