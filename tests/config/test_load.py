"""config.toml: what stands in it is what holds without it, and every mistake is told with its key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ivr.config.load import Config, ConfigError, ami_secret, load, parse, read
from ivr.config.tables import Routing
from ivr.core.routing import Policy
from tests.conftest import ROOT

FILE = ROOT / "config.toml"
TEXT = FILE.read_text(encoding="utf-8")


def tables() -> dict[str, type[BaseModel]]:
    return {name: field.annotation for name, field in Config.model_fields.items()}  # type: ignore[misc]


def problems(raw: dict[str, Any], environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        parse(raw, "my.toml", environment or {})
    assert str(refused.value) == "\n".join(refused.value.problems)
    return refused.value.problems


# -- the file that comes with the project


def test_file_has_the_defaults() -> None:
    # the sample dialogues ask the sample shop's books
    assert parse(read(FILE), "config.toml", {}) == Config(sources={"shop": "sqlite:///var/shop.db"})


def test_file_has_every_key_in_the_order_of_the_code() -> None:
    raw = tomllib.loads(TEXT)
    assert list(raw) == list(tables())
    for name, table in tables().items():
        if name != "sources":  # names of the operator's own
            assert list(raw[name]) == list(table.model_fields), name


def test_every_key_is_explained() -> None:
    table = ""
    for line in TEXT.splitlines():
        if line.startswith("["):
            table = line.strip("[]")
        elif "=" in line and not line.startswith("#"):
            key = line.split("=")[0].strip()
            # a port says by its name what it is
            # … and the tiers stand under the first of them
            assert (
                key in ("port", "priority_gold", "priority_vip")
                or key.startswith("voice_")
                or re.search(r"#\s*\S.{5,}", line)
            ), f"[{table}] {key}"


def test_routing_s_defaults_are_those_of_the_decisions() -> None:
    assert Policy(**Routing().policy()) == Policy()


def test_file_has_no_secret() -> None:
    assert not re.search(r"(?i)(password|secret|token)\s*=\s*\"[^\"]+\"", TEXT)


def test_empty_settings_are_the_defaults() -> None:
    assert parse({}, "my.toml", {}) == Config()


# -- what is wrong: test_mistakes.py has the table


def test_every_mistake_is_told_at_once() -> None:
    found = problems({"web": {"port": -1, "prot": 1}, "log": {"level": "loud"}})
    assert [problem.split(":")[1].strip() for problem in found] == ["[web] port", "[web] prot", "[log] level"]


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().web.port = 1  # type: ignore[misc]


# -- the file


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ivr\.toml: there is no such file; `ivr init FOLDER` makes a house"):
        load(tmp_path / "ivr.toml", {})


def test_file_that_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "ivr.toml"
    path.write_text("[web\nport = 1")
    with pytest.raises(ConfigError, match=r"ivr\.toml:1: not TOML: the name of a table is not closed"):
        load(path, {})


def test_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "ivr.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"ivr\.toml:1: is no UTF-8 text, it looks like UTF-16"):
        load(path, {})
    with pytest.raises(ConfigError, match="is a folder, and a file is needed"):
        load(tmp_path, {})


# -- the environment


def test_environment_wins() -> None:
    environment = {
        "IVR_DATABASE_URL": "postgresql://ivr@db/ivr",
        "IVR_MODEL_EN": "/models/en",
        "IVR_MODEL_ZH": "off",
        "IVR_X": "y",
    }
    raw = {"database": {"url": "sqlite:///x.db", "country": "CN"}}
    config = parse(raw, "my.toml", environment)
    assert (config.database.url, config.database.country) == ("postgresql://ivr@db/ivr", "CN")
    assert (config.speech_in.model_en, config.speech_in.model_zh) == ("/models/en", "off")
    assert raw == {"database": {"url": "sqlite:///x.db", "country": "CN"}}, "what was read stays as it was"


def test_empty_variables_are_none() -> None:
    assert parse({}, "my.toml", {"IVR_DATABASE_URL": "", "IVR_MODEL_EN": ""}) == Config()


def test_environment_does_not_hide_a_table_that_is_none() -> None:
    found = problems({"database": "sqlite:///x.db"}, {"IVR_DATABASE_URL": "sqlite:///y.db"})
    assert found == ["my.toml: [database]: 'sqlite:///x.db' is no table, and one is needed"]


def test_mistake_of_the_environment_names_the_variable() -> None:
    found = problems({}, {"IVR_DATABASE_URL": "mysql://me:hunter2@db/ivr"})
    assert found == [
        "IVR_DATABASE_URL: 'mysql://me:…@db/ivr' is no database: write sqlite:///FILE or postgresql://USER@HOST/NAME"
    ]


# -- the password of Asterisk's manager


def with_file(path: Path | str) -> Config:
    return parse({"asterisk": {"secret_file": str(path)}}, "my.toml", {})


def test_secret_from_the_environment_wins(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("from the file\n")
    assert ami_secret(with_file(path), {"IVR_AMI_SECRET": "from outside"}) == "from outside"
    assert ami_secret(with_file(path), {}) == "from the file"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, r"no password for Asterisk's manager: set IVR_AMI_SECRET, or \[asterisk\] secret_file"),
        ("", r"\[asterisk\] secret_file: .*secret is empty"),
        (" \n", r"\[asterisk\] secret_file: .*secret is empty"),
        ("missing", r"\[asterisk\] secret_file: .*secret: there is no such file"),
        ("folder", r"\[asterisk\] secret_file: .*secret: is a folder, and a file"),
        pytest.param(
            "binary",
            r"\[asterisk\] secret_file: .*secret is no UTF-8 text",
        ),
    ],
)
def test_secret_that_cannot_be_had(content: str | None, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    match content:
        case None:
            path = Path()
        case "missing":
            pass
        case "folder":
            path.mkdir()
        case "binary":
            path.write_bytes(b"\xff\xfe\x80")
        case _:
            path.write_text(content)
    config = with_file("" if content is None else path)
    with pytest.raises(ConfigError, match=sentence):
        ami_secret(config, {})


def test_what_is_wrong_never_shows_a_password() -> None:
    found = problems({"database": {"url": 5}}, {"IVR_DATABASE_URL": ""})
    assert found == ["my.toml: [database] url: 5 is no text: write it between quotes"]


def test_speech_servers_are_one_or_several() -> None:
    config = parse({"speech_in": {"remote_en": "ws://ears:2700", "remote_zh": ["ws://a:1", "wss://b"]}}, "my.toml", {})
    assert config.speech_in.remote_en == ("ws://ears:2700",)
    assert config.speech_in.remote_zh == ("ws://a:1", "wss://b")
    assert parse({"speech_in": {"remote_en": ""}}, "my.toml", {}).speech_in.remote_en == ()
