"""A private Asterisk: found or unpacked, configured for loopback, started, stopped, nothing left behind."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.own_files import write_alone
from ivr.lab.asterisk import conf
from ivr.lab.ports import free_port, free_rtp
from ivr.provision.debian import ASTERISK, Found, get, triplet

FIRST = ("setpriv", "--pdeathsig", "KILL", "nice", "-n", "-10")
"""It ends with us, though we be killed. And an exchange that is late drops what callers say: where that may not be asked for,
`nice` says so and goes on without."""


class AsteriskFailed(Exception):
    """The private Asterisk did not come up; the message carries the end of its log."""


def free_ports() -> conf.Ports:
    """A set of free ports; raises NoPortFree."""
    low, high = free_rtp()
    return conf.Ports(free_port(), free_port(), free_port(), low, high, free_port())


@dataclass(frozen=True, slots=True)
class Installed:
    """An Asterisk with what it needs to be started from a directory of its own."""

    found: Found
    modules: Path
    data: Path

    @classmethod
    def get(cls, cache: Path) -> Installed:
        """Find or unpack it; raises PartMissing or AsteriskFailed."""
        found = get(ASTERISK, cache)
        base = found.root or Path("/")
        places = (base / "usr/lib" / triplet() / "asterisk/modules", base / "usr/lib/asterisk/modules")
        modules = next((place for place in places if place.is_dir()), None)
        if modules is None:
            raise AsteriskFailed(
                f"Asterisk's modules were not found under {base}: is the asterisk-modules package there?"
            )
        if not (modules / "app_audiosocket.so").exists():
            raise AsteriskFailed(
                f"{found.path} has no app_audiosocket: Asterisk 18 or newer with that module is needed."
            )
        return cls(found, modules, base / "usr/share/asterisk")


class AsteriskProcess:
    """One Asterisk that runs in a directory of its own."""

    def __init__(self, where: Path, installed: Installed) -> None:
        self.where = where
        self._installed = installed
        self._process: subprocess.Popen[bytes] | None = None

    def write(self, files: Mapping[str, str], secret: Collection[str] = ()) -> None:
        """Write its configuration; ``secret`` are the files that only we may read."""
        etc, run = self.where / "etc", self.where / "run"
        for folder in (etc, run / "lib/keys", run / "log", run / "spool"):
            folder.mkdir(parents=True, exist_ok=True)
        first = {"asterisk.conf": conf.asterisk_conf(etc, run, self._installed.modules, self._installed.data)}
        for name, text in (first | dict(files)).items():
            if name in secret:
                write_alone(etc / name, text)
            else:
                (etc / name).write_text(text)

    def launch(self, ami_port: int, user: str, secret: str, timeout_s: float = 30) -> None:
        """Start it and wait until it has fully booted; raises AsteriskFailed."""
        found = self._installed.found
        words = [*FIRST, *found.command(), "-f", "-C", str(self.where / "etc/asterisk.conf")]
        env = {**os.environ, **found.environment()}
        with (self.where / "run/console").open("wb") as console:
            # of its own session: Ctrl-C is pressed for us, and we stop it when our calls are done
            self._process = subprocess.Popen(
                words, stdout=console, stderr=console, stdin=subprocess.DEVNULL, env=env, start_new_session=True
            )
        deadline = time.monotonic() + timeout_s
        while not _booted(ami_port, user, secret):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AsteriskFailed(f"Asterisk did not start; the end of its log:\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def log(self) -> str:
        """Everything it has logged."""
        texts = [self.where / "run/log/messages", self.where / "run/console"]
        return "\n".join(path.read_text(errors="replace") for path in texts if path.exists())

    @property
    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process is not None and self._process.poll() is not None

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


def _booted(port: int, user: str, secret: str) -> bool:
    """Ask the manager whether Asterisk is fully booted (it says so after the sign-in)."""
    try:
        with socket.create_connection(("127.0.0.1", port), 0.5) as wire:
            wire.settimeout(1.5)
            wire.sendall(f"Action: Login\r\nUsername: {user}\r\nSecret: {secret}\r\n\r\n".encode())
            said = b""
            while b"FullyBooted" not in said:
                got = wire.recv(4096)
                if not got:
                    return False
                said += got
            return True
    except OSError:
        return False


class PrivateAsterisk(AsteriskProcess):
    """The Asterisk that the server works with: the operator's own files beside the lab's callers and phones.

    ``where`` is its directory (configuration, logs, sockets); ``house`` the operator's Asterisk files; ``phones`` has the
    passwords of the accounts by their numbers, ``in_pages`` those of them that are in browsers.
    """

    def __init__(
        self,
        where: Path,
        house: Path,
        installed: Installed,
        ports: conf.Ports,
        phones: Sequence[str],
        settings: Sequence[str],
        in_pages: Sequence[str] = (),
    ) -> None:
        super().__init__(where.resolve(), installed)
        self.house = house.resolve()
        self.installed = installed
        self.ports = ports
        self.secret = secrets.token_urlsafe(24)
        self.lab_secret = secrets.token_urlsafe(24)
        self.phones = {phone: secrets.token_urlsafe(9) for phone in phones}
        self._settings = tuple(settings)
        self._in_pages = tuple(in_pages)

    @classmethod
    def prepare(
        cls,
        where: Path,
        house: Path,
        cache: Path,
        phones: Sequence[str] = (),
        settings: Sequence[str] = (),
        ports: conf.Ports | None = None,
        in_pages: Sequence[str] = (),
    ) -> PrivateAsterisk:
        """Get Asterisk and write its configuration with fresh secrets."""
        made = cls(where, house, Installed.get(cache), ports or free_ports(), phones, settings, in_pages)
        made._configure()
        return made

    def _configure(self) -> None:
        etc = self.where / "etc"
        # The manager's password lies in the directory of the configuration, beside copies of the operator's own files.
        house = {file.name: file.read_text() for file in self.house.glob("*_ivr.conf")}
        files = {
            **house,
            "modules.conf": conf.modules_conf(),
            "extensions.conf": conf.extensions_conf(self.ports, etc, self._settings),
            **conf.small_files(self.ports, etc),
            "manager_ivr_secret.conf": f"secret = {self.secret}\n",
            "manager.conf": conf.manager_conf(self.ports, etc, self.lab_secret),
            "pjsip.conf": conf.pjsip_conf(self.ports, self.phones, self._in_pages),
        }
        self.write(files, secret={"manager_ivr_secret.conf", "manager.conf", "pjsip.conf"})

    def start(self, timeout_s: float = 30) -> None:
        """Start it and wait until it has fully booted; raises AsteriskFailed."""
        self.launch(self.ports.ami, "ivr", self.secret, timeout_s)
