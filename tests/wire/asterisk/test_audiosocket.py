"""AudioSocket without a socket: however the bytes are cut, the messages are the same."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.wire.asterisk.audiosocket import (
    HANGUP_MESSAGE,
    MAX_PAYLOAD,
    Audio,
    Gone,
    Identity,
    Key,
    Message,
    Parser,
    ProtocolError,
    encode,
    encode_audio,
)

CALL = UUID("0b5f6c1e-8f0e-4a3e-9f65-0d1e2a3b4c5d")
HELLO = encode(Identity(CALL))

audio = st.binary(min_size=1, max_size=MAX_PAYLOAD // 2).map(lambda half: Audio(half + half))
later: st.SearchStrategy[Message] = st.one_of(
    audio,
    st.sampled_from("0123456789*#ABCD").map(Key),
    st.just(Gone()),
    st.integers(0, 255).map(Gone),
)
conversations = st.builds(lambda call, rest: [Identity(call), *rest], st.uuids(), st.lists(later, max_size=8))


def parsed(*chunks: bytes) -> list[Message]:
    parser = Parser()
    return [message for chunk in chunks for message in parser.feed(chunk)]


EVERY_KIND = [
    Identity(CALL), Audio(b"\1\2" * 160), Key("5"), Key("#"), Audio(b"\0\0"), Gone(4), Key("D"),
    Audio(b"\xff" * MAX_PAYLOAD), Gone(),
]  # fmt: skip


def test_every_kind() -> None:
    assert parsed(b"".join(map(encode, EVERY_KIND))) == EVERY_KIND


def test_every_split_point() -> None:
    messages = EVERY_KIND[:7]
    whole = b"".join(map(encode, messages))
    for at in range(len(whole) + 1):
        assert parsed(whole[:at], whole[at:]) == messages, at
    assert parsed(*(bytes((byte,)) for byte in whole)) == messages


@given(conversations, st.data())
def test_any_messages_in_any_chunks(messages: list[Message], data: st.DataObject) -> None:
    whole = b"".join(map(encode, messages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert parsed(*chunks) == messages


@given(conversations)
def test_each_message_comes_with_its_last_byte(messages: list[Message]) -> None:
    parser = Parser()
    for message in messages:
        encoded = encode(message)
        assert parser.feed(encoded[:-1]) == []
        assert parser.feed(encoded[-1:]) == [message]


# -- what is not AudioSocket

WRONG = {
    "sound before the UUID": (b"\x10\x01\x40", "first message must be the call's UUID (kind 0x01), not kind 0x10"),
    "HTTP": (b"GET / HTTP/1.1", "not kind 0x47"),
    "TLS": (b"\x16\x03\x01", "not kind 0x16"),
    "hang-up before the UUID": (HANGUP_MESSAGE, "not kind 0x00"),
    "short UUID": (b"\x01\x00\x0f", "a UUID has 16 bytes, not 15"),
    "long UUID": (b"\x01\x00\x24", "a UUID has 16 bytes, not 36"),
    "second UUID": (HELLO + HELLO, "a second UUID"),
    "odd sound": (HELLO + b"\x10\x01\x41", "16-bit sound cannot have 321 bytes"),
    "no sound": (HELLO + b"\x10\x00\x00", "16-bit sound cannot have 0 bytes"),
    "too much sound": (HELLO + b"\x10\x08\x02", "a message of 2050 bytes is longer than 2048"),
    "too long an error": (HELLO + b"\xff\xff\xff", "a message of 65535 bytes"),
    "too long a hang-up": (HELLO + b"\x00\xff\xff", "a message of 65535 bytes"),
    "sound of 16 kHz": (HELLO + b"\x12\x02\x80", "kind 0x12 is not one that is spoken here"),
    "unknown kind": (HELLO + b"\x7f\x00\x00", "kind 0x7f"),
    "two keys in one": (HELLO + b"\x03\x00\x02", "a key has 1 byte, not 2"),
    "no key in one": (HELLO + b"\x03\x00\x00", "a key has 1 byte, not 0"),
    "a key that is none": (HELLO + b"\x03\x00\x01E", "byte 0x45 is not a key"),
    "a key that is no character": (HELLO + b"\x03\x00\x01\xff", "byte 0xff is not a key"),
}


@pytest.mark.parametrize(("raw", "words"), WRONG.values(), ids=WRONG.keys())
def test_refused(raw: bytes, words: str) -> None:
    """And refused at the header: the payload that it claims never comes."""
    with pytest.raises(ProtocolError) as refused:
        parsed(raw)
    assert words in str(refused.value)


@pytest.mark.parametrize(("raw", "words"), WRONG.values(), ids=WRONG.keys())
def test_refused_byte_by_byte(raw: bytes, words: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parsed(*(bytes((byte,)) for byte in raw))
    assert words in str(refused.value)


@given(st.binary(max_size=5000), st.booleans())
def test_garbage_is_refused_or_soon_makes_a_message(garbage: bytes, named: bool) -> None:
    """Nothing is collected for longer than one message may be."""
    parser = Parser()
    parser.feed(HELLO if named else b"")
    waiting = 0
    for byte in garbage:
        try:
            waiting = 0 if parser.feed(bytes((byte,))) else waiting + 1
        except ProtocolError:
            return
        assert waiting < 3 + MAX_PAYLOAD
        if not named:
            assert waiting <= 3 + 16


@given(st.binary(max_size=2000))
def test_garbage_in_one_piece_gives_what_it_gives_byte_by_byte(garbage: bytes) -> None:
    def outcome(*chunks: bytes) -> list[Message] | str:
        try:
            return parsed(HELLO, *chunks)
        except ProtocolError as error:
            return str(error)

    assert outcome(garbage) == outcome(*(bytes((byte,)) for byte in garbage))


def test_small_letters_are_keys_too() -> None:
    assert parsed(HELLO + b"\x03\x00\x01a") == [Identity(CALL), Key("A")]


def test_error_without_a_code() -> None:
    assert parsed(HELLO + b"\xff\x00\x00") == [Identity(CALL), Gone(-1)]


@pytest.mark.parametrize("pcm", [b"", b"\1", b"\1" * 321, bytes(MAX_PAYLOAD + 2)])
def test_sound_that_cannot_be_sent(pcm: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        encode_audio(pcm)
