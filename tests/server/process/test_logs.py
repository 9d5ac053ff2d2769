"""The log stays short whatever happens without end, and says how much it has left out."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import structlog

from ivr.server.process.logs import OF_STRANGERS, Bounded
from tests.conftest import PATIENCE_S, ROOT


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_of_a_kind_in_a_while_and_then_how_many_more() -> None:
    clock = Clock()
    bounded = Bounded(3, 10, clock)
    said = [bounded.room("a") for _ in range(10)]
    assert said == [0, 0, 0, *[None] * 7] and bounded.room("b") == 0, "others are not touched"
    clock.now = 10
    assert [bounded.room("a") for _ in range(2)] == [7, 0], "told once"


def test_what_strangers_cause_has_ten_lines_a_minute() -> None:
    clock = Clock()
    bounded = Bounded(clock=clock)
    said = []
    for number in range(1200):
        clock.now = number / 10
        said.append(bounded.room("audiosocket refused"))
    assert [place for place, one in enumerate(said) if one is not None] == [*range(10), *range(600, 610)]
    assert said[600] == 590, "how many there were is told"


def test_whatever_strangers_cause_is_among_the_bounded() -> None:
    """Warnings of doors that name no kind of their own there would be as many as somebody likes."""
    found = set()
    for folder in ("web", "adapters/asterisk"):
        for file in (ROOT / "ivr" / folder).rglob("*.py"):
            found |= set(re.findall(r'log\.warning\(\s*"([a-z_ ]*(?:refused|limited)[a-z_]*)"', file.read_text()))
    assert found and found <= OF_STRANGERS


def test_kinds_without_end_take_no_memory_without_end() -> None:
    bounded = Bounded(3, 10, Clock())
    for number in range(5000):
        assert bounded.room(str(number)) == 0
    assert len(bounded._seen) <= 1000


ENDLESS = """
import logging, sys, structlog
from ivr.server.process import logs
logs.set_up("json", "info")
for number in range(5000):
    structlog.get_logger("x").warning("somebody knocks", number=number)
    logging.getLogger("asyncio").error("socket.accept() out of system resource %s", number)
structlog.get_logger("x").info("something else")
"""


def test_server_s_log_is_bounded_for_ours_and_for_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDLESS], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    said = [json.loads(line)["event"] for line in done.stderr.splitlines()]
    assert said.count("somebody knocks") <= 400 and len([one for one in said if one.startswith("socket")]) <= 400
    assert said[-1] == "something else" and "Traceback" not in done.stderr


AWAY = """
import structlog
from sqlalchemy.exc import OperationalError, ProgrammingError
from ivr.server.process import logs
logs.set_up("json", "info")
for error in (OperationalError("SELECT secret", (), OSError("connection refused")), ConnectionRefusedError(111, "refused"),
              ProgrammingError("SELECT", (), Exception("no such column")), KeyError("a mistake")):
    try:
        raise error
    except Exception:
        structlog.get_logger("x").exception("not looked at")
"""


def test_database_that_is_away_is_a_line_and_a_mistake_is_a_traceback() -> None:
    done = subprocess.run([sys.executable, "-c", AWAY], capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    away, refused, wrong, mistake = map(json.loads, done.stderr.splitlines())
    assert away["problem"] == "connection refused" and "exception" not in away
    assert "refused" in refused["problem"] and "exception" not in refused
    assert "no such column" in wrong["exception"] and "a mistake" in mistake["exception"]


SHOWN = """
import logging, structlog
from aiohttp.http_exceptions import BadStatusLine
from ivr.server.process import logs
logs.set_up("console", "info")
def sign_in(password):
    raise ValueError("a mistake")
try:
    sign_in("S3cret" + "OfAna")
except ValueError:
    structlog.get_logger("x").exception("failed")
try:
    raise BadStatusLine("what a stranger" + " sent")
except BadStatusLine:
    logging.getLogger("aiohttp.server").exception("Error handling request from 127.0.0.1")
"""


def test_no_log_shows_variables_or_what_a_stranger_sent() -> None:
    done = subprocess.run([sys.executable, "-c", SHOWN], capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    assert "a mistake" in done.stderr and "Traceback" in done.stderr
    assert "S3cretOfAna" not in done.stderr and "locals" not in done.stderr
    assert "not HTTP: BadStatusLine" in done.stderr and "a stranger sent" not in done.stderr


def test_record_of_logging_says_how_many_more() -> None:
    clock = Clock()
    bounded = Bounded(1, 10, clock)
    record = lambda: logging.LogRecord("x", logging.ERROR, "f", 1, "no %s", ("socket",), None)  # noqa: E731
    assert bounded.filter(record()) and not bounded.filter(record()) and not bounded.filter(record())
    clock.now = 10
    last = record()
    assert bounded.filter(last) and last.getMessage() == "no socket (and 2 more of these)"


def test_event_of_ours_says_how_many_more() -> None:
    clock = Clock()
    bounded = Bounded(1, 10, clock)
    bounded(None, "", {"event": "x"})
    for _ in range(3):
        try:
            bounded(None, "", {"event": "x"})
        except structlog.DropEvent:
            continue
        raise AssertionError("written")
    clock.now = 10
    assert bounded(None, "", {"event": "x"}) == {"event": "x", "left_out": 3}


UNCAUGHT = """
import threading
from cffi import FFI
from ivr.server.process import logs
logs.set_up("json", "info")
ffi = FFI()
def full(number):
    raise OSError(28, "No space left on device")
ffi.callback("int(int)", full)(1)
class Ends:
    def __del__(self):
        raise ValueError("too late")
Ends()
thread = threading.Thread(target=lambda: [][1], name="decoder")
thread.start()
thread.join()
"""


def test_what_no_code_can_catch_is_told_in_the_log_s_own_form() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNCAUGHT], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    full, late, thread = map(json.loads, done.stderr.splitlines())
    assert full["event"] == late["event"] == "failed where nothing can be raised"
    assert full["problem"] == "[Errno 28] No space left on device" and "cffi callback" in full["where"]
    assert "too late" in late["exception"] and "Ends.__del__" in late["where"]
    assert (thread["event"], thread["where"]) == ("a thread has failed", "decoder") and "IndexError" in thread[
        "exception"
    ]


FULL = """
import logging, structlog
from ivr.server.process import logs
logs.set_up("json", "info")
structlog.get_logger("x").warning("nobody reads it")
logging.getLogger("asyncio").error("nor this")
print("went on", flush=True)
"""


def test_log_that_cannot_be_written_costs_nobody_anything() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", FULL], stdout=subprocess.PIPE, stderr=full, text=True, timeout=PATIENCE_S, check=True
        )
    assert done.stdout == "went on\n"
