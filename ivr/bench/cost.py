"""What the parts of a conversation cost, in this process and without Asterisk: understanding, steps, values, memory, publishing.

Utterances are the sample shop's own phrases, varied so that no text comes twice: the encoder remembers what it has seen, and
callers say what it has not. Steps are those of thousands of random callers. Memory is that of calls that wait in the middle of
a dialogue; sockets, the sound of prompts and the recogniser's own memory are not in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from ivr.bench import memory as bench_memory
from ivr.bench.quantiles import spread
from ivr.bench.random_callers import NOW, DiceCaller
from ivr.config.load import Config, parse
from ivr.core.dialogue import PERSON_INTENT
from ivr.core.dialogue.messages import Started
from ivr.core.flow.flow import Flow
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.values import ValueKind
from ivr.core.language import Language
from ivr.server.speech.publishing import Publisher, learn, read_flow
from ivr.server.speech.voice import house_voice
from ivr.wire.reading.reader import SpokenReader
from ivr.wire.reading.spelling import SpokenSpeller

CALLERS = 4000
STEPS = 30
PUBLISHED = 6
ROUNDS = 3
MOST_READINGS = 4
FOLDER = Path("dialplans")
FILLERS: dict[Language, tuple[str, ...]] = {
    "en": ("well", "please", "the", "you know", "hello", "really", "um", "today", "so", "now"),
    "zh": ("嗯", "那个", "你好", "请问", "就是", "今天", "现在", "吧", "啊", "呢"),
}
READ: tuple[tuple[ValueKind, Language, tuple[str, ...]], ...] = (
    ("date", "en", ("next tuesday", "the third of december", "tomorrow please", "monday in two weeks", "uh the twelfth")),
    ("time", "en", ("at eleven o'clock", "half past two in the afternoon", "quarter to nine", "noon", "sixteen thirty")),
    ("amount", "en", ("twelve euros fifty", "one hundred and five euros", "about nine ninety nine", "twenty cents")),
    ("number", "en", ("four hundred and twelve", "a dozen", "twenty one", "three")),
    ("phone", "en", ("oh one five one one two three four five six seven", "zero three zero nine zero one eight")),
    ("name", "en", ("hamburg", "the second one", "munich please", "cologne i think")),
    ("digits", "en", ("four seven one one", "one zero one one five", "double four oh two")),
    ("date", "zh", ("下周二", "十二月三号", "明天", "后天下午")),
    ("time", "zh", ("上午十一点", "下午两点半", "三点一刻")),
    ("amount", "zh", ("十二块五", "一百零五欧元", "九块九毛九")),
    ("digits", "zh", ("四七一一", "幺零幺幺五")),
)  # fmt: skip
NAMES = ("Berlin", "Hamburg", "Munich", "Cologne")


def _varied(text: str, language: Language, dice: Random) -> str:
    """As a recogniser would have misheard it: a word too many, often one missing."""
    words = text.split() if language == "en" else list(text)
    if len(words) > 2 and dice.random() < 0.5:
        words.pop(dice.randrange(len(words)))
    for _ in range(dice.randrange(1, 3)):
        words.insert(dice.randrange(len(words) + 1), dice.choice(FILLERS[language]))
    return (" " if language == "en" else "").join(words)


def utterances(flow: Flow, language: Language) -> Iterator[list[Hypothesis]]:
    """Every phrase of every intent a few times, each with one to four readings; no text comes twice."""
    dice, seen = Random(1), set[str]()  # noqa: S311  # dice, and the same ones each time
    for _ in range(ROUNDS):
        for intent in flow.intents.values():
            for phrase in intent.phrases.get(language, ()):
                readings: list[Hypothesis] = []
                wanted, share = dice.randrange(1, MOST_READINGS + 1), 0.6
                for _ in range(50):
                    text = _varied(phrase, language, dice)
                    if text not in seen:
                        seen.add(text)
                        readings.append(Hypothesis(text, share))
                        share /= 2
                    if len(readings) == wanted:
                        break
                if readings:
                    yield readings


def _timed_ms(work: Callable[[], object]) -> float:
    began = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - began) / 1e6


def classifying(config: Config, flow: Flow) -> dict[str, Any]:
    """Milliseconds an utterance, by language and by how many readings it has."""
    understanding = learn(config, flow)
    found: dict[str, Any] = {}
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        understanding.understand([Hypothesis(FILLERS[language][0] + " warm")], language)
        took: dict[int, list[float]] = {}
        for readings in utterances(flow, language):
            ms = _timed_ms(lambda said=readings, spoken=language: understanding.understand(said, spoken))  # type: ignore[misc]
            took.setdefault(len(readings), []).append(ms)
        everything = [ms for some in took.values() for ms in some]
        by_readings = {str(n): spread(some, 2) for n, some in sorted(took.items())}
        found[language] = {"utterances": len(everything), "ms": spread(everything, 2), "by_readings_ms": by_readings}
    found["encoder"] = not any("no sentence encoder" in note for note in understanding.notes)
    return found


def stepping(flow: Flow) -> dict[str, Any]:
    """Milliseconds a step of the dialogue, and the slowest kinds of event."""
    reader, speller = SpokenReader("DE", "EUR"), SpokenSpeller("DE")
    reader.warm()
    took: dict[str, list[float]] = {}
    for seed in range(CALLERS):
        caller = DiceCaller(flow, seed, reader, speller)
        event = Started()
        for _ in range(STEPS):
            ms = _timed_ms(lambda call=caller, happens=event: call.do(happens))  # type: ignore[misc]
            took.setdefault(type(event).__name__, []).append(ms)
            if caller.place.over:
                break
            event = caller.event()  # type: ignore[assignment]
    everything = [ms for some in took.values() for ms in some]
    return {
        "callers": CALLERS, "steps": len(everything), "ms": spread(everything, 3), "slowest_ms": round(max(everything), 2),
        "by_event_ms": {name: spread(some, 3) for name, some in sorted(took.items())},
    }  # fmt: skip


def reading() -> dict[str, Any]:
    """Milliseconds to read one value from two readings of an utterance, by kind and language."""
    reader, dice = SpokenReader("DE", "EUR"), Random(1)  # noqa: S311  # dice, and the same ones each time
    reader.warm()
    found: dict[str, Any] = {}
    everything: list[float] = []
    for kind, language, texts in READ:
        took = []
        for _ in range(60):
            for text in texts:
                said = [Hypothesis(text, 0.6), Hypothesis(_varied(text, language, dice), 0.4)]
                took.append(
                    _timed_ms(lambda k=kind, s=said, spoken=language: reader.read(k, s, spoken, NOW, NAMES))  # type: ignore[misc]
                )
        found[f"{kind}_{language}_ms"] = spread(took, 3)
        everything += took
    return {"ms": spread(everything, 3), **found}


async def publishing(folder: Path) -> dict[str, Any]:
    """Milliseconds to publish a changed dialogue: read, train, render what is new (nothing here), swap."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("asterisk"))
    config = parse({"dialogue": {"folder": str(folder)}, "speech_in": {"model_zh": "off"}}, "the bench's settings", {})
    path = folder / "intents.toml"
    right = path.read_text(encoding="utf-8")
    whole, reads, trains = [], [], []
    async with contextlib.AsyncExitStack() as stack:
        voice = await house_voice(config, Path(), stack)
        publisher = Publisher(config, folder, voice, frozenset({"house", "shop"}))
        await publisher.first()
        for number in range(PUBLISHED):
            path.write_text(
                right.replace('"my order is late"', f'"my order number {number} is late"'), encoding="utf-8"
            )
            began = time.perf_counter()
            if not await publisher.publish():
                raise RuntimeError(f"the changed dialogue was refused: {publisher.refused}")
            whole.append((time.perf_counter() - began) * 1000)
            flow = read_flow(folder)
            reads.append(_timed_ms(lambda: read_flow(folder)))
            trains.append(_timed_ms(lambda read=flow: learn(config, read)))  # type: ignore[misc]
    return {"ms": spread(whole, 0), "read_ms": spread(reads, 0), "train_ms": spread(trains, 0), "times": PUBLISHED}


