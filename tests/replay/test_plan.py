"""Settings of the command line over those of the environment over those of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.config.load import ConfigError
from ivr.replay.plan import with_settings


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("IVR_MODEL_EN", raising=False)
    path = tmp_path / "config.toml"
    path.write_text('[speech_in]\nmodel_en = "of-the-file"\n', "utf-8")
    return path


def test_settings_environment_holds_with_and_without_them(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_MODEL_EN", "of-the-environment")
    assert with_settings(file, []).speech_in.model_en == "of-the-environment"
    changed = with_settings(file, ["speech_in.end_silence_open_ms=500"]).speech_in
    assert (changed.model_en, changed.end_silence_open_ms) == ("of-the-environment", 500)


def test_settings_command_line_stands_over_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_MODEL_EN", "of-the-environment")
    assert with_settings(file, ["speech_in.model_en=asked"]).speech_in.model_en == "asked"


@pytest.mark.parametrize(
    ("text", "setting", "said"),
    [
        ("[speech_in", "web.port=1", "config.toml:1: not TOML: the name of a table is not closed"),
        ("speech_in = 3", "speech_in.model_en=x", "config.toml with --set: [speech_in]: 3 is no table"),
        (
            "",
            "speech_in.no_such=1",
            "config.toml with --set: [speech_in] no_such: there is no such key; known here are threads, ",
        ),
        ("", "speech_in.model_en", "--set speech_in.model_en: write TABLE.KEY=VALUE"),
    ],
)
def test_settings_wrong_are_told_with_their_place(file: Path, text: str, setting: str, said: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as told:
        with_settings(file, [setting])
    assert said in str(told.value)


def test_settings_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        with_settings(tmp_path / "none.toml", ["web.port=1"])


def test_relative_paths_count_from_the_folder_of_the_settings_whatever_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "house" / "config.toml"
    file.parent.mkdir()
    file.write_text('[sources]\nshop = "sqlite:///var/shop.db"\n')
    monkeypatch.chdir(tmp_path)
    for settings in ([], ["database.url=sqlite:///other.db"]):
        config = with_settings(Path("house/config.toml"), settings)
        name = "other.db" if settings else "var/ivr.db"
        assert config.database.url == f"sqlite:///{file.parent}/{name}"
        assert config.sources == {"shop": f"sqlite:///{file.parent}/var/shop.db"}
