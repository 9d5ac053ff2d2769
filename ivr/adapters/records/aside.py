"""Contacts that the database will never take, whole, each in a file of its own: nothing is lost, somebody can look."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from ivr.adapters.own_files import owner_alone
from ivr.adapters.records.frames import of_plain, plain
from ivr.calls.records import Contact, merged


@dataclass(frozen=True, slots=True)
class Aside:
    """One of them: since when, and what the database said."""

    file: Path
    since: datetime
    why: str
    contact: Contact


class AsideFiles:
    """One folder, private to the server's user; implements ``ivr.calls.records.Aside``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, contact: Contact, why: str, at: datetime) -> None:
        """Keep a contact, with what is there of it already. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._file(contact.record["id"])
        before = [self._read(file).contact] if file.exists() else []
        whole = merged([*before, contact])
        text = json.dumps({"since": at.isoformat(), "why": why, **plain(whole)}, ensure_ascii=False, indent=1)
        fresh = file.with_suffix(".new")
        with open(fresh, "wb", opener=owner_alone) as stream:
            stream.write(text.encode("utf-8", "surrogatepass"))
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)

    def __iter__(self) -> Iterator[Aside]:
        """All of them, the oldest first. Raises ValueError naming a file that is none of ours."""
        yield from sorted((self._read(file) for file in self.folder.glob("*.json")), key=lambda one: one.since)

    def count(self) -> int:
        """How many."""
        return sum(1 for _ in self.folder.glob("*.json"))

    def find(self, contact: str) -> Aside | None:
        """One, by its contact's id."""
        try:
            file = self._file(contact)
        except ValueError:
            return None
        return self._read(file) if file.exists() else None

    def _file(self, contact: str) -> Path:
        return self.folder / f"{UUID(contact)}.json"

    @staticmethod
    def _read(file: Path) -> Aside:
        try:
            data: dict[str, Any] = json.loads(file.read_bytes().decode("utf-8", "surrogatepass"))
            return Aside(file, datetime.fromisoformat(data["since"]), str(data["why"]), of_plain(data))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{file}: was not written by this program, or is damaged; move it elsewhere") from error
