"""The journal of contacts: written before the database is asked, read when it could not be.

What is in the database may be written over once the ring has come round, what is not never is.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

import structlog

from ivr.adapters.records.frames import (
    COMMITTED,
    CONTACT,
    HEAD,
    NOBODY,
    Frame,
    body_of,
    contact_in,
    frame,
    frames,
    gone,
)
from ivr.adapters.records.ring import SEGMENT, JournalUnusable, Ring
from ivr.calls.records import Contact, merged
from ivr.core.contact.pieces import IN_PIECES
from ivr.core.masking import MASK
from ivr.core.told import why

log = structlog.get_logger(__name__)
_LOOKED_AT = 4096
"""Bytes at the beginning that tell a new file from a damaged one."""
LONGEST = SEGMENT // 2
"""Bytes of one contact."""
KEPT_S = 600.0
"""How long what is in the database is kept as well, counted back from the last that was written there: a standby that takes
over may lag so far behind."""
AT_ONCE = 100
"""Contacts in one transaction when they are written from the journal."""


class JournalFull(OSError):
    """Nothing may be written over: all of it waits for the database."""


class Journal:
    """One journal. Its methods read and write files: they are for a thread, one at a time.

    Implements ``ivr.calls.records.Journal``.
    """

    def __init__(self, file: Path, size: int, clock: Callable[[], float] = time.time) -> None:
        """Open or make the journal, of ``size`` bytes. Raises JournalUnusable, and JournalHeld where a server has it."""
        self.file = file
        self._clock = clock
        self._known: deque[Frame] = deque()
        self._committed, self.server, self._marked_at = 0, "", 0.0
        self._marks: deque[tuple[int, float]] = deque()
        self.last = 0
        self._short_told = False
        size = max(2, size // SEGMENT) * SEGMENT
        try:
            self._ring = Ring(file, size)
            self._take()
            if self._ring.size != size:
                self._move(size)
        except OSError as error:
            raise JournalUnusable(f"journal {file}: {why(error)}") from error

    # -- in

    def append(self, contacts: Sequence[Contact]) -> int:
        """Keep them, on the disk when this returns; the number up to which the journal now goes.

        Raises JournalFull, OSError, and ValueError or TypeError for what cannot be kept as JSON or is too long.
        """
        older = {one.record["id"]: self._older(one) for one in contacts}
        whole = [merged([*(read for _, read in older[one.record["id"]]), one]) for one in contacts]
        bodies = [(UUID(one.record["id"]), body_of(one)) for one in whole]
        for contact, body in bodies:
            if len(body) > LONGEST:
                raise ValueError(f"contact {contact}: {len(body)} bytes, and {LONGEST} is the most that is kept")
        with self._ring.alone():
            for contact, body in bodies:
                self._write(CONTACT, self.last + 1, contact, body)
            self._ring.sync()
            if over := [frame for found in older.values() for frame, _ in found]:
                for one in over:
                    self._ring.over(gone(one), one.place)
                self._ring.sync()
        return self.last

    def _older(self, contact: Contact) -> list[tuple[Frame, Contact]]:
        """Frames with entries that are told once more, because a piece of a card's number was in them: those are written over."""
        again = {one.id for one in contact.entries if one.kind in IN_PIECES and MASK in str(one.facts)}
        mine = [one for one in self._known if one.contact == UUID(contact.record["id"])] if again else []
        read = [(one, found) for one in mine if (found := self._contact(one))]
        return [(one, found) for one, found in read if again & {entry.id for entry in found.entries}]

    def mark(self, number: int, server: str) -> None:
        """Everything up to that number is in the database that ``server`` names. Raises OSError.

        Not synced: what a power cut takes of it is written to the database once more, which changes nothing.
        """
        at = self._clock()
        self._committed, self.server, self._marked_at = max(number, self._committed), server, at
        self._marks.append((number, at))
        while len(self._marks) > 1 and self._marks[1][1] < at - KEPT_S:
            self._marks.popleft()
        with self._ring.alone():
            self._write_mark()

    # -- out

    @property
    def behind(self) -> bool:
        """Whether anything is not in the database."""
        return self.last > self._committed

    def waiting(self) -> set[str]:
        """The contacts of which something is not, by id."""
        return {str(one.contact) for one in list(self._known) if one.number > self._committed}

    def waits_since(self) -> float | None:
        """When the oldest of that was written, in seconds since 1970."""
        first = self._first_waiting()
        return first.at if first else None

    def used(self) -> float:
        """The share of the file that may not be written over."""
        first = self._first_waiting()
        return ((self._ring.place - first.place) % self._ring.size) / self._ring.size if first else 0.0

    def _first_waiting(self) -> Frame | None:
        if not self.behind:
            return None
        return next((one for one in list(self._known) if one.number > self._committed), None)

    def not_committed(self) -> Iterator[list[Contact]]:
        """Contacts that are not in the database, some at a time: each once, with its last record and all its entries."""
        yield from self._read(self._committed)

    def kept(self) -> Iterator[list[Contact]]:
        """The same with those of the last minutes that are, for a database that may have lost them."""
        earlier = [number for number, at in self._marks if at < self._marked_at - KEPT_S]
        yield from self._read(earlier[-1] if earlier else 0)

    def _read(self, after: int) -> Iterator[list[Contact]]:
        by_contact: dict[UUID, list[Frame]] = {}
        for one in list(self._known):
            if one.number > after:
                by_contact.setdefault(one.contact, []).append(one)
        all_of_them = list(by_contact.values())
        for begin in range(0, len(all_of_them), AT_ONCE):
            read = [[self._contact(one) for one in many] for many in all_of_them[begin : begin + AT_ONCE]]
            some = [[one for one in many if one] for many in read]
            if found := [merged(contacts) for contacts in some if contacts]:
                yield found

    def _contact(self, known: Frame) -> Contact | None:
        """None: it was taken out, or its place was written over."""
        data = self._ring.read(known.place, HEAD + known.length)
        now = next(frames(data, known.place), None)
        if now is None or (now.kind, now.number) != (CONTACT, known.number):
            return None
        return contact_in(data[HEAD:])

    def close(self) -> None:
        """Give the file back."""
        self._ring.close()

    # -- the file

    def _take(self) -> None:
        """What stands in the file."""
        found = self._ring.scan()
        if not found and any(self._ring.read(0, _LOOKED_AT)):
            log.error("nothing in the journal can be read: what waited in it is lost", file=str(self.file))
        for one in found:
            self.last = max(self.last, one.number)
            if one.kind == CONTACT:
                self._known.append(one)
            elif one.kind == COMMITTED:
                said = json.loads(self._ring.read(one.place + HEAD, one.length))
                if said["at"] >= self._marked_at:
                    self._committed, self.server, self._marked_at = said["to"], said["server"], said["at"]
                    self._marks.append((said["to"], said["at"]))
        self._ring.place = found[-1].end if found else 0
        # what waits is never written over, so a number that is missing there was damaged
        missing = (
            self.last - self._committed - sum(one.kind != COMMITTED and one.number > self._committed for one in found)
        )
        if missing > 0:
            log.error(
                "a part of the journal cannot be read: what waited in it is lost", file=str(self.file), writings=missing
            )

    def _move(self, size: int) -> None:
        """The settings want another length: what is in the file goes into one of that."""
        old = [(one, self._ring.read(one.place + HEAD, one.length)) for one in self._known]
        waits = sum(HEAD + one.length for one, _ in old if one.number > self._committed)
        if waits > size - 2 * SEGMENT:
            self._ring.close()
            raise JournalUnusable(
                f"journal {self.file}: {waits >> 20} MB in it wait for the database; [records] journal_mb has to be"
                f" at least {(waits >> 20) + 4} until they are written"
            )
        fresh = self.file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        before, self._ring = self._ring, Ring(fresh, size)
        self._known.clear()
        for one, body in _newest(old, size - 2 * SEGMENT):
            self._write(CONTACT, one.number, one.contact, body, one.at)
        self._write_mark()
        self._ring.sync()
        fresh.replace(self.file)
        self._ring.file = self.file
        before.close()

    def _write_mark(self) -> None:
        said = {"to": self._committed, "server": self.server, "at": self._marked_at}
        self._write(COMMITTED, self.last, NOBODY, json.dumps(said).encode())

    def _write(self, kind: int, number: int, contact: UUID, body: bytes, at: float | None = None) -> None:
        moment = self._clock() if at is None else at
        place = self._ring.write(frame(kind, number, contact, moment, body), self._may_go)
        if kind == CONTACT:
            self.last = max(self.last, number)
            self._known.append(Frame(kind, number, contact, moment, place, len(body)))
            if place % SEGMENT == 0 and self._marked_at:
                # so that the last mark is never lost with the segment it stood in
                self._write_mark()

    def _may_go(self, begin: int) -> None:
        """What stands in this segment is written over, if all of it is in the database."""
        while self._known and begin <= self._known[0].place < begin + SEGMENT:
            oldest = self._known[0]
            if oldest.number > self._committed:
                raise JournalFull(f"journal {self.file}: full of what the database has not taken")
            if oldest.at > self._clock() - KEPT_S and not self._short_told:
                self._short_told = True
                log.warning(
                    "the journal does not hold ten minutes of calls: a larger [records] journal_mb would",
                    journal=str(self.file), held_s=round(self._clock() - oldest.at),
                )  # fmt: skip
            self._known.popleft()


def _newest(old: list[tuple[Frame, bytes]], room: int) -> list[tuple[Frame, bytes]]:
    """As many of the newest as there is room for, in their order."""
    chosen: list[tuple[Frame, bytes]] = []
    for one, body in reversed(old):
        room -= HEAD + len(body)
        if room < 0:
            break
        chosen.append((one, body))
    return chosen[::-1]
