"""SIGTERM ends the server at any moment; a start may be long, and must not stand still."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.lab.ports import free_port
from tests.command_line import hears_ctrl_c
from tests.conftest import ALL, PATIENCE_S, ROOT

TRIES = 40 if ALL else 6


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("house") / "config.toml"
    made.write_text(
        f'[asterisk]\nport = {free_port()}\n[media]\nport = 0\n[web]\nport = 0\n[dialogue]\nfolder = "{ROOT}/dialplans"\n'
        f'[speech_in]\nmodel_en = "{ROOT}/audio/models/bundled-en"\nmodel_zh = "off"\n[records]\njournal_mb = 4\n'
        f'[speech_out]\nfolder = "{ROOT}/audio"\n[sources]\nshop = "sqlite:///{made.parent}/shop.db"\n'
    )
    return made


@pytest.mark.parametrize("attempt", range(TRIES))
@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_at_any_moment_of_the_start_it_ends(
    config: Path, attempt: int, name: signal.Signals, tmp_path: Path
) -> None:
    delay_s = random.Random(f"{attempt}{name}").uniform(0.0, 6.0)
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(
        [sys.executable, "-m", "ivr", "serve", "--no-watchdog", "--config", str(config)],
        env={**os.environ, "IVR_AMI_SECRET": "none"}, stdout=log, stderr=log, preexec_fn=hears_ctrl_c,
    ) as server:  # fmt: skip
        try:
            time.sleep(delay_s)  # a moment of the start that nobody announces
            server.send_signal(name)
            code = server.wait(PATIENCE_S)
        finally:
            server.kill()
    said = (tmp_path / "log").read_text()
    assert code in (0, 130, -name), said
    # while Python itself still loads the first line of ours, it is Python that answers to Ctrl-C
    assert "Traceback" not in said or (name == signal.SIGINT and "cli/main.py" not in said), said


def leaves_ctrl_c_to_others() -> None:
    """As a shell starts jobs in the background, and nohup."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize(
    ("started_with", "heard"), [(hears_ctrl_c, {"SIGINT", "SIGTERM"}), (leaves_ctrl_c_to_others, {"SIGTERM"})]
)
def test_ctrl_c_that_is_ignored_for_us_stays_ignored(started_with: Callable[[], None], heard: set[str]) -> None:
    script = "from ivr.server.process import ending; print(*(one.name for one in ending.signals()))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, preexec_fn=started_with)
    assert set(said.stdout.split()) == heard, said.stderr


def run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, timeout=PATIENCE_S * 2, check=False
    )


STUCK = """
import asyncio, os, signal, threading, time
from ivr.server.process import ending
ending.LONGEST_S = 0.5
async def main():
    made = ending.Ending()
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 3600)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(3600)
try:
    asyncio.run(main())
except asyncio.CancelledError:
    pass
"""


def test_thread_that_never_ends_does_not_keep_the_process() -> None:
    done = run(STUCK)
    assert done.returncode == 0 and done.stderr == "ivr: not everything had ended after 0.5 s; the process ends now\n"


WATCHED = """
import asyncio, sys, time
from ivr.server.process import watchdog
async def main(kind):
    async with watchdog.alive() as started:
        if kind == "long":
            await asyncio.sleep(3)
        elif kind == "still":
            time.sleep(3600)
        elif kind == "fails":
            await asyncio.sleep(2)
            sys.exit(3)
        started()
        await asyncio.sleep(1.5)
asyncio.run(main(sys.argv[1]))
"""
WATCHES = """
import sys
from ivr.server.process import watchdog
watchdog.BEAT_S, watchdog.SILENT_S, watchdog.START_S = 0.2, 20.0, 1.5
sys.exit(watchdog.supervise([sys.executable, "-c", *sys.argv[1:]]))
"""


@pytest.mark.parametrize(
    ("kind", "code", "said"), [("long", 0, ""), ("still", 137, "has not moved for"), ("fails", 3, "")]
)
def test_start_may_be_long_but_not_stand_still(kind: str, code: int, said: str) -> None:
    done = run(WATCHES, WATCHED.replace("BEAT_S", "BEAT_S"), kind)
    assert done.returncode == code and said in done.stderr, done.stderr


STARTS = """
import asyncio, pathlib, sys
from ivr.server.process import watchdog
starts = pathlib.Path(sys.argv[1])
starts.write_text(starts.read_text() + "x")
async def main(number):
    async with watchdog.alive() as started:
        if number == 2:
            sys.exit(1)
        started()
        sys.exit(1 if number == 1 else 0)
asyncio.run(main(len(starts.read_text())))
"""


def test_server_that_has_served_is_started_until_it_comes_up_again(tmp_path: Path) -> None:
    """It died while its database was away, say: the next start fails, and the one after that finds everything."""
    starts = tmp_path / "starts"
    starts.touch()
    done = run(WATCHES.replace("START_S = ", "START_S, watchdog.LONGEST_DELAY_S = ").replace("20.0, 1.5", "20.0, 1.5, 0.1"),
               STARTS, str(starts))  # fmt: skip
    assert (done.returncode, starts.read_text()) == (0, "xxx"), done.stderr


def test_ctrl_c_that_comes_where_nothing_can_be_raised_ends_it_all_the_same() -> None:
    """As in a destructor, or where code in C calls back: Python would print it, and go on."""
    program = (
        "import signal, sys, time\n"
        "from ivr.server.process import interrupts\n"
        "sys.unraisablehook = interrupts.early\n"
        "class Closing:\n"
        "    def __del__(self):\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "        time.sleep(0)\n"
        "Closing()\n"
        "time.sleep(600)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], preexec_fn=hears_ctrl_c, timeout=PATIENCE_S, capture_output=True
    )
    assert done.returncode != 0 and b"KeyboardInterrupt" in done.stderr and b"Exception ignored" not in done.stderr


LOADS = (
    "import signal, sys, time\n"
    "from ivr.server.process import interrupts\n"
    "with interrupts.ends_at_once():\n"
    "    try:\n"
    "        signal.raise_signal(signal.SIGINT)\n"
    "        time.sleep(0)\n"
    "    except BaseException:\n"
    "        print('swallowed, as a module in C may do')\n"
    "signal.raise_signal(signal.SIGINT)\n"
)


@pytest.mark.parametrize(("started_with", "code"), [(hears_ctrl_c, -signal.SIGINT), (leaves_ctrl_c_to_others, 0)])
def test_ctrl_c_while_modules_load_is_the_end(started_with: Callable[[], None], code: int) -> None:
    done = subprocess.run([sys.executable, "-c", LOADS], preexec_fn=started_with, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")
