"""The desk's WebSocket: who gets one, what it tells, and what it makes of what it is told."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import struct
import weakref
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from structlog.testing import capture_logs

from ivr.bench.crowd import unread
from ivr.calls.desk.ports import CALL_ACTS
from ivr.calls.desk.windows import BACKLOG
from ivr.calls.ports import Target
from ivr.core.caller import CallId
from ivr.web.sockets.desk import WAITING_ACTIONS
from ivr.web.sockets.desk_messages import MalformedError, read
from tests.conftest import PATIENCE_S
from tests.waiting import until
from tests.web.web_fakes import ANA, OUTCOMES, PASSWORD, WEI, Site, call_id, card, serving

CALL = CallId(UUID(call_id(1)))
RINGING = card(1)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as made:
        yield made


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[ClientWebSocketResponse]:
    async with site.signed_in() as http, site.desk(http) as socket:
        yield socket


async def hear(socket: ClientWebSocketResponse) -> dict[str, Any]:
    heard: dict[str, Any] = await socket.receive_json(timeout=PATIENCE_S)
    return heard


async def both(socket: ClientWebSocketResponse) -> dict[str, dict[str, Any]]:
    """The answer and the news of the same action, which come in any order, by their types."""
    heard = [await hear(socket), await hear(socket)]
    return {message["type"]: message for message in heard}


async def closed(socket: ClientWebSocketResponse) -> int | None:
    """Wait for the end, whatever else comes before it; the code it came with."""
    async with asyncio.timeout(PATIENCE_S):
        while not socket.closed:
            await socket.receive()
    return socket.close_code


# -- who gets one


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://127.0.0.1", "http://127.0.0.1.evil.example", "ftp://{}"]
)
async def test_page_of_another_site_gets_no_socket(site: Site, origin: str | None) -> None:
    mine = origin.format(site.url.removeprefix("http://")) if origin else None
    async with site.signed_in() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{site.url}/ws", origin=mine)
    assert refused.value.status == 403
    assert not site.desks.present()


async def test_without_a_session_there_is_no_socket(site: Site) -> None:
    async with aiohttp.ClientSession(cookies={"ivr_session": "A" * 43}) as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{site.url}/ws", origin=site.url)
    assert refused.value.status == 401


async def test_account_that_is_gone_gets_no_socket(site: Site) -> None:
    async with site.signed_in() as http:
        del site.accounts.by_login["wei"]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{site.url}/ws", origin=site.url)
    assert refused.value.status == 401


async def test_plain_request_for_the_socket_is_a_bad_one(site: Site) -> None:
    async with site.signed_in() as http, http.get(f"{site.url}/ws", headers={"Origin": site.url}) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["en"] == "That request could not be understood."


async def test_one_session_has_only_so_many_windows() -> None:
    async with serving(windows_per_session=2) as site, site.signed_in() as http, AsyncExitStack() as stack:
        first = await stack.enter_async_context(site.desk(http))
        await stack.enter_async_context(site.desk(http))
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{site.url}/ws", origin=site.url)
        assert refused.value.status == 429
        await first.close()
        await until(lambda: site.desks.tell(WEI, "{}") == 1)
        await stack.enter_async_context(site.desk(http))
        async with site.signed_in() as other, site.desk(other):
            pass  # another session has places of its own


# -- what it tells


async def test_hello_comes_first_and_holds_everything(site: Site) -> None:
    site.service.put(WEI, RINGING)
    async with site.signed_in() as http, http.ws_connect(f"{site.url}/ws", origin=site.url) as socket:
        site.service.tell(WEI, {"type": "today", "today": {"calls": 15}})
        hello = await hear(socket)
        assert hello["type"] == "hello"
        assert hello["agent"]["id"] == "wei"
        assert hello["language"] == "en"
        assert hello["cards"] == [RINGING]
        assert hello["outcomes"] == OUTCOMES
        assert {"state", "pause_reasons", "queues", "today", "asterisk", "now"} <= set(hello)


async def test_news_comes_in_its_order(site: Site, desk: ClientWebSocketResponse) -> None:
    for number in range(BACKLOG):
        site.service.tell(WEI, {"type": "today", "today": {"calls": number}})
    assert [(await hear(desk))["today"]["calls"] for _ in range(BACKLOG)] == list(range(BACKLOG))


async def test_agents_get_their_own_news_in_all_their_windows_and_nobody_elses(site: Site) -> None:
    async with (
        site.signed_in() as http,
        site.signed_in("ana") as other,
        site.desk(http) as first,
        site.desk(http) as second,
        site.desk(other) as hers,
    ):
        site.service.put(WEI, RINGING)
        site.service.put(ANA, card(2))
        for window, number in ((first, 1), (second, 1), (hers, 2)):
            assert (await hear(window))["card"]["call"] == call_id(number)
        site.service.lose_asterisk()
        for window in (first, second, hers):
            assert await hear(window) == {"type": "asterisk", "state": "lost"}, "and nothing in between"


async def test_window_that_falls_behind_is_closed_and_starts_afresh(site: Site) -> None:
    async with site.signed_in() as http:
        async with site.desk(http) as slow:
            for _ in range(BACKLOG + 1):
                site.service.put(WEI, RINGING)
            assert await closed(slow) == aiohttp.WSCloseCode.TRY_AGAIN_LATER
        async with http.ws_connect(f"{site.url}/ws", origin=site.url) as again:
            assert (await hear(again))["cards"] == [RINGING]


async def test_browser_that_takes_nothing_is_cut_off() -> None:
    async with serving(send_s=0.2, heartbeat_s=600) as site, site.signed_in() as http, site.desk(http):
        for _ in range(BACKLOG):  # more than the buffers in between can hold
            site.service.tell(WEI, {"type": "pad", "pad": "x" * 400_000})
        await until(lambda: not site.desks.present())


def connection(wire: socket.socket) -> asyncio.Transport:
    """The server's end of a connection."""
    mine = wire.getsockname()
    [found] = [
        one for one in gc.get_objects() if isinstance(one, asyncio.Transport) and one.get_extra_info("peername") == mine
    ]
    return found


