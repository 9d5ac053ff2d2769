"""What `make` asks before its commands; what one can do without; long steps that say that they go on."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ivr.core.told import Told
from ivr.provision import ready, running, tried
from ivr.provision.running import Done, command, run
from tests.conftest import PATIENCE_S, ROOT

# -- what one can do without


def test_what_could_not_be_had_is_left_alone_for_an_hour(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[int] = []

    def get() -> None:
        asked.append(1)
        raise Told("no network")

    def optional(again: bool = False) -> str:
        assert tried.optional("thing", get, tmp_path, "; it goes on without", True, again) == 0
        return capsys.readouterr().err

    assert optional() == "no network; it goes on without\n" and len(asked) == 1
    assert optional() == "no network (0 minutes ago); it goes on without; `make setup` tries again now\n"
    assert len(asked) == 1
    optional(again=True)
    assert len(asked) == 2
    assert tried.optional("thing", get, tmp_path, "", do_without=False) == 1 and len(asked) == 3


def test_after_an_hour_it_is_tried_again_and_forgotten_once_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried.note(tmp_path, "thing", "no network")
    assert tried.lately(tmp_path, "thing")
    monkeypatch.setattr(tried, "AGAIN_S", 0)
    assert tried.lately(tmp_path, "thing") is None
    assert tried.optional("thing", lambda: None, tmp_path, "", True) == 0
    assert list((tmp_path / "tried").iterdir()) == []


@pytest.mark.parametrize("note", ["", "{", "[]", "{}", '{"at": "x", "why": 1}'])
def test_note_that_is_of_no_use_means_try(tmp_path: Path, note: str) -> None:
    tried.note(tmp_path, "thing", "no network")
    (tmp_path / "tried/thing.json").write_text(note)
    assert tried.lately(tmp_path, "thing") is None


# -- commands that take long


WAITS = """
import pathlib, sys, time
print("ERROR: a", flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.01)
print("b")
sys.exit(3)
"""


def test_long_step_says_that_it_goes_on_and_with_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command ends only once its line has been told."""
    assert running.TICK_S < 5
    monkeypatch.setattr(running, "TICK_S", 0.01)
    told = tmp_path / "told"

    def say(line: str) -> None:
        assert line.startswith("  fetching: ")
        if line.endswith(" s … ERROR: a"):
            told.touch()

    done = run([sys.executable, "-c", WAITS, str(told)], "fetching", say)
    assert done == Done(3, "ERROR: a\nb\n") and done.why() == "ERROR: a"


def test_work_of_our_own_says_that_it_goes_on_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "TICK_S", 0.01)
    said: queue.Queue[str] = queue.Queue()
    with running.goes_on("making it small", said.put):
        assert said.get(timeout=PATIENCE_S).startswith("  making it small: 0 s …")
    assert not [thread for thread in threading.enumerate() if "tell" in thread.name]


def test_step_that_cannot_be_started_or_takes_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([str(tmp_path / "nothing")], "x").code == 127
    monkeypatch.setattr(running, "TICK_S", 0.01)
    done = run([sys.executable, "-c", "input()"], "x", lambda line: None, patience_s=0)
    assert done.code in (1, 124)  # standard input is closed: it ends by itself, or is given up before
    assert Done(1, "").why() == "it gave no reason"


# -- what make asks


def test_every_kind_of_command_is_known_and_the_makefile_names_no_other() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    kinds = {line.split()[1] for line in lines if "@$(READY)" in line}
    assert kinds <= set(ready.FOR) and {"run", "demo", "test"} <= kinds


@pytest.mark.parametrize("words", [[], ["supper"], ["run", "demo"]])
def test_wrong_words(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert ready.main(words) == 2 and "name one of" in capsys.readouterr().err


def test_python_that_is_too_old_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "NEEDED", (9, 9))
    assert ready.main(["run"]) == 1
    assert capsys.readouterr().err.startswith("Python 9.9 or newer is needed, and ")


def test_folder_that_is_no_environment_is_told_in_a_sentence(tmp_path: Path) -> None:
    """With the machine's own Python and nothing else: no site-packages."""
    (tmp_path / ".venv/mine").mkdir(parents=True)
    (tmp_path / "ivr").symlink_to(ROOT / "ivr")
    (tmp_path / "requirements.lock").touch()
    words = [sys.executable, "-S", "-m", "ivr.provision.ready", "run"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == "" and "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1 and "is not a Python environment" in done.stderr


# -- make itself


def by_hand() -> dict[str, str]:
    """As somebody has it who types it: the `make` that runs these tests would say where it goes."""
    return {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}


def test_call_without_a_demo_is_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "-f", ROOT / "Makefile", "call"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=by_hand(),
    )
    assert done.returncode == 2 and done.stdout.startswith("There is no demo to call: start it with `make demo`")
    assert "python" not in done.stdout + done.stderr.replace(str(ROOT), "")


def test_demo_says_something_before_it_looks_at_anything() -> None:
    done = subprocess.run(["make", "-n", "demo"], cwd=ROOT, capture_output=True, text=True, check=True, env=by_hand())
    first, *_, before_last, last = done.stdout.splitlines()
    assert first.startswith("echo ") and before_last.startswith("echo ") and "ivr.lab.demo" in last


def test_ctrl_c_is_a_sentence_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> int:
        raise KeyboardInterrupt

    assert command(stopped) == 130
    assert (
        capsys.readouterr().err.strip() == "Stopped. What is there already is kept: the same command goes on from here."
    )


def test_ctrl_c_while_pip_installs_is_a_sentence(tmp_path: Path) -> None:
    """A pretended pip that presses Ctrl-C, for itself and for who waits for it, as a terminal does."""
    (tmp_path / "requirements.lock").touch()
    own = tmp_path / "own"
    own.write_text('#!/bin/sh\ncase "$*" in *"import sys, pip"*) echo 3.11 ;; *) kill -INT $PPID; sleep 5 ;; esac\n')
    own.chmod(0o755)
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    (tmp_path / ".venv/pyvenv.cfg").touch()
    python.symlink_to(own)
    words = [sys.executable, "-m", "ivr.provision.ready", "python"]
    done = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, check=False, env=by_hand() | {"PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert done.returncode == 130 and "Stopped. What is there already is kept" in done.stderr
    assert "Traceback" not in done.stderr
