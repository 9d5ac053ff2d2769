"""``ivr intents check``: what the dialogue's own phrases do to each other, each answered as if it had not been learnt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ivr.adapters.understanding import SentenceEncoder
from ivr.adapters.understanding.collisions import Collision, Unlearnable, collisions, unlearnable
from ivr.adapters.understanding.left_out import LeftOut, left_out
from ivr.adapters.understanding.lessons import lessons
from ivr.adapters.understanding.model import LanguageModel
from ivr.config.load import load
from ivr.core.flow.intent import Certainty, Intent
from ivr.core.language import LANGUAGES, Language
from ivr.measure.errors import NotMeasured
from ivr.measure.intervals import Estimate, named, share
from ivr.measure.output import as_json, note, table
from ivr.provision.places import CACHE
from ivr.server.speech.publishing import read_flow

NEAR = 0.6
"""Likeness (0 to 1) from which on two phrases of different intents are nearly the same."""
MOST = 10
"""Rows of a table; ``--json`` has all."""
MOST_PHRASES = 3000
"""Beyond so many phrases in a language it is not tried what the removal of each does: that takes n³."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase and its answer, had it not been learnt."""

    intent: str
    text: str
    taken_for: str
    """The best intent, nothing rejected."""
    certainty: Certainty
    confidence: float

    @property
    def right(self) -> bool:
        """Whether it would be taken for its own intent."""
        return self.taken_for == self.intent


@dataclass(frozen=True, slots=True)
class Removal:
    """A phrase without which more of the others are understood."""

    intent: str
    text: str
    helped: tuple[str, ...]
    """Phrases that would be understood rightly."""
    harmed: tuple[str, ...]
    """Phrases that would no longer be."""


@dataclass(frozen=True, slots=True)
class Near:
    """Two phrases of different intents that are nearly the same."""

    first: str
    text: str
    second: str
    other: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Checked:
    """One language."""

    language: Language
    phrases: tuple[Phrase, ...]
    collisions: tuple[Collision, ...]
    removals: tuple[Removal, ...]
    near: tuple[Near, ...]
    notes: tuple[str, ...]


def intents_check(config_path: Path, *, json: bool = False) -> int:
    """Print what was found; 0, however bad it is.

    Raises ConfigError, FlowError and OSError for what cannot be read, NotMeasured for phrases that cannot be learnt.
    """
    config = load(config_path)
    flow = read_flow(config_path.resolve().parent / config.dialogue.folder)
    intents = list(flow.intents.values())
    if wrong := unlearnable(intents):
        raise NotMeasured([_refused(one) for one in wrong])
    encoder = SentenceEncoder.find(CACHE / "encoder") if config.understanding.encoder == "auto" else None
    if encoder is None:
        note("there is no sentence encoder: measured with words and letters alone")
    found = check(intents, encoder)
    if not found:
        raise NotMeasured([f"{config.dialogue.folder}: no intent has phrases: write what callers say"])
    for one in found:
        _show(one)
    if json:
        _tell(found, encoder.name if encoder else "none")
    return 0


def _refused(one: Unlearnable) -> str:
    if one.other is None:
        return f"intents.{one.intent}.{one.kind}.{one.language}: {one.text!r} holds no words: write what callers say"
    return (
        f"intents.{one.intent}.{one.kind}.{one.language}: {one.text!r} is a phrase of {one.other!r} too: "
        "keep it in one of them"
    )


def check(intents: Sequence[Intent], encoder: SentenceEncoder | None) -> list[Checked]:
    """Look at every language that has phrases."""
    together = collisions(intents, encoder)
    found = []
    for language in LANGUAGES:
        lesson = lessons(intents, language)
        if lesson.examples:
            out = left_out(lesson, LanguageModel(lesson.examples, len(lesson.names), language, encoder))
            colliding = tuple(one for one in together if one.language == language)
            phrases, near = tuple(_phrases(out)), tuple(_near(out))
            found.append(Checked(language, phrases, colliding, _removals(out), near, lesson.notes))
    return found


def _phrases(out: LeftOut) -> Iterator[Phrase]:
    best, tops, confidences = (
        out.scores[:, :-1].argmax(axis=1),
        out.model.top(out.scores),
        out.model.confidences(out.scores),
    )
    names = out.lesson.names
    for row, example in enumerate(out.model.examples):
        if example.spoken:
            confidence = round(float(confidences[row, best[row]]), 4)
            certainty = out.model.bands.certainty(float(tops[row]))
            yield Phrase(names[example.intent], example.text, names[best[row]], certainty, confidence)


