"""A call through a real Asterisk, recorded: both sides are on it, where the record says that they spoke."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from ivr.corpus.format import read_corpus
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.desk_client import DeskClient
from tests.conftest import RealParts
from tests.e2e.conftest import a_house, until

RATE = 8000


def level(sound: np.ndarray, begin_s: float, end_s: float) -> float:
    """The power of a stretch, in dB of full scale."""
    piece = sound[round(begin_s * RATE) : round(end_s * RATE)].astype(float) / 32768
    return float(10 * np.log10((piece**2).mean() + 1e-10))


async def make_test(desk: DeskClient, address: str, call: str) -> tuple[int, dict[str, Any]]:
    """As the desk's page asks for it."""
    async with desk.http.get(f"{address}/account") as page:
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', await page.text())
    assert found
    headers = {"X-CSRF-Token": found[1], "Origin": address}
    async with desk.http.post(f"{address}/api/v1/calls/{call}/test", json={}, headers=headers) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("keep", ["all", "off"])
async def test_call_is_recorded_and_becomes_a_test(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts, keep: str
) -> None:
    changes = {"recording": {"keep": keep, "folder": str(tmp_path / "sounds"), "corpus": str(tmp_path / "corpus")}}
    async with a_house(asterisk, lab, tmp_path, real_parts, changes) as house, house.desk("ana") as desk:
        house.say("late-watch", stay_s=8)
        await house.happened("agent_answered")
        call = house.call
        path = tmp_path / "sounds" / f"{call.id}.wav"
        if keep == "all":
            await until(path.is_file, 5, "nothing was recorded")
            sound, rate = soundfile.read(path, dtype="int16")
            assert (rate, sound.shape[1]) == (RATE, 2)
            (heard,) = [e.facts for e in call.ledger.entries if e.kind == "heard" and e.facts["text"]]
            begin, end = heard["began_s"], heard["ended_s"]
            assert 1 < end - begin < 5
            caller, machine = sound[:, 0], sound[:, 1]
            assert level(caller, begin, end) > level(caller, 0.2, begin - 0.1) + 15, (
                "the caller speaks there and not before"
            )
            assert level(machine, 0.2, begin - 0.5) > -45, "the machine has greeted before"
            joined = next(e.at for e in call.ledger.entries if e.kind == "joined")
            handed = next(e.at for e in call.ledger.entries if e.kind == "handed_over")
            assert abs(len(sound) / RATE - (handed - joined).total_seconds()) < 1, "agents are not on it"
        await house.happened("hung_up")
        status, made = await make_test(desk, f"http://127.0.0.1:{house.server.web_port}", str(call.id))
        assert (status, made["sound"]) == (201, keep == "all")
        (test,) = read_corpus(tmp_path / "corpus").calls
        assert "watch" in (test.facts.said[0].text or "") and test.facts.intent == "late_delivery"
        assert not path.is_file() or keep == "all"
