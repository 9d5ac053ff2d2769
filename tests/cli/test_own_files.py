"""Nothing that a command writes goes over a file that it has not made."""

from __future__ import annotations

import io
import os
import wave
from pathlib import Path

import pytest
import soundfile

from ivr.adapters.own_files import MADE_BY, NotOurs, marked_wav, owner_alone, refuse_others, write_alone, write_own
from ivr.adapters.sound.telephone import wav_bytes
from ivr.corpus.format import CorpusError
from ivr.replay.making import public_sets, script
from ivr.replay.report import run_folder
from tests.command_line import ROOT, ivr

SETTINGS = ROOT / "config.toml"
THEIRS: dict[str, bytes] = {
    "a dialogue": b'[intents.late]\ntitle = "late"\n',
    "a picture of somebody else": b"<svg xmlns='http://www.w3.org/2000/svg'></svg>",
    "a recording": wav_bytes(b"\1\2" * 800),
    "a table": b"file,text\na.wav,hello\n",
    "anything": bytes(range(256)),
}
COMMANDS: dict[str, tuple[str, ...]] = {
    "graph": ("graph", "FILE"),
    "say": ("say", "Hello", "--to", "FILE"),
    "manifest": ("manifest", "--csv", "FILE"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize("theirs", THEIRS.values(), ids=THEIRS.keys())
def test_file_of_somebody_else_stays(command: tuple[str, ...], theirs: bytes, tmp_path: Path) -> None:
    path = tmp_path / "intents.toml"
    path.write_bytes(theirs)
    done = ivr(*(path if word == "FILE" else word for word in command), "--config", SETTINGS)
    assert done.returncode != 0 and path.read_bytes() == theirs
    assert f"{path}: is there already, and was not made by this command" in done.stderr


@pytest.mark.parametrize("command", [COMMANDS["graph"], COMMANDS["manifest"]], ids=["graph", "manifest"])
def test_own_file_is_written_anew(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "made"
    path.touch()
    for _ in range(2):
        assert ivr(*(path if word == "FILE" else word for word in command), "--config", SETTINGS).returncode == 0
    assert path.stat().st_size > 1000


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotOurs, match="is a folder, and a file is needed"):
        write_own(tmp_path, b"x")


def test_marked_sound_is_sound_as_before(tmp_path: Path) -> None:
    plain = wav_bytes(b"\1\2" * 801)
    path = tmp_path / "a.wav"
    write_own(path, marked_wav(plain))
    refuse_others(path)
    write_own(path, marked_wav(plain))
    with wave.open(io.BytesIO(plain)) as one, wave.open(str(path)) as other:
        assert one.readframes(9999) == other.readframes(9999) and one.getparams() == other.getparams()
    assert soundfile.info(path).frames == 801


def test_report_goes_into_no_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("theirs")
    with pytest.raises(CorpusError, match="holds something else than a run"):
        run_folder.begin(tmp_path, {})
    (tmp_path / "index.html").unlink()
    run_folder.begin(tmp_path, {})
    (tmp_path / "index.html").write_text("ours")
    run_folder.begin(tmp_path, {})


@pytest.mark.parametrize("name", ["late.toml", "late.wav"])
def test_made_call_takes_no_recorded_one_s_place(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b'origin = "recorded"\n')
    with pytest.raises(NotOurs):
        script._refuse_others(tmp_path / "late")
    with pytest.raises(NotOurs):
        public_sets._write("late", None, {"tags": ["x"]}, tmp_path)
    public_sets._write("other", None, {"tags": ["x"]}, tmp_path)
    public_sets._write("other", None, {"tags": ["y"]}, tmp_path)
    assert MADE_BY in (tmp_path / "other.toml").read_text()


def test_file_of_the_owner_alone_is_that_from_its_first_byte_on(tmp_path: Path) -> None:
    secret, before = tmp_path / "secret", os.umask(0)
    try:
        write_alone(secret, "one", "x")
        assert secret.stat().st_mode & 0o777 == 0o600
        with pytest.raises(FileExistsError):
            write_alone(secret, "two", "x")
        secret.chmod(0o644)
        write_alone(secret, "three")
        assert secret.stat().st_mode & 0o777 == 0o600 and secret.read_text() == "three"
        with open(secret, "a", opener=owner_alone) as file:
            file.write("!")
        assert secret.read_text() == "three!"
    finally:
        os.umask(before)
