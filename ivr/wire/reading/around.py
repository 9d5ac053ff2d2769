"""What stands around a value: words that deny it, restrict it, correct it, or change nothing.

A value is sure only where every word around it is known to be harmless. A denial in its clause takes it away, before or behind
it; a correction takes away what was named before it; a restriction ("before Monday") and a word that nobody knows make it
doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.core.language import Language
from ivr.wire.reading.around_words import HARMLESS, HARMLESS_ZH
from ivr.wire.reading.words import Mention

DOUBTED = 0.7
"""What is left of a share where a word around the value may change it: less than anything that counts as sure."""


@dataclass(frozen=True, slots=True)
class _Words:
    """How one language does these things."""

    breaks: re.Pattern[str]
    """A new clause: what denies stays in its own."""
    excepted: re.Pattern[str]
    """Right before the value, whatever clause that is."""
    but_for: re.Pattern[str]
    """The same, wherever the value is."""
    denied: re.Pattern[str]
    """Anywhere in the value's clause before it."""
    denied_behind: re.Pattern[str]
    """Anywhere in the rest of its clause."""
    adjacent: re.Pattern[str]
    """A denial that stands right before a value belongs to it, and not to the value before."""
    corrected: re.Pattern[str]
    """Between two values: the second counts."""
    taken_back: re.Pattern[str]
    """At the end of all: what was said is not what is meant, and nothing follows."""
    vague: re.Pattern[str]
    """Right behind a value: it is about that much."""
    joined: re.Pattern[str]
    """All that stands between two values which are denied together."""


