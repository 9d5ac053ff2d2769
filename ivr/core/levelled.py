"""One look for every way in which digits are written, sign for sign: figures, gaps, and what only counts them."""

from __future__ import annotations

import re
import unicodedata

LOOKS = str.maketrans("－．／＿＃＆＝＊｜", "-./_#&=*|") | {
    sign: str(digit)
    for first, last in ((0xB2, 0xB9), (0x2070, 0x2089), (0x2460, 0x24FF), (0x2776, 0x2793), (0x1F100, 0x1F10A))
    for sign in range(first, last + 1)
    if (digit := unicodedata.digit(chr(sign), None)) is not None
}
"""Figures raised, lowered, in circles, in brackets and with a full stop, and signs of full width, as what they stand for."""
_ESCAPED = re.compile(r"%(?:25)?(?:20|2[BDEF]|0[9AD]|C2%A0)|&#\d{2,4};|\\u00[\da-f]{2}|\\x[\da-f]{2}", re.IGNORECASE)
_INVISIBLE = {
    sign: "\u200b"
    for first, last in (
        (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
        (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    )
    for sign in range(first, last + 1)
}  # fmt: skip
"""Signs that are not seen (Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties): soft hyphens, marks of direction."""
_LISTED = re.compile(r"(?m:^[ \t]{0,3}\d{1,2}[.):](?=[ \t]))")
"""What numbers the lines of a list."""
_COUNTED = re.compile(
    r"\b(?:first|last|next|other|final|remaining) (?:\d{1,2}|two|three|four|five|six|eight|ten|twelve)\b"
    r"(?: (?:digits?|numbers?|figures?)\b)?|\b(?:part|group|block|piece|bit) (?:\d|one|two|three|four|five)\b"
    r"|第[一二三四五\d](?:组|段|部分)|[前后末](?:\d{1,2}|[二三四五六八十两])位",
    re.IGNORECASE,
)
"""How many digits a part of a number has, which is none of its digits."""
_TIMES = re.compile(r"(?<=\d{4})[xX×](?=\d{4})")


def levelled(text: str) -> str:
    """The text, sign for sign, with digits of every look as figures, and with no figure in it that is part of no number."""
    text = _LISTED.sub(lambda found: " " * len(found[0]), text.translate(_INVISIBLE))
    text = _ESCAPED.sub(lambda found: found[0][0] + "~" * (len(found[0]) - 1), text.translate(LOOKS))
    text = _COUNTED.sub(lambda found: ("rest" if found[0][0].isascii() else "其余").ljust(len(found[0])), text)
    return _TIMES.sub("-", text)
