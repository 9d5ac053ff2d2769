"""``config.toml`` to typed, frozen settings; everything wrong in it is refused at once, with what would be right."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ivr.config.tables import Config
from ivr.core.told import Told, why
from ivr.wire.written.encodings import NotText, decoded
from ivr.wire.written.key_lines import KeyLines
from ivr.wire.written.refusals import refusals
from ivr.wire.written.toml import NotToml, Toml, of_bytes

__all__ = ["Config", "ConfigError", "ami_secret", "load", "parse"]


class ConfigError(Told):
    """The settings cannot be used; one sentence a problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read a file; raises ConfigError with every problem in it. A few values may be overruled by the environment.

    Paths in it that are relative count from its own folder, wherever the server was started.
    """
    found = _read(path)
    config = parse(found.tables, str(path), environment, found.lines)
    if problems := [*_passwords(found, path), *_no_folders(config, path, found.lines)]:
        raise ConfigError(problems)
    return at_home(config, path.resolve().parent)


FILES = (
    ("asterisk", "secret_file"),
    ("directory", "file"),
    ("softphone", "passwords_file"),
    ("web", "key_file"),
    ("webhooks", "key_file"),
)
"""The keys that name a file; empty: none."""
FOLDERS = (
    ("dialogue", "folder"),
    ("recording", "folder"),
    ("recording", "corpus"),
    ("records", "folder"),
    ("speech_out", "folder"),
)
"""The keys that name a folder."""
_PASSWORD = re.compile(r"[\w+.-]+://[^/@]*:[^/@]+@")
_SQLITE = re.compile(r"sqlite:///(?!/)(?=[^:])")


def at_home(config: Config, root: Path) -> Config:
    """The same settings with every relative path counted from ``root``."""
    changed: dict[str, dict[str, Any]] = {"database": {"url": _from(config.database.url, root)}}
    for table, key in FILES + FOLDERS:
        value = getattr(getattr(config, table), key)
        if str(value):
            changed.setdefault(table, {})[key] = type(value)(root / value)
    tables: dict[str, Any] = {name: getattr(config, name).model_copy(update=of) for name, of in changed.items()}
    tables["sources"] = {name: _from(url, root) for name, url in config.sources.items()}
    return config.model_copy(update=tables)


def _from(url: str, root: Path) -> str:
    return _SQLITE.sub(f"sqlite:///{root}/", url)


def read(path: Path) -> dict[str, Any]:
    """What stands in a file, unchecked; raises ConfigError where that is no TOML."""
    return _read(path).tables


def _read(path: Path) -> Toml:
    try:
        return of_bytes(path.read_bytes(), str(path))[1]
    except FileNotFoundError as error:
        raise ConfigError(
            [f"{path}: there is no such file; `ivr init FOLDER` makes a house, with all of its settings"]
        ) from error
    except OSError as error:
        raise ConfigError([f"{path}: {why(error)}"]) from error
    except NotToml as error:
        raise ConfigError([str(error)]) from error


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


def parse(raw: dict[str, Any], name: str, environment: Mapping[str, str], lines: KeyLines | None = None) -> Config:
    """Check what was read; ``name`` stands in the messages. Raises ConfigError with every problem in it."""
    try:
        return Config.model_validate(overruled(raw, environment))
    except ValidationError as error:
        found = refusals(error, Config)
    raise ConfigError([f"{_place(one.path, name, environment, lines)}: {one.what}" for one in found])


def _place(path: tuple[str, ...], name: str, environment: Mapping[str, str], lines: KeyLines | None) -> str:
    """Where a value comes from: "config.toml:12: [web] port", or the variable that overruled it."""
    variable = next((one for one, key in _FROM_ENVIRONMENT.items() if path == key and environment.get(one)), None)
    if variable:
        return variable
    line = lines.line(path) if lines else None
    key = f"[{path[0]}] {'.'.join(path[1:])}".strip() if path[0] in Config.model_fields else path[0]
    return f"{name}:{line}: {key}" if line else f"{name}: {key}"


def _passwords(found: Toml, path: Path) -> Iterator[str]:
    """Passwords in addresses of databases and sources: whoever may read the settings, and every copy of them, would have them."""
    places = [("database", "url", "IVR_DATABASE_URL")]
    places += [("sources", name, f"IVR_SOURCE_{name.upper()}_URL") for name in found.tables.get("sources", {})]
    for table, key, variable in places:
        url = found.tables.get(table, {}).get(key)
        if isinstance(url, str) and _PASSWORD.match(url):
            place = _place((table, key), str(path), {}, found.lines)
            yield f"{place}: no password may stand here: take it out, and put the whole address into {variable}"


def _no_folders(config: Config, path: Path, lines: KeyLines) -> Iterator[str]:
    """What is named as a folder and is a file."""
    for table, key in FOLDERS:
        folder = getattr(getattr(config, table), key)
        if _is_file(path.resolve().parent / folder):
            yield f"{_place((table, key), str(path), {}, lines)}: {folder} is a file, and a folder is needed"


def _is_file(path: Path) -> bool:
    """Whether it is one, as far as this user may see: the settings of a server are looked at by others than its own user."""
    try:
        return path.is_file()
    except PermissionError:
        return False


def unseen(config: Config) -> list[str]:
    """The folders that this user may not look into, a sentence each; they may be right all the same."""
    return [
        f"[{table}] {key}: {folder} cannot be looked at by this user; the server's user may see more"
        for table, key in FOLDERS
        if not _is_seen(folder := getattr(getattr(config, table), key))
    ]


def _is_seen(path: Path) -> bool:
    try:
        next(path.iterdir(), None)
    except PermissionError:
        return False
    except OSError:
        return True  # it is not there, or no folder: that is seen, and told by who needs it
    return True


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
        text = decoded(path.read_bytes()).strip()
    except OSError as error:
        raise ConfigError([f"[asterisk] secret_file: {path}: {why(error)}"]) from error
    except NotText as error:
        raise ConfigError([f"[asterisk] secret_file: {path} {error}"]) from error
    if not text:
        raise ConfigError([f"[asterisk] secret_file: {path} is empty"])
    if len(text.splitlines()) > 1 or not text.isprintable():
        raise ConfigError(
            [f"[asterisk] secret_file: {path} must hold the secret alone, in one line, and nothing beside it"]
        )
    return text
