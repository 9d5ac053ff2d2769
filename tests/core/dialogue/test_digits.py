"""Digits from speech and keys: what is taken, what is asked about, what cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.dialogue.digits import (
    MOST,
    SURE,
    Doubtful,
    Impossible,
    Limits,
    Part,
    Taken,
    TooShort,
    Unsure,
    Verdict,
    judge,
    keys,
    said,
)

FOUR = Limits(4, 4)
OWN = Limits(4, 4, existing=frozenset({"4711", "4630"}))
EVEN = Limits(4, 4, valid=lambda digits: int(digits) % 2 == 0)


def spoken(**readings: float) -> Part:
    """One utterance in several readings: ``spoken(_4711=0.6, _4717=0.4)``."""
    made = said((name[1:], share) for name, share in readings.items())
    assert made
    return made


@pytest.mark.parametrize(
    ("parts", "limits", "verdict"),
    [
        ([keys("4711")], FOUR, Taken("4711", False, False)),
        ([keys("4711")], OWN, Taken("4711", True, False)),
        ([keys("4712")], OWN, Impossible("4712")),
        ([keys("4712")], EVEN, Taken("4712", True, False)),
        ([keys("4711")], EVEN, Impossible("4711")),
        ([keys("47")], FOUR, TooShort("47")),
        ([keys("47110")], FOUR, Impossible("47110")),
        ([keys("47"), keys("11")], FOUR, Taken("4711", False, False)),
        # by voice
        ([spoken(_4711=1.0)], FOUR, Taken("4711", False, True)),
        ([spoken(_4711=0.8, _4717=0.2)], FOUR, Taken("4711", False, True)),
        ([spoken(_4711=0.6, _4717=0.4)], FOUR, Doubtful("471?", 3, ("1", "7"))),
        ([spoken(_4711=0.4, _4717=0.3, _4714=0.3)], FOUR, Doubtful("471?", 3, ("1", "7", "4"))),
        ([spoken(_4711=0.5, _5811=0.5)], FOUR, Unsure("4711")),
        ([spoken(_4711=0.5, _471=0.5)], FOUR, Taken("4711", False, True)),
        ([spoken(_471=0.9, _4711=0.1)], FOUR, Taken("4711", False, True)),
        ([spoken(_47=0.6, _471=0.4)], FOUR, TooShort("47")),
        ([spoken(_47=0.6, _47110=0.4)], FOUR, Impossible("47")),
        # each digit is sure although no reading is
        ([spoken(_4711=0.4, _4712=0.15, _4721=0.15, _4811=0.15, _5711=0.15)], FOUR, Taken("4711", False, True)),
        # what cannot be is left out before anything is believed
        ([spoken(_4717=0.9, _4711=0.1)], OWN, Taken("4711", True, True)),
        ([spoken(_4717=0.9, _4718=0.1)], OWN, Impossible("4717")),
        ([spoken(_4711=0.5, _4630=0.5)], OWN, Unsure("4711")),
        ([spoken(_4711=0.9, _4712=0.1)], EVEN, Taken("4712", True, True)),
        ([spoken(_4711=0.5, _471=0.5)], Limits(3, 4), Unsure("4711")),
        # keys and voice together
        ([keys("47"), spoken(_11=0.9, _17=0.1)], FOUR, Taken("4711", False, True)),
        ([spoken(_47=1.0), keys("11")], FOUR, Taken("4711", False, True)),
        ([keys("47"), spoken(_11=0.5, _17=0.5)], OWN, Taken("4711", True, True)),
        ([spoken(_47=0.5, _46=0.5), spoken(_11=0.5, _30=0.5)], OWN, Unsure("4711")),
        # nothing is left of a share beside one that is ever so much likelier
        ([spoken(_9999=1.0, _4711=0.0, _4630=0.0)], OWN, Unsure("4711")),
        ([spoken(_9999=1.0, _4711=0.0)], OWN, Taken("4711", True, True)),
        # a caller with nothing in the records
        ([keys("4711")], Limits(4, 4, existing=frozenset()), Impossible("4711")),
    ],
)  # fmt: skip
def test_judge(parts: list[Part], limits: Limits, verdict: Verdict) -> None:
    assert judge(parts, limits) == verdict


def test_readings_with_the_same_digits_are_added() -> None:
    made = said([("4711", 0.3), ("", 0.2), ("4717", 0.2), ("4711", 0.3)])
    assert made and made.options == (("4711", 0.6), ("4717", 0.2)) and not made.keys


@pytest.mark.parametrize("readings", [[], [("", 1.0)], [("", 0.5), ("", 0.5)]])
def test_words_without_a_digit_are_no_part(readings: list[tuple[str, float]]) -> None:
    assert said(readings) is None


def test_many_readings_of_many_pieces_do_not_explode() -> None:
    piece = said((f"{n:02}", 1 / 100) for n in range(100))
    assert piece
    seen: list[str] = []
    judge([piece] * 9, Limits(18, 18, valid=lambda digits: bool(seen.append(digits))))
    assert len(seen) <= MOST


digit_rows = st.text("0123456789", min_size=1, max_size=6)
utterances = st.dictionaries(digit_rows, st.floats(0, 1), min_size=1, max_size=4).map(lambda r: said(r.items()))
rows_of_parts = st.lists(st.one_of(utterances, digit_rows.map(keys)), min_size=1, max_size=4)
limits = st.builds(
    lambda low, more, valid, existing: Limits(low, low + more, valid, existing),
    st.integers(1, 8), st.integers(0, 6),
    st.sampled_from((None, lambda digits: int(digits) % 3 == 0)),
    st.one_of(st.none(), st.frozensets(digit_rows, max_size=3)),
)  # fmt: skip


@given(rows_of_parts, limits)
def test_what_is_taken_was_given_and_is_possible(parts: list[Part], limits: Limits) -> None:
    verdict = judge(parts, limits)
    rows = [""]
    for part in parts:
        rows = [row + digits for row in rows for digits, _ in part.options]
    if isinstance(verdict, Taken | Unsure):
        assert verdict.digits in rows
        assert limits.shortest <= len(verdict.digits) <= limits.longest
        assert limits.valid is None or limits.valid(verdict.digits)
        assert limits.existing is None or verdict.digits in limits.existing
    elif isinstance(verdict, Doubtful):
        assert verdict.digits[verdict.position] == "?" and verdict.digits.count("?") == 1
        assert len(verdict.likely) == len(set(verdict.likely)) >= 1
        assert all(verdict.digits.replace("?", digit) in rows for digit in verdict.likely)
    else:
        assert verdict.digits in rows
    if isinstance(verdict, TooShort):
        assert all(len(row) < limits.shortest for row in rows) or len(rows) > MOST


@given(st.lists(digit_rows, min_size=1, max_size=4), limits)
def test_keys_are_never_in_doubt(typed: list[str], limits: Limits) -> None:
    verdict = judge([keys(digits) for digits in typed], limits)
    assert isinstance(verdict, Taken | TooShort | Impossible) and verdict.digits == "".join(typed)
    assert not isinstance(verdict, Taken) or not verdict.spoken


@given(digit_rows, digit_rows, st.floats(SURE, 1))
def test_one_sure_reading_is_enough(right: str, wrong: str, share: float) -> None:
    part = said([(right, share), (wrong, (1 - share))])
    assert part
    assert judge([part], Limits(1, 6)) == Taken(right, False, True) or right == wrong or share == SURE
