"""Addresses of receivers: what is odd is refused when it is set, by what is odd about it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from ivr.core.texts import family
from ivr.wire.webhooks.addresses import Odd, odd

ODD: dict[Odd, list[str]] = {
    "scheme": ["ftp://a.example/", "a.example", "//a.example/", "https:/a.example", "javascript:alert(1)", "mailto:a@b.example"],
    "host": [
        "https://", "https:///hook", "https://:443/", "https://?x=1", "https://a..b/", "https://.example/", "https://-a.example/",
        "https://a-.example/", f"https://{'a' * 64}.example/", f"https://{'a.' * 127}example/", "https://%31.example/",
        "https://a%00.example/", "https://[::1/", "https://::1/", "https://[a.example]/", "https://[]/", "https://[::1]a/",
        "https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://1.2.3.256/", "https://a,b/",
    ],
    "userinfo": ["https://a@b.example/", "https://a:b@c.example/", "https://@c.example/", "https://a.example@"],
    "port": [f"https://a.example:{port}/" for port in ("0", "65536", "99999", "-1", "+1", "080", "http", "1_0", "", "1:2")],
    "zone": ["https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[::1%1]:9000/"],
    "fragment": ["https://a.example/#x", "https://a.example/hook#", "https://a.example/?a=1#b"],
    "signs": ["https://a.example/\r\nX: 1", "https://a.example/ x", "https://a.example/\x00", "https://a.example/\t", "https://a.example/\n",
              "https://ä.example/", "https://a.example\\@b.example/", "https://a.example/<x>", "https://a.example/\u202e"],
}  # fmt: skip
GOOD = [
    "https://crm.example.com/hooks?token=a%20b", "https://a.example:8443/", "https://a.example.", "https://xn--bcher-kva.example/",
    "https://my_crm.example/", "HTTPS://A.example/", "https://93.184.216.34/", "https://[2606:2800:220:1::1]:443/x", "https://a",
]  # fmt: skip
PRIVATE = [
    "http://127.0.0.1:9000/hook",
    "http://crm:9000/",
    "http://[::1]:65535/",
    "https://localhost/",
    "http://10.0.0.7/",
]


@pytest.mark.parametrize(("what", "url"), [(what, url) for what, urls in ODD.items() for url in urls])
@pytest.mark.parametrize("private", [True, False])
def test_what_is_odd_is_told(what: Odd, url: str, private: bool) -> None:
    assert odd(url, private) == what


@pytest.mark.parametrize("url", GOOD)
def test_what_can_be_sent_to_is_taken(url: str) -> None:
    assert odd(url, allow_private=False) is None


@pytest.mark.parametrize("url", PRIVATE)
def test_private_ones_only_where_they_are_allowed(url: str) -> None:
    assert odd(url, allow_private=True) is None
    assert odd(url, allow_private=False) in ("not_safe", "not_public")


def test_each_has_its_sentence() -> None:
    assert set(family("api.webhooks.odd")) == {*ODD, "not_safe", "not_public"}


PIECES = st.sampled_from(
    [
        "https://",
        "http://",
        "a",
        ".",
        ":",
        "@",
        "/",
        "#",
        "?",
        "%25",
        "[",
        "]",
        "::1",
        "127.0.0.1",
        "8080",
        "0",
        "-",
        "_",
        "\\",
        " ",
        "\t",
        "é",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=9).map(lambda some: "https://" + "".join(some)))
def test_what_is_taken_is_read_alike_by_who_sends(url: str) -> None:
    if odd(url, allow_private=True) is None:
        read = URL(url)
        assert read.host and read.user is None and read.password is None and read.fragment == ""
        assert read.port is not None and 1 <= read.port <= 65535
