"""Numbers of cards in whatever is kept, and all the numbers that are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.card_numbers import halves, split_over, without, without_cards
from ivr.core.kept import TURNING, in_facts, kept
from ivr.core.masking import MASK

CARDS = [
    "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111", "4111/1111/1111/1111", "4111,1111,1111,1111",
    "4111111111111111", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "4111\n1111\n1111\n1111", "4111  1111 - 1111 _ 1111",
    "4111\u200b1111\u200b1111\u200b1111", "4111\u202e1111\u202c11111111", "41\x0011111111111111", "4111–1111–1111–1111",
    "４１１１１１１１１１１１１１１１", "４１１１　１１１１　１１１１　１１１１", "٤١١١١١١١١١١١١١١١",
    "5555555555554444", "2223000048400011", "378282246310005", "3782 822463 10005", "30569309025904", "3530111333300000",
    "6011000990139424", "6200000000000005", "6759649826438453", "4222222222222", "6304000000000000", "8171999927660000",
    "四一一一一一一一一一一一一一一一", "四幺幺幺 幺幺幺幺，幺幺幺幺；幺幺幺幺", "四 三个一 四个一 四个一 四个一",
    "肆壹壹壹壹壹壹壹壹壹壹壹壹壹壹壹", "五五洞洞洞洞洞洞洞洞洞洞洞洞洞四",
    "4111\u00ad1111\u00ad1111\u00ad1111", "4111\u200e1111\u200e1111\u200e1111", "4111\u034f1111\u31641111\u061c1111",
    "4111\U000e00201111\U000e00201111\U000e00201111", "⒋⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈", "⑷⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴⑴",
    "41111111111111115555555555554444", "4111\n2. 1111\n3. 1111\n4. 1111", "4111 part two 1111 part three 1111 part four 1111",
    "4111 第二组1111 第三组1111 第四组1111",
    "四一一一，嗯，一一一一，然后一一一一一一一一", "四一一一 1111 一一一一 1111",
    "four one one one one one one one one one one one one one one one", "Four-one-one-one one one one one 1111 1111",
    "four triple one double one double one triple one double one double one one",
    "4111%201111%201111%201111", "4111+1111+1111+1111", "4111%2D1111%2D1111%2d1111", "4111%25201111%25201111%25201111",
    "4111&#32;1111&#32;1111&#45;1111", "４１１１－１１１１－１１１１－１１１１", "４１１１／１１１１．１１１１＿１１１１",
    "④①①① ①①①① ①①①① ①①①①",
    "4️⃣1️⃣1️⃣1️⃣ 1️⃣1️⃣1️⃣1️⃣ 1111 1111", "⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹", "4111x1111x1111x1111", "4111#1111#1111#1111",
    "4111 → 1111 → 1111 → 1111",
    "4111<br>1111<br/>1111</b> <b>1111", "4111&1111&1111&1111", "4111 and 1111 and 1111 and then 1111",
    "4111 dash 1111 dash 1111 dash 1111",
    "4 one 1 one one 1 1 one 1 1 1 1 one one one one", "4111 one one one one 1111 eleven eleven",
    "four, one, one, one... 1111/1111/1111",
    "4111 1111 and ends with 1111 1111", "4111 1111, and the last eight are 1111 1111", "41111111, second half 11111111",
    "4111 1111 1111, last four digits 1111", "4111 1111 (pause) 1111 1111", "4111 1111 开头，结尾是 1111 1111",
    "4111 1111，后八位是 1111 1111",
    "41111111111111111227", "411111111111111112/27", "4111 1111 1111 11111227", "4111111111111111122027",
    "41111111111111111227123",
    "41111111111111112712", "3782822463100051227", "forty one eleven eleven eleven eleven eleven eleven eleven",
    "four one one one um one one one one and then 1111 1111",
]  # fmt: skip
AROUND = [
    ("", ""), ("card ", ", thanks"), ("PAN:", ""), ("(", ")"), ("卡号", "。"), ("on 21.11.2026 ", " until 12/28"),
    ("+49 30 901820 and ", " cvv 123"), ("order 4711, ", ""), ("\t", "\r\n"),
]  # fmt: skip
HARMLESS = [
    "order 4711 on 2026-11-21 at 09:30", "20261121093000", "2026-11-21 09:30:15.123456", "21.11.2026 - 24.12.2026",
    "1764400000.4711", "4111 1111 1111 1112", "4111111111111112", "order 10000000000000 is late",
    "+4915123456789012", "+49 (30) 9018 2001", "0049 151 2345 6789", "00 86 138 0013 8000", "13800138000", "+1-415-555-2671",
    "030 901820 or 030 901821", "+44 20 7946 0018 and +44 20 7946 0019",
    "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "FR14 2004 1010 0505 0001 3M02 606",
    "ES91 2100 0418 4502 0005 1332", "NL91 ABNA 0417 1643 00", "CH93 0076 2011 6238 5295 7", "DE12 5001 0517 0648 4898 90",
    "3fa85f64-5717-4562-b3fc-2c963f66afa6", "41111111-1111-4111-8111-111111111111", "id x4111111111111111",
    "SN4111111111111111",
    "192.168.100.200", "1.234.567,89 EUR and 9.876.543,21 EUR", "one of the two came one week ago at nine, three or four late",
    "00340434161094042557", "9400 1000 0000 0000 0000 00", "1Z 999 AA1 01 2345 6784", "JD014600003828392918",
    "parcel 420101159405511899",
    "order 41111111111111121227", "order 20261121000411111111", "41111111111111111399", "978-3-16-148410-0",
    "invoice 2026-11-000417 and 2026-11-000418",
    "+49 30 901820 and 030 901821 and 4711", "call 0171 5553211 and then 0172 5553212", "between 20 and 30 and 40 minutes",
    "1920x1080",
    "it starts at 9 and ends at 17 on the 21st", "my order was 4711, the last one 4712, before that 4713",
    "(415) 555-2671 and (415) 555-2672",
    "100%20off", "https://a.example/?order=4711&call=030%20901820", "first order 4711, last order 4712",
    "ISO 27001 and 9001 and 14001",
    "等一下，我一个人有三件事要一起问，二十一号买了两个", "我的电话是一三八零零一三八零零零", "", "个",
]  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(("before", "after"), AROUND)
def test_card_is_masked_in_every_writing(card: str, before: str, after: str) -> None:
    shown = kept(f"{before}{card}{after}")
    assert shown == kept(before) + MASK + kept(after)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("4111111111111111CVV123", f"{MASK}CVV123"),
        ("4111&nbsp;1111&nbsp;1111&nbsp;1111", MASK),
        ('"4111","1111","1111","1111"', f'"{MASK}"'),
        ("[4111][1111][1111][1111]", f"[{MASK}]"),
        ("(4111) (1111) (1111) (1111)", f"({MASK})"),
        ("4111=1111=1111=1111", MASK),
        ("(030) 4711 4711 12", "(030) 4711 4711 12"),
        ("parcel 411111111111112ab", "parcel 411111111111112ab"),
    ],
)
def test_brackets_quotes_and_what_is_joined_behind_hide_no_card(text: str, shown: str) -> None:
    assert kept(text) == shown


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_card_stays_to_the_letter(text: str) -> None:
    assert kept(text) == text


def test_one_told_in_parts_beside_one_in_a_piece() -> None:
    text = "one is 5500 0000 0000 0004 and the other ends in 1111 1111, and begins with 4111 1111"
    assert kept(text) == f"one is {MASK} and the other ends in {MASK}, and begins with {MASK}"


def test_house_that_is_not_card_safe_keeps_numbers_but_no_signs_that_turn() -> None:
    assert kept("4111 1111\u202e 1111 1111", card_safe=False) == "4111 1111 1111 1111"


@pytest.mark.parametrize("sign", [*TURNING, "\x00", "\x08", "\x1b", "\x7f", "\x9b", "\ud800"])
def test_sign_that_is_none_of_a_text_s_is_not_kept(sign: str) -> None:
    assert sign not in kept(f"Lin{sign} Mei") and kept(f"Lin{sign} Mei").replace("?", "") == "Lin Mei"


def test_lines_and_joined_characters_stay() -> None:
    text = "line\n\ttab\r\nفارسی\u200cها 👩\u200d💻 林美 naïve"
    assert kept(text) == text


def test_facts_are_looked_through_but_not_the_caller_s_number() -> None:
    facts = {
        "ani": "4222222222222",
        "text": "4222222222222",
        "more": [["4222222222222", 0.5], {"deep": "4222222222222"}],
    }
    assert in_facts(facts, kept) == {"ani": "4222222222222", "text": MASK, "more": [[MASK, 0.5], {"deep": MASK}]}


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["4111 1111", "1111 1111"], [f"{MASK} {MASK}", f"{MASK} {MASK}"]),
        (["it is four one one one one one one one", "and one one one one one one one one ok"],
         [f"it is {MASK}", f"and {MASK} ok"]),
        (["order 4711", "4111", "1111", "um", "1111", "1111"], ["order 4711", MASK, MASK, "um", MASK, MASK]),
        ([*"4111111111111111"], [MASK] * 16),
        (["四一一一一一一一", "一一一一一一一一"], [MASK, MASK]),
        (["4111 1111", "1111 1112"], ["4111 1111", "1111 1112"]),
        (["order 4711", "postcode 10115", "call +49 30 901820"], ["order 4711", "postcode 10115", "call +49 30 901820"]),
    ],
)  # fmt: skip
def test_number_in_pieces_is_masked_in_each(texts: list[str], shown: list[str]) -> None:
    found = split_over(texts)
    assert [without(text, digits) for text, digits in zip(texts, found, strict=True)] == shown


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (["card 4111 1111", "rest 1111 1111"], [f"card {MASK} {MASK}", f"rest {MASK} {MASK}"]),
        (["1111 1111", "4111 1111"], [f"{MASK} {MASK}"] * 2),
        (["4111 1111 1111", "late", "1111"], [f"{MASK} {MASK} {MASK}", "late", MASK]),
        (["four one one one 1111", "11111111 please"], [f"{MASK} {MASK}", f"{MASK} please"]),
        (["order 4711 of 2026-11-21", "call +49 30 901820"], ["order 4711 of 2026-11-21", "call +49 30 901820"]),
        (["4111 1111 and 2026", "1111 1112"], ["4111 1111 and 2026", "1111 1112"]),
    ],
)
def test_halves_in_two_fields_are_masked_in_each(texts: list[str], shown: list[str]) -> None:
    assert [without(text, digits) for text, digits in zip(texts, halves(texts), strict=True)] == shown


@pytest.mark.parametrize(
    "text",
    ["1 " * 30_000, "4111" + " " * 60_000 + "1111 1111 1111", "<" * 60_000 + "4111", "one and " * 8_000, "4" * 60_000],
)
def test_long_texts_are_looked_through(text: str) -> None:
    """Whatever looked at every pair of places would still be at it when pytest ends the test."""
    assert without_cards(text) == text


def test_long_texts_are_looked_through_for_halves() -> None:
    assert halves(["4711 a " * 10_000] * 3) == [[], [], []]


def pan(body: str) -> str:
    total = sum(n - 9 * (n > 9) for n in (int(d) * (2 - place % 2) for place, d in enumerate(reversed(body))))
    return f"{body}{-total % 10}"


@given(
    st.text("0123456789", min_size=14, max_size=14),
    st.lists(st.sampled_from(["", " ", "-", ". ", "\u200b"]), min_size=16),
)
def test_whatever_stands_between_its_digits(body: str, gaps: list[str]) -> None:
    written = "".join(digit + gap for digit, gap in zip(pan(f"4{body}"), gaps, strict=False))
    assert not any(sign.isdigit() for sign in kept(f"take {written}"))


@settings(deadline=None)
@given(st.text())
def test_it_never_fails_and_is_the_same_twice(text: str) -> None:
    assert kept(kept(text)) == kept(text)
    assert without_cards(text).replace(MASK, "") in text or MASK in without_cards(text)
