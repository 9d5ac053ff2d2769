"""``ivr replay``."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ivr.corpus.format import Call, Corpus, CorpusError, Thresholds, read_corpus
from ivr.replay.engine.live import replay_live
from ivr.replay.engine.score import Result
from ivr.replay.engine.workers import Done, Job, replay_all
from ivr.replay.plan import Plan, plan, with_thresholds
from ivr.replay.report import junit, page, run_folder
from ivr.replay.report.compare import Comparison, compare, worse_than
from ivr.replay.report.run_folder import Run
from ivr.replay.report.terminal import show, show_comparison
from ivr.replay.report.totals import below, uncounted
from ivr.server.process import logs

RUNS = Path("var/replays")
FAST, LIVE = "fast", "live"


def replay(asked: argparse.Namespace) -> int:
    """Replay a corpus; 1 when calls failed or thresholds were not reached. Raises what ``plan`` raises."""
    console = Console(stderr=asked.json)
    logs.set_up("console", "critical")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: processes and folders are cleared away
    corpus = read_corpus(asked.corpus, asked.only)
    if asked.live:
        corpus = with_sound(corpus)
    # those of the corpus are of all its calls together
    wanted = with_thresholds(Thresholds() if asked.only else corpus.house.thresholds, asked.threshold)
    if asked.only and corpus.house.thresholds != Thresholds():
        print("note: --only leaves the corpus' thresholds out; those of --threshold hold", file=sys.stderr)
    how = f"{LIVE} {asked.live}" if asked.live else FAST
    new, old = plan(asked.config, corpus, asked.dialogues, asked.set, how), _old(asked, corpus, how)
    for note in new.notes:
        print(f"note: {note}", file=sys.stderr)
    folder = asked.to or RUNS / f"{corpus.folder.resolve().name}-{datetime.now():%Y%m%d-%H%M%S}"
    try:
        run = replayed(new, folder, asked)
    except KeyboardInterrupt:
        print(f"ivr: broken off; the same command with --to {shlex.quote(str(folder))} goes on", file=sys.stderr)
        return 130
    compared = None
    if old is not None:
        before = old if isinstance(old, Run) else replayed(old, folder / "against", asked)
        compared = compare(before.results, run.results)
    results = list(run.results.values())
    problems = below(results, run.found, wanted) + (worse_than(compared, wanted.worse_max) if compared else [])
    junit.write(folder / "junit.xml", corpus.house.title, results, problems)
    page.write(run, compared, problems)
    show(console, results, run.found, run.wall_s)
    if compared:
        show_comparison(console, compared)
    for name in uncounted(run.found, wanted):
        console.print(f"note: nothing in these calls tells {name}, so its threshold says nothing")
    for problem in problems:
        console.print(f"[red]below the threshold:[/red] {escape(problem)}")
    console.print(f"{folder / 'index.html'}: the report, with every call to listen to")
    if asked.json:
        print(json.dumps(_json(run, compared, problems), ensure_ascii=False))
    return 1 if problems else 0


def with_sound(corpus: Corpus) -> Corpus:
    """The calls that can be played to a telephone. Raises CorpusError where there are none."""
    heard = tuple(call for call in corpus.calls if call.sound is not None)
    if not heard and not corpus.broken:
        raise CorpusError([f"{corpus.folder}: every call in it is in text; --live needs sound"])
    if len(heard) < len(corpus.calls):
        print(f"note: {len(corpus.calls) - len(heard)} calls in text are left out: --live needs sound", file=sys.stderr)
    return replace(corpus, calls=heard)


def _json(run: Run, compared: Comparison | None, problems: list[str]) -> dict[str, Any]:
    made = {**run.summary(), "report": str(run.folder), "below": problems}
    if compared:
        made["against"] = compared.json()
    return made


def replayed(new: Plan, folder: Path, asked: argparse.Namespace) -> Run:
    """Replay what is not kept in the folder yet."""
    run = run_folder.begin(folder, new.about)
    scratch = Path(tempfile.mkdtemp(prefix="ivr-replay-"))
    audio = None if asked.no_audio else folder / run_folder.AUDIO
    if audio is not None:
        audio.mkdir(exist_ok=True)
    job = Job(new.wanted, scratch, audio)
    processes = asked.processes or os.cpu_count() or 1

    def all_of(calls: list[Call]) -> Iterator[Done]:
        if asked.live:
            return replay_live(new.wanted, scratch, asked.live, audio, calls)
        return replay_all(job, calls, min(processes, max(len(calls), 1)))

    try:
        with _progress(asked.json) as bar:
            task = bar.add_task(new.wanted.corpus.folder.name, total=None)

            def told(result: Result) -> None:
                bar.advance(task)

            run_folder.go_on(
                run, new.wanted.corpus, new.version, all_of, told, lambda left: bar.update(task, total=left)
            )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return run


def _progress(quiet: bool) -> Progress:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet and not sys.stderr.isatty())


def _old(asked: argparse.Namespace, corpus: Corpus, how: str) -> Run | Plan | None:
    """The other version: kept by an earlier run, or to be replayed with other dialogues or settings. Raises as ``plan``."""
    old: Path | None = asked.against
    if old is None:
        return None
    if (old / run_folder.RESULTS).is_file():
        return run_folder.read_run(old)
    if not old.exists():
        raise CorpusError([f"--against {old}: there is neither an earlier run nor dialogues nor a config.toml"])
    if old.is_file():
        return plan(old, corpus, None, [], how)
    return plan(asked.config, corpus, old, asked.set, how)
