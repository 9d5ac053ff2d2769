"""Headers of sound files as recorders and telephone systems really write them: what is there is read, whatever they say of it."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

RAW: dict[str, tuple[str, int]] = {
    ".ulaw": ("ULAW", 8_000), ".ul": ("ULAW", 8_000), ".mu": ("ULAW", 8_000), ".ulw": ("ULAW", 8_000),
    ".pcm": ("ULAW", 8_000), ".alaw": ("ALAW", 8_000), ".al": ("ALAW", 8_000), ".alw": ("ALAW", 8_000),
    ".sln": ("PCM_16", 8_000), ".raw": ("PCM_16", 8_000), ".sln12": ("PCM_16", 12_000), ".sln16": ("PCM_16", 16_000),
    ".sln24": ("PCM_16", 24_000), ".sln32": ("PCM_16", 32_000), ".sln44": ("PCM_16", 44_100), ".sln48": ("PCM_16", 48_000),
}  # fmt: skip
"""Sound without any header, by Asterisk's names for it: subtype and rate in Hz."""
_HEADED = (b"RIFF", b"RIFX", b"RF64", b"fLaC", b"OggS", b"FORM", b".snd", b"ID3")
_NOT_FOR_US = {
    ".g722": "G.722",
    ".g729": "G.729",
    ".gsm": "GSM without a header",
    ".siren7": "Siren 7",
    ".siren14": "Siren 14",
}
HEADER_BYTES = 1 << 16
"""In which the sound must begin."""


class BadHeader(ValueError):
    """What a header says cannot be; the message says what."""


def raw_kind(path: Path, start: bytes) -> tuple[str, int] | None:
    """The subtype and rate of a file without a header; None where it has one. Raises BadHeader for what nobody here reads."""
    if start.startswith(_HEADED):
        return None
    if codec := _NOT_FOR_US.get(path.suffix.lower()):
        raise BadHeader(f"{codec} is not read here: bring it to WAV, as with sox or Asterisk's `file convert`")
    return RAW.get(path.suffix.lower())


def mended(path: Path, start: bytes) -> io.BytesIO | None:
    """A WAV file with a header that is true, where its own is not; None where nothing needs mending. Raises BadHeader.

    Recorders that stream, or were killed, leave a size of 0; some leave out the byte that fills up an odd chunk.
    """
    if not (start.startswith(b"RIFF") and start[8:12] == b"WAVE"):
        return None
    form, filled = b"", True
    for name, at, size, fits in _chunks(start):
        filled = filled and fits
        if name == b"fmt ":
            form = start[at : at + size]
            _refuse_absurd(form)
        if name == b"data":
            rest = path.stat().st_size - at
            if (size or rest <= 0 or _is_chunks(path, at)) and filled:
                return None
            return _wav(form, path.read_bytes()[at : at + size if size else None])
    return None


def _chunks(start: bytes) -> Iterator[tuple[bytes, int, int, bool]]:
    """The chunks at the start of a file: name, where its bytes begin, how many, and whether it was filled up as it must be."""
    at, fits = 12, True
    while at + 8 <= len(start):
        name, size = start[at : at + 4], int.from_bytes(start[at + 4 : at + 8], "little")
        yield name, at + 8, size, fits
        at += 8 + size
        if size % 2:
            fits = not _is_name(start[at : at + 4])
            at += fits


def _is_name(four: bytes) -> bool:
    return len(four) == 4 and all(32 <= sign < 127 for sign in four) and four[:1].isalpha()


def _is_chunks(path: Path, at: int) -> bool:
    """Whether what stands after an empty sound is nothing but further chunks, to the end."""
    with path.open("rb") as file:
        file.seek(at)
        after = file.read(HEADER_BYTES)
    end = 0
    for name, begins, size, _ in _chunks(bytes(12) + after):
        if not _is_name(name):
            return False
        end = begins + size - 12
    return end in (len(after), len(after) - 1)


def _refuse_absurd(form: bytes) -> None:
    if len(form) < 16:
        return  # libsndfile says that it is none
    _, channels, rate = struct.unpack("<HHI", form[:8])
    if not rate:
        raise BadHeader("its header says a rate of 0 Hz: record or convert it anew")
    if not channels:
        raise BadHeader("its header says that it has no channel: record or convert it anew")


def _wav(form: bytes, data: bytes) -> io.BytesIO:
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"data", data)
    return io.BytesIO(b"RIFF" + struct.pack("<I", len(body)) + body)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
