"""What a recogniser or a keyboard gives, brought to one form: small letters, and numbers as figures.

The libraries know how numbers are said (text2num for English, cn2an for Chinese). Here is what they do not know: the oh of
"two oh five", the unit of "one point five million", and that the three of 周三 is a day of the week and no number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import cn2an  # type: ignore[import-untyped]
from text_to_num import alpha2digit  # type: ignore[import-untyped]

from ivr.core.language import Language, with_apostrophes

Values = tuple[tuple[str, float], ...]
"""Values that one piece of text may mean, each with its share of belief (0 to 1)."""
Context = TypeVar("Context")
Form = tuple[re.Pattern[str], Callable[[re.Match[str], Context], Values | None]]
"""A form of words and what it means, seen from a context. None: something else was meant, which later forms may find;
no values: it was meant and does not exist, like the 31st of February."""

_OLD_FORMS = str.maketrans("點塊號後週兩萬億個禮鐘過這來間歐鎊幣〇○", "点块号后周两万亿个礼钟过这来间欧镑币零零")
_ZH_DIGITS = str.maketrans("零幺一二两三四五六七八九俩仨", "01122345678923")
_ZH_RUN = re.compile(r"[零幺一二两三四五六七八九俩仨十百千万亿廿]+|\d+(?:\.\d+)?[百千万亿]+")
_ZH_DECIMAL = re.compile(r"(\d+)点(\d+)(?!\d*[分刻])")
_ZH_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天1-6])")
_ZH_DAY_LETTERS = dict(zip("一二三四五六日天123456", "abcdefggabcdef", strict=True))
_UNITS = "十百千万亿廿"
_SCALED = re.compile(r"\b(\d+\.\d+|half a) (1000(?:000){0,2})\b")


_ISH = re.compile(
    r"\b((?:(?:half|quarter) (?:past|to) )?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midday|\d{1,2})"
    r"(?:[- ]?(?:fifteen|thirty|forty-?five))?[- ]?)ish\b"
)
"""Elevenish is around eleven."""
_ZH_WHETHER = re.compile(r"([\u4e00-\u9fff])不\1")
"""开不开门 and 十号来行不行 ask, and deny nothing."""


_WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
ZH_DIGIT = "[零〇幺一二三四五六七八九0-9]"
_VALUE_IS = re.compile(
    rf"\b({_WEEKDAY}|noon|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirty)'s"
    r"(?= (?:a (?:bit|little)|too|rather|no|not|bad|out|fine|good|great|perfect|impossible|better|ok|okay)\b)"
)
_WEEK_AFTER = re.compile(
    rf"\b(?:the )?({_WEEKDAY}) after (?:this|the coming|the next)(?: one)?\b(?! \w*day)"
    rf"|\bnot (?:on )?(?:(?:the|this|coming|next) )*({_WEEKDAY})(?: this week| coming)?"
    r"[,;]?(?: (?:i'm|i am|we're|we are) \w+)?[,;]?"
    r" (?:but )?(?:on )?the (?:following one|one after(?: that| this)?|next one|week after|one the week after)\b"
)
"""A day of the week that is told from the coming one: "Friday week"."""
_ZH_NEXT_TO = "|".join(f"{one}(?={other})" for one, other in pairwise("一二三四五六七八九"))
_ORDINAL = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|\w+(?:first|second|third|fth|th))"
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_BY_HOURS = dict(
    zip(
        "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty 13 14 15 16 17 18 19 20".split(),
        [*range(13, 21)] * 2,
        strict=True,
    )
)
_HOURS = re.compile(rf"\b({'|'.join(_BY_HOURS)}) hours\b(?! (?:ago|later|from|after|before|long|of))")
"""Hours as many languages tell them: "sixteen hours" is four o'clock."""
_NTH_WEEK = re.compile(
    rf"\b(?:(?:the )?(?P<n>first|second|third|fourth) week (?:of|in) (?P<m>{_MONTHS})"
    rf"|(?P<m2>{_MONTHS}),? (?:the )?(?P<n2>first|second|third|fourth) week)\b"
)
_WEEK_OF_MONTH = {
    "first": ("first", "seventh"), "second": ("eighth", "fourteenth"), "third": ("fifteenth", "twenty first"),
    "fourth": ("twenty second", "twenty eighth"),
}  # fmt: skip


def _days_of_week(found: re.Match[str]) -> str:
    """ "The second week of January" by its days, which are read like any others."""
    month = found["m"] or found["m2"]
    first, last = _WEEK_OF_MONTH[found["n"] or found["n2"]]
    return f"between the {first} of {month} and the {last} of {month}"


