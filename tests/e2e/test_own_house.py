"""From an empty folder to a dentist's first call through Asterisk, with nothing but what `ivr init` has made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from ivr.cli.init.house import Wanted, make
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk, free_ports
from ivr.lab.ports import free_port
from tests.conftest import CACHE, ROOT, RealParts
from tests.e2e.conftest import wait_for

PATIENT = "+4930123456"


def test_first_call_of_a_dentist_s_practice(tmp_path: Path, real_parts: RealParts) -> None:
    ports, house = free_ports(), tmp_path / "practice"
    make(
        Wanted(
            house, "practice", "Dr Kovač's practice", f"127.0.0.1:{ports.media}", f"127.0.0.1:{ports.ami}", free_port()
        )
    )
    asterisk = PrivateAsterisk.prepare(tmp_path / "asterisk", house / "asterisk", CACHE, ports=ports)
    real_parts.used("Asterisk", str(asterisk.installed.found.path))
    # the house's own secret is the one that both sides have
    secret = (house / "asterisk/manager_ivr_secret.conf").read_text()
    (asterisk.where / "etc/manager_ivr_secret.conf").write_text(secret)
    asterisk.secret = (house / "secrets/asterisk").read_text().strip()
    asterisk.start()
    try:
        with Lab(ports.ami, asterisk.lab_secret) as lab:
            events = first_call(house, lab)
    finally:
        asterisk.stop()
    (call,) = [one for one in events if one["event"] == "call"]
    assert (call["intent"], call["queue"], call["language"]) == ("pain", "emergency", "en")
    assert (house / "var/ivr.db").stat().st_mode & 0o777 == 0o600


def first_call(house: Path, lab: Lab) -> list[dict[str, object]]:
    """Serve the house, ring in, press the key of the first choice, hang up; what the server has logged."""
    log = house / "log"
    words = [sys.executable, "-m", "ivr", "serve", "--no-watchdog"]
    # as from an installed wheel: the house's own folder, and no variable that says where anything is
    env = {name: value for name, value in os.environ.items() if not name.startswith("IVR_")}
    with log.open("wb") as out:
        server = subprocess.Popen(words, stdout=out, stderr=out, cwd=house, env=env | {"PYTHONPATH": str(ROOT)})
    try:
        wait_for(lambda: "asterisk connected" in log.read_text(), 30, f"the server did not start: {log.read_text()}")
        lab.call("4000", PATIENT, "Somebody", ["hush:700", "key:1", "wait:2"])
        wait_for(lambda: "agents=0" in log.read_text() or '"event": "call"' in log.read_text(), 60, log.read_text())
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
