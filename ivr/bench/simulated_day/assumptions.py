"""Everything that the simulated day assumes: each with its reason or source, and the range in which it is varied.

What was measured is not assumed: how sentences are understood (``hearing.json``) and how long callers take to the queue
(``make bench``). Nothing was chosen by its effect on the comparison: the shop with the keypad menu was made to look a little
better than published averages (19 % of callers transferred, 70 % helped at their first contact: SQM Group, 500 centres;
5 to 8 % give up), before ours was run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

OPENS_S, CLOSES_S = 9 * 3600, 18 * 3600

MIX = {
    "late_delivery": 0.26, "return_item": 0.15, "invoice": 0.12, "repair": 0.09, "repair_status": 0.01, "buy": 0.09,
    "cancel_order": 0.06, "change_address": 0.05, "appointment": 0.03, "balance": 0.05, "opening_hours": 0.04,
    "find_us": 0.01, "move_visit": 0.01, "cancel_visit": 0.01, "my_visit": 0.01, "prices": 0.01,
}  # fmt: skip
"""Why people call: a guess, with "where is my order" in front; ``even_mix`` is the other extreme."""
BY_HOUR = (0.11, 0.14, 0.13, 0.10, 0.09, 0.11, 0.12, 0.11, 0.09)
"""The share of each hour from nine to six: a peak late in the morning, a lower one in the afternoon."""
TALK_S = {
    "late_delivery": 200, "return_item": 260, "invoice": 320, "repair": 300, "buy": 360, "cancel_order": 180,
    "change_address": 180, "appointment": 200, "balance": 150, "opening_hours": 60, "find_us": 60,
    "move_visit": 200, "cancel_visit": 90, "my_visit": 60, "prices": 90, "repair_status": 120,
}  # fmt: skip
"""Mean seconds of talk where one agent settles it (lognormal, sigma 0.5); with the wrap-up about five minutes."""
SETTLES = {
    "late_delivery": 0.35, "return_item": 0.40, "change_address": 0.50, "appointment": 0.60, "balance": 0.60,
    "opening_hours": 0.95, "find_us": 0.95, "move_visit": 0.60, "cancel_visit": 0.80, "my_visit": 0.90, "prices": 0.90,
    "repair_status": 0.60,
}  # fmt: skip
"""How often our machine settles a matter that it understood and has a dialogue for."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """One world. Shares are 0 to 1, times are seconds."""

    callers: int = 1500
    even_mix: bool = False
    """All reasons equally often, instead of MIX."""
    settles: float = 1.0
    """A factor on SETTLES. The keypad menu tells opening hours and settles nothing else."""
    keeps: float = 0.95
    """How often a caller of the keypad menu is content with the opening hours that it tells."""

    wrong_key: float = 0.10
    """Callers of a keypad menu who choose another team's option. Vendors call 30 % typical (Fonolo 2010) and tell of 41 % in
    one house; SQM's 19 % of callers transferred, for whatever cause, leave room for little more than this."""
    zero: float = 0.05
    """Callers who press 0 in a menu, and say "operator" to a machine that listens, whatever it offers."""
    misstates: float = 0.03
    """Callers who name a reason that is not theirs, in the words of another, by key or by voice."""
    misheard: float = 0.15
    """Share of words misheard: one of ``hearing.RATES``; this is what a small model may make of a telephone line."""
    says_no: float = 0.95
    """Callers who say no when a wrong reason is said back to them."""
    notices: float = 0.5
    """Callers who notice that the machine serves another matter than theirs, and say so, where it begins to serve one."""
    menu_s: float = 18.6
    """From the answer to the queue, medians of ``python -m ivr.bench --only talk``: the keypad menu, …"""
    voice_s: float = 10.3
    """… ours, …"""
    turn_s: float = 6.0
    """… and each turn more."""

    skilled: tuple[int, ...] = (9, 7, 6, 8, 4, 7, 5, 6)
    """Proficiency of a team's members in its skill, in this order and again; from 8 on with authority."""
    second_skill: bool = True
    """Every second agent knows a second team's matter, at 5 of 10, and belongs to its queue in our house."""
    ability_spread: float = 0.10
    """How far an agent's true ability at each matter strays from what their proficiency says (standard deviation)."""
    difficulty: tuple[float, float] = (1.5, 3.5)
    """Beta: an agent settles a matter whose difficulty is below their ability; 0.7 settles 95 of 100, 0.4 settles 57."""
    authority: float = 0.05
    """Matters that need somebody with authority."""
    not_at_once: float = 0.15
    """Matters that nobody can settle in one call, however good."""
    notices_failure: float = 0.6
    """How often an agent who cannot settle a matter knows it and passes it on; else the caller finds out later."""
    familiar: float = 0.1
    """What having had the matter before adds to an agent's ability; it takes as much of the talk."""
    find_out_s: float = 45.0
    """Until an agent knows that a call is not theirs."""
    part_talk: float = 0.6
    """Share of the talk before an agent passes on what they cannot settle."""
    retell_s: float = 30.0
    """What explaining it again costs after each transfer: the same for all, though our agents have it on their screen."""
    wrap_s: float = 25.0

    patience_s: float = 240.0
    """Mean of what callers wait (exponential)."""
    again: float = 0.6
    """Those who gave up or were not helped and call again the same day, half an hour to three hours later."""
    chinese: float = 0.10
    bilingual: float = 0.3
    """Agents who speak Chinese too. Chinese callers use keys everywhere, and nobody rings an agent who cannot speak to them."""
    known: float = 0.6
    """Callers whose number is a customer's."""
    late_shown: float = 0.8
    """Known callers who call about a late delivery and whose records show it; …"""
    late_by_chance: float = 0.05
    """… those who call about something else while an order of theirs is late; …"""
    under_way: float = 0.15
    """… and those with an order that merely is under way."""
    follow_up: float = 0.15
    """Known callers who call about a matter that an agent has had before; seven in ten have an open case."""
    solved_before: float = 0.2
    """Known callers for whom an agent has solved another matter within 90 days."""
    history_days: int = 30
    """Days of outcomes that are learnt from before the day."""

    teams: dict[str, int] = field(
        default_factory=lambda: {"orders": 6, "returns": 4, "billing": 4, "repairs": 4, "sales": 4, "ivr-fallback": 2}
    )
    pooled_menu: bool = False
    """The menu's agents belong to every queue that they know something of, as ours do, instead of one queue each."""

    def mix(self) -> dict[str, float]:
        """The share of each reason."""
        return dict.fromkeys(MIX, 1 / len(MIX)) if self.even_mix else MIX


