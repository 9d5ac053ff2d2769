"""``ivr talk``: the dialogue by typing."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.database import Store
from ivr.cli.talk import talk
from ivr.lab.shop import books, shop
from tests.command_line import hears_ctrl_c
from tests.conftest import PATIENCE_S, ROOT
from tests.thrift import sqlite


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    url = sqlite(tmp_path / "ivr.db")
    store = Store(url)
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


def test_ctrl_c_at_the_prompt_ends_it_at_once(config: Path) -> None:
    words = [sys.executable, "-m", "ivr", "talk", "--config", str(config)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=hears_ctrl_c
    ) as asked:
        assert asked.stdout and asked.stderr
        try:
            said = b""
            while not said.endswith(b"\n  > "):
                one = asked.stdout.read(1)
                assert one, said
                said += one
            asked.send_signal(signal.SIGINT)
            assert asked.wait(PATIENCE_S) == 130
            assert b"Traceback" not in asked.stderr.read()
        finally:
            asked.kill()


MANDARIN = {
    "预约": (["我要预约", "SAID", "第二个", "是", "没有了"], "约好了"),
    "预约，按键": ([":7", ":KEYS#", ":2", ":1", "没有了"], "约好了"),
    "订单": (["我的订单在哪里", "四八二零", "没有了"], "正在准备"),
    "余额": (["查询余额", ":6093#", "没有了"], "账户已结清"),
    "搬家": (["我要搬家", ":6093#", "一零一一五", "不是", "汉堡", "明天", "是", "没有了"], "新地址"),
    "再说一遍，返回": (["再说一遍", "我的订单在哪里", "返回", "你们几点开门", "没有了"], "营业时间"),
}


def _open_day() -> date:
    """A day from tomorrow on at which the shop is open the whole day."""
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    return next(day for n in range(1, 30) if len(books.open_at(day := today + timedelta(days=n))) == len(books.TIMES))


@pytest.mark.parametrize(("lines", "said"), MANDARIN.values(), ids=MANDARIN.keys())
def test_self_service_in_mandarin(
    lines: list[str], said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As text, with the engine, readers and sources of a call; Mandarin speech is not recognised on these machines."""
    day = _open_day()
    spoken, keys = f"{day.month}月{day.day}号", day.strftime("%d%m")
    assert talk(config, shop.WANG_FANG, [line.replace("SAID", spoken).replace("KEYS", keys) for line in lines]) == 0
    out = capsys.readouterr().out
    assert said in out and "settled without an agent" in out
    assert "welcome" not in out and "王女士您好" in out


def test_who_proves_nothing_is_told_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two wrong PINs, then a wrong order: the third locks, and it stays locked in the next call."""
    assert talk(config, shop.LIN_MEI, ["what is my balance", ":1397#", ":8642#", ":0000"]) == 0
    first = capsys.readouterr().out
    assert "cannot tell you" in first and "189" not in first and "→ billing" in first
    assert talk(config, shop.LIN_MEI, ["what is my balance"]) == 0
    assert "cannot tell you" in capsys.readouterr().out
