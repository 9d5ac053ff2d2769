"""The study as tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from ivr.bench.simulated_day.assumptions import MIX, SETTLES
from ivr.bench.simulated_day.figures import CAUSES, Mean
from ivr.bench.simulated_day.sides import MENU, NAMES, OURS
from ivr.bench.simulated_day.study import STARVED, TARGET, Study, WhatIf

ROWS = (
    ("transfers", "transfers per 100 calls"),
    *((f"transfers {cause}", f"  … {why}") for cause, why in zip(CAUSES, (
        "led to the wrong team", "caller said something else, or nothing", "language", "too hard for the agent",
        "no authority",
    ), strict=True)),
    ("transfers_of_answered", "transfers per 100 calls that reached a person"),
    ("transferred", "passed on at least once, % of answered"),
    ("by_machine", "settled by the machine, % of calls"),
    ("first_contact", "settled at the first contact, % of matters"),
    ("first_person", "settled by the first person, % of answered"),
    ("wait_mean_s", "wait for the first person, mean, s"),
    ("wait_p95_s", "… p95, s"),
    ("service_level", "answered within 20 s, %"),
    ("gave_up", "gave up, % of queued"),
    ("calls", "calls in all, with those who call again"),
    ("occupancy", "occupancy, all teams, %"),
    ("occupancy_spread", "… busiest team less idlest team, points"),
    ("idlest_agent", "… the idlest agent beside their team, %"),
)  # fmt: skip
WIDE = 48


def report(study: Study) -> str:
    """Everything, with the assumptions that it stands on."""
    return "\n".join([*_sides(study), "", *_verdict(study), "", *_tables(study), *_assumptions(study)])


def _sides(study: Study) -> Iterator[str]:
    seeds = len(study.days[MENU])
    yield f"{seeds} days, the same callers and agents on every side; mean ± half of the 95 % interval"
    yield f"{'':<{WIDE}}" + "".join(f"{name:>20}" for name in NAMES) + f"{'ours less menu':>20}"
    teams = [(key, f"… {key.partition(' ')[2]}") for key in study.days[MENU][0] if key.startswith("occupancy ")]
    for figure, title in (*ROWS, *teams):
        cells = [study.mean(name, figure) for name in NAMES] + [study.difference(OURS, figure)]
        yield f"{title:<{WIDE}}" + "".join(f"{cell!s:>20}" for cell in cells)


def _verdict(study: Study) -> Iterator[str]:
    fewer, answered = study.fewer(OURS), study.fewer(OURS, "transfers_of_answered")
    met = "met" if fewer.value >= TARGET else "missed"
    yield (
        f"Transfers, ours against the keypad menu: {_less(fewer)} of all calls, {_less(answered)} of those that reached a "
        f"person. Target −{TARGET:.0f} %: {met}."
    )
    starved = study.starved(OURS)
    yield (
        f"Teams that work less than {STARVED:.0%} of the average of all at ours: {', '.join(starved) or 'none'}; "
        f"at the menu: {', '.join(study.starved(MENU)) or 'none'}."
    )


def _tables(study: Study) -> Iterator[str]:
    if study.menus:
        yield "How good the keypad menu is: callers who choose another team's option"
        yield from _what_ifs(study.menus)
        yield ""
        yield "One assumption changed at a time"
        yield from _what_ifs(study.what_ifs)
        yield ""


def _what_ifs(rows: list[WhatIf]) -> Iterator[str]:
    yield f"{'transfers per 100 calls':<52}{'menu':>14}{'ours':>14}{'fewer':>16}{'of answered':>16}"
    for row in rows:
        yield f"{row.name:<52}{row.menu!s:>14}{row.ours!s:>14}{_less(row.fewer):>16}{_less(row.fewer_answered):>16}"


def _less(share: Mean) -> str:
    return (
        f"−{share.value:.0f} ± {share.half:.0f} %" if share.value >= 0 else f"+{-share.value:.0f} ± {share.half:.0f} %"
    )


def _assumptions(study: Study) -> Iterator[str]:
    yield "Assumptions (ivr/bench/simulated_day/assumptions.py says why each is what it is)"
    shown = [f"{f.name} {getattr(study.world, f.name)}" for f in fields(study.world) if f.name != "teams"]
    shown += [
        f"agents {sum(study.world.teams.values())} ({', '.join(f'{k} {n}' for k, n in study.world.teams.items())})"
    ]
    shown += ["reasons " + ", ".join(f"{k} {v:.0%}" for k, v in MIX.items())]
    shown += ["settled by our machine once understood " + ", ".join(f"{k} {v:.0%}" for k, v in SETTLES.items())]
    line = ""
    for one in shown:
        if len(line) + len(one) > 120:
            yield line
            line = ""
        line += ("; " if line else "  ") + one
    yield line
