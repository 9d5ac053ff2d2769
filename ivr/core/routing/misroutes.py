"""What transfers teach the dialogue: what was said, whom it reached, where it had to go, and the phrases that are missing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from ivr.core.caller import AgentId
from ivr.core.digit_words import DIGIT_WORDS
from ivr.core.flow.intent import Intent
from ivr.core.language import Language
from ivr.core.routing.learning import Passage

MOST_WORDS = 12
"""A longer sentence is a story, not a phrase: English words, or …"""
MOST_SIGNS = 20
"""… Chinese characters."""
FEWEST_SIGNS = 4
SHARED_BY = 2
"""So many callers must have used a word that no phrase has: what only one ever said may be a name."""


@dataclass(frozen=True, slots=True)
class Detour:
    """Calls that were taken for one intent, reached one agent, and had to go on to one place."""

    intent: str | None
    agent: AgentId
    queue: str | None
    to: str
    """The queue they had to go to; where an agent was named instead, that agent."""
    calls: int
    share: float
    """Of the calls with this intent that this agent had, 0 to 1."""
    reasons: tuple[tuple[str, int], ...]
    """How often each reason was given, the commonest first; "" where none was."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words of callers who were misrouted, as a new phrase of the intent that leads where they had to go."""

    phrase: str
    language: Language
    queue: str
    intent: str | None
    """None: several intents lead there and the words resemble none of them; an operator must choose."""
    taken_for: str | None
    calls: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the transfers of some time say."""

    passages: int
    transferred: int
    detours: tuple[Detour, ...]
    """The commonest first."""
    proposals: tuple[Proposal, ...]


def report(passages: Iterable[Passage], intents: Mapping[str, Intent]) -> Report:
    """Work out the table of detours and the phrases to add; the order of the passages does not matter."""
    every = sorted(passages, key=lambda p: (p.contact, p.began, p.agent))
    return Report(len(every), sum(p.transferred for p in every), _detours(every), _proposals(every, intents))


def _detours(passages: list[Passage]) -> tuple[Detour, ...]:
    had = Counter((p.intent, p.agent) for p in passages)
    found: dict[tuple[str | None, AgentId, str | None, str], Counter[str]] = defaultdict(Counter)
    for p in passages:
        if p.transferred:
            found[p.intent, p.agent, p.queue, p.to_queue or p.to_agent or ""][p.reason or ""] += 1
    rows = [
        Detour(
            intent, agent, queue, to, n := reasons.total(), n / had[intent, agent],
            tuple(sorted(reasons.items(), key=lambda r: (-r[1], r[0]))),
        )
        for (intent, agent, queue, to), reasons in found.items()
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda d: (-d.calls, d.intent or "", d.agent, d.queue or "", d.to)))


# -- phrases -------------------------------------------------------------------------------------------------------------


def _proposals(passages: list[Passage], intents: Mapping[str, Intent]) -> tuple[Proposal, ...]:
    misrouted = [
        (first, went)
        for _, contact in groupby(passages, key=lambda p: p.contact)
        if (first := (legs := list(contact))[0]).words and (went := _went(legs))
    ]
    familiar = {language: _familiar(language, [p for p, _ in misrouted], intents) for language in DIGIT_WORDS}
    there = {(lang, plain(t, lang)) for i in intents.values() for lang, texts in i.phrases.items() for t in texts}
    counted: Counter[tuple[str, Language, str, str | None]] = Counter()
    for first, went in misrouted:
        phrase = plain(first.words or "", first.language)
        known = (first.language, phrase) in there
        if (
            not known
            and _fit(phrase, first.language)
            and set(_units(phrase, first.language)) <= familiar[first.language]
        ):
            counted[phrase, first.language, went, first.intent] += 1
    made = [
        Proposal(phrase, language, queue, _nearest(phrase, language, queue, intents), taken_for, calls)
        for (phrase, language, queue, taken_for), calls in counted.items()
    ]
    return tuple(sorted(made, key=lambda p: (-p.calls, p.queue, p.language, p.phrase, p.taken_for or "")))


def _went(legs: list[Passage]) -> str | None:
    """The queue in which a misrouted call ended; None for a call that was not misrouted, or came back to where it was."""
    if not any(p.reason in ("other_matter", "other", None) and p.transferred for p in legs):
        return None
    last = legs[-1]
    queue = last.to_queue if last.transferred else last.queue
    return queue if queue != legs[0].queue else None


def plain(text: str, language: Language) -> str:
    """Words as they are compared: small letters, no punctuation, single spaces (in Chinese none)."""
    words = re.sub(r"[^\w']+", " ", text.lower()).strip()
    return words.replace(" ", "") if language == "zh" else words


def _units(phrase: str, language: Language) -> list[str]:
    return list(phrase) if language == "zh" else phrase.split()


def _fit(phrase: str, language: Language) -> bool:
    """Whether it is of the length of a phrase and free of numbers and of what introduces names and addresses."""
    units = _units(phrase, language)
    short = FEWEST_SIGNS <= len(units) <= MOST_SIGNS if language == "zh" else 2 <= len(units) <= MOST_WORDS
    said_digits = sum(unit in DIGIT_WORDS[language] for unit in units)
    personal = any(word in (phrase if language == "zh" else f" {phrase} ") for word in _PERSONAL[language])
    return short and not personal and said_digits < 3 and not any(c.isdigit() for c in phrase)


_PERSONAL: dict[Language, tuple[str, ...]] = {
    "en": (" my name ", " name is ", " i am called ", " speaking ", " mister ", " mr ", " mrs ", " ms ", " street ",
           " born ", " account number ", " dot com ", " email "),
    "zh": ("我叫", "我姓", "我是", "姓名", "名字", "先生", "女士", "小姐", "地址是", "号楼", "邮箱", "生日"),
}  # fmt: skip


def _familiar(language: Language, misrouted: list[Passage], intents: Mapping[str, Intent]) -> set[str]:
    """The words (signs) that some phrase has, or that several callers have used."""
    texts = [t for intent in intents.values() for t in intent.phrases.get(language, ())]
    known = {unit for text in texts for unit in _units(plain(text, language), language)}
    users: dict[str, set[str]] = defaultdict(set)
    for p in misrouted:
        if p.language == language:
            for unit in _units(plain(p.words or "", language), language):
                users[unit].add(p.customer or p.contact)
    return known | {unit for unit, who in users.items() if len(who) >= SHARED_BY}


def _nearest(phrase: str, language: Language, queue: str, intents: Mapping[str, Intent]) -> str | None:
    """The intent that leads to a queue; of several the one whose phrases share most words with this one."""
    leading = [intent for intent in intents.values() if intent.queue == queue]
    if len(leading) == 1:
        return leading[0].name
    units = set(_units(phrase, language))

    def alike(intent: Intent) -> float:
        theirs = [set(_units(plain(t, language), language)) for t in intent.phrases.get(language, ())]
        return max((len(units & words) / len(units | words) for words in theirs if words), default=0.0)

    ranked = sorted(leading, key=lambda intent: (-alike(intent), intent.name))
    clear = len(ranked) > 1 and alike(ranked[0]) > alike(ranked[1])
    return ranked[0].name if clear else None
