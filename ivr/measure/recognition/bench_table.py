"""The words of ``ivr asr bench``, and the command itself."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ivr.measure.errors import NotMeasured

if TYPE_CHECKING:
    from ivr.config.load import Config

DESCRIPTION = """
How many calls at once are recognised in real time (p95 of the final result, from the end of speech as the endpointer
decides it, within the target), alone or beside the Vosk project's websocket server (--peer) on the same model, machine,
callers and ends of speech. Without --peer only this server is measured.
"""


def bench_words(words: argparse.ArgumentParser) -> None:
    """What ``ivr asr bench`` may be told."""
    words.description = DESCRIPTION
    words.add_argument(
        "--model", type=Path, default=None, metavar="DIR", help="default: the English one of config.toml"
    )
    words.add_argument(
        "--audio", type=Path, nargs="+", default=[Path("audio/calls")], metavar="PATH",
        help="what callers say: WAV files, or folders of them (audio/calls)",
    )  # fmt: skip
    words.add_argument("--peer", type=Path, default=None, metavar="CHECKOUT", help="a checkout of alphacep/vosk-server")
    words.add_argument(
        "--before",
        type=Path,
        default=None,
        metavar="CHECKOUT",
        help="another checkout of this project, measured in turn",
    )
    words.add_argument(
        "--cores", type=int, default=None, metavar="N", help="cores of each server; default: all but one"
    )
    words.add_argument(
        "--target-ms", type=float, default=300.0, metavar="MS", help="the p95 that counts as real time (300)"
    )
    words.add_argument(
        "--seconds", type=float, default=20.0, metavar="S", help="of each step, a third of it to warm up (20)"
    )
    words.add_argument(
        "--ways", default="speech,eof,reset,line,plain", metavar="LIST", help="of talking to a side; default all"
    )


def bench(asked: argparse.Namespace) -> int:
    """Measure, and print the table; 1 when nothing could be measured."""
    from ivr.config.load import load
    from ivr.core.endpointing import Endpointing
    from ivr.measure.recognition.bench import Plan
    from ivr.measure.recognition.callers import AudioUnusable, talk_share, utterances
    from ivr.measure.recognition.servers import SideUnusable

    try:
        model = asked.model or _english(load(asked.config), asked.config.resolve().parent)
        server, load_cores = cores(asked.cores, sorted(os.sched_getaffinity(0)))
        plan = Plan(
            model.resolve(),
            tuple(path.resolve() for path in asked.audio),
            server,
            load_cores,
            asked.target_ms,
            asked.seconds,
        )
        said = utterances(plan.audio, Endpointing())
        share = talk_share(200, said, plan.seconds)
        done = _measured(plan, asked)
    except (AudioUnusable, SideUnusable, ValueError) as error:
        print(f"ivr: {error}", file=sys.stderr)
        return 1
    _print(plan, share, done, asked.json)
    return 0


def _english(config: Config, root: Path) -> Path:
    """The model that the server would take. Raises NotMeasured where there is none."""
    from ivr.provision import models
    from ivr.provision.places import CACHE

    chosen, notes = models.choose({"en": config.speech_in.model_en}, CACHE, root)
    if "en" not in chosen:
        raise NotMeasured([*notes, "there is no English speech model to measure: name one with --model DIR"])
    return chosen["en"]


def cores(wanted: int | None, there: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The cores of a server and of the callers: apart where the machine has enough; raises ValueError."""
    count = max(1, len(there) - 1) if wanted is None else wanted
    if not 1 <= count <= len(there):
        raise ValueError(f"--cores {count}: this machine gives us {len(there)}")
    return tuple(there[:count]), tuple(there[count:] or there)


def _measured(plan: Any, asked: argparse.Namespace) -> dict[str, Any]:
    """Everything that was asked for, by "side way"."""
    from ivr.measure.recognition import bench as asr_bench
    from ivr.measure.recognition import servers

    with ExitStack() as stack:

        def started(make: Callable[[], servers.Side]) -> servers.Side:
            side = make()
            stack.callback(side.stop)
            return side

        sides = [started(lambda: servers.ours(plan.model, plan.server_cores))]
        if asked.before:
            sides.append(started(lambda: servers.ours(plan.model, plan.server_cores, asked.before)))
        if asked.peer:
            sides.append(started(lambda: servers.peer(asked.peer, plan.model, plan.server_cores)))
        ways = asked.ways.split(",")
        searches = [
            asr_bench.Search(f"{side.name} {way}", side, way)
            for way in ways for side in sides if (way in ("eof", "reset", "plain")) == (side.name == "peer")
        ]  # fmt: skip
        asr_bench.search(plan, searches, _tell)
        done: dict[str, Any] = {one.name: one for one in searches}
        peer = done.get("peer eof")
        if peer and peer.most:  # side by side once more, at what the other one carries
            done["at peer's"] = {
                one.name: asr_bench.measure(plan, one.side, one.way, peer.most.calls)
                for one in searches if one.way in ("speech", "eof")
            }  # fmt: skip
        return done


