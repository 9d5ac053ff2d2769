"""What the parts of a sentence say that the whole does not: two matters, one in place of another, one plain one among more."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ivr.core.dialogue.words.clauses import parted_by_words
from ivr.core.flow.intent import Understood
from ivr.core.language import Language

_JOINS: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:,| and| but|\.)? (?:also|besides|another thing|at the same time|while i am at it|while i'm at it)\b"
        r"|(?:,| and) (?=i |can |could |my |when |what |where |how |do )"
    ),
    "zh": re.compile("[，,]?(?:另外|还有|而且|顺便|同时|还想|也想|并且)|[，,]"),
}
"""What joins two matters in one sentence."""
_ALSO: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?:,| and| but|\.)? (?:also|and tell me|and then|and while i am at it|and while i'm at it)\b"),
    "zh": re.compile("[，,]?(?:另外(?!那|一)|顺便|同时)"),
}
"""What joins them in so many words."""
_NEARLY = 0.95
"""Probability from which a first matter of middling certainty is taken, where another one is joined so."""
_TAKES_BACK: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:no wait|wait no|wait|oh no|no no|no|nope|actually|sorry|i mean|i meant|rather(?! than)|scratch that|correction"
        r"|but|just|only)\b|(?<=\w) (?=(?:i|we) (?:want|need|would|just|only)\b|i'd\b|(?:it|it's|this is) about\b)"
    ),
    "zh": re.compile(
        "[，,。]|不对|错了|等等|等一下|我是说|应该是|而是|还是|哦不|我是要|我是想|我要|我想|(?<!不)是(?=[来要想问])"
    ),
}
"""Between two matters of which the second takes the place of the first, where something is denied or taken back."""
_CLAUSES: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:and|but|because|since|so|then|cause|as i|if|though)\b|(?= i'm| i am| please)"
        r"|(?= (?:i|she|he|we|they)(?:'d| would)? (?:like|want|wants|need|needs)\b)"
    ),
    "zh": re.compile("[，,。]|但是?|不过|可是|因为|所以|然后|就是"),
}
"""Between a matter and what goes with it."""
_DENIES: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:no|nope|not|don't|isn't|wasn't|actually|sorry|i mean|i meant|rather(?! than)|scratch that|correction|wait)\b"
    ),
    "zh": re.compile("不是|不要|不想|不用|不对|错了|等等|等一下|我是说|应该是|而是|还是|哦不|不，|不,"),
}
"""What takes a matter back, before it ("I don't want to return it, I want it mended") or behind it ("no, mend it")."""
MOST_CUTS, MOST_PARTS = 6, 8
"""Places, the last ones, at which a sentence is cut in two, and parts that are looked at: each costs as much as a sentence."""
Matter = Callable[[str], Understood]
"""What a part says by itself."""


def with_parts(found: Understood, text: str, language: Language, matter: Matter, *, whole: bool) -> Understood:
    """What was found in the whole sentence, or what its parts say; ``whole``: it may be a wish, and is two matters at most."""
    pieces = text.split()
    if language == "zh" and len(pieces) > 1 and not parted_by_words(text):
        text = "，".join(pieces)
    # "…, and also what time do you shut"
    if (both := _two(text, list(_ALSO[language].finditer(text))[:1], matter, nearly=True)) is not None:
        return replace(both[0], text=found.text, second=both[1])
    if not whole and (instead := _instead(text, language, matter)) is not None:
        return replace(instead, text=found.text)
    if (both := _two(text, list(_JOINS[language].finditer(text))[-MOST_CUTS:], matter)) is not None:
        return replace(both[0], text=found.text, second=both[1])
    if not whole and found.certainty != "sure" and (part := _in_part(text, language, matter)) is not None:
        return replace(part, text=found.text)
    return found


def _two(
    text: str, cuts: Sequence[re.Match[str]], matter: Matter, *, nearly: bool = False
) -> tuple[Understood, str] | None:
    """Two plain matters in one sentence, by what joins them; ``nearly``: of the first hardly a doubt is enough."""
    for joined in cuts:
        before, after = text[: joined.start()].strip(), text[joined.end() :].strip()
        if not before or not after:
            continue
        first, then = matter(before), matter(after)
        if not first.best or not then.best or then.certainty != "sure" or first.best.intent == then.best.intent:
            continue
        almost = nearly and first.certainty == "confirm" and first.best.confidence >= _NEARLY
        if first.certainty == "sure" or almost:
            return first, then.best.intent
    return None


def _in_part(text: str, language: Language, matter: Matter) -> Understood | None:
    """The one plain matter of a long sentence, beside what only goes with it: "I need an appointment but not this week"."""
    parts = [part for part in _CLAUSES[language].split(_lowered(text)) if part and part.strip()]
    if not 2 <= len(parts) <= MOST_PARTS:
        return None
    sure = [one for one in map(matter, parts) if one.certainty == "sure"]
    return sure[0] if len({one.best.intent for one in sure if one.best}) == 1 else None


def _instead(text: str, language: Language, matter: Matter) -> Understood | None:
    """The matter that takes the place of another: "send it back, no, have it mended"; None where none does."""
    said, denies = _lowered(text), _DENIES[language]
    if not denies.search(said):
        return None
    for cut in reversed(list(_TAKES_BACK[language].finditer(said))[-MOST_CUTS:]):
        before, after = said[: cut.start()].strip(), said[cut.end() :].strip()
        if not after or not (denies.search(before) or denies.search(cut.group())):
            continue
        first, then = matter(before), matter(after)
        if first.certainty == "none" or then.certainty != "sure" or not first.best or not then.best:
            continue
        if first.best.intent != then.best.intent:
            return then
    return None


def _lowered(text: str) -> str:
    return text.lower().replace("’", "'")
