"""Files that are no text, told by what they are."""

from __future__ import annotations

import pytest

from ivr.wire.written.encodings import NotText, decoded


@pytest.mark.parametrize("raw", [b"PK\x03\x04\x14\x00\x06\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_file_of_a_spreadsheet_is_told_as_such(raw: bytes) -> None:
    with pytest.raises(NotText, match="save it as CSV"):
        decoded(raw)


@pytest.mark.parametrize(
    ("raw", "looks"), [("na\u00efve".encode("latin-1"), "Windows-1252"), ("\u4f60\u597d".encode("gbk"), "GB18030")]
)
def test_other_encodings_are_named(raw: bytes, looks: str) -> None:
    with pytest.raises(NotText, match=looks):
        decoded(raw)


def test_marks_and_line_ends_are_levelled() -> None:
    assert decoded(b"\xef\xbb\xbfa\r\nb\rc") == "a\nb\nc"
