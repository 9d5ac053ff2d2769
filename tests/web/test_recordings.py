"""The sound of calls, and calls as tests, over the API: who may, what is written down, what is refused in words."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
import soundfile

from ivr.adapters.sound.tape import MemoryTape
from ivr.calls.live import LiveCall
from ivr.core.caller import CallId
from ivr.core.endpointing import FRAME_BYTES
from ivr.corpus.format import read_corpus
from ivr.wire.asterisk import ami
from tests.calls.exchange import gone, rings
from tests.web.floor_house import WEI, FloorHouse, floor_house

SECONDS = 2.0


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[FloorHouse]:
    async with floor_house(tmp_path, recheck_s=0.1) as made:
        yield made


def spoken() -> MemoryTape:
    """Two seconds in which both speak."""
    tape = MemoryTape(60)
    for number in range(round(SECONDS / 0.02)):
        pcm = (np.sin(np.arange(FRAME_BYTES // 2) / 8) * 8000).astype("<i2").tobytes()
        tape.heard(pcm, number * 0.02 + 0.02)
        tape.said(pcm, number * 0.02)
    return tape


async def talked(house: FloorHouse, *, recorded: bool = True, wrap_up: bool = False) -> LiveCall:
    """A call that the machine and then an agent had, and that is over; with ``wrap_up`` the agent still writes."""
    h = house.calls
    live = h.in_queue()
    await live.looked_up.wait()
    live.ledger.add(
        live.ledger.began, "heard", text="where is my order", language="en", node="reason", asking=None,
        began_s=0.4, ended_s=1.6,
    )  # fmt: skip
    if recorded:
        house.recordings.end(live.id, spoken(), None)
        assert await house.recordings.find(str(live.id))
    h.happens(rings(h, WEI, "orders"), ami.Answered(h.call, WEI.id, WEI.interface), gone(h, WEI))
    h.hangs_up()
    if not wrap_up:
        h.calls.wrap_up(live, WEI.id, "solved", "sent again")
        await house.write_down()
    return live


# -- hearing


async def test_supervisor_hears_a_call_and_it_is_written_down_once(house: FloorHouse) -> None:
    live = await talked(house)
    async with house.site.signed_in("sue") as sue:
        _, page = await sue.ask("GET", "/calls")
        assert [one["recorded"] for one in page["items"] if one["id"] == str(live.id)] == [True]
        assert not any(one["recorded"] for one in page["items"] if one["id"] != str(live.id))
        _, story = await sue.ask("GET", f"/calls/{live.id}")
        assert story["recorded"]
        url = f"{sue.url}/api/v1/calls/{live.id}/recording"
        async with sue.http.get(url) as answer:
            body = await answer.read()
            assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/wav")
            assert answer.headers["Accept-Ranges"] == "bytes" and "no-store" in answer.headers["Cache-Control"]
        sound, rate = soundfile.read(io.BytesIO(body))
        assert (len(sound) / rate, sound.shape[1]) == (SECONDS, 2)
        async with sue.http.get(url, headers={"Range": "bytes=100-199"}) as answer:
            assert (answer.status, await answer.read()) == (206, body[100:200])
        async with sue.http.get(url, headers={"Range": f"bytes={len(body)}-"}) as answer:
            assert answer.status == 416
    assert [(e.by.who, e.target) for e in await house.site.trail("recording")] == [("sue", str(live.id))]


async def test_two_who_hear_are_two_lines(house: FloorHouse) -> None:
    live = await talked(house)
    for login in ("sue", "root", "sue"):
        async with house.site.signed_in(login) as one:
            assert (await one.send("GET", f"/calls/{live.id}/recording")).status == 200
    assert sorted(e.by.who for e in await house.site.trail("recording.heard")) == ["root", "sue"]
    house.site.clock.now += 16 * 60
    async with house.site.signed_in("sue") as sue:
        await sue.send("GET", f"/calls/{live.id}/recording")
    assert len(await house.site.trail("recording.heard")) == 3, "later it is another time"


@pytest.mark.parametrize("call", ["nothing", "..%2f..%2fivr.db", f"{UUID(int=9)}", "A" * 36])
async def test_what_is_no_recording_is_not_found(house: FloorHouse, call: str) -> None:
    async with house.site.signed_in("sue") as sue:
        status, problem = await sue.ask("GET", f"/calls/{call}/recording")
        assert status == 404 and problem["texts"]["title"]["zh"]
    assert not await house.site.trail("recording")


async def test_agents_and_keys_hear_nothing(house: FloorHouse) -> None:
    live = await talked(house)
    async with house.site.signed_in("wei") as wei, house.site.with_key("reports:read") as key:
        assert (await wei.send("GET", f"/calls/{live.id}/recording")).status == 403
        assert (await key.send("GET", f"/calls/{live.id}/recording")).status == 403
    assert not await house.site.trail("recording")


# -- a call becomes a test


async def test_agent_turns_a_call_of_theirs_into_a_test_while_writing_it_up(house: FloorHouse) -> None:
    live = await talked(house, wrap_up=True)
    async with house.site.signed_in("wei") as wei:
        status, made = await wei.ask("POST", f"/calls/{live.id}/test", {})
        assert status == 201 and made == {"name": made["name"], "sound": True, "pieces": 1}
    (call,) = read_corpus(house.corpus).calls
    assert call.name == made["name"] and call.sound is not None
    assert call.facts.tags == ("unchecked", "from a call", "by an agent")
    (said,) = call.facts.said
    assert (said.text, said.answers, said.from_s, said.to_s) == ("where is my order", "reason", 0.4, 1.6)
    assert call.facts.number != "+8613800138000" and call.facts.customer and "Lin" not in call.facts.customer.name
    [line] = await house.site.trail("call.made_test")
    assert (line.by.who, line.target, line.detail) == ("wei", str(live.id), {})


async def test_agent_cannot_take_a_call_of_somebody_else(house: FloorHouse) -> None:
    h = house.calls
    live = h.in_queue()
    h.hangs_up()
    await house.write_down()
    async with house.site.signed_in("wei") as wei:
        status, problem = await wei.ask("POST", f"/calls/{live.id}/test", {})
        assert (status, problem["detail"]) == (409, "You did not have this call.")
        assert problem["texts"]["detail"]["zh"] == "该通话不是由您接听的。"


async def test_supervisor_says_what_it_was_about(house: FloorHouse) -> None:
    live = await talked(house)
    async with house.site.signed_in("sue") as sue:
        status, _ = await sue.ask("POST", f"/calls/{live.id}/test", {"intent": ""})
        assert status == 201 and read_corpus(house.corpus).calls[0].facts.intent == ""
        status, _ = await sue.ask("POST", f"/calls/{live.id}/test", {"intent": "invoice"})
        (call,) = read_corpus(house.corpus).calls
        assert (status, call.facts.intent, call.facts.queue) == (201, "invoice", "orders")
        assert "put right" in call.facts.tags and "by a supervisor" in call.facts.tags
        status, problem = await sue.ask("POST", f"/calls/{live.id}/test", {"intent": "nonsense"})
        assert (status, problem["detail"]) == (409, "There is no reason “nonsense”.")
        assert (await sue.ask("POST", f"/calls/{live.id}/test", {"intent": "no name"}))[0] == 422
        assert (await sue.ask("POST", f"/calls/{uuid4()}/test", {}))[0] == 404
    assert [e.detail for e in await house.site.trail("call.made_test")][-2:] == [{"intent": "invoice"}, {"intent": ""}]


async def test_call_that_goes_on_is_no_test_yet(house: FloorHouse) -> None:
    live = house.calls.rings(CallId(uuid4()), channel="SIP/live")
    async with house.site.signed_in("sue") as sue:
        status, problem = await sue.ask("POST", f"/calls/{live.id}/test", {})
        assert (status, problem["detail"]) == (409, "This call is not over yet.")


async def test_call_without_a_recording_is_a_test_in_text(house: FloorHouse) -> None:
    live = await talked(house, recorded=False)
    async with house.site.signed_in("sue") as sue:
        _, made = await sue.ask("POST", f"/calls/{live.id}/test", {})
        assert made["sound"] is False
    (call,) = read_corpus(house.corpus).calls
    assert call.sound is None and "heard" in call.facts.tags


async def test_corpus_that_cannot_be_written_is_said_in_both_languages(house: FloorHouse) -> None:
    live = await talked(house)
    await asyncio.to_thread(house.corpus.parent.mkdir, parents=True, exist_ok=True)
    house.corpus.write_text("a file where the folder should be")
    async with house.site.signed_in("sue") as sue:
        status, problem = await sue.ask("POST", f"/calls/{live.id}/test", {})
        assert status == 409 and "cannot be written" in problem["detail"]
        assert "无法写入" in problem["texts"]["detail"]["zh"]
