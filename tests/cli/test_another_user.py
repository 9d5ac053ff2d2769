"""`ivr check` and `ivr doctor` by somebody who is not the server's user: what is hidden is said, and the rest looked at."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.cli import doctor
from ivr.cli.init.house import Wanted, make
from ivr.server.data import database, sources
from ivr.server.speech import recordings
from tests.command_line import ivr

NOBODY = 65_534
PARTS = (database.examine, recordings.examine)


@pytest.fixture
def house() -> Iterator[Path]:
    """A house as its own user has it: var/ and secrets/ are for nobody else."""
    outside = Path(tempfile.mkdtemp())  # pytest's own folders are hidden as a whole
    outside.chmod(0o755)
    make(Wanted(outside / "house"))
    for path in (outside / "house", outside / "house/dialplans"):
        path.chmod(0o755)
    (outside / "house/var/recordings").mkdir()
    # what a command loads when it first needs it lies where nobody may look on some machines
    ivr("check", "--config", outside / "house/config.toml")
    doctor.examine(outside / "house/config.toml", PARTS)
    yield outside / "house"
    (outside / "house/var").chmod(0o700)
    shutil.rmtree(outside)


@contextmanager
def somebody_else(hidden: Path) -> Iterator[None]:
    """Root sees everything, and so becomes nobody; who is not root locks themselves out."""
    if os.geteuid() != 0:
        hidden.chmod(0)
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_check_says_what_it_cannot_look_at_and_goes_on(house: Path) -> None:
    with somebody_else(house / "var"):
        done = ivr("check", "--config", house / "config.toml")
    assert done.returncode == 0 and "config.toml: right. dialplans: right: " in done.stdout
    assert [line.partition(": ")[2] for line in done.stderr.splitlines()] == [
        f"[{table}] {key}: {house}/var/{name} cannot be looked at by this user; the server's user may see more"
        for table, key, name in (
            ("recording", "folder", "recordings"),
            ("recording", "corpus", "corpus"),
            ("records", "folder", "records"),
        )
    ]


def test_doctor_goes_on_behind_what_it_cannot_look_at(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(what: object) -> Iterator[doctor.Finding]:
        yield True, f"var has {len(list((house / 'var').iterdir()))}"

    capsys.readouterr()
    with somebody_else(house / "var"):
        doctor.examine(house / "config.toml", (*PARTS, fails, sources.examine))
    told = capsys.readouterr().out
    assert f"✗ database {house}/var/ivr.db: " in told or "✗ database sqlite:///" in told
    assert f"[recording] folder: {house}/var/recordings cannot be looked at by this user" in told
    assert f"· {house}/var: this user may not read or write it" in told
    assert told.rstrip().endswith("problems."), "nothing is wrong that was not said"
