"""How one contact stands in the journal: a frame with its number, its contact and a checksum, and the contact in it as JSON."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ivr.calls.records import Contact
from ivr.core.contact.entries import Entry

_HEAD = struct.Struct("<4sB3xII16sQd")
"""Magic, kind, length and CRC-32 of the body, id of the contact, number of the frame, seconds since 1970."""
HEAD = _HEAD.size
MAGIC = b"ivrj"
CONTACT, COMMITTED, GONE = 1, 2, 3
"""A contact; everything up to this frame's number is in the database named in its body; a contact that was taken out again."""
NOBODY = UUID(int=0)
_TIME = "$at"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, and where in the file it stands; ``at`` is in seconds since 1970."""

    kind: int
    number: int
    contact: UUID
    at: float
    place: int
    length: int

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.place + HEAD + self.length


def frame(kind: int, number: int, contact: UUID, at: float, body: bytes) -> bytes:
    """One frame as it is written."""
    # what the head says is under the checksum too: a torn head must not name another contact
    fresh = _HEAD.pack(MAGIC, kind, len(body), 0, contact.bytes, number, at)
    return _HEAD.pack(MAGIC, kind, len(body), zlib.crc32(body, zlib.crc32(fresh)), contact.bytes, number, at) + body


def gone(one: Frame) -> bytes:
    """What stands in the place of a contact that was taken out."""
    return frame(GONE, one.number, NOBODY, one.at, bytes(one.length))


def frames(data: bytes | memoryview, place: int) -> Iterator[Frame]:
    """The frames of one segment, which stands at ``place`` in the file.

    One that is torn or damaged, or older than the one before it (of the round before), is passed over.
    """
    data = bytes(data)
    at, before = 0, -1
    while at >= 0 and at + HEAD <= len(data):
        magic, kind, length, crc, contact, number, when = _HEAD.unpack_from(data, at)
        body = data[at + HEAD : at + HEAD + length]
        fresh = _HEAD.pack(MAGIC, kind, length, 0, contact, number, when)
        whole = magic == MAGIC and len(body) == length and number >= before
        if not whole or zlib.crc32(body, zlib.crc32(fresh)) != crc:
            at = data.find(MAGIC, at + 1)
            continue
        yield Frame(kind, number, UUID(bytes=contact), when, place + at, length)
        at, before = at + HEAD + length, number


def body_of(contact: Contact) -> bytes:
    """A contact as it stands in a frame. Raises TypeError or ValueError for what is no JSON."""
    return zlib.compress(json.dumps(plain(contact), ensure_ascii=False).encode("utf-8", "surrogatepass"), 1)


def contact_in(body: bytes) -> Contact:
    """The same, back again."""
    return of_plain(json.loads(zlib.decompress(body).decode("utf-8", "surrogatepass")))


def plain(contact: Contact) -> dict[str, Any]:
    """A contact as JSON can have it; moments of the record are marked, facts of entries are plain already."""
    entries = [[one.at.isoformat(), one.kind, dict(one.facts), one.id] for one in contact.entries]
    return {"record": _plain(contact.record), "entries": entries}


def of_plain(data: dict[str, Any]) -> Contact:
    """The same, back again."""
    entries = tuple(Entry(datetime.fromisoformat(at), kind, facts, name) for at, kind, facts, name in data["entries"])
    return Contact(_back(data["record"]), entries)


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return {_TIME: value.isoformat()}
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value


def _back(value: Any) -> Any:
    match value:
        case {"$at": str(moment), **rest} if not rest:
            return datetime.fromisoformat(moment)
        case dict():
            return {key: _back(one) for key, one in value.items()}
        case list():
            return [_back(one) for one in value]
        case _:
            return value
