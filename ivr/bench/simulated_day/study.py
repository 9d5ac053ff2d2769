"""Many days on every side, the same callers for all: means with their intervals, differences day by day, and what if."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from ivr.bench.simulated_day.assumptions import Assumptions, varied
from ivr.bench.simulated_day.figures import Mean, mean, paired, reduction
from ivr.bench.simulated_day.floor import run
from ivr.bench.simulated_day.sides import MENU, NAMES, OURS

SEEDS = 20
QUICK_SEEDS = 4
VARIED_SEEDS = 5
"""Days for each row of the sensitivity table."""
TARGET = 60.0
"""Percent fewer transfers than the keypad menu."""
STARVED = 0.5
"""A team is starved when it works less than this share of what all teams work on average."""
WRONG_KEYS = (0.05, 0.10, 0.20, 0.30, 0.40)
"""Callers who choose another team's option, from a good menu to the worst that vendors tell of."""

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One row of the sensitivity table: transfers per 100 calls at the menu and at ours, and by how many percent fewer."""

    name: str
    menu: Mean
    ours: Mean
    fewer: Mean
    fewer_answered: Mean
    """The same of the calls that reached a person."""


@dataclass(slots=True)
class Study:
    """Everything that was measured."""

    world: Assumptions
    days: dict[str, list[Figures]]
    """Side → the figures of each day."""
    what_ifs: list[WhatIf] = field(default_factory=list)
    menus: list[WhatIf] = field(default_factory=list)
    """How far it depends on how good the keypad menu is."""

    def mean(self, side: str, figure: str) -> Mean:
        """One figure of one side."""
        return mean([day[figure] for day in self.days[side]])

    def difference(self, side: str, figure: str) -> Mean:
        """One side against the keypad menu, day by day."""
        return paired((day[figure] for day in self.days[side]), (day[figure] for day in self.days[MENU]))

    def fewer(self, side: str, figure: str = "transfers") -> Mean:
        """By how many percent a side has less than the keypad menu."""
        return reduction((day[figure] for day in self.days[side]), (day[figure] for day in self.days[MENU]))

    def starved(self, side: str) -> list[str]:
        """The teams that work less than half of what all do on average."""
        teams = {key: self.mean(side, key).value for key in self.days[side][0] if key.startswith("occupancy ")}
        return [
            key.partition(" ")[2]
            for key, share in teams.items()
            if share < STARVED * self.mean(side, "occupancy").value
        ]

    def as_json(self) -> dict[str, object]:
        """All of it as plain values."""
        figures = list(self.days[MENU][0])
        return {
            "seeds": len(self.days[MENU]),
            "assumptions": asdict(self.world),
            "sides": {s: {f: asdict(self.mean(s, f)) for f in figures} for s in self.days},
            "against_menu": {s: {f: asdict(self.difference(s, f)) for f in figures} for s in self.days if s != MENU},
            "fewer_transfers_percent": {s: asdict(self.fewer(s)) for s in self.days if s != MENU},
            "starved": {s: self.starved(s) for s in self.days},
            "what_if": [asdict(row) for row in self.what_ifs],
            "menus": [asdict(row) for row in self.menus],
        }  # fmt: skip


def measure(seeds: int = SEEDS, what_if: bool = True, world: Assumptions | None = None) -> Study:
    """Run every side over the same days; with ``what_if`` also each assumption varied, over the first few of them."""
    world = world or Assumptions()
    study = Study(world, {name: list(days(name, world, range(seeds))) for name in NAMES})
    if what_if:
        few = range(min(seeds, VARIED_SEEDS))
        as_assumed = compared("as assumed", *(study.days[side][: len(few)] for side in (MENU, OURS)))
        study.what_ifs = [as_assumed, *(row(name, changed, few) for name, changed in varied(world))]
        study.menus = [row(f"{100 * share:.0f} %", replace(world, wrong_key=share), few) for share in WRONG_KEYS]
    return study


def days(name: str, world: Assumptions, seeds: Sequence[int]) -> Iterator[Figures]:
    """The figures of some days on one side."""
    for seed in seeds:
        yield run(name, world, seed).figures()
        print(".", end="", flush=True, file=sys.stderr)


def row(name: str, world: Assumptions, seeds: Sequence[int]) -> WhatIf:
    """The menu and ours in another world."""
    return compared(name, *(list(days(side, world, seeds)) for side in (MENU, OURS)))


def compared(name: str, menu: Sequence[Figures], ours: Sequence[Figures]) -> WhatIf:
    """The transfers of the menu and of ours, over the same days."""

    def fewer(figure: str) -> Mean:
        return reduction((day[figure] for day in ours), (day[figure] for day in menu))

    return WhatIf(
        name, mean([day["transfers"] for day in menu]), mean([day["transfers"] for day in ours]),
        fewer("transfers"), fewer("transfers_of_answered"),
    )  # fmt: skip
