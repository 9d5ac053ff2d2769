"""Files that are ours: those that only their owner may read, and those that a command writes over none but its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from ivr.core.told import Told

MADE_BY = "made by ivr, which writes it anew:"
"""Stands in every kind of file that is written here, where nobody who uses the file sees it."""
_MOST_BYTES = 256 * 1024 * 1024


def owner_alone(path: str | Path, flags: int) -> int:
    """Open a file that only its owner can read, from its first byte on; as ``open(…, opener=owner_alone)``, too.

    One that is begun anew loses what others may do with it.
    """
    descriptor = os.open(path, flags, 0o600)
    if flags & os.O_TRUNC:
        os.fchmod(descriptor, 0o600)
    return descriptor


def write_alone(path: Path, text: str, mode: Literal["w", "x"] = "w") -> None:
    """Write a text that only its owner can read; ``x``: into a new file. Raises OSError."""
    with open(path, mode, encoding="utf-8", opener=owner_alone) as file:
        file.write(text)


class NotOurs(Told):
    """Something else stands where a file was to be written; the message names it."""


def refuse_others(path: Path, *marks: bytes) -> None:
    """Raises NotOurs where a file stands that has none of ``marks`` (``MADE_BY``) in it; an empty one is nobody's."""
    if path.is_dir():
        raise NotOurs(f"{path}: is a folder, and a file is needed: name one in it")
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return
    if not size or not path.is_file():
        return
    content = path.read_bytes() if size <= _MOST_BYTES else b""
    if not any(mark in content for mark in marks or (MADE_BY.encode(),)):
        raise NotOurs(
            f"{path}: is there already, and was not made by this command: name another file, or move that one away"
        )


def write_own(path: Path, content: bytes, *marks: bytes) -> None:
    """Write a file over none but an earlier one of ours. Raises NotOurs and OSError."""
    refuse_others(path, *marks)
    path.write_bytes(content)


def marked_wav(wav: bytes) -> bytes:
    """A WAV file that says who made it, in a chunk that players pass over."""
    said = MADE_BY.encode()
    said += bytes(2 - len(said) % 2)
    software = b"INFOISFT" + len(said).to_bytes(4, "little") + said
    body = wav[8:] + b"LIST" + len(software).to_bytes(4, "little") + software
    return b"RIFF" + len(body).to_bytes(4, "little") + body
