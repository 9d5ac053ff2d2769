"""``ivr doctor`` reads a dialplan: what leads to [ivr-in], and what does not."""

from __future__ import annotations

import pytest

from ivr.server.telephony import dialplan


@pytest.mark.parametrize(
    ("line", "leads"),
    [
        ({"Context": "from-trunk", "AppData": "ivr-in,${EXTEN},1"}, True),
        ({"Context": "ext-custom", "AppData": "ivr-in,s,1"}, True),
        ({"Context": "ivr-menu", "AppData": "ivr-in,s,1"}, True),
        ({"Context": "day-and-night", "AppData": "08:00-18:00,mon-fri,*,*?ivr-in,s,1"}, True),
        ({"Context": "from-trunk", "AppData": "Local/s@ivr-in/n,60"}, True),
        ({"Context": "from-trunk", "IncludeContext": "ivr-in"}, True),
        ({"Context": "from-trunk", "AppData": "not-ivr-in,s,1"}, False),
        ({"Context": "from-trunk", "AppData": "ivr-inside,s,1"}, False),
        ({"Context": "from-trunk", "IncludeContext": "from-internal"}, False),
        ({"Context": "ivr-held", "AppData": "ivr-in,onward,1"}, False),
        ({"Context": "ivr-lab-in", "AppData": "ivr-in,${EXTEN},1"}, False),
    ],
)
def test_what_leads_here(line: dict[str, str], leads: bool) -> None:
    ((found, _),) = dialplan.way_in([line])
    assert found is leads


def test_what_is_brought_is_read_whole() -> None:
    brought = dialplan.brought()
    assert brought["ivr-in", "_[+0-9]"] == ["set", "goto"]
    assert brought["ivr-done", "s"] == ["hangup"]
    assert len(brought["ivr-in", "begin"]) == 11
