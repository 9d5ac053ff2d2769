"""``ivr intents eval``: how well intents are understood that one file teaches, by the texts of another."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ivr.adapters.understanding import SentenceEncoder
from ivr.adapters.understanding.evaluate import OUT_OF_SCOPE, Evaluation, Pair, Share, evaluate
from ivr.adapters.understanding.lessons import comparable
from ivr.core.language import Language
from ivr.measure.csv_tables import read_table
from ivr.measure.errors import NotMeasured
from ivr.measure.intents.misheard import Mishearing
from ivr.measure.intervals import NOTHING, Estimate, known, named, percentile, share
from ivr.measure.output import as_json, note, table
from ivr.measure.word_errors import words_wrong
from ivr.provision.places import CACHE

DRAWS = 5
"""How often N examples an intent are drawn."""
MOST_PAIRS = 10
COLUMNS = ("text", "intent")
SHARES: dict[str, Callable[[Evaluation], Share]] = {
    "accuracy": lambda one: one.accuracy,
    "oos_recall": lambda one: one.oos_recall,
    "oos_precision": lambda one: one.oos_precision,
    "false_rejections": lambda one: one.false_rejections,
    "sure": lambda one: one.sure,
    "sure_right": lambda one: one.sure_right,
}
SAID = {
    "accuracy": "right, of those in scope, nothing rejected",
    "oos_recall": "rejected, of those out of scope",
    "oos_precision": "out of scope, of those rejected",
    "false_rejections": "rejected, of those in scope",
    "sure": "sure, of those in scope",
    "sure_right": "right, of those that it is sure of",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be measured, and how."""

    train: Path
    test: Path
    language: Language = "en"
    encoder: Literal["auto", "off"] = "auto"
    titles: bool = True
    few: int | None = None
    noise: float = 0.0
    seed: int = 1
    json: bool = False


def intents_eval(asked: Asked) -> int:
    """Measure and print; raises NotMeasured for tables that cannot be used, OSError for those that are not there."""
    train, test = _pairs(asked.train), _pairs(asked.test)
    if all(label == OUT_OF_SCOPE for _, label in train):
        raise NotMeasured([f"{asked.train}: every row is {OUT_OF_SCOPE!r}: it should teach at least one intent"])
    notes = _notes(asked, train, test)
    encoder = _encoder(asked)
    heard, noise = _misheard(asked, train, test)
    found: list[Evaluation] = []
    for number, learnt in enumerate(_draws(asked, train), start=1):
        note(f"learning {len(learnt)} texts" + (f", draw {number} of {DRAWS} …" if asked.few else " …"))
        try:
            found.append(evaluate(learnt, heard, encoder, asked.language, bundled_off_topic=True, titles=asked.titles))
        except ValueError as error:
            raise NotMeasured([f"{asked.train}: {error}; marks alone say nothing"]) from error
    if found[0].contradictions:
        note(f"{found[0].contradictions} texts of {asked.train} say nothing, or what another intent has: left out")
    figures = {**_figures(found), **_about(asked, found), **notes, **noise}
    _show(found, figures)
    if asked.json:
        as_json(figures)
    return 0


def _pairs(path: Path) -> list[Pair]:
    return [(row["text"], row["intent"]) for _, row in read_table(path, COLUMNS, COLUMNS)]


def _notes(asked: Asked, train: Sequence[Pair], test: Sequence[Pair]) -> dict[str, int]:
    """What should be known before the figures are believed."""
    known_labels = {label for _, label in train} | {OUT_OF_SCOPE}
    unknown = sorted({label for _, label in test} - known_labels)
    if unknown:
        named_ = ", ".join(map(repr, unknown[:5])) + (" …" if len(unknown) > 5 else "")
        note(f"{asked.test}: {asked.train} has no such intent as {named_}: its texts count as wrong")
    words = {comparable(text, asked.language) for text, _ in train}
    seen = sum(comparable(text, asked.language) in words for text, _ in test)
    if seen:
        note(
            f"{seen} of {len(test)} texts of {asked.test} are in {asked.train} word for word: they flatter the figures"
        )
    return {"seen": seen, "unknown_labels": len(unknown)}


def _encoder(asked: Asked) -> SentenceEncoder | None:
    if asked.encoder == "off" or asked.language != "en":
        return None
    found = SentenceEncoder.find(CACHE / "encoder")
    if found is None:
        note("there is no sentence encoder (`make setup` fetches it): measured with words and letters alone")
    return found


