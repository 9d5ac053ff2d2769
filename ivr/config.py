"""``config.toml`` to typed, frozen settings; everything wrong in it is refused at once, with what would be right."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ivr.config_tables import Config

__all__ = ["CACHE", "Config", "ConfigError", "ami_secret", "load", "parse"]
CACHE = Path(os.environ.get("IVR_CACHE", ".cache"))


class ConfigError(Exception):
    """The settings cannot be used; one sentence a problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read a file; raises ConfigError with every problem in it. A few values may be overruled by the environment."""
    return parse(read(path), str(path), environment)


def read(path: Path) -> dict[str, Any]:
    """What stands in a file, unchecked; raises ConfigError where that is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            [f"{path}: there is no such file; copy the project's config.toml and change what you need"]
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: not TOML: {error}"]) from error


_FROM_ENVIRONMENT = {
    "IVR_DATABASE_URL": ("database", "url"),
    "IVR_MODEL_EN": ("speech_in", "model_en"),
    "IVR_MODEL_ZH": ("speech_in", "model_zh"),
}


def overruled(raw: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The same with what the environment says otherwise."""
    for variable, (table, key) in _FROM_ENVIRONMENT.items():
        if environment.get(variable) and isinstance(raw.get(table, {}), dict):
            raw = {**raw, table: {**raw.get(table, {}), key: environment[variable]}}
    return raw


def parse(raw: dict[str, Any], name: str, environment: Mapping[str, str]) -> Config:
    """Check what was read; ``name`` stands in the messages. Raises ConfigError with every problem in it."""
    try:
        return Config.model_validate(overruled(raw, environment))
    except ValidationError as error:
        raise ConfigError([_sentence(name, dict(wrong)) for wrong in error.errors()]) from error


def _sentence(name: str, wrong: dict[str, Any]) -> str:
    """One problem: the file, the key, what was wrong, what would be right."""
    where = [str(part) for part in wrong["loc"]]
    key = f"[{where[0]}] {'.'.join(where[1:])}".strip() if len(where) > 1 else where[0]
    if wrong["type"] == "extra_forbidden":
        table = Config.model_fields.get(where[0])
        known = table.annotation.model_fields if table and len(where) > 1 and table.annotation else Config.model_fields
        return f"{name}: {key}: unknown key; known here are {', '.join(known)}"
    return f"{name}: {key}: {wrong['msg']}, not {wrong['input']!r}"


def ami_secret(config: Config, environment: Mapping[str, str] = os.environ) -> str:
    """The manager's password, from the environment or its file; raises ConfigError when there is none."""
    if environment.get("IVR_AMI_SECRET"):
        return environment["IVR_AMI_SECRET"]
    if not config.asterisk.secret_file:
        raise ConfigError(
            [
                "no password for Asterisk's manager: set IVR_AMI_SECRET, or [asterisk] secret_file to a file that holds it"
            ]
        )
    path = Path(config.asterisk.secret_file)
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError([f"[asterisk] secret_file: {path} cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"[asterisk] secret_file: {path} cannot be read: it is not UTF-8 text"]) from error
    if not text:
        raise ConfigError([f"[asterisk] secret_file: {path} is empty"])
    return text
