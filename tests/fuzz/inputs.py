"""Inputs that are nearly right: a seed with pieces taken out, put in, doubled, turned and mixed with those of another."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

SIGNS = (
    b"\x00", b"\xff", b"\xff\xff\xff\xff", b"\x80\x00\x00\x00", b"\n", b"\r\n", b'"', b"'", b'"""', b"{", b"[", b"]" * 50,
    b"[" * 2000, b"=", b"#", b"\\u0000", b"\\ud800", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"1e999", b"-1", b"NaN", b"null",
    b"9" * 400, b"2026-02-30", b"25:61", b"+49", b";ext=9", b",", b";", b"\t", "零〇壹百万亿".encode(), "２０２６".encode(),
    "\u202e\u200b".encode(),
)  # fmt: skip
"""What readers trip over."""


@st.composite
def inputs(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One input, of at most some ten thousand bytes."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data)))
        long = draw(st.integers(0, 40))
        match draw(st.integers(0, 6)):
            case 0:
                del data[at : at + long]
            case 1:
                data[at:at] = draw(st.sampled_from(SIGNS))
            case 2:
                data[at : at + long] = draw(st.binary(max_size=40))
            case 3:
                data[at:at] = data[at : at + long] * draw(st.integers(1, 20))
            case 4:
                other = draw(st.sampled_from(seeds))
                begin = draw(st.integers(0, len(other)))
                data[at : at + long] = other[begin : begin + long]
            case 5 if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case _:
                data[at : at + 1] = draw(st.text(max_size=5)).encode("utf-8", "surrogatepass")
    return bytes(data[:10_000])
