"""The operator's own phrases, each answered as if it had never been learnt, and what each does to the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ivr.adapters.understanding.lessons import Lesson
from ivr.adapters.understanding.model import LanguageModel
from ivr.adapters.understanding.ridge import Matrix, left_out_beside, solve
from ivr.adapters.understanding.text import has, plain
from ivr.adapters.understanding.understanding import KEYWORD_SCORE


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The examples of one language (rows) against its intents (columns, the last one "none of these")."""

    lesson: Lesson
    model: LanguageModel
    kernel: npt.NDArray[Any]
    """The likeness of all that was learnt, examples first, then the off-topic texts."""
    targets: Matrix
    hits: npt.NDArray[np.bool_]
    """(examples, intents): a keyword of the intent stands in the example."""
    scores: Matrix
    """Each example's scores, had it been left out of the training, keywords counted in."""

    def beside(self) -> Iterator[Matrix]:
        """For each example in turn the same scores, had it never been there; its own row is nan.

        Takes n³ and n² for each: seconds for 500 phrases, minutes for 2,000.
        """
        rows = len(self.model.examples)
        for _, scores in zip(range(rows), left_out_beside(self.kernel, self.targets, self.ridge), strict=False):
            yield counted_in(self.model.silenced(scores[:rows]), self.hits)

    @property
    def ridge(self) -> float:
        """λ, as it was learnt with."""
        return self.model.settings.ridge


def left_out(lesson: Lesson, model: LanguageModel) -> LeftOut:
    """Answer each of the model's examples without itself; takes as long as training did."""
    intents, rows = len(lesson.names), len(model.examples)
    texts = [example.text for example in model.examples] + list(model.off_topic)
    labels: npt.NDArray[np.intp] = np.array(
        [example.intent for example in model.examples] + [intents] * len(model.off_topic), np.intp
    )
    kernel, targets = model.likeness(texts), np.eye(intents + 1)[labels]
    hits = _keyword_hits(lesson, model)
    scores = model.silenced(solve(kernel, targets, labels, model.settings.ridge).loo[:rows])
    return LeftOut(lesson, model, kernel, targets, hits, counted_in(scores, hits))


def counted_in(scores: Matrix, hits: npt.NDArray[np.bool_]) -> Matrix:
    """Add to ``scores`` (examples, intents + 1), in place, what keywords bring."""
    inside = scores[:, :-1]
    inside[hits] = np.maximum(inside[hits], 0.0) + KEYWORD_SCORE
    return scores


def _keyword_hits(lesson: Lesson, model: LanguageModel) -> npt.NDArray[np.bool_]:
    hits = np.zeros((len(model.examples), len(lesson.names)), bool)
    for row, example in enumerate(model.examples):
        said = plain(example.text, model.language)
        for intent, keywords in enumerate(lesson.keywords):
            hits[row, intent] = any(has(said, word, model.language) for word in keywords)
    return hits