async def test_page_that_stops_reading_costs_the_others_nothing_and_leaves_nothing_behind() -> None:
    async with serving(send_s=0.5, heartbeat_s=600) as site, site.signed_in("ana") as http, site.desk(http) as hers:
        wire = await unread(site.url, "wei", PASSWORD)
        await until(lambda: site.desks.windows(WEI))
        window = weakref.ref(next(iter(site.desks._windows[WEI])))
        transport = connection(wire)
        for number in range(BACKLOG):
            site.service.tell(WEI, {"type": "pad", "pad": "x" * 400_000})
            site.service.put(ANA, card(number))
            assert (await hear(hers))["card"]["call"] == call_id(number)
        await until(lambda: not site.desks.windows(WEI))
        assert transport.get_write_buffer_size() == 0
        await until(lambda: gc.collect() is not None and window() is None)
        wire.close()


async def test_page_that_is_given_up_with_a_little_still_to_be_read_leaves_nothing_behind() -> None:
    # less than what makes a message wait: only its silence tells, and a connection closed politely would wait for ever
    async with serving(send_s=600, heartbeat_s=1.5) as site:
        wire = await unread(site.url, "wei", PASSWORD)
        await until(lambda: site.desks.windows(WEI))
        transport = connection(wire)
        while site.desks.windows(WEI) and not transport.get_write_buffer_size():
            site.service.tell(WEI, {"type": "pad", "pad": "x" * 20_000})
            await asyncio.sleep(0.001)
        assert transport.get_write_buffer_size()
        await until(lambda: not site.desks.windows(WEI))
        await until(lambda: not transport.get_write_buffer_size())
        wire.close()


async def test_page_that_breaks_off_while_it_is_answered_is_no_failure() -> None:
    ping = b"\x89\x80\x00\x00\x00\x00"
    with capture_logs() as logs:
        async with serving() as site:
            wire = await unread(site.url, "wei", PASSWORD)
            await until(lambda: site.desks.windows(WEI))
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.send(ping * 200)
            wire.close()
            await until(lambda: not site.desks.windows(WEI))
    assert not [one for one in logs if one["log_level"] == "error"]


async def test_browser_that_is_silent_is_given_up() -> None:
    async with (
        serving(heartbeat_s=0.1) as site,
        site.signed_in() as http,
        http.ws_connect(f"{site.url}/ws", origin=site.url, autoping=False) as dead,
    ):
        assert (await hear(dead))["type"] == "hello"
        await until(lambda: not site.desks.present())


