"""Keys that are reported in two ways are taken once, whichever way is quicker."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ivr.core.key_counter import KeyCounter, Source

keys = st.lists(st.sampled_from("0123456789*#"), max_size=12)


def interleaved(data: Any, pressed: list[str], late: int = 0) -> list[tuple[Source, str]]:
    """Two copies of the same keys, each in order, mixed in any way; AMI's begins ``late`` keys later."""
    ways: dict[Source, list[str]] = {"audiosocket": list(pressed), "ami": pressed[late:]}
    reports: list[tuple[Source, str]] = []
    while any(ways.values()):
        way: Source = data.draw(st.sampled_from([name for name, left in ways.items() if left]))
        reports.append((way, ways[way].pop(0)))
    return reports


def taken(reports: list[tuple[Source, str]]) -> list[str]:
    counter = KeyCounter()
    return [digit for way, digit in reports if counter.is_news(way)]


@given(st.data(), keys)
def test_every_key_once_and_in_order(data: Any, pressed: list[str]) -> None:
    assert taken(interleaved(data, pressed)) == pressed


@given(keys, st.sampled_from(("audiosocket", "ami")))
def test_one_way_alone_is_enough(pressed: list[str], way: Source) -> None:
    assert taken([(way, digit) for digit in pressed]) == pressed


@given(st.data(), keys, st.integers(0, 12))
def test_keys_that_ami_missed_are_not_missed(data: Any, pressed: list[str], late: int) -> None:
    reports = interleaved(data, pressed, late)
    assert len(taken(reports)) == len(pressed)
