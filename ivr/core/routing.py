"""Where a call goes and why: caller + history + intent + agents → Decision with its reasons and the runner-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.core.caller import Agent, AgentId, AgentState, Caller, Language, PastContact, Tier
from ivr.core.card import Share, Text
from ivr.core.flow import REPEAT_WITHIN_H, Flow
from ivr.core.messages import HandOver

SOLVED_WITHIN = timedelta(days=90)
"""How long the agent who solved it last is remembered."""
PRIORITY: dict[Tier, int] = {"standard": 0, "silver": 2, "gold": 5, "vip": 10}
REPEAT_PRIORITY = 8
OPEN_CASE_WEIGHT = 0.35
PREFER_AT = 0.3
"""The lead over no preference at all from which one agent's phone is rung before the queue's others."""


@dataclass(frozen=True, slots=True)
class Option:
    """One place the call could go, with what speaks for it."""

    queue: str
    score: float
    reasons: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the call goes: the queue, its place in the line, and who is rung first."""

    queue: str
    priority: int
    """app_queue's QUEUE_PRIO: higher is answered sooner."""
    agent: AgentId | None
    """Rung first, when free; None: the queue chooses."""
    reasons: tuple[Share, ...]
    runner_up: Option | None


def decide(
    caller: Caller,
    hand_over: HandOver,
    confidence: float,
    language: Language,
    flow: Flow,
    agents: Iterable[Agent],
    states: Mapping[AgentId, AgentState],
    now: datetime,
) -> Decision:
    """Choose queue, priority and preferred agent; pure, so that any decision can be explained and replayed."""
    options = sorted(_options(caller, hand_over, confidence, flow), key=lambda o: -o.score)
    best = options[0]
    priority, raised = _priority(caller, now)
    members = [agent for agent in agents if best.queue in agent.queues]
    preferred, because = _prefer(members, states, caller, hand_over.intent, language, flow, now)
    reasons = tuple(sorted((*best.reasons, *because, *raised), key=lambda r: -r.value))
    return Decision(best.queue, priority, preferred, reasons, options[1] if len(options) > 1 else None)


def _options(caller: Caller, hand_over: HandOver, confidence: float, flow: Flow) -> list[Option]:
    scores: dict[str, list[Share]] = {flow.fallback_queue: [Share(_NET, 0.05)]}
    intent = flow.intents.get(hand_over.intent or "")
    if intent is None and hand_over.cause in _WITHOUT_REASON:
        # light enough for an open case to lead to the team that has it
        scores[flow.fallback_queue].append(Share(_WITHOUT_REASON[hand_over.cause], 0.25))
    if hand_over.queue:
        scores.setdefault(hand_over.queue, []).append(Share(_INSISTED, 1.0))
    if intent and intent.queue:
        scores.setdefault(intent.queue, []).append(Share(_cause(hand_over, intent.title), round(confidence, 2)))
    for case in caller.open_cases:
        if case.queue in flow.queues:
            weight = OPEN_CASE_WEIGHT if case.intent == hand_over.intent or intent is None else OPEN_CASE_WEIGHT / 3
            scores.setdefault(case.queue, []).append(Share(_open_case(case.id, flow.queues[case.queue].title), weight))
    return [
        Option(queue, round(sum(share.value for share in shares), 4), tuple(shares)) for queue, shares in scores.items()
    ]


def _priority(caller: Caller, now: datetime) -> tuple[int, list[Share]]:
    """The place in the line; the shares carry the tenth of it, to stand beside weights of 0 to 1."""
    priority, reasons = 0, []
    if caller.customer and PRIORITY[caller.customer.tier]:
        priority += PRIORITY[caller.customer.tier]
        reasons.append(Share(_tier(caller.customer.tier), PRIORITY[caller.customer.tier] / 10))
    last = next((c for c in caller.contacts if c.channel == "phone"), None)
    if last and not last.solved and now - last.at <= timedelta(hours=REPEAT_WITHIN_H):
        priority += REPEAT_PRIORITY
        reasons.append(Share(_REPEAT, REPEAT_PRIORITY / 10))
    return priority, reasons


