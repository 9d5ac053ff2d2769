"""Programs from Debian's packages: where they are looked for, what is written for apt, and flite for real."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ivr.adapters.sound.telephone import read_wav
from ivr.provision import debian, whole
from ivr.provision.debian import FLITE, RHVOICE, Found, Part, PartMissing


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs in front of the machine's own; its apt-get knows one mirror, written in ``mirror``."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "apt-get").write_text(f"#!/bin/sh\ncat {tmp_path}/mirror\n")
    (folder / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return tmp_path / "mirror"


@pytest.mark.parametrize(
    ("mirror", "part", "line"),
    [
        ("Debian|http://d/debian|bookworm", FLITE, "http://d/debian bookworm main"),
        ("Debian|http://d/debian|bookworm", RHVOICE, "http://d/debian bookworm main contrib non-free"),
        ("Debian|http://d/debian|bookworm", debian.ASTERISK, "http://d/debian sid main"),
        ("Ubuntu|http://u/ubuntu|noble", FLITE, "http://u/ubuntu noble main universe"),
        ("Ubuntu|http://u/ubuntu|noble", RHVOICE, "http://u/ubuntu noble main universe multiverse"),
        ("Google|http://g|x\nDebian|http://d/debian-security|x-security\nDebian|http://d/debian|trixie", FLITE,
         "http://d/debian trixie main"),
    ],
)  # fmt: skip
def test_source_is_the_machine_s_own_mirror(mirror: str, part: Part, line: str, apt: Path) -> None:
    apt.write_text(mirror + "\n")
    written = debian._sources(part)
    assert written.endswith(f"] {line}") and written.startswith("deb [signed-by=/usr/share/keyrings/")


def test_no_mirror_is_said_so(apt: Path) -> None:
    apt.write_text("Google|http://g|x\n")
    with pytest.raises(PartMissing, match="apt-get update"):
        debian._sources(FLITE)


@pytest.mark.parametrize("part", [FLITE, RHVOICE])
def test_named_program_wins(part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "mine"
    program.write_text("#!/bin/sh\n")
    monkeypatch.setenv(f"IVR_{part.name.upper()}", str(program))
    with pytest.raises(PartMissing, match="not a program that can be run"):
        debian.locate(part, tmp_path)
    program.chmod(0o755)
    assert debian.locate(part, tmp_path) == Found(program, None)


@pytest.mark.parametrize("part", [FLITE, RHVOICE])
def test_unpacked_program_is_found_with_its_libraries(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_UNPACKED_ONLY", "1")
    assert debian.locate(part, tmp_path) is None
    root = tmp_path / "debian" / part.program / "root"
    program = root / "usr/bin" / part.program
    program.parent.mkdir(parents=True)
    program.touch()
    found = debian.locate(part, tmp_path)
    assert found == Found(program, root) and found.command() == [str(program)]
    assert f"{root}/usr/lib/{debian.triplet()}" in found.environment()["LD_LIBRARY_PATH"]


@pytest.mark.parametrize("harm", ["cut short", "gone"])
def test_unpacked_program_that_is_damaged_is_none(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_UNPACKED_ONLY", "1")
    root = tmp_path / "debian/flite/root"
    library = root / "usr/lib/libflite.so.1"
    for file in (root / "usr/bin/flite", library):
        file.parent.mkdir(parents=True)
        file.write_text("whole")
    whole.note(root)
    assert debian.locate(FLITE, tmp_path)
    library.write_text("who") if harm == "cut short" else library.unlink()
    assert whole.damaged(root) == "usr/lib/libflite.so.1" and debian.locate(FLITE, tmp_path) is None


def test_machine_without_apt_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("IVR_UNPACKED_ONLY", "1")
    with pytest.raises(PartMissing, match="set IVR_FLITE to the program"):
        debian.get(FLITE, tmp_path)


def unpacked(tmp_path: Path, code: int) -> Found:
    program = tmp_path / "flite/root/usr/bin/flite"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho libx.so is missing: $1\nexit {code}\n")
    program.chmod(0o755)
    return Found(program, tmp_path / "flite/root")


@pytest.mark.parametrize("code", [0, 1])
def test_what_was_got_counts_once_it_has_run(code: int, tmp_path: Path) -> None:
    found = unpacked(tmp_path, code)
    assert debian._tried(FLITE, found) is found and found.path.exists()


def test_what_was_got_and_cannot_be_started_is_thrown_away(tmp_path: Path) -> None:
    with pytest.raises(PartMissing, match=r"cannot be started here \(libx.so is missing: --version\): install flite"):
        debian._tried(FLITE, unpacked(tmp_path, 127))
    assert not (tmp_path / "flite").exists()


def test_archive_that_cannot_be_unpacked_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache/archives").mkdir(parents=True)
    (tmp_path / "root").mkdir()
    (tmp_path / "cache/archives/a.deb").write_text("no archive")
    with pytest.raises(PartMissing, match="flite cannot be unpacked"):
        debian._unpack_archives(FLITE, tmp_path)


def test_flite_is_fetched_unpacked_and_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real packages from the machine's own mirror, as for somebody who may install nothing."""
    monkeypatch.setenv("IVR_UNPACKED_ONLY", "1")
    try:
        found = debian.get(FLITE, tmp_path)
    except PartMissing as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    assert found.root and found.path.is_relative_to(tmp_path)
    words = [*found.command(), "-voice", "slt", "-t", "Hello there.", "-o", str(tmp_path / "x.wav")]
    subprocess.run(words, check=True, env={**os.environ, **found.environment()})
    samples, rate = read_wav(tmp_path / "x.wav")
    assert rate == 16000 and len(samples) > rate // 2
    assert sorted(path.name for path in (tmp_path / "debian").iterdir()) == ["flite"], "nothing half-made is left"
