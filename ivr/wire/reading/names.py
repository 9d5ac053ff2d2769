"""Which of several names was said: whole, in part, not quite right, or by its place in the row."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from ivr.core.language import Language
from ivr.wire.reading.words import Values, figures, plain

_NEAR = 0.75
"""Likeness (0 to 1) from which a word may be another one misheard; words of up to three letters must be the same."""
_WORTH = 0.4
"""Score from which a name may have been meant."""
_AS_GOOD = 0.12
"""How much lower than the best a name may score and still be as likely as it."""
_WHOLE = 0.95
_FILLERS = frozenset(
    "a an the please i i'd i'll i'm want would like to for my one it is it's have take with of and uh um that this me can could "
    "in at on about need get do you we let's go think so thanks thank yes yeah ok okay well".split()
)
_TITLES = {"doctor": "dr", "mister": "mr", "missus": "mrs", "professor": "prof"}
_ZH_FILLERS = re.compile(
    "我想要|我想|我要|请|帮我|给我|一下|那个|这个|就是|应该|可以|谢谢|关于|[我你要的吧呢啊嗯呃了选是]"
)
_EN_PLACE = re.compile(
    r"\b(?P<o>\d{1,2})(?:st|nd|rd|th)\b(?P<back> (?:to |from )?(?:the )?last)?|\b(?:number|option|choice) (?P<n>\d{1,2})\b"
    r"|^(?:the )?(?P<w>\d{1,2})$|\b(?P<last>last)\b(?! (?:week|month|year|time))"
)
_ZH_PLACE = re.compile(
    r"倒数第(?P<back>\d{1,2})|第(?P<o>\d{1,2})|(?<!\d)(?P<n>\d{1,2})号|^(?P<w>\d{1,2})[个项]?$|(?P<last>最后)"
)


_NOT_BEFORE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:not|except|but|without|[a-z]+n't)(?: (?:the|want|like|take|on))*\s*$"),
    "zh": re.compile("(?:不是|不要|别|除了)$"),
}


_NOT_BEHIND: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"^ (?:1|one )?(?:is no |is not|isn't|doesn't|does not|won't|no good)"),
    "zh": re.compile("^[个项]?[^,]{0,3}?(?:不要|不行|不合适|不方便|没空)"),
}


def _is_denied(said: str, place: re.Match[str], language: Language) -> bool:
    before, behind = said[: place.start()], said[place.end() :]
    return bool(_NOT_BEFORE[language].search(before) or _NOT_BEHIND[language].search(behind))


def choose(text: str, names: Sequence[str], language: Language) -> Values:
    """The names that a text in ``plain`` form may mean; several where it fits several as well, none where it fits none."""
    said = figures(text, language)
    scores = [_score(said, figures(plain(name, language), language), language) for name in names]
    best = max(scores, default=0.0)
    if best < _WHOLE and (placed := by_place(said, names, language)):
        return placed
    if best < _WORTH:
        return ()
    meant = {name: score for name, score in zip(names, scores, strict=True) if score >= max(_WORTH, best - _AS_GOOD)}
    belief = min(1.0, best + 0.3) / sum(meant.values())
    return tuple((name, score * belief) for name, score in meant.items())


def by_place(said: str, names: Sequence[str], language: Language) -> Values:
    """The name at the place in the row that a text with figures tells: "the second one", "the last"."""
    places = (_ZH_PLACE if language == "zh" else _EN_PLACE).finditer(said)
    match = next((one for one in places if not _is_denied(said, one, language)), None)
    if match is None or any(match[0] in figures(plain(name, language), language) for name in names):
        return ()  # "the first" is no place where a name is First Class
    found = match.groupdict()
    if found["last"]:
        place = len(names) - 1
    elif found["back"]:
        place = len(names) - int(found["o"] or found["back"])
    else:
        place = int(found["o"] or found["n"] or found["w"]) - 1
    return ((names[place], 1.0),) if 0 <= place < len(names) else ()


def _score(said: str, name: str, language: Language) -> float:
    """How well a name fits what was said, 0 to 1."""
    if not name:
        return 0.0
    if language == "zh" and not name.isascii():
        return _zh_score(_ZH_FILLERS.sub("", said) or said, name)
    heard, own = _words(said), _words(name)
    if not heard:
        return 0.0
    same_figures = {word for word in heard if word.isdecimal()} == {word for word in own if word.isdecimal()}
    together = fuzz.ratio("".join(heard), "".join(own)) / 100 if same_figures else 0.0  # gate 2 is not gate 12
    likeness = [max(_alike(word, other) for other in heard) for word in own]
    weight = sum(len(word) for word in own)
    covered = sum(len(word) * like for word, like in zip(own, likeness, strict=True)) / weight
    used = sum(max(_alike(word, other) for other in own) for word in heard) / len(heard)
    by_words = 0.6 * covered + 0.4 * used if covered else 0.0
    return max(by_words, together if together >= _NEAR else 0.0)


def _words(text: str) -> list[str]:
    found = [_TITLES.get(word, word) for word in re.findall(r"[^\W_]+(?:'[a-z]+)?", text)]
    return [word for word in found if word not in _FILLERS] or found


def _alike(word: str, other: str) -> float:
    if word == other:
        return 1.0
    ratio = fuzz.ratio(word, other) / 100
    return ratio if ratio >= _NEAR and min(len(word), len(other)) > 3 else 0.0


def _zh_score(said: str, name: str) -> float:
    """By the signs they share in one order; a pair of them side by side is the least that counts."""
    if name in said:
        return 0.6 + 0.4 * len(name) / len(said)
    pairs = {said[n : n + 2] for n in range(len(said) - 1)}
    inside = [n for n in range(len(name) - 1) if name[n : n + 2] in pairs]
    if not inside:
        return 0.0
    covered = len({place for n in inside for place in (n, n + 1)}) / len(name)
    used = LCSseq.similarity(said, name) / len(said)
    return 0.6 * covered + 0.4 * used