def _prefer(
    members: list[Agent],
    states: Mapping[AgentId, AgentState],
    caller: Caller,
    intent: str | None,
    language: Language,
    flow: Flow,
    now: datetime,
) -> tuple[AgentId | None, tuple[Share, ...]]:
    """The free member with the strongest claim, if any claim is strong enough to ring one phone before the others."""
    free = [agent for agent in members if states.get(agent.id) == "available"]
    solver = _last_solver(caller.contacts, intent, now)
    claims = []
    for agent in free:
        shares = _claims(agent, solver, caller, intent, language, flow)
        claims.append((round(sum(s.value for s in shares), 4), agent, shares))
    # a language that only some of the free members speak is a claim; one that all of them speak is none
    speakers = sum(language in agent.languages for agent in free)
    if not claims or (speakers == len(free) and max(c[0] for c in claims) < PREFER_AT + 0.3):
        return None, ()
    score, agent, shares = max(claims, key=lambda c: (c[0], c[1].id))
    return (agent.id, tuple(shares)) if score >= PREFER_AT else (None, ())


def _claims(
    agent: Agent, solver: PastContact | None, caller: Caller, intent: str | None, language: Language, flow: Flow
) -> list[Share]:
    shares = []
    if language in agent.languages:
        shares.append(Share(_LANGUAGE[language], 0.3))
    if solver and solver.agent == agent.id:
        shares.append(Share(_solved_by(agent.name), 0.4))
    skill = flow.intents[intent].skill if intent in flow.intents else None
    if skill and skill in agent.skills:
        shares.append(Share(_skill(skill, agent.skills[skill]), round(agent.skills[skill] / 50, 2)))
    if caller.customer and caller.customer.region and caller.customer.region == agent.region:
        shares.append(Share({"en": f"same region: {agent.region}", "zh": f"同一地区：{agent.region}"}, 0.1))
    return shares


def _last_solver(contacts: tuple[PastContact, ...], intent: str | None, now: datetime) -> PastContact | None:
    """The last contact that an agent solved, of the same intent where there is one."""
    solved = [c for c in contacts if c.solved and c.agent and now - c.at <= SOLVED_WITHIN]
    return next((c for c in solved if c.intent == intent), solved[0] if solved else None)


_NET: Text = {"en": "the queue for everything", "zh": "综合队列"}
_WITHOUT_REASON: dict[str, Text] = {
    "person": {"en": "asked for a person", "zh": "要求人工服务"},
    "patience": {"en": "could not be understood", "zh": "机器未能听懂"},
}
_INSISTED: Text = {"en": "the dialogue leads here", "zh": "流程指定"}
_REPEAT: Text = {"en": "called again within 24 hours", "zh": "24小时内再次来电"}
_LANGUAGE: dict[Language, Text] = {
    "en": {"en": "speaks English", "zh": "会说英语"},
    "zh": {"en": "speaks Chinese", "zh": "会说中文"},
}


def _cause(hand_over: HandOver, title: Text) -> Text:
    match hand_over.cause:
        case "key":
            return {"en": f"chose “{title['en']}” by key", "zh": f"按键选择“{title['zh']}”"}
        case "confirmed":
            return {"en": f"confirmed “{title['en']}”", "zh": f"已确认“{title['zh']}”"}
        case "repeat_call":
            return {"en": f"called before about “{title['en']}”", "zh": f"之前来电：“{title['zh']}”"}
        case _:
            return {"en": f"asked about “{title['en']}”", "zh": f"来电原因：“{title['zh']}”"}


def _open_case(case: str, title: Text) -> Text:
    return {"en": f"open case {case} with {title['en']}", "zh": f"{title['zh']}有未结案件 {case}"}


def _tier(tier: Tier) -> Text:
    names = {"silver": "银卡", "gold": "金卡", "vip": "贵宾"}
    return {"en": f"{tier} customer", "zh": f"{names.get(tier, '')}客户"}


def _solved_by(name: str) -> Text:
    return {"en": f"{name} solved it last time", "zh": f"上次由{name}解决"}


def _skill(skill: str, level: int) -> Text:
    return {"en": f"skill {skill}, {level} of 10", "zh": f"技能 {skill}：{level}/10"}
