"""Turn-taking: how soon after the end of their speech callers are answered, how often they are cut off, and what pauses do.

Our corpus is replayed twice in one run, call by call: with the silence that follows what was said (``follow_words``) and with the
one that only the question decides. A hundred recordings with a pause in them (``planted_pauses``) go the same way; one is read
wrongly where the call comes to another place or matter than the same recording without the pause, to another value of what the
sentence answers, to something else that is written (a booking), or to a failure at its question that is not taken back.
All times but those of the decoder and the classifier are audio time, so what else the machine does changes little.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from ivr.adapters.speech_in.decoding import Wanted as Hearing
from ivr.adapters.speech_in.recognisers import Decoding, Recognisers
from ivr.bench.planted_pauses import Planted, of_corpus, turning
from ivr.bench.quantiles import spread
from ivr.calls.caller.ear import LOOK_AGAIN_MS, LOOK_MS
from ivr.config.load import load
from ivr.core.endpointing import FRAME_MS, SILENCE_FRAME
from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import CollectNode
from ivr.corpus.format import Call, Corpus, read_corpus
from ivr.replay.caller.sounds import read_recording
from ivr.replay.engine import audio_clock
from ivr.replay.engine.fast import Kit, replay
from ivr.replay.engine.kit import Wanted, opened
from ivr.replay.engine.score import Result, score
from ivr.replay.making.voices import Voices

CORPUS, CONFIG = Path("audio/corpus"), Path("config.toml")
RECORDINGS, TURNING = 100, 30
MOST_P50_MS, SAME_MS, MOST_WRONG = 450.0, 25.0, 0.01
"""Targets: the median answer; what two runs may differ by; the share of recordings with a pause that are read wrongly."""
RULES = ("by the question", "by the words")
READERS = ("never", "looked at", "read along")
AT_ONCE = 27
"""Callers whose decoders push each other out of the processor's cache."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One call under the two rules: the question alone, the words too; and the CPU that each took."""

    old: Result
    new: Result
    cpu_s: tuple[float, float]


async def held(call: Call, kit: Kit, *, follow: bool) -> tuple[Result, float]:
    """One call, and the CPU seconds that it took; ``follow``: the words count, too."""
    heard = kit.config.speech_in.model_copy(update={"follow_words": follow})
    kit = replace(kit, config=kit.config.model_copy(update={"speech_in": heard}))
    began = time.process_time()
    result = score(await replay(call, kit))
    return result, time.process_time() - began


async def _pair(call: Call, kit: Kit, *, new_first: bool) -> Pair:
    runs = {follow: await held(call, kit, follow=follow) for follow in ((True, False) if new_first else (False, True))}
    return Pair(runs[False][0], runs[True][0], (runs[False][1], runs[True][1]))


def came_to(one: Result, answers: str | None, flow: Flow) -> tuple[object, ...]:
    """What a call has come to, as far as the sentence that ``answers`` something can have changed it."""
    node = next((n for n in flow.nodes.values() if answers in (n.name, getattr(n, "slot", None))), None)
    troubles, written = 0, []
    since = 0
    for step in one.story:
        if step["kind"] == "heard":
            troubles, since = (since, since) if step.get("went_on") else (troubles, troubles)
        elif step["kind"] == "trouble":
            troubles += step["node"] == (node.name if node else "reason")
        elif step["kind"] == "asked_source" and flow.lookups[step["lookup"]].writes:
            written.append(step["lookup"])
    return (
        one.intent,
        one.place,
        one.slots.get(node.slot if isinstance(node, CollectNode) else "", ["", ""])[1],
        written,
        troubles,
    )


def is_right(one: Result) -> bool:
    """Whether a call has come to what it was for."""
    return one.intent == one.wants and all(got == wanted for wanted, got in one.slots.values())


