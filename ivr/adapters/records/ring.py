"""A file of fixed size, written round and round in segments, that only one server has."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.adapters.own_files import owner_alone
from ivr.adapters.records.frames import Frame, frames
from ivr.core.told import Told

SEGMENT = 1 << 20
"""Bytes; a frame never goes over the end of one."""


class JournalUnusable(Told):
    """There can be no journal there; the message says why, and what to do."""


class JournalHeld(JournalUnusable):
    """Another server has it."""


class Ring:
    """One such file. ``place`` is where the next frame goes; its methods block, and raise OSError."""

    def __init__(self, file: Path, size: int) -> None:
        """Open or make it, of ``size`` bytes if it is new; who has it has it alone. Raises OSError, JournalHeld."""
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = file
        self.place = 0
        self._busy = threading.Lock()
        self._fd = owner_alone(file, os.O_RDWR | os.O_CREAT)
        try:
            self._hold()
            self.size = os.fstat(self._fd).st_size
            if not self.size:
                # all of it from the start: neither a full disk nor the file's own length is in the way of a sync
                os.posix_fallocate(self._fd, 0, size)
                os.fsync(self._fd)
                self.size = size
        except BaseException:
            self.close()
            raise

    def _hold(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JournalHeld(
                f"journal {self.file}: another server of this house has it; end that one first, or give this one"
                " a folder of its own in [records]"
            ) from error

    def scan(self) -> list[Frame]:
        """All frames of the file, in the order of their numbers."""
        return scan(self._fd, self.size)

    def read(self, place: int, length: int) -> bytes:
        """Some bytes of it."""
        with self._busy:
            return os.pread(self._open(), length, place)

    def write(self, data: bytes, next_segment: Callable[[int], None]) -> int:
        """Write a frame, and where; ``next_segment`` is told which place is written over, and may refuse by raising."""
        if (
            self.place % SEGMENT + len(data) >= SEGMENT
        ):  # a byte stays free, so that no segment is begun without being asked for
            begin = (self.place // SEGMENT + 1) * SEGMENT % self.size
            next_segment(begin)
            # nobody's words of the round before stay behind this round's frames, where nothing would find them to take out
            os.pwrite(self._fd, bytes(SEGMENT), begin)
            self.place = begin
        place = self.place
        os.pwrite(self._fd, data, place)
        self.place += len(data)
        return place

    def over(self, data: bytes, place: int) -> None:
        """Write over what stands there, of the same length."""
        os.pwrite(self._open(), data, place)

    def _open(self) -> int:
        if self._fd < 0:
            raise OSError(errno.EBADF, "the journal is closed")
        return self._fd

    def sync(self) -> None:
        """On the disk when this returns."""
        os.fdatasync(self._fd)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Between threads and processes, for as long as something is written."""
        with self._busy, alone(self._open()):
            yield

    def close(self) -> None:
        """Give it back, once nobody writes; what is written afterwards is an OSError."""
        with self._busy:
            if self._fd >= 0:
                os.close(self._fd)
            self._fd = -1


@contextmanager
def alone(fd: int) -> Iterator[None]:
    """The lock that whoever writes to the file holds for a moment, unlike the one that its server holds for ever."""
    fcntl.lockf(fd, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.lockf(fd, fcntl.LOCK_UN)


def scan(fd: int, size: int) -> list[Frame]:
    """All frames of a file, in the order of their numbers."""
    segments = []
    for place in range(0, size, SEGMENT):
        if found := list(frames(os.pread(fd, SEGMENT, place), place)):
            segments.append(found)
    return [one for found in sorted(segments, key=lambda some: some[-1].number) for one in found]
