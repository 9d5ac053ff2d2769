"""``ivr talk``: the dialogue by typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.database import Store
from ivr.lab import shop
from ivr.talk import talk
from tests.conftest import ROOT


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    url = f"sqlite:///{tmp_path / 'ivr.db'}"
    store = Store(url)
    await store.migrate()
    await shop.open_shop(store, {agent.id: "x" for agent in shop.AGENTS}, books=tmp_path / "shop.db")
    await store.close()
    path = tmp_path / "config.toml"
    path.write_text(
        f'[database]\nurl = "{url}"\n[dialogue]\nfolder = "{ROOT / "dialplans"}"\n'
        f'[sources]\nshop = "sqlite:///{tmp_path / "shop.db"}"\n'
    )
    return path


def test_known_customer_is_understood_and_routed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, shop.LIN_MEI, ["where is my order"]) == 0
    said = capsys.readouterr().out
    assert "Hello Ms Lin" in said and "late_delivery" in said
    assert "→ orders, ana first" in said and "open case K-12" in said


def test_stranger_presses_keys_and_says_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, None, ["", ":2", ":48", ":02"]) == 0
    assert "→ returns" in capsys.readouterr().out


def test_left_in_the_middle(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, None, ["", ":q"]) == 1
    assert "For a person, press zero." in capsys.readouterr().out