async def test_desk_is_present_while_a_window_is_open(site: Site) -> None:
    told: list[tuple[str, bool]] = []
    site.desks.subscribe(lambda agent, present: told.append((agent, present)))
    async with site.signed_in() as http:
        async with site.desk(http), site.desk(http):
            assert site.desks.present() == {WEI}
        await until(lambda: not site.desks.present())
    assert told == [("wei", True), ("wei", False)]


async def test_state_that_cannot_be_had_closes_the_socket_with_a_code(site: Site) -> None:
    del site.service.states[WEI]
    async with site.signed_in() as http, http.ws_connect(f"{site.url}/ws", origin=site.url) as socket:
        end = await socket.receive(timeout=PATIENCE_S)
        assert (end.type, end.data, end.extra) == (WSMsgType.CLOSE, aiohttp.WSCloseCode.INTERNAL_ERROR, "")


async def test_shutdown_closes_every_window() -> None:
    async with AsyncExitStack() as stack:
        server = AsyncExitStack()
        site = await server.enter_async_context(serving())
        http = await stack.enter_async_context(site.signed_in())
        sockets = [await stack.enter_async_context(site.desk(http)) for _ in range(3)]
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            group.create_task(server.aclose())
            for socket in sockets:
                assert await closed(socket) == aiohttp.WSCloseCode.GOING_AWAY
        assert not site.desks.present()


# -- what it is told

