"""Ways to settle a matter: what may be offered, in which order, and within whose authority."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.caller import Order
from ivr.core.offers import WAYS, Answers, Authority, Matter, Offer, amount, chance, price, suitable, ways
from tests.core.little_house import LATE_WATCH, NOW, STRANGER, lin

TEXT: Any = {"en": "x", "zh": "x"}
RICH = Authority(Decimal(100), Decimal(500), Decimal(100))


def offer(name: str, **more: Any) -> Offer:
    return Offer(name, TEXT, TEXT, more.pop("intents", ("late",)), **more)


DATE, VOUCHER = offer("date", cost=Decimal("6.90")), offer("voucher", cost=Decimal(4))
REFUND, DEAR = offer("refund", share=Decimal("0.05")), offer("both", cost=Decimal(12), share=Decimal("0.05"))


def matter(**more: Any) -> Matter:
    return Matter(**{"intent": "late", "caller": lin(), "order": LATE_WATCH, "authority": RICH} | more)


@pytest.mark.parametrize(
    ("made", "cost"),
    [
        (DATE, "6.90"),
        (REFUND, "9.45"),
        (DEAR, "12.00"),
        (offer("free"), "0.00"),
    ],
)
def test_price(made: Offer, cost: str) -> None:
    assert str(price(made, LATE_WATCH)) == cost


@pytest.mark.parametrize(
    ("written", "figure"),
    [("189.00 EUR", "189.00"), ("12", "12"), (None, "0"), ("free", "0"), ("1.2.3 EUR", "0"), ("", "0")],
)
def test_amount_of_an_order(written: str | None, figure: str) -> None:
    assert amount(Order("1", "watch", "late", NOW, amount=written)) == Decimal(figure)
    assert amount(None) == 0


SUITS = {
    "another matter": (offer("o", intents=("invoice",)), {}, False),
    "its own matter": (offer("o"), {}, True),
    "given a short time ago": (offer("o"), {"recent": {"o"}}, False),
    "a product of another kind": (offer("o", products=("strap",)), {}, False),
    "a word of the product": (offer("o", products=("WATCH", "clock")), {}, True),
    "another status": (offer("o", statuses=("delivered",)), {}, False),
    "no order to give a share of": (offer("o", share=Decimal("0.1")), {"order": None}, False),
    "no order needed": (offer("o", cost=Decimal(1)), {"order": None}, True),
    "a tier that is not theirs": (offer("o", tiers=("vip",)), {}, False),
    "their tier": (offer("o", tiers=("gold", "vip")), {}, True),
    "a stranger has no tier": (offer("o", tiers=("gold",)), {"caller": STRANGER}, False),
}


@pytest.mark.parametrize(("made", "more", "fits"), SUITS.values(), ids=SUITS.keys())
def test_what_may_be_offered(made: Offer, more: dict[str, Any], fits: bool) -> None:
    assert bool(suitable([made], matter(**more))) is fits


def test_three_ways_two_single_and_one_together() -> None:
    answers = {"date": Answers(18, 2), "refund": Answers(9, 11), "voucher": Answers(2, 18)}
    found = ways([DATE, REFUND, VOUCHER], matter(answers=answers))
    assert [way.names for way in found[:2]] == [("date",), ("refund",)] and len(found[2].names) == 2
    assert found[0].cost == Decimal("6.90") and (found[0].accepted, found[0].asked) == (18, 20)
    assert found[2].chance >= max(found[0].chance, found[1].chance), (
        "two together are accepted at least as often as one"
    )


def test_what_does_not_go_together_is_not_put_together() -> None:
    first = offer("refund", share=Decimal("0.05"), not_with=("voucher",))
    assert [way.names for way in ways([first, VOUCHER], matter())] == [("voucher",), ("refund",)]


def test_more_than_the_agent_may_decide_comes_last_and_is_marked() -> None:
    poor = Authority(Decimal(5), Decimal(500), Decimal(100))
    found = ways([DATE, VOUCHER], matter(authority=poor, answers={"date": Answers(99, 1)}))
    assert [(way.names, way.allowed) for way in found] == [
        (("voucher",), True),
        (("date",), False),
        (("date", "voucher"), False),
    ]


def test_authority_is_the_least_of_all_limits_and_never_below_nothing() -> None:
    assert Authority(Decimal(20), Decimal(7), Decimal(50)).most == 7
    assert Authority(Decimal(20), Decimal(-3), Decimal(50)).most == 0


def test_chance_is_drawn_to_what_all_offers_together_have_met() -> None:
    answers = {"new": Answers(1, 0), "old": Answers(50, 50)}
    assert 0.5 < chance("new", answers) < 0.65, "one yes is not much"
    assert chance("never offered", {}) == 0.5


@given(
    st.lists(st.builds(lambda n, c: offer(f"o{n}", cost=Decimal(c)), st.integers(0, 9), st.integers(0, 60)), max_size=8)
)
def test_any_offers_give_at_most_three_ways_of_what_suits(offers: list[Offer]) -> None:
    unique = list({one.name: one for one in offers}.values())
    found = ways(unique, matter())
    assert len(found) <= WAYS and len(found) >= min(len(unique), WAYS if len(unique) != 2 else 3) - 1
    for way in found:
        assert way.cost == sum(price(one, LATE_WATCH) for one in way.offers)
        assert way.allowed == (way.cost <= RICH.most) and 0 < way.chance < 1
        assert len(set(way.names)) == len(way.names) <= 2
