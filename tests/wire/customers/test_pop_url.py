"""Addresses of customers in other systems: filled in with what callers and networks say, and never led elsewhere by it."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.config.tables import PopField
from ivr.core.caller import AgentId, Caller, Customer
from ivr.wire.customers.pop_url import pop_url
from tests.wire.test_card_json import ME, RICH

BASE = "https://crm.example.com"


def filled(template: str, caller: Caller = RICH.caller) -> str | None:
    return pop_url(f"{BASE}{template}", replace(RICH, caller=caller), ME, "DE")


def named(id: str) -> Caller:
    return replace(RICH.caller, customer=Customer(id, "Lin Mei"))


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("/customer/{customer.id}?ani={ani}", "/customer/C1?ani=%2B8613800138000"),
        ("/?call={call}", "/?call=0b5f6c1e-8f0e-4a3e-9f65-0d1e2a3b4c5d"),
        ("/?q={customer.name}&m={customer.email}", "/?q=Lin%20Mei%20%E6%9E%97%E7%BE%8E&m=lin%40example.com"),
        ("/{dnis}/{intent}/{queue}/{language}/{agent}", "/4000/late/orders/zh/ana"),
        ("/always", "/always"),
    ],
)  # fmt: skip
def test_filled_in(template: str, url: str) -> None:
    assert filled(template) == BASE + url


def test_number_is_written_in_full() -> None:
    assert filled("/{ani}", replace(RICH.caller, ani="030 901820")) == f"{BASE}/%2B4930901820"
    assert filled("/?ani={ani}", replace(RICH.caller, ani=None)) == f"{BASE}/?ani="


def test_nobody_known_is_no_link_where_one_is_needed() -> None:
    stranger = Caller("+4930901820", None, "4000")
    assert filled("/{customer.id}", stranger) is None
    assert filled("/find?ani={ani}", stranger) == f"{BASE}/find?ani=%2B4930901820"


@pytest.mark.parametrize(
    "hostile", ["../admin", "..", ".", "a/b", "a?x=1", "a#b", "%2e%2e", "{ani}", "@evil.example", "\ud800", "\r\nX: y"]
)
def test_value_stays_one_part(hostile: str) -> None:
    url = filled("/customer/{customer.id}/card?x=1", named(hostile))
    assert url and url.startswith(f"{BASE}/customer/") and url.endswith("/card?x=1")
    assert url.isascii() and url.isprintable() and "/../" not in url and "/./" not in url
    assert urlsplit(url).path.count("/") == 3 and urlsplit(url).hostname == "crm.example.com"


@given(st.text())
def test_any_value_is_read_back_as_it_was(value: str) -> None:
    url = filled("/find?q={customer.id}&end", named(value))
    assert url and unquote(urlsplit(url).query) == f"q={value}&end"


@pytest.mark.parametrize("field", get_args(PopField))
def test_every_field_that_settings_allow_is_filled_in(field: str) -> None:
    url = pop_url(f"{BASE}/{{{field}}}", RICH, AgentId("ana"), "DE")
    assert url and url.removeprefix(f"{BASE}/")
