"""The addends of a score, each with its name in words. What is shown is what was added."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ivr.core.caller import CALLED_AGAIN_WITHIN, Tier
from ivr.core.card import Share
from ivr.core.dialogue.messages import Cause
from ivr.core.language import Text
from ivr.core.texts import family, text

Kind = Literal[
    "net", "without_reason", "insisted", "intent", "open_case", "closed",
    "skill", "language", "region", "last_solver", "learnt", "meant_for", "idle",
    "tier", "repeat", "passed_on", "waited", "signal", "emergency",
]  # fmt: skip
PRIORITY: frozenset[Kind] = frozenset({"tier", "repeat", "passed_on", "waited", "signal", "emergency"})
"""Reasons of the call itself, the same with every agent."""
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Reason(Share):
    """One addend of a score, and of which kind it is."""

    kind: Kind


def reason(kind: Kind, label: Text, value: float) -> Reason:
    """An addend, rounded so that what is shown adds up to the score beside it."""
    return Reason(label, round(value, DIGITS), kind)


def total(reasons: Iterable[Share]) -> float:
    """The score that addends make."""
    return round(math.fsum(r.value for r in reasons), DIGITS)


def heaviest_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """As agents read them; those of one weight keep the order in which they were made."""
    return tuple(sorted(reasons, key=lambda r: -r.value))


_once = lru_cache(maxsize=2048)
"""For what is said of an agent: it is the same beside every call of one decision."""

# -- in words ------------------------------------------------------------------------------------------------------------

NET = text("routing.net")
WITHOUT_REASON = family("routing.without_reason")
"""By cause."""
INSISTED = text("routing.insisted")
REPEAT = text("routing.repeat", hours=int(CALLED_AGAIN_WITHIN.total_seconds() // 3600))
MEANT_FOR = text("routing.meant_for")
EMERGENCY = text("routing.emergency")
SPEAKS = family("routing.speaks")
"""By the language that calls can be held in."""
_CUSTOMERS = family("routing.customer")


def asked_about(cause: Cause, title: Text) -> Text:
    """How the reason for the call is known."""
    match cause:
        case "key":
            return text("routing.about.key", title=title)
        case "confirmed":
            return text("routing.about.confirmed", title=title)
        case "repeat_call":
            return text("routing.about.repeat_call", title=title)
        case _:
            return text("routing.about.understood", title=title)


def open_case(case: str, team: Text) -> Text:
    """The team that has the caller's case."""
    return text("routing.open_case", case=case, team=team)


def closed(team: Text) -> Text:
    """The queue that the call would have gone to."""
    return text("routing.closed", team=team)


def customer(tier: Tier) -> Text:
    """A customer's tier."""
    return _CUSTOMERS[tier]


@_once
def solved_by(name: str) -> Text:
    """Who solved it last time."""
    return text("routing.last_solver", name=name)


@_once
def skilled(skill: str, level: int) -> Text:
    """A skill and its proficiency."""
    return text("routing.skill", skill=skill, level=level)


@_once
def same_region(region: str) -> Text:
    """A region that agent and customer share."""
    return text("routing.region", region=region)


def waited(seconds: float) -> Text:
    """How long the call waits."""
    return text("routing.waited", time=clock(seconds))


@_once
def idle(seconds: float) -> Text:
    """How long the agent has been free."""
    return text("routing.idle", time=clock(seconds))


def passed_on(times: int) -> Text:
    """How many agents have had the call."""
    return text("routing.passed_on_once") if times == 1 else text("routing.passed_on", times=times)


def clock(seconds: float) -> str:
    """Minutes and seconds, "2:05"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
