"""The Python parts in ``.venv``: made, filled, tried, and made anew when they do not work any more.

Runs with the machine's own Python, before there is anything else; standard library only. What is there counts while the
note beside it (``.venv/ready.json``) is true: the note is written after the parts have been tried, and removed before
anything is changed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ivr.core.told import Told
from ivr.provision import whole
from ivr.provision.running import Say, run, to_stderr

_STATE = "import sys, pip; print('.'.join(map(str, sys.version_info[:3])))"
_TRIAL = "import ivr.server.app; from ivr.adapters.speech_out.pyttsx3_child import bindings; bindings()"


class PartsMissing(Told):
    """The Python parts cannot be had; the message says in one sentence what to do."""


@dataclass(frozen=True)
class Environment:
    """The environment of the checkout ``root``."""

    root: Path
    base: str = sys.executable
    """The Python that it is made with."""
    say: Say = to_stderr
    trial: str = _TRIAL
    """What the parts must be able to do before they count."""

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """Its own Python."""
        return self.folder / "bin/python"

    def provide(self, lock: str) -> None:
        """Make sure that everything in a lock file is there and works. Raises PartsMissing."""
        if "$" in str(self.root):  # distutils, which one package is still built with
            raise PartsMissing(
                f"{self.root}: Python's installer takes the $ in this name for the beginning of a variable: move the checkout to "
                "a folder without one, then run make again."
            )
        if self.folder.is_symlink():
            return self._borrow()
        note, version = self._note(), self.version()
        broken = self._broken() if version and note else None
        if note and note.get("python") == version and self._holds(note, lock) and not broken:
            return
        if broken:
            self.say(f"{broken} in .venv is not as it was installed, so all of it is made anew …")
        if version is None or broken or (note and not self._is_of_here(note, version)):
            self._make()
        self._fill(lock)

    def version(self) -> str | None:
        """The version of its Python; None where it does not run, or has no pip."""
        try:
            done = subprocess.run([self.python, "-c", _STATE], capture_output=True, text=True, check=False)
        except OSError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    def _borrow(self) -> None:
        if self.version() is None:
            raise PartsMissing(
                f"{self.folder} is a link to an environment that does not work (its Python does not run, or has no pip): "
                "make it anew where it is, or remove the link, then run make again."
            )

    def _broken(self) -> str | None:
        sites = list(self.folder.glob("lib/python3*/site-packages"))
        return next((name for site in sites if (name := whole.damaged_packages(site))), None)

    # -- the note

    def _note(self) -> dict[str, object] | None:
        try:
            note = json.loads((self.folder / "ready.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return note if isinstance(note, dict) else None

    def _holds(self, note: dict[str, object], lock: str) -> bool:
        """Whether all that was installed is there still, by this lock file or by one that holds more."""
        locks, installed = note.get("locks"), note.get("installed")
        return (
            note.get("root") == str(self.root)
            and isinstance(locks, dict)
            and locks.get(lock) == self._sum(lock)
            and isinstance(installed, list)
            and set(installed) <= set(self._installed())
        )

    def _is_of_here(self, note: dict[str, object], version: str) -> bool:
        """Whether it was made here and with this Python: packages of 3.11 are of no use to 3.13."""
        of = str(note.get("python")).split(".")[:2]
        return note.get("root") == str(self.root) and of == version.split(".")[:2]

    def _sum(self, lock: str) -> str:
        return hashlib.sha256((self.root / lock).read_bytes()).hexdigest()

    def _installed(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("lib/python3*/site-packages/*.dist-info"))

    def _write_note(self, lock: str, before: dict[str, object] | None) -> None:
        locks = (before or {}).get("locks")
        note = {
            "python": self.version(),
            "root": str(self.root),
            "locks": {**(locks if isinstance(locks, dict) else {}), lock: self._sum(lock)},
            "installed": self._installed(),
        }
        (self.folder / "ready.json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")

    # -- making and filling

    def _make(self) -> None:
        """A new, empty one; what lies there is removed if it is an environment, or the rest of one."""
        self._remove()
        self.say("Making a Python environment in .venv …")
        done = run([self.base, "-m", "venv", str(self.folder)], "making .venv", self.say)
        if done.code == 0 and self.version():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        if "ensurepip" in done.said or "No module named venv" in done.said:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise PartsMissing(
                f"This machine's Python {version} cannot make environments yet: install its venv package (as root: "
                f"`apt install python3-venv`, or `apt install python{version}-venv`), then run make again."
            )
        raise PartsMissing(f"{self.base} could not make an environment in {self.folder}: {done.why()}")

    def _remove(self) -> None:
        if not self.folder.exists():
            return
        if not (self.folder / "pyvenv.cfg").is_file() and any(self.folder.iterdir()):
            raise PartsMissing(
                f"{self.folder} is not a Python environment (it has no pyvenv.cfg), so it is left alone: move it away, then "
                "run make again."
            )
        self.say(
            "The Python environment in .venv does not work any more (a file, its Python, pip or place is another) …"
        )
        shutil.rmtree(self.folder)

    def _fill(self, lock: str) -> None:
        before = self._note()
        (self.folder / "ready.json").unlink(missing_ok=True)
        self.say("Installing the Python parts into .venv (a minute or two the first time) …")
        self._pip("--require-hashes", "-r", str(self.root / lock))
        self._pip("--no-deps", "--no-build-isolation", "-e", str(self.root))
        self.say("Trying the Python parts …")
        done = run([str(self.python), "-c", self.trial], "trying them", self.say, cwd=self.root)
        if done.code != 0:
            raise PartsMissing(f"The Python parts are installed, but do not work on this machine: {done.why()}")
        self._write_note(lock, before)

    def _pip(self, *words: str) -> None:
        words = (str(self.python), "-m", "pip", "install", "--no-input", "--progress-bar", "off", *words)
        done = run(words, "pip is installing", self.say)
        if done.code != 0:
            raise PartsMissing(
                f"pip could not install the Python parts ({done.why()}): {_mend(done.said)}, then run make again; what has been "
                "fetched is kept."
            )


def _mend(said: str) -> str:
    """What is to be done about what pip said."""
    if "No space left on device" in said:
        return "make room on the disk"
    if any(
        sign in said
        for sign in ("Connection", "Temporary failure", "Network is unreachable", "timed out", "ProxyError")
    ):
        return "the network was away, or needs a proxy: mend that"
    return "see what it names; if a package could not be found, the network or its index was away"
