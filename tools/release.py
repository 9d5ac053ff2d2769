"""Tries a wheel as its users will: ``python -m tools.release dist``.

An empty virtual environment and an empty folder outside of any checkout; the house's files are those that the wheel brings.
Nothing of the checkout is on the path. Exit code 1, with a sentence, when something that a server needs is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path
from typing import Any

import ivr

STARTS_S = 120.0
LINES = "where is my order\n4711\nbye\n"


class Failed(Exception):
    """What a user of this release would meet."""


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("dist", type=Path)
    parser.add_argument("--requirements", type=Path, default=Path("requirements.lock"))
    asked = parser.parse_args()
    try:
        wheel = _only(asked.dist, f"ivr-{ivr.__version__}-*.whl")
        _only(asked.dist, f"ivr-{ivr.__version__}.tar.gz")
        with tempfile.TemporaryDirectory(prefix="ivr-release-") as folder:
            _try(wheel.resolve(), asked.requirements.resolve(), Path(folder))
    except Failed as problem:
        print(f"release: {problem}", file=sys.stderr)
        return 1
    print(f"release {ivr.__version__}: installed, checked, talked to and served outside the checkout")
    return 0


def _only(dist: Path, pattern: str) -> Path:
    found = sorted(dist.glob(pattern))
    if len(found) != 1:
        raise Failed(f"{dist} should hold one {pattern}, and holds {len(found)}")
    return found[0]


def _try(wheel: Path, requirements: Path, folder: Path) -> None:
    environment, house = folder / "venv", folder / "house"
    venv.create(environment, with_pip=True)
    python = environment / "bin/python"
    _run([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", requirements], folder)
    _run([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel], folder)
    shipped = Path(_run([python, "-c", "from ivr.provision.places import INSTALLED; print(INSTALLED)"], folder).strip())
    if not shipped.is_relative_to(environment):
        raise Failed(f"the wheel finds its dialogues in {shipped}, outside the environment")
    house.mkdir()
    for name in ("config.toml", "dialplans"):
        source = shipped / name
        if not source.exists():
            raise Failed(f"the wheel has no {name}")
        (shutil.copytree if source.is_dir() else shutil.copy)(source, house / name)
    ivr_ = environment / "bin/ivr"
    _run([ivr_, "check"], house)
    talked = _run([ivr_, "talk"], house, LINES)
    if "somebody unknown calls" not in talked:
        raise Failed(f"ivr talk did not begin a call: {talked[-400:]}")
    _served(ivr_, house)


def _run(words: list[str | Path], where: Path, said: str = "") -> str:
    done = subprocess.run(words, cwd=where, env=_clean(), input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        shown = " ".join(str(word) for word in words[1:4])
        raise Failed(f"{shown} ended with {done.returncode}: {(done.stderr or done.stdout)[-800:]}")
    return done.stdout


def _served(ivr_: Path, house: Path) -> None:
    """The server starts, says how it is (Asterisk is not there), shows its door, and ends when asked."""
    port, media = _free(), _free()
    text = (house / "config.toml").read_text(encoding="utf-8")
    text = text.replace("port = 8080", f"port = {port}").replace("port = 9092", f"port = {media}")
    (house / "config.toml").write_text(text, encoding="utf-8")
    log = (house / "log").open("w")
    with (
        log,
        subprocess.Popen(
            [ivr_, "serve"], cwd=house, env={**_clean(), "IVR_AMI_SECRET": "nobody"}, stdout=log, stderr=log
        ) as server,
    ):
        try:
            health = _health(port, server)
            if health["status"] != "no asterisk" or health["parts"]["record"] != "ok":
                raise Failed(f"/health says {health}")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=30) as page:
                if page.status != 200:
                    raise Failed(f"/sign-in answers {page.status}")
        except Failed as problem:
            raise Failed(f"{problem}\n{(house / 'log').read_text()[-1500:]}") from problem
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def _health(port: int, server: subprocess.Popen[bytes]) -> dict[str, Any]:
    deadline = time.monotonic() + STARTS_S
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
                    return dict(json.load(answer))
            except urllib.error.HTTPError as error:  # 503: without Asterisk it is of no use, and says so
                return dict(json.load(error))
        time.sleep(0.5)
    raise Failed("ivr serve did not answer on its port")


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean() -> dict[str, str]:
    """Nothing of the checkout."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


if __name__ == "__main__":
    sys.exit(main())