async def _measured(kit: Kit, corpus: Corpus, folder: Path, seed: int) -> dict[str, Any]:
    dice = Random(seed)  # noqa: S311  # dice, and the same ones each time
    pairs = [await _pair(call, kit, new_first=bool(number % 2)) for number, call in enumerate(corpus.calls)]
    row: dict[str, Any] = {"calls": len(pairs), "corpus": _corpus_row(pairs), "looks": _looks(corpus, kit)}
    voices = Voices()
    try:
        about = await audio_clock.outside(turning(kit.ears.models["en"], folder, voices, dice))
    finally:
        await audio_clock.outside(voices.close())
    about = [one for one in about if is_right((await held(one.whole, kit, follow=True))[0])]
    dice.shuffle(about)
    planted = [
        *(about := about[:TURNING]),
        *of_corpus(corpus, kit.ears.models["en"], folder, RECORDINGS - len(about), dice),
    ]
    row["pauses"] = [await judged(one, kit) for one in planted]
    row["missed"] = missed(row)
    return row


async def judged(one: Planted, kit: Kit) -> dict[str, Any]:
    """One recording with a pause beside the same without it, under both rules."""
    found: dict[str, Any] = {
        "name": one.call.name, "first": one.first, "then": one.then, "pause_ms": one.pause_ms, "turning": one.turning
    }  # fmt: skip
    for rule, follow in zip(RULES, (False, True), strict=True):
        whole, _ = await held(one.whole, kit, follow=follow)
        paused, _ = await held(one.call, kit, follow=follow)
        found[rule] = {
            "wrong": came_to(paused, one.answers, kit.edition.flow) != came_to(whole, one.answers, kit.edition.flow),
            "cut_off": bool(paused.cut_offs), "questions": paused.questions - whole.questions,
        }  # fmt: skip
    return found


def _answers(results: Sequence[Result]) -> list[float]:
    return [answer.total_ms for one in results for answer in one.responses]


def _corpus_row(pairs: Sequence[Pair]) -> dict[str, Any]:
    rows = {}
    for at, (rule, results) in enumerate(zip(RULES, ([p.old for p in pairs], [p.new for p in pairs]), strict=True)):
        judged = [one.route_right for one in results if one.route_right is not None]
        rows[rule] = {
            "answers": len(_answers(results)), "ms": spread(_answers(results), 0),
            "silence_ms": spread((a.endpoint_ms for one in results for a in one.responses), 0),
            "cut_offs": sum(one.cut_offs or 0 for one in results), "right_place": round(sum(judged) / len(judged), 4),
            "questions": round(sum(one.questions for one in results) / len(results), 3),
            "cpu_s": round(sum(pair.cpu_s[at] for pair in pairs), 2),
        }  # fmt: skip
    return rows


def _looks(corpus: Corpus, kit: Kit) -> dict[str, Any]:
    """What partial results cost: CPU for a second of speech in two hearings, so many callers at once on one thread.

    Where nobody reads them, an utterance is decoded in one go, as the decoder's lanes do under load; where they are looked at, up
    to each look first; where somebody reads along, 100 ms at a time, with those of the others between.
    """
    recognisers, took, seconds = Recognisers(), dict.fromkeys(READERS, 0.0), 0.0
    pieces = [
        read_recording(call).piece(number)
        for call in corpus.calls if call.sound
        for number, said in enumerate(call.facts.said) if said.keys is None
    ]  # fmt: skip
    for turn, some in enumerate(pieces[at : at + AT_ONCE] for at in range(0, len(pieces), AT_ONCE)):
        seconds += sum(map(len, some)) * FRAME_MS / 1000
        for kind in (*READERS[turn % 3 :], *READERS[: turn % 3]):
            lanes = [
                (
                    Decoding(kit.ears.models["en"], Hearing(("yes", "no"), otherwise_open=True), recognisers),
                    _cut(kind, one),
                )
                for one in some
            ]
            began = time.thread_time()
            for number in range(max(len(parts) for _, parts in lanes)):
                for decoding, parts in lanes:
                    if number < len(parts):
                        decoding.feed(parts[number], kind == READERS[-1])
                        if kind == "looked at" and number < len(parts) - 1:
                            decoding.now()
            for decoding, _ in lanes:
                decoding.end()
            took[kind] += time.thread_time() - began
    return {
        "speech_s": round(seconds, 1),
        "cpu_ms_a_second": {k: round(1000 * s / seconds, 2) for k, s in took.items()},
    }


