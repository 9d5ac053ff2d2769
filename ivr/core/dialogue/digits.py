"""Digits from speech and keys together: what was meant, what is doubtful, what is missing.

An answer is a row of parts in the order in which they came: keys, which are sure, and readings of what was said, each with
its share of belief. Readings are combined; those that cannot be (length, check digit, no such account) are left out first,
and what is left decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

SURE = 0.8
"""Share of belief from which a reading, or one digit of it, is taken without being said back."""
MOST = 24
"""Combinations that are followed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of an answer: digits by keys, or the readings of one utterance."""

    options: tuple[tuple[str, float], ...]
    """Digits and their share, likeliest first; keys have one option with share 1."""
    keys: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """These digits were meant."""

    digits: str
    checked: bool
    """They are known to exist, or their check digit fits."""
    spoken: bool


@dataclass(frozen=True, slots=True)
class Doubtful:
    """All digits but one are sure."""

    digits: str
    """With a "?" in the place of the doubtful one."""
    position: int
    likely: tuple[str, ...]
    """What it may be, likeliest first."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """Probably these digits; worth saying back."""

    digits: str


@dataclass(frozen=True, slots=True)
class TooShort:
    """The beginning of an answer."""

    digits: str


@dataclass(frozen=True, slots=True)
class Impossible:
    """Nothing that was given can be it."""

    digits: str


Verdict = Taken | Doubtful | Unsure | TooShort | Impossible


@dataclass(frozen=True, slots=True)
class Limits:
    """What digits are possible."""

    shortest: int
    longest: int
    valid: Callable[[str], bool] | None = None
    """A check digit."""
    existing: frozenset[str] | None = None
    """The accounts that there are; None: nobody knows them."""


def keys(digits: str) -> Part:
    """Digits by keys."""
    return Part(((digits, 1.0),), keys=True)


def said(readings: Iterable[tuple[str, float]]) -> Part | None:
    """The digits in the readings of one utterance, equal ones added; None when there is no digit in any of them."""
    shares: dict[str, float] = {}
    for digits, share in readings:
        if digits:
            shares[digits] = shares.get(digits, 0.0) + share
    if not shares:
        return None
    return Part(tuple(sorted(shares.items(), key=lambda item: -item[1])))


def judge(parts: Sequence[Part], limits: Limits) -> Verdict:
    """What the parts come to; ``parts`` must hold something."""
    candidates = _combined(parts)
    likeliest = candidates[0][0]
    long_enough = [(d, s) for d, s in candidates if limits.shortest <= len(d) <= limits.longest]
    possible = [(d, s) for d, s in long_enough if limits.valid is None or limits.valid(d)]
    existing = [(d, s) for d, s in possible if limits.existing is None or d in limits.existing]
    spoken = not all(part.keys for part in parts)
    if existing:
        return _choose(existing, bool(limits.existing or limits.valid), spoken)
    if all(len(d) < limits.shortest for d, _ in candidates):
        return TooShort(likeliest)
    return Impossible(possible[0][0] if possible else long_enough[0][0] if long_enough else likeliest)


def _combined(parts: Sequence[Part]) -> list[tuple[str, float]]:
    whole = [("", 1.0)]
    for part in parts:
        both: dict[str, float] = {}
        for (before, a), (digits, b) in product(whole, part.options):
            both[before + digits] = both.get(before + digits, 0.0) + a * b
        whole = sorted(both.items(), key=lambda item: -item[1])[:MOST]
    return whole


def _choose(candidates: list[tuple[str, float]], checked: bool, spoken: bool) -> Verdict:
    total = sum(share for _, share in candidates)
    # the others may have been so much likelier that nothing is left of these shares; then all count alike
    ranked = [(digits, share / total if total else 1 / len(candidates)) for digits, share in candidates]
    best, belief = ranked[0]
    if len(ranked) == 1 or belief >= SURE:
        return Taken(best, checked, spoken)
    same_length = [(d, s) for d, s in ranked if len(d) == len(best)]
    if sum(s for _, s in same_length) < SURE:
        return Unsure(best)
    doubtful = [i for i in range(len(best)) if _agreement(same_length, best, i) < SURE * sum(s for _, s in same_length)]
    if len(doubtful) != 1:
        return Taken(best, checked, spoken) if not doubtful else Unsure(best)
    at = doubtful[0]
    alike = [(d, s) for d, s in same_length if d[:at] + d[at + 1 :] == best[:at] + best[at + 1 :]]
    likely = tuple(dict.fromkeys(d[at] for d, _ in alike))
    return Doubtful(best[:at] + "?" + best[at + 1 :], at, likely)


def _agreement(candidates: list[tuple[str, float]], best: str, position: int) -> float:
    return sum(share for digits, share in candidates if digits[position] == best[position])
