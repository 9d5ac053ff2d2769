"""Telephone numbers: one number, however it is written."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.told import short
from ivr.wire.phone_numbers import NoNumber, could_be_number, normalise, read_number, readable

BERLIN = (
    "+4930901820", "030 901820", "(030) 90 18 20", "+49 (0)30 901820", "0049 30 901820", "030/901820", " 030-901820 ",
    "＋４９３０９０１８２０", "+49(0)30901820", "0049(0)30 901820", "(+49) 30 901820", "(+49)(0)30/901820", "(0049) 30 901820",
    "49 (0) 30 901820", "4930901820", "30901820", "030.90.18.20", "\u202a+49\u00a030\u200b901820\u202c", "０３０－９０１８２０",
    "+49/30/901820", "+49 030 901820", "030 – 90 18 20", "٠٣٠٩٠١٨٢٠", "+49 (030) 901820", "030 901820\n", "030 / 901820",
    "(0 30) 90 18 20", "030\u2212901820", "\ufeff030901820",
)  # fmt: skip


@pytest.mark.parametrize("written", BERLIN)
def test_one_number_in_every_writing(written: str) -> None:
    assert read_number(written, "DE") == normalise(written, "DE") == "+4930901820"


NONE = (
    # something beside it
    "030 901820 (privat)", "030 901820 ab 18 Uhr", "030 901820 ext. 12", "030 901820 x12", "+49 30 901820,,12", "ext=12",
    "030 901820 (18)", "030 901820 (0)", "030 901820²", "*31#030901820", "tel:+4930901820", "'030901820", '="030901820"',
    "030 901820 #5", "Tel. 030 901820", "030 901820-a", "call 12 now", "1️⃣", "<script>",
    # two of them
    "030 901820, 030 901821", "030 901820/030 901821", "030 901820/21", "030 901820;030 901821", "030 901820 030 901821",
    "+4930901820+4930901821", "030 901820\n030 901821", "030 901820 & 030 901821", "030 901820 oder 0171 1234567",
    "030 901820 | 030 901821",
    # what spreadsheets make of them, and what else has digits
    "4,93E+11", "4.93E+11", "30901820.0", "4930901820.0", "30901820,0", "12.11.2026", "2026-11-12", "12/11/2026", "#N/A", "0x1F",
    # letters
    "kiosk-030901820", "bob7001", "7001bob", "sip:7001@host", "7001@host", "0800 FLOWERS", "1-800-FLOWERS", "anonymous",
    "unknown", "withheld", "ＢＯＢ７００１",
    # no whole number
    "", "-", "+", "0", "000000", "()030", "(030 901820", "030) 901820", "++4930901820", "+0049 30 901820", "+49301", "9018201",
    "18-20", "1/2", "90 18 20", "9" * 40, "12345678901234567890",
    # more than one reading: Potsdam or Paris, a mobile or Iowa
    "33142685300", "17123456789",
)  # fmt: skip


@pytest.mark.parametrize("written", NONE)
def test_what_is_not_one_number_is_none(written: str) -> None:
    assert normalise(written, "DE") is None
    with pytest.raises(NoNumber) as refused:
        read_number(written, "DE")
    assert short(written) in ast.literal_eval(re.match(r"'.*?'|\".*?\"", str(refused.value))[0])  # type: ignore[index]


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("4915112345678", "DE", "+4915112345678"), ("017612345678", "DE", "+4917612345678"),
        ("2025550123", "DE", "+492025550123"),
        ("13802138000", "CN", "+8613802138000"), ("8613800138000", "CN", "+8613800138000"),
        ("010 1234 5678", "CN", "+861012345678"),
        ("+86 (010) 12345678", "CN", "+861012345678"), ("(202) 555-0123", "US", "+12025550123"),
        ("1 (202) 555-0123", "US", "+12025550123"), ("+1.202.555.0123", "DE", "+12025550123"),
        ("011 44 20 7946 0958", "US", "+442079460958"), ("00442079460958", "US", "+442079460958"),
        ("0044 (0)20 7946 0958", "DE", "+442079460958"), ("020 7946 0958", "GB", "+442079460958"),
        ("01 42 68 53 00", "FR", "+33142685300"), ("33142685300", "FR", "+33142685300"),
        ("8 (495) 123-45-67", "RU", "+74951234567"),
        ("+39 (0)6 1234 5678", "DE", "+390612345678"), ("00390612345678", "DE", "+390612345678"),
        ("+55 (11) 91234-5678", "DE", "+5511912345678"), ("912.345.678", "ES", "+34912345678"),
    ],
)  # fmt: skip
def test_valid_reading_wins(written: str, region: str, number: str) -> None:
    assert read_number(written, region) == number


@pytest.mark.parametrize(
    ("written", "could"),
    [("+4930901820", True), ("1001", True), ("030 90-18.20", True), ("000", True), ("kiosk-030901820", False), ("bob7001", False),
     ("7" * 70, False), ("anonymous", False), ("", False), ("*31#1", False)],
)  # fmt: skip
def test_name_of_a_sip_user_is_no_number(written: str, could: bool) -> None:
    assert could_be_number(written) == could


def test_extension_stays_an_extension() -> None:
    assert normalise("1001", "DE") == normalise(" 1001 ", "CN") == "1001"


def test_country_of_a_number_without_one() -> None:
    assert normalise("138 0013 8000", "CN") == "+8613800138000"
    assert normalise("+8613800138000", "DE") == normalise("008613800138000", "DE") == "+8613800138000"


@settings(deadline=None)  # the first number reads the tables of all countries
@given(st.text(max_size=60), st.sampled_from(("DE", "CN", "US")))
def test_never_fails_and_is_only_digits(text: str, region: str) -> None:
    assert re.fullmatch(r"\+[0-9]{7,15}|[0-9]{1,6}", normalise(text, region) or "0")


@settings(deadline=None)
@given(st.text("0123456789+-() /", max_size=25), st.sampled_from(("DE", "CN", "US")))
def test_normal_form_is_normal(text: str, region: str) -> None:
    once = normalise(text, region)
    if once:
        assert normalise(once, region) == once


def test_readable() -> None:
    assert readable("+8613800138000") == "+86 138 0013 8000"
    assert readable("1001") == "1001"
    assert readable("") == ""
    assert readable("+1800FLOWERS") == "+1800FLOWERS", "letters are no keys"
