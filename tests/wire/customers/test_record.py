"""Customers as another system tells of them: what fits is taken, what does not is named by its place, nothing gets through."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.config.connected import CaseField, DirectoryField, OrderField
from ivr.core.caller import Case, Order, Record
from ivr.wire.customers import record as customer_record
from ivr.wire.customers.record import MOST_OF_EACH, Mapped, RecordUnusable, read_record

LIN: dict[str, Any] = {
    "id": "C1", "name": "Lin Mei 林美", "language": "zh", "tier": "gold", "region": "Berlin", "salutation": "Ms Lin",
    "salutation_zh": "林女士", "email": "lin@example.com", "note": "evenings",
    "orders": [{"id": "4711", "product": "Watch", "status": "late", "ordered_at": "2026-11-10T09:00:00Z", "amount": "189 EUR"}],
    "cases": [{"id": "K-1", "subject": "Where is it?", "status": "open", "opened_at": "2026-11-19T10:00:00+00:00"}],
}  # fmt: skip
THEIRS = Mapped(
    "data.customers",
    {"id": "ref", "name": "person.name", "tier": "level", "vip": "flags.0", "language": "lang", "cases": "tickets",
     "note": "memo"},
    {}, {"id": "no", "subject": "title", "opened_at": "at", "status": "state"}, {"Platinum": "gold", "neu": "open"},
)  # fmt: skip


OURS = Mapped()


def read(answer: Any, mapped: Mapped = OURS) -> tuple[Record | None, list[str]]:
    problems: list[str] = []
    return read_record(answer, mapped, problems.append), problems


def test_everything_under_our_own_names() -> None:
    record, problems = read(LIN)
    assert problems == []
    assert record == Record(
        "C1", {key: value for key, value in LIN.items() if key not in ("id", "orders", "cases")},
        (Order("4711", "Watch", "late", datetime(2026, 11, 10, 9, tzinfo=UTC), None, "189 EUR"),),
        (Case("K-1", "Where is it?", "open", datetime(2026, 11, 19, 10, tzinfo=UTC)),), True,
    )  # fmt: skip


def test_everything_where_another_system_has_it() -> None:
    ticket = {"no": 12, "title": "Broken", "state": "neu", "at": "2026-11-19T10:00:00Z"}
    theirs = {"ref": 4711, "person": {"name": " Tom\n Baker "}, "level": "Platinum", "lang": "zh-Hans-CN", "flags": [False],
              "tickets": [ticket], "memo": "a\nb\t" + "c" * 600, "region": "not asked for"}  # fmt: skip
    record, problems = read({"data": {"customers": [theirs]}}, THEIRS)
    assert record and problems == []
    assert record.fields["note"].startswith("a b ccc") and len(record.fields["note"]) == 500
    assert {**record.fields, "note": ""} == {"name": "Tom Baker", "tier": "gold", "language": "zh", "note": ""}
    assert (record.id, [case.id for case in record.cases], record.all_cases) == ("4711", ["12"], True)
    theirs["flags"] = ["yes"]
    record, _ = read({"data": {"customers": theirs}}, THEIRS)
    assert record and record.fields["tier"] == "vip"


def test_what_is_not_told_is_left_and_what_is_told_to_be_empty_is_emptied() -> None:
    record, problems = read({"id": "C1", "name": "Lin", "note": None, "email": "", "tier": None})
    assert (
        record and record.fields == {"name": "Lin", "note": None, "email": None, "tier": "standard"} and problems == []
    )
    assert not record.all_cases, "nothing was said of cases, so none is over"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tier": "nickel"}, "tier: what stands there is none of standard, silver, gold, vip"),
        ({"tier": {"a": 1}}, "tier: "),
        ({"region": "R" * 65}, "region: is too long: it may have 64 characters at most"),
        ({"email": ["x"]}, "email: what stands there is no text"),
        ({"email": 1.5}, "email: what stands there is no text"),
        ({"salutation": "Ms\x1b[31m Lin"}, "salutation: has a sign that cannot be seen"),
        ({"salutation": "Ms \ud800"}, "salutation: has a sign that is no character"),
        ({"orders": "none"}, "orders: no list"),
        ({"cases": [7]}, "cases.0: no object"),
        ({"cases": [{**LIN["cases"][0], "opened_at": "yesterday"}]}, "cases.0.opened_at: what stands there is no time"),
        ({"cases": [{**LIN["cases"][0], "opened_at": "2026-11-19T10:00:00"}]}, "cases.0.opened_at: what stands there has no time zone"),
        ({"orders": [{**LIN["orders"][0], "amount": "9" * 40}]}, "orders.0.amount: is too long: it may have 32"),
    ],
)  # fmt: skip
def test_field_that_is_wrong_is_left_out_and_the_rest_is_used(change: dict[str, Any], problem: str) -> None:
    record, problems = read({**LIN, **change})
    assert record and record.fields["name"] == "Lin Mei 林美" and record.fields["note"] == "evenings"
    assert len(problems) == 1 and problems[0].startswith(problem)
    [name] = change
    assert name not in record.fields
    if name == "cases":
        assert record.cases == () and not record.all_cases, "one that could not be read is not over"


def test_language_of_another_house_is_no_mistake() -> None:
    record, problems = read({**LIN, "language": "pt_BR"})
    assert record and "language" not in record.fields and problems == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({}, "id: is missing, and must be written; name: is missing"),
        ({"id": "C1"}, "name: is missing"),
        ({**LIN, "name": ""}, "name: is empty"),
        ({**LIN, "name": "N" * 300}, "name: is too long: it may have 200"),
        ({**LIN, "id": "C 1; DROP"}, "id: what stands there is not right here: write letters, digits"),
        ({**LIN, "id": True}, None),
        ({**LIN, "id": None}, "id: "),
        ([LIN, LIN], "2 customers have this number"),
        ("Lin", "the customer is no object"),
        (5, "the customer is no object"),
        ([[LIN]], "the customer is no object"),
    ],
)
def test_nobody_can_be_made_of_it(answer: Any, problem: str | None) -> None:
    if problem is None:
        assert read(answer)[0]
        return
    with pytest.raises(RecordUnusable) as refused:
        read(answer)
    assert str(refused.value).startswith(problem)
    assert "DROP" not in str(refused.value) and "Lin" not in str(refused.value), "what was wrong, and not with whom"


def test_path_that_leads_nowhere_is_told() -> None:
    with pytest.raises(RecordUnusable, match=r"nothing at 'data\.customers'"):
        read(LIN, THEIRS)


@pytest.mark.parametrize("answer", [None, []])
def test_nobody_has_the_number(answer: Any) -> None:
    assert read(answer) == (None, [])


def test_there_is_an_end_to_everything() -> None:
    cases = [{**LIN["cases"][0], "id": f"K-{n}"} for n in range(MOST_OF_EACH + 20)]
    record, _ = read({**LIN, "cases": cases})
    assert record and len(record.cases) == MOST_OF_EACH and not record.all_cases
    _, problems = read({**LIN, "cases": [{"id": n} for n in range(500)]})
    assert len(problems) == customer_record.MOST_PROBLEMS


def test_settings_know_the_same_fields() -> None:
    assert set(get_args(DirectoryField)) == {*customer_record.CUSTOMER_FIELDS, "numbers"}
    assert get_args(OrderField) == customer_record.ORDER_FIELDS and get_args(CaseField) == customer_record.CASE_FIELDS


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*LIN, "status", "subject", "x"]), inner),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(list(LIN)), anything) | anything)
def test_whatever_comes_is_a_record_that_can_be_kept_or_none(answer: Any) -> None:
    merged = {**LIN, **answer} if isinstance(answer, dict) else answer
    try:
        record, problems = read(merged)
    except RecordUnusable:
        return
    if record is None:
        return
    texts = [record.id, *(value for value in record.fields.values() if value is not None)]
    texts += [case.subject for case in record.cases] + [order.product for order in record.orders]
    for text in texts:
        assert isinstance(text, str) and len(text) <= 500
        assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text)
        text.encode()
    json.dumps(problems)
