"""A private Asterisk: found or unpacked, configured for loopback, started, stopped, nothing left behind."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ivr.lab import conf
from ivr.provision.debian import ASTERISK, Found, get, triplet


class AsteriskFailed(Exception):
    """The private Asterisk did not come up; the message carries the end of its log."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port on 127.0.0.1 that is free at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_ports() -> conf.Ports:
    """A set of free ports; the RTP range is found by trying both of its ends."""
    for base in range(20000 + (os.getpid() % 100) * 200, 60000, 400):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as low,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as high,
        ):
            try:
                low.bind(("127.0.0.1", base))
                high.bind(("127.0.0.1", base + 399))
            except OSError:
                continue
        return conf.Ports(free_port(), free_port(socket.SOCK_DGRAM), free_port(), base, base + 399)
    raise AsteriskFailed("no free range of UDP ports was found on 127.0.0.1")


@dataclass(slots=True)
class PrivateAsterisk:
    """One Asterisk of our own.

    ``where`` is its directory (configuration, logs, sockets); ``house`` the operator's Asterisk files.
    """

    where: Path
    house: Path
    cache: Path
    ports: conf.Ports
    secret: str = field(repr=False)
    phones: dict[str, str] = field(repr=False)
    settings: tuple[str, ...] = ()
    lab_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    found: Found | None = None
    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    def prepare(
        cls,
        where: Path,
        house: Path,
        cache: Path,
        phones: Sequence[str] = (),
        settings: Sequence[str] = (),
        ports: conf.Ports | None = None,
    ) -> PrivateAsterisk:
        """Get Asterisk and write its configuration with fresh secrets."""
        made = cls(
            where=where.resolve(),
            house=house.resolve(),
            cache=cache,
            ports=ports or free_ports(),
            secret=secrets.token_urlsafe(24),
            phones={phone: secrets.token_urlsafe(9) for phone in phones},
            settings=tuple(settings),
            found=get(ASTERISK, cache),
        )
        made._configure()
        return made

    def _configure(self) -> None:
        assert self.found is not None
        etc, run = self.where / "etc", self.where / "run"
        for folder in (etc, run / "lib", run / "log", run / "spool"):
            folder.mkdir(parents=True, exist_ok=True)
        # The manager's password lies in the directory of the configuration, beside copies of the operator's own files.
        for file in self.house.glob("*_ivr.conf"):
            shutil.copy(file, etc / file.name)
        _write_secret(etc / "manager_ivr_secret.conf", f"secret = {self.secret}\n")
        base = self.found.root or Path("/")
        modules = next(
            (
                p
                for p in (base / "usr/lib" / triplet() / "asterisk/modules", base / "usr/lib/asterisk/modules")
                if p.is_dir()
            ),
            None,
        )
        if modules is None:
            raise AsteriskFailed(
                f"Asterisk's modules were not found under {base}: is the asterisk-modules package there?"
            )
        if not (modules / "app_audiosocket.so").exists():
            raise AsteriskFailed(
                f"{self.found.path} has no app_audiosocket: Asterisk 18 or newer with that module is needed."
            )
        files = {
            "asterisk.conf": conf.asterisk_conf(etc, run, modules, base / "usr/share/asterisk"),
            "modules.conf": conf.modules_conf(),
            "manager.conf": conf.manager_conf(self.ports, etc, self.lab_secret),
            "extensions.conf": conf.extensions_conf(self.ports, etc, self.settings),
            **conf.small_files(self.ports, etc),
        }
        for name, text in files.items():
            if name == "manager.conf":
                _write_secret(etc / name, text)
            else:
                (etc / name).write_text(text)
        _write_secret(etc / "pjsip.conf", conf.pjsip_conf(self.ports, self.phones))

    def start(self, timeout_s: float = 30) -> None:
        """Start it and wait until it has fully booted; raises AsteriskFailed."""
        assert self.found is not None
        words = [*self.found.command(), "-f", "-C", str(self.where / "etc/asterisk.conf")]
        env = {**os.environ, **self.found.environment()}
        with (self.where / "run/console").open("wb") as console:
            self._process = subprocess.Popen(words, stdout=console, stderr=console, stdin=subprocess.DEVNULL, env=env)
        deadline = time.monotonic() + timeout_s
        while not self._booted():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AsteriskFailed(f"Asterisk did not start; the end of its log:\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def _booted(self) -> bool:
        """Ask the manager whether Asterisk is fully booted (it says so after the sign-in)."""
        try:
            with socket.create_connection(("127.0.0.1", self.ports.ami), 0.5) as wire:
                wire.settimeout(1.5)
                wire.sendall(f"Action: Login\r\nUsername: ivr\r\nSecret: {self.secret}\r\n\r\n".encode())
                said = b""
                while b"FullyBooted" not in said:
                    got = wire.recv(4096)
                    if not got:
                        return False
                    said += got
                return True
        except OSError:
            return False

    def log(self) -> str:
        """Everything it has logged."""
        texts = [self.where / "run/log/messages", self.where / "run/console"]
        return "\n".join(path.read_text(errors="replace") for path in texts if path.exists())

    @property
    def pid(self) -> int:
        """The process id while it runs."""
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        """Stop it; kill it when it does not obey within five seconds."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