def _misheard(asked: Asked, train: Sequence[Pair], test: Sequence[Pair]) -> tuple[list[Pair], dict[str, Any]]:
    """The texts to test as they are heard, and how many of their words are wrong."""
    if not asked.noise:
        return list(test), {}
    mishearing = Mishearing((text for text, _ in (*train, *test)), asked.language, asked.noise, asked.seed)
    heard = [(mishearing(text), label) for text, label in test]
    counts = [words_wrong(said, got, asked.language) for (said, _), (got, _) in zip(test, heard, strict=True)]
    words = sum(count.words for count in counts)
    return heard, {"noise_wer": known(sum(count.wrong for count in counts) / words) if words else None}


def _draws(asked: Asked, train: Sequence[Pair]) -> list[list[Pair]]:
    """What is learnt: all of it, or five times so many texts an intent; texts that are none of these always all."""
    if asked.few is None:
        return [list(train)]
    of_intent: dict[str, list[Pair]] = defaultdict(list)
    for pair in train:
        of_intent[pair[1]].append(pair)
    off_topic = of_intent.pop(OUT_OF_SCOPE, [])
    if short := [label for label, pairs in of_intent.items() if len(pairs) < asked.few]:
        note(f"{len(short)} intents have fewer than {asked.few} texts ({short[0]!r} …): all they have is learnt")
    drawn = []
    for number in range(DRAWS):
        draw = random.Random(f"{asked.seed} {number}")  # noqa: S311  # nothing secret
        few = [pair for pairs in of_intent.values() for pair in draw.sample(pairs, min(asked.few, len(pairs)))]
        drawn.append(few + off_topic)
    return drawn


def _figures(found: Sequence[Evaluation]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, of in SHARES.items():
        shares = list(map(of, found))
        figures |= named(name, _mean(shares))
        if len(found) > 1:
            # as a deviation of the draws drawn, not of all that could be
            figures[f"{name}_sd"] = known(float(np.std([one.value for one in shares], ddof=1)))
    took = [answer.took_ms for one in found for answer in one.answered]
    return {
        **figures,
        "ece": known(statistics.fmean(one.ece for one in found)),
        **named("p50_ms", percentile(took, 50)),
        **named("p95_ms", percentile(took, 95)),
        "train_s": known(statistics.fmean(one.train_s for one in found), 3),
        "encoder": found[0].encoder,
        "threshold": known(statistics.fmean(one.bands.confirm for one in found)),
        "threshold_sure": known(statistics.fmean(one.bands.sure for one in found)),
    }


def _mean(shares: Sequence[Share]) -> Estimate:
    """The mean of the draws; its interval is that of one draw's texts, for all draws are asked the same ones."""
    counted = [one for one in shares if one.of]
    if not counted:
        return NOTHING
    of = statistics.fmean(one.of for one in counted)
    return share(statistics.fmean(one.value for one in counted) * of, of)


def _about(asked: Asked, found: Sequence[Evaluation]) -> dict[str, Any]:
    return {
        "language": asked.language,
        "intents": found[0].intents,
        "learnt": found[0].learnt,
        "contradictions": found[0].contradictions,
        "tested": len(found[0].answered),
        "few": asked.few,
        "draws": len(found),
        "noise": asked.noise,
        "seed": asked.seed,
        "titles": asked.titles,
        "confused": [list(pair) for pair in _confused(found)[:MOST_PAIRS]],
    }


def _confused(found: Sequence[Evaluation]) -> list[tuple[str, str, int]]:
    times: dict[tuple[str, str], int] = defaultdict(int)
    for one in found:
        for label, guess, count in one.confusions():
            times[label, guess] += count
    return [(*pair, count) for pair, count in sorted(times.items(), key=lambda item: (-item[1], item[0]))]


def _show(found: Sequence[Evaluation], figures: dict[str, Any]) -> None:
    def interval(name: str) -> str:
        low, high = figures[f"{name}_low"], figures[f"{name}_high"]
        return "–" if low is None else f"{low:.4f} to {high:.4f}"

    rows = [(name, figures[name], interval(name), said) for name, said in SAID.items()]
    draws = f", mean of {len(found)} draws" if len(found) > 1 else ""
    table(
        f"{figures['intents']} intents, {figures['learnt']} texts learnt, {figures['tested']} tested{draws}",
        ("figure", "share", "95 %", "what it is"),
        rows,
    )
    spread = f" Accuracy spreads by {figures['accuracy_sd']:.4f} (sd)." if len(found) > 1 else ""
    print(
        f"Calibration error {figures['ece'] if figures['ece'] is not None else '–'}; "
        f"{figures['p50_ms']:.2f} ms an utterance (p95 {figures['p95_ms']:.2f}), learnt in {figures['train_s']:.1f} s; "
        f"encoder: {figures['encoder']}.{spread}\n"
    )
    if pairs := figures["confused"]:
        table("Most often confused", ("intent", "taken for", "times"), pairs)
