"""Nothing calls out by itself: no process of ours resolves a name, reaches beyond loopback, or writes outside its folders.

What we start is traced with all of its children: a server that answers a call, its pages, and the commands.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from ivr.adapters.database import DatabaseAccounts, Store
from ivr.calls.people.audit import Actor
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.shop import shop
from ivr.provision import debian
from tests.conftest import CACHE, ROOT
from tests.e2e.conftest import PASSWORD, wait_for
from tests.e2e.test_failures import ServerProcess

CALLS = "connect,sendto,sendmsg,sendmmsg,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,symlinkat,linkat"
_ADDRESS = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")')
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
OUR_OWN = ("/dev/", "/proc/", "/sys/")


def traced(strace: Sequence[str], trace: Path) -> list[str]:
    return [*strace, "-f", "--seccomp-bpf", "-qq", "-s", "400", "-y", "-e", f"trace={CALLS}", "-e", "signal=none",
            "-o", str(trace)]  # fmt: skip


def reached(trace: str) -> set[str]:
    """Everything beyond loopback, and every name server, that anybody has spoken to."""
    found = set()
    for line in trace.splitlines():
        for port, four, six in _ADDRESS.findall(line):
            address = ipaddress.ip_address(four or six)
            mapped = getattr(address, "ipv4_mapped", None) or address
            if int(port) == 53 or not (mapped.is_loopback or mapped.is_unspecified):
                found.add(f"{four or six}:{port}")
        # a call that another thread cuts in two shows its end in a line of its own
        if "nscd/socket" in line and "ENOENT" not in line and "<unfinished" not in line:
            found.add("nscd")
    return found


def written(trace: str, folders: Sequence[Path]) -> set[str]:
    """Every path outside of these folders that anybody has made or opened to write."""
    found = set()
    for line in trace.splitlines():
        if " = -1 " in line or not re.search(r"O_(CREAT|WRONLY|RDWR)|^\d+\s+(creat|mkdir|rename|symlink|link)", line):
            continue
        # with -y, what a descriptor stands for is in angle brackets, and that of the result is the whole path
        path = re.search(r"= \d+<([^>]*)>", line)
        name = path.group(1) if path else (_PATH.findall(line) or [""])[-1]
        if not name.startswith("/") or "/__pycache__/" in name:  # Python's own, beside the code that it is of
            continue
        if not name.startswith(OUR_OWN) and not any(Path(name).is_relative_to(folder) for folder in folders):
            found.add(name)
    return found


def test_trace_is_read_as_it_is_written() -> None:
    trace = (
        '1 connect(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0\n'
        '1 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("20.1.2.3")}, 16) = -1 EINPROGRESS (x)\n'
        '1 connect(3, {sa_family=AF_INET, sin_port=htons(5038), sin_addr=inet_addr("127.0.0.1")}, 16) = 0\n'
        '1 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1",'
        " &sin6_addr), sin6_scope_id=0}, 28) = 0\n"
        '1 openat(AT_FDCWD</a>, "x.db", O_RDWR|O_CREAT, 0644) = 3</home/me/.cache/x.db>\n'
        '1 openat(AT_FDCWD</a>, "in/y.db", O_RDWR|O_CREAT, 0644) = 3</a/in/y.db>\n'
        '1 openat(AT_FDCWD</a>, "/etc/passwd", O_RDONLY) = 3</etc/passwd>\n'
        '1 mkdir("/home/me/.new", 0700) = 0\n'
    )
    assert reached(trace) == {"127.0.0.53:53", "20.1.2.3:443", "2001:db8::1:80"}
    assert written(trace, [Path("/a")]) == {"/home/me/.cache/x.db", "/home/me/.new"}


@pytest.fixture(scope="module")
def strace() -> list[str]:
    """The words that begin a trace; where tracing is not allowed (a container may forbid it) these tests are left out."""
    try:
        words = debian.get(debian.STRACE, CACHE).command()
    except debian.PartMissing as missing:
        pytest.skip(str(missing))
    tried = subprocess.run([*words, "-f", "--seccomp-bpf", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"tracing is not allowed here: {tried.stderr.decode()[-200:]}")
    return words


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's home, and nothing of ours to be left in it."""
    made, scratch = tmp_path / "home", tmp_path / "scratch"
    made.mkdir()
    scratch.mkdir()
    monkeypatch.setenv("HOME", str(made))
    monkeypatch.setenv("TMPDIR", str(scratch))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    return made


