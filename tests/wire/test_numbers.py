"""Telephone numbers: one number, however it is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.wire.numbers import normalise, readable


@pytest.mark.parametrize(
    "written",
    [
        "+4930901820", "030 901820", "(030) 90 18 20", "+49 (0)30 901820", "0049 30 901820", "030/901820", " 030-901820 ",
        "＋４９３０９０１８２０",
    ],
)  # fmt: skip
def test_one_number_in_every_writing(written: str) -> None:
    assert normalise(written, "DE") == "+4930901820"


def test_extension_stays_an_extension() -> None:
    assert normalise("1001", "DE") == normalise(" 1001 ", "CN") == "1001"


def test_country_of_a_number_without_one() -> None:
    assert normalise("138 0013 8000", "CN") == "+8613800138000"
    assert normalise("+8613800138000", "DE") == normalise("008613800138000", "DE") == "+8613800138000"


@pytest.mark.parametrize(
    ("odd", "kept"),
    [("anonymous", ""), ("", ""), ("<script>", ""), ("1", "1"), ("9" * 40, "9" * 40), ("call 12 now", "12")],
)
def test_what_is_no_number_becomes_its_digits(odd: str, kept: str) -> None:
    assert normalise(odd, "DE") == kept


@settings(deadline=None)  # the first number reads the tables of all countries
@given(st.text(max_size=60), st.sampled_from(("DE", "CN", "US")))
def test_never_fails_and_is_only_digits(text: str, region: str) -> None:
    assert re.fullmatch(r"[0-9+]*", normalise(text, region))


@settings(deadline=None)
@given(st.text("0123456789+-() /", max_size=25), st.sampled_from(("DE", "CN", "US")))
def test_normal_form_is_normal(text: str, region: str) -> None:
    once = normalise(text, region)
    if once.startswith("+"):
        assert normalise(once, region) == once


def test_readable() -> None:
    assert readable("+8613800138000") == "+86 138 0013 8000"
    assert readable("1001") == "1001"
    assert readable("") == ""
