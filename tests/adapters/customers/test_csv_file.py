"""Customers in a file of another system: taken in when it changes, as a whole, and never at the price of the old ones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.adapters.customers.csv_file import CustomerFile, read_text
from ivr.adapters.database import DatabaseDirectory, DatabaseMemory, ImportFailed, Store, import_file
from ivr.core.caller import Caller, Preferences
from ivr.wire.customers.csv_rows import Form
from tests.conftest import PATIENCE_S

THEIRS = Form(
    {"id": "Nr", "name": "Name", "numbers": "Telefon;Mobil", "tier": "Stufe", "note": "Bemerkung"},
    {"Platin": "vip"},
    ";",
)
EXPORT = """Nr;Umsatz;Name;Telefon;Mobil;Stufe;Bemerkung
4711;1.000,00;Lin Mei 林美;030 901820;+86 138 0013 8000;Platin;abends
4712;0,00;Tom Müller;(030) 901821;;gold;
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.opened(f"sqlite:///{tmp_path / 'ivr.db'}") as made:
        yield made


def file_of(store: Store, path: Path, encoding: str = "utf-8", form: Form = THEIRS) -> CustomerFile:
    return CustomerFile(store, path, encoding, form, "DE")


async def find(store: Store, number: str) -> Caller | None:
    return await DatabaseDirectory(store, "DE").find(number)


async def name(store: Store, number: str) -> str | None:
    caller = await find(store, number)
    return caller.customer.name if caller and caller.customer else None


async def test_export_of_another_system_is_taken_in(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(EXPORT)
    assert await file_of(store, path).take_in()
    for number in ("+4930901820", "0086 138 00138000"):
        caller = await find(store, number)
        assert caller and caller.customer
        assert (caller.customer.id, caller.customer.tier, caller.customer.note) == ("4711", "vip", "abends")
    assert await name(store, "030 901821") == "Tom Müller"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [(EXPORT.encode("utf-8-sig"), "utf-8"), (EXPORT.encode(), "utf-8"), (EXPORT.encode("gb18030"), "gb18030"),
     (EXPORT.replace("\n", "\r\n").encode("gb18030"), "gb18030")],
)  # fmt: skip
async def test_encodings(store: Store, tmp_path: Path, raw: bytes, encoding: str) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(raw)
    assert await file_of(store, path, encoding).take_in()
    assert await name(store, "030 901820") == "Lin Mei 林美"


async def test_file_is_all_the_customers_there_are(store: Store, tmp_path: Path) -> None:
    before = "id,name,numbers,region,note\nOLD,Somebody,+4930901829,,\n4711,Lin,+4930901820,Berlin,mornings\n"
    await import_file(store, "customers", "before.csv", before, "DE")
    await DatabaseMemory(store).remember("4711", Preferences(keys=True))
    path = tmp_path / "c.csv"
    path.write_text(EXPORT)
    file = file_of(store, path)
    await file.take_in()
    assert await find(store, "+4930901829") is None
    lin = await find(store, "+4930901820")
    assert lin and lin.customer and lin.preferences.keys
    assert (lin.customer.region, lin.customer.note) == ("Berlin", "abends"), "a column that it has not stays"
    # and somebody who changes places with somebody else is no conflict
    path.write_text("Nr;Name;Telefon;Mobil;Stufe;Bemerkung\n1;A;030 901821;;;\n4711;Lin;;030 901822;;\n")
    assert await file.take_in()
    found = [await name(store, number) for number in ("030 901820", "030 901821", "030 901822")]
    assert found == [None, "A", "Lin"]


BAD: dict[str, tuple[bytes, str]] = {
    "a wrong tier": (
        EXPORT.replace("gold", "nickel").encode(),
        "c.csv:3: Stufe: 'nickel' is none of standard, silver, gold, vip",
    ),
    "no number": (
        EXPORT.replace("(030) 901821", "none").encode(),
        "c.csv:3: Telefon: 'none' is no telephone number: write",
    ),
    "two numbers": (
        EXPORT.replace("(030) 901821;", "(030) 901821;0171 1234567, 1234568").encode(),
        "c.csv:3: Mobil: '0171 1234567, 1234568' is no telephone number: write",
    ),
    "a column twice": (
        EXPORT.replace("Umsatz", "Telefon").encode(),
        "c.csv:1: the column 'Telefon' stands there more than once",
    ),
    "a column less": (EXPORT.replace("Telefon;", "Phone;").encode(), "c.csv:1: the column 'Telefon' is missing"),
    "half a row": (EXPORT.encode()[:-8], "c.csv:3: fewer values than the header has columns"),
    "only the header": (EXPORT.encode().splitlines()[0], "c.csv:2: there is no customer in it"),
    "nothing": (b"", "c.csv: is empty: its first line names the columns, Nr,"),
    "another encoding": (EXPORT.replace("林美", "").encode("latin-1"), "c.csv:3: not utf-8 text"),
}


@pytest.mark.parametrize(("raw", "sentence"), BAD.values(), ids=BAD.keys())
async def test_bad_file_keeps_the_old_customers(store: Store, tmp_path: Path, raw: bytes, sentence: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text(EXPORT)
    file = file_of(store, path)
    await file.take_in()
    path.write_bytes(raw)
    with capture_logs() as logs:
        assert not await file.take_in()
        assert not await file.take_in(), "said once, not every five seconds"
    [told] = [entry for entry in logs if entry["event"] == "customer file refused, the old customers stay"]
    assert told["problems"][0].startswith(f"{tmp_path}/{sentence}")
    assert (await name(store, "030 901820"), await name(store, "030 901821")) == ("Lin Mei 林美", "Tom Müller")
    assert (file.imported, file.refused) == (1, 1)
    path.write_text(EXPORT.replace("Tom", "Tim"))
    assert await file.take_in() and await name(store, "030 901821") == "Tim Müller"


async def test_file_that_is_not_there_says_so(store: Store, tmp_path: Path) -> None:
    with capture_logs() as logs:
        assert not await file_of(store, tmp_path / "c.csv").take_in()
    assert "c.csv: there is no such file" in logs[0]["problems"][0]
    with pytest.raises(ImportFailed, match="is a folder, and a file is needed"):
        read_text(tmp_path, "utf-8")


async def test_database_that_is_away_is_tried_again(store: Store, tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "c.csv"
    path.write_text(EXPORT)
    file = file_of(store, path)

    async def away(*_args: Any, **_more: Any) -> int:
        raise ConnectionError("away")

    with monkeypatch.context() as pretended:
        pretended.setattr("ivr.adapters.customers.csv_file.import_file", away)
        assert not await file.take_in()
    assert await file.take_in(), "although the file has not changed"


async def test_change_is_noticed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "c.csv"
    path.write_text(EXPORT)
    file = file_of(store, path)
    watching = asyncio.ensure_future(file.watch())

    async def until(count: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while file.imported < count:  # noqa: ASYNC110  # the log is all that it tells
                await asyncio.sleep(0.02)

    try:
        await until(1)
        beside = path.with_name("new")
        beside.write_text(EXPORT.replace("Tom", "Tim"))
        beside.rename(path)
        await until(2)
        assert await name(store, "030 901821") == "Tim Müller"
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
