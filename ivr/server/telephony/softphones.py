"""Which agents have a phone in their page, and what it needs to register with Asterisk."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ivr.config.connected import Softphone
from ivr.config.load import ConfigError
from ivr.core.caller import Agent
from ivr.core.told import why
from ivr.provision.places import CACHE
from ivr.provision.softphone import LIBRARY, is_current
from ivr.server.parts import Examination, Finding, read_by_others

_PHONE = re.compile(r"(?:PJSIP|Local)/([A-Za-z0-9_.\-]+)")
VENDOR = CACHE / "softphone"
"""Where the page's phone lies once it was fetched."""
MODULES = f"/static/vendor/{LIBRARY}/lib/index.js"

Softphones = Callable[[Agent], dict[str, Any] | None]


def softphones(settings: Softphone, cache: Path) -> tuple[Softphones, tuple[str, ...]]:
    """What each agent's page gets, and notes about what is missing; raises ConfigError when the passwords cannot be read."""
    if not settings.enabled:
        return lambda agent: None, ()
    if not is_current(cache):
        note = (
            "the phone in the agents' page is not there: python -m ivr.provision.softphone fetches it; desk phones work"
        )
        return lambda agent: None, (note,)
    passwords = read_passwords(Path(settings.passwords_file))

    def of(agent: Agent) -> dict[str, Any] | None:
        found = _PHONE.match(agent.interface)
        password = passwords.get(found.group(1)) if found else None
        if found is None or password is None:
            return None
        return {
            "address": settings.address, "user": found.group(1), "password": password, "ice": list(settings.ice_servers),
            "library": MODULES,
        }  # fmt: skip

    return of, ()


def read_passwords(path: Path) -> dict[str, str]:
    """The phones' passwords by their numbers; raises ConfigError, which never quotes one."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"[softphone] passwords_file: {path}: {why(error)}"]) from error
    except tomllib.TOMLDecodeError:
        # not the parser's own words: they may quote a password
        raise ConfigError([f'[softphone] passwords_file: {path} must have lines like 1001 = "password"']) from None
    wrong = [name for name, value in raw.items() if not isinstance(value, str)]
    if wrong:
        raise ConfigError([f'[softphone] passwords_file: {path}: {wrong[0]} must be like {wrong[0]} = "password"'])
    return raw


def examine(what: Examination) -> Iterator[Finding]:
    """The file with the passwords of the phones in agents' pages."""
    config = what.config
    if not config.softphone.enabled:
        return
    path = Path(config.softphone.passwords_file)
    try:
        count = len(read_passwords(path))
        others = read_by_others("[softphone] passwords_file", path)
    except (ConfigError, OSError) as error:
        yield from ((False, problem) for problem in getattr(error, "problems", [str(error)]))
        return
    yield others or (True, f"passwords of phones in agents' pages: {count}")
