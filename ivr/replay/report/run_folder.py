"""One run of a corpus: kept in a folder while it goes on, so that it can be broken off and gone on with."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ivr
from ivr.core.told import why
from ivr.corpus.format import Call, Corpus, CorpusError, fingerprint
from ivr.measure.intervals import Estimate
from ivr.provision.places import CACHE
from ivr.replay.engine.kit import Wanted
from ivr.replay.engine.score import Result, failed
from ivr.replay.engine.workers import Done
from ivr.replay.report.totals import estimates, summary

RESULTS, REPORT, AUDIO = "results.jsonl", "report.json", "audio"


@dataclass(slots=True)
class Run:
    """Results by call, and where they are kept."""

    folder: Path
    results: dict[str, Result] = field(default_factory=dict)
    peaks: dict[str, list[list[int]]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    """What each call was replayed with: the same mark gives the same result."""
    about: dict[str, Any] = field(default_factory=dict)
    """Versions: of the dialogue, the models, the server."""
    found: dict[str, Estimate] = field(default_factory=dict)
    """Every figure of these calls; there once the run is finished."""

    @property
    def wall_s(self) -> float:
        """Seconds of the clock that these results have taken, in all sittings."""
        return sum(one.clock_s for one in self.results.values())

    def summary(self) -> dict[str, Any]:
        """The object that ``--json`` ends with, of a run that is finished."""
        return summary(list(self.results.values()), self.found, self.wall_s)

    def keep(self, done: Done, mark: str) -> None:
        """Write one result down."""
        name = done.result.name
        self.results[name], self.peaks[name], self.marks[name] = done.result, done.peaks, mark
        with (self.folder / RESULTS).open("a", encoding="utf-8") as file:
            file.write(self._line(name))

    def _line(self, name: str) -> str:
        line = {"mark": self.marks[name], "result": self.results[name].json(), "peaks": self.peaks[name]}
        return json.dumps(line, ensure_ascii=False) + "\n"

    def only(self, names: Collection[str]) -> None:
        """Forget every other result, in the file, too: it is of calls, or of a version, that are not wanted any more."""
        self.results = {name: result for name, result in sorted(self.results.items()) if name in names}
        (self.folder / RESULTS).write_text("".join(self._line(name) for name in self.results), encoding="utf-8")

    def finish(self) -> None:
        self.only(self.results.keys())
        self.found = estimates(list(self.results.values()))
        report = {"about": self.about, "wall_s": round(self.wall_s, 3), "summary": self.summary()}
        (self.folder / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_run(folder: Path) -> Run:
    """A run that was kept. Raises CorpusError where there is none, or it cannot be read."""
    path = folder / RESULTS
    run = Run(folder)
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.endswith("}"):
                continue  # the last one, broken off in the middle
            kept = json.loads(line)
            result = Result.read(kept["result"])
            run.results[result.name] = result
            run.peaks[result.name], run.marks[result.name] = kept["peaks"], kept["mark"]
        if (folder / REPORT).is_file():
            report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
            run.about = report["about"]
    except OSError as error:
        raise CorpusError([f"{path}: {why(error)}; a run of `ivr replay --to` is wanted"]) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError([f"{path}: is no kept run of this version: replay anew, into another folder"]) from error
    return run


def begin(folder: Path, about: dict[str, Any]) -> Run:
    """A run in a folder; what is kept there already is taken over. Raises CorpusError for a folder that holds something else."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / RESULTS).is_file():
        if any(folder.iterdir()):
            raise CorpusError(
                [f"{folder}: holds something else than a run of `ivr replay`: name a new folder, or an empty one"]
            )
        (folder / RESULTS).touch()
    run = read_run(folder)
    run.about = about
    return run


def go_on(
    run: Run,
    corpus: Corpus,
    version: str,
    replay: Callable[[list[Call]], Iterator[Done]],
    told: Callable[[Result], None] = lambda result: None,
    begun: Callable[[int], None] = lambda calls: None,
) -> None:
    """Replay what is not there yet, or was replayed with something else; ``version`` names what it is replayed with.

    ``begun`` is told how many calls that are, ``told`` of each result.
    """
    before = time.perf_counter()
    marks = {call.name: fingerprint(call, version) for call in corpus.calls}
    # what failed may have failed by chance: a full disk, a process that was killed
    run.only(
        [n for n, mark in marks.items() if run.marks.get(n) == mark and n in run.results and not run.results[n].failed]
    )
    wanted = [call for call in corpus.calls if call.name not in run.results]
    begun(len(wanted) + len(corpus.broken))
    for name, problem in corpus.broken.items():
        run.keep(Done(failed(name, problem), []), "")
        told(run.results[name])
    for done in replay(wanted):
        now = time.perf_counter()
        done.result.clock_s, before = round(now - before, 4), now
        run.keep(done, marks[done.result.name])
        told(done.result)
    run.finish()


def version_of(wanted: Wanted, flow_version: str, models: Mapping[str, Path], how: str) -> str:
    """What results depend on beside the call itself: settings, dialogue, corpus, models, encoder, voice, this program."""
    corpus, config = wanted.corpus, wanted.config
    made = hashlib.sha256()
    for part in (
        ivr.__version__,
        how,
        flow_version,
        config.model_dump_json(),
        json.dumps(dict(wanted.ask), sort_keys=True),
    ):
        made.update(part.encode() + b"\0")
    if corpus.house.at is None and any(call.facts.at is None for call in corpus.calls):
        made.update(f"{wanted.now:%Y-%m-%d}".encode())
    for path in (corpus.folder / "corpus.toml", *corpus.books.values(), *corpus.sources.values()):
        made.update(path.read_bytes() if path.is_file() else b"")
    for path in sorted(Path(ivr.__file__).parent.rglob("*.py")):
        made.update(path.read_bytes())
    # large files by their size and time
    spoken = wanted.root / config.speech_out.folder
    for folder in (*models.values(), CACHE / "encoder", spoken / "prompts", spoken / "pronunciation.toml"):
        for path in sorted([folder, *folder.rglob("*")]) if folder.exists() else ():
            if path.is_file():
                made.update(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}\0".encode())
    return made.hexdigest()
