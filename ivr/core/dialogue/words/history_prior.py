"""History as a prior on the intent: what was said and what happened before, as addends of one probability."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ivr.core.flow.condition import Fact, holds
from ivr.core.flow.intent import Certainty, Evidence, Guess, Intent, Understood

LIFTED_AT = 0.75
"""A question becomes an implicit confirmation, at most, from this probability on."""
ASK_AT = 0.3
"""Words that alone are none of these become a question from this probability on, where history says the same."""
MOST = 0.6


def expected(intents: Mapping[str, Intent], facts: Callable[[str], Fact]) -> dict[str, tuple[Evidence, ...]]:
    """The history that makes each intent likely for this caller; intents without any are left out."""
    found: dict[str, tuple[Evidence, ...]] = {}
    for name, intent in intents.items():
        because = tuple(
            Evidence("history", likely.because.get("en", name), likely.weight, dict(likely.because))
            for likely in intent.likely
            if holds(likely.when, facts)
        )
        if because:
            found[name] = because
    return found


def with_history(
    understood: Understood, history: Mapping[str, tuple[Evidence, ...]], denied: frozenset[str] = frozenset()
) -> Understood:
    """Add the history to what was understood.

    Noisy-or (Pearl 1988): P = w + h·(1 − w), where ``w`` comes from the words and ``h`` is the history's weight, so the
    second addend is what history brought. The other intents share what is left, so the sum stays at most 1. An intent
    that the words did not point to at all stays out: history alone never answers for the caller.
    """
    history = {name: why for name, why in history.items() if name not in denied and sum(e.weight for e in why) > 0}
    if understood.certainty == "sure":
        # what was said plainly is only made surer, never overruled
        history = {name: why for name, why in history.items() if understood.best and name == understood.best.intent}
    lifted: list[Guess] = []
    for guess in understood.guesses:
        evidence = history.get(guess.intent, ())
        if not evidence or guess.confidence <= 0:
            lifted.append(guess)
            continue
        weight = min(sum(e.weight for e in evidence), MOST)
        brought = weight * (1 - guess.confidence)
        scale = brought / sum(e.weight for e in evidence)
        addends = tuple(replace(e, weight=e.weight * scale) for e in evidence)
        lifted.append(replace(guess, confidence=guess.confidence + brought, evidence=(*guess.evidence, *addends)))
    total = sum(guess.confidence for guess in lifted)
    if total > 1:
        lifted = _within_one(understood.guesses, lifted, history)
    ranked = tuple(sorted(lifted, key=lambda g: -g.confidence))
    return replace(understood, guesses=ranked, certainty=_certainty(understood, ranked, history))


def _within_one(
    before: tuple[Guess, ...], after: list[Guess], history: Mapping[str, tuple[Evidence, ...]]
) -> list[Guess]:
    """The guesses without history give way to those with it; where that is not enough, all are brought to scale."""
    helped = [g.intent in history for g in before]
    kept = sum(g.confidence for g, h in zip(after, helped, strict=True) if h)
    rest = sum(g.confidence for g, h in zip(after, helped, strict=True) if not h)
    if kept <= 1:
        scale = (1 - kept) / rest if rest else 1.0
        return [g if h else replace(g, confidence=g.confidence * scale) for g, h in zip(after, helped, strict=True)]
    return [_scaled(g, 1 / kept) if h else replace(g, confidence=0.0) for g, h in zip(after, helped, strict=True)]


def _scaled(guess: Guess, scale: float) -> Guess:
    evidence = tuple(replace(e, weight=e.weight * scale) if e.kind == "history" else e for e in guess.evidence)
    return replace(guess, confidence=guess.confidence * scale, evidence=evidence)


def _certainty(
    understood: Understood, ranked: tuple[Guess, ...], history: Mapping[str, tuple[Evidence, ...]]
) -> Certainty:
    best = ranked[0] if ranked else None
    if best is None or understood.best is None:
        return understood.certainty
    if understood.certainty == "sure" or best.intent not in history:
        return understood.certainty
    if understood.certainty == "none":
        return "confirm" if best.confidence >= ASK_AT and best.intent == understood.best.intent else "none"
    return "sure" if best.confidence >= LIFTED_AT and best.intent == understood.best.intent else "confirm"