TO_DAY = r"(?<!n't )(?<!not )(?<!never )(?:move|put|shift|push|change|switch) (?:it|that|them|me) (?:over |back )?to"
"""Where something goes, whatever was denied before: "don't cancel it, put it to Friday"."""
BEFORE_EN = r"(?:was|were) going to (?:say|take|have|do|come)|(?:would|'d) have (?:said|liked|taken)|originally"
BEFORE_ZH = "本来|原本|原先"
"""What was meant once, and is not any more: "I was going to say Monday"."""
_EXCEPTED = (
    r"\b(?:any|every|all|no(?! (?:use|good|way|problem|thank|chance|time))|anything|everything)\w*(?: \w+)*"
    r" (?:but|bar|save)"
)
_EN = _Words(
    breaks=re.compile(
        r"\b(?:(?<!\bor )so|and|then|but|how about|what about|rather|better|prefer|make it|make that|let's say|i mean|i meant"
        rf"|{TO_DAY}"
        r"|actually|or(?! so\b)|(?:i|he|she|we|they)(?:'d| would) like|(?:i|we|they) want|(?:he|she) wants"
        r"|(?:would|is|could|can) (?:there|i|we|you)|do you have|have you got|any chance)\b"
    ),
    excepted=re.compile(_EXCEPTED + r"(?: (?:for|on|at|the|an?|in))*\s*$"),
    but_for=re.compile(_EXCEPTED + r"\b"),
    denied=re.compile(
        r"\b(?:not|never|cannot|without(?! (?:fail|doubt|delay))|neither|nor|except|excluding|[a-z]+n't"
        r"|other than|apart from|besides"
        r"|instead of|nothing|none|rule out|avoid|unless|busy|away"
        rf"|{BEFORE_EN})\b"
    ),
    denied_behind=re.compile(
        r"\b(?:not|never|cannot|[a-z]+n't|no (?:good|use|way)|impossible|busy|away|taken|full|bad|wrong|out of the question"
        r"|(?:are|is) out|a (?:bit of a )?(?:rush|push|squeeze|stretch)"
        r"|(?:too|a bit|a little|bit|rather|pretty|awfully) (?:early|late|soon|far|dear|expensive))\b|^'s out\b"
        r"|\b(?:i|he|she|we|they)(?:'m|'s|'re|'ll be| am| is| are| will be) (?:still |always |usually )?"
        r"(?:at (?:work|school|the (?:doctor|dentist|hospital))|in (?:bed|hospital|a meeting)"
        r"|on (?:dialysis|shift|nights|holiday)|abroad|asleep)\b"
    ),
    adjacent=re.compile(
        r"\b(?:not|never|except|without|instead of|other than|apart from|besides)(?: (?:for|on|at|the|an?|in|number|option))*\s*$"
    ),
    corrected=re.compile(
        r"\b(?:no|nope|nah|sorry|i mean|i meant|actually|rather|make (?:it|that)|instead|wait|hold on|hang on|scratch that"
        r"|correction|better)\b"
    ),
    taken_back=re.compile(
        r"\b(?:no|nope|wait|hold on|hang on|scratch that|correction)"
        r"(?: (?:no|wait|sorry|wrong|hold on|hang on|scratch that|a (?:moment|second|minute)))*\s*$"
    ),
    vague=re.compile(r"^ (?:something|odd|or so|ish|give or take)\b"),
    joined=re.compile(r"^ *(?:and|or|nor|and also|or even)(?: (?:for|on|at|the|an?|in|next))* *$"),
)
_ZH = _Words(
    breaks=re.compile(r"(?<!不)(?<!还)(?<!就)是(?!不)|但是?|不过|可是|那就?|要不|改成|改到|我是说|应该是|或者|还是"),
    excepted=re.compile(r"除了?[^但不过可是]*$"),
    but_for=re.compile("除了"),
    denied=re.compile(rf"{BEFORE_ZH}|除|不是(?!就|[说讲][了过])|不要|不在|不能|不想|没法|没空|别|非|无法|避开|以外"),
    denied_behind=re.compile(
        r"不行|不可以|没空|没时间|不方便|不能|不在|不好|不要|不想|不合适|来不了|去不了|没法|忙|除外|以外|之外|满了|打不通|太早|太晚"
        r"|太远|太贵|有事|不开门|起不来|来不及|赶不上|不算|作废|有点赶|太赶|已经约|已经有|出差|被窝|还没起|没睡醒|(?:还|都)在睡|(?:要|得|我|在)(?:开会|上班|加班)"
        r"|(?:要|得|我)去医院|复查|值班|回老家|接(?:孩子|孙子)"
    ),
    adjacent=re.compile(r"(?:不是|不要|除了?|别|非)$"),
    corrected=re.compile(
        r"不对|错了|算了|说错|我是说|我说的是|换[成到]?(?=周)|应该是|改成|改到|等等|等一下|更正|(?<!要)(?<!好)不+(?:还是)?$"
    ),
    taken_back=re.compile("(?:不对|不是|错了|说错了?|等等|等一下|算了)[啊呀哦吧]?$"),
    vague=re.compile("^(?:来钟|多|左右|上下|出头)"),
    joined=re.compile(r"^(?:和|跟|与|或|或者|还有|、)?$"),
)
_LANGUAGES: dict[Language, _Words] = {"en": _EN, "zh": _ZH}
_NO_DENIAL = re.compile(
    r"\b(?:(?:can't|couldn't|won't|don't|isn't|wouldn't|haven't|aren't) (?:you|we|i|there)(?= )"
    r"|^(?:wouldn't|isn't|doesn't|aren't|won't)(?= (?:the |next |this )?(?:\w+day|tomorrow|morning|afternoon|evening|\d))"
    r"|as before|why not|if not|no problem|not at all|can't wait"
    r"|(?:do not|don't|doesn't|does not|wouldn't|not) (?:really )?(?:mind|care|matter)"
    r"|if it(?:'s| is) not too much|if it isn't too much|why (?:don't|can't|not)|makes no difference|no (?:matter|preference)"
    r"|(?:i'm|i am|we're|we are) after(?= (?:an?|some|the|my)\b))(?: which(?: one| of (?:them|those|these))?| either way)?\b"
)
"""What has a word of denial or relation in it, and neither denies nor relates."""
_NO_DENIAL_ZH = re.compile(
    "都不要(?=有没|还有|有|换)|特别|分别|别的|别人|别忘了?|非常|不好意思|不要紧|不在乎|帮忙|删除|排除|解除"
)
LEFT = (
    r"\b(?:rearrange|reschedule|move|shift|swap|change|postpone|put off|push back|bring forward)"
    r"(?: (?:my|the|our|that|this|an?))?"
    r"(?: (?:appointment|slot|visit|booking|one|time)(?: (?:on|for|of|from))?(?: the)?)?(?: from)? *$"
)
"""Right before a day that is to be left: "I need to move Friday", "change my appointment on the fifth"."""
_NO = re.compile(r"\bno\s*$")
_LEFT = re.compile(LEFT)
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def without_denials_that_are_none(text: str, language: Language) -> str:
    """The text, as long as before, without what only sounds like a denial: "I don't mind which", 特别."""
    if language == "zh":
        return _NO_DENIAL_ZH.sub(lambda match: "嗯" * len(match[0]), text)
    return _NO_DENIAL.sub(lambda match: "so".ljust(len(match[0])), text)


