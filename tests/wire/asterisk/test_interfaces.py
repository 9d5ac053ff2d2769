"""A phone and the channels that Asterisk makes of it: brought together, or the phone is refused."""

from __future__ import annotations

import pytest

from ivr.calls.agents.roster import AgentRoster
from ivr.calls.people.accounts import phone_faults
from ivr.core.caller import Agent, AgentId
from ivr.wire.asterisk.interfaces import followed, interface_of


def ana(interface: str) -> Agent:
    return Agent(AgentId("ana"), "Ana", interface, queues=("orders",))


@pytest.mark.parametrize(
    ("interface", "channel"),
    [
        ("PJSIP/1001", "PJSIP/1001-0000002a"), ("pjsip/1001", "PJSIP/1001-ffffffff"),
        ("PJSIP/ana-desk", "PJSIP/ana-desk-00000001"),
        ("PJSIP/abc-deadbeef", "PJSIP/abc-deadbeef-00000001"), ("PJSIP/ana.b_c", "PJSIP/ana.b_c-00000001"),
        ("SIP/1001", "SIP/1001-0000002a"), ("SCCP/1001", "SCCP/1001-00000001"),
        ("IAX2/ben", "IAX2/ben-4711"), ("IAX2/ben-2", "IAX2/ben-2-16384"), ("IAX2/1001", "IAX2/1001-1"),
        ("iax2/ben", "IAX2/ben-7"),
        ("DAHDI/1", "DAHDI/1-1"), ("DAHDI/24", "DAHDI/24-2"),
        ("Local/1001@phones", "Local/1001@phones-00000003;1"), ("Local/1001@phones/n", "Local/1001@phones-00000003;2"),
        ("Local/1001@phones/nj", "Local/1001@phones-00000003;1"),
        ("local/1001@ivr-lab-phones/n", "Local/1001@ivr-lab-phones-0000000a;1"),
    ],
)  # fmt: skip
def test_phone_is_known_by_its_channels(interface: str, channel: str) -> None:
    assert followed(interface) and phone_faults(ana(interface), ["orders"]) == []
    roster = AgentRoster((ana(interface),))
    assert roster.by_interface(interface_of(channel)) and roster.by_interface(interface)


@pytest.mark.parametrize(
    "interface",
    [
        "PJSIP/1001/sip:1001@192.0.2.1:5060", "PJSIP/1001@trunk", "PJSIP/+4930901820@trunk", "PJSIP/", "PJSIP/1001/",
        "SIP/1001/4930",
        "SIP/49301@gateway", "IAX2/user:secret@host/1001", "IAX2/ben/1001", "IAX2/", "DAHDI/g1/4930901820", "DAHDI/i1/4930901820",
        "DAHDI/1/4930901820", "DAHDI/g1", "DAHDI/ben", "Local/1001", "Local/@phones", "Local/1001@", "Local/1001@phones/n/m",
        "Agent/1001", "Console/dsp", "Motif/google/ben@example.com", "Phone/1001", "1001", "/1001", "PJSIP", "",
        "PJSIP/1001&PJSIP/1002", "PJSIP/1001,20", "Custom:1001",
    ],
)  # fmt: skip
def test_what_could_never_match_is_refused(interface: str) -> None:
    assert not followed(interface)
    ((field, sentence),) = phone_faults(ana(interface), ["orders"])
    assert field == "interface" and repr(interface) in sentence["en"] and repr(interface) in sentence["zh"]


@pytest.mark.parametrize(
    "channel", ["PJSIP/trunk", "Message/ast_msg_queue", "", "DAHDI/i1/555-3", "Surrogate/PJSIP/1001-0000002a"]
)
def test_other_channels_are_nobody_s(channel: str) -> None:
    assert AgentRoster((ana("PJSIP/1001"),)).by_interface(interface_of(channel)) is None
