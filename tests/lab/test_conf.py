"""The lab's Asterisk listens on loopback alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.lab.asterisk import conf

PORTS = conf.Ports(ami=1, sip=2, media=3, rtp_from=4, rtp_to=5, web=6)


@pytest.mark.parametrize("in_pages", [(), ("1002",)])
def test_sound_of_every_endpoint_is_bound_to_loopback(in_pages: tuple[str, ...]) -> None:
    text = conf.pjsip_conf(PORTS, {"1001": "a", "1002": "b", "2001": "c"}, in_pages)
    endpoints = [part for part in re.split(r"^(?=\[)", text, flags=re.M) if "type = endpoint" in part]
    assert len(endpoints) == 4
    for endpoint in endpoints:
        assert "media_address = 127.0.0.1\nbind_rtp_to_media_address = yes\n" in endpoint


def test_everything_else_is_bound_to_loopback() -> None:
    house = Path("/house")
    files = [conf.pjsip_conf(PORTS, {}), conf.manager_conf(PORTS, house, "s"), *conf.small_files(PORTS, house).values()]
    bound = [line for text in files for line in text.splitlines() if re.match(r"(bind|bindaddr) = ", line)]
    assert len(bound) == 4 and all(" = 127.0.0.1" in line for line in bound)
