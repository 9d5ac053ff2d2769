"""AMI: what Asterisk's events mean, and that nothing that is sent can become a second action."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.caller import CallId
from ivr.wire.asterisk import ami
from ivr.wire.asterisk.ami import (
    Answered,
    Bridged,
    Event,
    Fields,
    Gone,
    HeldByPhone,
    MemberGone,
    MemberState,
    Parked,
    PassedByPhone,
    Pressed,
    QueueJoined,
    QueueLeft,
    Rang,
    RingEnded,
    Ringing,
    Unsafe,
)

CALL = CallId(UUID("6b0f6a3e-2b7f-4b1f-9a55-3a0e6c2b9d10"))
CHANNEL = "PJSIP/trunk-00000012"
PHONE = "Local/1001@ivr-lab-phones/n"

# -- what is sent

CONTROL = [*map(chr, range(32)), "\x7f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("control", CONTROL, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.parametrize("place", ["value", "field", "action"])
def test_no_control_character_gets_out(control: str, place: str) -> None:
    hostile = f"1001{control}Action: Originate"
    with pytest.raises(Unsafe, match=f"U\\+{ord(control):04X} at position 4"):
        match place:
            case "value":
                ami.action("Setvar", {"Value": hostile})
            case "field":
                ami.action("Setvar", {hostile: "x"})
            case _:
                ami.action(hostile, {})


@given(st.text())
def test_safe_gives_back_what_is_one_line_and_refuses_the_rest(text: str) -> None:
    try:
        assert ami.safe("Value", text) == text
    except Unsafe:
        assert set(text) & set(CONTROL)
    else:
        assert len(text.splitlines()) <= 1 and not set(text) & set(CONTROL)


@given(st.dictionaries(st.text(), st.text(), max_size=4))
def test_action_is_as_many_lines_as_it_has_fields(fields: dict[str, str]) -> None:
    try:
        made = ami.action("Setvar", fields)
    except Unsafe:
        return
    raw = "\r\n".join(f"{name}: {value}" for name, value in made.items())
    assert len(raw.splitlines()) == len(made)


def test_unsafe_names_the_field() -> None:
    with pytest.raises(Unsafe, match="AMI field CallerID: character U\\+000A at position 0"):
        ami.action("Originate", {"CallerID": "\nx"})


# -- what comes, as Asterisk 22 writes it

RING: Fields = {
    "Event": "UserEvent", "Privilege": "user,all", "Timestamp": "1763802551.483210", "UserEvent": "IvrRing", "Channel": CHANNEL,
    "ChannelState": "6", "ChannelStateDesc": "Up", "CallerIDNum": "+8613800138000", "CallerIDName": "Lin Mei",
    "ConnectedLineNum": "<unknown>", "Language": "en", "Context": "ivr-in", "Exten": "4000", "Priority": "7",
    "Uniqueid": "1763802551.12", "Linkedid": "1763802551.12", "ChanVariable": f"IVR_CALL={CALL}", "Dnis": "4000",
}  # fmt: skip


def queue_event(name: str, **more: str) -> Fields:
    return {
        "Event": name, "Queue": "orders", "Interface": PHONE, "MemberName": "Ana Kovač", "Channel": CHANNEL,
        "DestChannel": "Local/1001@ivr-lab-phones-00000003;1", "DestUniqueid": "17.3", "ChanVariable": f"IVR_CALL={CALL}",
        "DestChanVariable": f"IVR_CALL={CALL}", **more,
    }  # fmt: skip


def dial_event(name: str, **more: str) -> Fields:
    return {
        "Event": name, "Channel": CHANNEL, "DestChannel": "PJSIP/1001-0000002a", "DestUniqueid": "17.4", "DialString": "1001",
        "ChanVariable": f"IVR_CALL={CALL}", "DestChanVariable": f"IVR_CALL={CALL}", **more,
    }  # fmt: skip


def channel_event(name: str, **more: str) -> Fields:
    return {"Event": name, "Channel": CHANNEL, "Uniqueid": "1763802551.12", "ChanVariable": f"IVR_CALL={CALL}", **more}


def member_event(name: str, **more: str) -> Fields:
    return {
        "Event": name, "Queue": "orders", "MemberName": "Ana Kovač", "Interface": PHONE, "StateInterface": PHONE,
        "Membership": "dynamic", "Penalty": "0", "CallsTaken": "3", "LastCall": "0", "InCall": "0", "Status": "1",
        "Paused": "0", "PausedReason": "", "Ringinuse": "0", "Wrapuptime": "0", **more,
    }  # fmt: skip


LOCAL = "Local/1001@ivr-lab-phones"
TRANSFER: Fields = {
    "Event": "BlindTransfer", "Result": "Success", "TransfererChannel": "PJSIP/1001-0000002a", "TransfererUniqueid": "17.4",
    "TransfererChanVariable": f"IVR_CALL={CALL}", "TransfereeChannel": CHANNEL, "TransfereeChanVariable": f"IVR_CALL={CALL}",
    "IsExternal": "Yes", "Context": "phones", "Extension": "1002",
}  # fmt: skip
PICKED_UP = Answered(CALL, "17.3", LOCAL, f"{LOCAL}-00000003;1")
LIFTED = Answered(CALL, "17.4", "PJSIP/1001", "PJSIP/1001-0000002a")
BY_A_COLLEAGUE = Answered(CALL, "17.9", "PJSIP/1002", "PJSIP/1002-00000004")
JOINED, LEFT = QueueJoined(CALL, "orders", 2, CHANNEL), QueueLeft(CALL, "orders", CHANNEL)
EVENTS: dict[str, tuple[Fields, Event | None]] = {
    "ring": (RING, Rang(CALL, CHANNEL, "+8613800138000", "Lin Mei", "4000")),
    "ring, number withheld": (
        {**RING, "CallerIDNum": "<unknown>", "CallerIDName": "<unknown>", "Dnis": ""},
        Rang(CALL, CHANNEL, None, None, ""),
    ),
    "ring, from a SIP user": (
        {**RING, "CallerIDNum": "kiosk-030901820", "CallerIDName": "<unknown>"},
        Rang(CALL, CHANNEL, None, "kiosk-030901820", "4000"),
    ),
    "ring, from a SIP user with a name": ({**RING, "CallerIDNum": "bob7001"}, Rang(CALL, CHANNEL, None, "Lin Mei", "4000")),
    "ring, from more signs than a number has": (
        {**RING, "CallerIDNum": "7" * 70, "CallerIDName": "<unknown>"},
        Rang(CALL, CHANNEL, None, "7" * 70, "4000"),
    ),
    "ring, hostile name": (
        {**RING, "CallerIDName": "<script>alert(1)</script>"},
        Rang(CALL, CHANNEL, "+8613800138000", "<script>alert(1)</script>", "4000"),
    ),
    "ring, several variables": (
        {**RING, "ChanVariable": ["OTHER=1", f"IVR_CALL={CALL}", "IVR_ROUTE="]},
        Rang(CALL, CHANNEL, "+8613800138000", "Lin Mei", "4000"),
    ),
    "ring, fields that repeat": ({**RING, "Dnis": ["4000", "5000"]}, Rang(CALL, CHANNEL, "+8613800138000", "Lin Mei", "4000")),
    "ring without a call": ({**RING, "ChanVariable": []}, None),
    "ring with half a UUID": ({**RING, "ChanVariable": "IVR_CALL=6b0f6a3e"}, None),
    "ring with an empty UUID": ({**RING, "ChanVariable": "IVR_CALL="}, None),
    "ring without a channel": ({**RING, "Channel": ""}, None),
    "somebody else's user event": ({**RING, "UserEvent": "Backup"}, None),
    "key": (channel_event("DTMFEnd", Digit="5", DurationMs="120", Direction="Received"), Pressed(CALL, CHANNEL, "5")),
    "key that we sent": (channel_event("DTMFEnd", Digit="5", Direction="Sent"), None),
    "key begins": (channel_event("DTMFBegin", Digit="5", Direction="Received"), None),
    "in the queue": (channel_event("QueueCallerJoin", Queue="orders", Position="2", Count="2"), JOINED),
    "out of the queue": (channel_event("QueueCallerLeave", Queue="orders", Position="1", Count="0"), LEFT),
    "given up": (
        channel_event("QueueCallerAbandon", Queue="orders", Position="1", HoldTime="31"), LEFT,
    ),
    "agent rings": (
        queue_event("AgentCalled"),
        Ringing(CALL, "17.3", LOCAL, f"{LOCAL}-00000003;1", "orders", "PJSIP/trunk", CHANNEL),
    ),
    "agent did not answer": (queue_event("AgentRingNoAnswer", RingTime="15000"), RingEnded(CALL, "17.3", LOCAL, "no_answer")),
    "agent answered": (queue_event("AgentConnect", RingTime="3", HoldTime="9"), PICKED_UP),
    "a colleague picked it up": (
        queue_event("AgentConnect", DestChannel="PJSIP/1002-00000004", DestUniqueid="17.9"), BY_A_COLLEAGUE,
    ),
    "app_queue's end of a conversation": (queue_event("AgentComplete", TalkTime="61", Reason="caller"), None),
    "agent event without a phone": (queue_event("AgentCalled", DestChannel=""), None),
    "call known by the other end only": (
        {**queue_event("AgentConnect"), "ChanVariable": ["X=1"]}, PICKED_UP,
    ),
    "phone dialled": (
        dial_event("DialBegin"), Ringing(CALL, "17.4", "PJSIP/1001", "PJSIP/1001-0000002a", None, "PJSIP/trunk", CHANNEL),
    ),
    "phone dialled by a phone, no call of ours": (
        dial_event("DialBegin", Channel="PJSIP/1002-00000001", ChanVariable="IVR_CALL=", DestChanVariable="IVR_CALL="),
        Ringing(None, "17.4", "PJSIP/1001", "PJSIP/1001-0000002a", None, "PJSIP/1002", "PJSIP/1002-00000001"),
    ),
    "phone dialled by an Asterisk that gives no ids": (
        dial_event("DialBegin", DestUniqueid=""),
        Ringing(CALL, "PJSIP/1001-0000002a", "PJSIP/1001", "PJSIP/1001-0000002a", None, "PJSIP/trunk", CHANNEL),
    ),
    "phone answered": (dial_event("DialEnd", DialStatus="ANSWER"), LIFTED),
    "phone not answered": (dial_event("DialEnd", DialStatus="NOANSWER"), RingEnded(CALL, "17.4", "PJSIP/1001", "no_answer")),
    "phone busy": (dial_event("DialEnd", DialStatus="BUSY"), RingEnded(CALL, "17.4", "PJSIP/1001", "busy")),
    "ring given up": (dial_event("DialEnd", DialStatus="CANCEL"), RingEnded(CALL, "17.4", "PJSIP/1001", "hung_up")),
    "dialled, but whom": (dial_event("DialBegin", DestChannel=""), None),
    "end of a dial to nobody": (dial_event("DialEnd", DestChannel="", DialStatus="BUSY"), None),
    "into a bridge": (channel_event("BridgeEnter", BridgeUniqueid="b1"), Bridged(CALL, "b1", CHANNEL, "1763802551.12", True)),
    "out of a bridge": (channel_event("BridgeLeave", BridgeUniqueid="b1"), Bridged(CALL, "b1", CHANNEL, "1763802551.12", False)),
    "a stranger into a bridge": (
        {"Event": "BridgeEnter", "Channel": "PJSIP/1003-00000003", "Uniqueid": "9.1", "BridgeUniqueid": "b1"},
        Bridged(None, "b1", "PJSIP/1003-00000003", "9.1", True),
    ),
    "bridge without a name": (channel_event("BridgeEnter"), None),
    "held on the phone": (channel_event("Hold"), HeldByPhone(CALL, CHANNEL, True)),
    "held no more": (channel_event("Unhold"), HeldByPhone(CALL, CHANNEL, False)),
    "passed on by the phone": (TRANSFER, PassedByPhone(CALL, "PJSIP/1001", "1002", "17.4")),
    "two calls joined by the phone": (
        {
            "Event": "AttendedTransfer", "Result": "Success", "OrigTransfererChannel": "PJSIP/1001-0000002a",
            "OrigTransfererUniqueid": "17.4", "TransfereeChanVariable": f"IVR_CALL={CALL}",
        },
        PassedByPhone(CALL, "PJSIP/1001", "", "17.4"),
    ),
    "a transfer that failed": ({**TRANSFER, "Result": "Fail"}, None),
    "somebody else's transfer": (
        {**TRANSFER, "TransfereeChanVariable": "IVR_CALL=", "TransfererChanVariable": "IVR_CALL="}, None,
    ),
    "parked": (
        {"Event": "ParkedCall", "ParkeeChannel": CHANNEL, "ParkeeChanVariable": f"IVR_CALL={CALL}", "ParkingSpace": "701"},
        Parked(CALL, "701"),
    ),
    "hang-up": (
        channel_event("Hangup", Cause="16", **{"Cause-txt": "Normal Clearing"}), Gone(CALL, CHANNEL, "1763802551.12", 16),
    ),
    "hang-up without a number": (channel_event("Hangup", Cause="?"), Gone(CALL, CHANNEL, "1763802551.12", 0)),
    "hang-up of a channel without a call": (
        channel_event("Hangup", Cause="16", ChanVariable="IVR_CALL="), Gone(None, CHANNEL, "1763802551.12", 16),
    ),
    "member": (member_event("QueueMemberStatus"), MemberState(PHONE, "orders", False, None, 1)),
    "member paused": (
        member_event("QueueMemberPause", Paused="1", PausedReason="lunch"), MemberState(PHONE, "orders", True, "lunch", 1),
    ),
    "member in the answer to QueueStatus": (
        {"Event": "QueueMember", "Queue": "orders", "Name": "Ana Kovač", "Location": PHONE, "Status": "6", "Paused": "0"},
        MemberState(PHONE, "orders", False, None, 6),
    ),
    "member added": (member_event("QueueMemberAdded"), MemberState(PHONE, "orders", False, None, 1)),
    "member gone": (member_event("QueueMemberRemoved"), MemberGone(PHONE, "orders")),
    "member of nothing": (member_event("QueueMemberStatus", Queue=""), None),
    "something else": ({"Event": "VarSet", "Channel": CHANNEL, "ChanVariable": f"IVR_CALL={CALL}"}, None),
    "an answer": ({"Response": "Success", "Message": "Authentication accepted"}, None),
    "nothing at all": ({}, None),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "event"), EVENTS.values(), ids=EVENTS.keys())
def test_event(fields: Fields, event: Event | None) -> None:
    assert ami.understand(fields) == event


names = st.sampled_from(
    sorted({key for fields, _ in EVENTS.values() for key in fields} | {"Event"})
)  # fmt: skip
values = st.one_of(
    st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3),
    st.sampled_from([e["Event"] for e, _ in EVENTS.values() if "Event" in e]), st.just(f"IVR_CALL={CALL}"),
)  # fmt: skip


@given(st.dictionaries(names, values))
def test_no_event_makes_it_fail(fields: Fields) -> None:
    ami.understand(fields)


# -- names of channels


@pytest.mark.parametrize(
    ("channel", "interface"),
    [
        ("PJSIP/1001-0000002a", "PJSIP/1001"),
        ("PJSIP/my-phone-0000002a", "PJSIP/my-phone"),
        ("Local/1001@ivr-lab-phones-00000003;1", "Local/1001@ivr-lab-phones"),
        ("Local/1001@ivr-lab-phones-00000003;2", "Local/1001@ivr-lab-phones"),
        ("PJSIP/1001", "PJSIP/1001"),
        ("PJSIP/deadbeef-0000002a", "PJSIP/deadbeef"),
        ("", ""),
    ],
)
def test_interface_of(channel: str, interface: str) -> None:
    assert ami.interface_of(channel) == interface


# -- the route


def test_route_value() -> None:
    made = ami.route_value("queue", "ivr-fallback", 18, PHONE, 15, 300)
    assert made == "queue,ivr-fallback,18,Local/1001@ivr-lab-phones/n,15,300"
    assert ami.route_value("hangup", "", 0, "", 0, 0) == "hangup,,0,,0,0"


HOSTILE = (",", ")", "(", "${SHELL(id)}", "$", "&", " ", "\n", "\\", '"', "'", ";", "|", "订单", "a\nb", "orders\n")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["next", "queue", "interface"])
def test_route_refuses_what_a_dialplan_could_misread(field: str, hostile: str) -> None:
    parts = {"next": "queue", "queue": "orders", "interface": PHONE} | {field: hostile}
    with pytest.raises(Unsafe, match=f"route {field}"):
        ami.route_value(parts["next"], parts["queue"], 0, parts["interface"], 15, 300)


@given(st.text(), st.text(), st.integers(0, 99))
def test_any_route_that_is_sent_has_six_parts(queue: str, interface: str, priority: int) -> None:
    try:
        made = ami.route_value("queue", queue, priority, interface, 15, 300)
    except Unsafe:
        return
    assert len(made.split(",")) == 6 and made.isprintable()