def measure() -> dict[str, Any]:
    """Every cost, one after the other."""
    flow = read_flow(FOLDER)
    if PERSON_INTENT not in flow.intents:
        raise RuntimeError("the sample shop's dialogue is not where the bench is run")
    config = parse({}, "the bench's settings", {})
    gc.collect()
    found = {"memory": bench_memory.measure(FOLDER)}
    found["classify"] = classifying(config, flow)
    found["step"] = stepping(flow)
    found["read"] = reading()
    with tempfile.TemporaryDirectory(prefix="ivr-bench-") as folder:
        found["publish"] = asyncio.run(publishing(Path(folder) / "dialplans"))
    return found


def _line(what: str, ms: dict[str, float] | None, note: str = "") -> None:
    shown = f"{ms['p50']:9.3f} {ms['p95']:9.3f} {ms['p99']:9.3f}" if ms else f"{'–':>9}"
    print(f"{what:<42} {shown}   {note}")


def show(found: dict[str, Any]) -> None:
    """Print the table."""
    print(f"\n{'milliseconds':<42} {'p50':>9} {'p95':>9} {'p99':>9}")
    classify = found["classify"]
    for language, name in (("en", "English"), ("zh", "Mandarin")):
        some = classify[language]
        how = "with the encoder" if language == "en" and classify["encoder"] else "without the encoder"
        note = f"{some['utterances']} utterances of 1 to {MOST_READINGS} readings, {how}; target p95 ≤ 10"
        _line(f"classify an utterance, {name}", some["ms"], note)
        _line("  of them with four readings", some["by_readings_ms"].get(str(MOST_READINGS)))
    step = found["step"]
    _line("a step of the dialogue", step["ms"], f"{step['steps']} steps of {step['callers']} callers; target p99 ≤ 1")
    _line("read a value, two readings", found["read"]["ms"], f"{len(READ)} kinds and languages")
    publish = found["publish"]
    _line(
        "publish a changed dialogue",
        publish["ms"],
        f"{publish['times']} times; the wait for an editor (400) comes before",
    )
    _line("  of it reading", publish["read_ms"])
    _line("  of it training", publish["train_ms"])
    memory = found["memory"]
    print(f"\nmemory of one of {memory['calls']} calls that wait in a dialogue, KB (target ≤ 50)")
    print(f"  its place and world     {memory['places_traced_kb']:6.1f} traced {memory['places_rss_kb']:6.1f} RSS")
    print(f"  the whole session       {memory['sessions_traced_kb']:6.1f} traced {memory['sessions_rss_kb']:6.1f} RSS")
