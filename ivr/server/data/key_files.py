"""The server's own keys: each in a file that only the server can read, made when it is first needed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import structlog

from ivr.adapters.own_files import write_alone
from ivr.calls.integrations.webhooks import Keyless
from ivr.core.told import why
from ivr.wire.webhooks.signing import SHORTEST_KEY

log = structlog.get_logger(__name__)


def key_of(path: Path, table: str, variable: str, environment: Mapping[str, str] = os.environ) -> Callable[[], bytes]:
    """A key: what stands in the environment, or in the file that ``[table] key_file`` names. It raises ``Keyless``."""
    known: list[bytes] = []

    def key() -> bytes:
        if not known:
            text = environment.get(variable) or _read_or_made(path, table)
            if len(text) < SHORTEST_KEY:
                raise Keyless(
                    f"the key of [{table}] must have {SHORTEST_KEY} characters or more: {path}, or {variable}"
                )
            known.append(text.encode())
        return known[0]

    return key


def _read_or_made(path: Path, table: str) -> str:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            write_alone(path, secrets.token_urlsafe(32) + "\n", "x")
        if path.stat().st_mode & 0o077:
            log.warning(
                "a key could be read by others, and is private now: make a new one if they have", file=str(path)
            )
            path.chmod(0o600)
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Keyless(f"[{table}] key_file: {path}: {why(error)}") from error
