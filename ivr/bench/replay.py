"""Recorded calls: how fast they are replayed on one core, what the same calls come to live, how soon a large report opens."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from ivr.provision import debian
from ivr.provision.places import CACHE
from ivr.replay.report import page, run_folder

CORPUS = Path("audio/corpus")
AT_ONCE = 8
LARGE, OPENED = 1000, 5
FIGURES = (
    "calls", "wer", "intent_accuracy", "route_accuracy", "needless_transfers", "questions", "seconds_to_place", "response_p50_ms",
    "response_p95_ms", "pop_p95_ms", "speed",
)  # fmt: skip


def _replayed(folder: Path, *words: str) -> dict[str, Any]:
    """One run of ``ivr replay``, in a process of its own, as an operator starts it; its JSON."""
    command = [sys.executable, "-m", "ivr", "replay", str(CORPUS), "--to", str(folder), "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        raise RuntimeError(done.stderr)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {name: told[name] for name in FIGURES}


def large_report(run: Path, folder: Path, calls: int) -> run_folder.Run:
    """A report of so many calls, made of those of a run again and again."""
    found = run_folder.read_run(run)
    made = run_folder.Run(folder, about=found.about)
    folder.mkdir(parents=True, exist_ok=True)
    kept = list(found.results.values())
    for number in range(calls):
        one = kept[number % len(kept)]
        name = f"{one.name}-{number}"
        made.results[name] = replace(one, name=name)
        made.peaks[name] = found.peaks[one.name]
    page.write(made, None, [])
    return made


async def _opened_ms(address: str) -> list[float]:
    """From the navigation to the drawn page, in ms, in a fresh Chromium page each time."""
    from playwright.async_api import async_playwright

    found = debian.get(debian.CHROMIUM, CACHE)
    flags = ["--disable-gpu", "--disable-quic", "--no-first-run", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    took = []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=str(found.path), args=flags, env={**os.environ, **found.environment()}
        )
        for _ in range(OPENED):
            tab = await chromium.new_page()
            await tab.goto(address)
            took.append(float(await tab.evaluate("window.drawnMs")))
            await tab.close()
        await chromium.close()
    return took


def measure() -> dict[str, Any]:
    """Everything, one after the other."""
    folder = Path(tempfile.mkdtemp(prefix="ivr-bench-"))
    try:
        _replayed(folder / "warm", "--processes", "1", "--only", "late-known")  # prompts rendered, files in the cache
        fast = _replayed(folder / "fast", "--processes", "1")
        live = _replayed(folder / "live", "--live", str(AT_ONCE))
        large_report(folder / "fast", folder / "large", LARGE)
        opened = asyncio.run(_opened_ms((folder / "large/index.html").resolve().as_uri()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report = {"calls": LARGE, "opened_ms": round(statistics.median(opened), 1), "slowest_ms": round(max(opened), 1)}
    return {"fast_one_core": fast, "live": {"at_once": AT_ONCE, **live}, "report": report}


def show(found: dict[str, Any]) -> None:
    """Print the table."""
    print(f"\n{'':<22} {'fast, one core':>16} {'live, 8 at once':>16}")
    for name in FIGURES:
        cells = [found[side][name] for side in ("fast_one_core", "live")]
        print(f"{name:<22} " + " ".join(f"{'–' if value is None else format(value, '.4g'):>16}" for value in cells))
    report = found["report"]
    print(f"a report of {report['calls']} calls is drawn {report['opened_ms']:.0f} ms after it was opened "
          f"(median of {OPENED}; slowest {report['slowest_ms']:.0f} ms)")  # fmt: skip
