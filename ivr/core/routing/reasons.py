"""The addends of a score, each with its name in words. What is shown is what was added."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ivr.core.caller import Language, Tier
from ivr.core.card import Share, Text
from ivr.core.messages import Cause

Kind = Literal[
    "net", "without_reason", "insisted", "intent", "open_case", "closed",
    "skill", "language", "region", "last_solver", "learnt", "meant_for", "idle",
    "tier", "repeat", "passed_on", "waited", "signal",
]  # fmt: skip
PRIORITY: frozenset[Kind] = frozenset({"tier", "repeat", "passed_on", "waited", "signal"})
"""Reasons of the call itself, the same with every agent."""
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Reason(Share):
    """One addend of a score, and of which kind it is."""

    kind: Kind


def reason(kind: Kind, label: Text, value: float) -> Reason:
    """An addend, rounded so that what is shown adds up to the score beside it."""
    return Reason(label, round(value, DIGITS), kind)


def total(reasons: Iterable[Share]) -> float:
    """The score that addends make."""
    return round(math.fsum(r.value for r in reasons), DIGITS)


def heaviest_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """As agents read them; those of one weight keep the order in which they were made."""
    return tuple(sorted(reasons, key=lambda r: -r.value))


# -- in words ------------------------------------------------------------------------------------------------------------

NET: Text = {"en": "the queue for everything", "zh": "综合队列"}
WITHOUT_REASON: dict[Cause, Text] = {
    "person": {"en": "asked for a person", "zh": "要求人工服务"},
    "patience": {"en": "could not be understood", "zh": "机器未能听懂"},
}
INSISTED: Text = {"en": "the dialogue leads here", "zh": "流程指定"}
REPEAT: Text = {"en": "called again within 24 hours", "zh": "24小时内再次来电"}
MEANT_FOR: Text = {"en": "the call is meant for them", "zh": "指定由其接听"}
SPEAKS: dict[Language, Text] = {
    "en": {"en": "speaks English", "zh": "会说英语"},
    "zh": {"en": "speaks Chinese", "zh": "会说中文"},
}
_TIERS_ZH: dict[Tier, str] = {"silver": "银卡", "gold": "金卡", "vip": "贵宾"}


def asked_about(cause: Cause, title: Text) -> Text:
    """How the reason for the call is known."""
    match cause:
        case "key":
            return {"en": f"chose “{title['en']}” by key", "zh": f"按键选择“{title['zh']}”"}
        case "confirmed":
            return {"en": f"confirmed “{title['en']}”", "zh": f"已确认“{title['zh']}”"}
        case "repeat_call":
            return {"en": f"called before about “{title['en']}”", "zh": f"之前来电：“{title['zh']}”"}
        case _:
            return {"en": f"asked about “{title['en']}”", "zh": f"来电原因：“{title['zh']}”"}


def open_case(case: str, team: Text) -> Text:
    """The team that has the caller's case."""
    return {"en": f"open case {case} with {team['en']}", "zh": f"{team['zh']}有未结案件 {case}"}


def closed(team: Text) -> Text:
    """The queue that the call would have gone to."""
    return {"en": f"{team['en']} is closed now", "zh": f"{team['zh']}现已下班"}


def customer(tier: Tier) -> Text:
    """A customer's tier."""
    return {"en": f"{tier} customer", "zh": f"{_TIERS_ZH.get(tier, '')}客户"}


def solved_by(name: str) -> Text:
    """Who solved it last time."""
    return {"en": f"{name} solved it last time", "zh": f"上次由{name}解决"}


def skilled(skill: str, level: int) -> Text:
    """A skill and its proficiency."""
    return {"en": f"skill {skill}, {level} of 10", "zh": f"技能 {skill}：{level}/10"}


def same_region(region: str) -> Text:
    """A region that agent and customer share."""
    return {"en": f"same region: {region}", "zh": f"同一地区：{region}"}


def waited(seconds: float) -> Text:
    """How long the call waits."""
    return {"en": f"waits for {clock(seconds)}", "zh": f"已等待{clock(seconds)}"}


def idle(seconds: float) -> Text:
    """How long the agent has been free."""
    return {"en": f"free for {clock(seconds)}", "zh": f"已空闲{clock(seconds)}"}


def passed_on(times: int) -> Text:
    """How many agents have had the call."""
    return {"en": "passed on once" if times == 1 else f"passed on {times} times", "zh": f"已转接{times}次"}


def clock(seconds: float) -> str:
    """Minutes and seconds, "2:05"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
