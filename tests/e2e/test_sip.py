"""Calls over real SIP and RTP: G.711 sound from SIPp to SIPp, through Asterisk and the server."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.ports import free_port
from ivr.lab.shop import shop
from ivr.provision.debian import SIPP
from tests.conftest import ROOT, RealParts
from tests.e2e.conftest import House, until
from tests.e2e.sipp import Sipp, caller_scenario, mu_law, phone_scenario, register_scenario


@pytest.fixture
def sipp(asterisk: PrivateAsterisk, tmp_path: Path, real_parts: RealParts) -> Iterator[Sipp]:
    yield Sipp(real_parts.get(SIPP), tmp_path, asterisk.ports.sip)


async def ends_well(process: subprocess.Popen[bytes], sipp: Sipp, name: str) -> None:
    code = await asyncio.to_thread(process.wait, 60)
    assert code == 0, f"SIPp {name} ended with {code}:\n{sipp.said(name)}"


async def test_spoken_call_over_sip_and_rtp_from_phone_to_phone(house: House, sipp: Sipp, tmp_path: Path) -> None:
    phone_port = free_port()
    password = house.asterisk.phones["1001"]
    await ends_well(sipp.start("register", register_scenario("1001", password), phone_port), sipp, "register")
    phone = sipp.start("phone", phone_scenario(1.5), phone_port)
    sound = tmp_path / "caller.ulaw"
    # the greeting is over after some five seconds; until then the caller's line carries silence. The sentence comes a second
    # time, as people do who were not understood: RTP from a machine that is busy with other things may have holes
    speech = mu_law(ROOT / "audio/calls/late-watch.wav", silence_s=6.0)
    sound.write_bytes(speech + speech + b"\xff" * 8000 * 20)
    async with house.desk("ana") as desk:
        caller = sipp.start("caller", caller_scenario("Lin Mei", shop.LIN_MEI, shop.DNIS, sound, 22))
        await house.happened("decided", 40)
        assert "watch" in (house.call.ledger.words or "")
        await house.happened("agent_ringing", 20)
        await until(lambda: desk.cards, 2, "no card")
        card = next(iter(desk.cards.values())).card
        assert card["who"]["name"].startswith("Lin Mei")
        assert card["why"]["intent"] == "late_delivery"
        assert house.call.answered_by is None
        await house.happened("agent_answered", 20)
        await ends_well(caller, sipp, "caller")
        await ends_well(phone, sipp, "phone")
    # else Asterisk would go on ringing, for the tests behind this one, a phone that is not there
    off = sipp.start("sign-off", register_scenario("1001", password, 0), phone_port)
    await ends_well(off, sipp, "sign-off")
    # Asterisk itself saw the two phones, and RTP in both directions
    names = {event["Channel"] for event in house.lab.events("BridgeEnter")}
    assert any(name.startswith("PJSIP/1001-") for name in names), names
    assert any(name.startswith("PJSIP/anonymous-") for name in names), names


async def test_anonymous_caller_with_a_hostile_display_name_over_sip(house: House, sipp: Sipp, tmp_path: Path) -> None:
    sound = tmp_path / "caller.ulaw"
    sound.write_bytes(b"\xff" * 8000 * 20)
    hostile = "<script>alert(1)</script> 林美 😀"
    caller = sipp.start("caller", caller_scenario(hostile, "anonymous", shop.DNIS, sound, 4))
    await house.happened("rang", 20)
    assert "<script>" in (house.call.ledger.caller.shown_name or "")
    await house.happened("said", 10)
    await ends_well(caller, sipp, "caller")
    await house.happened("closed", 20)
