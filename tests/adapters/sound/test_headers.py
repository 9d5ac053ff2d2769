"""Headers as recorders, telephone systems and killed programs leave them: the sound is read, or a sentence says why not."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.adapters.sound.files import BadSound, read_sound
from ivr.adapters.sound.headers import RAW
from ivr.adapters.sound.telephone import read_wav
from ivr.corpus.format import RAW_SOUNDS

TONE = (0.5 * np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000)).astype(np.float32)
PCM = np.round(TONE * 32767).astype("<i2").tobytes()
EXTENDED = bytes.fromhex("000000001000800000aa00389b71")


def chunk(name: bytes, data: bytes, size: int | None = None, filled: bool = True) -> bytes:
    return name + struct.pack("<I", len(data) if size is None else size) + data + bytes(len(data) % 2 if filled else 0)


def wav(
    data: bytes = PCM, rate: int = 8000, channels: int = 1, bits: int = 16, kind: int = 1, size: int | None = None,
    riff: int | None = None, before: bytes = b"", after: bytes = b"", mask: int | None = None,
) -> bytes:  # fmt: skip
    """A WAV file with whatever header; ``mask`` (speakers): WAVE_FORMAT_EXTENSIBLE."""
    align = channels * bits // 8
    form = struct.pack("<HHIIHH", kind if mask is None else 0xFFFE, channels, rate, rate * align % 2**32, align, bits)
    if mask is not None:
        form += struct.pack("<HHIH", 22, bits, mask, kind) + EXTENDED
    body = b"WAVE" + chunk(b"fmt ", form) + before + chunk(b"data", data, size) + after
    return b"RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body


LIST = chunk(b"LIST", b"INFOIART\x04\0\0\0lab\0")
READ: dict[str, bytes] = {
    "as it should be": wav(),
    "no size of the sound": wav(size=0),
    "no sizes at all": wav(size=0, riff=0),
    "sizes of a stream": wav(size=0xFFFFFFFF, riff=0xFFFFFFFF),
    "sizes of another stream": wav(size=0x7FFFFFFF, riff=0x7FFFFFFF),
    "no size of the file": wav(riff=0),
    "extensible": wav(mask=4),
    "extensible without speakers": wav(mask=0),
    "extensible, no size of the sound": wav(mask=4, size=0),
    "an odd chunk before it": wav(before=chunk(b"LIST", b"abc")),
    "an odd chunk that is not filled up": wav(before=chunk(b"LIST", b"abc", filled=False)),
    "an odd chunk that is not filled up, no size": wav(before=chunk(b"LIST", b"abc", filled=False), size=0),
    "junk before it": wav(before=chunk(b"JUNK", bytes(28)) + chunk(b"bext", bytes(603))),
    "chunks after it": wav(after=LIST),
}


@pytest.mark.parametrize("raw", READ.values(), ids=READ.keys())
def test_sound_is_read_whatever_its_header_says(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(raw)
    samples, rate = read_sound(path)
    assert rate == 8000 and samples[:, 0] == pytest.approx(TONE, abs=1e-4)
    prompt, rate = read_wav(path)
    assert rate == 8000 and prompt == pytest.approx(TONE, abs=1e-4)


@pytest.mark.parametrize("cut", [1, 2, 3, 999, 15_000])
@pytest.mark.parametrize("size", [None, 0, 0xFFFFFFFF])
def test_file_that_was_cut_off_gives_what_is_there(cut: int, size: int | None, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(size=size)[:-cut])
    left = (len(PCM) - cut) // 2
    assert len(read_sound(path)[0]) == len(read_wav(path)[0]) == left


@pytest.mark.parametrize(
    ("bits", "kind", "channels"), [(8, 1, 1), (24, 1, 1), (32, 3, 1), (8, 7, 1), (8, 6, 1), (16, 1, 2), (24, 1, 2)]
)
def test_every_width_without_a_size_too(bits: int, kind: int, channels: int, tmp_path: Path) -> None:
    subtype = {(8, 1): "PCM_U8", (24, 1): "PCM_24", (32, 3): "FLOAT", (8, 7): "ULAW", (8, 6): "ALAW", (16, 1): "PCM_16"}
    right, path = tmp_path / "right.wav", tmp_path / "a.wav"
    soundfile.write(right, np.repeat(TONE[:, None], channels, axis=1), 8000, subtype=subtype[bits, kind])
    whole = right.read_bytes()
    at = whole.index(b"data") + 4
    path.write_bytes(whole[:at] + bytes(4) + whole[at + 4 :])
    wanted = read_sound(right)[0]
    assert read_sound(path)[0][: len(wanted)] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("ending", RAW)
def test_sound_without_a_header_is_known_by_its_name(ending: str, tmp_path: Path) -> None:
    subtype, rate = RAW[ending]
    path = tmp_path / f"a{ending}"
    soundfile.write(path, TONE, rate, format="RAW", subtype=subtype, endian="LITTLE")
    samples, found = read_sound(path)
    assert found == rate and samples[:, 0] == pytest.approx(TONE, abs=0.03)
    assert ending in RAW_SOUNDS, "a corpus knows it too"
    path.write_bytes(wav())
    assert read_sound(path)[1] == 8000, "one that has a header goes by it"


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "a rate of 0": ("a.wav", wav(rate=0), "its header says a rate of 0 Hz"),
    "a rate of 0, extensible": ("a.wav", wav(rate=0, mask=4), "its header says a rate of 0 Hz"),
    "no channel": ("a.wav", wav(channels=0), "its header says that it has no channel"),
    "a rate beyond all": ("a.wav", wav(rate=2**31), "not a sound file that can be read"),
    "no sound": ("a.wav", wav(data=b""), "there is no sound in it"),
    "no sound, but a name": ("a.wav", wav(data=b"", after=LIST), "there is no sound in it"),
    "cut off before the sound": ("a.wav", wav()[:36], "not a sound file that can be read"),
    "cut off in the header": ("a.wav", wav()[:20], "not a sound file that can be read"),
    "no width": ("a.wav", wav(bits=0), "not a sound file that can be read"),
    "another kind in a WAV": ("a.wav", wav(kind=0x55), "not a sound file that can be read"),
    "G.729": ("a.g729", b"\x01" * 100, "G.729 is not read here: bring it to WAV"),
    "G.722": ("a.G722", b"\x01" * 100, "G.722 is not read here: bring it to WAV"),
    "nothing": ("a.ulaw", b"", "there is no sound in it"),
    "text": ("a.wav", b"hello " * 99, "not a sound file that can be read"),
}


@pytest.mark.parametrize(("name", "raw", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_one_sentence(name: str, raw: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    for read in (read_sound, read_wav):
        with pytest.raises(BadSound) as refused:
            read(path)
        sentence = str(refused.value)
        assert (
            sentence.startswith(f"{path}: ")
            and "\n" not in sentence
            and "Error" not in sentence
            and "SF_" not in sentence
        )
        assert said in sentence or read is read_wav


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(at=st.integers(0, 43), hostile=st.binary(max_size=8))
def test_no_header_is_a_traceback(at: int, hostile: bytes, tmp_path: Path) -> None:
    path, raw = tmp_path / "a.wav", wav()
    path.write_bytes(raw[:at] + hostile + raw[at + len(hostile) :])
    for read in (read_sound, read_wav):
        try:
            read(path)
        except BadSound as refused:
            assert str(path) in str(refused)