_SAME_MONTH = re.compile(rf"\b({_ORDINAL}) (or|and) (?:the )?({_ORDINAL}) of ({_MONTHS})\b")
"""Two days of one month: "the second or third of January"."""
_DAY_BEHIND = re.compile(
    rf"\bthe ({_ORDINAL})\b((?: [\w']+){{1,10}}?) the ({_WEEKDAY}) after"
    r"(?: that| it)?(?=$| (?:same|at|please|instead|then|would|if)\b)"
)
"""A day told from one that was named: "the eleventh is taken, so the Monday after"."""
_DAY_AFTER = re.compile(
    r"\btomorrow,? (?:no,? |sorry,? |wait,? |actually,? |or rather |i mean )+the day after\b(?! tomorrow)"
)
_PRONOUN_ONE = re.compile(
    rf"\b(the {_WEEKDAY}|my|your|his|her|our|their|(?!it|that|what|there|here|let|he|she)\w+'s) ones?\b"
    r"(?! (?:o'?clock|pm|am|fifteen|thirty|forty))|\b(get|book|want|need|have) one(?= for my\b)"
)
"""No hour and no number: "the Thursday one", "my husband's one"."""
_BUT_LATER = re.compile(
    r"\b((?:same|that) (?:day|date|time|hour|week)|(?:that's|is) (?:fine|good|ok|okay|perfect)),? but\b"
    r"|(?<!time )(?<!thing )\bbut ((?:an? (?:bit|little|hour) )?(?:later|earlier|sooner))\b"
)
"""A "but" that takes nothing away: "same day, but later in the afternoon"."""
_ZH_EITHER_DAY = re.compile(f"([一二三]?十)({_ZH_NEXT_TO})([一二三四五六七八九])[号日]")
_ZH_DAY = "(?:十|二十|三十)[一二三四五六七八九]?|[23]?[0-9]"
_RADIO = {"洞": "0", "拐": "7", "勾": "9"}
_ZH_BY_RADIO = re.compile(f"(?<=两|{ZH_DIGIT})[洞拐勾]|[洞拐勾](?=两|{ZH_DIGIT})")
"""Digits as they are said over a radio, and by those who learnt it there."""


def plain(text: str, language: Language) -> str:
    """One form of writing: small letters, half-width figures, no punctuation but what stands inside figures.

    Chinese loses its spaces and its traditional forms of the few signs that matter here.
    """
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = re.sub(r"(?<=\d)\.(?=\d{3},\d{1,2}\b)", "", text)  # 1.234,56
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)  # 1,234
    text = re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ".", text)  # 12,50
    if language == "zh":
        text = _ZH_WHETHER.sub(r"\1", text)
        text = re.sub("打?头一?个|打头的", "第一个", re.sub("末一个|末尾那?个", "最后一个", text))
        text = re.sub(f"双({ZH_DIGIT})", r"\1\1", text)
        text = re.sub("哪[有来](?:什么|啥)?(?:上午|早上|下午|晚上)的?", "", text)
        text = re.sub("再下1?一?个?(?=[周星礼])", "下下", text)  # 再下一周 is the week after next
        text = re.sub(
            "隔(?:了|着)?[一1]?个?(?:周|星期|礼拜)的?(?=[周星礼])|隔一?个?(?=(?:星期|礼拜)[一二三四五六日天])",
            "下下",
            text,
        )
        text = re.sub("(?<!再)过[一1]个?(?:周|星期|礼拜)的?(?=[周星礼])", "一周后的", text)
        text = re.sub("下一个?(?=[周星礼])", "下", text)
        text = re.sub("([下上这]个?(?:周|星期|礼拜))的([一二三四五六日天])(?=$|吧|那天|行|可以|好|了)", r"\1\2", text)
        text = re.sub(r"[\s,，。、?!;\"']+", "", text).translate(_OLD_FORMS)
        text = _ZH_EITHER_DAY.sub(r"\1\2号或\1\3号", text)  # 二十八九号
        text = re.sub(rf"({_ZH_DAY})(或者?|和|跟)({_ZH_DAY})(?=都行|都可以|都成)", r"\1号\2\3号", text)
        return _ZH_BY_RADIO.sub(lambda found: _RADIO[found[0]], text)
    text = re.sub(
        r"\b((?:com|dropp|stopp|pass|swing)(?:e|es|ing)?|drops?|stops?|pass|swings?) by\b", r"\1", text
    )  # no "before"
    text = re.sub(r"\b([ap])\.? ?m\b\.?", r"\1m", text)
    text = re.sub(r"\b(\w+)'ll\b(?= (?:do|be|suit|work)\b)", r"\1 will", _VALUE_IS.sub(r"\1 is", text))
    text = _HOURS.sub(lambda found: f"{_BY_HOURS[found[1]]}:00", text)
    text = _NTH_WEEK.sub(_days_of_week, text)
    text = _SAME_MONTH.sub(r"\1 of \4 \2 the \3 of \4", text)
    text = _DAY_BEHIND.sub(r"\2 the \3 after the \1", text)
    text = _DAY_AFTER.sub("the day after tomorrow", text)
    text = re.sub(r"\b(?:any(?:thing|time| time) but|not) first thing\b", "not before ten", text)
    text = re.sub(r"\bfirst thing\b(?: in the morning\b)?", "earliest in the morning", text)
    text = _PRONOUN_ONE.sub(lambda found: found[1] or found[2], text)
    text = _BUT_LATER.sub(lambda found: found[1] or found[2], text)
    text = _WEEK_AFTER.sub(lambda found: f"{found[1] or found[2]} week", text)
    text = _ISH.sub(lambda found: f"around {found[1].rstrip('-')}", with_apostrophes(text))
    text = re.sub(r"(?<![\w.)/-] )(?<![\w.)/-])-(?=\d)", "minus ", text)  # no dash between figures
    return " ".join(re.sub(r"[,;?!\"()]|\.(?!\d)(?<!\d\.)|:(?!\d)", " ", text).split())


