"""``ivr report``: the report in the terminal, or as one JSON object."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from ivr.adapters.database import DatabaseAudit, Store
from ivr.adapters.database.contacts.outcomes import Cards
from ivr.adapters.statistics import beta_quantile
from ivr.calls.people.audit import Actor, Entry
from ivr.cli.people.person import user
from ivr.cli.words import count
from ivr.config.load import Config, load
from ivr.core.contact.service_level import service
from ivr.core.flow.flow import Flow
from ivr.core.routing.learning import label, learn
from ivr.core.routing.misroutes import Report
from ivr.server.pages.report import Found, as_object, read, shadow
from ivr.server.speech.publishing import read_flow

MOST = 20
"""Rows of a table in the terminal; ``--json`` has all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr report`` may be told."""
    parser.add_argument("--days", type=count, default=30, metavar="N", help="of how many days (30)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(asked: argparse.Namespace) -> int:
    """Print the report."""
    return show(asked.config, asked.days, asked.json)


def show(config_path: Path, days: int, as_json: bool) -> int:
    """Print the report of the last days."""
    config = load(config_path)
    flow = read_flow(config_path.resolve().parent / config.dialogue.folder)
    found = asyncio.run(_read(config, flow, days))
    if as_json:
        print(json.dumps(as_object(found), ensure_ascii=False, default=str))
    else:
        print("\n".join(as_lines(found)))
    return 0


async def _read(config: Config, flow: Flow, days: int) -> Found:
    async with Store.opened(config.database.url) as store:
        found = await read(store, config, flow, days)
        # what cannot be written down is not shown
        await DatabaseAudit(store).write(Entry(Actor(f"console:{user()}"), "report.read", None, {"days": days}))
        return found


def as_lines(found: Found) -> list[str]:
    """The same to be read."""
    made = found.made()
    parts = (
        _service(found),
        _detours(made, found),
        _phrases(made, found),
        _learnt(found),
        _shadow(found),
        _cards(found.cards),
    )
    lines = [line for part in parts if part for line in ("", *part)]
    return lines[1:]


def _last(days: int) -> str:
    return "Last day" if days == 1 else f"Last {days} days"


def _service(found: Found) -> list[str]:
    totals, all_of_it = found.totals, service(found.waits, found.within_s)
    if not totals.calls:
        return []
    with_agents = len({passage.contact for passage in found.passages})
    lines = [
        f"{_last(found.days)}: {totals.calls} calls, {totals.by_machine} settled by the assistant, {with_agents} had an agent."
    ]
    if all_of_it.level is not None:
        lines.append(
            f"Callers waited in a queue {all_of_it.offered} times (one who is passed on waits again): {all_of_it.level:.0%} were "
            f"answered within {found.within_s:g} s, {all_of_it.abandoned} given up; mean wait {all_of_it.mean_s:.0f} s."
        )
    return lines


def _detours(made: Report, found: Found) -> list[str]:
    if not made.passages:
        return [f"No agent had a call in the {_last(found.days).lower()}."]
    share = made.transferred / made.passages
    lines = [
        f"Agents had calls {made.passages} times (one that is passed on counts for each): {made.transferred} were passed on "
        f"({share:.0%}).",
        "",
        f"{'what was said':<26} {'who got it':<18} {'where it had to go':<22} calls  share  why",
    ]
    for row in made.detours[:MOST]:
        why = ", ".join(f"{reason or 'not said'} {count}" for reason, count in row.reasons)
        lines.append(
            f"{found.title(row.intent)['en']:<26.26} {found.title(row.agent)['en']:<18.18} "
            f"{found.title(row.to)['en']:<22.22} {row.calls:>5}  {row.share:>4.0%}  {why}"
        )
    return lines


def _phrases(made: Report, found: Found) -> list[str]:
    if not made.proposals:
        return ["No new phrases are proposed."]
    lines = ["Phrases that the dialogue may lack (dialplans/*.toml); whoever adds one should read it first:"]
    for row in made.proposals[:MOST]:
        leads = row.intent or f"one of those that lead to {found.title(row.queue)['en']}"
        as_what = f"taken for {row.taken_for}" if row.taken_for else "not understood"
        lines.append(f"  “{row.phrase}” [{row.language}] → {leads}   ({row.calls} calls, {as_what})")
    return lines


def _learnt(found: Found) -> list[str]:
    estimates = learn(label(found.all_passages, found.now), found.now)
    if not estimates:
        return ["Nothing has been learnt yet: an outcome counts once seven days have passed."]
    rows = sorted(estimates.items(), key=lambda one: -abs(one[1].lead))[:MOST]
    sentences = [
        one.sentence(found.names.get(agent, agent), found.flow.intents[intent].title, beta_quantile)["en"]
        for (agent, intent), one in rows
        if intent in found.flow.intents
    ]
    return ["What routing has learnt:", *(f"  {sentence}" for sentence in sentences)]


def _shadow(found: Found) -> list[str]:
    compared = shadow(found.predictions)
    calls, same = compared["calls"], compared["same"]
    if not calls:
        return []
    lines = [
        f"Shadow: routing would have chosen the agent who took the call in {same} of {calls} calls ({same / calls:.0%})."
    ]
    for calls_of_it, passed, which in (
        (same, compared["same_passed_on"], "where it was the same agent"),
        (calls - same, compared["other_passed_on"], "where it was another"),
    ):
        if calls_of_it:
            lines.append(f"  {which}: {passed} of {calls_of_it} were passed on ({passed / calls_of_it:.0%})")
    return lines


def _cards(cards: Cards) -> list[str]:
    if not cards.rings:
        return ["No agent's phone has rung."]
    missing = ", ".join(f"{what} {count}" for what, count in cards.missing)
    share = f"{cards.complete} of {cards.rings} ({cards.complete / cards.rings:.1%})"
    return [f"Card complete at ring: {share}" + (f"; missing: {missing}" if missing else "")]
