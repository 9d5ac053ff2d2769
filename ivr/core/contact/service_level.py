"""How long callers wait for a person: waits out of a contact's entries, and what many of them come to.

A wait begins when the dialogue hands the call over or an agent passes it on, and ends with somebody on the line (an agent, or
whoever answers outside) or with the caller gone. It is what the caller lives through, whichever way Asterisk rang the phones
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ivr.core.contact.entries import Entry

PASSES_AT_ONCE = frozenset({"blind", "wrong_place", "agent_gone"})
"""Ways of passing on after which the caller waits alone; while a colleague is asked, the agent still has the call."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One wait of one caller."""

    queue: str
    began: datetime
    seconds: float
    answered: bool
    """Else the caller has given up."""


@dataclass(frozen=True, slots=True)
class Service:
    """What some waits come to."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    in_time: int = 0
    """Answered within the time of the service level."""
    short: int = 0
    """Given up within that time: they count neither way."""
    mean_s: float = 0.0
    """Mean wait of those who were answered."""
    longest_s: float = 0.0

    @property
    def level(self) -> float | None:
        """The service level, 0 to 1; None while nobody has waited."""
        counted = self.offered - self.short
        return self.in_time / counted if counted else None


def waits(entries: Iterable[Entry]) -> list[Wait]:
    """The waits of one contact that are over, from its entries in the order of their times."""
    found: list[Wait] = []
    began: datetime | None = None
    queue = ""
    for entry in entries:
        match entry.kind:
            case "call_back":
                return []  # it is us who call: nobody waits on the line
            case "decided":
                queue = entry.facts["queue"]
            case "queued":
                queue, began = entry.facts["queue"], began or entry.at
            case "handed_over":
                began = entry.at
            case "passed_on" if entry.facts["way"] in PASSES_AT_ONCE:
                began = entry.at
                queue = entry.facts["to"] if entry.facts["to_kind"] == "queue" else queue
            case "agent_answered" | "outside_answered" | "hung_up" if began is not None:
                seconds = (entry.at - began).total_seconds()
                found.append(Wait(queue, began, max(seconds, 0.0), entry.kind != "hung_up"))
                began = None
            case _:
                pass
    return found


def service(waited: Iterable[Wait], within_s: float) -> Service:
    """Figures of waits, with the service level at ``within_s`` seconds."""
    waited = list(waited)
    answered = [one.seconds for one in waited if one.answered]
    gone = [one.seconds for one in waited if not one.answered]
    return Service(
        offered=len(waited),
        answered=len(answered),
        abandoned=len(gone),
        in_time=sum(seconds <= within_s for seconds in answered),
        short=sum(seconds <= within_s for seconds in gone),
        mean_s=round(sum(answered) / len(answered), 1) if answered else 0.0,
        longest_s=round(max((one.seconds for one in waited), default=0.0), 1),
    )
