"""The floor over the API: what supervisors do is done, refused in words, and written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from ivr.adapters.database import DatabaseAudit
from ivr.calls.people.audit import Entry
from ivr.core.caller import CallId
from ivr.core.masking import MASK
from ivr.wire.asterisk import ami
from tests.calls.exchange import gone, rings
from tests.conftest import PATIENCE_S
from tests.web.floor_house import WEI, FloorHouse, floor_house
from tests.web.test_floor import DECIDED


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[FloorHouse]:
    async with floor_house(tmp_path, recheck_s=0.1) as made:
        yield made


async def a_finished_call(house: FloorHouse) -> str:
    h = house.calls
    live = h.in_queue()
    await live.looked_up.wait()
    live.ledger.add(live.ledger.began, "heard", text="where is my order", language="en")
    h.happens(rings(h, WEI, "orders"), ami.Answered(h.call, WEI.id, WEI.interface), gone(h, WEI))
    h.calls.wrap_up(live, WEI.id, "solved", "sent again")
    h.hangs_up()
    await house.write_down()
    return str(live.id)


async def test_call_of_the_record_is_listed_and_read_and_reading_is_written_down(house: FloorHouse) -> None:
    call = await a_finished_call(house)
    async with house.site.signed_in("sue") as sue:
        status, page = await sue.ask("GET", "/calls?outcome=solved")
        assert status == 200 and [one["id"] for one in page["items"]] == [call] and page["next"] is None
        status, story = await sue.ask("GET", f"/calls/{call}")
        assert (status, story["place"], story["outcome"]) == (200, "over", "solved")
        assert story["transcript"][0]["text"] == "where is my order"
        assert (await sue.ask("GET", f"/calls/{uuid4()}"))[0] == 404
        status, problem = await sue.ask("GET", "/calls?number=%0A&queue=no%20name")
        assert status in (400, 422) and {error["parameter"] for error in problem["errors"]} == {"number", "queue"}
    [read] = await house.site.trail("call.read")
    assert (read.by.who, read.target) == ("sue", call)
    async with house.site.with_key("reports:read") as program:
        assert (await program.ask("GET", "/calls"))[0] == 200
    [listed] = await house.site.trail("calls")
    assert (listed.by.who, listed.what, listed.target) == ("sue", "calls.read", None)
    assert listed.detail == {"filters": ["outcome"]}, "what was asked for, and not a number that was"


async def test_report_is_told_to_programs(house: FloorHouse) -> None:
    await a_finished_call(house)
    async with house.site.with_key("reports:read") as program:
        status, report = await program.ask("GET", "/report?days=7")
        assert status == 200
        assert (report["days"], report["calls_with_agents"], report["rings"]) == (7, 1, 1)
        assert (await program.ask("GET", "/report?days=0"))[0] == 422
        status, _ = await program.ask("POST", f"/calls/{house.calls.call}/listen", {"mode": "listen"})
        assert status == 403
        live = house.calls.rings(CallId(uuid4()), channel="SIP/live")
        assert (await program.ask("GET", f"/calls/{live.id}"))[0] == 404, "a key hears no call that goes on"


async def test_waiting_call_is_moved_and_an_agent_paused(house: FloorHouse) -> None:
    h = house.calls
    live = h.in_queue()
    live.ledger.add(live.ledger.began, "decided", **DECIDED)
    async with house.site.signed_in("sue") as sue:
        assert (await sue.ask("POST", f"/calls/{live.id}/move", {"kind": "queue", "name": "billing"}))[0] == 204
        assert (await sue.ask("POST", "/agents/ben/state", {"state": "paused", "reason": "break"}))[0] == 204
        status, problem = await sue.ask("POST", f"/calls/{live.id}/move", {"kind": "agent", "name": "nobody"})
        assert (status, problem["detail"]) == (409, "There is no “nobody”.")
        status, problem = await sue.ask("POST", f"/calls/{live.id}/listen", {"mode": "listen"})
        assert (status, problem["texts"]["detail"]["zh"]) == (409, "您没有可以振铃的电话。")
    assert [(e.target, e.detail) for e in await house.site.trail("call.moved")] == [
        (str(live.id), {"queue": "billing"})
    ]
    # what was refused stands there, too, as a kind of its own: it was tried
    assert [(e.what, e.detail.get("agent")) for e in await house.site.trail("refused")] == [
        ("refused: call.listened", None), ("refused: call.moved", "nobody"),
    ]  # fmt: skip
    assert [e.detail for e in await house.site.trail("agent.state")] == [{"state": "paused", "reason": "break"}]


async def test_customer_is_called_for_another_system_only_with_consent(house: FloorHouse) -> None:
    wanted = {"external_id": "o-1", "customer": {"id": "C1"}, "text": "Your watch is repaired", "intent": "late"}
    async with house.site.with_key("call_backs:write") as shop, house.site.signed_in("sue") as sue:
        status, problem = await shop.ask("POST", "/call-backs", wanted)
        assert (status, problem["detail"]) == (
            409,
            "This customer has no number that may be called, or has not agreed to it.",
        )
        status, _ = await shop.ask("PUT", "/customers/C1/consent", {"calls": True, "how": "web form"})
        assert status == 200
        assert (await shop.ask("PUT", "/customers/C9/consent", {"calls": True, "how": "web form"}))[0] == 404
        status, made = await shop.ask("POST", "/call-backs", wanted)
        assert (status, made["state"], made["why"], made["number"]) == (201, "waiting", "system", "+8613800138000")
        assert (await shop.ask("POST", "/call-backs", wanted))[1]["id"] == made["id"], "sent twice, called once"
        status, problem = await shop.ask("POST", "/call-backs", {**wanted, "external_id": "4111111111111111"})
        assert (status, [error["pointer"] for error in problem["errors"]]) == (422, ["#/external_id"]), (
            "a card's number"
        )
        status, page = await sue.ask("GET", "/call-backs?state=waiting")
        assert status == 200 and [one["id"] for one in page["items"]] == [made["id"]]
        assert (await shop.ask("GET", "/call-backs"))[0] == 403, "it may write them only"
        assert (await sue.ask("GET", "/customers/C1/consent"))[1]["how"] == "web form"
        assert (await sue.ask("GET", "/customers/C9/consent"))[1]["how"] is None
        assert (await sue.ask("DELETE", f"/call-backs/{made['id']}"))[0] == 204
        assert (await sue.ask("DELETE", f"/call-backs/{made['id']}"))[0] == 409
        assert (await sue.ask("DELETE", f"/call-backs/{uuid4()}"))[0] == 404
    assert [e.what for e in await house.site.trail("call_back")] == ["call_back.cancelled", "call_back.added"]
    [listed] = await house.site.trail("call_backs")
    assert (listed.by.who, listed.what, listed.detail) == ("sue", "call_backs.read", {"filters": ["state"]})
    *read, consent = await house.site.trail("consent")
    assert [(one.by.who, one.what, one.target, one.detail) for one in read] == [
        ("sue", "consent.read", None, {"customer": "unknown"}), ("sue", "consent.read", "C1", {}),
    ]  # fmt: skip
    assert consent.by.who.startswith("key:") and consent.detail == {"calls": True}


async def test_socket_tells_the_floor_to_supervisors_and_ends_when_they_are_none_any_more(house: FloorHouse) -> None:
    h, site = house.calls, house.site
    live = h.in_queue()
    url = f"{site.url}/ws/floor"
    async with site.signed_in("wei") as wei:
        with pytest.raises(WSServerHandshakeError) as refused:
            await wei.http.ws_connect(url, headers={"Origin": site.url})
        assert refused.value.status == 403
    async with site.signed_in("sue") as sue, site.signed_in("root") as root:
        with pytest.raises(WSServerHandshakeError):
            await sue.http.ws_connect(url, headers={"Origin": "https://elsewhere.example"})
        async with sue.http.ws_connect(url, headers={"Origin": site.url}) as socket:
            hello = await socket.receive_json(timeout=PATIENCE_S)
            assert [(one.by.who, one.what) for one in await site.trail("floor")] == [("sue", "floor.read")]
            assert (hello["type"], [one["id"] for one in hello["calls"]]) == ("hello", [str(live.id)])
            await socket.send_json({"type": "watch", "call": str(live.id)})
            story = await socket.receive_json(timeout=PATIENCE_S)
            while story["type"] != "story":
                story = await socket.receive_json(timeout=PATIENCE_S)
            assert story["story"]["call"] == str(live.id)
            assert (await root.ask("PATCH", "/people/sue", {"role": "agent"}))[0] == 200
            async for message in socket:
                assert message.type is WSMsgType.TEXT
            assert socket.close_code == 4401


@pytest.mark.parametrize("said", ["nonsense", "[]", '{"type": "watch"}', '{"type": "watch", "call": "x"}', "[" * 3000])
async def test_socket_closes_on_what_no_page_of_ours_says(house: FloorHouse, said: str) -> None:
    async with (
        house.site.signed_in("sue") as sue,
        sue.http.ws_connect(f"{house.site.url}/ws/floor", headers={"Origin": house.site.url}) as socket,
    ):
        await socket.receive_json(timeout=PATIENCE_S)
        await socket.send_str(said)
        async for _ in socket:
            pass
        assert socket.close_code == 1003


async def test_floor_is_not_shown_where_that_cannot_be_written_down(
    house: FloorHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_audit: DatabaseAudit, _entry: Entry) -> None:
        raise OSError("the database is away")

    async with house.site.signed_in("sue") as sue:
        monkeypatch.setattr(DatabaseAudit, "write", away)
        url = f"{house.site.url}/ws/floor"
        async with sue.http.ws_connect(url, headers={"Origin": house.site.url}) as socket:
            said = await socket.receive(timeout=PATIENCE_S)
            assert (said.type, socket.close_code) == (WSMsgType.CLOSE, 1013)
        for path in ("/calls", "/call-backs", "/customers/C1/consent"):
            status, told = await sue.ask("GET", path)
            assert status >= 500 and "items" not in told and "calls" not in told


async def test_reading_the_report_is_in_the_trail(house: FloorHouse) -> None:
    async with house.site.with_key("reports:read") as program, house.site.signed_in("sue") as sue:
        assert (await program.ask("GET", "/report?days=7"))[0] == 200
        assert (await sue.ask("GET", "/report?days=7"))[0] == 200
    assert [(one.by.who, one.what, one.detail) for one in await house.site.trail("report")] == [
        ("sue", "report.read", {"days": 7})
    ]


async def test_answers_have_what_is_kept_and_not_what_was_sent(house: FloorHouse) -> None:
    card = "4111 1111 1111 1111"
    async with house.site.with_key("call_backs:write") as shop, house.site.signed_in() as root:
        consent = await shop.ask("PUT", "/customers/C1/consent", {"calls": True, "how": f"paid with {card}"})
        person = await root.ask("POST", "/people", {"login": "ana", "name": card, "role": "admin"})
        changed = await root.ask("PATCH", "/people/ana", {"name": f"Ana {card}"})
        key = await root.ask("POST", "/keys", {"name": card, "scopes": ["contacts:read"]})
    assert [status for status, _ in (consent, person, changed, key)] == [200, 201, 200, 201]
    assert consent[1]["how"] == f"paid with {MASK}" and changed[1]["name"] == f"Ana {MASK}"
    assert person[1]["name"] == key[1]["name"] == MASK
    assert "1111" not in str([one.detail for one in await house.site.trail()])