_ZH_ABOUT = re.compile(
    r"(?<![零〇一二三四五六七八九十百千万第周期拜])(?:一两|两三|二三|三四|三五|四五|五六|六七|七八|八九)(?=[个天日周星礼月年点时小分刻块元毛角人位次百千万十欧美])"
)


def without_abouts(text: str, language: Language) -> str:
    """两三天 is no 23 days and no number of days at all: what is told by and by stands there as 几."""
    return _ZH_ABOUT.sub("几几", text) if language == "zh" else text


def figures(text: str, language: Language) -> str:
    """A ``plain`` text with its numbers as figures; a Chinese day of the week becomes 周a (Monday) to 周g."""
    return _zh_figures(text) if language == "zh" else _en_figures(text)


def _en_figures(text: str) -> str:
    said = str(alpha2digit(text, "en", threshold=0))
    said = re.sub(r"\b(?:oh|o|nought|naught) (?=\d00\b)", "0", said)
    said = re.sub(r"(?<=\d )(?:oh|o|nought|naught) (?=\d\b)", "0", said)
    said = _SCALED.sub(lambda m: number_text((0.5 if m[1] == "half a" else float(m[1])) * int(m[2])), said)
    return re.sub(r"\ba (?=100|1000)", "", said)


def _zh_figures(text: str) -> str:
    text = _ZH_WEEKDAY.sub(lambda m: "周" + _ZH_DAY_LETTERS[m[1]], text)
    return _ZH_RUN.sub(_zh_number, text)


def zh_decimals(text: str) -> str:
    """3点5 → 3.5, where a point is no hour."""
    return _ZH_DECIMAL.sub(r"\1.\2", text)


def _zh_number(match: re.Match[str]) -> str:
    run = match[0]
    if not any(unit in run for unit in _UNITS):
        return run.translate(_ZH_DIGITS)
    zeros = len(run) - len(run.lstrip("零"))
    try:
        number = cn2an.cn2an(run[zeros:].replace("幺", "一").replace("俩", "两").replace("仨", "三"), "smart")
    except (ValueError, KeyError):  # 千万别 and 二三十 look like numbers and are none
        return run
    return "0" * zeros + number_text(float(number))


def number_text(value: float) -> str:
    """A number without superfluous zeros, never with an exponent."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text where values are named."""

    start: int
    end: int
    values: Values


def likeliest(mention: Mention) -> str:
    """The value that is most likely meant."""
    return max(mention.values, key=lambda one: one[1])[0]


def mentions(text: str, forms: Iterable[Form[Context]], context: Context) -> list[Mention]:
    """Where the forms find values; what one form has taken the later ones do not see."""
    found: list[Mention] = []
    for pattern, read in forms:
        for match in list(pattern.finditer(text)):
            if (values := read(match, context)) is not None:
                found.append(Mention(match.start(), match.end(), values))
                text = f"{text[: match.start()]}{'|' * (match.end() - match.start())}{text[match.end() :]}"
    return sorted((mention for mention in found if mention.values), key=lambda mention: mention.start)


def without(text: str, found: Iterable[Mention]) -> str:
    """The text with what was found taken out, at the same length."""
    for mention in found:
        text = f"{text[: mention.start]}{'|' * (mention.end - mention.start)}{text[mention.end :]}"
    return text
