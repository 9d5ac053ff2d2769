"""Graphs of transcripts, Viterbi alignment, and the labels of frames."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from tools.speech_model.lexicon import Lexicon
from tools.speech_model.phones import SILENCE, PhoneSet
from tools.speech_model.training.store import Segment

START = -1
_NEVER = -1e30
_HALF_WINDOW_S, _STEP_S = 0.0125, 0.03

Graph = tuple[list[str], list[list[int]], list[int]]
"""Phones, the places that may come before each (START: none), and the places where it may end."""


def transcript(words: Sequence[str], lexicon: Lexicon) -> Graph:
    """The words with all their pronunciations, and silence that may be between them."""
    phones: list[str] = []
    before: list[list[int]] = []

    def add(phone: str, after: Sequence[int]) -> int:
        phones.append(phone)
        before.append(list(after))
        return len(phones) - 1

    ends = [START, add(SILENCE, [START])]
    for word in words:
        lasts = []
        for pronunciation in lexicon[word]:
            last = ends
            for phone in pronunciation:
                last = [add(phone, last)]
            lasts += last
        ends = [*lasts, add(SILENCE, lasts)]
    return phones, before, ends


def viterbi(
    scores: np.ndarray, graph: Graph, columns: Mapping[str, int], shortest: int = 2
) -> tuple[list[tuple[str, int, int]] | None, float]:
    """The likeliest way through ``graph``: phones with their first and last frame, and the score of a frame.

    ``scores`` has a row every 10 ms and a column a phone; a phone lasts ``shortest`` frames at least, so each is that
    many states. None when the sound is too short for the words.
    """
    phones, before, ends = graph
    states = len(phones) * shortest
    column = np.repeat([columns[phone] for phone in phones], shortest)
    nowhere, begin = states, states + 1
    entries = np.full((states, max(map(len, before))), nowhere, np.int64)
    for place, places in enumerate(before):
        for which, other in enumerate(places):
            entries[place * shortest, which] = begin if other == START else other * shortest + shortest - 1
        for step in range(1, shortest):
            entries[place * shortest + step, 0] = place * shortest + step - 1
    best = np.full(states + 2, _NEVER)
    best[begin] = 0
    came_from = np.zeros((len(scores), states), np.int32)
    is_last = np.arange(states) % shortest == shortest - 1
    here = np.arange(states)
    for frame, row in enumerate(scores):
        candidates = best[entries]
        which = candidates.argmax(1)
        entering = candidates[here, which]
        staying = np.where(is_last, best[:states], _NEVER)
        enters = entering > staying
        came_from[frame] = np.where(enters, entries[here, which], here)
        best[:states] = np.where(enters, entering, staying) + row[column]
        best[begin] = _NEVER
    finals = [end * shortest + shortest - 1 for end in ends if end != START]
    state = max(finals, key=lambda final: best[final])
    score = float(best[state])
    if score < _NEVER / 10:
        return None, _NEVER
    path = np.zeros(len(scores), np.int64)
    for frame in range(len(scores) - 1, -1, -1):
        path[frame] = state
        state = came_from[frame, state]
    places = path // shortest
    cuts = np.flatnonzero(np.diff(places)) + 1
    spans = zip([0, *cuts], [*cuts, len(scores)], strict=True)
    return [(phones[places[a]], int(a), int(b)) for a, b in spans], score / len(scores)


def labels(
    segments: Sequence[Segment], scale: float, lead: float, frames: int, phones: PhoneSet, shift: int = 0
) -> np.ndarray:
    """The distribution of every third frame, from an alignment in the utterance's own time."""
    count = (frames - shift + 2) // 3
    entering, staying = phones.pdfs(1)
    made = np.full(count, staying)
    made[0] = entering

    def frame(time: float) -> float:
        return ((time * scale + lead) - _HALF_WINDOW_S - 0.01 * shift) / _STEP_S + 0.5

    sequence: list[list] = []
    for phone, start, _ in segments:
        if sequence and phone == SILENCE and sequence[-1][0] == SILENCE:
            continue
        at = round(frame(start) - 1e-6) if start > 0 or phone != SILENCE else 0
        sequence.append([phone, max(at, 0)])
    end = round(frame(segments[-1][2]))
    if sequence[-1][0] != SILENCE and end < count:
        sequence.append([SILENCE, end])
    for last, now in itertools.pairwise(sequence):
        now[1] = max(now[1], last[1] + 1)  # every phone has one frame at least
    if sequence[0][0] != SILENCE and sequence[0][1] > 0:
        sequence.insert(0, [SILENCE, 0])
    ends = [*(at for _, at in sequence[1:]), count]
    for (phone, at), until in zip(sequence, ends, strict=True):
        if at >= count:
            break
        entering, staying = phones.pdfs(phones.id(phone, "S"))
        made[at : min(until, count)] = staying
        made[at] = entering
    return made
