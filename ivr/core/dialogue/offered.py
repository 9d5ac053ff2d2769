"""Names to choose from: those of a question, or those that a look-up has found; the days around one."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ivr.core.dialogue.place import Place, World
from ivr.core.flow.nodes import CollectNode
from ivr.core.flow.values import Window, as_written

CHOSEN_FROM = 0.65
"""Share of belief from which one of the days or times is taken, where it is said back before anything is done."""
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


_THIS_ONE = re.compile(
    r"^(?:(?:okay|ok|well|then|yes|go on) )*(?:(?:i'll take |i'll have |just )?(?:this|that|it)(?: one)?)"
    r"(?: then| please| will do)*$"
    r"|^(?:那|好|行|只有这个啦?)?[，, ]?(?:那)?就?(?:这个|那个|它|这样)(?:吧|了|呗|嘛|好了)?$"
)
"""What points at the one thing that is offered."""


def points(text: str) -> bool:
    """Whether somebody only points at something: "that one"."""
    return _THIS_ONE.match(text.lower().strip()) is not None


def pointed_at(place: Place, node: CollectNode, text: str) -> str | None:
    """The one that is offered, where somebody points at it; of several nobody can point at one over the telephone."""
    of_them = names(place, node) if node.kind == "name" else ()
    return of_them[0] if len(of_them) == 1 and points(text) else None


def days_around(world: World, day: str) -> tuple[str, ...]:
    """The days to come that are nearest to one that is talked of, so that each day of the week is there once."""
    days = ((date.fromisoformat(day) + timedelta(days=away)).isoformat() for away in range(-3, 4))
    return tuple(one for one in days if one > world.now.date().isoformat())
