"""One row of the floor each: a queue, an agent, a call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from ivr.calls.agents.queue_states import queue_states
from ivr.calls.agents.roster import AgentRoster, AgentStatus
from ivr.calls.live import LiveCall
from ivr.calls.live_calls import LiveCalls
from ivr.core.caller import CallId
from ivr.core.contact.card_of import Names, why_of
from ivr.core.flow.flow import Flow
from ivr.wire.card_json import stamp, who_json

CallPlace = Literal["machine", "queue", "ringing", "agent", "held", "wrap_up", "elsewhere"]
PLACES: tuple[CallPlace, ...] = ("machine", "queue", "ringing", "agent", "held", "wrap_up", "elsewhere")


def queue_rows(
    flow: Flow, calls: LiveCalls, roster: AgentRoster, served: Mapping[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The queues, in the order of the dialogue; ``served`` are today's figures of each."""
    states = queue_states(flow.queues, calls, roster)
    members = [status for status in roster.statuses.values() if status.state != "offline"]
    return {
        name: {
            "id": name,
            "title": queue.title,
            "waiting": states[name].waiting,
            "since": stamp(min((c.queued_at for c in calls.values() if c.queued_at and c.queue == name), default=None)),
            "free": states[name].free,
            "here": sum(name in status.queues for status in members),
            "today": served.get(name),
        }
        for name, queue in flow.queues.items()
    }


def agent_row(status: AgentStatus, call: CallId | None) -> dict[str, Any]:
    """An agent; ``call`` is the one they talk on."""
    agent = status.agent
    return {
        "id": agent.id, "name": agent.name, **status.json(), "call": str(call) if call else None,
        "queues": list(agent.queues), "languages": list(agent.languages), "region": agent.region,
        "calls": status.figures.calls, "solved": status.figures.solved, "talk_s": round(status.figures.talk_s),
    }  # fmt: skip


def call_row(live: LiveCall, names: Names) -> dict[str, Any]:
    """A call: where it is, who, why."""
    place, since, agents = place_of(live)
    queue = live.flow.queues.get(live.place)
    why = why_of(live.ledger, live.flow)
    at_machine = place == "machine"
    return {
        "id": str(live.id), "place": place, "since": stamp(since), "began": stamp(live.ledger.began),
        "who": who_json(live.ledger.caller), "language": live.ledger.language,
        "why": {"intent": why.intent, "title": why.title, "words": why.words, "certainty": why.certainty},
        "queue": None if at_machine or queue is None else {"name": queue.name, "title": queue.title},
        "agents": [{"id": agent, "name": names.get(agent, agent)} for agent in agents],
        "passed": len(live.ledger.legs.had_it), "call_back": live.ledger.story.call_back is not None,
    }  # fmt: skip


def place_of(live: LiveCall) -> tuple[CallPlace, datetime, list[Any]]:
    """Where a call is, since when, and with which agents."""
    ledger, legs = live.ledger, live.ledger.legs
    if live.caller_gone:
        wraps = [view for view in legs.views().values() if view.state == "wrap_up"]
        return "wrap_up", ledger.story.gone_at or ledger.began, [view.agent for view in wraps]
    talking = legs.talking
    if talking:
        since = min(leg.answered_at or leg.rang_at for leg in talking)
        agents = [leg.agent for leg in sorted(talking, key=lambda leg: leg.answered_at or leg.rang_at)]
        if legs.held and not legs.conference:
            return "held", min(legs.held.values()), agents
        return "agent", since, agents
    if legs.with_somebody:
        return "elsewhere", max(one.answered_at or one.rang_at for one in legs.outside.values() if one.talking), []
    ringing = [leg for leg in legs.legs.values() if leg.ringing]
    if ringing:
        return "ringing", min(leg.rang_at for leg in ringing), [leg.agent for leg in ringing]
    if live.queued_at:
        return "queue", live.queued_at, []
    if live.line is not None or ledger.hand_over is None:
        return "machine", ledger.began, []
    return "elsewhere", ledger.story.left_dialogue or ledger.began, []
