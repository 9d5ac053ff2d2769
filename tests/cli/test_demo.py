"""``ivr demo``: what the docs show can be tried in a house of one's own, every command line as it is written there."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli.init.house import Wanted, make
from ivr.lab.shop import shop
from tests.command_line import ivr
from tests.conftest import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
WRITTEN = re.compile(
    r"(?:^|`|\$ |/)ivr ((?:talk|report|what-if)\b(?: (?:--?[\w-]+|[\w+./=-]+))*)(?=`|  |$)", re.MULTILINE
)
"""A command line in a page: behind a backtick, a prompt or a path, or at the beginning of a line; two spaces end it."""
LINES = sorted({found.rstrip("/") for page in PAGES for found in WRITTEN.findall(page.read_text(encoding="utf-8"))})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A house of the sample shop that `ivr demo` has filled, and what it said."""
    folder = tmp_path_factory.mktemp("shop") / "house"
    make(Wanted(folder, "shop"))
    shutil.copytree(folder / "dialplans", folder / "NEW")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = ivr("demo")
        assert done.returncode == 0, done.stderr
        yield folder, done.stdout


def test_customers_of_the_docs_call_and_agents_may_sign_in(house: tuple[Path, str]) -> None:
    folder, said = house
    assert all(f"  {agent.id}" in said for agent in shop.AGENTS) and shop.LIN_MEI in said
    everybody = ivr("people").stdout
    assert all(agent.name in everybody for agent in shop.AGENTS)
    assert {stat.S_IMODE((folder / "var" / name).stat().st_mode) for name in ("ivr.db", "shop.db")} == {0o600}


def test_report_shows_days_of_calls(house: tuple[Path, str]) -> None:
    told = json.loads(ivr("report", "--json").stdout)
    assert (told["calls"], told["by_machine"]) == (42, 6)
    lines = ivr("report").stdout
    assert "Late delivery" in lines and "no_authority" in lines and "Card complete at ring: 48 of 48" in lines


def test_the_docs_name_them_all() -> None:
    assert {line.split()[0] for line in LINES} == {"talk", "report", "what-if"} and len(LINES) >= 6, LINES


@pytest.mark.parametrize(
    "line", [pytest.param(line, marks=pytest.mark.long if line.startswith("what-if --") else ()) for line in LINES]
)
def test_command_lines_of_the_docs_work_as_they_are_written(
    line: str, house: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(":q\n"))
    done = ivr(*shlex.split(line))
    if line == "what-if":
        assert done.returncode == 1 and "what should be different?" in done.stderr
        return
    left_early = line.startswith("talk") and done.returncode == 1
    assert done.returncode == 0 or left_early, done.stderr
    assert {"talk": "calls. Type what the caller says", "report": "42 calls", "what-if": "14 of 14 come again"}[
        line.split()[0]
    ] in " ".join(done.stdout.split())


def test_database_with_agents_is_left_as_it_is(house: tuple[Path, str]) -> None:
    folder, _ = house
    before = (folder / "var/shop.db").read_bytes()
    done = ivr("demo")
    assert done.returncode == 1 and f"has {len(shop.AGENTS)} agents already" in done.stderr
    assert (folder / "var/shop.db").read_bytes() == before
