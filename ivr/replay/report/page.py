"""The report as a page that opens from the disk: figures, filters, every call to listen to, with what was heard and decided.

``index.html`` holds the look and the code, ``data.js`` a row a call, ``calls/NAME.js`` what is shown of one call once it is
opened: a thousand calls open as quickly as ten.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ivr.replay.engine.score import Result
from ivr.replay.report.compare import Comparison, Turned
from ivr.replay.report.run_folder import AUDIO, Run
from ivr.replay.report.totals import FIGURES, confusion

STATIC = Path(__file__).with_name("static")
CALLS = "calls"


def write(run: Run, compared: Comparison | None, below: Sequence[str]) -> None:
    """Write the pages of a run into its folder."""
    page = (STATIC / "report.html").read_text(encoding="utf-8")
    for name in ("report.css", "texts.js", "report.js", "call.js"):
        page = page.replace(f"/*{name}*/", (STATIC / name).read_text(encoding="utf-8"))
    (run.folder / "index.html").write_text(page, encoding="utf-8")
    shutil.rmtree(run.folder / CALLS, ignore_errors=True)
    (run.folder / CALLS).mkdir()
    turned = {one.name: one for one in compared.turned} if compared else {}
    results = list(run.results.values())
    data = {
        "about": run.about, "summary": run.summary(), "below": list(below), "confusion": confusion(results),
        "figures": [[figure.name, figure.title, figure.unit, figure.better] for figure in FIGURES],
        "against": compared.json() if compared else None, "rows": [_row(one, turned.get(one.name)) for one in results],
    }  # fmt: skip
    _script(run.folder / "data.js", f"window.REPORT = {_js(data)};")
    for one in results:
        sound = run.folder / AUDIO / f"{one.name}.ogg"
        call = {
            **one.json(),
            "peaks": run.peaks.get(one.name, []),
            "audio": f"{AUDIO}/{quote(sound.name)}" if sound.is_file() else None,
        }
        if compared:
            call["turned"] = turned[one.name].what if one.name in turned else None
        _script(run.folder / CALLS / f"{one.name}.js", f"window.showCall({_js(call)});")


def _row(one: Result, turn: Turned | None) -> dict[str, Any]:
    """What the table shows, under short names: there may be thousands."""
    words = sum(w.words for w in one.words)
    return {
        "n": one.name, "w": one.wants, "i": one.intent, "p": one.place, "r": one.right_place, "ok": one.route_right,
        "io": one.intent_right, "t": one.tags, "l": one.language, "q": one.questions, "s": one.audio_s,
        "e": round(sum(w.wrong for w in one.words) / words, 3) if words else None,
        "b": one.false_barge_ins, "c": one.cut_offs, "x": one.problem, "f": one.failed,
        "d": None if turn is None else "better" if turn.better else "worse",
        "m": round(max((turn.total_ms for turn in one.responses), default=0.0)),
    }  # fmt: skip


def _js(value: Any) -> str:
    # so that no text of a caller can end the script, or be one
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")


def _script(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")
