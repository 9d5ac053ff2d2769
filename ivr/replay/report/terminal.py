"""Reports in the terminal: figures with their intervals, groups, the calls that went wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.measure.intervals import Estimate
from ivr.replay.engine.score import Result
from ivr.replay.report.compare import Comparison, Difference
from ivr.replay.report.totals import FIGURES, STAGES, Figure, confusion, played, speed

MOST_CALLS = 30
_GROUPED = {
    "wer": "wrong", "intent_accuracy": "intent", "route_accuracy": "place", "questions": "asked", "seconds_to_place": "seconds",
}  # fmt: skip
"""Figures that groups are shown by, under short names."""


def shown(figure: Figure, value: float) -> str:
    """One value in its unit; a dash for what is not known."""
    if math.isnan(value):
        return "–"
    if figure.unit == "%":
        return f"{100 * value:.1f} %"
    return f"{round(value)} ms" if figure.unit == "ms" else f"{value:.2f} {figure.unit}".rstrip()


def show(console: Console, results: Sequence[Result], found: Mapping[str, Estimate], wall_s: float) -> None:
    """The whole report; ``found`` are the ``estimates`` of these calls."""
    there = played(results)
    console.print(_figures(results, found, wall_s))
    if any(one.tags or one.wants is not None for one in there):
        console.print(_groups(there))
    console.print(_stages(there))
    mistaken = [(a, b, n) for a, row in confusion(results).items() for b, n in row.items() if a != b]
    if mistaken:
        table = Table(
            "wanted", "taken for", "calls", title="taken for something else", title_justify="left", box=box.SIMPLE_HEAD
        )
        for wanted, got, count in sorted(mistaken, key=lambda one: -one[2]):
            table.add_row(escape(wanted), escape(got), str(count))
        console.print(table)
    _wrong(console, results)


def _figures(results: Sequence[Result], found: Mapping[str, Estimate], wall_s: float) -> Table:
    lost = sum(one.failed for one in results)
    title = f"{len(results)} calls" + (f", {lost} of them could not be replayed" if lost else "")
    table = Table("", "", "95 % interval", title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for figure in FIGURES:
        if not math.isnan(found[figure.name].value):  # of what is not known nothing is said
            table.add_row(figure.title, shown(figure, found[figure.name].value), _interval(figure, found[figure.name]))
    fast = speed(results, wall_s)
    if not math.isnan(fast.value):
        table.add_row(
            "speed",
            f"{fast.value:.1f} × real time",
            "" if math.isnan(fast.low) else f"{fast.low:.1f} – {fast.high:.1f}",
        )
    return table


def _interval(figure: Figure, found: Estimate | Difference) -> str:
    return "" if math.isnan(found.low) else f"{shown(figure, found.low)} – {shown(figure, found.high)}"


def _groups(results: Sequence[Result]) -> Table:
    """The figures that matter most, by what the calls are about and by their tags."""
    table = Table(box=box.SIMPLE_HEAD, title="by what they want, and by tag", title_justify="left", pad_edge=False)
    table.add_column("", no_wrap=True, max_width=22)
    for title in ("calls", *_GROUPED.values()):
        table.add_column(title, justify="right", no_wrap=True, min_width=7)
    wanted = [figure for figure in FIGURES if figure.name in _GROUPED]
    reasons = sorted({one.wants for one in results if one.wants is not None})
    calls = Counter(tag for one in results for tag in set(one.tags))
    tags = sorted(tag for tag, count in calls.items() if count > 1)
    groups = [(reason or "none of these", [one for one in results if one.wants == reason]) for reason in reasons]
    groups += [(f"“{tag}”", [one for one in results if tag in one.tags]) for tag in tags]
    for name, group in groups:
        table.add_row(escape(name), str(len(group)), *(shown(figure, figure.of(group).value) for figure in wanted))
    return table


def _stages(results: Sequence[Result]) -> Table:
    """From the end of the caller's speech to the first sound of the answer."""
    table = Table(
        "", "median", "95 of 100", title="response, stage by stage", title_justify="left", box=box.SIMPLE_HEAD
    )
    names = {"endpoint_ms": "silence until the end was noticed", "decode_ms": "the last words", "understand_ms": "what they mean",
             "speak_ms": "until the answer sounds"}  # fmt: skip
    for stage in STAGES:
        values = sorted(getattr(turn, stage) for one in results for turn in one.responses)
        if values:
            at = values[len(values) // 2], values[min(len(values) * 95 // 100, len(values) - 1)]
            table.add_row(names[stage], *(f"{value:.1f} ms" for value in at))
    return table


def _wrong(console: Console, results: Sequence[Result]) -> None:
    wrong = [
        one for one in results if one.failed or one.problem or one.route_right is False or one.intent_right is False
    ]
    if not wrong:
        return
    table = Table(
        "call", "wants", "taken for", "came to", "right place", "", title="listen to these", title_justify="left"
    )
    for one in wrong[:MOST_CALLS]:
        wants = "" if one.wants is None else one.wants or "none of these"
        taken = "" if one.failed else one.intent or "none of these"
        table.add_row(*map(escape, (one.name, wants, taken, one.place, one.right_place, one.problem)))
    console.print(table)
    if len(wrong) > MOST_CALLS:
        console.print(f"… and {len(wrong) - MOST_CALLS} more")


def show_comparison(console: Console, found: Comparison) -> None:
    """What got better and what got worse; of figures that are the same nothing is said."""
    title = f"against the old version, {found.calls} calls"
    table = Table(
        "", "old", "new", "change", "95 % interval", "", title=title, title_justify="left", box=box.SIMPLE_HEAD
    )
    colours = {"better": "[green]better[/green]", "worse": "[red]worse[/red]", "same": ""}
    for one in found.differences:
        if one.change == 0 or math.isnan(one.change):
            continue
        values = [shown(one.figure, value) for value in (one.old, one.new, one.change)]
        table.add_row(one.figure.title, *values, _interval(one.figure, one), colours[one.verdict])
    if table.row_count:
        console.print(table)
    else:
        console.print(f"against the old version, {found.calls} calls: every figure is the same")
    for better, title in ((False, "got worse: listen to these"), (True, "got better")):
        turned = [turn for turn in found.turned if turn.better is better]
        if turned:
            rows = Table("call", "", title=f"{len(turned)} {title}", title_justify="left", box=box.SIMPLE_HEAD)
            for turn in turned[:MOST_CALLS]:
                rows.add_row(escape(turn.name), escape(turn.what))
            console.print(rows)