def look_at_pages(port: int) -> list[str]:
    """Sign in, as a browser without scripts does, and open everything that an administrator may; what each page is."""
    opener, address = build_opener(HTTPCookieProcessor(CookieJar())), f"http://127.0.0.1:{port}"
    with opener.open(f"{address}/sign-in") as page:
        token = re.search(r'name="csrf" value="([^"]+)"', page.read().decode())
    assert token
    form = urlencode({"login": "chen", "password": PASSWORD, "csrf": token.group(1)}).encode()
    opener.open(f"{address}/sign-in", form).close()
    seen = []
    for path in ("/floor", "/admin", "/account", "/health", "/metrics", "/api/v1/people", "/api/v1/report"):
        with opener.open(address + path) as page:
            seen.append(f"{path} {page.status}")
    return seen


async def promote(database: Path) -> None:
    """Chen may look at everything."""
    async with Store.opened(f"sqlite:///{database}") as store:
        await DatabaseAccounts(store).change("chen", lambda one: replace(one, role="admin"), Actor("console:test"))


def heard(database: Path) -> bool:
    """Whether the server has understood something, as its record has it."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reader:
        return bool(reader.execute("SELECT count(*) FROM contact_events WHERE kind = 'heard'").fetchone()[0])


def test_server_its_calls_and_pages(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, strace: list[str], home: Path
) -> None:
    house = tmp_path / "house"
    house.mkdir()
    trace = tmp_path / "trace"
    server = ServerProcess(asterisk, house, "--no-watchdog", under=traced(strace, trace))
    try:
        lab.call(shop.DNIS, shop.LIN_MEI, "Lin Mei", ["hush:60", f"play:{ROOT / 'audio/calls/late-watch'}", "wait:30"])
        server.wait_until_taken()
        wait_for(lambda: heard(house / "ivr.db"), 60, "nothing was heard")
        asyncio.run(promote(house / "ivr.db"))
        assert all(one.endswith(" 200") for one in look_at_pages(server.web_port))
    finally:
        os.kill(server.child(), signal.SIGTERM)  # strace itself, told to end, would leave it behind
        server.stop()
    said = trace.read_text(errors="replace")
    assert f"htons({asterisk.ports.ami})" in said, "the trace has seen what the server does"
    assert reached(said) == set()
    assert written(said, [house, tmp_path / "scratch", ROOT / "audio/cache", ROOT / "var", CACHE / "encoder"]) == set()
    assert list(home.iterdir()) == []


COMMANDS = (
    ("check",), ("report",), ("people",), ("records",), ("customer", shop.LIN_MEI), ("doctor",), ("voices",),
    ("say", "Good morning", "--to", "x.wav"), pytest.param(("replay", f"{ROOT}/audio/corpus"), marks=pytest.mark.long),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=lambda one: one[0])
def test_commands(
    words: tuple[str, ...], asterisk: PrivateAsterisk, tmp_path: Path, strace: list[str], home: Path
) -> None:
    made = tmp_path / "house"
    subprocess.run(
        [sys.executable, "-m", "ivr", "init", str(made), "--template", "practice"], check=True, capture_output=True
    )
    trace = tmp_path / "trace"
    done = subprocess.run(
        [*traced(strace, trace), sys.executable, "-m", "ivr", *words], cwd=made, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    said = trace.read_text(errors="replace")
    assert said and reached(said) == set(), json.dumps(sorted(reached(said)))
    assert written(said, [made, tmp_path / "scratch", ROOT / "audio/cache", CACHE / "encoder"]) == set()
    assert list(home.iterdir()) == []
