"""AudioSocket frames: bytes to messages and back, without a socket.

Protocol: one byte kind, two bytes length (big endian), payload; as Asterisk's ``res_audiosocket`` speaks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

HANGUP, IDENTITY, DTMF, AUDIO, ERROR = 0x00, 0x01, 0x03, 0x10, 0xFF
MAX_PAYLOAD = 2048
"""Longer than any 8 kHz frame Asterisk sends; what claims more is not AudioSocket."""
_HEADER = 3
_DTMF = frozenset("0123456789*#ABCD")


class ProtocolError(Exception):
    """The peer does not speak AudioSocket; the message says what was wrong."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The first message of a connection: which call this is."""

    call: UUID


@dataclass(frozen=True, slots=True)
class Audio:
    """Sound from the caller: 8 kHz, 16-bit little-endian, mono; usually 320 bytes."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Asterisk ends the connection: hang-up, or an error with its code."""

    error: int | None = None


Message = Identity | Audio | Key | Gone


class Parser:
    """Collects bytes and gives back whole messages, however the bytes were split.

    ``feed`` raises ProtocolError at the first byte that cannot be right; after that the parser is of no more use.
    """

    def __init__(self) -> None:
        self._pending = bytearray()
        self._named = False

    def feed(self, chunk: bytes) -> list[Message]:
        """The messages completed by this chunk, in order."""
        pending = self._pending
        pending += chunk
        messages: list[Message] = []
        at = 0
        while len(pending) - at >= _HEADER:
            kind = pending[at]
            length = pending[at + 1] << 8 | pending[at + 2]
            self._check(kind, length)
            if len(pending) - at < _HEADER + length:
                break
            messages.append(self._message(kind, bytes(pending[at + _HEADER : at + _HEADER + length])))
            at += _HEADER + length
        del pending[:at]
        return messages

    def _check(self, kind: int, length: int) -> None:
        """Refuse a header as soon as it is there, before waiting for a payload that may never come."""
        if not self._named and kind != IDENTITY:
            raise ProtocolError(f"the first message must be the call's UUID (kind 0x01), not kind 0x{kind:02x}")
        if self._named and kind == IDENTITY:
            raise ProtocolError("a second UUID came on the same connection")
        if kind == IDENTITY and length != 16:
            raise ProtocolError(f"a UUID has 16 bytes, not {length}")
        if kind == DTMF and length != 1:
            raise ProtocolError(f"a key has 1 byte, not {length}")
        if kind == AUDIO and (length == 0 or length % 2):
            raise ProtocolError(f"16-bit sound cannot have {length} bytes")
        if kind not in (HANGUP, IDENTITY, DTMF, AUDIO, ERROR):
            raise ProtocolError(f"kind 0x{kind:02x} is not one that is spoken here (8 kHz sound is 0x10)")
        if length > MAX_PAYLOAD:
            raise ProtocolError(f"a message of {length} bytes is longer than {MAX_PAYLOAD}")

    def _message(self, kind: int, payload: bytes) -> Message:
        if kind == AUDIO:
            return Audio(payload)
        if kind == IDENTITY:
            self._named = True
            return Identity(UUID(bytes=payload))
        if kind == DTMF:
            digit = chr(payload[0]).upper()
            if digit not in _DTMF:
                raise ProtocolError(f"byte 0x{payload[0]:02x} is not a key of a telephone")
            return Key(digit)
        return Gone(payload[0] if kind == ERROR and payload else None if kind == HANGUP else -1)


def encode_audio(pcm: bytes) -> bytes:
    """One sound message; ``pcm`` must be whole 16-bit samples, at most MAX_PAYLOAD bytes."""
    if not pcm or len(pcm) % 2 or len(pcm) > MAX_PAYLOAD:
        raise ValueError(f"sound of {len(pcm)} bytes cannot be sent in one message")
    return bytes((AUDIO,)) + len(pcm).to_bytes(2, "big") + pcm


def encode(message: Message) -> bytes:
    """Any message, for tests and for the lab's own client."""
    match message:
        case Identity(call):
            return bytes((IDENTITY, 0, 16)) + call.bytes
        case Audio(pcm):
            return encode_audio(pcm)
        case Key(digit):
            return bytes((DTMF, 0, 1)) + digit.encode("ascii")
        case Gone(None):
            return HANGUP_MESSAGE
        case Gone(error):
            return bytes((ERROR, 0, 1, error & 0xFF if error is not None else 0))


HANGUP_MESSAGE = bytes((HANGUP, 0, 0))
"""Asks Asterisk to leave AudioSocket; the dialplan goes on."""
