"""What stays of an entry once the words in it are taken out: its kind and time, figures, and names of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OURS = frozenset(
    "intent asked_queue queue cause agent by shadow node what outcome language prompt variant asking way to_kind why method"
    " lookup kind troubles guesses runner_up leg offers offer status certainty how label label_zh result missing reason".split()
)
"""Facts that are names of dialogues, queues, agents and states, and what is counted: nobody's words, and of no caller."""


def emptied(facts: Any) -> Any:
    """The same facts, of the same shape, with no text in them but ours."""
    match facts:
        case str():
            return ""
        case Mapping():
            return {name: one if name in OURS else emptied(one) for name, one in facts.items()}
        case list() | tuple():
            return [emptied(one) for one in facts]
        case _:
            return facts