UNREADABLE: list[tuple[str, str]] = [
    ("", "not JSON"),
    ("{", "not JSON"),
    ("nonsense", "not JSON"),
    ('{"type": "ping", "id": NaN}', "not JSON"),
    ("[" * 20_000, "not JSON"),
    ('{"type": "ping", "id": ' + "9" * 5000 + "}", "not JSON"),
    ("[]", "not a JSON object"),
    ("null", "not a JSON object"),
    ("3", "not a JSON object"),
    ("{}", "unknown type (NoneType)"),
    ('{"type": 3}', "unknown type (int)"),
    ('{"type": {"a": 1}}', "unknown type (dict)"),
    ('{"type": "fire"}', 'unknown type "fire"'),
    ('{"type": "Ping", "id": 7}', 'unknown type "Ping"'),
    ('{"type": "' + "x" * 90 + '\\n"}', f'unknown type "{"x" * 40}"'),
    ('{"type": "ping"}', "ping: id is missing"),
    ('{"type": "ping", "id": "1"}', "ping: id must be a whole number"),
    ('{"type": "ping", "id": true}', "ping: id must be a whole number"),
    ('{"type": "ping", "id": -1}', "ping: id must be 0 or more"),
    ('{"type": "ping", "id": 1.0}', "ping: id must be a whole number"),
    ('{"type": "ping", "id": 9007199254740992}', "ping: id must be 9007199254740991 or less"),
    ('{"type": "ping", "id": 7, "more": 1}', "ping: more is not known here"),
    ('{"type": "seen"}', "seen: call is missing"),
    ('{"type": "seen", "call": 5}', "seen: call must be the id of a call"),
    ('{"type": "seen", "call": "x"}', "seen: call must be the id of a call"),
    (json.dumps({"type": "seen", "call": "{" + call_id(1) + "}"}), "seen: call must be the id of a call"),
    ('{"type": "state", "id": 7, "state": "busy"}', "state: state must be one of 'available' or 'paused'"),
    ('{"type": "state", "id": 7, "state": []}', "state: state must be one of 'available' or 'paused'"),
    ('{"type": "state", "id": 7, "state": "paused", "reason": 3}', "state: reason must be text"),
    ('{"type": "state", "id": 7, "state": "available", "reason": "x"}', "state: reason goes with paused only"),
    (
        json.dumps({"type": "state", "id": 7, "state": "paused", "reason": "x" * 65}),
        "state: reason must have 64 characters or fewer",
    ),
    ('{"type": "language", "id": 7, "language": "de"}', "language: language must be one of 'en' or 'zh'"),
    (
        '{"type": "opening", "id": 7, "intent": "", "language": "de", "text": ""}',
        "opening: language must be one of 'en' or 'zh'",
    ),
    (
        json.dumps({"type": "opening", "id": 7, "intent": "", "language": "en", "text": "x" * 301}),
        "opening: text must have 300 characters or fewer",
    ),
    ('{"type": "hold", "id": 7}', "hold: call is missing"),
    (
        json.dumps({"type": "hold", "id": 7, "call": call_id(1), "for_ever": True}),
        "hold: for_ever is not known here",
    ),
    (
        json.dumps({"type": "transfer", "id": 7, "call": call_id(1), "to": "ben", "brief": "", "words": ""}),
        "transfer: to must be an object",
    ),
    (
        json.dumps({"type": "transfer", "id": 7, "call": call_id(1), "to": {"kind": "moon", "name": "x"}}),
        "transfer: to.kind must be one of 'agent', 'queue', 'region' or 'outside'",
    ),
    (
        json.dumps({"type": "transfer", "id": 7, "call": call_id(1), "to": {"kind": "agent", "name": "x" * 65}}),
        "transfer: to.name must have 64 characters or fewer",
    ),
    (
        json.dumps(
            {"type": "transfer", "id": 7, "call": call_id(1), "to": {"kind": "agent", "name": "b"}, "consult": 1}
        ),
        "transfer: consult must be true or false",
    ),
    (
        json.dumps(
            {
                "type": "transfer",
                "id": 7,
                "call": call_id(1),
                "to": {"kind": "agent", "name": "b"},
                "brief": "",
                "words": "",
                "why": "lazy",
            }
        ),
        "transfer: why must be one of 'other_matter', 'no_authority', 'no_skill', 'language', 'asked_for' or 'other'",
    ),
    (
        json.dumps(
            {"type": "transfer", "id": 7, "call": call_id(1), "to": {"kind": "agent", "name": "b"}, "brief": "x" * 301}
        ),
        "transfer: brief must have 300 characters or fewer",
    ),
    (
        json.dumps({"type": "wrong_place", "id": 7, "call": call_id(1), "intent": None, "brief": ""}),
        "wrong_place: intent must be text",
    ),
    (json.dumps({"type": "note", "id": 7, "call": call_id(1)}), "note: text is missing"),
    *(
        (
            json.dumps(
                {"type": "close", "id": 7, "call": call_id(1), "outcome": "solved", "note": "", "follow_up": wrong}
            ),
            "close: follow_up must be a time with its zone",
        )
        for wrong in ("tomorrow", "2026-11-25T10:00:00", 7, "x" * 100)
    ),
    ('{"type": "close", "id": 7}', "close: call is missing"),
    (
        json.dumps({"type": "close", "id": 7, "call": call_id(1), "outcome": "won", "note": ""}),
        "close: outcome must be one of 'solved', 'follow_up', 'wrong_place' or 'nobody_there'",
    ),
    (
        json.dumps({"type": "close", "id": 7, "call": call_id(1), "outcome": "solved"}),
        "close: note is missing",
    ),
    (
        json.dumps({"type": "close", "id": 7, "call": call_id(1), "outcome": "solved", "note": "x" * 2001}),
        "close: note must have 2000 characters or fewer",
    ),
    (
        json.dumps({"type": "close", "id": 7, "call": call_id(1), "outcome": "solved", "note": "a\x00b"}),
        "close: note holds characters that cannot be kept",
    ),
    (
        '{"type": "close", "id": 7, "call": "' + call_id(1) + '", "outcome": "solved", "note": "\\ud800"}',
        "close: note holds characters that cannot be kept",
    ),
]


async def test_what_cannot_be_read_is_answered_with_what_was_wrong_and_the_line_stays() -> None:
    async with serving(messages_per_s=1000) as quick, quick.signed_in() as http, quick.desk(http) as desk:
        for text, wrong in UNREADABLE:
            await desk.send_str(text)
            answer = await hear(desk)
            assert answer["error"]["en"] == wrong
            assert answer["error"]["zh"], wrong
            if answer["type"] == "ack":
                assert (answer["id"], answer["ok"]) == (7, False)
            else:
                assert answer["type"] == "error"
                assert '"id": 7' not in text, "what has a number is answered by its number"
        assert quick.service.asked == []
        await desk.send_json({"type": "ping", "id": 8})
        assert await hear(desk) == {"type": "ack", "id": 8, "ok": True}


def test_longest_note_can_be_sent_however_it_is_escaped() -> None:
    note = "\N{CJK UNIFIED IDEOGRAPH-6797}" * 2000
    text = json.dumps({"type": "close", "id": 1, "call": call_id(1), "outcome": "solved", "note": note})
    assert len(text) < 32 * 1024
    assert read(text).note == note  # type: ignore[union-attr]
    with pytest.raises(MalformedError):
        read(text.replace('"note"', '"nota"'))


