"""What could not be had a short while ago: it is tried again, but not by every command that would like to have it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from ivr.core.told import Told
from ivr.provision.running import to_stderr

AGAIN_S = 3600
"""How long a failure is left alone by those who can do without."""


def lately(cache: Path, name: str) -> str | None:
    """Why the thing could not be had within the last hour, in a sentence; None: try now."""
    try:
        noted = json.loads(_file(cache, name).read_text(encoding="utf-8"))
        ago_s = time.time() - noted["at"]
        why = str(noted["why"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # never tried, or the note is of no use
    if not 0 <= ago_s < AGAIN_S:
        return None
    return f"{why} ({ago_s / 60:.0f} minutes ago)"


def note(cache: Path, name: str, why: str) -> None:
    """It could not be had."""
    file = _file(cache, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"at": time.time(), "why": why}), encoding="utf-8")


def forget(cache: Path, name: str) -> None:
    """It is there."""
    _file(cache, name).unlink(missing_ok=True)


def optional(
    name: str,
    get: Callable[[], object],
    cache: Path,
    what_then: str,
    do_without: bool,
    again: bool = False,
    command: str = "make setup",
) -> int:
    """Get a thing, or say in a sentence why not; the exit code.

    Who can ``do_without`` is told ``what_then``, ends well, and leaves a failure of the last hour alone unless ``again``.
    """
    why = lately(cache, name) if do_without and not again else None
    if why is None:
        try:
            get()
        except (Told, OSError) as error:
            why = str(error)
            note(cache, name, why)
        else:
            forget(cache, name)
            return 0
        to_stderr(f"{why}{what_then}" if do_without else why)
    else:
        to_stderr(f"{why}{what_then}; `{command}` tries again now")
    return 0 if do_without else 1


def _file(cache: Path, name: str) -> Path:
    return cache / "tried" / f"{name}.json"
