"""One run of a corpus: kept in a folder while it goes on, so that it can be broken off and gone on with."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ivr
from ivr.replay.corpus import Call, Corpus, CorpusError
from ivr.replay.kit import Wanted
from ivr.replay.score import Result, failed
from ivr.replay.totals import summary
from ivr.replay.workers import Done

RESULTS, REPORT, AUDIO = "results.jsonl", "report.json", "audio"


@dataclass(slots=True)
class Run:
    """Results by call, and where they are kept."""

    folder: Path
    results: dict[str, Result] = field(default_factory=dict)
    peaks: dict[str, list[list[int]]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    """What each call was replayed with: the same mark gives the same result."""
    wall_s: float = 0.0
    about: dict[str, Any] = field(default_factory=dict)
    """Versions: of the dialogue, the models, the server."""

    def summary(self) -> dict[str, Any]:
        """The object that ``--json`` ends with."""
        return summary(list(self.results.values()), self.wall_s)

    def keep(self, done: Done, mark: str) -> None:
        """Write one result down."""
        name = done.result.name
        self.results[name], self.peaks[name], self.marks[name] = done.result, done.peaks, mark
        line = {"mark": mark, "result": done.result.json(), "peaks": done.peaks}
        with (self.folder / RESULTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def finish(self, wall_s: float) -> None:
        """Write the figures down."""
        self.wall_s = wall_s
        report = {"about": self.about, "wall_s": round(wall_s, 3), "summary": self.summary()}
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
            run.about, run.wall_s = report["about"], report["wall_s"]
    except OSError as error:
        raise CorpusError(
            [f"{path}: cannot be read: {error.strerror}; a run of `ivr replay --to` is wanted"]
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError([f"{path}: is no kept run of this version: {error}"]) from error
    return run


def begin(folder: Path, about: dict[str, Any]) -> Run:
    """A run in a folder; what is kept there already is taken over."""
    folder.mkdir(parents=True, exist_ok=True)
    run = read_run(folder) if (folder / RESULTS).is_file() else Run(folder)
    run.about = about
    # what stood there twice, or broken off, stands there once now
    with (folder / RESULTS).open("w", encoding="utf-8") as file:
        for name, result in run.results.items():
            line = {"mark": run.marks[name], "result": result.json(), "peaks": run.peaks[name]}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
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
    began = time.perf_counter()
    marks = {call.name: mark_of(call, version) for call in corpus.calls}
    wanted = [call for call in corpus.calls if run.marks.get(call.name) != marks[call.name]]
    begun(len(wanted) + len(corpus.broken))
    names = {call.name for call in corpus.calls} | corpus.broken.keys()
    run.results = {name: result for name, result in run.results.items() if name in names}
    for name, problem in corpus.broken.items():
        run.keep(Done(failed(name, problem), []), "")
        told(run.results[name])
    for done in replay(wanted):
        run.keep(done, marks[done.result.name])
        told(done.result)
    run.results = dict(sorted(run.results.items()))
    # what was taken over took its time then
    run.finish(time.perf_counter() - began + (run.wall_s if len(wanted) < len(corpus.calls) else 0.0))


def version_of(wanted: Wanted, flow_version: str, models: dict[str, str], how: str) -> str:
    """What results depend on, beside the call itself."""
    corpus = wanted.corpus
    files = [corpus.folder / "corpus.toml", *corpus.books.values(), *corpus.sources.values()]
    made = hashlib.sha256()
    for part in (
        ivr.__version__,
        how,
        flow_version,
        json.dumps(models, sort_keys=True),
        wanted.config.model_dump_json(),
    ):
        made.update(part.encode() + b"\0")
    for path in files:
        made.update(path.read_bytes() if path.is_file() else b"")
    return made.hexdigest()


def mark_of(call: Call, version: str) -> str:
    """What one result depends on."""
    made = hashlib.sha256(version.encode() + b"\0" + call.facts.model_dump_json().encode())
    if call.sound is not None and call.sound.is_file():
        made.update(call.sound.read_bytes())
    return made.hexdigest()[:16]
