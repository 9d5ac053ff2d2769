"""Passwords that are soon guessed although they are long enough: common words, names, years, repetitions, keys in a row."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import SayNode

ENOUGH = 6
"""What must be left: different signs that are of nobody's list, each piece that is of one counting as one sign."""
_JUDGED = 72
"""Characters that are looked at; what is good so far gets no worse."""
_COMMON = frozenset(
    """
    password passwort kennwort passwd pass geheim secret admin administrator root user test testing guest login logon
    welcome willkommen letmein changeme change default access master hello hallo love iloveyou trustno dragon monkey
    football baseball soccer fussball hockey princess prinzessin sunshine shadow superman batman pokemon starwars michael
    jennifer thomas daniel jordan jessica charlie ashley freedom whatever cheese computer internet server system service
    support office company telephone phone call calls caller agent callcenter asterisk desk demo temp work home house
    summer winter spring autumn sommer herbst fruehling monday tuesday wednesday thursday friday saturday sunday montag
    dienstag mittwoch donnerstag freitag samstag sonntag january february march april june july august september october
    november december januar februar maerz juni juli oktober dezember berlin london paris beijing shanghai hamburg
    woaini mima yonghu guanliyuan wangluo killer flower ginger pepper cookie banana orange coffee chocolate abc this that
    from with your mine hunter correcthorsebatterystaple centre center first last nothing something please again today
    """.split()
)
_ROWS = (
    "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm", "wxcvbn", "1234567890",
    "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p", "1q2w3e4r5t6z7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "q1w2e3r4t5z6u7i8o9p0",
    "1a2b3c4d5e6f7g8h9i0j", "a1b2c3d4e5f6g7h8i9j0", "!@#$%^&*()", "!\"§$%&/()=",
)  # fmt: skip
_IN_A_ROW = 4
_LOOKS = str.maketrans("013457@$!|8", "oleastasilb")
_ALIKE = str.maketrans("1", "i")
_YEARS = re.compile(r"(?:19|20)\d\d|123|321|520|1314|666|888")
_REPEATED = re.compile(r"(.)\1{2,}|(..)\2{2,}|(.{3,}?)\3+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")


def words_of(*texts: str) -> frozenset[str]:
    """The words of names and sentences that count as known to everybody, of three letters or more."""
    return frozenset(
        word for text in texts for word in _WORD.findall(text.lower()) if len(word) >= (3 if word.isascii() else 2)
    )


def words_here(flow: Flow | None, hosts: Iterable[str] = ()) -> frozenset[str]:
    """The words that lie near in a house: those that every caller hears first, and those of its pages' addresses."""
    first = flow.nodes[flow.start] if flow else None
    said = [choice.prompt for choice in first.say if choice.prompt] if isinstance(first, SayNode) else []
    heard = [text for name in said if flow for texts in flow.prompts[name].variants.values() for text in texts]
    return words_of(*heard, *hosts)


def is_weak(password: str, known: Iterable[str] = ()) -> bool:
    """Whether it is made of what everybody tries first; ``known`` are words that lie near: names of the person and the house."""
    text = password[:_JUDGED].lower()
    text = _REPEATED.sub(lambda found: found[1] or found[2] or found[3], text)
    words = sorted({*_COMMON, *(word.lower() for word in known if word)}, key=len, reverse=True)
    covered, pieces = [False] * len(text), 0
    plain, other = text.translate(_LOOKS), text.translate(_ALIKE).translate(_LOOKS)
    for begin, end in _pieces(text, plain, other, words):
        if not any(covered[begin:end]):
            covered[begin:end] = [True] * (end - begin)
            pieces += 1
    left = {sign for sign, is_covered in zip(text, covered, strict=True) if not is_covered}
    return pieces + len(left) < ENOUGH


def _pieces(text: str, plain: str, other: str, words: Iterable[str]) -> Iterable[tuple[int, int]]:
    for word in words:
        for written in (text, plain, other):
            yield from ((found.start(), found.end()) for found in re.finditer(re.escape(word), written))
    yield from sorted(_rows(text), key=lambda span: span[0] - span[1])
    yield from (found.span() for found in _YEARS.finditer(text))


def _rows(text: str) -> Iterable[tuple[int, int]]:
    """Keys and letters that lie side by side, in either direction."""
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for begin in range(len(text)):
            end = begin + 1
            while end < len(text) and text[begin : end + 1] in row:
                end += 1
            if end - begin >= _IN_A_ROW:
                yield begin, end