async def test_message_that_is_too_long_ends_the_line(desk: ClientWebSocketResponse) -> None:
    await desk.send_str("x" * (32 * 1024 + 1))
    assert await closed(desk) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_bytes_end_the_line(desk: ClientWebSocketResponse) -> None:
    await desk.send_bytes(b"\x00")
    assert await closed(desk) == aiohttp.WSCloseCode.UNSUPPORTED_DATA


async def test_too_many_messages_end_the_line() -> None:
    async with serving(messages_per_s=1) as site, site.signed_in() as http, site.desk(http) as desk:
        for number in range(8):
            await desk.send_json({"type": "ping", "id": number})
        assert [(await hear(desk))["id"] for _ in range(2)] == [0, 1]
        assert await closed(desk) == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_seen_reaches_the_service(site: Site, desk: ClientWebSocketResponse) -> None:
    await desk.send_json({"type": "seen", "call": call_id(1)})
    await site.service.until_asked("seen", WEI, CALL)


async def test_actions_reach_the_service_and_are_answered(site: Site, desk: ClientWebSocketResponse) -> None:
    await desk.send_json({"type": "state", "id": 1, "state": "paused", "reason": "lunch"})
    assert (await both(desk))["state"]["reason"] == "lunch"
    await desk.send_json({"type": "state", "id": 2, "state": "available"})
    assert (await both(desk))["state"]["state"] == "available"
    await desk.send_json({"type": "close", "id": 3, "call": call_id(1), "outcome": "follow_up", "note": "周二 😀"})
    heard = await both(desk)
    assert heard["withdraw"] == {"type": "withdraw", "call": call_id(1), "reason": "closed"}
    assert heard["ack"] == {"type": "ack", "id": 3, "ok": True}
    assert site.service.asked == [
        ("state", WEI, "paused", "lunch"),
        ("state", WEI, "available", None),
        ("close", WEI, CALL, "follow_up", "周二 😀"),
    ]


async def test_everything_an_agent_does_with_a_call_reaches_the_service(
    site: Site, desk: ClientWebSocketResponse
) -> None:
    call = {"call": call_id(1)}
    for number, what in enumerate(CALL_ACTS):
        await desk.send_json({"type": what, "id": number, **call})
        assert await hear(desk) == {"type": "ack", "id": number, "ok": True}
    to = {"kind": "outside", "name": "+4930901820"}
    await desk.send_json(
        {
            "type": "transfer",
            "id": 20,
            **call,
            "to": to,
            "consult": True,
            "brief": "b",
            "words": "词",
            "why": "language",
        }
    )
    await desk.send_json({"type": "wrong_place", "id": 21, **call, "intent": "repair", "brief": ""})
    await desk.send_json({"type": "note", "id": 22, **call, "text": "noted"})
    when = "2026-11-25T10:00:00+01:00"
    await desk.send_json({"type": "close", "id": 23, **call, "outcome": "follow_up", "note": "", "follow_up": when})
    await site.service.until_asked("close", WEI, CALL, "follow_up", "", datetime.fromisoformat(when))
    assert site.service.asked[:-1] == [
        *((what, WEI, CALL) for what in CALL_ACTS),
        ("transfer", WEI, CALL, Target("outside", "+4930901820"), True, "b", "词", "language"),
        ("wrong_place", WEI, CALL, "repair", ""),
        ("note", WEI, CALL, "noted"),
    ]


async def test_refusal_is_told_in_both_languages(site: Site, desk: ClientWebSocketResponse) -> None:
    site.service.refuse = {"en": "The call is not over.", "zh": "通话尚未结束。"}
    await desk.send_json({"type": "close", "id": 5, "call": call_id(1), "outcome": "solved", "note": ""})
    assert await hear(desk) == {"type": "ack", "id": 5, "ok": False, "error": site.service.refuse}


async def test_failure_is_told_without_its_secrets(site: Site, desk: ClientWebSocketResponse) -> None:
    site.service.states.clear()
    site.accounts.by_login.clear()  # the language of nobody cannot be set: KeyError
    await desk.send_json({"type": "language", "id": 6, "language": "zh"})
    answer = await hear(desk)
    assert answer["error"]["en"] == "That failed here, and it was written down."
    await desk.send_json({"type": "ping", "id": 7})
    assert (await hear(desk))["ok"], "the line stays"


