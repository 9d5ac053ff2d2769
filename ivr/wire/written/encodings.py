"""The bytes of a file that somebody wrote, as text; what cannot be text says which encoding it looks like."""

from __future__ import annotations

import codecs
import re

SAVE = "save it as UTF-8"
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class NotReadable(ValueError):
    """A file cannot be read; the message says what is wrong and what would be right, ``line`` where, from 1."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


class NotText(NotReadable):
    """The bytes are no UTF-8 text; the message says what they look like."""


def decoded(raw: bytes) -> str:
    """UTF-8 with or without a byte-order mark, and the line ends of any system, as text with "\\n". Raises NotText."""
    if raw.startswith(_ARCHIVES):
        raise NotText(
            "is no text, but a spreadsheet's own file (.xlsx, .ods, .xls) or an archive: save it as CSV, UTF-8", 1
        )
    if raw.startswith(_MARKS) or b"\0" in raw:
        raise NotText(_with_zeros(raw[:200]), 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        looks = "GB18030 (GBK)" if _is_chinese(raw) else 'Windows-1252 or Latin-1 ("ANSI")'
        raise NotText(f"is no UTF-8 text, it looks like {looks}: {SAVE}", line_at(raw, error.start)) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def line_at(raw: bytes, position: int) -> int:
    """The line of a byte, from 1, whatever system's line ends there are."""
    return len(re.findall(rb"\r\n|\r|\n", raw[:position])) + 1


def _with_zeros(start: bytes) -> str:
    if start.startswith(_MARKS) or start.count(0) >= len(start) // 3:
        return f'is no UTF-8 text, it looks like UTF-16 (what Windows calls "Unicode"): {SAVE}'
    return "is no text: another kind of file stands here"


def _is_chinese(raw: bytes) -> bool:
    """Whether its signs are Chinese ones, two bytes each, most of them common ones; western texts have single bytes."""
    try:
        signs = [sign for sign in raw.decode("gb18030") if not sign.isascii()]
    except UnicodeDecodeError:
        return False
    common = sum(bool(sign.encode("gb2312", "ignore")) for sign in signs)
    return common >= 0.9 * len(signs)
