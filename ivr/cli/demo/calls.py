"""Calls of the sample shop that are over by now: who called, what they said, who had them and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ivr.core.caller import AgentId
from ivr.core.language import Language
from ivr.core.routing.learning import TransferReason
from ivr.lab.shop import shop

STRANGERS = ("+491510000010", "+491510000020", "+491510000030", "+491510000040")


@dataclass(frozen=True, slots=True)
class PastCall:
    """One caller: their words, in the order in which they are asked; "answers: words" where only that question is meant."""

    number: str
    says: tuple[str, ...]
    talk_s: int = 150
    """With the first agent who has it; 0: nobody comes, and the caller hangs up."""
    outcome: Literal["solved", "follow_up"] = "solved"
    language: Language = "en"
    passed_to: tuple[str, AgentId] | None = None
    """The queue that it was passed on to, and who settled it there."""
    why: TransferReason | None = None
    """Why it was passed on; None: it was another matter, in the wrong place."""
    matter: str = ""
    """The intent that it really was."""


LATE, CHARGED = "where is my order", "i was charged twice"
CALLS = (
    PastCall(shop.LIN_MEI, ("yes: yes", "my watch was due yesterday and it is not here"), 210, "follow_up"),
    PastCall(shop.TOM_BAKER, ("my watch stopped working",), 240),
    PastCall(STRANGERS[0], (CHARGED,), 180),
    PastCall(STRANGERS[1], ("i want to return my watch",), 120),
    PastCall(shop.WANG_FANG, ("我的订单在哪里",), 160, language="zh"),
    PastCall(STRANGERS[2], ("what are your opening hours",)),
    PastCall(STRANGERS[3], ("i want to buy a watch",), 300),
    PastCall(STRANGERS[0], ("the glass is broken",), 45, passed_to=("returns", AgentId("ben")), matter="return_item"),
    PastCall(shop.ANNA_SCHMIDT, (LATE,), 130),
    PastCall(STRANGERS[1], ("operator",), 90),
    PastCall(STRANGERS[2], ("the parcel is late",), 0),
    PastCall(STRANGERS[3], ("i need a copy of my invoice",), 70),
    PastCall(shop.WANG_FANG, ("手表不走了",), 200, language="zh"),
    PastCall(STRANGERS[0], ("track my order",), 60, passed_to=("billing", AgentId("ben")), why="no_authority"),
)  # fmt: skip
DAYS = 3
"""So many days have these calls; the last of them are the 24 hours before now, which `ivr what-if` takes."""
