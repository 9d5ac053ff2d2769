"""The Python environment: what was left half-made, or does not fit any more, is made anew; what works is left alone.

Pretended Pythons stand for the machine's and for the environment's own: shell scripts that note down what they are asked for.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ivr.provision.environment import Environment, PartsMissing

LOCK, DEV_LOCK = "requirements.lock", "requirements-dev.lock"
BASE = """#!/bin/sh
echo "base $*" >> {at}/asked
mkdir -p "$3/bin" && touch "$3/pyvenv.cfg" && cp {at}/own "$3/bin/python"
[ -e {at}/without-ensurepip ] && echo "ensurepip is not available" && exit 1
touch "$3/pip"
"""
OWN = """#!/bin/sh
folder=$(dirname "$0")/..
case "$*" in
  "-c import sys, pip"*) [ -e "$folder/pip" ] && cat {at}/version ;;
  *"pip install"*) echo "$*" >> {at}/asked; [ -e {at}/offline ] && echo "ERROR: no network: Connection refused" && exit 1
    mkdir -p "$folder/lib/python3.11/site-packages/aiohttp-3.dist-info" ;;
  *trial*) [ ! -e {at}/library-missing ] || {{ echo "ImportError: libatomic.so.1"; exit 1; }} ;;
esac
"""


@dataclass
class Machine:
    """A checkout on a machine; files in ``at`` say what is wrong with it."""

    at: Path
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self.at / "checkout"
        self.root.mkdir()
        for lock in (LOCK, DEV_LOCK):
            (self.root / lock).write_text(f"{lock} as it is\n")
        for name, text in (("base", BASE), ("own", OWN)):
            (self.at / name).write_text(text.format(at=self.at))
            (self.at / name).chmod(0o755)
        (self.at / "version").write_text("3.11.2\n")

    @property
    def environment(self) -> Environment:
        return Environment(self.root, str(self.at / "base"), self.said.append, "trial")

    def asked(self, lock: str = LOCK) -> list[str]:
        """Provide it, and return what was done for that: "made", and the locks that were installed."""
        log = self.at / "asked"
        log.write_text("")
        self.environment.provide(lock)
        return self.done()

    def done(self) -> list[str]:
        lines = (self.at / "asked").read_text().splitlines()
        locks = [line.rpartition("/")[2] for line in lines if " -r " in line]
        return ["made" for line in lines if line.startswith("base")] + locks

    def fails(self) -> str:
        with pytest.raises(PartsMissing) as failed:
            self.asked()
        assert "\n" not in str(failed.value)
        return str(failed.value)

    def has(self, wrong: str) -> Path:
        (self.at / wrong).touch()
        return self.at / wrong


def test_file_that_is_cut_short_means_all_of_it_anew(machine: Machine) -> None:
    machine.asked()
    site = machine.root / ".venv/lib/python3.11/site-packages"
    (site / "web.py").write_text("whole\n")
    (site / "aiohttp-3.dist-info/RECORD").write_text("web.py,sha256=x,6\naiohttp-3.dist-info/RECORD,,\n")
    assert machine.asked() == []
    (site / "web.py").write_text("who")
    assert machine.asked() == ["made", LOCK] and "web.py in .venv is not as it was installed" in machine.said[-5]


def test_folder_with_a_dollar_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "my $house").mkdir()
    assert "the $ in this name" in Machine(tmp_path / "my $house").fails()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_made_and_filled_once(machine: Machine) -> None:
    assert machine.asked() == ["made", LOCK]
    assert machine.asked() == []
    assert machine.asked(DEV_LOCK) == [DEV_LOCK]
    assert machine.asked() == [] and machine.asked(DEV_LOCK) == []


def test_machine_without_venv_is_told_the_package_and_nothing_is_left(machine: Machine) -> None:
    missing = machine.has("without-ensurepip")
    told = machine.fails()
    assert "`apt install python3-venv`" in told and "-venv`), then run make again" in told
    assert not machine.environment.folder.exists()
    missing.unlink()
    assert machine.asked() == ["made", LOCK]


def test_what_an_earlier_failure_left_behind_is_made_anew(machine: Machine) -> None:
    """A Python without pip: "No module named pip" for ever."""
    folder = machine.environment.folder
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").touch()
    shutil.copy(machine.at / "own", folder / "bin/python")
    assert machine.environment.version() is None
    assert machine.asked() == ["made", LOCK]


def test_interrupted_installation_does_not_count(machine: Machine) -> None:
    machine.asked()
    offline = machine.has("offline")
    (machine.root / LOCK).write_text("another version\n")
    assert (
        "(ERROR: no network: Connection refused): the network was away, or needs a proxy: mend that, then run make"
        in machine.fails()
    )
    (machine.root / LOCK).write_text(f"{LOCK} as it is\n")
    offline.unlink()
    assert machine.asked() == [LOCK], "half of the other version may be there"


def test_parts_that_do_not_work_do_not_count(machine: Machine) -> None:
    missing = machine.has("library-missing")
    assert "do not work on this machine: ImportError: libatomic.so.1" in machine.fails()
    missing.unlink()
    assert machine.asked() == [LOCK] and machine.asked() == []


def test_part_that_has_gone_is_installed_again(machine: Machine) -> None:
    machine.asked()
    shutil.rmtree(next(machine.environment.folder.rglob("*.dist-info")))
    assert machine.asked() == [LOCK]


@pytest.mark.parametrize(("now", "done"), [("3.11.9", [LOCK]), ("3.13.5", ["made", LOCK])])
def test_another_python_after_an_upgrade_of_the_system(machine: Machine, now: str, done: list[str]) -> None:
    machine.asked()
    (machine.at / "version").write_text(f"{now}\n")
    assert machine.asked() == done
    assert machine.asked() == []


def test_python_that_has_gone(machine: Machine) -> None:
    machine.asked()
    (machine.environment.python).unlink()
    assert machine.asked() == ["made", LOCK]


def test_checkout_that_was_moved(machine: Machine) -> None:
    machine.asked()
    machine.root = machine.root.rename(machine.at / "moved")
    assert machine.asked() == ["made", LOCK]


def test_folder_that_is_no_environment_is_left_alone(machine: Machine) -> None:
    own = machine.environment.folder / "letters/mine.txt"
    own.parent.mkdir(parents=True)
    own.touch()
    assert "is not a Python environment" in machine.fails() and own.exists()


def test_link_to_another_environment_is_used_as_it_is(machine: Machine, tmp_path: Path) -> None:
    machine.asked()
    other = tmp_path / "other"
    machine.environment.folder.rename(other)
    machine.environment.folder.symlink_to(other)
    (other / "ready.json").unlink()
    assert machine.asked() == []
    (other / "pip").unlink()
    assert "is a link to an environment that does not work" in machine.fails() and other.exists()


@pytest.mark.parametrize("note", ["", "{", "[]", "{}", '{"python": "3.11.2", "locks": 5, "installed": null}'])
def test_note_that_is_of_no_use(machine: Machine, note: str) -> None:
    machine.asked()
    (machine.environment.folder / "ready.json").write_text(note)
    assert LOCK in machine.asked() and machine.asked() == []