VARIED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("0 pressed (operator said) by 2.5 %", {"zero": 0.025}),
    ("… by 10 %", {"zero": 0.10}),
    ("reason misstated by 2 %", {"misstates": 0.02}),
    ("… by 8 %", {"misstates": 0.08}),
    ("no word misheard", {"misheard": 0.0}),
    ("30 % of words misheard", {"misheard": 0.3}),
    ("our machine settles nothing but opening hours", {"settles": 0.0}),
    ("… half as much", {"settles": 0.5}),
    ("agents are what their proficiency says", {"ability_spread": 0.0}),
    ("… stray twice as far from it", {"ability_spread": 0.2}),
    ("easier matters", {"difficulty": (1.5, 7.0)}),
    ("harder matters", {"difficulty": (2.0, 3.0)}),
    ("authority needed for 2.5 %", {"authority": 0.025}),
    ("… for 10 %", {"authority": 0.10}),
    ("agents always know when they fail", {"notices_failure": 1.0}),
    ("… know it 3 times in 10", {"notices_failure": 0.3}),
    ("knowing the matter is worth nothing", {"familiar": 0.0}),
    ("… twice as much", {"familiar": 0.2}),
    ("30 % of callers known", {"known": 0.3}),
    ("90 % of callers known", {"known": 0.9}),
    ("no history to learn from", {"history_days": 0}),
    ("agents know one matter each", {"second_skill": False}),
    ("callers wait half as long", {"patience_s": 120.0}),
    ("… twice as long", {"patience_s": 480.0}),
    ("20 % fewer callers", {"callers": 1200}),
    ("20 % more callers", {"callers": 1800}),
    ("all reasons equally often", {"even_mix": True}),
    ("the menu's agents in all queues that they know", {"pooled_menu": True}),
)
"""Each important assumption, one at a time: half and double, or as far as it can plausibly go."""


def varied(base: Assumptions) -> Iterator[tuple[str, Assumptions]]:
    """The worlds of the sensitivity table."""
    for name, changes in VARIED:
        yield name, replace(base, **changes)