def _cut(kind: str, frames: Sequence[bytes]) -> list[bytes]:
    """An utterance with the silence at its end, in the parts in which it is decoded."""
    sound = [*frames, *[SILENCE_FRAME] * (LOOK_AGAIN_MS // FRAME_MS + 1)]
    looks = [len(frames) + after // FRAME_MS for after in (LOOK_MS, LOOK_AGAIN_MS)]
    cuts = {"never": [], "looked at": looks, "read along": list(range(5, len(sound), 5))}[kind]
    return [b"".join(sound[first:last]) for first, last in pairwise([0, *cuts, len(sound)])]


def missed(row: dict[str, Any]) -> list[str]:
    """The targets that are not reached, a sentence each."""
    old, new = (row["corpus"][rule] for rule in RULES)
    wrong = [one for one in row["pauses"] if one[RULES[1]]["wrong"]]
    found = []
    if new["ms"]["p50"] > MOST_P50_MS:
        found.append(f"the median answer takes {new['ms']['p50']:.0f} ms; at most {MOST_P50_MS:.0f} is wanted")
    if new["ms"]["p95"] > old["ms"]["p95"] + SAME_MS:
        found.append(f"95 of 100 answers take up to {new['ms']['p95']:.0f} ms; it was {old['ms']['p95']:.0f}")
    if new["cut_offs"] > old["cut_offs"]:
        found.append(f"{new['cut_offs']} callers are cut off; it was {old['cut_offs']}")
    if len(wrong) > MOST_WRONG * len(row["pauses"]):
        found.append(f"{len(wrong)} of {len(row['pauses'])} recordings with a pause are read wrongly")
    return found


async def _opened(seed: int) -> dict[str, Any]:
    corpus = await asyncio.to_thread(read_corpus, CORPUS)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ivr-turns-")))
        wanted = Wanted(load(CONFIG), Path(), corpus, datetime.now(UTC))
        kit = await stack.enter_async_context(opened(wanted, folder / "house"))
        (folder / "sounds").mkdir()
        return await _measured(kit, corpus, folder / "sounds", seed)


def measure(seed: int) -> dict[str, Any]:
    """Everything; the same seed plants the same pauses."""
    return audio_clock.run(_opened(seed))


def show(row: dict[str, Any]) -> None:
    """Print the tables."""
    print(f"\n{row['calls']} calls of {CORPUS}{'':<16} " + " ".join(f"{rule:>16}" for rule in RULES))
    for name, digits in (("ms", 0), ("silence_ms", 0)):
        for quantile in ("p50", "p95"):
            cells = [row["corpus"][rule][name][quantile] for rule in RULES]
            what = "end of speech → answer" if name == "ms" else "  of it silence"
            print(f"{f'{what}, {quantile}, ms':<40} " + " ".join(f"{value:>16.{digits}f}" for value in cells))
    for name in ("answers", "cut_offs", "right_place", "questions", "cpu_s"):
        print(f"{name:<40} " + " ".join(f"{row['corpus'][rule][name]:>16}" for rule in RULES))
    cost = row["looks"]["cpu_ms_a_second"]
    print("partial results, CPU ms for a second of speech: " + ", ".join(f"{k} {v:.1f}" for k, v in cost.items()))
    for kind, some in (("our corpus", False), ("turning about", True)):
        of = [one for one in row["pauses"] if one["turning"] == some]
        for rule in RULES:
            wrong, cut = (sum(one[rule][what] for one in of) for what in ("wrong", "cut_off"))
            print(f"a pause in {len(of)} recordings ({kind}), {rule}: {wrong} read wrongly, {cut} spoken over")
    for one in row["pauses"]:
        if one[RULES[1]]["wrong"]:
            print(f"  read wrongly: {one['first']} … {one['then']} ({one['pause_ms']} ms, {one['name']})")
    for problem in row["missed"]:
        print(f"missed: {problem}")
