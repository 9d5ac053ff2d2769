"""How the demo ends: whatever fails in it is told in sentences."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.calls.caller.ports import VoiceFailed
from ivr.core.told import Told
from ivr.lab.asterisk.private import FIRST
from ivr.lab.demo import call, demo
from ivr.lab.demo.demo import DemoFailed, ended
from tests.conftest import PATIENCE_S


def fails(error: BaseException) -> int:
    def work() -> None:
        raise error

    return ended(work)


def test_all_is_well() -> None:
    assert ended(lambda: None) == 0


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DemoFailed("no card"), ["no card"]),
        (FileNotFoundError(2, "not there", "config.toml"), ["config.toml: there is no such file or folder"]),
        (ExceptionGroup("tasks", [VoiceFailed("a"), ExceptionGroup("more", [VoiceFailed("b")])]), ["a", "b"]),
    ],
)
def test_failure_is_a_sentence(error: Exception, told: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert fails(error) == 1
    assert capsys.readouterr().err.split("\n")[1::2] == [f"The demo failed: {text}" for text in told]


def test_second_demo_in_one_folder_takes_nothing_away_from_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "CACHE", tmp_path)
    monkeypatch.setattr(demo, "LOCK", tmp_path / "demo.lock")
    with demo.alone(), pytest.raises(Told, match="a demo runs already in"), demo.alone():
        pass
    with demo.alone():  # the first one is over
        pass


def test_ctrl_c_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert fails(KeyboardInterrupt()) == 130 and capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("singular"), ExceptionGroup("x", [DemoFailed("a"), KeyError("b")])]
)
def test_mistake_in_the_program_is_shown_as_one(error: Exception) -> None:
    with pytest.raises(type(error)):
        fails(error)


def test_asterisk_of_a_demo_that_is_killed_ends_with_it() -> None:
    demo = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid, flush=True); input()"
    runs = "echo runs; exec sleep 1000"
    words = [sys.executable, "-c", demo, *FIRST, "sh", "-c", runs]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as killed:
        assert killed.stdout
        told = sorted((killed.stdout.readline(), killed.stdout.readline()))  # the number, and what runs by then
        with os.fdopen(os.pidfd_open(int(told[0]))) as end:
            killed.kill()
            assert select.select([end], [], [], PATIENCE_S)[0], "it runs on"


def test_call_for_a_demo_that_was_killed_says_that_none_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"pid": gone.pid, "ami": 1, "secret": "x"}))
    monkeypatch.setattr(call, "STATE", state)
    monkeypatch.setattr(sys, "argv", ["call", "anna"])
    assert call.main() == 1
    assert capsys.readouterr().err.startswith("The demo is not running: start it with `make demo`")