async def test_slow_action_holds_up_neither_the_news_nor_the_reading(site: Site, desk: ClientWebSocketResponse) -> None:
    site.service.hold = asyncio.Event()
    await desk.send_json({"type": "state", "id": 0, "state": "paused"})
    await desk.send_json({"type": "ping", "id": 49})
    assert (await hear(desk))["id"] == 49, "the first action is being done"
    for number in range(1, WAITING_ACTIONS + 3):
        await desk.send_json({"type": "state", "id": number, "state": "paused", "reason": None})
    refused = [await hear(desk) for _ in range(2)]
    assert {answer["error"]["en"] for answer in refused} == {"Too much at once; wait for the answer."}
    await desk.send_json({"type": "ping", "id": 50})
    assert (await hear(desk))["id"] == 50
    site.service.put(WEI, RINGING)
    assert (await hear(desk))["type"] == "card"
    site.service.hold.set()
    heard = [await hear(desk) for _ in range(2 * (WAITING_ACTIONS + 1))]
    done = [message["id"] for message in heard if message["type"] == "ack"]
    assert done == sorted(done), "in their order"
    assert len(done) == WAITING_ACTIONS + 1


async def test_action_that_takes_too_long_is_given_up_and_said_so() -> None:
    async with serving(action_s=0.05) as site, site.signed_in() as http, site.desk(http) as desk:
        site.service.hold = asyncio.Event()
        await desk.send_json({"type": "state", "id": 1, "state": "paused", "reason": "break"})
        assert (await hear(desk))["error"]["en"] == "That took too long; look whether it was done."


async def test_action_asked_for_is_done_though_the_page_has_left(site: Site) -> None:
    site.service.hold = asyncio.Event()
    async with site.signed_in() as http, site.desk(http) as desk:
        await desk.send_json({"type": "close", "id": 1, "call": call_id(1), "outcome": "solved", "note": "done"})
        await desk.send_json({"type": "ping", "id": 2})
        await hear(desk)
    site.service.hold.set()
    await site.service.until_asked("close", WEI, CALL, "solved", "done")


async def test_actions_that_hang_do_not_keep_a_desk_open_that_nobody_has() -> None:
    async with serving(action_s=1) as site:
        site.service.hold = asyncio.Event()
        async with site.signed_in() as http, site.desk(http) as desk:
            for number in range(WAITING_ACTIONS):
                await desk.send_json({"type": "state", "id": number, "state": "paused"})
        await until(lambda: not site.desks.present())
        begun = sum(asked[0] == "state" for asked in site.service.asked)
        assert begun < WAITING_ACTIONS, "the time of one action, not of eight"


async def test_language_is_remembered(site: Site, desk: ClientWebSocketResponse) -> None:
    await desk.send_json({"type": "language", "id": 1, "language": "zh"})
    assert (await hear(desk))["ok"]
    async with site.signed_in() as http, http.ws_connect(f"{site.url}/ws", origin=site.url) as again:
        assert (await hear(again))["language"] == "zh"
        async with http.get(site.url) as page:
            assert '<html lang="zh"' in await page.text()


# -- how long it may stay


async def test_open_desk_keeps_its_session_alive_until_the_shift_is_over() -> None:
    async with serving(recheck_s=0.01) as site, site.signed_in() as http, site.desk(http) as desk:
        for _ in range(15):
            looked = len(site.accounts.asked)
            await until(lambda looked=looked: len(site.accounts.asked) > looked + 1)  # type: ignore[misc]
            site.clock.now += 45 * 60
        assert not desk.closed
        site.clock.now += 45 * 60
        assert await closed(desk) == 4401


@pytest.mark.parametrize("change", ["gone", "password"])
async def test_desk_of_an_account_that_has_changed_is_closed(change: str) -> None:
    async with serving(recheck_s=0.01) as site, site.signed_in() as http, site.desk(http) as desk:
        site.accounts.broken = True  # not knowing is no reason to send somebody away
        looked = len(site.accounts.asked)
        await until(lambda: len(site.accounts.asked) > looked + 2)
        await desk.send_json({"type": "ping", "id": 1})
        assert (await hear(desk))["ok"]
        site.accounts.broken = False
        if change == "gone":
            del site.accounts.by_login["wei"]
        else:
            site.accounts.by_login["wei"] = site.accounts.by_login["ana"]
        assert await closed(desk) == 4401
