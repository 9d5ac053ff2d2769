"""config.toml: what stands in it is what holds without it, and every mistake is told with its key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ivr.config import Config, ConfigError, ami_secret, load, parse
from ivr.config_tables import Routing
from ivr.core.routing import Policy

FILE = Path(__file__).parent.parent / "config.toml"
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
    assert load(FILE, {}) == Config(sources={"shop": "sqlite:///var/shop.db"})


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


# -- what is wrong

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown table": ({"asterix": {}}, "my.toml: asterix: unknown key; known here are asterisk, media, web,"),
    "unknown key": (
        {"asterisk": {"hots": "x"}}, "my.toml: [asterisk] hots: unknown key; known here are host, port, username, secret_file",
    ),
    "a table that is none": ({"web": 8080}, "my.toml: web: Input should be a valid dictionary or instance of Web, not 8080"),
    "text for a number": (
        {"media": {"port": "high"}}, "my.toml: [media] port: Input should be a valid integer",
    ),
    "port too high": ({"web": {"port": 70_000}}, "my.toml: [web] port: Input should be less than or equal to 65535, not 70000"),
    "empty host": ({"web": {"host": ""}}, "my.toml: [web] host: String should have at least 1 character, not ''"),
    "country in words": ({"database": {"country": "Germany"}}, "my.toml: [database] country: String should match pattern"),
    "negative time": (
        {"dialogue": {"lookup_wait_ms": -1}}, "my.toml: [dialogue] lookup_wait_ms: Input should be greater",
    ),
    "too short for anybody": ({"dialogue": {"robot_max_s": 5}}, "my.toml: [dialogue] robot_max_s: Input should be greater"),
    "speech that never begins": ({"speech_in": {"begin_ms": 500}}, "my.toml: [speech_in] begin_ms: Input should be less"),
    "provider that anybody could listen to": (
        {"oidc": {"issuer": "http://id.example", "client_id": "x", "redirect_uri": "https://h/b"}},
        "my.toml: [oidc] issuer: Value error, write an https:// address; http:// is for a trial on this machine only",
    ),
    "no address at all": ({"oidc": {"redirect_uri": "/back"}}, "my.toml: [oidc] redirect_uri: Value error, write an https://"),
    "provider without a client": (
        {"oidc": {"issuer": "https://id.example"}}, "my.toml: oidc: Value error, an issuer needs client_id and redirect_uri",
    ),
    "groups that are never asked for": (
        {"oidc": {"roles": {"leads": "supervisor"}}}, "my.toml: oidc: Value error, role_claim and roles go together",
    ),
    "role that does not exist": (
        {"oidc": {"role_claim": "groups", "roles": {"leads": "king"}}}, "my.toml: [oidc] roles.leads: Input should be 'agent'",
    ),
    "CRM without an address": ({"directory": {"kind": "http"}}, "my.toml: directory: Value error, http needs url"),
    "file without a path": ({"directory": {"kind": "csv"}}, "my.toml: directory: Value error, csv needs file"),
    "CRM that is told no number": (
        {"directory": {"url": "https://crm.example.com/all"}}, "my.toml: [directory] url: Value error, write an address with",
    ),
    "CRM at a host that the caller chooses": (
        {"directory": {"url": "https://{number}.example.com/"}}, "my.toml: [directory] url: Value error, write an address",
    ),
    "CRM with a password in its address": (
        {"directory": {"url": "https://me:x@crm.example.com/{number}"}}, "my.toml: [directory] url: Value error, write an",
    ),
    "CRM that is a file": ({"directory": {"url": "file:///etc/{number}"}}, "my.toml: [directory] url: Value error, write an"),
    "time that no call can wait": (
        {"directory": {"timeout_ms": 60_000}}, "my.toml: [directory] timeout_ms: Input should be less than or equal to 4000",
    ),
    "customers without a name": (
        {"directory": {"fields": {"id": "ref"}}}, "my.toml: directory: Value error, fields needs id and name",
    ),
    "field that we have not": (
        {"directory": {"fields": {"id": "a", "name": "b", "age": "c"}}}, "my.toml: [directory] fields.age.[key]: Input should be",
    ),
    "cases in a file": (
        {"directory": {"kind": "csv", "file": "c.csv", "fields": {"id": "a", "name": "b", "cases": "c"}}},
        "my.toml: directory: Value error, fields: cases: not with csv",
    ),
    "path that is none": ({"directory": {"record": "data..x"}}, "my.toml: [directory] record: String should match pattern"),
    "page that runs": ({"desk": {"pop_url": "javascript:alert(1)"}}, "my.toml: [desk] pop_url: Value error, write an http://"),
    "page at a host that the caller chooses": (
        {"desk": {"pop_url": "https://{ani}.example.com/"}}, "my.toml: [desk] pop_url: Value error, write an http:// or",
    ),
    "page of somebody unknown": (
        {"desk": {"pop_url": "https://crm.example.com/{customer.pin}"}},
        "my.toml: [desk] pop_url: Value error, there is no {customer.pin}; known are customer.id,",
    ),
    "speech server without ws": (
        {"speech_in": {"remote_en": "http://ears:2700"}},
        "my.toml: [speech_in] remote_en: Value error, 'http://ears:2700' is no address of a speech server: \"ws://HOST:2700\"",
    ),
    "speech server without a host": (
        {"speech_in": {"remote_zh": ["ws://a:1", "wss://"]}}, "my.toml: [speech_in] remote_zh: Value error, 'wss://' is",
    ),
    "speech server that is no text": ({"speech_in": {"remote_zh": [5]}}, "my.toml: [speech_in] remote_zh: Value error, 5 is no"),
    "backlog": ({"speech_in": {"backlog_ms": 10}}, "my.toml: [speech_in] backlog_ms: Input should be greater"),
    "aggressiveness": ({"speech_in": {"voice_aggressiveness": 4}}, "my.toml: [speech_in] voice_aggressiveness: Input should"),
    "a weight that takes away": ({"routing": {"skill_weight": -1}}, "my.toml: [routing] skill_weight: Input should be greater"),
    "a mode that there is not": ({"routing": {"mode": "off"}}, "my.toml: [routing] mode: Input should be 'on' or 'shadow'"),
    "points at once": ({"routing": {"priority_every_s": 0}}, "my.toml: [routing] priority_every_s: Input should be greater"),
    "rate": ({"speech_out": {"rate_wpm": 1000}}, "my.toml: [speech_out] rate_wpm: Input should be less than or equal to 300"),
    "level": ({"log": {"level": "loud"}}, "my.toml: [log] level: Input should be 'debug', 'info', 'warning' or 'error'"),
    "encoder": ({"understanding": {"encoder": "big"}}, "my.toml: [understanding] encoder: Input should be 'auto' or 'off'"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake(raw: dict[str, Any], sentence: str) -> None:
    found = problems(raw)
    assert len(found) == 1 and found[0].startswith(sentence)


def test_every_mistake_is_told_at_once() -> None:
    found = problems({"web": {"port": -1, "prot": 1}, "log": {"level": "loud"}})
    assert [problem.split(":")[1].strip() for problem in found] == ["[web] port", "[web] prot", "[log] level"]


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().web.port = 1  # type: ignore[misc]


# -- the file


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ivr\.toml: there is no such file; copy the project's config\.toml"):
        load(tmp_path / "ivr.toml", {})


def test_file_that_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "ivr.toml"
    path.write_text("[web\nport = 1")
    with pytest.raises(ConfigError, match=r"ivr\.toml: not TOML: .*line 1"):
        load(path, {})


def test_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "ivr.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"ivr\.toml: cannot be read"):
        load(path, {})
    with pytest.raises(ConfigError, match="cannot be read"):
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
    assert problems({"database": "sqlite:///x.db"}, {"IVR_DATABASE_URL": "sqlite:///y.db"})[0].startswith(
        "my.toml: database: "
    )


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
        ("missing", r"\[asterisk\] secret_file: .*secret cannot be read: No such file"),
        ("folder", r"\[asterisk\] secret_file: .*secret cannot be read: Is a directory"),
        pytest.param(
            "binary",
            r"\[asterisk\] secret_file: .*secret cannot be read",
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
    assert found == ["my.toml: [database] url: Input should be a valid string, not 5"]


def test_speech_servers_are_one_or_several() -> None:
    config = parse({"speech_in": {"remote_en": "ws://ears:2700", "remote_zh": ["ws://a:1", "wss://b"]}}, "my.toml", {})
    assert config.speech_in.remote_en == ["ws://ears:2700"]
    assert config.speech_in.remote_zh == ["ws://a:1", "wss://b"]
    assert parse({"speech_in": {"remote_en": ""}}, "my.toml", {}).speech_in.remote_en == []
