"""Which of their own somebody means: who cannot come on Thursday means that one, and who keeps it does not.

Where a day is chosen to come, "I can't make Thursday" takes it away; where the caller's own appointments are told apart, it
names one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ivr.core.flow.intent import Hypothesis
from ivr.core.language import Language

_DAY = r"[\w':]+(?: (?:the )?[\w':]+){0,3}?"
_KEPT: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:keep(?:ing)?|h(?:old|ang) on to|leave|leaving|not|(?<!n.t )(?<!not )need"
        r"|still (?:want|need|coming)(?: to| on| for)?) (?:the |my )?"
        rf"(?P<kept>{_DAY})(?= (?:one|appointment|visit|and|but)\b|$)"
        r"|\b(?P<behind>[\w']+day|[\w']+th|[\w']+st|[\w']+nd|[\w']+rd)(?: one| appointment| visit)?"
        r" (?:stays|stands|is (?:fine|good|ok|okay|all right)|can stay|as it is)\b"
    ),
    "zh": re.compile(
        "(?P<kept>大?[明后今]天|(?:周|星期|礼拜)[一二三四五六日天]|[零一二三四五六七八九十0-9]{1,3}[号日点]半?|[前后]面?|第[一二三])"
        "(?:那个|的那个|的)?(?:照旧|照常|不变|保留|留着|不动|不改|还去|还要|还来|没问题)"
    ),
}
_GIVEN_UP: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:i |we |he |she |they )?(?:can't|cannot|can not|won't|couldn't|can no longer|don't want|don't need|not coming"
        r"|not going)"
        r"(?: (?:be able to|make|do|come|attend|get to|manage|be there|keep))*(?: (?:it|on|to|for))*\b"
        r"|\b(?:cancel|bin|scrap|scrub|drop|ditch|delete|call off|get rid of|move|shift|change|reschedule)\b"
    ),
    "zh": re.compile(
        "(?:我)?(?:来不了|去不了|来不成|去不成|不来|不去|不要|不用|取消|退掉?|撤掉?|推掉?|算了|作废|有事|没空|不行|不方便)了?"
    ),
}


def as_own(said: Sequence[Hypothesis], language: Language) -> tuple[Hypothesis, ...]:
    """The same, as it is read where one's own are told apart: without those that are kept, and with those that are given up."""
    return tuple(replace(one, text=_own(one.text, language)) for one in said)


def kept_of(text: str, language: Language) -> list[str]:
    """What is said of each of those that are kept."""
    found = _KEPT[language].finditer(text.lower().replace("’", "'"))
    return [words for one in found for words in one.groupdict().values() if words]


def _own(text: str, language: Language) -> str:
    text = text.lower().replace("’", "'")
    without = _KEPT[language].sub(" ", text)
    return _GIVEN_UP[language].sub(" ", without if without.strip() else text)
