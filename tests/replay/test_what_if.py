"""Calls of the record under another dialogue: taken in text, held twice, and nothing real is changed by it."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.database import DatabaseRecords, Store
from ivr.calls.records import Contact
from ivr.corpus.format import read_corpus
from ivr.lab.shop import shop
from ivr.replay.engine.audio_clock import AudioClock, outside
from ivr.replay.engine.fast import Replayed, replay
from ivr.replay.engine.kit import Wanted, opened
from ivr.replay.plan import with_settings
from tests.conftest import ROOT
from tests.replay.engine.test_fast import ivr, some

pytestmark = pytest.mark.long
CALLS = ("late-known-1", "charged-twice-1", "moving-1", "zh-return")
SETTINGS = f"""
[database]
url = "sqlite:///{{folder}}/ivr.db"
[dialogue]
folder = "{ROOT / "dialplans"}"
[sources]
shop = "sqlite:///{{folder}}/shop.db"
[speech_in]
model_en = "{ROOT / "audio/models/bundled-en"}"
model_zh = "off"
[speech_out]
folder = "{ROOT / "audio"}"
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house with its settings, its books, and the record of four calls."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "config.toml").write_text(SETTINGS.format(folder=folder))
    corpus = read_corpus(some(folder, *CALLS))
    wanted = Wanted(with_settings(ROOT / "config.toml", []), ROOT, corpus, datetime.now(UTC))
    with asyncio.Runner(loop_factory=AudioClock) as run:

        async def body() -> None:
            async with opened(wanted, folder / "scratch") as kit:
                held = [await replay(call, kit) for call in corpus.calls]
            await outside(_written(folder, held))

        run.run(body())
    return folder


async def _written(folder: Path, held: list[Replayed]) -> None:
    async with Store.opened(f"sqlite:///{folder / 'ivr.db'}") as store:
        await shop.open_shop(store, {agent.id: "x" for agent in shop.AGENTS}, books=folder / "shop.db")
        now = datetime.now(UTC)
        for one in held:
            one.live.ledger.add(now, "hung_up", "hung_up", cause=16)
            one.live.ledger.add(now, "closed", "closed")
            one.live.settled = one.route.startswith("hangup")
            await DatabaseRecords(store).write([Contact(one.live.record(now), one.live.ledger.take_unwritten())])


def _what_if(house: Path, *words: object, check: int | None = 0) -> Any:
    return ivr("what-if", "--config", house / "config.toml", "--days", 36500, *words, check=check)


def test_calls_come_elsewhere_under_another_dialogue(house: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "dialplans", other)
    intents = (other / "intents.toml").read_text(encoding="utf-8")
    changed = intents.replace('key = "1"\nqueue = "orders"', 'key = "1"\nqueue = "returns"', 1)
    assert changed != intents
    (other / "intents.toml").write_text(changed, encoding="utf-8")
    done = _what_if(house, "--dialogues", other, "--to", tmp_path / "report", "--json")
    told = json.loads(done.stdout.splitlines()[-1])
    # the history of the shop has two calls of which nothing is known but that they were
    assert told["contacts"] == told["as_really"] == 4 and told["left_out"] == 2
    (one,) = told["elsewhere"]
    assert (one["old"], one["new"], one["said"]) == ("orders", "returns", "yes")
    assert told["against"]["calls"] == 4
    assert "4 of 4 come again to where they came then" in " ".join(done.stderr.split())
    assert (tmp_path / "report/index.html").is_file()
    for path in (tmp_path / "report").rglob("*.js*"):
        assert "Lin Mei" not in path.read_text(encoding="utf-8"), "who they are is not in it"
    with closing(sqlite3.connect(house / "shop.db")) as books:
        assert books.execute("select count(*) from moves").fetchone() == (0,), "the real books are not changed"
        assert books.execute("select count(*) from regions").fetchone() > (0,), "and were there to be asked"


def test_without_the_sources_their_look_ups_fail(house: Path, tmp_path: Path) -> None:
    done = _what_if(house, "--set", "routing.skill_weight=0.9", "--no-sources", "--to", tmp_path / "report", "--json")
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["contacts"] == 4 and told["as_really"] == 3, "the move could not be registered"
    assert "sources/shop.sql, so every look-up there fails" in done.stderr


def test_what_should_be_different_must_be_said(house: Path) -> None:
    assert "what should be different?" in _what_if(house, check=1).stderr
    done = ivr(
        "what-if", "--config", house / "config.toml", "--days", 0.0001, "--set", "routing.skill_weight=1", check=1
    )
    assert "there is no call of the last 0.0001 days" in done.stderr