def _tell(name: str, result: Any) -> None:
    line = f"{name:>13} {result.calls:5} calls: p50 {result.p50_ms:7.1f}, p95 {result.p95_ms:7.1f} ms, missing {result.missing}"
    notes = [f"{result.cpu_ms:.2f} ms CPU a second of call", *result.problems]
    if not result.load_kept_up:
        notes.append(
            f"the callers themselves were {result.late_p95_ms:.0f} ms late: more of it is their fault than the server's"
        )
    print(", ".join((line, *notes)), file=sys.stderr, flush=True)


WHAT = {
    "ours speech": "ours, told where speech ends",
    "before speech": "ours before, told where speech ends",
    "peer eof": "websocket server, told by eof (a connection an utterance)",
    "peer reset": "websocket server, told by reset (a connection a call)",
    "ours line": "ours, whole line, own endpoints",
    "before line": "ours before, whole line, own endpoints",
    "peer plain": "websocket server, whole line, own endpoints",
}


def _print(plan: Any, share: float, done: dict[str, Any], as_json: bool) -> None:
    at_peers = done.pop("at peer's", {})
    print(
        f"model {plan.model.name}, {len(plan.server_cores)} cores a server, target p95 ≤ {plan.target_ms:.0f} ms, "
        f"talk share {share:.2f}, {plan.message_ms} ms a websocket message, {plan.seconds:.0f} s a step"
    )
    print(
        "\n| side | calls at once | p50 ms | p95 ms | from the last voiced frame, p95 ms | CPU ms per s of call | MB |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, one in done.items():
        if most := one.most:
            print(
                f"| {WHAT[name]} | {most.calls} | {most.p50_ms:.0f} | {most.p95_ms:.0f} | {most.after_voice_p95_ms:.0f} "
                f"| {most.cpu_ms:.2f} | {most.memory_mb:.0f} |"
            )
        else:
            print(f"| {WHAT[name]} | none | | | | | |")
    for name, result in at_peers.items():
        print(
            f"\nAt {result.calls} calls: {WHAT[name]}: p50 {result.p50_ms:.0f} ms, p95 {result.p95_ms:.0f} ms", end=""
        )
    print()
    if as_json:
        print(json.dumps(figures(plan, share, done, at_peers), ensure_ascii=False))


def figures(plan: Any, share: float, done: dict[str, Any], at_peers: dict[str, Any]) -> dict[str, Any]:
    """One flat record; ``ratio`` is to the websocket server told by eof, ``line_ratio`` both with the whole line."""
    found: dict[str, Any] = {
        "model": plan.model.name, "cores": len(plan.server_cores), "target_ms": plan.target_ms, "talk_share": round(share, 3),
        "seconds": plan.seconds, "message_ms": plan.message_ms,
    }  # fmt: skip
    names = {"ours speech": "ours", "before speech": "before", "peer eof": "peer"}
    for name, one in done.items():
        if most := one.most:
            key = names.get(name, name.replace(" ", "_"))
            found |= {f"{key}_calls": most.calls, f"{key}_p50_ms": most.p50_ms, f"{key}_p95_ms": most.p95_ms}
            found |= {f"{key}_cpu_ms": most.cpu_ms, f"{key}_memory_mb": most.memory_mb}
    for name, result in at_peers.items():
        key = names[name]
        found |= {f"{key}_at_peers_p50_ms": result.p50_ms, f"{key}_at_peers_p95_ms": result.p95_ms}
    for key, a, b in (("ratio", "ours", "peer"), ("line_ratio", "ours_line", "peer_plain"), ("gain", "ours", "before")):
        if f"{a}_calls" in found and f"{b}_calls" in found:
            found[key] = round(found[f"{a}_calls"] / found[f"{b}_calls"], 2)
    return found