def weighed(text: str, found: Sequence[Mention], language: Language) -> dict[str, float]:
    """The values that are meant, each with its share: shares sum to 1 where nothing stands around them that could change them."""
    words = _LANGUAGES[language]
    text = without_denials_that_are_none(text, language)
    gaps = [
        text[before.end if before else 0 : after.start if after else len(text)]
        for before, after in zip([None, *found], [*found, None], strict=True)
    ]
    kept: list[Mention] = []
    denied: set[str] = set()
    by_not = False  # "not Monday, Tuesday" denies the first; "I can't do Monday, Tuesday" may deny both
    uncertain = False
    together = False  # whether the value before is denied by what stands before it: "I can't do Monday or Tuesday"
    behind_before = False  # whether a denial before this value is the end of what was said of the one before
    for at, mention in enumerate(found):
        clauses = words.breaks.split(gaps[at])
        ours = not behind_before or len(clauses) > 1
        # "no Mondays", but "no, Monday" is a correction
        none_of_them = _NO.search(gaps[at]) and text[mention.start : mention.end].endswith("days")
        right_before = words.excepted.search(gaps[at]) or words.adjacent.search(gaps[at]) or none_of_them
        left = language == "en" and _LEFT.search(gaps[at])
        is_denied = bool(left or right_before or (ours and words.denied.search(clauses[-1])))
        behind = words.breaks.split(words.adjacent.sub("", gaps[at + 1]) if at + 1 < len(found) else gaps[at + 1])[0]
        behind_before = words.denied_behind.search(behind) is not None
        joined = at > 0 and words.joined.match(gaps[at]) is not None
        side_by_side = together and at > 0 and not gaps[at].strip() and not by_not
        listed = side_by_side and _goes_on(gaps[at + 1 : -1], words)
        uncertain = uncertain or (side_by_side and not listed and not is_denied)
        by_not = bool(right_before) if is_denied else by_not
        together = is_denied or listed or (together and joined and bool(gaps[at].strip()))
        if together or behind_before:
            denied.update(value for value, _ in mention.values)
            if joined and behind_before and kept and kept[-1] is found[at - 1]:
                denied.update(value for value, _ in kept.pop().values)  # "Monday and Tuesday are no good"
            continue
        if kept and words.corrected.search(gaps[at]):
            kept.clear()
        kept.append(mention)
    shares: dict[str, float] = {}
    vague = any(words.vague.match(gap) for gap in gaps[1:])
    doubtful = vague or uncertain or words.taken_back.search(gaps[-1]) or _changed(gaps, words, language, bool(denied))
    doubted = DOUBTED if doubtful else 1.0
    for mention in kept:
        for value, share in mention.values:
            if value not in denied:
                shares[value] = shares.get(value, 0.0) + doubted * share / len(kept)
    return shares


def _goes_on(gaps: Sequence[str], words: _Words) -> bool:
    """Whether a row of values ends as a list does: "Monday, Tuesday or Friday"."""
    for gap in gaps:
        if gap.strip():
            return words.joined.match(gap) is not None
    return False


def _changed(gaps: Sequence[str], words: _Words, language: Language, denials: bool) -> bool:
    """Whether a word around the values may change them."""
    for gap in gaps:
        rest = words.corrected.sub(" ", words.breaks.sub(" ", gap))
        if denials:
            rest = words.denied_behind.sub(" ", words.denied.sub(" ", rest))
        if not is_harmless(rest, language):
            return True
    return False


def is_corrected(text: str, language: Language) -> bool:
    """Whether something in it is denied or taken back."""
    return _LANGUAGES[language].corrected.search(text) is not None or is_taken_away(text, language)


def is_taken_away(text: str, language: Language) -> bool:
    """Whether something in it is denied, or taken back at its end."""
    words = _LANGUAGES[language]
    text = without_denials_that_are_none(text, language)
    return any(pattern.search(text) for pattern in (words.denied, words.denied_behind, words.taken_back, words.but_for))


def is_harmless(text: str, language: Language) -> bool:
    """Whether every word of it is known to change nothing."""
    if language == "zh":
        return not HARMLESS_ZH.sub("", text).strip()
    return all(token in HARMLESS for token in _TOKEN.findall(text))
