"""Conditions as data: ``known and queue.orders.waiting >= 5``. Read from text by the wire, held against facts here."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

Fact = bool | int | float | str
Operator = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Always:
    """True of everybody."""


@dataclass(frozen=True, slots=True)
class Is:
    """True where the fact is neither false, zero nor empty."""

    fact: str


@dataclass(frozen=True, slots=True)
class Compare:
    """One fact beside a constant."""

    fact: str
    operator: Operator
    value: Fact


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Condition


@dataclass(frozen=True, slots=True)
class All:
    """True where every part is."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True where one part is."""

    of: tuple[Condition, ...]


Condition = Always | Is | Compare | Not | All | Any
ALWAYS = Always()


def holds(condition: Condition, facts: Callable[[str], Fact]) -> bool:
    """Whether a condition is true of these facts."""
    match condition:
        case Always():
            return True
        case Is(name):
            return _true(facts(name))
        case Compare(name, operator, value):
            return _compared(facts(name), operator, value)
        case Not(of):
            return not holds(of, facts)
        case All(parts):
            return all(holds(part, facts) for part in parts)
        case Any(parts):
            return any(holds(part, facts) for part in parts)
    assert_never(condition)


def _true(fact: Fact) -> bool:
    """Look-ups give text, in which "0" is how a database without truth values says no."""
    return bool(fact) and fact != "0"


def _compared(fact: Fact, operator: Operator, value: Fact) -> bool:
    """Text beside text, numbers beside numbers; what cannot be compared is merely unequal.

    Values that callers and look-ups give are text, so text that is a number is taken for one beside a number, and for a
    truth beside True and False.
    """
    if isinstance(value, bool):
        fact = _true(fact)
    elif isinstance(fact, str) and not isinstance(value, str):
        try:
            fact = float(fact)
        except ValueError:
            return operator == "!="
    match operator:
        case "==":
            return fact == value
        case "!=":
            return fact != value
    if isinstance(fact, str) != isinstance(value, str):
        return False
    # two texts or two numbers; whole numbers of any length are compared as they are
    return bool({"<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge}[operator](fact, value))


def facts_of(condition: Condition) -> Iterator[str]:
    """Every fact that a condition asks for."""
    match condition:
        case Always():
            return
        case Is(name) | Compare(name, _, _):
            yield name
        case Not(of):
            yield from facts_of(of)
        case All(parts) | Any(parts):
            for part in parts:
                yield from facts_of(part)
        case _:
            assert_never(condition)