def _removals(out: LeftOut) -> tuple[Removal, ...]:
    """Phrases whose removal helps more of the others than it harms, most first."""
    examples, model = out.model.examples, out.model
    if len(examples) > MOST_PHRASES:
        note(
            f"{len(examples)} phrases in {model.language}: too many to try the removal of each (at most {MOST_PHRASES})"
        )
        return ()
    labels = np.array([example.intent for example in examples])
    spoken = np.array([example.spoken for example in examples])

    def understood(scores: Any) -> Any:
        # nan, its own row, is below every threshold
        return spoken & (model.top(scores) >= model.bands.confirm) & (scores[:, :-1].argmax(axis=1) == labels)

    before = understood(out.scores)
    found: list[Removal] = []
    for gone, scores in enumerate(out.beside()):
        after = understood(scores)
        others = np.arange(len(examples)) != gone
        helped, harmed = np.flatnonzero(after & ~before & others), np.flatnonzero(before & ~after & others)
        if spoken[gone] and len(helped) > len(harmed):
            helped_, harmed_ = (tuple(examples[row].text for row in rows) for rows in (helped, harmed))
            found.append(Removal(out.lesson.names[labels[gone]], examples[gone].text, helped_, harmed_))
    return tuple(sorted(found, key=lambda one: len(one.harmed) - len(one.helped)))


def _near(out: LeftOut) -> list[Near]:
    examples, names = out.model.examples, out.lesson.names
    rows, others = np.nonzero(np.triu(out.kernel[: len(examples), : len(examples)] >= NEAR, 1))
    found = [
        Near(names[one.intent], one.text, names[other.intent], other.text, round(float(out.kernel[row, column]), 3))
        for row, column in zip(rows, others, strict=True)
        if (one := examples[row]).intent != (other := examples[column]).intent and one.spoken and other.spoken
    ]
    return sorted(found, key=lambda pair: -pair.likeness)


# -- shown


def _shares(phrases: Sequence[Phrase]) -> tuple[Estimate, Estimate]:
    """The share that is right, nothing rejected, and the share that is rejected."""
    right, rejected = sum(one.right for one in phrases), sum(one.certainty == "none" for one in phrases)
    return share(right, len(phrases)), share(rejected, len(phrases))


def _by_intent(found: Checked) -> dict[str, list[Phrase]]:
    groups: dict[str, list[Phrase]] = {}
    for phrase in found.phrases:
        groups.setdefault(phrase.intent, []).append(phrase)
    return groups


def _show(found: Checked) -> None:
    accuracy, rejected = _shares(found.phrases)
    print(
        f"{found.language}: {len(found.phrases)} phrases, each answered as if it had not been learnt: "
        f"{accuracy.value:.1%} right ({accuracy.low:.1%} to {accuracy.high:.1%}), {rejected.value:.1%} not understood.\n"
    )
    rows = [(name, len(own), _shares(own)[0].value, _shares(own)[1].value) for name, own in _by_intent(found).items()]
    table("By intent", ("intent", "phrases", "right", "not understood"), rows)
    wrong = sorted((one for one in found.phrases if not one.right), key=lambda one: -one.confidence)
    if wrong:
        heads = ("phrase", "of", "taken for", "how surely", "confidence")
        rows_ = [(one.text, one.intent, one.taken_for, one.certainty, one.confidence) for one in wrong[:MOST]]
        table(f"Phrases that pull the wrong way ({len(wrong)})", heads, rows_)
    if found.removals:
        titles = ("phrase", "of", "then understood", "then no longer")
        removals = [(r.text, r.intent, "; ".join(r.helped), "; ".join(r.harmed)) for r in found.removals[:MOST]]
        table(f"Phrases without which others are understood ({len(found.removals)})", titles, removals)
    if found.near:
        near = [(n.text, n.first, n.other, n.second, n.likeness) for n in found.near[:MOST]]
        table(f"Nearly the same in two intents ({len(found.near)})", ("phrase", "of", "phrase", "of", "likeness"), near)
    for collision in found.collisions:
        print(
            f"{collision.first} and {collision.second} are easily taken for each other: write more that tells them apart."
        )
    for line in found.notes:
        print(line)
    print()


def _tell(found: Sequence[Checked], encoder: str) -> None:
    as_json({"encoder": encoder, "languages": {one.language: _object(one) for one in found}})


def _object(found: Checked) -> dict[str, Any]:
    def figures(phrases: Sequence[Phrase]) -> dict[str, Any]:
        accuracy, rejected = _shares(phrases)
        return {"phrases": len(phrases), **named("accuracy", accuracy), **named("rejections", rejected)}

    return {
        **figures(found.phrases),
        "intents": {name: figures(own) for name, own in _by_intent(found).items()},
        "collisions": [asdict(one) for one in found.collisions],
        "wrong": [asdict(one) for one in found.phrases if not one.right],
        "removals": [asdict(one) for one in found.removals],
        "near": [asdict(one) for one in found.near],
        "notes": list(found.notes),
    }
