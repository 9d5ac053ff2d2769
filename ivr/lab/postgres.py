"""A private PostgreSQL on loopback, in a folder of its own: made, started, ended, killed; nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from ivr.provision.debian import Found

PATIENCE_S = 120.0
"""How long a start may take on a busy machine, with a recovery after a kill in it."""


class PostgresFailed(Exception):
    """It did not come up; the message carries the end of its log."""


@dataclass
class PrivatePostgres:
    """One cluster; PostgreSQL refuses root, so as root it runs as a user who may do nothing else. Its methods block."""

    found: Found
    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None

    def _run_as(self) -> str | None:
        if os.geteuid() != 0:
            return None
        return next(name for name in ("postgres", "nobody") if any(user.pw_name == name for user in pwd.getpwall()))

    def _command(self, program: str) -> list[str]:
        words = self.found.command()
        return [*words[:-1], str(Path(words[-1]).resolve().parent / program)]

    def prepare(self) -> None:
        """Make an empty cluster."""
        user = self._run_as()
        if user:
            os.chown(self.folder, pwd.getpwnam(user).pw_uid, -1)
        words = [*self._command("initdb"), "-D", str(self.folder / "data"), "-U", "ivr", "-A", "trust", "-N", "-E", "UTF8",
                 "--locale=C"]  # fmt: skip
        done = subprocess.run(
            words, cwd=self.folder, env=os.environ | self.found.environment(), user=user, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise PostgresFailed(done.stderr)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = (
            "fsync=off",
            "autovacuum=off",  # it would look into each of hundreds of databases again and again
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
        )
        words = [*self._command("postgres"), "-D", str(self.folder / "data")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*words, *(word for option in options for word in ("-c", option))], cwd=self.folder, user=self._run_as(),
                env=os.environ | self.found.environment(), stdout=log, stderr=log,
            )  # fmt: skip
        self.answers()

    def answers(self) -> None:
        """Wait until it does."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.run("SELECT 1")
                return
            except (OSError, asyncpg.PostgresError):
                if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                    raise PostgresFailed((self.folder / "log").read_text()[-3000:]) from None
                time.sleep(0.05)

    def run(self, sql: str, database: str = "postgres") -> None:
        """Run one command, in a thread: whoever asks may have a loop running."""

        async def ask() -> None:
            connection = await asyncpg.connect(host="127.0.0.1", port=self.port, user="ivr", database=database)
            await connection.execute(sql)
            await connection.close()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: asyncio.run(ask())).result()

    def version(self) -> str:
        """Its own words for what it is."""
        words = [*self._command("postgres"), "--version"]
        return subprocess.run(
            words, env=os.environ | self.found.environment(), capture_output=True, text=True, check=True
        ).stdout.strip()

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self._process is not None and self._process.poll() is None

    def processes(self) -> list[int]:
        """Its processes, the first one first."""
        assert self._process
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self._process.pid)], capture_output=True, text=True, check=True
        )
        return [self._process.pid, *map(int, listed.stdout.split())]

    def signal_all(self, name: signal.Signals) -> None:
        """Send a signal to all of its processes."""
        for one in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, name)

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # its "fast shutdown"
            self._process.wait(PATIENCE_S)
            self._process = None

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self.signal_all(signal.SIGKILL)
            self._process.wait(PATIENCE_S)
            self._process = None
