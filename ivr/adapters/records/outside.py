"""A journal as another process has it: looked at, and written over where a person is erased, while its server goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from ivr.adapters.records.frames import COMMITTED, CONTACT, HEAD, contact_in, gone
from ivr.adapters.records.ring import alone, scan
from ivr.calls.records import Contact


def held(file: Path) -> Iterator[Contact]:
    """Every contact that a journal has, whether the database has it or not; none when there is none. Raises OSError."""
    try:
        fd = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        for one in scan(fd, os.fstat(fd).st_size):
            if one.kind == CONTACT:
                yield contact_in(os.pread(fd, one.length, one.place + HEAD))
    finally:
        os.close(fd)


def take_out(file: Path, contacts: Collection[UUID]) -> int:
    """Write over everything that a journal has of these contacts; how many frames. Raises OSError.

    A second process does that while the server writes: the lock is held for as long.
    """
    fd = os.open(file, os.O_RDWR)
    try:
        with alone(fd):
            found = [one for one in scan(fd, os.fstat(fd).st_size) if one.kind == CONTACT and one.contact in contacts]
            for one in found:
                os.pwrite(fd, gone(one), one.place)
            os.fdatasync(fd)
        return len(found)
    finally:
        os.close(fd)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a journal stands, for somebody who looks."""

    contacts: int
    """How many wait for the database."""
    since: float | None
    """Since when the first does, in seconds since 1970."""
    size: int


def standing(file: Path) -> Standing | None:
    """How it stands, also while a server has it; None when there is none. Raises OSError."""
    try:
        fd = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        size = os.fstat(fd).st_size
        found = scan(fd, size)
        marks = [json.loads(os.pread(fd, one.length, one.place + HEAD)) for one in found if one.kind == COMMITTED]
    finally:
        os.close(fd)
    committed = max((mark["to"] for mark in marks), default=0)
    waits = [one for one in found if one.kind == CONTACT and one.number > committed]
    return Standing(len({one.contact for one in waits}), waits[0].at if waits else None, size)
