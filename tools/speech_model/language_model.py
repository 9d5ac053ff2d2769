"""A back-off n-gram language model with absolute discounting, as a finite-state acceptor."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

BEGIN, END = "<s>", "</s>"
DISCOUNT = 0.7
UNSEEN = 0.1
"""How often a word counts that the text does not have but the lexicon does."""
_IMPOSSIBLE = 1e-7

History = tuple[str, ...]


@dataclass(slots=True)
class Fst:
    """A finite-state machine being built; state 0 is its start."""

    states: int = 0
    arcs: list[tuple[int, int, int, int, float]] = field(default_factory=list)
    finals: list[tuple[int, float]] = field(default_factory=list)

    def state(self) -> int:
        """Make one more state."""
        self.states += 1
        return self.states - 1

    def arc(self, source: int, target: int, read: int, write: int, cost: float = 0.0) -> None:
        """Make an arc."""
        self.arcs.append((source, target, read, write, cost))

    def text(self) -> str:
        """The machine in fstcompile's form, whose first line's source is the start."""
        arcs = sorted(self.arcs, key=lambda arc: arc[0] != 0)
        lines = [f"{s}\t{t}\t{i}\t{o}\t{cost:.6g}" for s, t, i, o, cost in arcs]
        return "\n".join(lines + [f"{s}\t{cost:.6g}" for s, cost in self.finals]) + "\n"


class Ngrams:
    """The counts of a text, and the probabilities that they give."""

    def __init__(self, sentences: Iterable[Sequence[str]], order: int, vocabulary: Iterable[str]) -> None:
        self.order = order
        self._counts: list[dict[History, Counter[str]]] = [defaultdict(Counter) for _ in range(order)]
        for sentence in sentences:
            tokens = [BEGIN, *sentence, END]
            for place in range(1, len(tokens)):
                for length in range(min(order, place + 1)):
                    self._counts[length][tuple(tokens[place - length : place])][tokens[place]] += 1
        unigrams = self._counts[0][()]
        self._weights = {word: float(count) for word, count in unigrams.items()}
        self._weights |= {word: UNSEEN for word in vocabulary if word not in unigrams}
        self._total = sum(self._weights.values())

    def histories(self) -> Iterable[History]:
        """All histories of the text, the shortest first."""
        for level in self._counts:
            yield from level

    def words_after(self, history: History) -> Iterable[str]:
        """The words seen after a history; after the empty one all there are."""
        return self._counts[len(history)][history] if history else self._weights

    def back_off(self, history: History) -> float:
        """What a history keeps for words that were never seen after it."""
        counts = self._counts[len(history)][history]
        return DISCOUNT * len(counts) / counts.total()

    def probability(self, history: History, word: str) -> float:
        """How likely ``word`` is after ``history``."""
        if not history:
            return self._weights[word] / self._total if word in self._weights else _IMPOSSIBLE
        counts = self._counts[len(history)].get(history)
        if not counts:
            return self.probability(history[1:], word)
        seen = max(counts[word] - DISCOUNT, 0.0) / counts.total()
        return seen + self.back_off(history) * self.probability(history[1:], word)


def acceptor(ngrams: Ngrams, word_ids: Mapping[str, int]) -> Fst:
    """The model as an acceptor: a state a history, with an empty arc to the shorter history."""
    made = Fst()
    start: History = (BEGIN,)
    states = {start: made.state()}
    for history in ngrams.histories():
        if history not in states:
            states[history] = made.state()

    def known(history: History) -> int:
        while history not in states:
            history = history[1:]
        return states[history]

    for history, state in states.items():
        for word in ngrams.words_after(history):
            cost = -math.log(ngrams.probability(history, word))
            if word == END:
                made.finals.append((state, cost))
            elif word in word_ids:
                after = known((*history, word)[-(ngrams.order - 1) :])
                made.arc(state, after, word_ids[word], word_ids[word], cost)
        if history:
            made.arc(state, known(history[1:]), 0, 0, -math.log(ngrams.back_off(history)))
    return made
