"""A number that was said back and is mended in part: "the last digit is a nine", "it ends in four two", 第三位是五, 不是八是九.

What cannot be told for certain (two digits that may be meant, a place that is not there) mends nothing: the caller is asked
again.
"""

from __future__ import annotations

import re

from ivr.core.digit_words import DIGIT_WORDS
from ivr.core.language import Language
from ivr.wire.reading.words import plain

_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
_COUNTS = {"two": 2, "three": 3, "four": 4}
_ZH_NUMBERS = "零一二三四五六七八九十"
_ZH_DIGIT = DIGIT_WORDS["zh"] | {"洞": "0"}

_EN_DIGIT = {word: digit for word, digit in DIGIT_WORDS["en"].items() if len(digit) == 1} | {
    str(n): str(n) for n in range(10)
}
_D = "|".join(sorted(_EN_DIGIT, key=len, reverse=True))
_NTH = "|".join(_ORDINALS)
_IS = r"(?:is|was|should be|must be|has to be|are|were|it's|it is|'s)"
_WHICH = r"(?: (?:digit|number|figure|one|place|position))?"
_DIGIT, _MORE = rf"(?: an?)? (?P<digits>{_D})\b", rf"(?P<digits>(?:{_D})(?: (?:{_D}))*)\b"
_BACK = rf"(?:(?P<nth>{_NTH}) (?:to last|from last|last|from the end)|(?P<but>last but one|next to last|penultimate))"
_EN_FORMS = (
    ("tail", re.compile(rf"\blast (?P<count>two|three|four)(?: (?:digits|numbers|figures|ones))? {_IS} {_MORE}")),
    ("tail", re.compile(rf"\b(?:ends?|ending) (?:in|with|on)(?: an?)? {_MORE}")),
    ("tail", re.compile(rf"\b(?P<digits>(?:{_D})(?: (?:{_D}))*) at the end\b")),
    ("back", re.compile(rf"\b{_BACK}{_WHICH} {_IS}{_DIGIT}")),
    ("tail", re.compile(rf"\b(?:last|final){_WHICH} {_IS}{_DIGIT}")),
    ("front", re.compile(rf"\b(?P<nth>{_NTH}){_WHICH} {_IS}{_DIGIT}")),
    ("swap", re.compile(rf"\b(?P<digits>{_D})(?: and)? not(?: an?)? (?P<old>{_D})\b")),
    ("swap", re.compile(rf"\b(?:not|isn't)(?: an?)? (?P<old>{_D})(?: (?:but|it's|it is))*{_DIGIT}")),
)
_Z = "[" + "".join(_ZH_DIGIT) + "0-9]"
_ZH_FORMS = (
    ("back", re.compile(rf"倒数第(?P<nth>[{_ZH_NUMBERS}两])(?:位|个)(?:数字?)?(?:应该)?是(?P<digits>{_Z})")),
    ("tail", re.compile(
        rf"(?:最后|末尾?|后[面头]?)的?(?P<count>[两二三四])(?:位|个)(?:数字?)?(?:不是{_Z}+)?(?:应该)?是?(?P<digits>{_Z}+)"
    )),
    ("tail", re.compile(rf"(?:最后一?(?:位|个)?|末[位尾]|尾[号数巴])(?:数字?)?(?:不是{_Z}+)?(?:应该)?是(?P<digits>{_Z}+)")),
    ("front", re.compile(rf"第(?P<nth>[{_ZH_NUMBERS}两])(?:位|个)(?:数字?)?(?:应该)?是(?P<digits>{_Z})")),
    ("swap", re.compile(rf"(?<!不)是(?P<digits>{_Z})不是(?P<old>{_Z})")),
    ("swap", re.compile(rf"不是(?P<old>{_Z})(?:而|应该)?是(?P<digits>{_Z})")),
)  # fmt: skip


def mended(shown: str, text: str, language: Language) -> str | None:
    """``shown`` (digits) with what a sentence says of some of them; None where it says nothing of that, or nothing for sure."""
    said = plain(text, language)
    for kind, form in _ZH_FORMS if language == "zh" else _EN_FORMS:
        if match := form.search(said):
            return _put(shown, kind, match.groupdict(), language)
    return None


def _put(shown: str, kind: str, found: dict[str, str | None], language: Language) -> str | None:
    known = _ZH_DIGIT if language == "zh" else _EN_DIGIT
    words = list(found["digits"] or "") if language == "zh" else (found["digits"] or "").split()
    digits = "".join(known.get(word, word) for word in words)
    match kind:
        case "swap":
            old = known.get(found["old"] or "", found["old"] or "")
            return shown.replace(old, digits) if shown.count(old) == 1 else None
        case "tail":
            wanted = _number(found.get("count"), language)
            if (wanted and wanted != len(digits)) or len(digits) > len(shown):
                return None
            return shown[: len(shown) - len(digits)] + digits
    at = 2 if found.get("but") else _number(found.get("nth"), language)
    if not at or at > len(shown):
        return None
    place = len(shown) - at if kind == "back" else at - 1
    return shown[:place] + digits + shown[place + 1 :]


def _number(word: str | None, language: Language) -> int:
    if not word:
        return 0
    if language == "zh":
        return 2 if word == "两" else _ZH_NUMBERS.index(word)
    return _COUNTS.get(word) or _ORDINALS.index(word) + 1
