"""Which of several names was said: whole, in part, not quite right, or by its place in the row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from ivr.core.language import Language
from ivr.wire.reading.around import is_corrected, weighed
from ivr.wire.reading.words import Mention, Values, figures, plain, without

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
_TOKEN = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_ORDINAL = r"(?<!\ba )(?<!\bone )(?<!\b1 )\d{1,2}(?:st|nd|rd|th)(?! thoughts?\b| hand\b)"
_EN_PLACE = re.compile(
    rf"\b(?P<back>{_ORDINAL}) (?:to |from )?(?:the )?last\b|\blast but (?P<but>\d)\b"
    rf"|\b(?:1st|first) (?P<first>[2-5])\b|\blast (?P<until>[2-5])\b|\b(?P<middle>middle)\b(?! (?:day|of|week))(?: 1| one)?"
    rf"|\b(?P<o>{_ORDINAL})(?: 1| one)?\b|\b(?:number|option|choice|press|pressing|key) (?P<n>\d{{1,2}})\b"
    r"|^(?:the )?(?P<w>\d{1,2})$"
    r"|\b(?P<last>last)(?: 1| one)?\b(?! (?:week|month|year|time))"
)
_ZH_PLACE = re.compile(
    r"倒数第(?P<back>\d{1,2})[个项]?|(?<!目)前[面头]?(?P<first>[2-5])[个项]|[后最]后?[面头]?(?P<until>[2-5])[个项]"
    r"|(?P<middle>中间)(?:那?[个项]|的)|第(?P<o>\d{1,2})[个项]?|(?<!\d)(?P<n>\d{1,2})号|^(?P<w>\d{1,2})[个项]?$"
    r"|(?P<last>最后)(?:那?1?[个项])?"
)


def choose(text: str, names: Sequence[str], language: Language) -> Values:
    """The names that a text in ``plain`` form may mean; several where it fits several as well, none where it fits none."""
    said = figures(text, language)
    if language == "zh":
        said = re.sub(r"[按选](?:数字|键)?(\d{1,2})(?!\d)(?:号?键)?", r"第\1个", said)
    scores = [_score(said, figures(plain(name, language), language), language) for name in names]
    best = max(scores, default=0.0)
    if best < _WHOLE and (placed := by_place(said, names, language)):
        return placed
    if best < _WORTH:
        return ()
    found = _mentions(said, names, language)
    left = weighed(said, found, language)
    if found and (is_corrected(said, language) or left.keys() != {name for one in found for name, _ in one.values}):
        return tuple(left.items())
    return _likely(dict(zip(names, scores, strict=True)))


def _likely(scores: Mapping[str, float]) -> Values:
    """The names that are worth it, as likely as they fit."""
    best = max(scores.values(), default=0.0)
    meant = {name: score for name, score in scores.items() if score >= max(_WORTH, best - _AS_GOOD)}
    belief = min(1.0, best + 0.3) / sum(meant.values()) if meant else 0.0
    return tuple((name, score * belief) for name, score in meant.items())


def _mentions(said: str, names: Sequence[str], language: Language) -> list[Mention]:
    """Where the names are told in a text with figures, whole or in part."""
    own = {name: figures(plain(name, language), language) for name in names}
    spans: dict[tuple[int, int], set[str]] = {}
    for name, written in own.items():
        for span in _parts_zh(said, written) if language == "zh" else _parts_en(said, written):
            spans.setdefault(span, set()).add(name)
    found = []
    for (start, end), those in sorted(spans.items()):
        if any(other != (start, end) and other[0] <= start and end <= other[1] for other in spans):
            continue  # a part of what another name is told by
        values = _likely({name: _score(said[start:end], own[name], language) for name in those})
        if values:
            found.append(Mention(start, end, values))
    return found


def _parts_en(said: str, name: str) -> list[tuple[int, int]]:
    """Where words of a name stand, those side by side together."""
    own = _words(name)
    spans: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(said):
        word = _TITLES.get(token[0], token[0])
        if not any(_alike(word, other) for other in own):
            continue
        if spans and not said[spans[-1][1] : token.start()].strip():
            spans[-1] = (spans[-1][0], token.end())
        else:
            spans.append((token.start(), token.end()))
    return spans


def _parts_zh(said: str, name: str) -> list[tuple[int, int]]:
    """Where a name stands, or the longest part of it, of two signs at least."""
    for length in range(len(name), 1, -1):
        parts = {name[at : at + length] for at in range(len(name) - length + 1)}
        spans = [(at, at + length) for at in range(len(said) - length + 1) if said[at : at + length] in parts]
        if spans:
            return spans
    return []


def by_place(said: str, names: Sequence[str], language: Language) -> Values:
    """The names at the places in the row that a text with figures tells: "the second one", "the last", "the first two".

    They are weighed as every value is: "the first, no, the second" is the second, "not the last" none of them.
    """
    return _meant(said, _places(said, names, language), names, language)


def left_by_place(said: str, names: Sequence[str], language: Language) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """The names at all places that a text with figures tells; those of them that are meant; and the text without the places."""
    found = _places(said, names, language)
    places = dict.fromkeys(place for one in found for place in one.values[0][0].split())
    meant = tuple(name for name, _ in _meant(said, found, names, language))
    return tuple(names[int(place)] for place in places), meant, without(said, found)


def _meant(said: str, found: Sequence[Mention], names: Sequence[str], language: Language) -> Values:
    shares: dict[str, float] = {}
    for places, share in weighed(said, found, language).items():
        for place in places.split():
            shares[names[int(place)]] = shares.get(names[int(place)], 0.0) + share / len(places.split())
    return tuple(shares.items())


def _places(said: str, names: Sequence[str], language: Language) -> list[Mention]:
    """Where places in the row are told; the value of each are their numbers from 0 on, parted by spaces."""
    own = [figures(plain(name, language), language) for name in names]
    found = []
    for match in (_ZH_PLACE if language == "zh" else _EN_PLACE).finditer(said):
        if any(match[0].removesuffix(" 1").removesuffix(" one") in name for name in own):
            continue  # "the first" is no place where a name is First Class
        places = [str(place) for place in _told(match, len(names)) if 0 <= place < len(names)]
        if places:
            found.append(Mention(match.start(), match.end(), ((" ".join(places), 1.0),)))
    return found


def _told(match: re.Match[str], count: int) -> Sequence[int]:
    """The places, from 0 on, of ``count`` names that one form of words means."""
    told = {key: int(re.sub(r"\D", "", value) or 0) for key, value in match.groupdict().items() if value}
    [(key, number)] = told.items()
    match key:
        case "last":
            return (count - 1,)
        case "back":
            return (count - number,)
        case "but":
            return (count - 1 - number,)
        case "first":
            return range(number)
        case "until":
            return range(count - number, count)
        case "middle":
            return range((count - 1) // 2, count // 2 + 1)
    return (number - 1,)


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
    found = [_TITLES.get(word, word) for word in _TOKEN.findall(text)]
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
