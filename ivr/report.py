"""``ivr report``: what finished calls say of the dialogue, of routing, and of the cards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ivr.adapters.database import DatabaseAccounts, DatabaseOutcomes, Store
from ivr.adapters.database.outcomes import Cards
from ivr.calls.teacher import SINCE
from ivr.config import load
from ivr.core.caller import Agent
from ivr.core.flow import Flow
from ivr.core.learning import Passage, label, learn
from ivr.core.misroutes import Report, report
from ivr.editions import read_flow

MOST = 20
"""Rows of a table in the terminal; ``--json`` has all."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the database has."""

    passages: Sequence[Passage]
    all_passages: Sequence[Passage]
    agents: Sequence[Agent]
    cards: Cards
    flow: Flow
    now: datetime


def show(config_path: Path, days: int, as_json: bool) -> int:
    """Print the report of the last days."""
    config = load(config_path)
    flow = read_flow(config_path.resolve().parent / config.dialogue.folder)
    found = asyncio.run(_read(config.database.url, flow, days))
    if as_json:
        print(json.dumps(as_object(found, days), ensure_ascii=False, default=str))
    else:
        print("\n".join(as_lines(found, days)))
    return 0


async def _read(url: str, flow: Flow, days: int) -> Found:
    now = datetime.now(UTC)
    async with Store.opened(url) as store:
        outcomes = DatabaseOutcomes(store)
        return Found(
            await outcomes.passages(now - timedelta(days=days)),
            await outcomes.passages(now - SINCE),
            await DatabaseAccounts(store).agents(),
            await outcomes.cards(now - timedelta(days=days)),
            flow,
            now,
        )


def as_object(found: Found, days: int) -> dict[str, Any]:
    """Everything, for programs."""
    made = report(found.passages, found.flow.intents)
    estimates = learn(label(found.all_passages, found.now), found.now)
    return {
        "days": days,
        "calls_with_agents": made.passages,
        "passed_on": made.transferred,
        "detours": [asdict(row) for row in made.detours],
        "phrases": [asdict(row) for row in made.proposals],
        "learnt": [
            {"agent": agent, "intent": intent, "p": round(one.p, 3), "lead": round(one.lead, 3), "calls": one.seen}
            for (agent, intent), one in sorted(estimates.items())
        ],
        "rings": found.cards.rings,
        "cards_complete": found.cards.complete,
        "cards_missing": dict(found.cards.missing),
    }


def as_lines(found: Found, days: int) -> list[str]:
    """The same to be read."""
    made = report(found.passages, found.flow.intents)
    return [*_detours(made, found, days), "", *_phrases(made, found), "", *_learnt(found), "", *_cards(found.cards)]


def _title(flow: Flow, name: str | None) -> str:
    if name is None:
        return "(reason not known)"
    place = flow.intents.get(name) or flow.queues.get(name)
    return place.title["en"] if place else name


def _detours(made: Report, found: Found, days: int) -> list[str]:
    if not made.passages:
        return [f"No agent had a call in the last {days} days."]
    share = made.transferred / made.passages
    lines = [
        f"Last {days} days: {made.passages} calls with agents, {made.transferred} passed on ({share:.0%}).",
        "",
        f"{'what was said':<26} {'who got it':<18} {'where it had to go':<22} calls  share  why",
    ]
    names = {agent.id: agent.name for agent in found.agents}
    for row in made.detours[:MOST]:
        why = ", ".join(f"{reason or 'not said'} {count}" for reason, count in row.reasons)
        lines.append(
            f"{_title(found.flow, row.intent):<26.26} {names.get(row.agent, row.agent):<18.18} "
            f"{names.get(row.to, _title(found.flow, row.to)):<22.22} {row.calls:>5}  {row.share:>4.0%}  {why}"  # type: ignore[call-overload]
        )
    return lines


def _phrases(made: Report, found: Found) -> list[str]:
    if not made.proposals:
        return ["No new phrases are proposed."]
    lines = ["Phrases that the dialogue may lack (dialplans/*.toml); whoever adds one should read it first:"]
    for row in made.proposals[:MOST]:
        leads = row.intent or f"one of those that lead to {_title(found.flow, row.queue)}"
        lines.append(f"  “{row.phrase}” [{row.language}] → {leads}   ({row.calls} calls, taken for {row.taken_for})")
    return lines


def _learnt(found: Found) -> list[str]:
    estimates = learn(label(found.all_passages, found.now), found.now)
    if not estimates:
        return ["Nothing has been learnt yet: an outcome counts once seven days have passed."]
    names = {agent.id: agent.name for agent in found.agents}
    rows = sorted(estimates.items(), key=lambda one: -abs(one[1].lead))[:MOST]
    sentences = [
        one.sentence(names.get(agent, agent), found.flow.intents[intent].title)["en"]
        for (agent, intent), one in rows
        if intent in found.flow.intents
    ]
    return ["What routing has learnt:", *(f"  {sentence}" for sentence in sentences)]


def _cards(cards: Cards) -> list[str]:
    if not cards.rings:
        return ["No agent's phone has rung."]
    missing = ", ".join(f"{what} {count}" for what, count in cards.missing)
    share = f"{cards.complete} of {cards.rings} ({cards.complete / cards.rings:.1%})"
    return [f"Card complete at ring: {share}" + (f"; missing: {missing}" if missing else "")]
