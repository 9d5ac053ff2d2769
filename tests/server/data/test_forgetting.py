"""A person who is erased by the command is forgotten by the server beside it, too: within seconds, on every desk."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert

from ivr.adapters.database import DatabaseDesk, DatabaseRecords, Store
from ivr.adapters.database.schema import tables as t
from ivr.adapters.speech_out.voice import PromptVoice, Speaker, VoiceSettings
from ivr.calls.records import Contact
from ivr.cli.main import main
from ivr.config.load import load
from ivr.server.data.retention import forgetting
from ivr.wire.card_json import dumps
from tests.calls.exchange import ANA, House, house, told
from tests.conftest import PATIENCE_S, ROOT
from tests.thrift import sqlite
from tests.waiting import until

NUMBER, NAME, WORDS = "+4930555017", "Zyxwina", "plum-coloured gramophone"
WITHIN_S = 5.0


async def fill(store: Store) -> None:
    """Somebody who has spoken with Ana this minute."""
    began = datetime.now(UTC)
    async with store.begin() as connection:
        await connection.execute(insert(t.customers).values(id="C1", name=NAME))
        await connection.execute(insert(t.numbers).values(number=NUMBER, customer_id="C1"))
    leg = {"leg": "l", "agent_id": ANA.id, "queue": "orders", "way": "queue", "rang_at": began, "answered_at": began,
           "ended_at": began + timedelta(seconds=9)}  # fmt: skip
    record = {
        "id": str(uuid4()), "channel": "phone", "customer_id": "C1", "ani": NUMBER, "dnis": "4000", "language": "en",
        "began_at": began, "ended_at": began, "words": WORDS, "summary": WORDS, "legs": [leg], "line": "PJSIP/x",
    }  # fmt: skip
    await DatabaseRecords(store).write([Contact(record, ())])


def hello(h: House) -> str:
    """What a page of Ana's gets that opens now."""
    return dumps(h.desk.snapshot(ANA.id))


async def test_desks_and_voice_forget_whom_the_command_erases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = sqlite(tmp_path / "ivr.db")
    file = tmp_path / "config.toml"
    file.write_text(f'[database]\nurl = "{database}"\n[dialogue]\nfolder = "{ROOT}/dialplans"\n')
    speaker = Speaker(timeout_s=5)
    voice = PromptVoice(tmp_path / "audio", {"en": VoiceSettings("gmw/en-us", 155)}, speaker)
    remembered: list[int] = []
    async with Store.opened(database) as store, house(book=DatabaseDesk(store)) as h:
        await fill(store)
        await voice.speak(f"Hello, {NAME}.", "en")
        ours = asyncio.create_task(
            forgetting(load(file), store, h.desk.day.forget, voice.forget, lambda: remembered.append(1))
        )
        with h.desks.open(ANA.id) as page:
            await until(lambda: NAME in hello(h))
            told(page)
            async with asyncio.timeout(PATIENCE_S):
                assert await asyncio.to_thread(main, ["person-data", NUMBER, "--erase", "--config", str(file)]) == 0
            await until(lambda: remembered, WITHIN_S)
            assert not any(trace in hello(h) for trace in (NAME, WORDS, NUMBER[3:]))
            await until(lambda: h.desk.day.history(ANA.id), WITHIN_S)
            # open pages, too: nothing at once, and then the call, of nobody
            emptied, *_, last = told(page, "history")
            assert emptied["history"] == [] and [(one["name"], one["words"]) for one in last["history"]] == [
                (None, None)
            ]
        ours.cancel()
        with suppress(asyncio.CancelledError):
            await ours
        assert voice._memory == {}
    await speaker.close()
    assert "Erased: 1 contacts" in capsys.readouterr().out


async def test_what_was_read_before_an_erasure_is_not_shown_after_it() -> None:
    """The reading is under way while the person is erased: what it comes to is read once more."""
    began, goes_on = asyncio.Event(), asyncio.Event()

    class SlowBook:
        answers = 0

        async def day(self, agent: object, since: object) -> list[object]:
            self.answers += 1
            if self.answers == 1:
                began.set()
                await goes_on.wait()
                return [object()]  # what no page could show
            return []

    book = SlowBook()
    async with house(book=book) as h:
        with h.desks.open(ANA.id):
            await began.wait()
            h.desk.day.forget()
            goes_on.set()
            await until(lambda: book.answers == 2)
            assert h.desk.day.history(ANA.id) == []
