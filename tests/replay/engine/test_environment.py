"""The house of a replayed call: made from the corpus, moved in time, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.corpus.format import CorpusError, read_corpus
from ivr.replay.engine.environment import house_of, moved, prepare
from tests.conftest import ROOT

OURS = ROOT / "audio/corpus"


def test_dates_are_moved_wherever_they_stand() -> None:
    text = "4711,2026-11-18T10:00:00+01:00,2026-12-31\nvalues ('2026-11-19'); 12026-11-18 2026-13-01"
    assert moved(text, 4) == "4711,2026-11-22T10:00:00+01:00,2027-01-04\nvalues ('2026-11-23'); 12026-11-18 2026-13-01"
    assert moved(text, 0) is text


async def test_what_one_call_writes_no_other_reads(tmp_path: Path) -> None:
    corpus = read_corpus(OURS, "appointment-1")
    (call,) = corpus.calls
    await prepare(corpus, tmp_path / "books", "DE")
    from ivr.core.flow.flow import Lookup

    take = Lookup("take", "shop", sql="delete from visits", writes=True)
    count = Lookup("count", "shop", sql="select count(*) as n from visits", gives=("n",))
    async with house_of(call, tmp_path / "books", tmp_path / "call", "DE") as house:
        assert (await house.lookups.run(take, {})).outcome == "found"
        assert (await house.lookups.run(count, {})).rows == ({"n": "0"},)
    async with house_of(call, tmp_path / "books", tmp_path / "call", "DE") as house:
        assert (await house.lookups.run(count, {})).rows == ({"n": "236"},)
        assert (await house.directory.find("+8613800138000")) is not None
        assert await house.identity.check("C1001", "pin", "4071") == "right"
    assert not (tmp_path / "call").exists()


async def test_a_call_may_bring_its_own_caller(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus/one.toml").write_text(
        """number = "+49301234567"
said = [{ text = "hello" }]
[customer]
id = "X1"
name = "Zoë Ώ"
[[orders]]
id = "1"
customer_id = "X1"
product = "Watch, \\"blue\\""
status = "late"
ordered_at = 2026-11-01T10:00:00+01:00
[[contacts]]
customer_id = "X1"
channel = "phone"
began_at = 2026-11-17T10:00:00+01:00
summary = "called"
solved = false
""",
        encoding="utf-8",
    )
    corpus = read_corpus(tmp_path / "corpus")
    (call,) = corpus.calls
    await prepare(corpus, tmp_path / "books", "DE")
    async with house_of(call, tmp_path / "books", tmp_path / "call", "DE") as house:
        found = await house.directory.find("+49301234567")
    assert found and found.customer and found.customer.name == "Zoë Ώ"
    assert found.orders[0].product == 'Watch, "blue"' and found.contacts[0].solved is False


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("customers.csv", "id,nme\n1,x\n", "customers.csv:1: unknown column 'nme'"),
        ("sources/shop.sql", "create tabel x;", 'shop.sql: the database says: near "tabel": syntax error'),
        (
            "sources/shop.sql",
            "attach database '{elsewhere}' as other; create table other.x (a);",
            "shop.sql: the database says: not authorized",
        ),
        ("corpus.toml", "[pins]\nC9 = '4071'", "corpus.toml: pins: there is no customer C9"),
    ],
)
async def test_files_that_cannot_be_used(file: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "corpus/sources").mkdir(parents=True)
    (tmp_path / "corpus/one.toml").write_text("said = [{ text = 'hello' }]")
    elsewhere = tmp_path / "elsewhere.db"
    (tmp_path / "corpus" / file).write_text(text.format(elsewhere=elsewhere))
    with pytest.raises(CorpusError) as wrong:
        await prepare(read_corpus(tmp_path / "corpus"), tmp_path / "books", "DE")
    assert said in str(wrong.value)
    assert not elsewhere.exists(), "a script makes its own file and no other"


async def test_a_script_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpus/sources").mkdir(parents=True)
    (tmp_path / "corpus/one.toml").write_text("said = [{ text = 'hello' }]")
    (tmp_path / "corpus/sources/shop.sql").write_text(
        "create table t as with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n;"
    )
    monkeypatch.setattr("ivr.replay.engine.environment.SCRIPT_S", 0.2)
    with pytest.raises(CorpusError, match=r"shop\.sql: the database says: interrupted"):
        await prepare(read_corpus(tmp_path / "corpus"), tmp_path / "books", "DE")
