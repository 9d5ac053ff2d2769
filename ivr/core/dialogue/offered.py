"""Names to choose from: those of a question, or those that a look-up has found."""

from __future__ import annotations

from ivr.core.dialogue.place import Place
from ivr.core.flow.nodes import CollectNode
from ivr.core.flow.values import Window, as_written

MOST_NAMES, MOST_DATES = 8, 3
"""Names that are read out: 9 and 0 mean something else, and nobody remembers more; of dates there are always others."""


def names(place: Place, node: CollectNode) -> tuple[str, ...]:
    """The names that may be chosen: those of the node, or of those that a look-up has found what the caller leaves open."""
    if node.names_from is None:
        return node.names.get(place.language, ())
    lookup, _, field = node.names_from.partition(".")
    rows = dict(place.rows).get(lookup, ())
    found = tuple(dict.fromkeys(value for row in rows for key, value in row if key == field and value))
    if window := place.left_open(node.slot):
        found = tuple(value for value in found if _fits(window, node, value))
    return found[: MOST_DATES if node.names_kind == "date" else MOST_NAMES]


def picked(place: Place, node: CollectNode) -> str | None:
    """The name that the caller has left to us: the only one that fits, the first, the last."""
    window = place.left_open(node.slot)
    left = names(place, node) if window else ()
    if window and left and (len(left) == 1 or window.take):
        return left[-1 if window.take == "last" else 0]
    return None


def _fits(window: Window, node: CollectNode, value: str) -> bool:
    written = as_written(node.names_kind, value) if node.names_kind else None
    return written is not None and window.fits(written)
