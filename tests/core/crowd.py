"""Random crowds for the tests of routing: calls that wait, agents in every state, and what has been learnt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st

from ivr.core.caller import Agent, AgentId, CallId, Case
from ivr.core.routing import Policy, Presence, Signal, Situation, Waiting
from ivr.core.routing.learning import Estimate
from tests.core.little_house import FLOW, LIN_MEI, NOW, STRANGER, lin, phoned

NAMES = ("ana", "ben", "chen", "dora", "emil", "fay")
AGENT_IDS = tuple(AgentId(name) for name in NAMES)
HOUSE = replace(
    FLOW,
    queues={
        **FLOW.queues,
        "orders": replace(FLOW.queues["orders"], overflow=("billing",), overflow_s=60),
        "billing": replace(FLOW.queues["billing"], overflow=("front",), overflow_s=0),
    },
)
QUEUES = tuple(HOUSE.queues)
INTENTS = (*HOUSE.intents, "gone", None)


def call_id(number: int) -> CallId:
    return CallId(UUID(int=number))


def case(queue: str, intent: str | None) -> Case:
    return Case(f"K-{queue}", "something", "open", NOW, intent, queue)


contacts = st.lists(
    st.builds(phoned, st.sampled_from((1.0, 30.0, 3000.0)), st.sampled_from(("late", None)),
              st.sampled_from((True, False, None)), st.sampled_from((*NAMES, None))),
    max_size=2,
)  # fmt: skip
callers = st.builds(
    lambda tier, region, cases, past: lin(
        cases=tuple(cases), contacts=tuple(past), customer=replace(LIN_MEI, tier=tier, region=region)
    ),
    st.sampled_from(("standard", "gold", "vip")),
    st.sampled_from(("Berlin", None)),
    st.lists(st.builds(case, st.sampled_from(QUEUES), st.sampled_from(("late", None))), max_size=1),
    contacts,
)


@st.composite
def waiting(draw: st.DrawFn, number: int) -> Waiting:
    since = NOW - timedelta(seconds=draw(st.sampled_from((0, 5, 30, 59.5, 90, 600))))
    return Waiting(
        call_id(number), draw(callers | st.just(STRANGER)), draw(st.sampled_from(("en", "zh"))), since,
        since - timedelta(seconds=draw(st.sampled_from((0, 40)))),
        draw(st.sampled_from((*QUEUES, "gone", None))), draw(st.sampled_from(INTENTS)), 0.8,
        had_by=frozenset(draw(st.lists(st.sampled_from(AGENT_IDS), max_size=2))),
        meant_for=draw(st.none() | st.none() | st.sampled_from(AGENT_IDS)),
        signals=draw(st.sampled_from(((), (Signal({"en": "delivery failed", "zh": "配送失败"}, 3),)))),
    )  # fmt: skip


@st.composite
def presence(draw: st.DrawFn, name: str) -> Presence:
    agent = Agent(
        AgentId(name), name.title(), f"PJSIP/{name}", draw(st.sampled_from((("en",), ("zh",), ("en", "zh")))),
        draw(st.dictionaries(st.sampled_from(("delivery", "billing")), st.integers(1, 10))),
        draw(st.sampled_from(("Berlin", None))),
        tuple(draw(st.lists(st.sampled_from(QUEUES), unique=True, max_size=3))),
    )  # fmt: skip
    state = draw(st.sampled_from(("available", "available", "available", "busy", "paused", "offline", "ringing")))
    return Presence(agent, NOW - timedelta(seconds=draw(st.sampled_from((0, 10, 10, 900)))), state)


estimates = st.builds(
    lambda settled, failed, mean: Estimate(float(settled), float(settled + failed), mean, settled + failed, 6.0, 10.0),
    st.integers(0, 20), st.integers(0, 20), st.sampled_from((0.3, 0.6, 0.9)),
)  # fmt: skip


@st.composite
def situations(draw: st.DrawFn, calls: int = 5, agents: int = 5) -> Situation:
    """Anything that may be the case at one moment."""
    how_many = draw(st.integers(0, calls))
    present = [draw(presence(name)) for name in NAMES[: draw(st.integers(0, agents))]]
    learnt = draw(
        st.dictionaries(st.tuples(st.sampled_from(AGENT_IDS), st.sampled_from(("late", "invoice"))), estimates)
    )
    return Situation(
        tuple(draw(waiting(number)) for number in range(1, how_many + 1)), tuple(present), HOUSE, NOW,
        Policy(learn=draw(st.sampled_from(("on", "shadow", "off")))), learnt,
    )  # fmt: skip
