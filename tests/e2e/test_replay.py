"""Recorded calls through a real Asterisk and the whole server, as `ivr replay --live` does it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ivr.provision.debian import ASTERISK
from ivr.replay.report import run_folder
from tests.command_line import ivr_in_a_process
from tests.conftest import RealParts
from tests.replay.engine.test_fast import some


@pytest.mark.long
async def test_live_calls_come_where_fast_ones_do(tmp_path: Path, real_parts: RealParts) -> None:
    real_parts.get(ASTERISK)
    corpus = some(tmp_path, "late-known-1", "late-keys", "repair-again", "find-us-1", "zh-repair")
    done = await asyncio.to_thread(
        ivr_in_a_process, "replay", corpus, "--live", "4", "--to", tmp_path / "live", "--json"
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert "1 calls in text are left out" in done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["calls"] == 4 and told["failed"] == 0 and told["route_accuracy"] == 1.0
    found = run_folder.read_run(tmp_path / "live").results
    assert {name: one.place for name, one in found.items()} == {
        "late-known-1": "orders", "late-keys": "orders", "repair-again": "repairs", "find-us-1": "settled",
    }  # fmt: skip
    assert found["late-keys"].slots == {"order": ["4711", "4711"]}
    assert found["repair-again"].questions == 1, "asked if it is that again: the house has moved to today"
    assert found["repair-again"].cause == "repeat_call"
    rung = [one for one in found.values() if one.place != "settled"]
    assert all(one.card_lacks == [] and one.pop_ms is not None and one.agent for one in rung)
    assert all(turn.endpoint_ms >= 300 for one in found.values() for turn in one.responses)
    assert (tmp_path / "live/audio/late-keys.ogg").stat().st_size > 5000
