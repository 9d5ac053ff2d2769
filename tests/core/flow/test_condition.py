"""Conditions: which facts make them true. Facts are what a caller, a database and the house can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.flow.condition import ALWAYS, All, Any, Compare, Condition, Fact, Is, Not, Operator, facts_of, holds

FACTS: dict[str, Fact] = {
    "true": True, "false": False, "none": 0, "three": 3, "half": 0.5, "empty": "", "text": "late", "zero": "0", "one": "1",
    "five": "5", "price": "12.50", "nan": float("nan"), "code": "0000", "wide": "９",
}  # fmt: skip


def true(condition: Condition, facts: Mapping[str, Fact] = FACTS) -> bool:
    return holds(condition, facts.__getitem__)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("true", True), ("false", False), ("none", False), ("three", True), ("half", True), ("empty", False), ("text", True),
        ("one", True), ("code", True),
        ("zero", False),  # how a database without truth values says no
    ],
)  # fmt: skip
def test_is(fact: str, expected: bool) -> None:
    assert true(Is(fact)) is expected
    assert true(Not(Is(fact))) is not expected


@pytest.mark.parametrize(
    ("fact", "operator", "value", "expected"),
    [
        ("three", "==", 3, True), ("three", "!=", 3, False), ("three", "<", 3, False), ("three", "<=", 3, True),
        ("three", ">", 2.9, True), ("three", ">=", 3.1, False),
        ("text", "==", "late", True), ("text", "!=", "late", False), ("text", "<", "later", True), ("text", ">", "early", True),
        # text that is a number, beside a number
        ("five", "==", 5, True), ("five", ">=", 5, True), ("five", "<", 10, True), ("price", ">", 12, True),
        ("five", "<", "10", False),  # text beside text is in the order of letters
        # what cannot be compared is merely unequal
        ("text", "==", 5, False), ("text", "!=", 5, True), ("text", "<", 5, False), ("text", ">=", 5, False),
        ("empty", "==", 0, False), ("empty", "<", 1, False), ("three", "==", "3", False), ("three", "<", "4", False),
        ("three", "!=", "3", True), ("nan", "==", 0, False), ("nan", "<", 0, False), ("nan", ">", 0, False),
        # truth, as databases and services give it
        ("true", "==", True, True), ("false", "==", False, True), ("one", "==", True, True), ("zero", "==", False, True),
        ("empty", "==", False, True), ("empty", "!=", True, True), ("text", "==", True, True), ("zero", "==", True, False),
        # numbers that no float can hold
        ("three", "<", 10**400, True), ("five", "<", 10**400, True), ("three", ">", -(10**400), True),
        ("three", "<", math.inf, True),
    ],
)  # fmt: skip
def test_compare(fact: str, operator: Operator, value: Fact, expected: bool) -> None:
    assert true(Compare(fact, operator, value)) is expected


def test_nothing_is_asked_that_need_not_be() -> None:
    def facts(name: str) -> Fact:
        assert name != "boom"
        return name == "yes"

    assert holds(Any((Is("yes"), Is("boom"))), facts)
    assert not holds(All((Is("no"), Is("boom"))), facts)
    assert holds(All(()), facts) and not holds(Any(()), facts) and holds(ALWAYS, facts)


simple = st.one_of(
    st.just(ALWAYS),
    st.builds(Is, st.sampled_from(sorted(FACTS))),
    st.builds(
        Compare, st.sampled_from(sorted(FACTS)), st.sampled_from(("==", "!=", "<", "<=", ">", ">=")),
        st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    ),
)  # fmt: skip
conditions = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: All(tuple(parts)), st.lists(inner, max_size=3)),
        st.builds(lambda parts: Any(tuple(parts)), st.lists(inner, max_size=3)),
    ),
    max_leaves=8,
)


@given(conditions)
def test_whatever_stands_in_a_condition_it_is_true_or_false(condition: Condition) -> None:
    assert true(condition) is not true(Not(condition))


@given(conditions)
def test_only_facts_that_are_named_are_asked(condition: Condition) -> None:
    asked: set[str] = set()
    holds(condition, lambda name: (asked.add(name), FACTS[name])[1])
    assert asked <= set(facts_of(condition)) <= set(FACTS)


@given(st.lists(conditions, max_size=4))
def test_all_and_any_are_each_other_s_opposite(parts: list[Condition]) -> None:
    assert true(All(tuple(parts))) is not true(Any(tuple(Not(part) for part in parts)))


@given(
    st.one_of(st.booleans(), st.integers(), st.text(max_size=8)),
    st.one_of(st.booleans(), st.integers(), st.text(max_size=8)),
)
def test_equal_and_unequal_are_opposites(fact: Fact, value: Fact) -> None:
    facts = {"x": fact}
    assert true(Compare("x", "==", value), facts) is not true(Compare("x", "!=", value), facts)
    orders = [true(Compare("x", operator, value), facts) for operator in ("<", ">")]
    assert sum(orders) <= 1 and not (any(orders) and true(Compare("x", "==", value), facts))
